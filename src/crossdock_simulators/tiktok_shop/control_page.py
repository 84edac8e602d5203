"""The shop's parts of the control page: what a buyer, the seller, a carrier and the platform do by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Final

from crossdock_simulators.kit import page
from crossdock_simulators.tiktok_shop import cancellations, logistics, packing, returns
from crossdock_simulators.tiktok_shop.records import ZERO, Line, Order, Product, Return, Statement
from crossdock_simulators.tiktok_shop.shop import Shop

SHOWN = 50


def orders_section(shop: Shop) -> str:
    fields = [
        page.text_field("Seller SKU", "seller_sku"),
        page.text_field("Quantity", "quantity", 1),
        page.choice_field("Hold", "on_hold", [("false", "skip it"), ("true", "keep it")]),
        page.choice_field("Paid", "paid", [("true", "yes"), ("false", "no")]),
        page.choice_field(
            "Shipping", "shipping_type", [("SELLER", "by the seller"), ("TIKTOK", "by TikTok")]
        ),
    ]
    newest = list(shop.tables.orders.values())[-SHOWN:]
    rows = [_order_row(shop, order) for order in reversed(newest)]
    listed = page.table(["Order", "Status", "Units", ""], rows) if rows else "<p>No order so far.</p>"
    note = page.newest(len(rows), len(shop.tables.orders), "orders")
    return page.acts(page.form("/_sim/orders", fields, "Place order")) + note + listed


def returns_section(shop: Shop) -> str:
    newest = list(shop.tables.returns.values())[-SHOWN:]
    rows = [_return_row(shop, made) for made in reversed(newest)]
    if not rows:
        return "<p>No return so far: a buyer asks for one at an order that is on its way or delivered.</p>"
    note = page.newest(len(rows), len(shop.tables.returns), "returns")
    return note + page.table(["Return, order", "Kind", "Status", "Units", ""], rows)


def statements_section(shop: Shop) -> str:
    fields = [
        page.text_field("Orders", "order_ids", hint="ids"),
        page.text_field("Adjustment", "amount", hint="such as -4.50"),
        page.text_field("… of order", "order_id", hint="id, or empty"),
    ]
    newest = list(shop.tables.statements.values())[-SHOWN:]
    rows = [_statement_row(made) for made in reversed(newest)]
    head = ["Statement", "Stated", "About", "Settled", "Paid", ""]
    listed = page.table(head, rows) if rows else "<p>No statement so far.</p>"
    note = page.newest(len(rows), len(shop.tables.statements), "statements")
    return page.acts(page.form("/_sim/statements", fields, "Settle")) + note + listed


def products_section(shop: Shop) -> str:
    """Those that wait for a decision first, however old."""
    newest = sorted(shop.tables.products.values(), key=lambda one: one.audit == "AUDITING")[-SHOWN:]
    rows = [_product_row(product) for product in reversed(newest)]
    listed = page.table(["Product", "Status, audit", ""], rows) if rows else "<p>No product so far.</p>"
    note = page.newest(len(rows), len(shop.tables.products), "products")
    return _review_switch(shop) + note + listed


def stock_section(shop: Shop) -> str:
    places = [(w.id, w.name) for w in shop.warehouses.values() if w.type == "SALES_WAREHOUSE"]
    fields = [
        page.text_field("Seller SKU", "seller_sku"),
        page.choice_field("Warehouse", "warehouse_id", places),
        page.text_field("Quantity", "quantity", 10),
    ]
    newest = list(shop.tables.products.values())[-SHOWN:]
    rows = [row for product in reversed(newest) for row in _stock_rows(shop, product)]
    head = ["SKU", "Price", "Warehouse", "Available", "Committed"]
    listed = page.table(head, rows) if rows else "<p>No stock so far.</p>"
    note = page.newest(len(newest), len(shop.tables.products), "products")
    return page.acts(page.form("/_sim/stock", fields, "Set stock as the seller")) + note + listed


SECTIONS: Final[dict[str, Callable[[Shop], str]]] = {
    "Orders": orders_section,
    "Returns": returns_section,
    "Statements": statements_section,
    "Products": products_section,
    "Stock": stock_section,
}


def _order_row(shop: Shop, order: Order) -> list[str]:
    status = escape(order.status)
    if (asked := cancellations.pending_of(shop, order.id)) is not None:
        until = f"{asked.deadline:%Y-%m-%d %H:%M}" if asked.deadline else "its deadline"
        count = "all that is open" if len(asked.line_ids) == len(order.open_lines) else len(asked.line_ids)
        status += f"<br>cancel requested ({count}), granted at {until} UTC if nobody answers"
    buttons = [*_buyer_forms(shop, order, is_asked=asked is not None), *_seller_forms(shop, order)]
    buttons += _later_forms(shop, order)
    return [f"<code>{order.id}</code>", status, _units(order.lines), page.acts(*buttons)]


def _buyer_forms(shop: Shop, order: Order, *, is_asked: bool) -> Iterator[str]:
    path = f"/_sim/orders/{order.id}"
    if order.status == "UNPAID":
        yield page.form(f"{path}/pay", [], "Pay")
    if order.status in cancellations.BEFORE_RELEASE | cancellations.UNSHIPPED and not is_asked:
        yield page.form(f"{path}/cancel", [], "Cancel as the buyer")
    units = Counter(line.seller_sku for line in order.lines if line.status != "CANCELLED")
    if (
        order.status in cancellations.BEFORE_RELEASE
        and units.total() > 1
        and shop.region.partial_cancellation
    ):
        fields = [_sku_field(units), page.text_field("Units kept", "quantity", 1)]
        yield page.form(f"{path}/quantity", fields, "Change quantity as the buyer")


def _seller_forms(shop: Shop, order: Order) -> Iterator[str]:
    """A package that waits leaves as it is packed; where there is none, the seller picks the units."""
    if order.status not in cancellations.UNSHIPPED or not order.open_lines:
        return
    path, waiting = f"/_sim/orders/{order.id}", packing.waiting_packages(shop, order.id)
    carriers = [(one.id, one.name) for one in logistics.providers(shop.region)]
    fields = [
        *([] if waiting else _units_fields(order.open_lines)),
        page.choice_field("Carrier", "shipping_provider_id", carriers),
        page.text_field("Tracking number", "tracking_number", hint="made up"),
    ]
    button = "Ship the next package" if len(waiting) > 1 else "Ship as the seller"
    yield page.folded("Ship", page.form(f"{path}/ship", fields, button))
    packed = [line for line in order.open_lines if any(line.id in one.line_ids for one in waiting)]
    if len(packed) > len(waiting):
        units = Counter(line.seller_sku for line in packed)
        apart = [_sku_field(units), page.text_field("Units", "quantity", 1)]
        yield page.folded("Split", page.form(f"{path}/split", apart, "Pack apart as the seller"))
    if len(waiting) > 1:
        yield page.form(f"{path}/split", [], "Pack in one again")
    if any(len(package.order_ids) > 1 for package in waiting):
        yield page.form(f"{path}/uncombine", [], "Take out of the shared package")
    elif others := _combinable(shop, order):
        fields = [page.choice_field("With order", "order_id", [(one.id, one.id) for one in others])]
        yield page.folded("Combine", page.form(f"{path}/combine", fields, "Pack together as the seller"))


def _combinable(shop: Shop, order: Order) -> list[Order]:
    """Other orders for the same recipient out of the same warehouse that wait in packages too."""
    if not packing.waiting_packages(shop, order.id):
        return []
    place = (order.terms.recipient, order.terms.warehouse_id)
    return [
        other
        for other in shop.tables.orders.values()
        if other.id != order.id
        and (other.terms.recipient, other.terms.warehouse_id) == place
        and packing.waiting_packages(shop, other.id)
    ]


def _later_forms(shop: Shop, order: Order) -> Iterator[str]:
    path = f"/_sim/orders/{order.id}"
    reached = {p.status for p in shop.tables.packages.values() if order.id in p.order_ids}
    steps = {
        "IN_TRANSIT": ("Scan by the carrier", "PROCESSING" in reached),
        "DELIVERED": ("Deliver", "FULFILLING" in reached),
        "COMPLETED": ("Complete", order.status == "DELIVERED" and not returns.holds_open(shop, order.id)),
    }
    for target, (button, is_possible) in steps.items():
        if is_possible:
            yield page.form(f"{path}/advance", [page.hidden_field("to", target)], button)
    free = returns.returnable(shop, order)
    if order.status in returns.RETURNABLE and free:
        kinds = [(kind, _worded(kind)) for kind in returns.OPENS_AS]
        fields = [
            page.choice_field("Kind", "type", kinds, chosen="RETURN_AND_REFUND"),
            *_units_fields(free),
            page.text_field("Reason", "reason", "Wrong item"),
        ]
        yield page.folded("Return", page.form(f"{path}/return", fields, "Ask as the buyer"))
    settled = {row.get("order_id") for made in shop.tables.statements.values() for row in made.rows}
    if order.status in ("DELIVERED", "COMPLETED") and order.id not in settled:
        yield page.form("/_sim/statements", [page.hidden_field("order_ids", order.id)], "Settle")


def _return_row(shop: Shop, made: Return) -> list[str]:
    path = f"/_sim/returns/{made.id}"
    buttons = []
    for decision in returns.LEADS_TO.get((made.type, made.status), {}):
        hidden = page.hidden_field("decision", decision)
        buttons.append(page.form(f"{path}/decide", [hidden], _worded(decision)))
        if decision == "APPROVE_RETURN":
            fields = [hidden, page.hidden_field("buyer_keep_item", "true")]
            buttons.append(page.form(f"{path}/decide", fields, "Approve, the buyer keeps it"))
    if made.status == returns.AWAITING:
        number = page.text_field("Tracking number", "tracking_number", hint="made up")
        buttons.append(page.form(f"{path}/ship", [number], "Send back as the buyer"))
    if returns.can_withdraw(made):
        buttons.append(page.form(f"{path}/withdraw", [], "Withdraw as the buyer"))
    if returns.is_open(made):
        buttons.append(page.form(f"{path}/finish", [], "Finish"))
    order = shop.tables.orders[made.order_id]
    units = _units([line for line in order.lines if line.id in made.line_ids], with_status=False)
    status = escape(made.status) + (f"<br>{escape(made.tracking_number)}" if made.tracking_number else "")
    ids = f"<code>{made.id}</code><br><code>{made.order_id}</code>"
    return [ids, _worded(made.type), status, units, page.acts(*buttons)]


def _statement_row(made: Statement) -> list[str]:
    about = "<br>".join(
        f"{escape(row['type'])} <code>{escape(row.get('order_id') or row.get('adjustment_order_id') or '')}</code>"
        for row in made.rows
    )
    settled = sum((Decimal(row["settlement_amount"]) for row in made.rows), ZERO)
    pay = "" if made.is_paid else page.form(f"/_sim/statements/{made.id}/pay", [], "Pay out")
    stated = f"{made.stated:%Y-%m-%d %H:%M} UTC"
    return [f"<code>{made.id}</code>", stated, about, f"{settled:.2f}", "yes" if made.is_paid else "no", pay]


def _product_row(product: Product) -> list[str]:
    path = f"/_sim/products/{product.id}/review"
    refusal = [page.hidden_field("decision", "fail"), page.text_field("Reason", "reason", "Blurred image")]
    buttons = page.acts(
        page.form(path, [page.hidden_field("decision", "approve")], "Approve"),
        page.form(path, refusal, "Refuse"),
    )
    titled = f"{escape(product.content.title)}<br><code>{product.id}</code>"
    status = f"{escape(product.status)}<br>{escape(product.audit)}"
    return [titled, status, buttons if product.audit == "AUDITING" else ""]


def _review_switch(shop: Shop) -> str:
    switches = shop.switches
    if switches.auto_approve:
        told = f"Reviews are decided by themselves after {switches.review_delay_seconds:g} seconds."
        button = "Decide them by hand"
    else:
        told, button = "Reviews wait for a decision here.", "Decide them by themselves"
    value = page.hidden_field("auto_approve", "false" if switches.auto_approve else "true")
    return f"<p>{told}</p>" + page.acts(page.form("/_sim/switches", [value], button))


def _stock_rows(shop: Shop, product: Product) -> Iterator[list[str]]:
    for sku in product.content.skus:
        for warehouse_id, level in shop.stock_of(sku.id).items():
            name = escape(shop.warehouses[warehouse_id].name)
            yield [escape(sku.seller_sku), f"{sku.price:f}", name, str(level.available), str(level.committed)]


def _units(lines: Sequence[Line], *, with_status: bool = True) -> str:
    """Equal units counted together: the platform has a line for each."""
    counted = Counter(f"{line.seller_sku} {line.status if with_status else ''}" for line in lines)
    return "<br>".join(f"{count} × {escape(named.rstrip())}" for named, count in counted.items())


def _units_fields(lines: Sequence[Line]) -> list[str]:
    """Nothing to choose where there is a single unit."""
    units = Counter(line.seller_sku for line in lines)
    if units.total() < 2:
        return []
    return [_sku_field(units, whole="all"), page.text_field("Units", "quantity", hint="all")]


def _sku_field(units: Counter[str], *, whole: str = "") -> str:
    choices = [(sku, f"{sku} ({count})") for sku, count in units.items()]
    if whole and len(choices) > 1:
        choices.insert(0, ("", whole))
    return page.choice_field("SKU", "seller_sku", choices)


def _worded(name: str) -> str:
    return name.replace("_", " ").capitalize()
