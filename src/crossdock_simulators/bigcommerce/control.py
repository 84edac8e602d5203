"""The store's own control endpoints under `/_sim`, where a shopper and the merchant act by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, fields
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from crossdock_simulators.bigcommerce import (
    catalog,
    control_page,
    errors,
    order_render,
    order_statuses,
    orders,
    shipments_api,
    stock,
    wire,
)
from crossdock_simulators.bigcommerce.records import Item, Json, Order, OrderLine
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store, Switches
from crossdock_simulators.kit import Reply, Request, json_reply
from crossdock_simulators.kit.given import text, truth, units, whole

if TYPE_CHECKING:
    from crossdock_simulators.bigcommerce.app import Simulator

CENT = Decimal("0.01")
SHOPPER = {
    "first_name": "Sam",
    "last_name": "Shopper",
    "street_1": "12 Sample Street",
    "city": "Austin",
    "state": "Texas",
    "zip": "78701",
    "email": "sam@example.com",
}
Act = Callable[..., Reply]


def attach(simulator: Simulator) -> None:
    """Register the endpoints and the parts of the page; each runs under the store's lock."""
    control = simulator.asgi.control
    control.title = "BigCommerce simulator"
    store_acts: tuple[tuple[str, str, Act], ...] = (
        ("GET", "/_sim/state", state),
        ("POST", "/_sim/orders", place_order),
        ("POST", "/_sim/orders/{id}/status", set_status),
        ("POST", "/_sim/orders/{id}/cancel", cancel),
        ("POST", "/_sim/orders/{id}/ship", ship),
        ("POST", "/_sim/stock", set_stock),
        ("POST", "/_sim/products/{id}", edit_product),
        ("POST", "/_sim/switches", set_switches),
    )
    for method, path, act in store_acts:
        control.add(method, path, partial(_locked, simulator, act))
    control.add("POST", "/_sim/token", partial(_set_token, simulator))
    control.add("POST", "/_sim/limits", partial(_set_limits, simulator))
    control.add_section("Orders", partial(control_page.orders_section, simulator))
    control.add_section("Stock", partial(control_page.stock_section, simulator))


def state(store: Store, _: Request) -> Reply:
    """Everything a test compares, without a credential."""
    stocked = {item for product in store.products.values() for item in store.items_of(product)}
    body = {
        "products": [
            {"id": one.id, "name": one.name, "sku": one.sku, "tracking": one.tracking}
            for one in store.products.values()
        ],
        "variants": [
            {"id": one.id, "product_id": one.product_id, "sku": sku_of(store, one.id)}
            for one in store.variants.values()
        ],
        "stock": [
            {"sku": item_sku(store, item), "location_id": place, "onhand": level.onhand}
            for item, levels in store.stock.items()
            if item in stocked
            for place, level in levels.items()
        ],
        "orders": [_order(one) for one in store.orders.values()],
        "hooks": [{"scope": hook.scope, "is_active": hook.is_active} for hook in store.hooks.values()],
        "writes": dict(store.writes),
    }
    return json_reply(body)


def place_order(store: Store, request: Request) -> Reply:
    """A shopper buys: `lines` of sku and quantity, and of `address` where some go to another one, counted from 0.

    A form sends one `sku` and `quantity`.
    """
    given = request.fields()
    lines = given.get("lines") or [{"sku": text(given, "sku"), "quantity": given.get("quantity", 1)}]
    tax = Decimal(str(given.get("tax_rate") or 0))
    address = SHOPPER | {"country_iso2": str(given.get("country") or "US")}
    body: Json = {
        "status_id": int(given.get("status_id", 11)),
        "billing_address": address,
        "shipping_addresses": [address] * (1 + max(int(row.get("address") or 0) for row in lines)),
        "products": [_line(store, row, tax) for row in lines],
        "payment_method": "Test Payment Gateway",
    }
    if shipping := given.get("shipping"):
        cost = Decimal(str(shipping))
        body |= {"shipping_cost_ex_tax": str(cost), "shipping_cost_inc_tax": str(cost * (1 + tax))}
    for name in ("handling", "wrapping"):
        if charge := given.get(name):
            cost = Decimal(str(charge))
            body |= {f"{name}_cost_ex_tax": str(cost), f"{name}_cost_inc_tax": str(cost * (1 + tax))}
    order = orders.create_order(store, body, check_stock=not given.get("oversell"))
    for line, row in zip(order.lines, lines, strict=True):
        line.address = int(row.get("address") or 0)
    _discount(order, given)
    return json_reply(_order(order), 201)


