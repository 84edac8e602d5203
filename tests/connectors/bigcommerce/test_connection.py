"""Connecting a store: its credentials, what the check finds out, and what the settings mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.bigcommerce.scripted import API_PATH, SECRETS, Reply, Request, connector, v3
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.settings import BigCommerceCredentials, BigCommerceSettings
from crossdock.connectors.contract import (
    CreatesOrders,
    DeactivatesProducts,
    PullsInventory,
    PullsListings,
    PullsLocations,
    PullsOrders,
    PullsProducts,
    PushesInventory,
    PushesProducts,
    SalesReport,
    SignsInByLink,
    TakesSalesReports,
)
from crossdock.connectors.errors import AccessMissingError, CredentialsError, SettingsError
from crossdock.connectors.settings import described
from crossdock.domain.sync import Entity

STORE = {
    "id": "abc123",
    "name": "Example Shop",
    "currency": "USD",
    "country_code": "US",
    "weight_units": "Ounces",
    "dimension_units": "Inches",
    "timezone": {"name": "America/Chicago"},
    "plan_name": "Pro",
    "logo": [],
}


@pytest.mark.parametrize(
    "text",
    [
        "https://api.bigcommerce.com/stores/abc123/v3/",
        "https://api.bigcommerce.com/stores/abc123/v3",
        "https://api.bigcommerce.com/stores/abc123/v2/",
        "https://api.bigcommerce.com/stores/abc123",
        "  https://api.bigcommerce.com/stores/abc123/ ",
    ],
)
def test_the_api_path_is_taken_as_the_control_panel_shows_it_or_shorter(text: str) -> None:
    path = ApiPath.parse(text)

    assert (path.v2, path.v3) == (
        "https://api.bigcommerce.com/stores/abc123/v2",
        "https://api.bigcommerce.com/stores/abc123/v3",
    )
    assert (path.store_hash, path.is_loopback) == ("abc123", False)


def test_the_api_path_may_name_another_host() -> None:
    path = ApiPath.parse("http://127.0.0.1:9001/stores/abc/v3/")

    assert (path.v2, path.is_loopback) == ("http://127.0.0.1:9001/stores/abc/v2", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc123",
        "https://api.bigcommerce.com/",
        "https://api.bigcommerce.com/stores/",
        "ftp://x/stores/a/v3",
    ],
)
def test_an_api_path_without_a_store_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="stores/abc123/v3") as caught:
        BigCommerceCredentials.parse({"api_path": text, **SECRETS})

    assert caught.value.field == "api_path"


def test_the_credentials_are_the_four_values_of_the_api_account_and_secrets_stay_hidden() -> None:
    credentials = BigCommerceCredentials.parse(
        {
            "API path": API_PATH,
            "Client ID": "the-client",
            "Client secret": "the-secret",
            "Access token": "the-token",
        }
    )

    assert credentials.as_stored() == {"api_path": API_PATH, **SECRETS}
    assert (credentials.shown()["client_secret"], credentials.shown()["access_token"]) == ("set", "set")
    assert "the-secret" not in repr(credentials)


def store_with(refused: dict[str, tuple[int, Any]]) -> Any:
    def answer(request: Request) -> Reply:
        if request.place in refused:
            return refused[request.place]
        if request.place == "/v2/store":
            return 200, STORE
        if request.place == "/v3/settings/inventory":
            flags = {"update_stock_behavior": "order_placed", "refund_order_stock_adjustment": True}
            return 200, {"data": flags, "meta": {}}
        return (204, None) if request.place.startswith("/v2") else (200, v3([]))

    return answer


def test_a_check_finds_out_what_the_hub_must_know_of_the_store() -> None:
    hub, http = connector(store_with({}))

    account = hub.check()

    assert (account.channel_id, account.name, account.currency) == ("abc123", "Example Shop", "USD")
    assert account.missing_access == ()
    assert account.facts.items() >= {
        ("weight_unit", "oz"),
        ("dimension_unit", "in"),
        ("stock_behavior", "order_placed"),
        ("refund_restocks", "true"),
        ("time_zone", "America/Chicago"),
        ("plan", "Pro"),
        ("store_hash", "abc123"),
        ("default_location", "1"),
    }
    assert {request.query.get("limit") for request in http.requests[1:5]} == {"1"}


def test_a_check_names_each_access_that_is_missing_and_how_to_grant_it() -> None:
    no_scope = (403, {"status": 403, "title": "You don't have a required scope", "errors": {}})
    hub, _ = connector(store_with({"/v2/orders": no_scope, "/v3/inventory/locations": no_scope}))

    assert hub.check().missing_access == (
        "orders: read (grant Orders, modify: store_v2_orders)",
        "locations: read (grant Store Locations, modify: store_locations)",
    )


@pytest.mark.parametrize("refusal", [(404, {"title": "no"}), (403, {"title": "no scope"})])
def test_a_store_without_inventory_settings_can_be_connected(refusal: tuple[int, Any]) -> None:
    hub, _ = connector(store_with({"/v3/settings/inventory": refusal}))

    facts = hub.check().facts
    assert (facts["stock_behavior"], facts["stock_behavior_is"]) == ("order_placed", "assumed")


def test_a_refused_token_says_which_field_to_look_at() -> None:
    hub, _ = connector(lambda _: (401, b"nope"))

    with pytest.raises(CredentialsError) as caught:
        hub.check()

    assert "Access token" in caught.value.fix


def test_an_unknown_store_says_to_look_at_the_api_path() -> None:
    hub, _ = connector(lambda _: (404, b"not found"))

    with pytest.raises(CredentialsError, match="abc123") as caught:
        hub.check()

    assert "API path" in caught.value.fix


def test_a_store_that_hides_its_own_data_cannot_be_checked_and_says_why() -> None:
    hub, _ = connector(lambda _: (403, {"title": "no scope"}))

    with pytest.raises(AccessMissingError, match="store_v2_information"):
        hub.check()


def test_everything_is_off_until_somebody_turns_it_on() -> None:
    hub, _ = connector(lambda _: (204, None))

    assert not any(hub.flows().values())


STOCK_PULLED = {("pull", Entity.INVENTORY), ("push", Entity.SALES), ("pull", Entity.LISTINGS)}


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        ({"products": "pull"}, {("pull", Entity.PRODUCTS)}),
        (
            {"products": "push"},
            {("push", Entity.PRODUCTS), ("pull", Entity.LISTINGS), ("pull", Entity.DRIFT)},
        ),
        ({"locations": True}, {("pull", Entity.LOCATIONS)}),
        ({"orders": True}, {("pull", Entity.ORDERS), ("pull", Entity.LISTINGS)}),
        ({"inventory": "pull"}, STOCK_PULLED),
        (
            {"inventory": "pull", "sales_report": "order"},
            STOCK_PULLED,
        ),
        (
            {"inventory": "pull", "sales_report": "elsewhere"},
            STOCK_PULLED,
        ),
        (
            {"inventory": "push", "sales_report": "order"},
            {("push", Entity.INVENTORY), ("pull", Entity.LISTINGS), ("pull", Entity.DRIFT)},
        ),
    ],
)
def test_a_setting_turns_on_its_own_flows_and_no_others(
    settings: dict[str, Any], on: set[tuple[str, Entity]]
) -> None:
    hub, _ = connector(lambda _: (204, None), **settings)

    assert {flow for flow, is_on in hub.flows().items() if is_on} == on


def test_no_flow_is_refused_for_the_store_that_it_is_about() -> None:
    hub, _ = connector(lambda _: (204, None))

    for direction in ("pull", "push"):
        assert [hub.refusal(direction, entity) for entity in Entity] == [None] * len(Entity)


def test_settings_become_rules_with_skus_exactly_as_typed() -> None:
    hub, _ = connector(
        lambda _: (204, None),
        product_skus=[" A "],
        inventory_skus="B b",
        order_ids=[218, "219"],
        ignore_orders_created_before="2026-10-01T02:00:00+02:00",
        sales_report="Another system does it",
    )

    rules = hub.rules()

    assert (rules.product_skus, rules.inventory_skus) == (frozenset({" A "}), frozenset({"B b"}))
    assert rules.order_ids == {"218", "219"}
    assert rules.ignore_orders_before == datetime(2026, 10, 1, tzinfo=UTC)
    assert rules.sales_report is SalesReport.ELSEWHERE


def test_the_two_directions_have_exactly_three_options_each() -> None:
    shown = {
        setting.title: [label for _, label in setting.choices] for setting in described(BigCommerceSettings)
    }

    assert shown["Process product catalog"] == [
        "Pull updates from BigCommerce product catalog",
        "Push updates to BigCommerce product catalog",
        "Disabled",
    ]
    assert shown["Process inventory information"] == [
        "Pull inventory information from BigCommerce",
        "Push inventory information to BigCommerce",
        "Disabled",
    ]
    assert shown["How TikTok Shop sales lower BigCommerce stock"] == [
        "A stock adjustment",
        "Creating the order in BigCommerce",
        "Another system does it",
    ]


def test_a_choice_can_be_given_by_its_label_and_a_wrong_one_lists_the_right_ones() -> None:
    by_label = BigCommerceSettings.parse(
        {"Process product catalog": "pull updates from bigcommerce product catalog"}
    )

    assert by_label.as_values()["products"] == "pull"
    with pytest.raises(SettingsError, match="Disabled"):
        BigCommerceSettings.parse({"products": "both"})


def test_the_connector_has_exactly_the_capabilities_of_its_header() -> None:
    hub, _ = connector(lambda _: (204, None))
    able = (PullsProducts, PullsLocations, PullsInventory, PullsOrders, TakesSalesReports, CreatesOrders)
    pushes = (PullsListings, PushesProducts, DeactivatesProducts, PushesInventory)

    assert all(isinstance(hub, capability) for capability in (*able, *pushes))
    assert not isinstance(hub, SignsInByLink)
