"""Reading orders on: nothing skipped, nothing endless, one call when there is nothing new."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import NOW, Bench, Sent, scripted
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.sync import Cursor

T0 = int(NOW.timestamp()) - 100_000
LINE = {"id": "l1", "sku_id": "s1", "original_price": "5", "sale_price": "5", "currency": "USD"}


def order(number: int, updated: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "status": "AWAITING_SHIPMENT",
        "create_time": T0 - 10,
        "update_time": updated,
        "payment": {"currency": "USD", "total_amount": "5"},
        "line_items": [LINE],
    }


class Search:
    """An order search over a list, two orders a page, whose token is an offset as bad as any."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        self.orders = orders

    def __call__(self, sent: Sent) -> Any:
        since = (sent.body or {}).get("update_time_ge", 0)
        found = sorted((o for o in self.orders if o["update_time"] >= since), key=lambda o: o["update_time"])
        start = int(sent.query.get("page_token", "0"))
        rest = found[start + 2 :]
        return {"orders": found[start : start + 2], "next_page_token": str(start + 2) if rest else ""}


def ids(bench: Bench, since: Cursor | None = None) -> list[str]:
    return [o.channel_id for page in bench.connector().pull_orders(since) for o in page.records]


def test_a_sweep_reads_every_order_and_says_so_at_its_end() -> None:
    bench, _ = scripted(Search([order(n, T0 + n) for n in range(7)]))

    pages = list(bench.connector().pull_orders(None))

    assert {o.channel_id for page in pages for o in page.records} == {str(n) for n in range(7)}
    assert [page.completes_sweep for page in pages] == [False] * (len(pages) - 1) + [True]
    assert json.loads(pages[-1].cursor)["mode"] == "changes"


def test_pages_follow_the_last_time_seen_and_not_the_token() -> None:
    bench, http = scripted(Search([order(n, T0 + n) for n in range(5)]))

    list(bench.connector().pull_orders(None))

    assert all("page_token" not in sent.query for sent in http.sent)
    assert [(sent.body or {}).get("update_time_ge") for sent in http.sent] == [None, T0 + 1, T0 + 2, T0 + 3]


def test_orders_of_one_second_are_read_on_by_token() -> None:
    bench, _ = scripted(Search([order(n, T0) for n in range(5)] + [order(9, T0 + 1)]))

    assert set(ids(bench)) == {"0", "1", "2", "3", "4", "9"}


def test_a_sweep_goes_on_where_it_stopped() -> None:
    bench, _ = scripted(Search([order(n, T0 + n) for n in range(7)]))
    first = next(iter(bench.connector().pull_orders(None)))

    rest = list(bench.connector().pull_orders(first.cursor))

    seen = {o.channel_id for page in [first, *rest] for o in page.records}
    assert seen == {str(n) for n in range(7)}
    assert rest[-1].completes_sweep


def test_nothing_new_costs_one_call_and_gives_one_empty_page() -> None:
    bench, http = scripted(Search([]))
    cursor = Cursor(json.dumps({"mode": "changes", "after": T0, "opened": int(NOW.timestamp()) - 60}))

    pages = list(bench.connector().pull_orders(cursor))

    assert len(http.sent) == 1
    assert http.sent[0].body == {"update_time_ge": T0}
    assert [(page.records, page.completes_sweep) for page in pages] == [((), False)]
    assert json.loads(pages[0].cursor)["after"] == T0


@pytest.mark.parametrize("age_seconds", [10, 240, 90 * 86_400])
def test_the_next_reading_starts_at_the_newest_order_whatever_the_clock_of_the_platform(
    age_seconds: int,
) -> None:
    newest = int(NOW.timestamp()) - age_seconds
    bench, _ = scripted(Search([order(1, newest)]))

    pages = list(bench.connector().pull_orders(None))

    assert json.loads(pages[-1].cursor)["after"] == min(newest, int(NOW.timestamp()) - 180)


