"""Stock goes out product by product, and each SKU gets its own answer."""

from __future__ import annotations

from typing import Any

from connectors.tiktok_shop.tiktok_bench import Sent, refusal, scripted
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected


def change(product: str, sku: str, **quantities: int) -> Change[StockTarget]:
    places = tuple((ChannelId(place), units) for place, units in quantities.items())
    return Change(f"k-{sku}", StockTarget(ChannelId(product), ChannelId(sku), ChannelSku(sku), places))


def by_key(outcomes: Any) -> dict[str, Outcome]:
    return {outcome.key: outcome for outcome in outcomes}


def error(sku: str, code: int, *extra: dict[str, Any], message: str = "Check failed") -> dict[str, Any]:
    return {"code": code, "message": message, "detail": {"sku_id": sku, "extra_errors": list(extra)}}


def test_one_call_carries_all_skus_of_a_product_however_they_arrive() -> None:
    bench, http = scripted(lambda _: {})

    outcomes = by_key(
        bench.connector().push_inventory(
            [change("p", "a", w=1), change("q", "c", w=3), change("p", "b", w=2)]
        )
    )

    assert [sent.path.split("/")[4] for sent in http.sent] == ["p", "q"]
    assert http.sent[0].body == {
        "skus": [
            {"id": "a", "inventory": [{"warehouse_id": "w", "quantity": 1}]},
            {"id": "b", "inventory": [{"warehouse_id": "w", "quantity": 2}]},
        ]
    }
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes.values())


def test_a_refused_sku_does_not_hold_back_the_others_and_keeps_its_nested_reason() -> None:
    nested = {"warehouse_id": "w", "code": 12052144, "message": "Platform warehouse"}
    bench, _ = scripted(lambda _: {"errors": [error("b", 12052990, nested)]})

    outcomes = by_key(bench.connector().push_inventory([change("p", "a", w=1), change("p", "b", w=2)]))

    assert isinstance(outcomes["k-a"], Confirmed)
    refused = outcomes["k-b"]
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.reason) == ("12052144", "Platform warehouse (warehouse w)")
    assert refused.fix


def test_forgotten_warehouses_are_read_and_set_to_zero_once() -> None:
    stock = {
        "id": "a",
        "warehouse_inventory": [{"warehouse_id": w, "available_quantity": 4} for w in ("v", "w")],
    }

    def script(sent: Sent) -> Any:
        if sent.path.endswith("/inventory/search"):
            return {"inventory": [{"product_id": "p", "skus": [stock]}]}
        named = {entry["warehouse_id"] for entry in sent.body["skus"][0]["inventory"]}
        return {} if named == {"v", "w"} else {"errors": [error("a", 12019028)]}

    bench, http = scripted(script)

    first = by_key(bench.connector().push_inventory([change("p", "a", w=7)]))
    calls = len(http.sent)
    second = by_key(bench.connector().push_inventory([change("p", "a", w=6)]))

    assert isinstance(first["k-a"], Confirmed)
    assert isinstance(second["k-a"], Confirmed)
    assert (calls, len(http.sent)) == (3, 4)
    assert http.sent[2].body["skus"][0]["inventory"] == [
        {"warehouse_id": "v", "quantity": 0},
        {"warehouse_id": "w", "quantity": 7},
    ]


def test_a_refusal_of_the_whole_call_for_its_warehouses_is_mended_too() -> None:
    stock = {"id": "a", "warehouse_inventory": [{"warehouse_id": "w", "available_quantity": 4}]}
    answers = iter([refusal(12052037, "extra warehouse"), {"inventory": [{"skus": [stock]}]}, {}])
    bench, _ = scripted(lambda _: next(answers))

    outcomes = by_key(bench.connector().push_inventory([change("p", "a", w=7, gone=0)]))

    assert isinstance(outcomes["k-a"], Confirmed)


def test_units_for_a_warehouse_that_the_sku_does_not_have_are_reported() -> None:
    stock = {"id": "a", "warehouse_inventory": [{"warehouse_id": "w", "available_quantity": 4}]}
    answers = iter([refusal(12052097, "no warehouse"), {"inventory": [{"skus": [stock]}]}, {}])
    bench, http = scripted(lambda _: next(answers))

    outcome = by_key(bench.connector().push_inventory([change("p", "a", w=7, v=2)]))["k-a"]

    assert isinstance(outcome, Rejected)
    assert "2 in v" in outcome.reason
    assert http.sent[-1].body["skus"][0]["inventory"] == [{"warehouse_id": "w", "quantity": 7}]


def test_a_refused_product_does_not_hold_back_the_others() -> None:
    bench, _ = scripted(lambda s: refusal(12052901, "deleted") if "/p/" in s.path else {})

    outcomes = by_key(bench.connector().push_inventory([change("p", "a", w=1), change("q", "b", w=1)]))

    assert isinstance(outcomes["k-a"], Rejected)
    assert isinstance(outcomes["k-b"], Confirmed)


def test_quantities_stay_within_what_the_platform_takes() -> None:
    bench, http = scripted(lambda _: {})

    list(bench.connector().push_inventory([change("p", "a", v=-3, w=123_456)]))

    assert [entry["quantity"] for entry in http.sent[0].body["skus"][0]["inventory"]] == [0, 99_999]


def test_what_cannot_be_sent_is_rejected_without_a_call() -> None:
    bench, http = scripted(lambda _: {})

    outcomes = list(bench.connector().push_inventory([change("", "a", w=1), change("p", "b")]))

    assert [type(outcome) for outcome in outcomes] == [Rejected, Rejected]
    assert http.sent == []


def test_offered_stock_is_read_in_few_calls_and_sorted_by_warehouse() -> None:
    def script(sent: Sent) -> Any:
        levels = [{"warehouse_id": w, "available_quantity": q} for w, q in (("w", 5), ("v", 2))]
        return {
            "inventory": [{"skus": [{"id": i, "warehouse_inventory": levels} for i in sent.body["sku_ids"]]}]
        }

    bench, http = scripted(script)
    targets = [change("p", f"s{n}", w=0).desired for n in range(601)]

    offered = dict(bench.connector().read_offered(targets))

    assert len(http.sent) == 2
    assert len(offered) == 601
    assert offered[ChannelId("s600")] == (("v", 2), ("w", 5))
