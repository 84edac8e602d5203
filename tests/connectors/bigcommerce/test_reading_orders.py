"""Pulling orders: nothing skipped, nothing asked for twice, and one bad record alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.bigcommerce.scripted import NOW, Reply, Request, Script, connector
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Cursor, Page

ORDERS = ("GET", "/v2/orders")
DAY = datetime(2026, 11, 1, tzinfo=UTC)


def order(number: int, modified: datetime, **other: Any) -> dict[str, Any]:
    lines = [line(number * 10)]
    return {
        "id": number,
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "date_created": format_datetime(modified),
        "date_modified": format_datetime(modified),
        "total_inc_tax": "10.0000",
        "default_currency_code": "USD",
        "items_total": 1,
        "consignments": {"shipping": [{"line_items": lines}]},
    } | other


def line(number: int, quantity: int = 1) -> dict[str, Any]:
    return {
        "id": number,
        "quantity": quantity,
        "sku": "A",
        "price_ex_tax": "10.0000",
        "total_ex_tax": "10.0000",
    }


class OrderBook:
    """A store that lists orders as the documents say, and lets a test change them between two pages."""

    def __init__(self, orders: list[dict[str, Any]], *, largest_page: int = 250) -> None:
        self.orders = {one["id"]: one for one in orders}
        self.largest_page = largest_page
        self.before_page: dict[int, Any] = {}
        self.calls = 0

    def __call__(self, request: Request) -> Reply:
        self.calls += 1
        self.before_page.pop(self.calls, lambda: None)()
        earliest = datetime.fromisoformat(request.query.get("min_date_modified", "2000-01-01T00:00:00+00:00"))
        found = sorted(
            (one for one in self.orders.values() if modified(one) >= earliest),
            key=lambda one: (modified(one), one["id"]),
        )
        size = min(int(request.query["limit"]), self.largest_page)
        start = (int(request.query["page"]) - 1) * size
        page = found[start : start + size]
        return (200, page) if page else (204, None)


def modified(one: dict[str, Any]) -> datetime:
    return datetime.strptime(one["date_modified"], "%a, %d %b %Y %H:%M:%S %z")


def ids(pages: list[Page[ChannelOrder]]) -> list[str]:
    return [record.channel_id for page in pages for record in page.records]


def changes_since(moment: datetime) -> Cursor:
    return Cursor(json.dumps({"mode": "changes", "after": moment.isoformat(), "page": 1}))


@pytest.mark.parametrize("largest_page", [250, 100, 50])
def test_a_sweep_sees_every_order_once_even_where_pages_are_smaller_than_asked(largest_page: int) -> None:
    book = OrderBook([order(n, DAY + timedelta(minutes=n)) for n in range(1, 621)], largest_page=largest_page)
    hub, _ = connector(Script({ORDERS: book}))

    pages = list(hub.pull_orders(None))

    assert sorted(ids(pages), key=int) == [str(n) for n in range(1, 621)]
    assert [page.completes_sweep for page in pages] == [False] * (len(pages) - 1) + [True]


def test_hundreds_of_orders_of_one_second_are_told_apart_by_page_numbers() -> None:
    book = OrderBook([order(n, DAY) for n in range(1, 601)] + [order(601, DAY + timedelta(hours=1))])
    hub, _ = connector(Script({ORDERS: book}))

    assert set(ids(list(hub.pull_orders(None)))) == {str(n) for n in range(1, 602)}


def test_an_order_that_changes_while_we_page_hides_none_of_its_neighbours() -> None:
    book = OrderBook([order(n, DAY + timedelta(minutes=n)) for n in range(1, 601)])
    late = DAY + timedelta(days=2)
    book.before_page[2] = lambda: [book.orders.__setitem__(n, order(n, late)) for n in range(1, 101)]
    hub, _ = connector(Script({ORDERS: book}))

    assert set(ids(list(hub.pull_orders(None)))) == {str(n) for n in range(1, 601)}


def test_a_run_that_died_in_mid_sweep_goes_on_from_its_cursor_and_loses_nothing() -> None:
    book = OrderBook([order(n, DAY + timedelta(minutes=n)) for n in range(1, 601)])
    hub, http = connector(Script({ORDERS: book}))
    first = next(iter(hub.pull_orders(None)))

    rest = list(hub.pull_orders(first.cursor))

    assert set(ids([first, *rest])) == {str(n) for n in range(1, 601)}
    assert rest[-1].completes_sweep
    assert len(http.requests) == 4


def test_a_quiet_store_costs_one_request_and_still_says_when_it_was_read() -> None:
    hub, http = connector(Script({ORDERS: OrderBook([])}))

    pages = list(hub.pull_orders(changes_since(DAY)))

    assert len(http.requests) == 1
    assert [(page.records, page.read_began_at, page.completes_sweep) for page in pages] == [((), NOW, False)]
    query = dict(http.requests[0].query)
    assert query["min_date_modified"] == "2026-11-01T00:00:00+00:00"
    assert (query["sort"], query["consignment_structure"]) == ("date_modified:asc", "object")
    assert http.requests[0].lane == "urgent"


@pytest.mark.parametrize("age", [timedelta(seconds=10), timedelta(minutes=4), timedelta(days=90)])
def test_the_next_pull_goes_on_from_the_newest_order_whatever_the_clock_of_the_platform(
    age: timedelta,
) -> None:
    book = OrderBook([order(1, NOW - age)])
    hub, http = connector(Script({ORDERS: book}))
    after_sweep = list(hub.pull_orders(None))[-1].cursor

    list(hub.pull_orders(after_sweep))

    asked = datetime.fromisoformat(http.requests[-1].query["min_date_modified"])
    assert NOW - asked == max(age + timedelta(seconds=1), timedelta(minutes=3))


def test_a_store_without_orders_is_read_from_the_beginning_until_there_is_one() -> None:
    hub, http = connector(Script({ORDERS: OrderBook([])}))
    after_sweep = list(hub.pull_orders(None))[-1].cursor

    list(hub.pull_orders(after_sweep))

    assert "min_date_modified" not in http.requests[-1].query


def test_a_hub_clock_that_runs_ahead_hides_no_change() -> None:
    """The platform's own time is in the header of each answer, and the earlier of the two counts."""
    platform_now = NOW - timedelta(hours=3)
    headers = {"date": format_datetime(platform_now, usegmt=True)}
    recent = order(1, platform_now - timedelta(seconds=5))
    hub, http = connector(lambda _: (200, [recent], headers))
    after_sweep = list(hub.pull_orders(None))[-1].cursor

    list(hub.pull_orders(after_sweep))

    assert datetime.fromisoformat(http.requests[-1].query["min_date_modified"]) < platform_now


