"""The map of shipping methods: the row that says most wins, and what orders really have is shown beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.operations.routing import methods
from crossdock.operations.routing.methods import MethodRule
from crossdock.operations.setup import spec, spec_methods
from crossdock.operations.setup.spec import SpecError
from support import make, requesting
from support.make import NOW, SHOP, STORE, Bench
from support.requesting import WAREHOUSE

OTHER = "another"
RULE = MethodRule(SHOP, "Standard Shipping", WAREHOUSE, "GROUND")


@pytest.fixture
def shipping(hub: Bench) -> Bench:
    """A hub with two warehouses."""
    hub.open_shop(TEA=10)
    with hub.step() as (tx, task):
        for name in (WAREHOUSE, OTHER):
            requesting.add_warehouse(tx, name, now=task.now)
    return hub


def put(hub: Bench, *rules: MethodRule) -> None:
    with hub.step(actor="ada") as (tx, task):
        for rule in rules:
            methods.put(tx, task, rule)


def find(hub: Bench, channel: str, method: str, warehouse: str = WAREHOUSE) -> str:
    with hub.database.reading() as tx:
        return methods.choose(methods.every(tx), channel, method, warehouse)


def every(hub: Bench) -> list[MethodRule]:
    with hub.database.reading() as tx:
        return methods.every(tx)


def test_the_row_that_says_most_wins(shipping: Bench) -> None:
    rows = {"": "ANY", "Express": "FAST"}
    put(shipping, *(MethodRule("", method, WAREHOUSE, to) for method, to in rows.items()))
    put(
        shipping,
        MethodRule(SHOP, "", WAREHOUSE, "SHOP-ANY"),
        MethodRule(SHOP, "Express", WAREHOUSE, "SHOP-FAST"),
    )

    assert find(shipping, SHOP, "Express") == "SHOP-FAST"
    assert find(shipping, STORE, "Express") == "FAST"
    assert find(shipping, SHOP, "Slow") == "SHOP-ANY"
    assert find(shipping, STORE, "Slow") == "ANY"

    with shipping.step() as (tx, task):
        methods.remove(tx, task, channel=SHOP, method="Express", warehouse=WAREHOUSE)
    assert find(shipping, SHOP, "Express") == "FAST", "the method says more than the channel"


def test_without_a_map_the_warehouse_chooses_and_with_one_the_orders_name_is_passed_on(
    shipping: Bench,
) -> None:
    assert find(shipping, SHOP, "Two Day") == ""

    put(shipping, RULE)

    assert find(shipping, SHOP, " Two Day ") == "Two Day"
    assert find(shipping, SHOP, "Two Day", OTHER) == ""


@pytest.mark.parametrize("method", ["standard shipping", "STANDARD SHIPPING", "  Standard   Shipping "])
def test_case_and_spaces_of_a_method_say_nothing(shipping: Bench, method: str) -> None:
    put(shipping, RULE)

    assert find(shipping, SHOP, method) == "GROUND"
    put(shipping, replace(RULE, method=method, to="AIR"))
    assert [rule.to for rule in every(shipping)] == ["AIR"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (replace(RULE, channel="nobody"), "channel: 'nobody' is no integration"),
        (replace(RULE, warehouse=STORE), "warehouse: 'store' is no 3PL or warehouse integration"),
        (replace(RULE, warehouse=""), "warehouse: is missing"),
        (replace(RULE, to=" "), "to: is missing"),
        (replace(RULE, to="x" * 201), "to: has at most 200 characters"),
        (
            replace(RULE, method="a\nb"),
            "method: has at most 200 characters, and only those that can be printed",
        ),
    ],
)
def test_a_row_that_means_nothing_is_refused_with_its_field(
    shipping: Bench, rule: MethodRule, said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        put(shipping, rule)

    assert said in str(refused.value)
    assert every(shipping) == []


def test_changes_are_told_on_the_warehouse_and_repeating_one_is_none(shipping: Bench) -> None:
    put(shipping, RULE, RULE, replace(RULE, to="AIR"))
    with shipping.step() as (tx, task):
        methods.remove(tx, task, channel=SHOP, method="standard shipping", warehouse=WAREHOUSE)

    assert shipping.events(WAREHOUSE) == [
        "Shipping methods: 'standard shipping' of tiktok is shipped as 'GROUND'",
        "Shipping methods: 'standard shipping' of tiktok is shipped as 'AIR', until now 'GROUND'",
        "Shipping methods: 'standard shipping' of tiktok is no longer mapped; it was 'AIR'",
    ]
    with (
        shipping.step() as (tx, task),
        pytest.raises(SettingsError, match="any method of any channel is not mapped"),
    ):
        methods.remove(tx, task, channel="", method="", warehouse=WAREHOUSE)


def test_the_whole_map_is_replaced(shipping: Bench) -> None:
    put(shipping, RULE, replace(RULE, channel=""))
    wanted = [replace(RULE, to="AIR"), MethodRule("", "", OTHER, "X")]

    with shipping.step() as (tx, task):
        methods.replace_all(tx, task, wanted)

    assert {rule.key: rule.to for rule in every(shipping)} == {rule.key: rule.to for rule in wanted}


def test_methods_that_orders_had_are_shown_with_what_each_warehouse_makes_of_them(shipping: Bench) -> None:
    old = NOW - timedelta(days=91)
    shipping.read_orders(
        make.order("1", make.line("TEA"), shipping_method="Standard Shipping"),
        make.order("2", make.line("TEA"), shipping_method="Standard Shipping"),
        make.order("3", make.line("TEA"), shipping_method="Pigeon"),
        make.order("4", make.line("TEA"), shipping_method="Old", placed_at=old, modified_at=old),
        make.order("5", make.line("TEA")),
    )
    put(shipping, RULE)
    requesting.request(shipping.database, "1", {"TEA": 1}, now=NOW, method="GROUND")
    requesting.request(shipping.database, "3", {"TEA": 1}, now=NOW, method="Bird")

    with shipping.database.reading() as tx:
        orders = methods.of_orders(tx, now=NOW)
        own = methods.of_warehouses(tx)

    shown = {(m.method, m.orders): {w.warehouse: (w.to, w.is_mapped) for w in m.warehouses} for m in orders}
    assert shown == {
        ("Standard Shipping", 2): {WAREHOUSE: ("GROUND", True), OTHER: ("", False)},
        ("Pigeon", 1): {WAREHOUSE: ("Pigeon", False), OTHER: ("", False)},
    }
    assert [(m.method, m.is_in_map, m.requests) for m in own] == [("Bird", False, 1), ("GROUND", True, 1)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "{of: {}, warehouse: w, to: X}",
            "shipping_methods.0.of: there is no such field; choose from from, warehouse, to",
        ),
        ("{warehouse: w}", "shipping_methods.0.to: Field required"),
    ],
)
def test_a_field_of_the_file_that_is_misspelt_or_missing_is_named(line: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        spec.read(f"shipping_methods:\n  - {line}")

    assert str(refused.value) == said


def test_a_method_that_the_file_maps_twice_is_refused() -> None:
    row = "{from: {method: A}, warehouse: w, to: X}"
    wanted = spec.read(f"shipping_methods: [{row}, {row.replace('A', 'a')}]").shipping_methods

    with pytest.raises(SpecError, match=r"shipping_methods\.1: the same method is mapped twice for w"):
        spec_methods.refuse(wanted or [], [], ["w"])
