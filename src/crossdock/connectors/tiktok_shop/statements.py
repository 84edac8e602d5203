"""Pulls statements by their time, each with the transactions that it is the sum of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import AccessMissingError, ProtocolError
from crossdock.connectors.tiktok_shop.calls import NOT_FOR_THIS_APP
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.mapping.statement import to_statement
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_aftersales import Statement, Transaction
from crossdock.connectors.tiktok_shop.reading import from_cursor, read_records, to_cursor
from crossdock.domain.aftersales import ChannelStatement
from crossdock.domain.sync import Cursor, Page

# How far back the first reading goes, and how far each later one: until then a payment is still under way.
HISTORY, UNPAID_FOR = timedelta(days=365), timedelta(days=7)
MOST_PAGES = 10_000


def pull_statements(
    client: AfterSalesClient, clock: Clock, since: Cursor | None
) -> Iterator[Page[ChannelStatement]]:
    """New statements come at the end of the list, so its pages stay as they are while it is read."""
    is_sweep = since is None or from_cursor(since)["mode"] == "sweep"
    began = int(clock().timestamp())
    after = began - int(HISTORY.total_seconds()) if since is None else int(from_cursor(since)["after"])
    token, newest = "", after
    for _ in range(MOST_PAGES):
        began_at = clock()
        raws, token = _page(client, after, token)
        records = read_records(raws, Statement, lambda raw: to_statement(raw, _transactions(client, raw)))
        newest = max([newest, *(int(each.stated_at.timestamp()) for each in records.good)])
        is_last = not token
        start = min(newest, began) - int(UNPAID_FOR.total_seconds()) if is_last else newest
        mode = "sweep" if is_sweep and not is_last else "changes"
        yield Page(
            records=records.good,
            cursor=to_cursor({"mode": mode, "after": start}),
            read_began_at=began_at,
            unreadable=records.unreadable,
            completes_sweep=is_last and is_sweep,
        )
        if is_last:
            return
    raise ProtocolError(f"The list of statements did not end after {MOST_PAGES} pages")


def _page(client: AfterSalesClient, after: int, token: str) -> tuple[list[msgspec.Raw], str]:
    """Raises AccessMissingError where the app has no such call, which somebody has to know and may live with."""
    try:
        found = client.statements(after, token)
    except ProtocolError as error:
        if error.code not in NOT_FOR_THIS_APP:
            raise
        raise AccessMissingError(
            f"Statements are not available for this app: {error}",
            code=error.code,
            request_id=error.request_id,
            fix="Add the scope “Finance Information” to the app and authorize again, or switch off Pull statements",
        ) from None
    return found.statements or [], text(found.next_page_token)


def _transactions(client: AfterSalesClient, raw: Statement) -> list[Transaction]:
    found: list[Transaction] = []
    token = ""
    for _ in range(MOST_PAGES):
        page = client.statement_transactions(text(raw.id), token)
        found += page.statement_transactions or []
        token = text(page.next_page_token)
        if not token:
            return found
    raise ProtocolError(f"The transactions of statement {raw.id} did not end after {MOST_PAGES} pages")
