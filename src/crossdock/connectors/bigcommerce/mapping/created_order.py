"""An order of another channel as the body that creates it in BigCommerce, with every amount given explicitly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crossdock.connectors.bigcommerce.mapping.order_status import from_status
from crossdock.connectors.bigcommerce.mapping.regions import full_state
from crossdock.domain.channel import Address, ChannelId, ChannelOrder, ChannelOrderLine
from crossdock.domain.elsewhere import LinkedLines

SOURCE = "crossdock"
UNNAMED_SOURCE = "Another channel"
# A name that can never be looked up (RFC 2606), so that nothing sent to it leaves the platform.
NO_MAIL_DOMAIN = "unknown-buyer.invalid"
LONGEST_NAME = 250
_UNKNOWN_POSTAL_CODE = "00000"
_FINEST = Decimal("0.0001")
_CENT = Decimal("0.01")
_ZERO = Decimal(0)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Destination:
    """What is decided about an order that we create in the store."""

    paid_status: int
    country_code: str
    channel_id: int | None = None
    source: str = ""
    """The name of the platform that sold it, and that was paid."""
    refused: frozenset[ChannelId] = frozenset()
    """Lines whose stock the store refuses: they are booked without a product."""


def from_order(order: ChannelOrder, lines: LinkedLines, destination: Destination) -> Body:
    address = order.shipping_address or order.billing_address or Address()
    shipped_to = _from_address(order, address, destination)
    method = {"shipping_method": order.shipping_method} if order.shipping_method else {}
    channel = {} if destination.channel_id is None else {"channel_id": destination.channel_id}
    catalog = {line: ids for line, ids in lines.items() if line not in destination.refused}
    funded = _funded(order)
    return {
        "status_id": _status_id(order, destination),
        "customer_id": 0,
        "external_source": SOURCE,
        "external_order_id": order.channel_id,
        "payment_method": destination.source or UNNAMED_SOURCE,
        "staff_notes": _notes(order, address, catalog, destination),
        "billing_address": _billed_to(order, destination),
        "shipping_addresses": [shipped_to | method],
        "products": [
            _from_line(order, line, funded[line.channel_id], catalog.get(line.channel_id))
            for line in order.lines
        ],
        **channel,
        **_from_totals(order),
    }


def released(order: ChannelOrder, destination: Destination) -> tuple[Body, Body]:
    """What an order that was created before its release gets now: its status and payer, and where it goes."""
    address = order.shipping_address or order.billing_address or Address()
    body = {
        "status_id": _status_id(order, destination),
        "billing_address": _billed_to(order, destination),
    }
    return body, _from_address(order, address, destination)


def _status_id(order: ChannelOrder, destination: Destination) -> int:
    return from_status(order.status, is_reservation=order.is_reservation, paid_status=destination.paid_status)


def _billed_to(order: ChannelOrder, destination: Destination) -> Body:
    address = order.billing_address or order.shipping_address or Address()
    return _from_address(order, address, destination)


def _funded(order: ChannelOrder) -> dict[ChannelId, Decimal]:
    """What the marketplace pays of each line, with the line's share of what it pays of the whole."""
    worth = {line.channel_id: _worth(line) for line in order.lines}
    whole = sum(worth.values(), _ZERO)
    left, rest = min(order.totals.platform_discount.amount, max(whole, _ZERO)), whole
    funded = {}
    for line in order.lines:
        goods = worth[line.channel_id]
        share = (left * goods / rest).quantize(_CENT, ROUND_HALF_UP) if rest else _ZERO
        left, rest = left - share, rest - goods
        funded[line.channel_id] = line.platform_discount.amount + share
    return funded


def _worth(line: ChannelOrderLine) -> Decimal:
    return (line.unit_price * line.quantity - line.platform_discount).amount


def _from_line(
    order: ChannelOrder,
    line: ChannelOrderLine,
    funded: Decimal,
    linked: tuple[ChannelId, ChannelId] | None,
) -> Body:
    """A line that is linked to the catalog takes stock there; one that is not keeps its name and SKU.

    What the marketplace pays of the price is no discount of the merchant's, so the price is net of it.
    """
    unit_tax = _of_one(line.tax.amount, line.quantity)
    price = line.unit_price.amount - _of_one(funded, line.quantity)
    prices: Body = {
        "quantity": line.quantity,
        "price_ex_tax": price - unit_tax if _includes_tax(order) else price,
        "price_inc_tax": price if _includes_tax(order) else price + unit_tax,
    }
    if linked is None:
        name = (line.name or line.channel_sku or "Item")[:LONGEST_NAME]
        return {"name": name, "sku": line.channel_sku, **prices}
    product_id, variant_id = linked
    return {"product_id": int(product_id), "variant_id": int(variant_id), **prices}


