"""Reading listings in windows of time, and the reasons of failed reviews."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import NOW, Bench, Sent, refusal, scripted
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.channel import ListingState
from crossdock.domain.sync import Cursor

END = int(NOW.timestamp())
T0 = END - 1_000_000


def product(number: int, created: int = T0, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "title": "Tote",
        "status": "ACTIVATE",
        "create_time": created,
        "update_time": created,
        "skus": [{"id": f"s{number}", "seller_sku": f"SKU-{number}"}],
        **more,
    }


class Search:
    """A product search; like the real one it does not page beyond its largest result."""

    def __init__(
        self, products: list[dict[str, Any]], *, page: int = 100, refuses_above: int | None = None
    ) -> None:
        self.products = products
        self.page = page
        self.refuses_above = refuses_above
        self.details: list[str] = []

    def __call__(self, sent: Sent) -> Any:
        if sent.method == "GET":
            self.details.append(sent.path.rpartition("/")[2])
            failure = {"position": "Main images", "reasons": ["Blurred"], "suggestions": ["Sharpen it"]}
            return {"id": self.details[-1], "audit_failed_reasons": [failure]}
        name = "create_time" if "create_time_ge" in sent.body else "update_time"
        first, last = sent.body[f"{name}_ge"], sent.body.get(f"{name}_le", END * 2)
        found = [p for p in self.products if first <= p[name] <= last]
        if self.refuses_above is not None and len(found) > self.refuses_above:
            return refusal(12052180, "result above 10000")
        start = int(sent.query.get("page_token") or "0")
        following = start + self.page
        token = str(following) if following < len(found) else ""
        return {"products": found[start:following], "total_count": len(found), "next_page_token": token}


def ids(bench: Bench, since: Cursor | None = None) -> list[str]:
    return [p.channel_id for page in bench.connector().pull_listings(since) for p in page.records]


def test_a_small_shop_is_swept_with_one_call() -> None:
    bench, http = scripted(Search([product(n) for n in range(3)]))

    pages = list(bench.connector().pull_listings(None))

    assert len(http.sent) == 1
    assert pages[0].completes_sweep
    assert json.loads(pages[0].cursor) == {"mode": "changes", "after": T0}, "from the newest update met"


@pytest.mark.parametrize("count", [150, 1_200])
def test_a_whole_catalog_of_one_second_is_not_read_again(count: int) -> None:
    bench, http = scripted(Search([product(n, END - 20) for n in range(count)]))
    *_, last = bench.connector().pull_listings(None)
    sent = len(http.sent)

    assert ids(bench, last.cursor) == []
    assert len(http.sent) == sent + 1


@pytest.mark.parametrize("count", [150, 1_200])
def test_a_catalog_that_was_just_listed_is_not_read_again(count: int) -> None:
    bench, http = scripted(Search([product(n, END - 170 + n % 160) for n in range(count)]))
    *_, last = bench.connector().pull_listings(None)
    sent = len(http.sent)

    assert len(ids(bench, last.cursor)) <= 100
    assert len(http.sent) == sent + 1


def test_a_sweep_turns_pages_inside_a_window_and_can_be_resumed_there() -> None:
    bench, _ = scripted(Search([product(n, T0 + n) for n in range(5)], page=2))
    first = next(iter(bench.connector().pull_listings(None)))

    rest = list(bench.connector().pull_listings(first.cursor))

    assert [p.channel_id for p in first.records] == ["0", "1"]
    assert [p.channel_id for page in rest for p in page.records] == ["2", "3", "4"]
    assert rest[-1].completes_sweep


def test_a_token_that_ran_out_starts_its_window_again() -> None:
    search = Search([product(n, T0 + n) for n in range(3)], page=2)
    bench, _ = scripted(
        lambda s: refusal(36009004, "page_token") if s.query.get("page_token") == "old" else search(s)
    )
    cursor = Cursor(json.dumps({"mode": "sweep", "began": END, "windows": [[T0, END]], "token": "old"}))

    assert ids(bench, cursor) == ["0", "1", "2"]


def test_a_window_with_too_many_products_is_split() -> None:
    bench, _ = scripted(Search([product(n, T0 + n * 1000) for n in range(40)], refuses_above=15))

    assert sorted(map(int, ids(bench))) == list(range(40))


def test_many_changes_are_read_in_windows_of_one_page_each() -> None:
    """A product that changes while pages are turned would shift its neighbours to a page already read."""
    bench, http = scripted(Search([product(n, T0 + n) for n in range(250)]))
    cursor = Cursor(json.dumps({"mode": "changes", "after": T0}))

    assert sorted(map(int, ids(bench, cursor))) == list(range(250))
    assert all("page_token" not in sent.query for sent in http.sent)


def test_more_changes_in_one_second_than_fit_a_page_are_read_by_token() -> None:
    bench, _ = scripted(Search([product(n, T0) for n in range(150)]))
    cursor = Cursor(json.dumps({"mode": "changes", "after": T0 - 80}))

    assert len(set(ids(bench, cursor))) == 150


def test_nothing_new_costs_one_call_and_gives_one_page() -> None:
    bench, http = scripted(Search([]))
    cursor = Cursor(json.dumps({"mode": "changes", "after": END - 240}))

    pages = list(bench.connector().pull_listings(cursor))

    assert len(http.sent) == 1
    assert http.sent[0].body == {"status": "ALL", "update_time_ge": END - 240}
    assert [page.records for page in pages] == [()]


def test_the_reasons_of_a_failed_review_are_read_once_a_version() -> None:
    failed = product(1, status="FAILED", audit={"status": "FAILED"})
    search = Search([failed, product(2)])
    bench, _ = scripted(search)

    first = next(iter(bench.connector().pull_listings(None))).records
    list(bench.connector().pull_listings(None))
    failed["update_time"] += 1
    list(bench.connector().pull_listings(None))

    assert search.details == ["1", "1"]
    assert first[0].state is ListingState.REFUSED
    assert first[0].state_reasons == ("Main images: Blurred (suggested: Sharpen it)",)
    assert first[1].state_reasons == ()


def test_a_refused_edit_is_told_though_the_old_version_stays_live() -> None:
    bench, _ = scripted(Search([product(1, audit={"status": "FAILED"})]))

    listing = next(iter(bench.connector().pull_listings(None))).records[0]

    assert listing.state is ListingState.LIVE
    assert listing.state_reasons


def test_a_product_is_found_though_the_platforms_clock_is_ahead() -> None:
    bench, _ = scripted(Search([product(1, END + 3600)]))

    assert ids(bench) == ["1"]
    assert ids(bench, Cursor(json.dumps({"mode": "changes", "after": END}))) == ["1"]


def test_a_search_that_repeats_its_token_is_an_error() -> None:
    bench, _ = scripted(lambda _: {"products": [], "next_page_token": "again"})

    with pytest.raises(ProtocolError, match="twice"):
        ids(bench)
