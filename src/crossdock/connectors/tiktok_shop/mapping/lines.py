"""Line items, of which each is one unit, become lines with quantities; bundles become their components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_order import LineItem, SubItem
from crossdock.domain.channel import ChannelId, ChannelOrderLine, ChannelSku, LineTax
from crossdock.domain.money import Money
from crossdock.domain.order import LineStatus

CANCELED = "CANCELLED"
SHIPPED = frozenset({"AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"})
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit costs; taxes apart, since equal units may bear taxes a cent apart."""

    original: Decimal = ZERO
    seller_discount: Decimal = ZERO
    platform_discount: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        return self.original - self.seller_discount - self.platform_discount


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on one unit; `rate` is empty where TikTok Shop does not say."""

    name: str
    rate: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Shipment:
    """How a unit travels, as far as TikTok Shop says; `left_at` is in Unix seconds, 0 where it is not known."""

    package_id: str = ""
    number: str = ""
    provider_id: str = ""
    carrier: str = ""
    left_at: int = 0

    @property
    def id(self) -> str:
        """The package, or its number where TikTok Shop made no package; empty where nothing is known."""
        return self.package_id or self.number


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece to pick, pack and ship. Inside a bundle its id is "line id/sub item id"."""

    id: str
    sku_id: str
    product_id: str
    seller_sku: str
    name: str
    cost: Cost
    taxes: tuple[Tax, ...]
    status: str
    is_gift: bool = False
    shipment: Shipment = Shipment()
    is_named: bool = True
    """Whether its id is TikTok Shop's own, and no running number inside a bundle that only lists its components."""

    @property
    def has_left(self) -> bool:
        return self.status in SHIPPED

    @property
    def is_canceled(self) -> bool:
        return self.status == CANCELED


def to_lines(items: Iterable[LineItem], *, currency: str, is_canceled: bool) -> tuple[ChannelOrderLine, ...]:
    """Equal units of a SKU at one price make one line, named after the first by id, so that a line stays itself
    when the platform lists the units in another order."""
    groups: dict[tuple[object, ...], list[Unit]] = {}
    for unit in units_in(items):
        groups.setdefault((unit.sku_id, unit.seller_sku, unit.cost, unit.is_gift), []).append(unit)
    return tuple(_line(units, currency, is_canceled) for units in groups.values())


def _line(units: list[Unit], currency: str, is_canceled: bool) -> ChannelOrderLine:
    first = units[0]
    canceled = sum(is_canceled or unit.is_canceled for unit in units)
    shipped = 0 if is_canceled else sum(unit.has_left for unit in units)
    return ChannelOrderLine(
        channel_id=ChannelId(first.id),
        channel_sku=ChannelSku(first.seller_sku),
        name=first.name,
        quantity=len(units),
        unit_price=Money(first.cost.original, currency),
        seller_discount=Money(first.cost.seller_discount, currency) * len(units),
        platform_discount=Money(first.cost.platform_discount, currency) * len(units),
        tax=Money(_sum(tax for unit in units for tax in unit.taxes), currency),
        status=_status(len(units), canceled, shipped),
        quantity_canceled=canceled,
        quantity_shipped=shipped,
        variant_id=ChannelId(first.sku_id),
        product_id=ChannelId(first.product_id),
        unit_ids=tuple(ChannelId(unit.id) for unit in units),
        is_gift=first.is_gift,
        taxes=_line_taxes(units, currency),
    )


def _line_taxes(units: Iterable[Unit], currency: str) -> tuple[LineTax, ...]:
    """Each kind of tax once, with what all units bear of it."""
    kinds: dict[tuple[str, str], list[Tax]] = {}
    for tax in (tax for unit in units for tax in unit.taxes):
        kinds.setdefault((tax.name, tax.rate), []).append(tax)
    return tuple(
        LineTax(name, Money(_sum(some), currency), Decimal(rate) if rate else None)
        for (name, rate), some in sorted(kinds.items())
    )


def _sum(taxes: Iterable[Tax]) -> Decimal:
    return sum((tax.amount for tax in taxes), ZERO)


def _status(quantity: int, canceled: int, shipped: int) -> LineStatus:
    if canceled == quantity:
        return LineStatus.CANCELED
    return LineStatus.SHIPPED if canceled + shipped == quantity else LineStatus.OPEN


