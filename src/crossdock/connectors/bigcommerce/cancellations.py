"""Cancels orders of the store: status 5, set once, read back, and never over what has already left."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.order_status import CANCELED, NAMES
from crossdock.connectors.bigcommerce.payloads import OrderStanding
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.aftersales import CancelReason, WantedCancellation
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

CANCELLED = 5
# Goods have left, or money was given back: the status is no longer the hub's to take away.
TOO_LATE = frozenset({2, 3, 4, 10, 14})
LINES_REFUSAL = (
    "BigCommerce cancels whole orders only; refund these units in BigCommerce, or cancel the whole order"
)
LONGEST_NOTES = 65_535


class Cancellations:
    """Cancels orders of one store; `locked` are the keys of statuses that stay as they are."""

    def __init__(self, client: Client, locked: Collection[str]) -> None:
        self._client = client
        self._locked = locked

    def push(self, changes: Sequence[Change[WantedCancellation]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._cancel(change)

    def cancel(self, wanted: WantedCancellation) -> str:
        """Cancel a whole order; answers what is to be noted about that, if anything.

        Raises RefusedError, with the code "locked" where Locked statuses keeps the order as it is, and UnavailableError.
        """
        standing = self._client.order_standing(wanted.order_id)
        if standing.status_id in CANCELED:
            return f"it was {_name(standing)} there already"
        self._refuse(standing)
        # Repeating this changes nothing, so an answer that was lost is no danger.
        body = {"status_id": CANCELLED, "staff_notes": noted(standing.staff_notes or "", wanted)}
        self._client.update_order(wanted.order_id, body)
        after = self._client.order_standing(wanted.order_id)
        if after.status_id not in CANCELED:
            raise UnavailableError(f"BigCommerce took the change and still says {_name(after)}")
        return ""

    def _cancel(self, change: Change[WantedCancellation]) -> Outcome:
        if change.desired.units:
            return Rejected(change.key, LINES_REFUSAL)
        try:
            note = self.cancel(change.desired)
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        # BigCommerce keeps no record of a cancellation, so it has no id.
        return Confirmed(change.key, ChannelId(""), notes=(note,) if note else ())

    def _refuse(self, standing: OrderStanding) -> None:
        name = _name(standing)
        if standing.status_id in TOO_LATE or (standing.items_shipped or 0) > 0:
            raise RefusedError(
                f"BigCommerce says {name}: goods have left or money was given back",
                fix="Refund the order in BigCommerce; the hub follows what it says",
            )
        if str(standing.status_id) in self._locked:
            raise RefusedError(
                f"its status there is {name}, which Locked statuses keeps from being overwritten",
                fix=f"Take {name} out of Locked statuses and retry this case, or cancel the order in BigCommerce",
                code="locked",
            )


def _name(standing: OrderStanding) -> str:
    return NAMES.get(str(standing.status_id), str(standing.status_id))


def noted(notes: str, wanted: WantedCancellation) -> str:
    """The staff's notes with a line about this added, once, and nothing of theirs taken away."""
    reason = "" if wanted.reason is CancelReason.OTHER else wanted.reason.value.replace("_", " ")
    parts = "; ".join(part for part in (reason, wanted.note) if part)
    line = f"Cancelled in Crossdock{': ' + parts if parts else ''}"
    if line in notes.splitlines():
        return notes
    return (
        "\n".join(part for part in (notes, line) if part) if len(notes) + len(line) < LONGEST_NOTES else notes
    )
