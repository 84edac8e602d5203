"""Connecting an account: one-time states for consent pages, and what a check found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crossdock.connectors.errors import ChannelError
from crossdock.domain.channel import Account
from crossdock.operations import exceptions
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.setup import integrations
from crossdock.operations.setup.integrations import Integration, Status
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

STATE_LIVES = timedelta(minutes=30)
STATE = tables.oauth_state


class StateError(Exception):
    """An OAuth return that grants nothing, or belongs to no consent this hub asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How an attempt to connect ended. `authorize_link` is where the account's owner has to go next."""

    integration: str
    status: Status
    reason: str = ""
    authorize_link: str = ""
    account: Account | None = None
    hint: str = ""
    """What to mind, such as that something else was to be connected first."""


def out_of_order(tx: Transaction, name: str, titles: Mapping[str, str]) -> str:
    """Says so where a kind of integration that comes first in `titles` is not connected yet; the others come anytime."""
    every = integrations.every(tx)
    mine = next(each.connector for each in every if each.name == name)
    if mine not in titles:
        return ""
    connected = {each.connector for each in every if each.status is Status.CONNECTED}
    first = next((key for key in titles if key == mine or key not in connected), mine)
    if first == mine:
        return ""
    return (
        f"This is out of order: {titles[first]} is connected before {titles[mine]}. Nothing is lost by it; "
        f"connect {titles[first]} next"
    )


def remember_state(tx: Transaction, integration: str, state: str, *, now: datetime) -> None:
    """A consent was asked for: this state is good once, for half an hour."""
    tx.execute(sa.delete(STATE).where(STATE.c.expires_at < now - timedelta(days=7)))
    tx.execute(sa.insert(STATE).values(state=state, integration=integration, expires_at=now + STATE_LIVES))


def asked_by(tx: Transaction, state: str) -> str:
    """Which integration asked for the consent with this state. Raises StateError when none did."""
    name = tx.scalar(sa.select(STATE.c.integration).where(STATE.c.state == state))
    if name is None:
        raise StateError("This state is not known here; start again with `crossdock connect`")
    return str(name)


def use_state(tx: Transaction, state: str, *, now: datetime) -> str:
    """The integration that asked for this consent. Raises StateError for a wrong, used or expired state."""
    row = tx.execute(sa.select(STATE).where(STATE.c.state == state)).first()
    if row is None:
        raise StateError("This state is not known here; start again with `crossdock connect`")
    if row.used_at is not None:
        raise StateError("This consent was used already; start again with `crossdock connect`")
    if row.expires_at < now:
        raise StateError("This consent took longer than 30 minutes; start again with `crossdock connect`")
    used = tx.execute(
        sa.update(STATE).where(STATE.c.state == state, STATE.c.used_at.is_(None)).values(used_at=now)
    )
    if used.rowcount != 1:
        raise StateError("This consent was used already; start again with `crossdock connect`")
    return str(row.integration)


def record_account(tx: Transaction, name: str, account: Account, *, now: datetime) -> Connection:
    """Keep what the check found; connected only when nothing is missing and no other integration has this account."""
    twin = _holder(tx, name, account)
    reason = ""
    if twin is not None:
        is_held = "connected already as" if twin.status is Status.CONNECTED else "to be connected again as"
        reason = f"{account.name} is {is_held} {twin.name}; one account is one integration"
    elif account.missing_access:
        reason = "The credentials lack access to " + "; ".join(account.missing_access)
    facts = {
        "name": account.name,
        "currency": account.currency,
        "region": account.region,
        "id": account.channel_id,
    }
    status = Status.ERROR if reason else Status.CONNECTED
    # The account of another is not its own, and nothing may be built on it.
    kept = {} if twin is not None else {"facts": account.facts | facts}
    integrations.change(tx, name, now=now, status=status, status_reason=reason, checked_at=now, **kept)
    if status is Status.CONNECTED:
        integrations.make_due(tx, name)
        exceptions.close_cases(tx, now, exceptions.open_keys(tx, f"flow-failing:{name}/"))
    return Connection(name, status, reason, account=account)


def told(error: ChannelError) -> str:
    """What went wrong and, where the connector knows it, what mends that."""
    return f"{str(error).rstrip('.')}. {error.fix}" if error.fix else str(error)


def record_failure(tx: Transaction, name: str, reason: str, *, now: datetime) -> Connection:
    integrations.change(tx, name, now=now, status=Status.ERROR, status_reason=reason, checked_at=now)
    return Connection(name, Status.ERROR, reason)


def tell_refusals(tx: Transaction, task: Task) -> None:
    """A flow that is on and that the account does not allow is a case, until its setting or the account changes."""
    flow = tables.flow
    rows = tx.execute(
        sa.select(flow.c.key, flow.c.refusal).where(flow.c.integration == task.integration)
    ).all()
    exceptions.close_cases(tx, task.now, [f"flow-refused:{row.key}" for row in rows if not row.refusal])
    exceptions.open_cases(tx, task, [_refusal_case(row.key, row.refusal) for row in rows if row.refusal])


def _refusal_case(flow: str, refusal: str) -> Case:
    return Case(
        key=f"flow-refused:{flow}",
        kind="flow_refused",
        subject=Subject.FLOW,
        subject_id=flow,
        cause=f"{flow} does not run: {refusal}",
        fix="Turn the setting of this flow to Disabled; everything else goes on syncing",
    )


def _holder(tx: Transaction, name: str, account: Account) -> Integration | None:
    """Another integration that has this account: connected now, or once, so that the hub has its records."""
    mine = integrations.get(tx, name)
    for other in integrations.every(tx):
        is_alike = mine is not None and other.name != name and other.connector == mine.connector
        has_account = is_alike and other.facts.get("id") == account.channel_id
        if has_account and (other.status is Status.CONNECTED or _has_read(tx, other.name)):
            return other
    return None


def _has_read(tx: Transaction, name: str) -> bool:
    flow = tables.flow
    ever = sa.select(flow.c.key).where(flow.c.integration == name, flow.c.last_success_at.is_not(None))
    return tx.execute(ever).first() is not None


def webhook_case(key: str, name: str, reason: str) -> Case:
    """Events do not reach the hub; it goes on by polling."""
    return Case(
        key=key,
        kind="webhooks",
        subject=Subject.INTEGRATION,
        subject_id=name,
        cause=f"{name} does not send its events here: {reason}. The hub polls instead",
        fix="Set CROSSDOCK_PUBLIC_URL to an https address that the platform reaches, then connect again",
    )
