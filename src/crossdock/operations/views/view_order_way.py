"""What can be seen of an order's way to the door: its hold, its problems, how it was routed, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.domain import order_progress
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.order_progress import Facts
from crossdock.domain.shipping import RequestState
from crossdock.domain.validation import Problem
from crossdock.operations.fulfillments import fulfillment_push
from crossdock.operations.orders import order_life
from crossdock.operations.routing import rehearsal, reporting, unrouted
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB, Task
from crossdock.operations.views.view_fulfillments import FulfillmentView, ToldState
from crossdock.operations.views.view_requests import RequestView
from crossdock.store.cipher import Cipher
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

_PROBLEMS = {
    Problem.ADDRESS: "Its address will not do: {}",
    Problem.SKU: "No product has the SKU {}",
    Problem.DUPLICATE: "Its channel has the same number more than once: also under {}",
}
_TROUBLE = {
    RequestState.REFUSED: "{warehouse} did not take request {number}: {message}",
    RequestState.NOT_STOPPED: "{warehouse} could not stop request {number}: {message}",
    RequestState.UNCLEAR: "{warehouse} gave no clear answer about request {number}: {message}",
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an order's way; `color` is green for done, gray for waiting, red for blocked until a person acts."""

    stage: str
    color: str
    text: str


@dataclass(frozen=True, slots=True)
class HoldView:
    """The hub's own hold. `until` is None where only a person ends it, or nothing is held."""

    is_held: bool
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class RoutingView:
    """How the order was routed, a sentence each. `state` is pending, routed, failed, or empty where there is nothing to do.

    `is_rehearsed` says that it was never decided, and that this is what would come of it now.
    """

    state: str
    is_rehearsed: bool
    decided_at: datetime | None
    summary: str
    words: list[str]


def hold(row: Any) -> HoldView:
    return (
        HoldView(row.is_held, row.hold_until, row.hold_reason) if row.is_held else HoldView(False, None, "")
    )


def problems(row: Any) -> list[str]:
    """What has to be put right before anything of it can be shipped."""
    found: Mapping[str, Sequence[str]] = unpack(dict[str, list[str]], row.problems)
    return [_PROBLEMS[Problem(kind)].format("; ".join(texts)) for kind, texts in found.items()]


def routing(tx: Transaction, row: Any, cipher: Cipher | None) -> RoutingView:
    """The decision as it was kept, or else what would come of it now; without the cipher nothing is rehearsed."""
    report, is_rehearsed = reporting.kept(row.routing_report), False
    if report is None and cipher is not None and _is_to_come(row):
        task = Task(HUB, row.updated_at, cipher, truth=integrations.truth(tx))
        found = rehearsal.of_order(tx, task, row.id)
        report, is_rehearsed = (found.report, True) if found else (None, False)
    if report is None:
        return RoutingView(row.routing, False, row.routed_at, "", [])
    report = unrouted.with_places(tx, row.id, report)
    words = reporting.in_words(report)
    if is_rehearsed:
        words = [f"Not decided yet. As things are: {words[0]}", *words[1:]]
    return RoutingView(row.routing, is_rehearsed, row.routed_at, words[0], words)


def _is_to_come(row: Any) -> bool:
    """Whether the hub has to find a location for it, now or once it is ready."""
    past = (OrderStatus.SENT_TO_FULFILLMENT, OrderStatus.PARTIALLY_FULFILLED, *order_progress.OVER)
    return bool(_is_ours(row) and OrderStatus(row.status) not in (*past, OrderStatus.CANCELED))


def _is_ours(row: Any) -> bool:
    is_theirs = FulfilledBy(row.fulfilled_by).arrives_fulfilled
    return row.copy_of is None and not row.stands_for and not is_theirs


def progress(
    row: Any,
    lines: Sequence[Any],
    routed: RoutingView,
    requests: Sequence[RequestView],
    left: Sequence[FulfillmentView],
) -> list[StepView]:
    """The five steps of an order, each with what it waits for or what blocks it."""
    units = order_life.units_of(lines)
    facts = Facts(
        channel=row.integration,
        placed_at=row.placed_at,
        read_at=row.created_at,
        status=OrderStatus(row.status),
        ordered=units.ordered,
        canceled=units.canceled,
        shipped=units.shipped,
        is_held=row.is_held,
        hold_until=row.hold_until,
        hold_reason=row.hold_reason,
        problems=tuple(problems(row)),
        routing=row.routing,
        routing_text=routed.summary,
        trouble=tuple(_trouble(requests)),
        untold=_channels(left, ToldState.WAITING, ToldState.UNCLEAR),
        refused_by=_channels(left, ToldState.REFUSED),
        is_theirs=not _is_ours(row),
    )
    return [StepView(step.stage, step.color, step.text) for step in order_progress.progress(facts)]


def _channels(left: Sequence[FulfillmentView], *states: ToldState) -> tuple[str, ...]:
    """The channels that are so of anything that has left, or that are not told of it by their settings."""
    told = [each for one in left for each in one.channels if one.state == FulfillmentState.SHIPPED]
    off = fulfillment_push.off_message
    names = {
        each.integration for each in told if each.state in states and each.message != off(each.integration)
    }
    return tuple(sorted(names))


def _trouble(requests: Sequence[RequestView]) -> list[str]:
    found = [(each, _TROUBLE.get(RequestState(each.state))) for each in requests]
    return [
        text.format(warehouse=each.warehouse, number=each.number, message=each.message or "no reason given")
        for each, text in found
        if text
    ]
