"""The control API: what buyers, the seller in Seller Center and the platform do by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, TypeVar

from crossdock_simulators.kit import Control, Deliveries, Reply, Request, json_reply
from crossdock_simulators.kit.given import amount, is_filled, text, truth, units, whole
from crossdock_simulators.tiktok_shop import (
    cancellations,
    control_page,
    finance,
    logistics,
    orders,
    packages,
    packing,
    placing,
    products,
    recipients,
    returns,
    state_view,
)
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.events import APP_EVENTS
from crossdock_simulators.tiktok_shop.oauth import Authorizations, TokenHost
from crossdock_simulators.tiktok_shop.records import Line, Order, Product, Return
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

Change = Callable[..., Any]
RecordT = TypeVar("RecordT")


class Desk:
    """Registers the endpoints and sections on the kit's control page."""

    def __init__(
        self, shop: Shop, *, authorizations: Authorizations, host: TokenHost, deliveries: Deliveries
    ) -> None:
        self._shop = shop
        self._authorizations = authorizations
        self._host = host
        self._deliveries = deliveries

    def register(self, control: Control) -> None:
        control.title = f"TikTok Shop simulator ({self._shop.region.code})"
        control.add("GET", "/_sim/state", self._state)
        for path, change in (
            ("/_sim/orders", self._place),
            ("/_sim/orders/{id}/pay", self._pay),
            ("/_sim/orders/{id}/cancel", self._cancel),
            ("/_sim/orders/{id}/quantity", self._reduce),
            ("/_sim/orders/{id}/ship", self._ship),
            ("/_sim/orders/{id}/split", self._split),
            ("/_sim/orders/{id}/combine", self._combine),
            ("/_sim/orders/{id}/uncombine", self._uncombine),
            ("/_sim/orders/{id}/advance", self._advance),
            ("/_sim/orders/{id}/address", self._change_address),
            ("/_sim/orders/{id}/return", self._return),
            ("/_sim/returns/{id}/decide", self._decide_return),
            ("/_sim/returns/{id}/ship", self._send_back),
            ("/_sim/returns/{id}/withdraw", self._withdraw_return),
            ("/_sim/returns/{id}/finish", self._finish_return),
            ("/_sim/statements", self._settle),
            ("/_sim/statements/{id}/pay", self._pay_out),
            ("/_sim/products/{id}/review", self._review),
            ("/_sim/products/{id}/status", self._set_status),
            ("/_sim/products/{id}/edit", self._edit),
            ("/_sim/stock", self._set_stock),
            ("/_sim/switches", self._switch),
            ("/_sim/redirect-url", self._set_redirect_url),
            ("/_sim/scopes", self._set_scopes),
            ("/_sim/app-webhooks", self._set_app_webhook),
            ("/_sim/webhook-faults", self._set_webhook_faults),
            ("/_sim/deauthorize", self._deauthorize),
        ):
            control.add("POST", path, self._changing(change))
        control.add("GET", "/_sim/switches", lambda _: json_reply(asdict(self._shop.switches)))
        for heading, render in control_page.SECTIONS.items():
            control.add_section(heading, self._reading(render))

    def _changing(self, change: Change) -> Callable[..., Reply]:
        def handle(request: Request, *ids: int) -> Reply:
            self._shop.settle()
            with self._shop.transaction():
                try:
                    return json_reply(change(request.fields(), *(str(part) for part in ids)))
                except ApiError as error:
                    raise ValueError(error.message) from error

        return handle

    def _reading(self, render: Callable[[Shop], str]) -> Callable[[], str]:
        def read() -> str:
            self._shop.settle()
            with self._shop.lock:
                return render(self._shop)

        return read

    def _state(self, request: Request) -> Reply:
        self._shop.settle()
        with self._shop.lock:
            return json_reply(state_view.state(self._shop, seller_sku=request.query.get("seller_sku", "")))

    def _place(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Beside lines, a form may give one SKU and its quantity."""
        if "seller_sku" in asked:
            sku = text(asked, "seller_sku")
            asked["lines"] = [{"seller_sku": sku, "quantity": asked.pop("quantity", 1)}]
            del asked["seller_sku"]
        return state_view.order_state(placing.place(self._shop, asked))

    def _pay(self, _: dict[str, Any], order_id: str) -> dict[str, Any]:
        paid = orders.pay(self._shop, self._order(order_id), cancel=cancellations.cancel_as_system)
        return state_view.order_state(paid)

    def _cancel(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        line_ids = asked.get("line_ids") or []
        made = cancellations.cancel_as_buyer(
            self._shop, self._order(order_id), line_ids, str(asked.get("reason", ""))
        )
        return {"cancel_id": made.id, "status": made.status}

    def _reduce(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """The buyer's second thoughts during the hold: `quantity` is how many units of `seller_sku` are left."""
        order, seller_sku = self._order(order_id), text(asked, "seller_sku")
        left = whole(asked, "quantity", least=0)
        made = cancellations.reduce_as_buyer(self._shop, order, seller_sku, left)
        return {"cancel_id": made.id, "status": made.status}

    def _ship(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """As the seller in Seller Center, or the platform, would; a package that waits leaves as it is packed."""
        shop, order = self._shop, self._order(order_id)
        if order.status not in cancellations.UNSHIPPED:
            raise ValueError(f"Order {order_id} is {order.status}: nothing is shipped")
        number = str(asked.get("tracking_number") or "")
        provider_id = str(asked.get("shipping_provider_id") or logistics.PROVIDERS[0].id)
        if number:
            logistics.check_tracking(shop, provider_id, number)
        waiting = packing.waiting_packages(shop, order.id)
        line_ids = [] if waiting else packages.chosen_lines(order, _chosen(asked, order.open_lines))
        packages.settle_request(shop, order)
        package = waiting[0] if waiting else packing.new_package(shop, [order.id], line_ids)
        number = number or f"SC{package.id}"
        orders.ship(shop, package, tracking_number=number, provider_id=provider_id)
        return {"package_id": package.id}

    def _split(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """As the seller in Seller Center: `groups` of line ids, each of which becomes a package.

        A form names the units that get a package of their own; with none named, all are packed in one again.
        """
        order = self._order(order_id)
        packed = [package.line_ids for package in packing.waiting_packages(self._shop, order_id)]
        apart = _chosen(asked, [line for line in order.open_lines if any(line.id in ids for ids in packed)])
        left = packed if apart else [[line_id for ids in packed for line_id in ids]]
        groups = [apart, *([line_id for line_id in ids if line_id not in apart] for ids in left)]
        made = packing.split(self._shop, order, asked.get("groups", groups))
        return {"package_ids": [package.id for package in made]}

    def _combine(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """As the seller in Seller Center: what waits of this order and of `order_id`, in one package."""
        chosen = [self._order(order_id), self._order(text(asked, "order_id"))]
        return {"package_id": packing.combine(self._shop, chosen).id}

    def _uncombine(self, _: dict[str, Any], order_id: str) -> dict[str, Any]:
        shared = [p for p in packing.waiting_packages(self._shop, order_id) if len(p.order_ids) > 1]
        if not shared:
            raise ValueError(f"Order {order_id} is in no package with others")
        return {"package_ids": [package.id for package in packing.uncombine(self._shop, shared[0])]}

    def _advance(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """Let the carrier scan or deliver, or the platform close, without waiting for the clock."""
        steps: dict[str, Callable[[Shop, str], None]] = {
            "IN_TRANSIT": orders.scan,
            "DELIVERED": orders.deliver,
        }
        target, before = text(asked, "to"), self._progress(order_id)
        if target not in (*steps, "COMPLETED"):
            raise ValueError(f"An order gets to {', '.join(steps)} or COMPLETED, not to {target}")
        if target == "COMPLETED":
            orders.complete(self._shop, order_id)
        else:
            for package in list(self._shop.tables.packages.values()):
                if order_id in package.order_ids:
                    steps[target](self._shop, package.id)
        if self._progress(order_id) == before:
            raise ValueError(f"Nothing of order {order_id}, which is {before[0]}, gets to {target} now")
        return state_view.order_state(self._order(order_id))

    def _progress(self, order_id: str) -> tuple[str, ...]:
        packed = (p for p in self._shop.tables.packages.values() if order_id in p.order_ids)
        return self._order(order_id).status, *(package.status for package in packed)

    def _change_address(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        """The buyer corrects the address; update_time stays, as on the platform."""
        shop, order = self._shop, self._order(order_id)
        values = {**asdict(order.terms.recipient), **asked}
        recipient = recipients.choose(shop.region, 0, values)
        terms = replace(order.terms, recipient=recipient)
        shop.tables.orders[order_id] = replace(order, terms=terms, has_updated_recipient_address=True)
        shop.publish("RECIPIENT_ADDRESS_UPDATE", {"order_id": order_id, "update_time": seconds(shop.now())})
        return {"order_id": order_id}

    def _return(self, asked: dict[str, Any], order_id: str) -> dict[str, Any]:
        kind, reason = asked.get("type", "RETURN_AND_REFUND"), asked.get("reason", "Wrong item")
        order = self._order(order_id)
        line_ids = _chosen(asked, returns.returnable(self._shop, order))
        return {"return_id": returns.open_return(self._shop, order, line_ids, kind=kind, reason=reason).id}

    def _decide_return(self, asked: dict[str, Any], return_id: str) -> dict[str, Any]:
        """As the seller in Seller Center; `decision` is named as in the API."""
        made, keeps_item = self._return_with(return_id), truth(asked.get("buyer_keep_item", False))
        decided = returns.decide(self._shop, made, text(asked, "decision"), keeps_item=keeps_item)
        return {"status": decided.status}

    def _send_back(self, asked: dict[str, Any], return_id: str) -> dict[str, Any]:
        number = str(asked.get("tracking_number") or f"RT{return_id}")
        return {"status": returns.send_back(self._shop, self._return_with(return_id), number).status}

    def _withdraw_return(self, _: dict[str, Any], return_id: str) -> dict[str, Any]:
        return {"status": returns.withdraw(self._shop, self._return_with(return_id)).status}

    def _finish_return(self, _: dict[str, Any], return_id: str) -> dict[str, Any]:
        return {"status": returns.finish_return(self._shop, self._return_with(return_id)).status}

    def _settle(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A statement over these `order_ids`, and `adjustments` of an `amount` that may name an `order_id`.

        A form gives the ids in one text, and the `amount` and `order_id` of one adjustment.
        """
        given, adjustments = asked.get("order_ids", []), list(asked.get("adjustments", []))
        order_ids = given.replace(",", " ").split() if isinstance(given, str) else map(str, given)
        if asked.get("amount"):
            adjustments.append({"amount": asked["amount"], "order_id": asked.get("order_id", "")})
        made = finance.settle(self._shop, list(order_ids), adjustments)
        return {"statement_id": made.id}

    def _pay_out(self, _: dict[str, Any], statement_id: str) -> dict[str, Any]:
        return {"statement_id": finance.pay(self._shop, statement_id).id}

    def _review(self, asked: dict[str, Any], product_id: str) -> dict[str, Any]:
        product, decision = self._product(product_id), asked.get("decision", "approve")
        if product.audit != "AUDITING":
            raise ValueError(f"Product {product_id} is not under review")
        if decision not in ("approve", "fail"):
            raise ValueError("decision must be approve or fail")
        if decision == "approve":
            decided = products.approve(self._shop, product)
        else:
            decided = products.refuse(self._shop, product, str(asked.get("reason", "Refused by hand")))
        return {"status": decided.status, "audit": decided.audit}

    def _set_status(self, asked: dict[str, Any], product_id: str) -> dict[str, Any]:
        products.set_status(self._shop, self._product(product_id), str(asked["status"]))
        return {"status": self._product(product_id).status}

    def _edit(self, asked: dict[str, Any], product_id: str) -> dict[str, Any]:
        """The seller's edit in Seller Center: title, description, and prices by seller SKU."""
        product = self._product(product_id)
        content, prices = product.content, asked.get("prices", {})
        skus = (replace(sku, price=amount(prices.get(sku.seller_sku, sku.price))) for sku in content.skus)
        texts = {name: str(asked[name]) for name in ("title", "description") if name in asked}
        edited = replace(content, skus=tuple(skus), **texts)  # type: ignore[arg-type]
        products.edit_as_seller(self._shop, product, edited)
        return {"id": product_id}

    def _set_stock(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The seller's own change in Seller Center; any warehouse, also one the SKU was not at."""
        shop = self._shop
        warehouse_id = str(asked.get("warehouse_id") or shop.default_warehouse().id)
        if warehouse_id not in shop.warehouses:
            raise ValueError(f"No warehouse {warehouse_id}")
        sku_id = str(asked.get("sku_id") or self._sku_id(text(asked, "seller_sku")))
        quantity = whole(asked, "quantity", least=0)
        shop.set_available(sku_id, [(warehouse_id, quantity)])
        return {"sku_id": sku_id, "warehouse_id": warehouse_id, "available": quantity}

    def _switch(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._shop.switches.change(asked)
        return asdict(self._shop.switches)

    def _set_redirect_url(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._host.redirect_url = str(asked["url"])
        return {"url": self._host.redirect_url}

    def _set_scopes(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Tokens made from now on carry these; older ones keep theirs."""
        self._authorizations.scopes = frozenset(str(scope) for scope in asked["scopes"])
        return {"scopes": sorted(self._authorizations.scopes)}

    def _set_app_webhook(self, asked: dict[str, Any]) -> dict[str, Any]:
        event = str(asked["event_type"])
        if event not in APP_EVENTS:
            raise ValueError(f"Unknown event {event}")
        self._shop.tables.app_webhooks[event] = str(asked["address"])
        return dict(self._shop.tables.app_webhooks)

    def _set_webhook_faults(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Shares of messages lost, duplicated and shuffled; a delay in seconds; or all paused."""
        switches = self._deliveries.switches
        for name in ("lost", "duplicated", "shuffled"):
            setattr(switches, name, float(asked.get(name, getattr(switches, name))))
        switches.delay = timedelta(seconds=float(asked.get("delay_seconds", switches.delay.total_seconds())))
        switches.paused = bool(asked.get("paused", switches.paused))
        return asdict(switches) | {"delay": switches.delay.total_seconds()}

    def _deauthorize(self, _: dict[str, Any]) -> dict[str, Any]:
        """The seller removes the app: the last webhook goes out and every token is dead."""
        self._shop.publish("SELLER_DEAUTHORIZATION", {"message": "The seller removed the app"})
        self._authorizations.revoke()
        return {}

    def _order(self, order_id: str) -> Order:
        return _found(self._shop.tables.orders, order_id, "order")

    def _product(self, product_id: str) -> Product:
        return _found(self._shop.tables.products, product_id, "product")

    def _return_with(self, return_id: str) -> Return:
        return _found(self._shop.tables.returns, return_id, "return")

    def _sku_id(self, seller_sku: str) -> str:
        products_found = self._shop.products_named([seller_sku])
        found = (sku.id for p in products_found for sku in p.content.skus if sku.seller_sku == seller_sku)
        if (sku_id := next(found, None)) is None:
            raise ValueError(f"No SKU {seller_sku}")
        return sku_id


def _found(records: Mapping[str, RecordT], record_id: str, kind: str) -> RecordT:
    if (record := records.get(record_id)) is None:
        raise ValueError(f"There is no {kind} {record_id}")
    return record


def _chosen(asked: Mapping[str, Any], lines: Sequence[Line]) -> list[str]:
    """The `line_ids` named, or of `lines` the `quantity` units of a `seller_sku` that a form names.

    Nothing named is an empty list, which means all.
    """
    if not any(is_filled(asked, name) for name in ("seller_sku", "quantity")):
        return list(asked.get("line_ids") or [])
    sku = str(asked.get("seller_sku") or "")
    count = units(asked, sku, Counter(line.seller_sku for line in lines))
    return [line.id for line in lines if sku in ("", line.seller_sku)][:count]
