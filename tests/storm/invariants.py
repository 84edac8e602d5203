"""What has to hold once the weather has cleared. Each says by its name what it promises, and what differs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from crossdock.domain.order import OrderStatus
from crossdock.store import tables
from crossdock_simulators.bigcommerce import control
from storm import explained, order_units, truth
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm

Rule = Callable[["Storm"], Iterator[str]]


def broken(storm: Storm) -> list[str]:
    """Every broken promise, as `name: what differs`."""
    return [f"{rule.__name__}: {said}" for rule in RULES for said in rule(storm)]


# Orders


def every_channel_order_is_one_hub_order_and_the_reverse(storm: Storm) -> Iterator[str]:
    made = storm.made
    there = {
        SHOP: set(made.shop.shop.tables.orders),
        STORE: {str(number) for number in made.store.store.orders},
    }
    for name, on_channel in there.items():
        rows = [row.channel_id for row in made.rows(tables.order) if row.integration == name]
        if missing := on_channel - set(rows):
            yield f"{name} has orders that the hub has not: {sorted(missing)}"
        if invented := set(rows) - on_channel:
            yield f"the hub has orders that {name} has not: {sorted(invented)}"
        if twice := _twice(rows):
            yield f"the hub has orders of {name} twice: {twice}"


def every_order_has_the_units_and_state_of_its_platform(storm: Storm) -> Iterator[str]:
    made = storm.made
    # People recorded the same units twice there, and a case says so.
    contested = {case.subject_id for case in made.open_cases() if case.kind.startswith("fulfillment_")}
    lines: dict[str, list[Any]] = {}
    for line in made.rows(tables.order_line):
        lines.setdefault(line.order_id, []).append(line)
    for row in made.rows(tables.order):
        found = order_units.there(storm, row)
        if found is None:
            continue
        living, shipped, is_told = found
        is_told = is_told and row.id not in contested
        ours, gone = Counter[str](), Counter[str]()
        for line in lines.get(row.id, []):
            ours[line.channel_sku] += line.quantity - line.quantity_canceled
            gone[line.channel_sku] += line.quantity_shipped
        name = f"{row.integration} {row.channel_id} ({row.status}, there {row.channel_status})"
        if +ours != +living:
            yield f"{name}: units {dict(+ours)} in the hub, {dict(+living)} there"
        if is_told and +gone != +shipped:
            yield f"{name}: shipped {dict(+gone)} in the hub, {dict(+shipped)} there"
        if (row.status == OrderStatus.CANCELED) != (not +living):
            yield f"{name}: {row.status}, but {dict(+living)} stand there"
        if is_told and +living and (row.status == OrderStatus.FULFILLED) != (+living == +shipped):
            yield f"{name}: {row.status}, but of {dict(+living)} there {dict(+shipped)} have left"


# Stock


def levels_are_the_sums_of_their_movements(storm: Storm) -> Iterator[str]:
    sums: dict[tuple[str, str], list[int]] = {}
    for row in storm.made.rows(tables.movement):
        found = sums.setdefault((row.variant_id, row.location_id), [0, 0])
        found[0] += row.on_hand
        found[1] += row.committed
    names = _skus(storm)
    for row in storm.made.rows(tables.level):
        expected = sums.pop((row.variant_id, row.location_id), [0, 0])
        if [row.on_hand, row.committed] != expected:
            yield f"{names.get(row.variant_id)}: level {row.on_hand, row.committed}, movements {expected}"
    for (variant, _), left in sums.items():
        if any(left):
            yield f"{names.get(variant)}: movements {left} without a level"


def what_is_committed_is_what_open_orders_hold(storm: Storm) -> Iterator[str]:
    names = _skus(storm)
    held = Counter[str]()
    for row in storm.made.rows(tables.level):
        held[truth.now_called(storm, names.get(row.variant_id, "?"))] += row.committed
        if row.committed < 0:
            yield f"{names.get(row.variant_id)}: {row.committed} committed"
    is_hubs = storm.of.owner == "hub"
    expected, either = _open_units(storm) if is_hubs else (Counter[str](), Counter[str]())
    # An order of a SKU that was deleted before it was read has nothing that it could hold.
    unknown = storm.deleted_skus if is_hubs else set()
    for sku in sorted({*held, *expected} - unknown):
        if not expected[sku] <= held[sku] <= expected[sku] + either[sku]:
            yield f"{sku}: {held[sku]} committed, open orders hold {expected[sku]} (and {either[sku]})"


def _open_units(storm: Storm) -> tuple[Counter[str], Counter[str]]:
    """Open units by SKU, and those that TikTok's label takes: they may count as gone before they leave."""
    found, either = Counter[str](), Counter[str]()
    for order in storm.made.shop.shop.tables.orders.values():
        living, shipped, is_ours = order_units.on_shop(order)
        if order.terms.fulfillment_type != truth.FBT:
            open_there = living - shipped
            found += open_there if is_ours else Counter()
            either += Counter() if is_ours else open_there
    for placed in storm.made.store.store.orders.values():
        living, shipped, _ = order_units.in_store(placed)
        found += living - shipped
    in_vain = _shipped_in_vain(storm)
    found, either = found - in_vain, either + in_vain
    names = _skus(storm)
    tracked = {names[row.id] for row in storm.made.rows(tables.variant) if row.is_stock_tracked}
    found, either = truth.as_called_now(storm, found), truth.as_called_now(storm, either)
    return Counter({sku: units for sku, units in found.items() if sku in tracked}), either


