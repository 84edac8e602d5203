"""The manual warehouse takes everything at once: people see on the pick list what is to be done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.manual_warehouse.manual_bench import toolbox
from crossdock.connectors.contract import PullsFulfillments, TakesShippingRequests
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.manual_warehouse.connector import ManualWarehouse
from crossdock.domain.channel import ChannelId
from crossdock.domain.shipping import RequestedLine, ShippingOrder
from crossdock.domain.sync import Change, Confirmed, Entity
from crossdock.domain.warehouse import Paper, PickOrder, WarehouseStyle

ORDER = ShippingOrder(
    "1001-1", "1001", "my-shop", datetime(2026, 3, 2, tzinfo=UTC), (RequestedLine("1", "TEA-1", "Teapot", 2),)
)


def test_a_request_is_taken_under_its_own_number_and_taken_again_is_the_same() -> None:
    warehouse = ManualWarehouse(toolbox())

    [first] = warehouse.push_shipping_requests([Change("req-1", ORDER)])
    [again] = warehouse.push_shipping_requests([Change("req-1", ORDER, ChannelId("1001-1"))])

    assert first == Confirmed("req-1", ChannelId("1001-1"), is_new=True)
    assert again == Confirmed("req-1", ChannelId("1001-1"))


def test_it_has_one_flow_that_is_always_on_and_needs_no_credentials() -> None:
    warehouse = ManualWarehouse(toolbox())

    assert warehouse.is_built_in
    assert dict(warehouse.flows()) == {("push", Entity.SHIPPING_REQUESTS): True}
    assert isinstance(warehouse, TakesShippingRequests)
    assert not isinstance(warehouse, PullsFulfillments)
    assert warehouse.check().channel_id == "my-warehouse", "each one is an account of its own"
    assert warehouse.toolbox.credentials.as_stored() == {}


def test_its_settings_say_how_its_papers_look() -> None:
    given = {
        "Paper size": "US Letter",
        "pick_list_order": "oldest",
        "slip_sender": "Brewers\n1 Dock Rd",
        "slip_note": "Thanks",
    }

    assert ManualWarehouse(toolbox(**given)).rules().warehouse_style == WarehouseStyle(
        Paper.LETTER, "Brewers\n1 Dock Rd", "Thanks", PickOrder.OLDEST
    )
    assert ManualWarehouse(toolbox()).rules().warehouse_style == WarehouseStyle()


def test_a_setting_that_is_none_names_the_choices() -> None:
    with pytest.raises(SettingsError, match=r"paper_size: choose one of: A4 \(A4\); Letter \(US Letter\)"):
        toolbox(paper_size="A3")
