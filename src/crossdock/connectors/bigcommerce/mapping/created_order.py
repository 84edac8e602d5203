"""An order of another channel as the body that creates it in BigCommerce, with every amount given explicitly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crossdock.connectors.bigcommerce.mapping.order_status import from_status
from crossdock.connectors.bigcommerce.mapping.regions import full_state
from crossdock.domain.channel import Address, ChannelId, ChannelOrder, ChannelOrderLine

SOURCE = "crossdock"
PAYMENT_METHOD = "Paid on another channel"
# A name that can never be looked up (RFC 2606), so that nothing sent to it leaves the platform.
NO_MAIL_DOMAIN = "unknown-buyer.invalid"
LONGEST_NAME = 250
_UNKNOWN_POSTAL_CODE = "00000"
_FINEST = Decimal("0.0001")
_ZERO = Decimal(0)

Body = dict[str, Any]
LinkedLines = Mapping[ChannelId, tuple[ChannelId, ChannelId]]


@dataclass(frozen=True, slots=True)
class Destination:
    """What the store decides about orders that we create in it."""

    paid_status: int
    country_code: str


def from_order(order: ChannelOrder, lines: LinkedLines, destination: Destination) -> Body:
    status_id = from_status(
        order.status, is_reservation=order.is_reservation, paid_status=destination.paid_status
    )
    address = order.shipping_address or order.billing_address or Address()
    shipped_to = _from_address(order, address, destination)
    billed_to = _from_address(order, order.billing_address or address, destination)
    method = {"shipping_method": order.shipping_method} if order.shipping_method else {}
    return {
        "status_id": status_id,
        "customer_id": 0,
        "external_source": SOURCE,
        "external_order_id": order.channel_id,
        "payment_method": PAYMENT_METHOD,
        "staff_notes": _notes(order, address, lines),
        "billing_address": billed_to,
        "shipping_addresses": [shipped_to | method],
        "products": [_from_line(order, line, lines.get(line.channel_id)) for line in _wanted(order)],
        **_from_totals(order),
    }


def _wanted(order: ChannelOrder) -> list[ChannelOrderLine]:
    return [line for line in order.lines if _quantity(line) > 0]


def _quantity(line: ChannelOrderLine) -> int:
    return line.quantity - line.quantity_canceled


def _from_line(
    order: ChannelOrder, line: ChannelOrderLine, linked: tuple[ChannelId, ChannelId] | None
) -> Body:
    """A line that is linked to the catalog takes stock there; one that is not keeps its name and SKU."""
    unit_tax = (line.tax.amount / line.quantity).quantize(_FINEST, ROUND_HALF_UP) if line.quantity else _ZERO
    price = line.unit_price.amount
    prices: Body = {
        "quantity": _quantity(line),
        "price_ex_tax": price - unit_tax if _includes_tax(order) else price,
        "price_inc_tax": price if _includes_tax(order) else price + unit_tax,
    }
    if linked is None:
        name = (line.name or line.channel_sku or "Item")[:LONGEST_NAME]
        return {"name": name, "sku": line.channel_sku, **prices}
    product_id, variant_id = linked
    return {"product_id": int(product_id), "variant_id": int(variant_id), **prices}


def _from_totals(order: ChannelOrder) -> dict[str, str]:
    """Amounts with and without tax go in pairs: with one of them alone the platform computes wrong totals."""
    totals = order.totals
    gross = sum((line.unit_price.amount * line.quantity for line in order.lines), _ZERO)
    line_tax = sum((line.tax.amount for line in order.lines), _ZERO)
    line_discounts = sum(
        (line.seller_discount.amount + line.platform_discount.amount for line in order.lines), _ZERO
    )
    shipping = totals.shipping - totals.shipping_seller_discount - totals.shipping_platform_discount
    tax = totals.included_tax.amount if _includes_tax(order) else totals.tax.amount
    shipping_tax = max(tax - line_tax, _ZERO)
    return {
        **_pair("subtotal", gross, line_tax, is_inclusive=_includes_tax(order)),
        **_pair("shipping_cost", shipping.amount, shipping_tax, is_inclusive=_includes_tax(order)),
        **_pair("handling_cost", totals.fees.amount, _ZERO, is_inclusive=True),
        "discount_amount": _text(line_discounts + totals.order_discount.amount),
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
        "email": address.email if "@" in address.email else f"order-{order.channel_id}@{NO_MAIL_DOMAIN}",
    }


def _notes(order: ChannelOrder, address: Address, lines: LinkedLines) -> str:
    notes = [f"Created by Crossdock from order {order.number}."]
    funded = sum((line.platform_discount.amount for line in order.lines), _ZERO)
    funded += order.totals.shipping_platform_discount.amount
    if funded:
        notes.append(f"The marketplace funds {funded:.2f} {order.currency} of the discount.")
    if "@" not in address.email:
        notes.append("The e-mail address is made up: the marketplace gave none.")
    if address.is_masked:
        notes.append("The marketplace masks the address.")
    missing = [line.channel_sku or line.name for line in _wanted(order) if line.channel_id not in lines]
    if missing:
        notes.append(f"Not in the catalog, so no stock moved for: {', '.join(missing)}.")
    return "\n".join(notes)
