"""Cancels orders as the seller, and answers buyers who ask for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop import windows
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.mapping.cancellation import from_reason, to_cancellation
from crossdock.connectors.tiktok_shop.mapping.lines import SHIPPED
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_aftersales import Cancellation, LineEligibility, RejectReason
from crossdock.connectors.tiktok_shop.payloads_order import Order
from crossdock.connectors.tiktok_shop.reading import read_records
from crossdock.domain.aftersales import Answer, ChannelCancellation, Decision, Origin, WantedCancellation
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Cursor, Outcome, Page, Rejected, Unclear

CANCELED = "CANCELLED"
LINE_MARKETS = frozenset({"US", "GB", "UK"})
# In these markets the seller no longer says no: shipping says it.
NO_REJECTION_MARKETS = frozenset({"US"})
LINES_REFUSAL = "TikTok Shop cancels single items in the US and the UK only; cancel the whole order"
REJECTION_REFUSAL = (
    "In the US a request to cancel is not rejected by word: ship the order, and TikTok Shop takes that as the "
    "rejection; doing nothing accepts the request"
)
# The request was answered meanwhile: by a person, by the buyer, or by its deadline.
NOT_OPEN = frozenset({"25011011", "25011012"})
USUAL_REJECTION = "packed"


def pull_cancellations(
    client: AfterSalesClient, clock: Clock, since: Cursor | None
) -> Iterator[Page[ChannelCancellation]]:
    def search(after: int, token: str) -> tuple[Sequence[msgspec.Raw], str]:
        found = client.search_cancellations({"update_time_ge": after} if after else {}, token)
        return found.cancellations or [], text(found.next_page_token)

    for step in windows.read(search, clock, since):
        records = read_records(step.records, Cancellation, to_cancellation)
        yield Page(records.good, step.cursor, step.read_began_at, records.unreadable, step.completes_sweep)


@dataclass(frozen=True)
class Seller:
    """What the settings say about the seller's own cancellations. `locked` are statuses that stay as they are."""

    reason: str = ""
    locked: Collection[str] = ()


