"""Products that lack something: drafts that say what, submitted once it is there; brands; the daily limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.push_bench import GOOD, IMAGE, Platform, change, push, written
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, scripted, simulated_shop, variant
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Postponed, Rejected

OCCASION = {"id": "5", "name": "Occasion", "type": "PRODUCT_PROPERTY", "is_requried": True}
CHART = {"size_chart": {"is_supported": True, "is_required": True}}


@pytest.fixture
def shop() -> Iterator[SimulatedShop]:
    with simulated_shop() as made:
        yield made


def hoodie(shop: SimulatedShop, **more: Any) -> Listable:
    """Its category asks for the attribute Fabric."""
    size = variant("HOODIE-S", ("Color", "Red"))
    return listable(size, title="Cotton hoodie", images=(f"{shop.images}/hoodie-800x800.jpg",), **more)


def send(shop: SimulatedShop, desired: Listable, channel_id: str | None = None, **settings: Any) -> Outcome:
    place = ChannelId(channel_id) if channel_id else None
    connector = shop.connector(products="push", **settings)
    (outcome,) = connector.push_products([Change("p1", desired, place, fingerprint="1")])
    return outcome


def status(shop: SimulatedShop, product_id: str) -> str:
    return shop.simulator.shop.tables.products[product_id].status


def made_draft(shop: SimulatedShop) -> Confirmed:
    outcome = send(shop, hoodie(shop))
    assert isinstance(outcome, Confirmed)
    return outcome


def test_a_product_that_lacks_an_attribute_is_a_draft_that_says_which(shop: SimulatedShop) -> None:
    made = made_draft(shop)

    assert status(shop, made.channel_id) == "DRAFT"
    assert "the attribute Fabric (such as Cotton, Wool) of category Hoodies" in made.lacks
    assert "attribute_defaults" in made.fix


def test_a_draft_is_submitted_once_it_is_complete(shop: SimulatedShop) -> None:
    made = made_draft(shop)

    outcome = send(shop, hoodie(shop), made.channel_id, attribute_defaults={"Fabric": "Cotton"})

    assert isinstance(outcome, Confirmed)
    assert (outcome.lacks, status(shop, made.channel_id)) == ("", "PENDING")


def test_a_draft_that_still_lacks_the_same_is_not_written_again(shop: SimulatedShop) -> None:
    made = made_draft(shop)
    since = shop.simulator.journal.last_number

    again = send(shop, hoodie(shop), made.channel_id)

    assert isinstance(again, Confirmed)
    assert "Fabric" in again.lacks
    assert not shop.calls("partial_edit", since=since)


def test_a_draft_that_was_completed_in_seller_center_lacks_nothing(shop: SimulatedShop) -> None:
    made = made_draft(shop)
    shop.do(f"/products/{made.channel_id}/status", status="ACTIVATE")
    product = shop.simulator.shop.tables.products[made.channel_id]
    assert not product.content.attributes

    outcome = send(shop, hoodie(shop), made.channel_id, attribute_defaults={"Fabric": "Wool"})

    assert isinstance(outcome, Confirmed)
    assert not outcome.lacks


def test_incomplete_products_stay_in_the_hub_where_that_is_set(shop: SimulatedShop) -> None:
    outcome = send(shop, hoodie(shop), incomplete_products="Keep back")

    assert isinstance(outcome, Rejected)
    assert "Fabric" in outcome.reason
    assert not shop.simulator.shop.tables.products


def test_a_platform_that_takes_no_incomplete_draft_leaves_the_product_in_the_hub(
    shop: SimulatedShop,
) -> None:
    shop.do("/switches", drafts_need_everything=True)

    outcome = send(shop, hoodie(shop))

    assert isinstance(outcome, Rejected)
    assert "Fabric" in outcome.reason
    assert outcome.code == "12052104"


def test_without_minimal_data_there_is_no_draft_either() -> None:
    (outcome,), http = push(Platform(attributes=[OCCASION]), change(listable(variant("A"), images=())))

    assert isinstance(outcome, Rejected)
    assert "no image" in outcome.reason
    assert "the attribute Occasion" in outcome.reason
    assert written(http) == []


def test_papers_make_a_draft_until_seller_center_has_them() -> None:
    certificate = {"id": "1", "name": "Toy safety", "is_required": True}
    platform = Platform(rules={"product_certifications": [certificate], **CHART})

    (made,), http = push(platform, change(GOOD))
    kept = {"id": "900", "status": "DRAFT", "skus": [{"id": "id-A", "seller_sku": "A"}]}
    platform.detail = kept | {"certifications": [{"id": "1"}], "size_chart": {"image": {"uri": "u"}}}
    (complete,), edits = push(platform, change(GOOD, "900"))

    assert isinstance(made, Confirmed)
    assert (made.lacks, "Seller Center" in made.fix) == ("the certificate Toy safety; a size chart", True)
    assert http.sent[-1].body["save_mode"] == "AS_DRAFT"
    assert isinstance(complete, Confirmed)
    assert not complete.lacks
    assert [s.body["save_mode"] for s in edits.sent if s.path.endswith("/partial_edit")] == ["LISTING"]


def test_a_certificate_may_be_required_only_along_with_a_value() -> None:
    when = {"condition_type": "VALUE_ID_MATCH", "attribute_id": "5", "attribute_value_id": "51"}
    certificate = {"id": "1", "name": "Battery test", "requirement_conditions": [when]}
    battery = OCCASION | {
        "name": "Battery",
        "values": [{"id": "51", "name": "Yes"}, {"id": "52", "name": "No"}],
    }
    platform = Platform(attributes=[battery], rules={"product_certifications": [certificate]})

    (with_one,), _ = push(platform, change(GOOD), attribute_defaults={"Battery": "Yes"})
    (without,), _ = push(platform, change(GOOD), attribute_defaults={"Battery": "No"})

    assert [with_one.lacks, without.lacks] == ["the certificate Battery test", ""]


def test_a_live_product_that_lacks_something_is_no_draft() -> None:
    live = {"id": "900", "status": "ACTIVATE", "skus": [{"id": "7", "seller_sku": "A"}]}

    (outcome,), http = push(Platform(detail=live, attributes=[OCCASION]), change(GOOD, "900"))

    assert isinstance(outcome, Rejected)
    assert written(http) == []


# Brands


def bag(shop: SimulatedShop, brand: str) -> Listable:
    images = (f"{shop.images}/bag-800x800.jpg",)
    return listable(variant("BAG"), title="Shopper bag", images=images, brand=brand)


def test_a_brand_is_named_by_its_id(shop: SimulatedShop) -> None:
    made = send(shop, bag(shop, "northwind"))

    assert isinstance(made, Confirmed)
    product = shop.simulator.shop.tables.products[made.channel_id]
    assert product.content.brand_id == "7082427311584347906"
    assert "once it is authorized" in made.notes[0]


def test_an_unknown_brand_is_left_out_with_a_note_and_asked_for_once_a_day(shop: SimulatedShop) -> None:
    made = send(shop, bag(shop, "Nobody's"))
    assert isinstance(made, Confirmed)
    send(shop, bag(shop, "Nobody's"), made.channel_id)

    assert "The brand Nobody's is not among TikTok Shop's" in made.notes[0]
    assert len(shop.calls("/brands")) == 1


def test_a_brand_that_needs_an_authorization_makes_a_draft_until_the_shop_has_it(shop: SimulatedShop) -> None:
    made = send(shop, bag(shop, "Aurelia"))
    assert isinstance(made, Confirmed)
    shop.do("/switches", brands_are_authorized=True)
    shop.bench.memory.kept.clear()

    outcome = send(shop, bag(shop, "Aurelia"), made.channel_id)

    assert made.lacks == "an authorization to sell the brand Aurelia"
    assert isinstance(outcome, Confirmed)
    assert (outcome.lacks, status(shop, made.channel_id)) == ("", "PENDING")


# The daily limit


def test_the_merchants_own_limit_holds_back_creates_until_the_next_day() -> None:
    bench, http = scripted(Platform())
    now = [datetime(2026, 11, 24, 22, 30, tzinfo=UTC)]
    bench.clock = lambda: now[0]

    def outcomes(*keys: str) -> list[Outcome]:
        changes = [
            Change(key, listable(variant(key), images=(IMAGE,), product_id=key), fingerprint=key)
            for key in keys
        ]
        return list(bench.connector(products="push", daily_upload_limit=2).push_products(changes))

    first = outcomes("A", "B", "C")
    later = outcomes("C", "D")
    now[0] += timedelta(hours=2)
    tomorrow = outcomes("C", "D", "E")

    assert [type(each) for each in first] == [Confirmed, Confirmed, Postponed]
    assert [each.again_in for each in later if isinstance(each, Postponed)] == [timedelta(minutes=90)] * 2
    assert [type(each) for each in tomorrow] == [Confirmed, Confirmed, Postponed]
    assert sum(path.endswith("/202309/products") for path in http.paths()) == 4


def test_a_create_whose_answer_was_lost_counts_and_looks_first_in_spite_of_the_limit() -> None:
    there = {"id": "900", "status": "PENDING", "skus": [{"id": "7", "seller_sku": "A"}]}
    bench, _ = scripted(
        Platform(search={"products": [there]}, **{"202309/products": UnavailableError("reset")})
    )
    connector = bench.connector(products="push", daily_upload_limit=1)
    with pytest.raises(UnavailableError):
        list(connector.push_products([change(GOOD)]))

    found, other = connector.push_products([change(GOOD, is_unclear=True), change(GOOD)])

    assert isinstance(found, Confirmed)
    assert isinstance(other, Postponed)