def _shipped_in_vain(storm: Storm) -> Counter[str]:
    """Units that left as the hub's people say, and of which a platform took no word: others changed the order there."""
    refused = {case.subject_id for case in storm.made.open_cases("fulfillment_refused")}
    lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id.in_(refused))
    units = Counter[str]()
    for line in lines:
        units[line.channel_sku] += line.quantity_shipped_here
    return units


def each_platform_offers_what_there_is(storm: Storm) -> Iterator[str]:
    there = truth.there_is(storm)
    listed = {
        (row.integration, truth.now_called(storm, row.channel_sku))
        for row in storm.made.rows(tables.listing)
        if row.variant_id and row.state not in ("frozen", "removed")
    }
    shop, settings = truth.on_shop(storm), truth.shop_settings(storm)
    for sku in sorted(there.keys() & shop.keys()):
        wanted = truth.offered(there[sku], settings)
        if (SHOP, sku) in listed and shop[sku] != wanted:
            yield f"{sku}: TikTok Shop offers {shop[sku]} instead of {wanted}; there are {there[sku]}"
    if storm.of.owner == STORE:
        return
    store = {row["sku"]: row["onhand"] for row in _stock_rows(storm) if row["location_id"] == 1}
    for sku in sorted(there.keys() & store.keys()):
        wanted = truth.offered(there[sku], truth.store_settings(storm))
        if (STORE, sku) in listed and store[sku] != wanted:
            yield f"{sku}: BigCommerce offers {store[sku]} instead of {wanted}; there are {there[sku]}"


def _stock_rows(storm: Storm) -> list[dict[str, Any]]:
    rows = storm.made.http.get(f"{storm.made.store_address}/_sim/state").json()["stock"]
    return [row for row in rows if row["sku"] in truth.in_store(storm)]


def each_sale_on_shop_lowered_the_store_once(storm: Storm) -> Iterator[str]:
    if storm.of.owner != STORE:
        return
    sold, lowered = truth.sold_on_shop(storm), truth.lowered(storm)
    counted = truth.in_store(storm)
    for gone in truth.left_in_vain(storm).values():
        sold += gone
    for sku in sorted(counted):
        if lowered[sku] != sold[sku]:
            yield f"{sku}: {sold[sku]} sold on TikTok Shop, the store was lowered by {lowered[sku]}"


# Nothing twice


def nothing_is_there_twice(storm: Storm) -> Iterator[str]:
    store, shop = storm.made.store.store, storm.made.shop.shop.tables
    listed = [
        sku.seller_sku
        for product in shop.products.values()
        if product.status != "DELETED"
        for sku in product.content.skus
    ]
    if twice := _twice(listed):
        yield f"TikTok Shop has SKUs twice: {twice}"
    if twice := _twice([control.sku_of(store, key) for key in store.variants]):
        yield f"BigCommerce has SKUs twice: {twice}"
    copies = [
        order.fields["external_order_id"]
        for order in store.orders.values()
        if order.fields["external_order_id"]
    ]
    if twice := _twice(copies):
        yield f"BigCommerce has orders of TikTok Shop twice: {twice}"
    for order in store.orders.values():
        numbers = [one.fields["tracking_number"] for one in order.shipments if one.fields["tracking_number"]]
        if twice := _twice(numbers):
            yield f"BigCommerce order {order.id} has shipments twice: {twice}"
    numbers = [one.tracking_number for one in shop.packages.values() if one.status != "CANCELLED"]
    if twice := [number for number in _twice(numbers) if number]:
        yield f"TikTok Shop has packages twice: {twice}"


# What is shown


def every_refused_write_is_shown_in_the_platforms_words(storm: Storm) -> Iterator[str]:
    shown = _all_texts(storm)
    for refusal in storm.made.refusals:
        if refusal.status in (401, 403, 429) or refusal.status >= 500 or not _is_write(refusal.place):
            continue
        if refusal.place.startswith("DELETE ") and refusal.status == 404:
            continue  # somebody was quicker
        words = _words(refusal.body)
        if words and not any(word in shown for word in words):
            yield f"{refusal.integration}: {refusal.place} {refusal.status} {refusal.body[:300]}"