def _of_one(amount: Decimal, quantity: int) -> Decimal:
    return (amount / quantity).quantize(_FINEST, ROUND_HALF_UP) if quantity else _ZERO


def _from_totals(order: ChannelOrder) -> dict[str, str]:
    """Amounts with and without tax go in pairs: with one of them alone the platform computes wrong totals.

    The goods are net of what the marketplace funds, shipping is net of all its discounts, and the discount is
    the merchant's own. What the original itself leaves unexplained is a cost or a discount more.
    """
    totals = order.totals
    goods = sum((_worth(line) for line in order.lines), _ZERO)
    funded = min(totals.platform_discount.amount, max(goods, _ZERO))
    line_tax = sum((line.tax.amount for line in order.lines), _ZERO)
    shipping = (totals.shipping - totals.shipping_seller_discount - totals.shipping_platform_discount).amount
    unexplained = totals.unexplained.amount if totals.unexplained else _ZERO
    discount = sum((line.seller_discount.amount for line in order.lines), _ZERO)
    discount += totals.order_discount.amount - funded + max(-unexplained, _ZERO) + max(-shipping, _ZERO)
    tax = totals.included_tax.amount if _includes_tax(order) else totals.tax.amount
    shipping_tax, is_inclusive = max(tax - line_tax, _ZERO), _includes_tax(order)
    return {
        **_pair("subtotal", goods - funded, line_tax, is_inclusive=is_inclusive),
        **_pair("shipping_cost", max(shipping, _ZERO), shipping_tax, is_inclusive=is_inclusive),
        **_pair("handling_cost", totals.fees.amount + max(unexplained, _ZERO), _ZERO, is_inclusive=True),
        "discount_amount": _text(discount),
        **_pair("total", totals.total.amount, tax, is_inclusive=True),
    }


def _includes_tax(order: ChannelOrder) -> bool:
    return order.totals.included_tax.amount > 0


def _pair(name: str, amount: Decimal, tax: Decimal, *, is_inclusive: bool) -> dict[str, str]:
    without, with_tax = (amount - tax, amount) if is_inclusive else (amount, amount + tax)
    return {f"{name}_ex_tax": _text(without), f"{name}_inc_tax": _text(with_tax)}


def _text(amount: Decimal) -> str:
    return f"{amount:.4f}"


def _from_address(order: ChannelOrder, address: Address, destination: Destination) -> Body:
    """What the marketplace withheld is filled so that the platform accepts it; a made-up e-mail is no mailbox."""
    country = address.country_code or destination.country_code
    first, _, last = address.name.strip().partition(" ")
    street = [*address.lines, "", ""]
    return {
        "first_name": first or "Marketplace",
        "last_name": last or "Buyer",
        "company": address.company,
        "street_1": street[0],
        "street_2": ", ".join(line for line in street[1:] if line),
        "city": address.city,
        "state": full_state(address.state, country),
        "zip": address.postal_code if len(address.postal_code) > 1 else _UNKNOWN_POSTAL_CODE,
        "country_iso2": country,
        "phone": address.phone,
        "email": address.email if _is_mailbox(address) else f"order-{order.channel_id}@{NO_MAIL_DOMAIN}",
    }


def _is_mailbox(address: Address) -> bool:
    return "@" in address.email and "*" not in address.email


def _notes(order: ChannelOrder, address: Address, catalog: LinkedLines, destination: Destination) -> str:
    seller = destination.source or "The marketplace"
    notes = [
        f"Created by Crossdock from order {order.number}{f' of {destination.source}' if destination.source else ''}."
    ]
    funded = sum((line.platform_discount.amount for line in order.lines), _ZERO)
    funded += (order.totals.shipping_platform_discount + order.totals.platform_discount).amount
    if funded:
        notes.append(
            f"{seller} funds {funded:.2f} {order.currency} of the discounts: taken off the prices and shipping, "
            "and no part of the discount shown here, which is the seller's own."
        )
    if not _is_mailbox(address):
        notes.append(f"The e-mail address is made up and reaches nobody: {seller} gave none.")
    if address.is_masked:
        notes.append(f"{seller} masks the address.")
    refused = _named(order, lambda line: line.channel_id in destination.refused)
    if refused:
        notes.append(f"Booked without a product, since the store had no stock of: {refused}.")
    missing = _named(
        order, lambda line: line.channel_id not in catalog and line.channel_id not in destination.refused
    )
    if missing:
        notes.append(f"Not in the catalog, so no stock moved for: {missing}.")
    return "\n".join(notes)


def _named(order: ChannelOrder, is_meant: Callable[[ChannelOrderLine], bool]) -> str:
    return ", ".join(line.channel_sku or line.name for line in order.lines if is_meant(line))
