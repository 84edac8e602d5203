"""Reads the shop's products in windows of time, because the product search has no order and ends at 10,000 products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace

import msgspec

from crossdock.connectors.contract import Clock, Memory
from crossdock.connectors.errors import ProtocolError, RefusedError
from crossdock.connectors.tiktok_shop import payloads, payloads_product
from crossdock.connectors.tiktok_shop.client import PRODUCTS_A_PAGE, Client
from crossdock.connectors.tiktok_shop.mapping.listing import needs_reasons, to_listing, to_reasons
from crossdock.connectors.tiktok_shop.reading import from_cursor, read_records, to_cursor
from crossdock.domain.channel import ChannelProduct
from crossdock.domain.sync import Cursor, Page

OVERLAP_SECONDS = 180
# Where more changed within the overlap than one page holds, reading it again and again would cost with the catalog.
SHORT_OVERLAP_SECONDS = 2
TIKTOK_SHOP_BEGAN = 1_577_836_800  # 2020, before the first shop
LARGEST_RESULT = 10_000
RESULT_TOO_LARGE = "12052180"
MOST_CALLS = 100_000

Window = tuple[int, int | None]
"""First and last second, both included; the newest window is open, since the platform's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class _Met:
    """The update times of a reading, and from them where the next one starts.

    `since` is where this one started, `recent` how many updates the overlap would bring again.
    """

    since: int = 0
    newest: int = 0
    at_newest: int = 0
    recent: int = 0

    def and_also(self, times: list[int], *, began: int) -> _Met:
        newest = max([self.newest, *times])
        at_newest = times.count(newest) + (self.at_newest if newest == self.newest else 0)
        recent = self.recent + sum(time >= began - OVERLAP_SECONDS for time in times)
        return replace(self, newest=newest, at_newest=at_newest, recent=recent)

    def next_start(self, began: int) -> int:
        """From the newest update on, since times are by the platform's clock, and a little before this reading.

        The newest second is passed only where more than a page shares it and it was over when it was read.
        """
        overlap = OVERLAP_SECONDS if self.recent <= PRODUCTS_A_PAGE else SHORT_OVERLAP_SECONDS
        if not self.newest:
            return self.since or began - overlap
        is_passed = self.at_newest > PRODUCTS_A_PAGE and began - self.newest >= SHORT_OVERLAP_SECONDS
        return max(self.since, min(began - overlap, self.newest + is_passed))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Windows still to read, the first one from `token` on.

    A sweep's windows are of creation times, which never change. Windows of changes are split until each
    fits one page, since a product that changes meanwhile leaves its window and moves its neighbours.
    """

    mode: str
    began: int
    windows: tuple[Window, ...]
    token: str = ""
    tokens_seen: frozenset[str] = field(default_factory=frozenset)
    met: _Met = field(default_factory=_Met)

    @property
    def largest(self) -> int:
        return LARGEST_RESULT if self.mode == "sweep" else PRODUCTS_A_PAGE

    def filters(self) -> dict[str, int | str]:
        name = "create_time" if self.mode == "sweep" else "update_time"
        first, last = self.windows[0]
        filters: dict[str, int | str] = {"status": "ALL", f"{name}_ge": first}
        return filters if last is None else {**filters, f"{name}_le": last}

    def split(self) -> _Reading:
        (first, last), *others = self.windows
        middle = (first + (self.began if last is None else last)) // 2
        return replace(self, windows=((first, middle), (middle + 1, last), *others), token="")

    def can_split(self) -> bool:
        first, last = self.windows[0]
        return first < (self.began if last is None else last) and not self.token

    def after_page(self, token: str) -> _Reading:
        if not token:
            return replace(self, windows=self.windows[1:], token="", tokens_seen=frozenset())
        if token in self.tokens_seen:
            raise ProtocolError("The product search gave the same page token twice")
        return replace(self, token=token, tokens_seen=self.tokens_seen | {token})

    def cursor(self) -> Cursor:
        if not self.windows:
            return to_cursor({"mode": "changes", "after": self.met.next_start(self.began)})
        state = {"mode": self.mode, "began": self.began, "windows": self.windows, "token": self.token}
        return to_cursor(state | {"met": asdict(self.met)})


def pull_listings(
    client: Client, clock: Clock, memory: Memory, since: Cursor | None
) -> Iterator[Page[ChannelProduct]]:
    return read_windows(client, clock, since, lambda p: to_listing(p, _reasons(client, memory, p)))


def read_windows(
    client: Client,
    clock: Clock,
    since: Cursor | None,
    mapping: Callable[[payloads_product.FoundProduct], ChannelProduct],
) -> Iterator[Page[ChannelProduct]]:
    """All products, or those that changed, each as the mapping makes it of what the search says."""
    reading = _begin(since, int(clock().timestamp()))
    for _ in range(MOST_CALLS):
        began_at = clock()
        found = _search(client, reading)
        if found is None or ((found.total_count or 0) > reading.largest and reading.can_split()):
            reading = reading.split() if reading.can_split() else replace(reading, token="")
            continue
        times = [time for raw in found.products or [] if (time := _update_time(raw))]
        reading = replace(reading, met=reading.met.and_also(times, began=reading.began))
        following = reading.after_page(payloads.text(found.next_page_token))
        records = read_records(found.products or [], payloads_product.FoundProduct, mapping)
        yield Page(
            records=records.good,
            cursor=following.cursor(),
            read_began_at=began_at,
            unreadable=records.unreadable,
            completes_sweep=reading.mode == "sweep" and not following.windows,
        )
        if not following.windows:
            return
        reading = following
    raise ProtocolError(f"The product search did not end after {MOST_CALLS} calls")


def _begin(since: Cursor | None, now: int) -> _Reading:
    if since is None:
        return _Reading("sweep", now, ((TIKTOK_SHOP_BEGAN, None),))
    state = from_cursor(since)
    if "windows" in state:
        windows = tuple((int(first), last) for first, last in state["windows"])
        met = _Met(**state.get("met", {}))
        return _Reading(state["mode"], int(state["began"]), windows, state["token"], met=met)
    after = int(state["after"])
    return _Reading("changes", now, ((after, None),), met=_Met(since=after))


def _update_time(raw: msgspec.Raw) -> int | None:
    try:
        return msgspec.json.decode(raw, type=payloads_product.ProductTime).update_time
    except msgspec.DecodeError:
        return None


def _search(client: Client, reading: _Reading) -> payloads_product.FoundProducts | None:
    """None when the window must be begun anew: it holds too many products, or its token has run out."""
    try:
        return client.search_products(reading.filters(), reading.token)
    except RefusedError as error:
        may_split = error.code == RESULT_TOO_LARGE and reading.can_split()
        if may_split or (reading.token and not reading.tokens_seen):
            return None
        raise


def _reasons(client: Client, memory: Memory, product: payloads_product.FoundProduct) -> tuple[str, ...]:
    """Why a review failed: one more call per failed product, repeated only after the product changed."""
    if not needs_reasons(product):
        return ()
    product_id = payloads.text(product.id)
    version = str(product.update_time or "")
    kept = memory.get("review", product_id)
    if kept is not None:
        kept_version, reasons = msgspec.json.decode(kept, type=tuple[str, tuple[str, ...]])
        if kept_version == version:
            return reasons
    try:
        reasons = to_reasons(client.product(product_id))
    except RefusedError:
        return ()
    memory.put("review", product_id, msgspec.json.encode((version, reasons)).decode())
    return reasons