def _is_write(place: str) -> bool:
    return not any(word in place for word in ("search", "recommend", "/token", "authorize"))


def _words(body: str) -> list[str]:
    """The sentences of an answer."""
    try:
        document = json.loads(body)
    except ValueError:
        return []
    found: list[str] = []

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            for name, each in part.items():
                if name not in ("type", "request_id", "code"):
                    collect(each)
        elif isinstance(part, list):
            for each in part:
                collect(each)
        elif isinstance(part, str) and len(part) >= 8:
            found.append(part)

    collect(document)
    return found


def _all_texts(storm: Storm) -> str:
    """All that a person could read of what happened."""
    parts: list[str] = []
    for table in (tables.event, tables.exception_case, tables.publication, tables.run, tables.cancellation):
        for row in storm.made.rows(table):
            parts += [str(value) for value in row if isinstance(value, str)]
    return "\n".join(parts)


def no_case_is_open_without_a_reason(storm: Storm) -> Iterator[str]:
    for case in storm.made.open_cases():
        if not explained.is_explained(storm, case):
            yield f"{case.kind} {case.subject_id}: {case.cause}"


def all_flows_and_accounts_are_well(storm: Storm) -> Iterator[str]:
    for row in storm.made.rows(tables.integration):
        if row.status != "Connected":
            yield f"{row.name} is {row.status}: {row.status_reason}"
    for row in storm.made.rows(tables.flow):
        if row.is_on and not row.refusal and (row.failures or row.last_error or row.runner):
            yield f"{row.key}: {row.failures} failures, {row.last_error!r}, held by {row.runner}"


def everything_pushed_is_settled(storm: Storm) -> Iterator[str]:
    names, flow = _skus(storm), tables.flow
    pushing = storm.made.rows(flow, flow.c.is_on, flow.c.direction == "push")
    pushed = {(row.integration, row.entity) for row in pushing}
    for row in storm.made.rows(tables.publication):
        name = names.get(row.record_id, row.record_id)
        is_open = row.is_dirty or row.state in ("unsettled", "unclear", "queued", "new")
        if is_open and (row.integration, row.entity) in pushed:
            yield f"{row.integration} {row.entity} {name}: {row.state} dirty={row.is_dirty} {row.message}"


def every_report_of_a_sale_was_seen(storm: Storm) -> Iterator[str]:
    names = _skus(storm)
    vain = {row.id for row in storm.made.rows(tables.order) if row.channel_id in truth.left_in_vain(storm)}
    for row in storm.made.rows(tables.sale_report):
        name = names.get(row.variant_id, "?")
        if row.state not in ("seen", "void") and row.order_id not in vain:
            yield f"report {row.id} of {name}: {row.quantity} {row.state}"


def no_copy_stands_of_an_order_that_was_canceled(storm: Storm) -> Iterator[str]:
    """What the hub created in the store goes with its original, unless it has left, or a case tells of it."""
    told = {case.subject_id for case in storm.made.open_cases("created_not_canceled")}
    canceled = {
        row.channel_id: row.id
        for row in storm.made.rows(tables.order)
        if row.integration == SHOP and row.status == OrderStatus.CANCELED
    }
    for order in storm.made.store.store.orders.values():
        original = canceled.get(str(order.fields["external_order_id"]))
        living, shipped, _ = order_units.in_store(order)
        if original is not None and original not in told and +living and not +shipped:
            yield f"order {order.id}, status {order.status_id}, has {dict(living)} of {original}"


def a_second_run_changes_nothing(storm: Storm) -> Iterator[str]:
    """The calm went on until a round of all flows left everything as it was."""
    yield from storm.restless


def _skus(storm: Storm) -> dict[str, str]:
    """By variant, the SKU that it has, or had when it left the catalog."""
    return {row.id: json.loads(row.body)["sku"] for row in storm.made.rows(tables.variant)}


def _twice(values: list[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


RULES: tuple[Rule, ...] = (
    every_channel_order_is_one_hub_order_and_the_reverse,
    every_order_has_the_units_and_state_of_its_platform,
    levels_are_the_sums_of_their_movements,
    what_is_committed_is_what_open_orders_hold,
    each_platform_offers_what_there_is,
    each_sale_on_shop_lowered_the_store_once,
    nothing_is_there_twice,
    every_refused_write_is_shown_in_the_platforms_words,
    no_case_is_open_without_a_reason,
    all_flows_and_accounts_are_well,
    everything_pushed_is_settled,
    every_report_of_a_sale_was_seen,
    no_copy_stands_of_an_order_that_was_canceled,
    a_second_run_changes_nothing,
)
