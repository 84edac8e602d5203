"""Records in words, the same in lists and in full: what left, what came back, who was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crossdock.cli.output import moment
from crossdock.domain.aftersales import ReturnDecision, ReturnState
from crossdock.domain.order import FulfilledBy
from crossdock.operations.views.views import (
    CancellationView,
    FulfillmentView,
    RequestView,
    ReturnView,
    ToldView,
)


def plain(name: str) -> str:
    """A name as people write it: under_way is under way."""
    return name.replace("_", " ")


SHIPPED_BY = {
    FulfilledBy.SELLER: "the seller",
    FulfilledBy.PLATFORM_LABEL: "the platform, with a label of its own",
    FulfilledBy.PLATFORM_LABEL_PACKED_HERE: "the seller, with the platform's label",
    FulfilledBy.PLATFORM_WAREHOUSE: "the platform's warehouse",
}


def shipped_by(fulfilled_by: str) -> str:
    return SHIPPED_BY[FulfilledBy(fulfilled_by)]


def shipped_lines(shown: FulfillmentView) -> str:
    """What a fulfillment holds: 2 × TEA-1, 1 × MUG-1."""
    return _units((line.sku or line.master_sku, line.quantity) for line in shown.lines)


def requested_lines(shown: RequestView) -> str:
    """What a location is to ship, or has shipped: 2 × TEA-1. What was taken back is left out."""
    return _units((line.sku, line.quantity - line.stopped) for line in shown.lines)


def returned_lines(shown: ReturnView) -> str:
    """What is to come back, or did: 2 × Mug."""
    return _units((line.name or line.line_id, line.quantity) for line in shown.lines)


def _units(lines: Iterable[tuple[str, int]]) -> str:
    units: Counter[str] = Counter()
    for name, quantity in lines:
        units[name] += quantity
    return ", ".join(f"{quantity} × {name}" for name, quantity in units.items())


def tracking(shown: FulfillmentView) -> str:
    return f"{shown.carrier} {shown.tracking_number}".strip()


def told_channels(shown: FulfillmentView) -> str:
    """Whether each channel that has to know of a fulfillment does. What is to be done stands last, to be copied."""
    return "; ".join(_told(channel) for channel in sorted(shown.channels, key=lambda each: bool(each.fix)))


def _told(channel: ToldView) -> str:
    ids = f" ({', '.join(channel.parcels)})" if channel.parcels else ""
    again = f"again at {moment(channel.again_at)}" if channel.again_at else ""
    why = mended("; ".join(part for part in (again, channel.message) if part), channel.fix)
    return f"{channel.integration} {plain(channel.state)}{ids}{f': {why}' if why else ''}"


def mended(cause: str, fix: str) -> str:
    """What is wrong and, last, what to do."""
    return f"{cause.rstrip('.')}{'. ' if cause else ''}Fix: {fix}" if fix else cause


def refunded(shown: ReturnView) -> str:
    """The money that went back; nothing as long as it is only asked for, and where it never goes back."""
    return f"{shown.refunded} {shown.currency}" if shown.state == ReturnState.COMPLETED else ""


def asked_for(shown: ReturnView) -> str:
    """The money that is asked for and has not gone back."""
    return "" if refunded(shown) else f"{shown.refunded} {shown.currency}"


def answered(shown: ReturnView) -> str:
    """What was decided here about a return, and how far that is: approved (told)."""
    done = ReturnDecision(shown.decision).done
    return f"{done} ({plain(shown.answer_state)})" if shown.decision else ""


def canceled_units(shown: CancellationView) -> str:
    return "all" if shown.units is None else str(shown.units)


def about_return(shown: ReturnView) -> str:
    """What has no room in a column: why, what waits until when, and what became of the answer."""
    waits = f"the {shown.asks} waits for your answer" if shown.asks and not shown.answer_state else ""
    until = f" until {moment(shown.deadline)}" if waits and shown.deadline else ""
    return _joined(shown.reason, waits + until, answered(shown), shown.message)


def about_cancellation(shown: CancellationView) -> str:
    """What has no room in a column: why, what was decided by whom, and the channel's word."""
    decided = f"{shown.decision} by {shown.decided_by}" if shown.decision else ""
    return _joined(plain(shown.reason), shown.note, decided.removesuffix(" by "), shown.message)


def standing(integration: str, state: str, message: str, fix: str) -> str:
    """Where something stands on a channel, why, and what to do, which stands last, to be copied."""
    why = mended(message, fix)
    return f"{integration}: {plain(state)}{f'; {why}' if why else ''}"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
