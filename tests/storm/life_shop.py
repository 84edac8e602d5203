"""What buyers and the seller do on TikTok Shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock_simulators.tiktok_shop.app import FBT_ID
from storm import doing

if TYPE_CHECKING:
    from storm.storm import Storm


def buys_on_shop(storm: Storm) -> str:
    random, state = storm.random, storm.made.shop.shop
    live = [
        sku.seller_sku
        for product in state.tables.products.values()
        if product.status == "ACTIVATE"
        for sku in product.content.skus
    ]
    if not live:
        return ""
    lines = [
        {"seller_sku": sku, "quantity": random.randint(1, 3)}
        for sku in random.sample(live, min(len(live), random.choice((1, 1, 2, 3))))
    ]
    body: dict[str, Any] = {
        "lines": lines,
        "on_hold": storm.chance(0.4),
        "paid": storm.chance(0.85),
        "shipping_type": random.choice(("SELLER", "SELLER", "SELLER", "TIKTOK")),
    }
    if storm.chance(0.06):
        body["sample"] = True
    elif storm.chance(0.06):
        body |= {"fulfillment_type": "FULFILLMENT_BY_TIKTOK", "shipping_type": "TIKTOK"}
        for line in lines:
            stocked = {"seller_sku": line["seller_sku"], "warehouse_id": FBT_ID, "quantity": 20}
            doing.shop(storm, "stock", stocked)
    done = doing.shop(storm, "orders", body)
    return f"{lines} {done if isinstance(done, str) else done['id'] + ' ' + done['status']}"


def _shop_order(storm: Storm, *statuses: str) -> Any:
    found = [
        order
        for order in storm.made.shop.shop.tables.orders.values()
        if not statuses or order.status in statuses
    ]
    return storm.random.choice(found) if found else None


def buyer_of_shop_changes_mind(storm: Storm) -> str:
    order = _shop_order(storm, "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")
    if order is None:
        return ""
    open_lines = [line.id for line in order.lines if line.is_open]
    chosen: list[str] = []
    if storm.chance(0.5) and len(open_lines) > 1:
        chosen = storm.random.sample(open_lines, storm.random.randint(1, len(open_lines) - 1))
    return f"{order.id} {len(chosen) or 'all'}: {doing.shop(storm, f'orders/{order.id}/cancel', {'line_ids': chosen})}"


def buyer_of_shop_pays(storm: Storm) -> str:
    order = _shop_order(storm, "UNPAID")
    return f"{order.id}: {doing.short(doing.shop(storm, f'orders/{order.id}/pay', {}))}" if order else ""


def buyer_of_shop_moves(storm: Storm) -> str:
    order = _shop_order(storm, "ON_HOLD", "AWAITING_SHIPMENT")
    if order is None:
        return ""
    street = f"{storm.random.randint(1, 99)} New Street"
    return f"{order.id}: {doing.shop(storm, f'orders/{order.id}/address', {'line1': street})}"


def buyer_of_shop_returns(storm: Storm) -> str:
    order = _shop_order(storm, "IN_TRANSIT", "DELIVERED")
    if order is None:
        return ""
    kind = storm.random.choice(("RETURN_AND_REFUND", "REFUND", "REPLACEMENT"))
    return f"{order.id}: {doing.shop(storm, f'orders/{order.id}/return', {'type': kind})}"


def return_goes_on(storm: Storm) -> str:
    found = sorted(storm.made.shop.shop.tables.returns)
    if not found:
        return ""
    key, step = storm.random.choice(found), storm.random.choice(("ship", "withdraw", "finish", "decide"))
    body = {"decision": storm.random.choice(("APPROVE_RETURN", "APPROVE_REFUND", "APPROVE_RECEIVED_PACKAGE"))}
    return f"{key} {step}: {doing.shop(storm, f'returns/{key}/{step}', body if step == 'decide' else {})}"


# The merchant on TikTok Shop


def seller_ships_on_shop(storm: Storm) -> str:
    """Also a part, where nobody else is to ship it."""
    order = _shop_order(storm, "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")
    if order is None or order.terms.fulfillment_type != "FULFILLMENT_BY_SELLER":
        return ""
    open_lines = [line.id for line in order.lines if line.is_open]
    if storm.chance(0.4) and len(open_lines) > 1:
        some = storm.random.sample(open_lines, storm.random.randint(1, len(open_lines) - 1))
        rest = [each for each in open_lines if each not in some]
        storm.say(
            f"  split {order.id}: {doing.shop(storm, f'orders/{order.id}/split', {'groups': [some, rest]})}"
        )
    return f"{order.id}: {doing.shop(storm, f'orders/{order.id}/ship', {})}"


def carrier_of_shop(storm: Storm) -> str:
    order = _shop_order(storm, "AWAITING_COLLECTION", "IN_TRANSIT", "PARTIALLY_SHIPPING")
    if order is None:
        return ""
    to = storm.random.choice(("IN_TRANSIT", "DELIVERED"))
    return f"{order.id}: {doing.short(doing.shop(storm, f'orders/{order.id}/advance', {'to': to}))}"


def seller_counts_on_shop(storm: Storm) -> str:
    skus = sorted(storm.made.shop_stock())
    if not skus:
        return ""
    body = {"seller_sku": storm.random.choice(skus), "quantity": storm.random.randint(0, 80)}
    return f"{body}: {doing.short(doing.shop(storm, 'stock', body))}"


def seller_edits_on_shop(storm: Storm) -> str:
    found = sorted(storm.made.shop.shop.tables.products)
    if not found:
        return ""
    key = storm.random.choice(found)
    product = storm.made.shop.shop.tables.products[key]
    if storm.chance(0.4):
        status = storm.random.choice(("SELLER_DEACTIVATED", "ACTIVATE"))
        return f"{key} {status}: {doing.shop(storm, f'products/{key}/status', {'status': status})}"
    sku = storm.random.choice([each.seller_sku for each in product.content.skus])
    price = f"{storm.random.randint(500, 9000) / 100:.2f}"
    edit: dict[str, Any] = {"prices": {sku: price}}
    if storm.chance(0.3):
        edit["title"] = f"Edited by hand no. {storm.random.randint(1, 999)} of the season"
    return f"{key} {edit}: {doing.shop(storm, f'products/{key}/edit', edit)}"
