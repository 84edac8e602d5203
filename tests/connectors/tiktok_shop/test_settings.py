"""The settings under their exact labels, and what they mean to the hub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import CREDENTIALS, FACTS, scripted
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.settings import described
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.sync import Entity


def connector(facts: dict[str, str] | None = None, **settings: Any) -> Any:
    bench, _ = scripted(lambda _: {}, facts=facts or FACTS)
    return bench.connector(**settings)


def test_the_product_setting_has_its_label_and_exactly_three_options() -> None:
    (products,) = [one for one in described(TikTokShopSettings) if one.key == "products"]

    assert products.title == "Process product catalog updates"
    assert [label for _, label in products.choices] == [
        "Pull products from TikTok Shop",
        "Push products to TikTok Shop",
        "Disabled",
    ]


def test_everything_is_off_by_default() -> None:
    assert not any(connector().flows().values())


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"orders": True},
            {
                ("pull", Entity.ORDERS),
                ("pull", Entity.LISTINGS),
                ("push", Entity.REFERENCES),
                ("pull", Entity.CANCELLATIONS),
                ("push", Entity.CANCELLATIONS),
            },
        ),
        ({"locations": True}, {("pull", Entity.LOCATIONS)}),
        (
            {"inventory": True},
            {
                ("pull", Entity.LOCATIONS),
                ("pull", Entity.LISTINGS),
                ("push", Entity.INVENTORY),
                ("pull", Entity.DRIFT),
            },
        ),
        (
            {"products": "Push products to TikTok Shop"},
            {
                ("pull", Entity.LOCATIONS),
                ("pull", Entity.LISTINGS),
                ("push", Entity.PRODUCTS),
                ("pull", Entity.DRIFT),
            },
        ),
        ({"products": "pull"}, {("pull", Entity.PRODUCTS)}),
    ],
)
def test_each_setting_switches_on_what_it_needs(settings: dict[str, Any], expected: set[Any]) -> None:
    assert {flow for flow, is_on in connector(**settings).flows().items() if is_on} == expected


@pytest.mark.parametrize("region", ["DE", "JP", "MX"])
def test_products_are_not_pushed_outside_us_and_uk(region: str) -> None:
    refusal = connector(FACTS | {"region": region}, products="push").refusal("push", Entity.PRODUCTS)

    assert region in refusal
    assert "maintain the catalog in TikTok Shop" in refusal


@pytest.mark.parametrize("region", ["US", "GB", "UK"])
def test_products_are_pushed_in_us_and_uk(region: str) -> None:
    assert connector(FACTS | {"region": region}).refusal("push", Entity.PRODUCTS) is None


def test_other_flows_run_in_every_region() -> None:
    german = connector(FACTS | {"region": "DE"})

    assert german.refusal("push", Entity.INVENTORY) is None
    assert german.refusal("pull", Entity.ORDERS) is None


def test_where_products_are_pulled_their_listings_need_no_reading_of_their_own() -> None:
    flows = connector(products="pull", orders=True, inventory=True).flows()

    assert flows["pull", Entity.PRODUCTS]
    assert not flows["pull", Entity.LISTINGS]
    assert not flows["push", Entity.PRODUCTS]
    assert connector(FACTS | {"region": "DE"}, products="pull").refusal("pull", Entity.PRODUCTS) is None


def test_listings_are_read_for_orders_alone_too() -> None:
    assert connector(orders=True).flows()["pull", Entity.LISTINGS]
    assert not connector().flows()["pull", Entity.LISTINGS]


def test_special_orders_are_held_or_left_out() -> None:
    special = {"sample", "replacement", "exchange"}

    assert connector(special_orders="Hold for review").rules().holds_tags == special
    assert connector(special_orders="leave_out").rules().leaves_out_tags == special
    assert connector(fulfilled_by_tiktok="leave_out").rules().leaves_out_tags == {"fbt"}
    assert connector().rules().leaves_out_tags == connector().rules().holds_tags == set()


def test_scopes_and_maps_reach_the_rules_as_typed() -> None:
    rules = connector(
        product_skus=[" A "],
        inventory_skus=["B"],
        order_ids=[577],
        warehouse_map={"Main": "706"},
        unmapped_locations="nowhere",
        inventory_buffer=2,
        untracked_quantity=9,
        ignore_orders_created_before="2026-11-01",
    ).rules()

    assert (rules.product_skus, rules.inventory_skus, rules.order_ids) == ({" A "}, {"B"}, {"577"})
    assert (rules.warehouse_map, rules.unmapped_to_default) == ({"Main": "706"}, False)
    assert (rules.inventory_buffer, rules.untracked_quantity) == (2, 9)
    assert rules.ignore_orders_before == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"default_package_weight": "heavy"}, "looks like 1.5 lb"),
        ({"default_package_size": "12x10"}, "looks like 12x10x2 in"),
        ({"products": "both"}, "choose one of"),
        ({"inventory_buffer": -1}, "greater than or equal to 0"),
        ({"colour": 1}, "no such field"),
    ],
)
def test_a_bad_setting_is_refused_with_what_would_be_good(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        TikTokShopSettings.parse(settings)


def test_credentials_default_to_the_real_hosts_and_show_no_secret() -> None:
    credentials = TikTokShopCredentials.parse(CREDENTIALS)

    assert credentials.api_base == "https://open-api.tiktokglobalshop.com"
    assert credentials.token_base == "https://auth.tiktok-shops.com"
    assert "hush-hush" not in str(credentials.shown())


def test_settings_survive_being_stored() -> None:
    settings = TikTokShopSettings.parse({"products": "push", "category_map": {"Mugs": "1"}, "orders": True})

    assert TikTokShopSettings.parse(settings.as_values()) == settings
