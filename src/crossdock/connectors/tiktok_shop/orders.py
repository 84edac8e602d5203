"""Pulls orders by update time: from the last moment seen, never by pages over a list that changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError
from crossdock.connectors.tiktok_shop import payloads, payloads_order, windows
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.mapping.order import to_order
from crossdock.connectors.tiktok_shop.reading import from_cursor, read_records, to_cursor
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.sync import Cursor, Page

MOST_PAGES = 100_000
# A corrected address does not move an order's update time, so orders still to be shipped are read again.
OPEN_ORDERS_EVERY_SECONDS = 15 * 60
OPEN = ("AWAITING_SHIPMENT", "ON_HOLD")


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where a reading stands: all orders updated before `after` have been seen since `began`.

    The next reading starts at `newest`, the latest time met, for the platform's clock need not be ours.
    Its modes are sweep, changes, and open: the orders still to be shipped, last read whole at `opened`, those of
    one `status` after the other.
    """

    mode: str
    after: int
    began: int
    opened: int
    token: str = ""
    newest: int = 0
    status: str = ""

    def cursor(self) -> Cursor:
        """A reading of open orders that is cut short begins anew: it is an extra, after all changes are known."""
        if self.mode == "open":
            return replace(_finished(self), opened=self.opened).cursor()
        state = {"mode": self.mode, "after": self.after, "opened": self.opened}
        return to_cursor(state | ({"began": self.began} if self.mode == "sweep" else {}))

    def is_due_for_open_orders(self) -> bool:
        return self.mode == "changes" and self.began - self.opened >= OPEN_ORDERS_EVERY_SECONDS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are read, and what their statuses mean."""

    ignore_before: datetime | None = None
    status_map: Mapping[str, str] = field(default_factory=dict)
    packs_label_orders: bool = False
    """Whether a location of the hub packs what TikTok ships with its own label."""

    def to_order(self, order: payloads_order.Order) -> ChannelOrder:
        return to_order(order, self.status_map, packs_label_orders=self.packs_label_orders)


def pull_orders(
    client: Client, clock: Clock, since: Cursor | None, wanted: Wanted
) -> Iterator[Page[ChannelOrder]]:
    reading = _begin(since, int(clock().timestamp()))
    places_seen: set[tuple[str, int, str]] = set()
    for _ in range(MOST_PAGES):
        began_at = clock()
        answer = client.search_orders(_filters(reading, wanted.ignore_before), reading.token)
        raws = answer.orders or []
        times = windows.update_times(raws)
        reading = replace(reading, newest=max(reading.newest, *times, 0))
        token = payloads.text(answer.next_page_token)
        following = _following(reading, times, token, began_at) if token else _then(reading)
        records = read_records(raws, payloads_order.Order, wanted.to_order)
        yield Page(
            records=records.good,
            cursor=(following or _finished(reading)).cursor(),
            read_began_at=began_at,
            unreadable=records.unreadable,
            completes_sweep=following is None and reading.mode == "sweep",
        )
        if following is None:
            return
        place = (following.mode + following.status, following.after, following.token)
        if place in places_seen:
            raise ProtocolError("The order search gave the same page token twice")
        places_seen.add(place)
        reading = following
    raise ProtocolError(f"The order search did not end after {MOST_PAGES} pages")


def _begin(since: Cursor | None, now: int) -> _Reading:
    if since is None:
        return _Reading("sweep", after=0, began=now, opened=now)
    state = from_cursor(since)
    after, opened = int(state["after"]), int(state.get("opened", 0))
    if state["mode"] == "sweep":
        return _Reading("sweep", after=after, began=int(state["began"]), opened=opened, newest=after)
    return _Reading("changes", after=max(0, after), began=now, opened=opened, newest=after)


def _filters(reading: _Reading, ignore_before: datetime | None) -> dict[str, Any]:
    filters: dict[str, Any] = {"update_time_ge": reading.after} if reading.after else {}
    if reading.mode == "open":
        filters["order_status"] = reading.status
    # An older order that came in before the line was drawn is followed to its end, so its changes are read.
    follows = reading.mode == "open" or (reading.mode == "changes" and reading.after > 0)
    if ignore_before is not None and not follows:
        filters["create_time_ge"] = int(ignore_before.timestamp())
    return filters


def _following(reading: _Reading, times: Sequence[int], token: str, began_at: datetime) -> _Reading:
    after, token = windows.further(reading.after, times, token, began_at)
    return replace(reading, after=after, token=token)


def _then(reading: _Reading) -> _Reading | None:
    """What follows the last page: now and then the open orders, status by status, else nothing."""
    if reading.mode == "open":
        following = OPEN[OPEN.index(reading.status) + 1 :]
    else:
        following = OPEN if reading.is_due_for_open_orders() else ()
    if not following:
        return None
    return replace(reading, mode="open", after=0, token="", status=following[0])


def _finished(reading: _Reading) -> _Reading:
    opened = reading.began if reading.mode == "open" else reading.opened
    after = windows.next_start(reading.newest, reading.began)
    return _Reading("changes", after=after, began=reading.began, opened=opened)