def set_status(store: Store, request: Request, order_id: int) -> Reply:
    order, status_id = _order_of(store, order_id), whole(request.fields(), "status_id", least=0)
    if status_id >= len(order_statuses.NAMES):
        raise ValueError(f"There is no status {status_id}")
    orders.set_status(store, order, status_id)
    return json_reply(_order(order))


def cancel(store: Store, _: Request, order_id: int) -> Reply:
    order = _order_of(store, order_id)
    orders.set_status(store, order, 5)
    return json_reply(_order(order))


def ship(store: Store, request: Request, order_id: int) -> Reply:
    """The merchant ships all that is open, or `quantity` units of one `sku`: one shipment for each address."""
    given, order = request.fields(), _order_of(store, order_id)
    texts = {name: given[name] for name in ("tracking_number", "shipping_provider") if given.get(name)}
    items: dict[int, list[Json]] = {}
    for line, quantity in _units(order, given):
        row = {"order_product_id": line.id, "quantity": quantity}
        items.setdefault(order_render.address_of(order, line), []).append(row)
    for address_id, rows in items.items():
        shipments_api.ship(store, order, {"order_address_id": address_id, "items": rows} | texts)
    return json_reply(_order(order), 201)


def left_to_ship(order: Order) -> Counter[str]:
    """Units by SKU; what is not in the catalog has an empty one."""
    left = Counter[str]()
    for line in order.lines:
        if line.type == "physical" and line.quantity > line.quantity_shipped:
            left[line.sku] += line.quantity - line.quantity_shipped
    return left


def set_stock(store: Store, request: Request) -> Reply:
    """The merchant types a number into the control panel; it holds at once."""
    given = request.fields()
    item, quantity = item_with(store, text(given, "sku")), whole(given, "quantity", least=0)
    place = whole(given, "location_id", default=DEFAULT_LOCATION)
    if place not in store.locations:
        raise ValueError(f"There is no location {place}")
    stock.set_absolute(store, item, quantity, place)
    return json_reply({"sku": given["sku"], "location_id": place, "onhand": quantity})


def edit_product(store: Store, request: Request, product_id: int) -> Reply:
    if product_id not in store.products:
        raise ValueError(f"There is no product {product_id}")
    catalog.update_product(store, store.products[product_id], request.fields())
    return json_reply({"id": product_id, "name": store.products[product_id].name})


def set_switches(store: Store, request: Request) -> Reply:
    known = {field.name: field for field in fields(Switches)}
    for name, value in request.fields().items():
        if name not in known:
            raise ValueError(f"There is no switch {name}; known are {', '.join(sorted(known))}")
        held = getattr(store.switches, name)
        if isinstance(value, bool) is not isinstance(held, bool) or isinstance(value, str) is not isinstance(
            held, str
        ):
            raise ValueError(f"The switch {name} takes values such as {held!r}")
        setattr(store.switches, name, value)
    return json_reply(asdict(store.switches))


def sku_of(store: Store, variant_id: int) -> str:
    variant = store.variants[variant_id]
    return variant.sku if variant.choices else store.products[variant.product_id].sku


def item_sku(store: Store, item: Item) -> str:
    kind, number = item
    return store.products[number].sku if kind == "product" else sku_of(store, number)


def item_with(store: Store, sku: str) -> Item:
    """What carries the stock of a SKU, whatever the tracking of its product."""
    variant_id = _variant_id(store, sku)
    item = store.item_of(store.products[store.variants[variant_id].product_id], variant_id)
    if item is None:
        raise ValueError(f"{sku} is not tracked")
    return item


