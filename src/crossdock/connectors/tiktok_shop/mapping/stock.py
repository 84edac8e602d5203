"""Stock targets become the quantities of a SKU per warehouse, and the answers outcomes again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crossdock.connectors.tiktok_shop.payloads import ItemError, Stock, text
from crossdock.domain.channel import ChannelId, StockTarget

MOST_UNITS = 99_999
WRAPPER = "12052990"


def from_target(target: StockTarget, known: Sequence[ChannelId] = ()) -> dict[str, Any]:
    """`known` are the warehouses the SKU has, where they were learnt: all of them are named, and no other."""
    wanted = dict(target.quantities)
    warehouses = known or [warehouse for warehouse, _ in target.quantities]
    return {
        "id": target.variant_id,
        "inventory": [
            {"warehouse_id": warehouse, "quantity": sellable(wanted.get(warehouse, 0))}
            for warehouse in warehouses
        ],
    }


def sellable(quantity: int) -> int:
    """Within what TikTok Shop takes; offering less than there is oversells nothing."""
    return min(max(quantity, 0), MOST_UNITS)


def is_about_zero(code: str, message: str) -> bool:
    """Whether a refusal may be one of the quantity 0, which older documents allow and newer ones do not."""
    is_named = code in ("98001004", "36009004") and "quantity" in message.casefold()
    return code in ("12052055", "12019024") or is_named


def placeless(target: StockTarget, known: Sequence[ChannelId]) -> tuple[tuple[ChannelId, int], ...]:
    """Units meant for warehouses that the SKU does not have."""
    if not known:
        return ()
    return tuple((place, units) for place, units in target.quantities if units > 0 and place not in known)


def refusals(errors: Iterable[ItemError], sku_ids: Sequence[ChannelId]) -> dict[ChannelId, tuple[str, str]]:
    """Code and message by SKU. An error that names none is about the whole call."""
    found: dict[ChannelId, tuple[str, str]] = {}
    for error in errors:
        sku_id = text(error.detail.sku_id) if error.detail else ""
        for affected in (ChannelId(sku_id),) if sku_id else sku_ids:
            found.setdefault(affected, _said(error))
    return found


def _said(error: ItemError) -> tuple[str, str]:
    """The wrapper's own code says nothing; what matters is nested."""
    nested = (error.detail.extra_errors if error.detail else None) or ()
    parts = [
        f"{text(extra.message)} (warehouse {text(extra.warehouse_id)})"
        if text(extra.warehouse_id)
        else text(extra.message)
        for extra in nested
    ]
    code = text(error.code)
    if nested and code == WRAPPER:
        code = text(nested[0].code) or code
    return code, "; ".join(parts) or text(error.message) or f"Refused with code {code}"


def offered(stock: Stock) -> Iterator[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
    """Per SKU what its warehouses still sell, sorted by warehouse."""
    for product in stock.inventory or ():
        for sku in product.skus or ():
            levels = (
                (ChannelId(text(level.warehouse_id)), level.available_quantity or 0)
                for level in sku.warehouse_inventory or ()
            )
            yield ChannelId(text(sku.id)), tuple(sorted(levels))
