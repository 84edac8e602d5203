"""A number on its way to a channel, and the cases that come of it."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.domain.channel import ChannelId, StockTarget
from crossdock.domain.sync import Change, Confirmed, Rejected
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.publishing import State
from crossdock.operations.task import Task


@dataclass(frozen=True, slots=True)
class Target:
    """One variant to bring to its number, and what is known of it."""

    change: Change[StockTarget]
    state: State
    must_look: bool
    attempts: int
    is_off_sale: bool
    before: tuple[tuple[ChannelId, int], ...] | None = None
    """What the channel was told last, or shows."""

    @property
    def quantities(self) -> tuple[tuple[ChannelId, int], ...]:
        return self.change.desired.quantities


def silent(task: Task, target: Target, message: str) -> Case:
    """The channel accepts the number and shows another."""
    return Case(
        key=silent_key(task, target.change.key),
        kind="silent_refusal",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration}: {message} for “{target.change.desired.channel_sku}” ({dict(target.quantities)} wanted)",
        fix="Look at this SKU on the platform: a promotion or another system may hold its stock; then force a resync",
        evidence={"wanted": dict(target.quantities)},
    )


def silent_key(task: Task, record_id: str) -> str:
    return f"inventory-silent:{task.integration}:{record_id}"


def refused_key(task: Task, record_id: str) -> str:
    return f"push-refused:{task.integration}:inventory:{record_id}"


def off_sale_key(task: Task, record_id: str) -> str:
    return f"inventory-off-sale:{task.integration}:{record_id}"


def off_sale(task: Task, target: Target, outcome: Confirmed) -> Case:
    desired = target.change.desired
    return Case(
        key=off_sale_key(task, target.change.key),
        kind="off_sale",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration} has {sum(n for _, n in desired.quantities)} units of “{desired.channel_sku}” again, "
        f"and nobody can buy them: {'; '.join(outcome.notes)}",
        fix=f"Activate product {desired.product_id} on {task.integration}, if it is to be sold; the case closes itself",
        evidence={"product": desired.product_id, "listing": desired.variant_id},
    )


def refusal(task: Task, target: Target, outcome: Rejected) -> Case:
    return Case(
        key=refused_key(task, target.change.key),
        kind="push_refused",
        subject=Subject.VARIANT,
        subject_id=target.change.key,
        cause=f"{task.integration} refused the stock of “{target.change.desired.channel_sku}”: {outcome.reason}",
        fix=outcome.fix or "Correct what the platform names; the number is sent again when it changes",
        evidence={"code": outcome.code, "wanted": dict(target.quantities), "request_id": outcome.request_id},
    )
