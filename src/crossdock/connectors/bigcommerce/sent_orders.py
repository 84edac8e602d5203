"""Shows in the store that an order was sent to a location to be shipped: one status, and never back from a later one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.order_status import NAMES, to_status
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

LATER = frozenset({2, 3, 4, 8, 9, 10, 14})
"""Statuses of orders that are under way, left, or were given back money for: further than what is to be told."""


@dataclass(frozen=True, slots=True)
class SentOrders:
    """`status_id` is what an order under way gets, `status_map` what the settings say statuses mean otherwise."""

    client: Client
    status_id: int
    status_map: Mapping[str, str]
    locked: Collection[str]

    def tell(self, changes: Sequence[Change[ChannelId]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._tell(change)

    def _tell(self, change: Change[ChannelId]) -> Outcome:
        try:
            status = self.client.order_standing(change.desired).status_id
            is_ready = self._is_ready(status)
            if status == self.status_id or (status in LATER and not is_ready):
                return Confirmed(change.key, change.desired, notes=(f"it was {_name(status)} there already",))
            if (refusal := self._refusal(change.key, status, is_ready=is_ready)) is not None:
                return refusal
            # Repeating this changes nothing, so an answer that was lost is no danger.
            self.client.update_order(change.desired, {"status_id": self.status_id})
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        return Confirmed(change.key, change.desired)

    def _is_ready(self, status: int) -> bool:
        is_known = str(status) in NAMES
        return is_known and to_status(status, self.status_map) is OrderStatus.READY_FOR_FULFILLMENT

    def _refusal(self, key: str, status: int, *, is_ready: bool) -> Rejected | None:
        name = _name(status)
        if str(status) in self.locked:
            return Rejected(
                key,
                f"its status there is {name}, which Locked statuses keeps from being overwritten",
                fix=f"Take {name} out of Locked statuses and retry this case",
                code="locked",
            )
        if not is_ready:
            return Rejected(
                key,
                f"BigCommerce says {name}: the order is not ready to be shipped there",
                fix="Bring the order to Awaiting Fulfillment in BigCommerce and retry this case",
                code="not_ready",
            )
        return None


def _name(status_id: int) -> str:
    return NAMES.get(str(status_id), str(status_id))