def test_a_store_whose_clock_runs_ahead_is_followed_by_the_dates_of_its_orders() -> None:
    newest = NOW + timedelta(days=3)
    hub, http = connector(Script({ORDERS: OrderBook([order(1, newest)])}))
    after_sweep = list(hub.pull_orders(None))[-1].cursor

    list(hub.pull_orders(after_sweep))

    asked = datetime.fromisoformat(http.requests[-1].query["min_date_modified"])
    assert asked == newest - timedelta(minutes=3)


def test_a_store_that_repeats_a_page_for_ever_is_stopped() -> None:
    page = [order(n, DAY) for n in range(1, 251)]
    hub, _ = connector(lambda _: (200, page))

    with pytest.raises(ProtocolError, match="repeats"):
        list(hub.pull_orders(None))


def test_one_unreadable_order_is_kept_whole_while_its_neighbours_pass() -> None:
    bad = order(2, DAY, total_inc_tax="lots", note="ä")
    book = OrderBook([order(1, DAY), bad, order(3, DAY, status_id=99)])
    hub, _ = connector(Script({ORDERS: book}))

    page = next(iter(hub.pull_orders(None)))

    assert ids([page]) == ["1"]
    assert [(one.channel_id, json.loads(one.payload)["id"]) for one in page.unreadable] == [
        ("2", 2),
        ("3", 3),
    ]
    assert "total_inc_tax" in page.unreadable[0].reason
    assert "99" in page.unreadable[1].reason


