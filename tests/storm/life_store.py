"""What buyers and the merchant do in the BigCommerce store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.domain.inventory import ReportState
from crossdock.store import tables
from crossdock_simulators.bigcommerce import catalog, orders, shipments_api
from crossdock_simulators.bigcommerce.records import Order
from storm import doing
from support.world import STORE

if TYPE_CHECKING:
    from storm.storm import Storm


def buys_in_store(storm: Storm) -> str:
    random = storm.random
    skus = sorted(storm.made.store_stock())
    if not skus:
        return ""
    lines = [
        {"sku": sku, "quantity": random.randint(1, 3)}
        for sku in random.sample(skus, min(len(skus), random.choice((1, 1, 2, 3))))
    ]
    status = random.choice((11, 11, 11, 11, 7, 1, 12))
    done = doing.store(storm, "orders", {"lines": lines, "status_id": status, "oversell": storm.chance(0.1)})
    return f"{lines} {done if isinstance(done, str) else done['id']} as {status}"


def _order_in_store(storm: Storm, *statuses: int) -> Order | None:
    """One of the store's own orders. What the hub created there is left to the hub, but for its cancellation."""
    found = [
        order
        for order in storm.made.store.store.orders.values()
        if order.status_id in statuses and not order.fields["external_order_id"]
    ]
    return storm.random.choice(found) if found else None


def _has_left(order: Order) -> bool:
    return any(line.quantity_shipped for line in order.lines)


def merchant_cancels_in_store(storm: Storm) -> str:
    order = _order_in_store(storm, 1, 7, 9, 11, 12)
    if order is None or _has_left(order):
        return ""
    return f"{order.id}: {doing.short(doing.store(storm, f'orders/{order.id}/cancel', {}))}"


def merchant_sets_status(storm: Storm) -> str:
    order = _order_in_store(storm, 1, 7, 9, 11, 12, 13)
    if order is None or _has_left(order):
        return ""
    status = storm.random.choice((7, 9, 11, 11, 12, 13))
    return f"{order.id} {status}: {doing.short(doing.store(storm, f'orders/{order.id}/status', {'status_id': status}))}"


def merchant_edits_order(storm: Storm) -> str:
    order = _order_in_store(storm, 1, 7, 11, 12)
    if order is None or _has_left(order):
        return ""
    line = storm.random.choice(order.lines)
    rows: list[dict[str, Any]] = [{"id": line.id, "quantity": storm.random.randint(1, 4)}]
    if len(order.lines) > 1 and storm.chance(0.25):
        rows = [{"id": line.id, "quantity": 0}]
    elif storm.chance(0.3):
        some = storm.random.choice(sorted(storm.made.store_stock()))
        with storm.made.store.lock:
            variant = next(
                (
                    each
                    for each in storm.made.store.store.variants.values()
                    if some in (each.sku, storm.made.store.store.products[each.product_id].sku)
                ),
                None,
            )
        if variant is not None:
            rows = [{"product_id": variant.product_id, "variant_id": variant.id, "quantity": 1}]
    body = {"products": rows}
    return f"{order.id} {rows}: {doing.at_panel(storm, orders.update_order, order, body)}"


def merchant_corrects_address(storm: Storm) -> str:
    order = _order_in_store(storm, 7, 9, 11)
    if order is None:
        return ""
    body = {"shipping_addresses": [{"street_1": f"{storm.random.randint(1, 99)} Other Road"}]}
    return f"{order.id}: {doing.at_panel(storm, orders.update_order, order, body)}"


def merchant_ships_in_store(storm: Storm) -> str:
    """Where the hub reads what the store ships."""
    order = _order_in_store(storm, 3, 9, 11)
    if order is None or not storm.of.store.get("pull_fulfillments"):
        return ""
    body: dict[str, Any] = {
        "tracking_number": f"ST{storm.random.randint(10**6, 10**7)}",
        "shipping_provider": "ups",
    }
    line = storm.random.choice(order.lines)
    if storm.chance(0.4) and line.quantity > line.quantity_shipped:
        body |= {"sku": line.sku, "quantity": 1}
    return f"{order.id} {body}: {doing.short(doing.store(storm, f'orders/{order.id}/ship', body))}"


def merchant_corrects_shipment(storm: Storm) -> str:
    """A wrong number, or a shipment that was none."""
    found = [
        (order, shipment)
        for order in storm.made.store.store.orders.values()
        for shipment in order.shipments
        if not order.fields["external_order_id"]
    ]
    if not found or not storm.of.store.get("pull_fulfillments"):
        return ""
    order, shipment = storm.random.choice(found)
    if storm.chance(0.3) and order.status_id in (2, 3):
        return f"{order.id} deletes {shipment.id}: {doing.at_panel(storm, shipments_api._delete, order, shipment)}"
    number = f"ST{storm.random.randint(10**6, 10**7)}"

    def correct(store: Any) -> None:
        shipment.fields = shipment.fields | {"tracking_number": number}
        shipments_api._publish(store, order, shipment, "updated")
        orders.touch_order(store, order)

    return f"{order.id} {shipment.id} {number}: {doing.at_panel(storm, correct)}"


