"""Editing products that are there: only what differs, and never a SKU lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.push_bench import IMAGE, Platform, change, push, written
from connectors.tiktok_shop.tiktok_bench import listable, refusal, scripted, variant
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Confirmed, Rejected

RED = {
    "id": "7",
    "seller_sku": "A",
    "price": {"currency": "USD", "sale_price": "20"},
    "sales_attributes": [{"id": "100000", "name": "Color", "value_id": "31", "value_name": "Red"}],
}
THEIRS = {
    "id": "8",
    "seller_sku": "THEIRS",
    "price": {"currency": "USD", "sale_price": "99"},
    "sales_attributes": [{"id": "100000", "name": "Color", "value_id": "32", "value_name": "Gold"}],
}


def detail(**more: Any) -> dict[str, Any]:
    chain = [{"id": "9", "local_name": "Bags"}, {"id": "905", "local_name": "Totes", "is_leaf": True}]
    return {"id": "900", "status": "ACTIVATE", "category_chains": chain, "skus": [RED, THEIRS], **more}


def known(price: str = "20.00", *more: ListableVariant, title: str = "Canvas tote bag") -> Listable:
    red = variant("A", ("Color", "Red"), price=price, channel_id="7")
    return listable(red, *more, title=title, images=(IMAGE,), others=("8",))


def test_an_edit_sends_content_without_skus_and_keeps_the_category() -> None:
    (outcome,), http = push(Platform(detail=detail()), change(known(), "900"))

    (edit,) = [s for s in http.sent if s.path.endswith("/partial_edit")]
    assert edit.path == "/product/202509/products/900/partial_edit"
    assert "skus" not in edit.body
    assert "/product/202309/categories/905/attributes" in http.paths()
    assert isinstance(outcome, Confirmed)
    assert (outcome.is_new, outcome.links) == (False, (("hub-A", ChannelId("7")),))


def test_equal_content_is_not_sent_again_since_it_would_start_a_review() -> None:
    bench, http = scripted(Platform(detail=detail()))
    connector = bench.connector(products="push")
    list(connector.push_products([change(known(), "900")]))
    http.sent.clear()

    list(connector.push_products([change(known(), "900")]))
    unchanged = written(http)
    list(connector.push_products([change(known(title="Canvas tote bag, large"), "900")]))

    assert unchanged == []
    assert written(http)[-1].body["title"] == "Canvas tote bag, large"


def test_equal_content_is_sent_again_after_a_failed_review() -> None:
    platform = Platform(detail=detail())
    bench, http = scripted(platform)
    connector = bench.connector(products="push")
    list(connector.push_products([change(known(), "900")]))
    platform.detail = detail(audit={"status": "FAILED"})
    http.sent.clear()

    list(connector.push_products([change(known(), "900")]))

    assert [s.path.rpartition("/")[2] for s in written(http)] == ["partial_edit"]


@pytest.mark.parametrize(("audit", "edits"), [("APPROVED", ["partial_edit"]), ("AUDITING", [])])
def test_a_title_that_was_changed_in_seller_center_is_set_right_once_no_review_runs(
    audit: str, edits: list[str]
) -> None:
    platform = Platform(detail=detail())
    bench, http = scripted(platform)
    connector = bench.connector(products="push")
    list(connector.push_products([change(known(), "900")]))
    platform.detail = detail(title="Vandal", audit={"status": audit})
    http.sent.clear()

    list(connector.push_products([change(known(), "900")]))

    assert [s.path.rpartition("/")[2] for s in written(http)] == edits


def test_a_price_of_a_live_product_goes_by_its_own_call_for_changed_skus_only() -> None:
    _, http = push(Platform(detail=detail()), change(known("18.50"), "900"))

    assert http.sent[-1].path.endswith("/900/prices/update")
    assert http.sent[-1].body == {"skus": [{"id": "7", "price": {"amount": "18.50", "currency": "USD"}}]}


def test_a_new_variant_is_added_and_no_sku_is_lost() -> None:
    sand = variant("B", ("Color", "Sand"))

    (outcome,), http = push(Platform(detail=detail()), change(known("18.50", sand), "900"))

    (edit,) = [s for s in http.sent if s.path.endswith("/partial_edit")]
    assert [sku.get("id") for sku in edit.body["skus"]] == ["7", "8", None]
    assert edit.body["skus"][0]["price"] == {"amount": "18.50", "currency": "USD"}
    assert not {"price", "inventory"} & set(edit.body["skus"][1])
    assert edit.body["skus"][2]["sales_attributes"] == [
        {"id": "100000", "name": "Color", "value_name": "Sand"}
    ]
    assert ("hub-B", ChannelId("id-B")) in outcome.links


def test_a_price_of_a_product_that_is_not_live_goes_with_the_whole_list_of_skus() -> None:
    _, http = push(Platform(detail=detail(status="FAILED")), change(known("18.50"), "900"))

    assert [sku["id"] for sku in http.sent[-1].body["skus"]] == ["7", "8"]
    assert not any(path.endswith("/prices/update") for path in http.paths())


def test_attributes_that_the_product_has_already_stay() -> None:
    present = [{"id": "5", "name": "Occasion", "values": [{"id": "51", "name": "Birthday"}]}]
    required = {"id": "5", "name": "Occasion", "type": "PRODUCT_PROPERTY", "is_requried": True}
    platform = Platform(detail=detail(product_attributes=present), attributes=[required])

    (outcome,), http = push(platform, change(known(), "900"))

    assert isinstance(outcome, Confirmed)
    assert written(http)[-1].body["product_attributes"] == [{"id": "5", "values": [{"id": "51"}]}]


@pytest.mark.parametrize(("status", "words"), [("FREEZE", "blocked"), ("DELETED", "deleted")])
def test_a_blocked_or_deleted_product_is_not_edited(status: str, words: str) -> None:
    (outcome,), http = push(Platform(detail=detail(status=status)), change(known(), "900"))

    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert written(http) == []


def test_a_price_that_a_promotion_locks_is_told_with_its_code() -> None:
    platform = Platform(detail=detail(), **{"/prices/update": refusal(12052038, "locked by a promotion")})

    (outcome,), _ = push(platform, change(known("18.50"), "900"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "12052038"
    assert "promotion" in outcome.fix
    assert outcome.again_in == timedelta(days=1)


def test_a_renamed_sku_is_renamed_there_and_stays_the_same_sku() -> None:
    renamed = listable(variant("A-2", ("Color", "Red"), channel_id="7"), images=(IMAGE,), others=("8",))

    (outcome,), http = push(Platform(detail=detail()), change(renamed, "900"))

    (edit,) = [s for s in http.sent if s.path.endswith("/partial_edit")]
    assert [(sku["id"], sku["seller_sku"]) for sku in edit.body["skus"]] == [("7", "A-2"), ("8", "THEIRS")]
    assert isinstance(outcome, Confirmed)


def test_a_sku_that_a_renamed_variant_gave_up_goes_to_the_new_variant_and_each_keeps_its_own() -> None:
    renamed = variant("A-2", ("Color", "Red"), channel_id="7")
    fresh = variant("A", ("Color", "Sand"))

    (outcome,), http = push(
        Platform(detail=detail()), change(listable(renamed, fresh, images=(IMAGE,), others=("8",)), "900")
    )

    (edit,) = [s for s in http.sent if s.path.endswith("/partial_edit")]
    assert [(sku.get("id"), sku["seller_sku"]) for sku in edit.body["skus"]] == [
        ("7", "A-2"),
        ("8", "THEIRS"),
        (None, "A"),
    ]
    assert isinstance(outcome, Confirmed)
    assert ("hub-A", ChannelId("id-A")) in outcome.links