def test_an_order_whose_lines_are_refused_does_not_stop_the_others() -> None:
    gone = order(1, DAY, consignments=None)
    hub, _ = connector(Script({ORDERS: OrderBook([gone, order(2, DAY)])}))

    page = next(iter(hub.pull_orders(None)))

    assert ids([page]) == ["2"]
    assert [one.channel_id for one in page.unreadable] == ["1"]


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"after": "yesterday"}'])
def test_a_cursor_of_somebody_else_is_our_bug_and_not_a_silent_new_start(cursor: str) -> None:
    hub, http = connector(Script())

    with pytest.raises(ProtocolError, match="not one of ours"):
        list(hub.pull_orders(Cursor(cursor)))
    assert http.requests == []


def test_orders_that_were_never_placed_stay_out_unless_drafts_are_wanted() -> None:
    script = Script({ORDERS: OrderBook([order(1, DAY, status_id=0)])})
    without, _ = connector(script)
    with_drafts, _ = connector(script, draft_orders=True)

    assert ids(list(without.pull_orders(None))) == []
    (draft,) = next(iter(with_drafts.pull_orders(None))).records
    assert (draft.status, draft.stock_is_taken) == (OrderStatus.DRAFT, False)


def test_old_orders_are_left_out_of_the_sweep_but_their_changes_are_followed() -> None:
    hub, http = connector(Script({ORDERS: OrderBook([])}), ignore_orders_created_before="2026-10-01")

    after_sweep = list(hub.pull_orders(None))[-1].cursor
    list(hub.pull_orders(after_sweep))

    assert http.requests[0].query["min_date_created"] == "2026-10-01T00:00:00+00:00"
    assert "min_date_created" not in http.requests[1].query


def warned(lines: list[Any]) -> dict[str, Any]:
    return {"shipping": [{"line_items": lines, "__warning__": {"message": "only 50 are included"}}]}


@pytest.mark.parametrize(
    "consignments",
    [
        warned([line(n) for n in range(1, 51)]),
        {
            "shipping": [
                {"line_items": [*(line(n) for n in range(1, 51)), {"__warning__": {"message": "cut"}}]}
            ]
        },
        {"shipping": [{"line_items": {"0": line(1), "__warning__": {"message": "cut"}}}]},
        {"shipping": [{"line_items": [line(n) for n in range(1, 51)]}]},
        {"shipping": [{"line_items": [{"url": "https://x.example/1", "resource": "/orders/1/products/1"}]}]},
        {"url": "https://x.example/orders/1/consignments", "resource": "/orders/1/consignments"},
        None,
    ],
)
def test_lines_that_were_left_out_are_fetched_by_a_call_of_their_own(consignments: Any) -> None:
    def lines(request: Request) -> Reply:
        page = int(request.query["page"])
        found = [line(n) for n in range(1, 71)][(page - 1) * 50 : page * 50]
        return (200, found) if found else (204, None)

    long = order(1, DAY, consignments=consignments, items_total=70, total_inc_tax="700.0000")
    script = Script({ORDERS: OrderBook([long, order(2, DAY)]), ("GET", "/v2/orders/1/products"): lines})
    hub, http = connector(script)

    first, second = next(iter(hub.pull_orders(None))).records

    assert [one.channel_id for one in first.lines] == [str(n) for n in range(1, 71)]
    assert len(second.lines) == 1
    assert [request.place for request in http.requests] == ["/v2/orders", *["/v2/orders/1/products"] * 2]


