"""Pulling statements: each alone, none twice without a reason, and none that stops the others."""

from __future__ import annotations

from typing import Any

from connectors.tiktok_shop.tiktok_bench import NOW, ScriptedHttp, Sent, refusal, scripted
from crossdock.domain.aftersales import ChannelStatement
from crossdock.domain.sync import Page

T0 = int(NOW.timestamp()) - 100_000
LIST = "/finance/202309/statements"


class Books:
    """A shop's statements, of which some transactions can be refused."""

    def __init__(self, *numbers: int) -> None:
        self.statements = {str(n): self.statement(n) for n in numbers}
        self.refused: set[str] = set()

    @staticmethod
    def statement(number: int, status: str = "PROCESSING") -> dict[str, Any]:
        return {
            "id": str(number),
            "statement_time": T0 + number,
            "currency": "USD",
            "settlement_amount": "9.40",
            "payment_status": status,
        }

    def __call__(self, sent: Sent) -> Any:
        if sent.path == LIST:
            since = int(sent.query["statement_time_ge"])
            found = [one for one in self.statements.values() if one["statement_time"] >= since]
            start = int(sent.query.get("page_token", "0"))
            rest = found[start + 2 :]
            return {"statements": found[start : start + 2], "next_page_token": str(start + 2) if rest else ""}
        number = sent.path.split("/")[-2]
        if number in self.refused:
            return refusal(36009004, "The statement is being made")
        row = {"id": f"t{number}", "type": "ORDER", "order_id": "7", "settlement_amount": "9.40"}
        return {"statement_transactions": [row], "next_page_token": ""}


def ids(pages: list[Page[ChannelStatement]]) -> list[str]:
    return [one.channel_id for page in pages for one in page.records]


def transaction_calls(http: ScriptedHttp) -> int:
    return sum(path != LIST for path in http.paths())


def test_each_statement_is_kept_before_the_next_is_read() -> None:
    bench, http = scripted(Books(1, 2, 3))

    pages = list(bench.connector().pull_statements(None))

    assert [len(page.records) for page in pages] == [1, 1, 1, 0]
    assert [page.completes_sweep for page in pages] == [False, False, False, True]
    # Stopped after the first, it goes on there.
    http.sent.clear()
    assert ids(list(bench.connector().pull_statements(pages[0].cursor))) == ["2", "3"]


def test_what_is_as_it_was_costs_no_call_for_its_transactions() -> None:
    books = Books(1, 2, 3)
    bench, http = scripted(books)
    *_, last = bench.connector().pull_statements(None)
    http.sent.clear()

    again = list(bench.connector().pull_statements(last.cursor))
    assert (ids(again), transaction_calls(http)) == ([], 0)

    books.statements["2"] = Books.statement(2, "PAID")
    paid = list(bench.connector().pull_statements(again[-1].cursor))
    assert (ids(paid), transaction_calls(http)) == (["2"], 1)


def test_a_statement_whose_transactions_are_refused_holds_back_no_other_and_is_asked_for_again() -> None:
    books = Books(1, 2, 3)
    books.refused = {"2"}
    bench, _ = scripted(books)

    pages = list(bench.connector().pull_statements(None))
    assert ids(pages) == ["1", "3"]
    [unreadable] = [one for page in pages for one in page.unreadable]
    assert (unreadable.channel_id, "being made" in unreadable.reason) == ("2", True)

    books.refused = set()
    assert ids(list(bench.connector().pull_statements(pages[-1].cursor))) == ["2"]
