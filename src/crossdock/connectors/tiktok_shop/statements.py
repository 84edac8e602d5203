"""Pulls statements by their time, each with the transactions that it is the sum of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import AccessMissingError, ProtocolError, RefusedError
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where a reading stands: since when statements are asked for, and what the lately read ones looked like.

    What of those is as it was costs no call for its transactions.
    """

    is_sweep: bool
    began: int
    after: int
    newest: int
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, since: Cursor | None, now: int) -> _Reading:
        if since is None:
            after = now - int(HISTORY.total_seconds())
            return cls(is_sweep=True, began=now, after=after, newest=after)
        state = from_cursor(since)
        after = int(state["after"])
        return cls(state["mode"] == "sweep", now, after, after, state.get("seen", {}))

    def past(self, raw: Statement | None, *, is_read: bool) -> _Reading:
        """The reading after this one; what could not be read is asked for again as long as it is looked back on."""
        if raw is None:
            return self
        seen = {**self.seen, text(raw.id): _look(raw)} if is_read else self.seen
        return replace(self, newest=max(self.newest, raw.statement_time), seen=seen)

    def cursor(self, *, is_last: bool) -> Cursor:
        """In the middle of a reading the next one goes on from here; at its end it looks back once more."""
        start = min(self.newest, self.began) - int(UNPAID_FOR.total_seconds()) if is_last else self.newest
        mode = "sweep" if self.is_sweep and not is_last else "changes"
        seen = {key: look for key, look in self.seen.items() if int(look.partition("/")[0]) >= start}
        return to_cursor({"mode": mode, "after": start, "seen": seen})


def pull_statements(
    client: AfterSalesClient, clock: Clock, since: Cursor | None
) -> Iterator[Page[ChannelStatement]]:
    """Each statement is a page of its own, since its transactions may take many calls.

    New statements come at the end of the list, so its pages stay as they are while it is read.
    """
    reading = _Reading.of(since, int(clock().timestamp()))
    token = ""
    for _ in range(MOST_PAGES):
        began_at = clock()
        raws, token = _page(client, reading.after, token)
        for raw in raws:
            records = read_records([raw], Statement, partial(_read, client, reading.seen))
            reading = reading.past(_decoded(raw), is_read=not records.unreadable)
            good = tuple(each for each in records.good if each is not None)
            if good or records.unreadable:
                yield Page(good, reading.cursor(is_last=False), began_at, records.unreadable)
        if not token:
            yield Page((), reading.cursor(is_last=True), began_at, completes_sweep=reading.is_sweep)
            return
    raise ProtocolError(f"The list of statements did not end after {MOST_PAGES} pages")


def _read(client: AfterSalesClient, seen: Mapping[str, str], raw: Statement) -> ChannelStatement | None:
    """None for one that is as it was. Raises ValueError where just this one cannot be read."""
    if seen.get(text(raw.id)) == _look(raw):
        return None
    try:
        return to_statement(raw, _transactions(client, raw))
    except RefusedError as error:
        raise ValueError(f"its transactions could not be read: {error}") from error


def _look(raw: Statement) -> str:
    """All that changes of a statement once it is made: whether it is paid, and what it comes to."""
    return f"{raw.statement_time}/{text(raw.payment_status)}/{text(raw.settlement_amount)}"


def _decoded(raw: msgspec.Raw) -> Statement | None:
    try:
        return msgspec.json.decode(raw, type=Statement)
    except msgspec.MsgspecError:
        return None


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