def _variant_id(store: Store, sku: str) -> int:
    if (found := store.variant_by_sku.get(sku.lower())) is not None:
        return found
    owner = store.product_by_sku.get(sku.lower())
    if owner is None:
        raise ValueError(f"There is no SKU {sku}")
    return store.products[owner].variants[0]


def _line(store: Store, row: Json, tax: Decimal) -> Json:
    variant = store.variants[_variant_id(store, str(row["sku"]))]
    body: Json = {"product_id": variant.product_id, "variant_id": variant.id}
    body["quantity"] = whole(row, "quantity", default=1, least=1)
    if tax or "price" in row:
        product = store.products[variant.product_id]
        own = variant.own.get("sale_price") or variant.own.get("price") or product.price
        price = Decimal(str(row.get("price", own)))
        body |= {"price_ex_tax": str(price), "price_inc_tax": str(price * (1 + tax))}
    return body


def _units(order: Order, given: Json) -> list[tuple[OrderLine, int]]:
    """What is open of the whole order or of one SKU, up to the quantity given."""
    sku = str(given.get("sku") or "")
    wanted, taken = units(given, sku, left_to_ship(order)), []
    for line in order.lines:
        if line.type == "physical" and sku in ("", line.sku):
            taken.append((line, min(line.quantity - line.quantity_shipped, wanted)))
            wanted -= taken[-1][1]
    return [(line, quantity) for line, quantity in taken if quantity]


def _discount(order: Order, given: Json) -> None:
    """A coupon or a plain discount, spread over the lines so that the parts add up."""
    coupon, plain = Decimal(str(given.get("coupon") or 0)), Decimal(str(given.get("discount") or 0))
    if coupon:
        order.coupons.append({"code": "SAVE", "discount": wire.money(coupon)})
    order.discount = plain
    left, whole = coupon + plain, orders.subtotal(order, "inc_tax")
    if not left or not whole:
        return
    for line in order.lines[1:]:
        share = (coupon + plain) * line.price_inc_tax * line.quantity / whole
        line.discount = share.quantize(CENT, ROUND_DOWN)
        left -= line.discount
    order.lines[0].discount = left


def _order(order: Order) -> Json:
    return {
        "id": order.id,
        "status_id": order.status_id,
        "external_order_id": order.fields["external_order_id"],
        "channel_id": order.fields["channel_id"],
        "total_inc_tax": wire.money(orders.total(order, "inc_tax")),
        "lines": [
            {
                "id": line.id,
                "sku": line.sku,
                "quantity": line.quantity,
                "quantity_shipped": line.quantity_shipped,
                "product_id": line.product_id,
            }
            for line in order.lines
        ],
        "shipments": [
            {"id": one.id, "tracking_number": one.fields["tracking_number"], "items": one.items}
            for one in order.shipments
        ],
        "stock_taken": order.stock_taken,
        "archived": order.archived,
    }


def _order_of(store: Store, order_id: int) -> Order:
    if order_id not in store.orders:
        raise ValueError(f"There is no order {order_id}")
    return store.orders[order_id]


def _locked(simulator: Simulator, act: Act, request: Request, *parts: Any) -> Reply:
    with simulator.lock:
        try:
            return act(simulator.store, request, *parts)
        except errors.RefusedError as error:
            raise ValueError(errors.sentence(error)) from error


def _set_token(simulator: Simulator, request: Request) -> Reply:
    """`{"revoked": true}` kills the token, `{"scopes": [...]}` narrows it; `null` restores all scopes."""
    given = request.fields()
    account = simulator.account
    if "revoked" in given:
        account.revoked = truth(given["revoked"])
    if "scopes" in given:
        scopes = given["scopes"]
        account.scopes = type(account)("", "", "").scopes if scopes is None else frozenset(scopes)
    return json_reply({"revoked": account.revoked, "scopes": sorted(account.scopes)})


def _set_limits(simulator: Simulator, request: Request) -> Reply:
    given = request.fields()
    window = float(given.get("window_seconds", simulator.limits.seconds))
    simulator.limits.change(whole(given, "quota"), window)
    return json_reply({"quota": simulator.limits.quota, "window_seconds": simulator.limits.seconds})