def test_the_platforms_own_note_is_enough_to_fetch_the_lines_that_were_left_out() -> None:
    cut = order(1, DAY, consignments=warned([line(1)]), items_total=None)
    all_lines = [line(1), line(2)]
    script = Script({ORDERS: OrderBook([cut]), ("GET", "/v2/orders/1/products"): lambda _: (200, all_lines)})
    hub, _ = connector(script)

    (read,) = next(iter(hub.pull_orders(None))).records

    assert [one.channel_id for one in read.lines] == ["1", "2"]


@pytest.mark.parametrize(
    ("status_id", "status", "is_reservation"),
    [
        (1, OrderStatus.NEW, True),
        (2, OrderStatus.FULFILLED, False),
        (3, OrderStatus.PARTIALLY_FULFILLED, False),
        (4, None, False),
        (5, OrderStatus.CANCELED, False),
        (6, OrderStatus.CANCELED, False),
        (7, OrderStatus.ON_HOLD, False),
        (8, OrderStatus.FULFILLED, False),
        (9, OrderStatus.SENT_TO_FULFILLMENT, False),
        (10, OrderStatus.FULFILLED, False),
        (11, OrderStatus.READY_FOR_FULFILLMENT, False),
        (12, OrderStatus.ON_HOLD, False),
        (13, OrderStatus.REVIEW_REQUIRED, False),
        (14, None, False),
    ],
)
def test_a_status_is_known_by_its_number_and_never_by_the_stores_own_name(
    status_id: int, status: OrderStatus | None, is_reservation: bool
) -> None:
    renamed = order(1, DAY, status_id=status_id, status="Something else", custom_status="Canceled")
    hub, _ = connector(Script({ORDERS: OrderBook([renamed])}))

    (read,) = next(iter(hub.pull_orders(None))).records

    assert (read.status, read.is_reservation) == (status, is_reservation)


@pytest.mark.parametrize(
    ("behavior", "status_id", "is_taken"),
    [
        ("order_placed", 11, True),
        ("order_placed", 1, True),
        ("order_completed_or_shipped", 11, False),
        ("order_completed_or_shipped", 10, True),
        ("", 11, False),
    ],
)
def test_whether_stock_is_net_of_an_order_follows_the_stores_setting(
    behavior: str, status_id: int, is_taken: bool
) -> None:
    book = OrderBook([order(1, DAY, status_id=status_id)])
    hub, _ = connector(Script({ORDERS: book}), facts={"currency": "USD", "stock_behavior": behavior})

    (read,) = next(iter(hub.pull_orders(None))).records

    assert read.stock_is_taken is is_taken


@pytest.mark.parametrize(("status", "shipped"), [(11, 0), (3, 1), (2, 3), (10, 3), (8, 0), (5, 0)])
def test_an_order_that_has_left_by_its_status_has_left_whole(status: int, shipped: int) -> None:
    """Somebody set the status by hand: nothing of it is open any more, though no shipment is on record."""
    lines = [line(10, 3) | {"quantity_shipped": 1 if status == 3 else 0}]
    one = order(1, DAY, status_id=status, consignments={"shipping": [{"line_items": lines}]}, items_total=3)
    hub, _ = connector(Script({ORDERS: OrderBook([one])}))

    [read] = [record for page in hub.pull_orders(None) for record in page.records]

    assert [each.quantity_shipped for each in read.lines] == [shipped]


def test_an_order_is_found_only_by_exactly_its_reference() -> None:
    answers = [{"id": 8, "external_order_id": "77", "is_deleted": True}, {"id": 9, "external_order_id": "77"}]
    hub, http = connector(Script({ORDERS: lambda _: (200, answers)}))

    assert hub.find_order("77") == CreatedOrder(ChannelId("9"))
    assert hub.find_order("7") is None
    assert http.requests[0].query["external_order_id"] == "77"


def test_no_order_is_found_where_the_platform_answers_nothing() -> None:
    hub, _ = connector(Script({ORDERS: lambda _: (204, None)}))

    assert hub.find_order("77") is None