def units_in(items: Iterable[LineItem]) -> Iterator[Unit]:
    """All units of an order, by the ids of their line items."""
    ordered = sorted(items, key=lambda item: (len(text(item.id)), text(item.id)))
    return (unit for item in ordered for unit in _units_of(item))


def _units_of(item: LineItem) -> Iterator[Unit]:
    if item.sub_item_info:
        yield from _components(item, item.sub_item_info)
    elif item.combined_listing_skus:
        yield from _listed_components(item)
    else:
        yield _unit(item, text(item.id), cost=_cost(item), taxes=_taxes(item))


def _components(item: LineItem, parts: list[SubItem]) -> Iterator[Unit]:
    """Stock and shipping happen on the components. Where their prices do not make up the line's,
    the first one bears it whole: the sum of the order is never changed by taking it apart."""
    costs, taxes = [_cost(part) for part in parts], [_taxes(part) for part in parts]
    if sum((cost.paid for cost in costs), ZERO) != _cost(item).paid:
        costs = [_cost(item)] + [Cost()] * (len(parts) - 1)
    if _sum(tax for some in taxes for tax in some) != _sum(_taxes(item)):
        taxes = [_taxes(item)] + [()] * (len(parts) - 1)
    for part, cost, some in zip(parts, costs, taxes, strict=True):
        unit = _unit(part, f"{text(item.id)}/{text(part.id)}", cost=cost, taxes=some)
        unit = unit if unit.status else replace(unit, status=text(item.display_status))
        says_how = unit.shipment.id or (text(part.display_status) and not unit.has_left)
        yield unit if says_how else replace(unit, shipment=_shipment(item))


def _listed_components(item: LineItem) -> Iterator[Unit]:
    """A bundle that names its components but not their units: the first unit bears the price."""
    cost, taxes, number = _cost(item), _taxes(item), 0
    for part in item.combined_listing_skus or ():
        for _ in range(part.sku_count or 1):
            number += 1
            yield Unit(
                id=f"{text(item.id)}/{number}",
                sku_id=text(part.sku_id),
                product_id=text(part.product_id),
                seller_sku=_sku(part.seller_sku),
                name=text(item.product_name),
                cost=cost,
                taxes=taxes,
                status=text(item.display_status),
                is_gift=bool(item.is_gift),
                shipment=_shipment(item),
                is_named=False,
            )
            cost, taxes = Cost(), ()


def _unit(item: SubItem, unit_id: str, *, cost: Cost, taxes: tuple[Tax, ...]) -> Unit:
    return Unit(
        id=unit_id,
        sku_id=text(item.sku_id),
        product_id=text(item.product_id),
        seller_sku=_sku(item.seller_sku),
        name=text(item.product_name),
        cost=cost,
        taxes=taxes,
        status=text(item.display_status),
        is_gift=isinstance(item, LineItem) and bool(item.is_gift),
        shipment=_shipment(item),
    )


def _shipment(item: SubItem) -> Shipment:
    return Shipment(
        package_id=text(item.package_id),
        number=text(item.tracking_number),
        provider_id=text(item.shipping_provider_id),
        carrier=text(item.shipping_provider_name),
        left_at=item.rts_time or 0,
    )


def _sku(value: object) -> str:
    """Exactly as written: a space more or less is another SKU."""
    return "" if value is None else str(value)


def _cost(item: SubItem) -> Cost:
    """Discounts as told; where they do not lead to the sale price, the seller's takes up the difference."""
    original, paid = amount(item.original_price), amount(item.sale_price)
    seller, platform = amount(item.seller_discount), amount(item.platform_discount)
    if not text(item.sale_price) or original - seller - platform == paid:
        return Cost(original, seller, platform)
    seller = original - platform - paid
    return Cost(original, seller, platform) if seller >= 0 else Cost(paid + platform, ZERO, platform)


def _taxes(item: SubItem) -> tuple[Tax, ...]:
    given = (
        Tax(text(tax.tax_type), text(tax.tax_rate), amount(tax.tax_amount)) for tax in item.item_tax or ()
    )
    return tuple(tax for tax in given if tax.amount)
