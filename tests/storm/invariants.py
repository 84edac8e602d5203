"""What has to hold once the weather has cleared. Each says by its name what it promises, and what differs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from crossdock.domain.order import OrderStatus
from crossdock.store import tables
from crossdock_simulators.bigcommerce import control
from storm import truth
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
        found = _units_of(storm, row)
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


def _units_of(storm: Storm, row: Any) -> tuple[Counter[str], Counter[str], bool] | None:
    """What the platform has of an order; None where it has no such order."""
    on_shop, in_store = storm.made.shop.shop.tables.orders, storm.made.store.store.orders
    if row.integration == SHOP and row.channel_id in on_shop:
        return _units_on_shop(on_shop[row.channel_id])
    if row.integration == STORE and int(row.channel_id) in in_store:
        return _units_in_store(in_store[int(row.channel_id)])
    return None


def _units_on_shop(order: Any) -> tuple[Counter[str], Counter[str], bool]:
    """Standing and shipped units by SKU, and whether the merchant ships them: else they come in as fulfilled."""
    living = [line for line in order.lines if line.status != "CANCELLED"]
    shipped = Counter(line.seller_sku for line in living if line.status in truth.SHIPPED)
    is_ours = order.terms.fulfillment_type != truth.FBT and order.terms.shipping_type == "SELLER"
    return Counter(line.seller_sku for line in living), shipped, is_ours


def _units_in_store(order: Any) -> tuple[Counter[str], Counter[str], bool]:
    living, shipped = Counter[str](), Counter[str]()
    if order.status_id not in truth.NEVER_SOLD:
        for line in order.lines:
            living[line.sku] += line.quantity
            # Shipped or Completed says that all has left, whatever shipments were deleted since.
            shipped[line.sku] += line.quantity if order.status_id in (2, 10) else line.quantity_shipped
    return living, shipped, order.status_id not in (4, 14) and not order.fields["external_order_id"]


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
        held[names.get(row.variant_id, "?")] += row.committed
        if row.committed < 0:
            yield f"{names.get(row.variant_id)}: {row.committed} committed"
    expected, either = _open_units(storm) if storm.of.owner == "hub" else (Counter[str](), Counter[str]())
    for sku in sorted({*held, *expected} - storm.changed_skus):
        if sku.startswith(GONE):
            continue  # its product was deleted, and what was sold of it waits for nothing that could be told
        if not expected[sku] <= held[sku] <= expected[sku] + either[sku]:
            yield f"{sku}: {held[sku]} committed, open orders hold {expected[sku]} (and {either[sku]})"


def _open_units(storm: Storm) -> tuple[Counter[str], Counter[str]]:
    """Open units by SKU, and those that TikTok's label takes: they may count as gone before they leave."""
    found, either = Counter[str](), Counter[str]()
    for order in storm.made.shop.shop.tables.orders.values():
        living, shipped, is_ours = _units_on_shop(order)
        if order.terms.fulfillment_type != truth.FBT:
            open_there = living - shipped
            found += open_there if is_ours else Counter()
            either += Counter() if is_ours else open_there
    for placed in storm.made.store.store.orders.values():
        living, shipped, _ = _units_in_store(placed)
        found += living - shipped
    tracked = {row.sku for row in storm.made.rows(tables.variant) if row.is_stock_tracked}
    return Counter({sku: units for sku, units in found.items() if sku in tracked}), either


def each_platform_offers_what_there_is(storm: Storm) -> Iterator[str]:
    there = truth.there_is(storm)
    listed = {
        (row.integration, row.channel_sku)
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
    for sku in sorted(counted.keys() - storm.changed_skus):
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
        if not _is_explained(storm, case):
            yield f"{case.kind} {case.subject_id}: {case.cause}"


def _is_explained(storm: Storm, case: Any) -> bool:
    """Whether the case tells of what people did against each other, which no hub can settle for them."""
    if case.kind in OF_PEOPLE:
        return True
    if case.kind == "created_not_canceled":
        order = _order(storm, case.subject_id)
        return order is not None and order.channel_id in truth.left_in_vain(storm)
    if case.kind in ("order_refused", "report_refused"):
        lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id == case.subject_id)
        return any(line.channel_sku in storm.changed_skus for line in lines)
    if case.kind == "request_overdue":
        order = _order(storm, case.subject_id)
        return order is not None and order.status in (OrderStatus.REVIEW_REQUIRED, OrderStatus.ON_HOLD)
    if case.kind in ("fulfillment_exceeds", "fulfillment_refused"):
        return _is_shipped_twice_or_in_vain(storm, case.subject_id)
    if case.kind in ("cancellation_refused", "order_reduced"):
        return _has_left(storm, case)
    return False


GONE = "removed:"
OF_PEOPLE = frozenset(
    {
        "return_requested",  # of a buyer, who waits for the merchant
        "off_sale",  # somebody took it off sale by hand
        "left_on_sale",
    }
)


def _order(storm: Storm, key: str) -> Any:
    return next((row for row in storm.made.rows(tables.order, tables.order.c.id == key)), None)


def _is_shipped_twice_or_in_vain(storm: Storm, order_id: str) -> bool:
    """People recorded the same units at two places, or shipped what the buyer or the merchant took back."""
    rows = storm.made.rows(tables.fulfillment, tables.fulfillment.c.order_id == order_id)
    lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id == order_id)
    by_hub = [row for row in rows if row.integration == "hub"]
    by_others = [row for row in rows if row.integration != "hub"]
    return bool(by_hub and (by_others or any(line.quantity_canceled for line in lines)))


def _has_left(storm: Storm, case: Any) -> bool:
    """Whether the order of the case has left, at least in part, on its platform or as its copy."""
    for order in storm.made.rows(tables.order):
        if case.subject_id in (order.id, order.copy_of):
            shipped = _shipped_there(storm, order)
            if shipped:
                return True
    return False


def _shipped_there(storm: Storm, order: Any) -> Counter[str]:
    made = storm.made
    if order.integration == SHOP and order.channel_id in made.shop.shop.tables.orders:
        lines = made.shop.shop.tables.orders[order.channel_id].lines
        return Counter(line.seller_sku for line in lines if line.status in truth.SHIPPED)
    if order.integration == STORE and int(order.channel_id) in made.store.store.orders:
        return _units_in_store(made.store.store.orders[int(order.channel_id)])[1]
    return Counter()


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
        if is_open and (row.integration, row.entity) in pushed and not name.startswith(GONE):
            yield f"{row.integration} {row.entity} {name}: {row.state} dirty={row.is_dirty} {row.message}"


def every_report_of_a_sale_was_seen(storm: Storm) -> Iterator[str]:
    names = _skus(storm)
    vain = {row.id for row in storm.made.rows(tables.order) if row.channel_id in truth.left_in_vain(storm)}
    for row in storm.made.rows(tables.sale_report):
        name = names.get(row.variant_id, "?")
        if row.state not in ("seen", "void") and row.order_id not in vain and not name.startswith(GONE):
            yield f"report {row.id} of {name}: {row.quantity} {row.state}"


def a_second_run_changes_nothing(storm: Storm) -> Iterator[str]:
    """The calm went on until a round of all flows left everything as it was."""
    yield from storm.restless


def _skus(storm: Storm) -> dict[str, str]:
    return {row.id: row.sku for row in storm.made.rows(tables.variant)}


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
    a_second_run_changes_nothing,
)
