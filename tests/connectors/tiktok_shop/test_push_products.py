"""Pushing new products: checked first, created once, linked by SKU."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.push_bench import GOOD, IMAGE, Platform, change, push, written
from connectors.tiktok_shop.tiktok_bench import FACTS, Sent, listable, refusal, scripted, variant
from crossdock.connectors.errors import UnavailableError
from crossdock.connectors.http import Answer
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Confirmed, Postponed, Rejected, Unclear

KEPT_BACK = {"incomplete_products": "keep_back"}


def test_a_new_product_is_created_whole_and_linked_by_sku() -> None:
    tote = listable(
        variant("A", ("Color", "Red"), image_url=IMAGE), variant("B", ("Color", "Sand")), images=(IMAGE,)
    )

    (outcome,), http = push(Platform(), change(tote, fingerprint="f"))

    body = http.sent[-1].body
    key = body.pop("idempotency_key")
    assert body == {
        "save_mode": "LISTING",
        "title": "Canvas tote bag",
        "description": "<p>A bag of heavy cotton.</p>",
        "category_id": "904",
        "category_version": "v2",
        "main_images": [{"uri": "uri-1"}],
        "package_weight": {"value": "1.00", "unit": "POUND"},
        "package_dimensions": {"length": "10", "width": "10", "height": "10", "unit": "INCH"},
        "external_product_id": "p1",
        "skus": [
            {
                "seller_sku": "A",
                "external_sku_id": "hub-A",
                "price": {"amount": "20.00", "currency": "USD"},
                "inventory": [{"warehouse_id": "7068517275539719942", "quantity": 5}],
                "sales_attributes": [{"id": "100000", "value_id": "11", "sku_img": {"uri": "uri-2"}}],
            },
            {
                "seller_sku": "B",
                "external_sku_id": "hub-B",
                "price": {"amount": "20.00", "currency": "USD"},
                "inventory": [{"warehouse_id": "7068517275539719942", "quantity": 5}],
                "sales_attributes": [{"id": "100000", "value_name": "Sand"}],
            },
        ],
    }
    assert 0 < len(key) <= 128
    assert outcome == Confirmed(
        "p1",
        ChannelId("900"),
        links=(("hub-A", ChannelId("id-A")), ("hub-B", ChannelId("id-B"))),
        is_new=True,
        notes=("Brand was cleared",),
        request_id="r1",
    )


def test_the_same_state_has_the_same_idempotency_key_and_another_state_another() -> None:
    keys = [
        push(Platform(), change(GOOD, fingerprint=fingerprint))[1].sent[-1].body["idempotency_key"]
        for fingerprint in ("f", "f", "g")
    ]

    assert keys[0] == keys[1] != keys[2]


def test_everything_missing_is_said_at_once_and_nothing_is_written() -> None:
    poor = listable(variant("A", price="0", weight=None), description="", images=())

    (outcome,), http = push(Platform(), change(poor))

    assert isinstance(outcome, Rejected)
    assert all(word in outcome.reason for word in ("no description", "no image", "no price", "no weight"))
    assert "Default package weight" in outcome.fix
    assert written(http) == []


@pytest.mark.parametrize("region", ["DE", "JP"])
def test_nothing_leaves_for_a_shop_outside_us_and_uk(region: str) -> None:
    bench, http = scripted(Platform(), facts=FACTS | {"region": region})

    (outcome,) = bench.connector(products="push").push_products([change(GOOD)])

    assert isinstance(outcome, Rejected)
    assert region in outcome.reason
    assert http.sent == []


def test_a_required_attribute_comes_from_the_settings_or_is_asked_for() -> None:
    occasion = {"id": "5", "name": "Occasion", "type": "PRODUCT_PROPERTY", "is_requried": True}

    (lacking,), http = push(Platform(attributes=[occasion]), change(GOOD), **KEPT_BACK)
    (given,), sent = push(
        Platform(attributes=[occasion]), change(GOOD), attribute_defaults={"occasion": "Birthday"}
    )

    assert isinstance(lacking, Rejected)
    assert "the attribute Occasion" in lacking.reason
    assert written(http) == []
    assert isinstance(given, Confirmed)
    assert sent.sent[-1].body["product_attributes"] == [{"id": "5", "values": [{"name": "Birthday"}]}]


def test_papers_that_the_hub_does_not_keep_lead_to_seller_center() -> None:
    rules = {"product_certifications": [{"id": "1", "name": "Toy safety", "is_required": True}]}

    (outcome,), http = push(Platform(rules=rules), change(GOOD), **KEPT_BACK)

    assert isinstance(outcome, Rejected)
    assert "Toy safety" in outcome.reason
    assert "Seller Center" in outcome.fix
    assert written(http) == []


def test_a_package_size_is_asked_for_where_the_category_requires_it() -> None:
    rules = {"package_dimension": {"is_required": True}}
    flat = listable(variant("A", dimensions=None), images=(IMAGE,))

    (lacking,), _ = push(Platform(rules=rules), change(flat), **KEPT_BACK)
    (given,), http = push(Platform(rules=rules), change(flat), default_package_size="12x10x2 in")

    assert isinstance(lacking, Rejected)
    assert "no package size" in lacking.reason
    assert isinstance(given, Confirmed)
    assert http.sent[-1].body["package_dimensions"]["length"] == "12"


def test_a_mapped_category_needs_no_advice() -> None:
    _, http = push(Platform(), change(GOOD), category_map={"bags": "77"})

    assert http.sent[-1].body["category_id"] == "77"
    assert not any(path.endswith("/recommend") for path in http.paths())


def test_the_default_category_serves_where_there_is_no_advice() -> None:
    silent = Platform(recommend=refusal(12019064, "nothing fits"))

    _, http = push(silent, change(GOOD), default_category="88")
    (outcome,), _ = push(silent, change(GOOD))

    assert http.sent[-1].body["category_id"] == "88"
    assert isinstance(outcome, Rejected)
    assert "no category fits" in outcome.reason


def test_advice_and_images_are_asked_for_once() -> None:
    bench, http = scripted(Platform())
    connector = bench.connector(products="push")

    list(connector.push_products([change(GOOD, fingerprint="f")]))
    list(connector.push_products([change(GOOD, fingerprint="g")]))

    paths = http.paths()
    assert sum(path.endswith("/recommend") for path in paths) == 1
    assert sum(path.endswith("/upload") for path in paths) == 1
    assert sum(path.endswith("/products") for path in paths) == 2


def test_the_same_picture_under_two_addresses_is_uploaded_once() -> None:
    two = listable(variant("A"), images=(IMAGE, IMAGE.replace("a.jpg", "b.jpg")))

    _, http = push(Platform(), change(two))

    assert sum(path.endswith("/upload") for path in http.paths()) == 1


def test_one_bad_image_is_left_out_and_noted_without_the_query_of_its_address() -> None:
    two = listable(variant("A"), images=("http://127.0.0.1:1/bad.jpg?key=secret", IMAGE))
    platform = Platform(**{"/bad.jpg": Answer(404, {}, b"")})

    (outcome,), http = push(platform, change(two))

    assert isinstance(outcome, Confirmed)
    assert http.sent[-1].body["main_images"] == [{"uri": "uri-1"}]
    assert "bad.jpg was left out" in outcome.notes[0]
    assert "secret" not in outcome.notes[0]


def test_without_any_good_image_the_product_waits() -> None:
    (outcome,), http = push(Platform(**{".jpg": UnavailableError("down")}), change(GOOD))

    assert isinstance(outcome, Rejected)
    assert "could not be loaded" in outcome.reason
    assert not any(path.endswith("/products") for path in http.paths())


def test_an_image_that_tiktok_shop_has_lost_is_uploaded_anew() -> None:
    def create(sent: Sent) -> Any:
        lost = sent.body["main_images"] == [{"uri": "uri-1"}]
        return refusal(12052722, "unknown uri") if lost else {"product_id": "900", "skus": []}

    (outcome,), http = push(Platform(**{"202309/products": create}), change(GOOD))

    assert isinstance(outcome, Confirmed)
    assert http.sent[-1].body["main_images"] == [{"uri": "uri-2"}]


def test_a_redirected_image_is_followed() -> None:
    platform = Platform(**{"/old.jpg": Answer(302, {"location": "/new.jpg"}, b"")})

    (outcome,), http = push(platform, change(listable(variant("A"), images=("http://127.0.0.1:1/old.jpg",))))

    assert isinstance(outcome, Confirmed)
    assert "/new.jpg" in http.paths()


def test_clothing_without_a_color_gets_one() -> None:
    shirt = listable(variant("S", ("Size", "S")), variant("M", ("Size", "M")), images=(IMAGE,))
    platform = Platform(recommend={"leaf_category_id": "601", "categories": [{"name": "Menswear"}]})

    _, http = push(platform, change(shirt))

    assert http.sent[-1].body["skus"][0]["sales_attributes"] == [
        {"id": "100000", "value_name": "One Color"},
        {"name": "Size", "value_name": "S"},
    ]


def test_a_single_sku_without_options_sends_no_attributes() -> None:
    _, http = push(Platform(), change(GOOD))

    assert "sales_attributes" not in http.sent[-1].body["skus"][0]


def test_a_create_after_a_lost_answer_looks_first_and_links() -> None:
    there = {"id": "900", "status": "PENDING", "skus": [{"id": "7", "seller_sku": "A"}]}

    (outcome,), http = push(Platform(search={"products": [there]}), change(GOOD, is_unclear=True))

    assert outcome == Confirmed("p1", ChannelId("900"), links=(("hub-A", ChannelId("7")),))
    assert written(http) == []


def test_a_create_after_a_lost_answer_goes_on_where_nothing_is_found() -> None:
    gone = {"id": "900", "status": "DELETED", "skus": [{"id": "7", "seller_sku": "A"}]}

    (outcome,), _ = push(Platform(search={"products": [gone]}), change(GOOD, is_unclear=True))

    assert isinstance(outcome, Confirmed)
    assert outcome.is_new


def test_several_products_with_our_skus_are_reported() -> None:
    there = [{"id": n, "status": "ACTIVATE", "skus": [{"id": "7", "seller_sku": "A"}]} for n in ("1", "2")]

    (outcome,), _ = push(Platform(search={"products": there}), change(GOOD, is_unclear=True))

    assert isinstance(outcome, Rejected)
    assert "1, 2" in outcome.reason


def test_an_external_id_that_is_taken_leads_to_the_product_that_has_it() -> None:
    there = {"id": "900", "status": "ACTIVATE", "skus": [{"id": "7", "seller_sku": "A"}]}
    platform = Platform(search={"products": [there]}, **{"202309/products": refusal(12052996, "taken")})

    (outcome,), _ = push(platform, change(GOOD))

    assert isinstance(outcome, Confirmed)
    assert not outcome.is_new


def test_a_shop_that_takes_the_newer_tree_only_is_believed_and_remembered() -> None:
    def create(sent: Sent) -> Any:
        v1 = sent.body["category_version"] == "v1"
        return refusal(12052217, "v2 only") if v1 else {"product_id": "900", "skus": []}

    pounds = listable(variant("A", currency="GBP"), images=(IMAGE,))
    bench, http = scripted(Platform(**{"202309/products": create}), facts=FACTS | {"region": "GB"})
    connector = bench.connector(products="push")

    (first,) = connector.push_products([change(pounds)])
    http.sent.clear()
    (second,) = connector.push_products([change(pounds)])

    assert isinstance(first, Confirmed)
    assert isinstance(second, Confirmed)
    assert [s.body["category_version"] for s in http.sent if s.path.endswith("/products")] == ["v2"]


def test_a_refused_product_does_not_hold_back_the_others() -> None:
    def create(sent: Sent) -> Any:
        refused = sent.body["title"] == "Cursed bag"
        return refusal(12052084, "forbidden word") if refused else {"product_id": "900", "skus": []}

    cursed = listable(variant("C"), title="Cursed bag", images=(IMAGE,))

    outcomes, _ = push(Platform(**{"202309/products": create}), change(cursed), change(GOOD))

    assert outcomes[0] == Rejected("p1", "forbidden word", code="12052084", request_id="r2")
    assert isinstance(outcomes[1], Confirmed)


def test_the_daily_quota_lets_edits_go_on_and_leaves_the_rest_for_later() -> None:
    present = {"id": "901", "status": "ACTIVATE", "skus": [{"id": "7", "seller_sku": "A"}]}
    platform = Platform(detail=present)
    creates: list[str] = []

    def script(sent: Sent) -> Any:
        if sent.path == "/product/202309/products":
            creates.append(sent.body["title"])
            return refusal(12052093, "listing limit reached")
        return platform(sent)

    bench, _ = scripted(script)
    edit = change(listable(variant("A", channel_id="7"), images=(IMAGE,)), "901")
    first, second, edited = bench.connector(products="push").push_products([change(GOOD), change(GOOD), edit])
    (next_run,) = bench.connector(products="push").push_products([change(GOOD)])

    assert isinstance(edited, Confirmed)
    for waiting in (first, second, next_run):
        assert isinstance(waiting, Postponed)
        assert "daily limit" in waiting.reason
        assert waiting.again_in == timedelta(hours=1)
    assert len(creates) == 1


def test_a_lost_answer_to_a_create_is_unclear() -> None:
    platform = Platform(**{"202309/products": UnavailableError("reset")})
    bench, _ = scripted(platform)
    outcomes = bench.connector(products="push").push_products([change(GOOD)])

    assert next(outcomes) == Unclear("p1", "reset")
    with pytest.raises(UnavailableError):
        next(outcomes)


def test_options_that_differ_by_case_only_are_no_two_variants() -> None:
    same = listable(variant("A", ("Color", "Red")), variant("B", ("Color", "red ")), images=(IMAGE,))

    (outcome,), http = push(Platform(), change(same))

    assert isinstance(outcome, Rejected)
    assert "equal options" in outcome.reason
    assert written(http) == []


def test_images_beyond_the_ninth_are_left_out_and_that_is_said() -> None:
    many = tuple(f"http://127.0.0.1:1/{number}.jpg" for number in range(11))

    (outcome,), _ = push(Platform(), change(listable(variant("A"), images=many)))

    assert isinstance(outcome, Confirmed)
    assert "The last 2 of its images were left out: TikTok Shop takes 9 a product" in outcome.notes