class Cancellations:
    def __init__(self, client: AfterSalesClient, seller: Seller) -> None:
        self._client = client
        self._seller = seller

    def push(self, changes: Sequence[Change[WantedCancellation]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._cancel(change)

    def _cancel(self, change: Change[WantedCancellation]) -> Outcome:
        """The call has no idempotency key, so the order is looked at first, every time."""
        wanted = change.desired
        try:
            order = self._client.order(wanted.order_id)
            if order is None:
                return Rejected(change.key, f"TikTok Shop knows no order {wanted.order_id}")
            missing = _missing(order, wanted)
            if not missing:
                return Confirmed(change.key, self._made(order), notes=("it was canceled there already",))
            if (status := text(order.status)) in self._seller.locked:
                return _locked(change.key, status)
            return self._ask(change, missing)
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise

    def _ask(self, change: Change[WantedCancellation], missing: Sequence[str]) -> Outcome:
        wanted = change.desired
        eligible = self._eligible(wanted.order_id)
        refused = next((each for each in eligible if not each.eligible), None)
        if not any(each.eligible for each in eligible) and refused is not None:
            reason = text(refused.ineligible_reason) or "the order cannot be canceled any more"
            return Rejected(change.key, reason, code=text(refused.ineligible_code))
        names = [name for each in eligible if each.eligible for name in each.available_reason_names or ()]
        body: dict[str, object] = {
            "order_id": wanted.order_id,
            "cancel_reason": from_reason(wanted.reason, self._seller.reason, names),
        }
        if wanted.units:
            if any("/" in unit for unit in missing):
                return Rejected(
                    change.key, "a part of a bundle cannot be canceled alone; cancel the whole order"
                )
            # The one way to name units that the older version of the call has, too.
            body["order_line_item_ids"] = list(missing)
        reply = self._client.cancel(body)
        return Confirmed(
            change.key,
            ChannelId(text(reply.data.cancel_id)),
            notes=(f"TikTok Shop: {text(reply.data.cancel_status)}",),
            request_id=reply.request_id,
        )

    def _eligible(self, order_id: str) -> list[LineEligibility]:
        found = self._client.eligibility(order_id).sku_eligibility or ()
        each = (line for sku in found for line in sku.line_item_eligibility or ())
        return [line for line in each if text(line.request_type) in ("", "CANCEL")]

    def _made(self, order: Order) -> ChannelId:
        """The cancellation that stands for an answer that was lost: the seller's last one of this order."""
        found = self._client.search_cancellations({"order_ids": [text(order.id)]}).cancellations or []
        known = read_records(found, Cancellation, to_cancellation).good
        ours = (each for each in known if each.origin is Origin.SELLER)
        made = sorted(ours, key=lambda each: each.modified_at)
        return made[-1].channel_id if made else ChannelId("")


def _locked(key: str, status: str) -> Rejected:
    return Rejected(
        key,
        f"its status there is {status}, in which Locked statuses keeps it from being canceled",
        fix=f"Take {status} out of Locked statuses and retry this case, or cancel the order in Seller Center",
        code="locked",
    )


def _missing(order: Order, wanted: WantedCancellation) -> list[str]:
    """The units still to be canceled, last those that have left; for a whole order all that are not canceled."""
    status = {text(item.id): text(item.display_status) for item in order.line_items or ()}
    canceled = {item for item, its in status.items() if its == CANCELED}
    if text(order.status) == CANCELED:
        return []
    if not wanted.units:
        return [text(item.id) for item in order.line_items or () if text(item.id) not in canceled]
    missing: list[str] = []
    for part in wanted.units:
        alive = [unit for unit in part.unit_ids if unit.partition("/")[0] not in canceled]
        alive.sort(key=lambda unit: status.get(unit.partition("/")[0]) in SHIPPED)
        done = len(part.unit_ids) - len(alive)
        missing += alive[: max(0, part.least - done)]
    return missing


class BuyersAnswered:
    """Tells TikTok Shop what was decided. The same key makes a repeated answer succeed again."""

    def __init__(self, client: AfterSalesClient) -> None:
        self._client = client

    def answer(self, changes: Sequence[Change[Answer]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._answer(change)

    def _answer(self, change: Change[Answer]) -> Outcome:
        cancel_id = change.channel_id or ChannelId("")
        try:
            if change.desired.decision is Decision.APPROVE:
                reply = self._client.approve_cancellation(cancel_id, change.key)
            else:
                reasons = self._client.reject_reasons(cancel_id).reasons or []
                reason = _chosen(change.desired.reason, reasons)
                if reason is None:
                    return Rejected(change.key, _unknown_reason(change.desired.reason, reasons))
                body = {"reject_reason": reason} | (
                    {"comment": change.desired.note} if change.desired.note else {}
                )
                reply = self._client.reject_cancellation(cancel_id, body, change.key)
        except RefusedError as error:
            code = "already_decided" if error.code in NOT_OPEN else error.code
            return Rejected(change.key, str(error), error.fix, code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        return Confirmed(change.key, cancel_id, request_id=reply.request_id)


def _chosen(wanted: str, reasons: Sequence[RejectReason]) -> str | None:
    """By name or text; without a wish that the goods are packed, which is why a seller says no."""
    if wanted:
        named = (text(each.name) for each in reasons if wanted in (text(each.name), text(each.text)))
        return next(named, None)
    names = [text(each.name) for each in reasons]
    return next((name for name in names if USUAL_REJECTION in name), names[0] if names else None)


def _unknown_reason(wanted: str, reasons: Sequence[RejectReason]) -> str:
    listed = "; ".join(f"{text(each.name)} ({text(each.text)})" for each in reasons) or "none"
    return f"{wanted!r} is no reason that TikTok Shop takes for this request; it takes: {listed}"