def test_a_shop_without_orders_is_read_from_its_start_until_there_is_one() -> None:
    bench, http = scripted(Search([]))
    cursor = list(bench.connector().pull_orders(None))[-1].cursor

    list(bench.connector().pull_orders(cursor))

    assert http.sent[-1].body in ({}, None)


def test_open_orders_are_read_again_now_and_then_since_an_address_changes_unseen() -> None:
    search = Search([order(n, T0 + n) for n in range(3)])
    bench, http = scripted(search)
    due = Cursor(json.dumps({"mode": "changes", "after": T0 + 50_000, "opened": T0}))

    pages = list(bench.connector().pull_orders(due))

    assert [o.channel_id for o in pages[0].records] == []
    assert {o.channel_id for page in pages[1:] for o in page.records} == {"0", "1", "2"}
    asked = dict.fromkeys(sent.body["order_status"] for sent in http.sent[1:])
    assert list(asked) == ["AWAITING_SHIPMENT", "ON_HOLD"]
    assert json.loads(pages[1].cursor)["opened"] == T0
    assert json.loads(pages[-1].cursor)["opened"] == int(NOW.timestamp())
    assert not any(page.completes_sweep for page in pages)


def test_an_order_that_changes_this_moment_is_no_place_to_go_on_from() -> None:
    """The index still shows it at its old place, with its new time: going on from there would skip the others."""
    now = int(NOW.timestamp())
    first = {"orders": [order(1, T0), order(2, now)], "next_page_token": "2"}

    def script(sent: Sent) -> Any:
        return {"orders": [order(3, T0 + 1)]} if (sent.body or {}).get("update_time_ge") == T0 else first

    bench, _ = scripted(script)

    assert ids(bench) == ["1", "2", "3"]


def test_one_unreadable_order_does_not_hold_back_its_neighbours() -> None:
    bad = order(2, T0 + 1) | {"line_items": [LINE | {"sale_price": "a lot"}]}
    bench, _ = scripted(Search([order(1, T0), bad, order(3, T0 + 2)]))

    pages = list(bench.connector().pull_orders(None))

    unreadable = {str(u.channel_id): u for page in pages for u in page.unreadable}
    assert {o.channel_id for page in pages for o in page.records} == {"1", "3"}
    assert list(unreadable) == ["2"]
    assert json.loads(unreadable["2"].payload)["id"] == "2"


def test_a_search_that_repeats_its_token_is_an_error() -> None:
    bench, _ = scripted(lambda _: {"orders": [], "next_page_token": "again"})

    with pytest.raises(ProtocolError, match="twice"):
        list(bench.connector().pull_orders(None))


def test_orders_from_before_the_start_line_are_not_asked_for() -> None:
    bench, http = scripted(Search([]))

    list(bench.connector(ignore_orders_created_before="2026-11-01").pull_orders(None))

    assert http.sent[0].body == {"create_time_ge": int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())}


def test_changes_of_older_orders_are_asked_for_since_they_may_be_in_the_hub() -> None:
    cursor = Cursor(json.dumps({"mode": "changes", "after": T0, "opened": T0}))
    bench, http = scripted(Search([]))

    list(bench.connector(ignore_orders_created_before="2026-11-01").pull_orders(cursor))

    assert http.sent
    assert all("create_time_ge" not in sent.body for sent in http.sent)


def test_nothing_older_is_asked_for_as_long_as_no_order_was_met() -> None:
    cursor = Cursor(json.dumps({"mode": "changes", "after": 0, "opened": int(NOW.timestamp())}))
    bench, http = scripted(Search([]))

    list(bench.connector(ignore_orders_created_before="2026-11-01").pull_orders(cursor))

    assert [list(sent.body) for sent in http.sent] == [["create_time_ge"]]


@pytest.mark.parametrize("cursor", ["", "7", "null", '{"mode":"pages"}'])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    bench, _ = scripted(Search([]))

    with pytest.raises(ProtocolError, match="cursor"):
        list(bench.connector().pull_orders(Cursor(cursor)))
