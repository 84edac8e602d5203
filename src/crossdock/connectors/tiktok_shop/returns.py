"""Pulls returns and refunds by update time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.tiktok_shop import windows
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.mapping.returns import to_return
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_aftersales import Return
from crossdock.connectors.tiktok_shop.reading import read_records
from crossdock.domain.aftersales import ChannelReturn
from crossdock.domain.sync import Cursor, Page


def pull_returns(
    client: AfterSalesClient, clock: Clock, since: Cursor | None
) -> Iterator[Page[ChannelReturn]]:
    def search(after: int, token: str) -> tuple[Sequence[msgspec.Raw], str]:
        found = client.search_returns({"update_time_ge": after} if after else {}, token)
        return found.return_orders or [], text(found.next_page_token)

    for step in windows.read(search, clock, since):
        records = read_records(step.records, Return, to_return)
        yield Page(records.good, step.cursor, step.read_began_at, records.unreadable, step.completes_sweep)