def merchant_counts(storm: Storm) -> str:
    """By hand, where stock is owned. The storm remembers by how many units."""
    random = storm.random
    skus = sorted(storm.made.store_stock())
    if not skus:
        return ""
    sku = random.choice(skus)
    if storm.of.owner == STORE:
        level = default_level(storm, sku)
        change = random.randint(-min(level, 6), 12) if level > 0 else random.randint(0, 12)
        if _looks_like_a_report(storm, sku, change):
            return ""  # nobody could tell counts by hand of just as many units from the hub's own report
        done = doing.store(storm, "stock", {"sku": sku, "quantity": level + change})
        if isinstance(done, str):
            return f"{sku} {done}"
    else:
        if storm.chance(0.3):
            done = doing.store(storm, "stock", {"sku": sku, "quantity": random.randint(0, 60)})
            return f"{sku} in the store, which does not own it: {doing.short(done)}"
        change = random.randint(-5, 12)
        status, said = storm.made.ask(
            "PUT", f"/inventory/{sku}/locations/{random.choice(('MAIN', 'Annex'))}", {"receive": change}
        )
        if status >= 300:
            return f"{sku}: {said}"
    storm.received[sku] = storm.received.get(sku, 0) + change
    return f"{sku} {change:+d}"


def _looks_like_a_report(storm: Storm, sku: str, change: int) -> bool:
    """Whether this count, or several like it, may move the number just as a report that is under way."""
    return any(change * units > 0 for units in _under_way(storm, sku))


def _under_way(storm: Storm, sku: str) -> set[int]:
    """Changes of this SKU's number that may be the hub's, as far as the store shows: each report and all together."""
    report = tables.sale_report
    ids = {row.id for row in storm.made.rows(tables.variant) if row.sku == sku}
    moving = [
        row
        for row in storm.made.rows(report)
        if row.variant_id in ids and ReportState(row.state).is_in_flight
    ]
    return {row.quantity for row in moving} | {sum(row.quantity for row in moving)}


def default_level(storm: Storm, sku: str) -> int:
    state = storm.made.http.get(f"{storm.made.store_address}/_sim/state").json()
    return sum(row["onhand"] for row in state["stock"] if row["sku"] == sku and row["location_id"] == 1)


def merchant_edits_catalog(storm: Storm) -> str:
    """Prices, titles, SKUs, products that come and go, in the catalog that is the source."""
    return _edits_store_catalog(storm) if storm.of.catalog == STORE else _edits_copy(storm)


def _edits_store_catalog(storm: Storm) -> str:
    random, state = storm.random, storm.made.store.store
    if not state.products:
        return ""
    product = state.products[random.choice(sorted(state.products))]
    skus = {state.variants[key].sku or product.sku for key in product.variants}
    what = random.choices(("price", "title", "new", "delete", "sku"), (6, 4, 1, 0.7, 1))[0]
    if what == "price":
        body: dict[str, Any] = {"price": random.randint(500, 9000) / 100, "sale_price": 0}
        return f"{product.id} {body}: {doing.at_panel(storm, catalog.update_product, product, body)}"
    if what == "title":
        body = {"name": f"{product.name.split(' (')[0]} (series {random.randint(1, 999)})"}
        return f"{product.id} {body}: {doing.at_panel(storm, catalog.update_product, product, body)}"
    if what == "new":
        number = random.randint(1, 10**6)
        storm.made.create_in_store(
            name=f"New arrival of the season number {number}", sku=f"NEW-{number}", price="25.00", stock=15
        ) if not storm.made.store.account.revoked and not storm.made.store.faults.waiting() else None
        storm.new_skus.add(f"NEW-{number}")
        return f"new NEW-{number}"
    if what == "delete" and len(state.products) > 3:
        said = doing.at_panel(storm, catalog.delete_product, product)
        storm.deleted_skus |= skus if said == "done" else set()
        return f"{product.id} deleted: {said}"
    variant = state.variants[random.choice(product.variants)]
    was = variant.sku or product.sku
    body = {"sku": f"{was[:40]}-R{random.randint(1, 99)}"}
    said = doing.at_panel(storm, catalog.update_variant, product, variant, body)
    if said == "done":
        storm.renamed[was] = body["sku"]
    return f"{variant.id} {body}: {said}"


def _edits_copy(storm: Storm) -> str:
    """The shop is the source: what is edited in the store is a copy."""
    random, state = storm.random, storm.made.store.store
    if not state.products:
        return ""
    product = state.products[random.choice(sorted(state.products))]
    body = {"price": random.randint(500, 9000) / 100}
    return f"{product.id} {body}: {doing.at_panel(storm, catalog.update_product, product, body)}"
