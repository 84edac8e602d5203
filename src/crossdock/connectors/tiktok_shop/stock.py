"""Pushes stock: one call a product, naming every warehouse of each of its SKUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.answers import FIXES
from crossdock.connectors.tiktok_shop.client import SKUS_A_STOCK_SEARCH, Client
from crossdock.connectors.tiktok_shop.mapping.stock import (
    from_target,
    is_about_zero,
    offered,
    placeless,
    refusals,
)
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.shelf import Refusal, Shelf
from crossdock.domain.channel import ChannelId, StockTarget
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

SKUS_A_CALL = 300
ZERO_REFUSED = "12052055"
ZERO_AGAIN_IN = timedelta(hours=1)
"""What became of the other SKUs meanwhile may have changed what can be done for this one."""
NOT_REFUSED: Refusal = ("", "")
LEFT_OFF_SALE = "the product is deactivated and stays so, as the hub does not know that it did that itself"
# The warehouses named were not those of the SKU: missing, too many, or gone.
WRONG_WAREHOUSES = frozenset({"12019028", "12052037", "12052097", "12019022"})

Levels = tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]
"""A SKU and its units per warehouse."""


def push_inventory(
    client: Client, memory: Memory, changes: Sequence[Change[StockTarget]]
) -> Iterator[Outcome]:
    by_product: dict[ChannelId, list[Change[StockTarget]]] = {}
    for change in changes:
        if change.desired.product_id and change.desired.variant_id and change.desired.quantities:
            by_product.setdefault(change.desired.product_id, []).append(change)
        else:
            yield _not_sendable(change)
    for product_id, group in by_product.items():
        for start in range(0, len(group), SKUS_A_CALL):
            yield from _StockPush(client, memory, product_id).push(group[start : start + SKUS_A_CALL])


def read_offered(
    client: Client, memory: Memory, targets: Sequence[StockTarget]
) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
    """What can be bought: nothing of a product that is off sale because it is sold out, whatever it still shows."""
    shelf = Shelf(client, memory)
    products = dict.fromkeys(target.product_id for target in targets)
    off = {product_id for product_id in products if shelf.is_off_for_sold_out(product_id)}
    nothing = {target.variant_id for target in targets if target.product_id in off}
    for sku_id, levels in _levels(client, targets):
        yield sku_id, tuple((place, 0) for place, _ in levels) if sku_id in nothing else levels


def _levels(client: Client, targets: Sequence[StockTarget]) -> Iterator[Levels]:
    sku_ids = list(dict.fromkeys(target.variant_id for target in targets))
    for start in range(0, len(sku_ids), SKUS_A_STOCK_SEARCH):
        yield from offered(client.search_inventory(sku_ids[start : start + SKUS_A_STOCK_SEARCH]))


class _StockPush:
    """The stock of one product."""

    def __init__(self, client: Client, memory: Memory, product_id: ChannelId) -> None:
        self._client = client
        self._memory = memory
        self._shelf = Shelf(client, memory)
        self._product_id = product_id
        self._request_id = ""

    def push(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        known = {c.desired.variant_id: self._known_warehouses(c.desired.variant_id) for c in changes}
        try:
            refused = self._send(changes, known)
            wrong = [c for c in changes if refused.get(c.desired.variant_id, ("", ""))[0] in WRONG_WAREHOUSES]
            if wrong:
                known.update(self._read_warehouses(wrong))
                again = self._send([c for c in wrong if known[c.desired.variant_id]], known)
                settled = {c.desired.variant_id for c in wrong if known[c.desired.variant_id]}
                refused = {k: v for k, v in refused.items() if k not in settled} | again
            refused = self._see_to_zeros(changes, refused)
            is_left_off = any(c.desired.comes_back for c in changes) and self._shelf.is_off_unknown_why(
                self._product_id
            )
        except UnavailableError as error:
            if error.is_unclear:
                yield from (Unclear(change.key, str(error)) for change in changes)
            raise
        for change in changes:
            variant_id = change.desired.variant_id
            outcome = self._outcome(change, known[variant_id], refused.get(variant_id))
            if isinstance(outcome, Confirmed) and is_left_off and change.desired.comes_back:
                outcome = replace(outcome, notes=(LEFT_OFF_SALE,))
            yield outcome

    def _send(
        self, changes: Sequence[Change[StockTarget]], known: Mapping[ChannelId, Sequence[ChannelId]]
    ) -> dict[ChannelId, Refusal]:
        """Who was refused, with code and message. A refusal of the whole call is one of each."""
        if not changes:
            return {}
        skus = [from_target(change.desired, known[change.desired.variant_id]) for change in changes]
        sku_ids = [change.desired.variant_id for change in changes]
        try:
            reply = self._client.update_inventory(self._product_id, skus)
        except RefusedError as error:
            self._request_id = error.request_id
            return dict.fromkeys(sku_ids, (error.code, str(error)))
        self._request_id = reply.request_id
        return refusals(reply.data.errors or (), sku_ids)

    def _see_to_zeros(
        self, changes: Sequence[Change[StockTarget]], refused: dict[ChannelId, Refusal]
    ) -> dict[ChannelId, Refusal]:
        """Where TikTok Shop takes no 0, a product that is sold out whole goes off sale; and comes back with its stock."""
        zeros = [
            change.desired
            for change in changes
            if is_about_zero(*refused.get(change.desired.variant_id, ("", "")))
            and not any(units for _, units in change.desired.quantities)
        ]
        if self._shelf.is_off_for_sold_out(self._product_id):
            return refused | self._while_off(changes, zeros, refused)
        if zeros:
            return refused | self._sold_out(changes, zeros, refused)
        return refused

    def _while_off(
        self,
        changes: Sequence[Change[StockTarget]],
        zeros: Sequence[StockTarget],
        refused: Mapping[ChannelId, Refusal],
    ) -> dict[ChannelId, Refusal]:
        """Back once every SKU has stock again, since those without would be offered with what they had."""
        stocked = {
            c.desired.variant_id
            for c in changes
            if c.desired.variant_id not in refused and any(units for _, units in c.desired.quantities)
        }
        without = {target.variant_id for target in zeros}
        settled = dict.fromkeys(without, NOT_REFUSED)
        if left := (self._shelf.sold_out(self._product_id) | without) - stocked:
            self._shelf.keep_sold_out(self._product_id, left)
            why = (
                "In stock again, but the product stays off sale: TikTok Shop refuses the 0 of its SKUs "
                f"{', '.join(sorted(left))}, which are sold out"
            )
            return settled | dict.fromkeys(stocked, (ZERO_REFUSED, why))
        if failed := self._shelf.put_back(self._product_id):
            return dict.fromkeys(stocked, failed)
        self._shelf.forget_sold_out(self._product_id)
        return {}

    def _sold_out(
        self,
        changes: Sequence[Change[StockTarget]],
        zeros: Sequence[StockTarget],
        refused: Mapping[ChannelId, Refusal],
    ) -> dict[ChannelId, Refusal]:
        unsent = {target.variant_id for target in zeros}
        if self._has_other_stock(changes, unsent, refused):
            return {target.variant_id: self._as_few_as_possible(target, refused) for target in zeros}
        failed = self._shelf.sell_out(self._product_id, unsent)
        return dict.fromkeys(unsent, failed or NOT_REFUSED)

    def _has_other_stock(
        self,
        changes: Sequence[Change[StockTarget]],
        unsent: set[ChannelId],
        refused: Mapping[ChannelId, Refusal],
    ) -> bool:
        """Whether another SKU of the product can be bought, or is to be from now on."""
        set_now = {c.desired.variant_id: sum(units for _, units in c.desired.quantities) for c in changes}
        for sku in self._client.product(self._product_id).skus or ():
            sku_id = ChannelId(text(sku.get("id")))
            shown = sum(int(entry.get("quantity") or 0) for entry in sku.get("inventory") or ())
            units = set_now[sku_id] if sku_id in set_now and sku_id not in refused else shown
            if sku_id not in unsent and units > 0:
                return True
        return False

    def _as_few_as_possible(self, target: StockTarget, refused: Mapping[ChannelId, Refusal]) -> Refusal:
        """The SKU of a product that stays on sale: one unit at most a warehouse, never more than it shows."""
        code, _ = refused[target.variant_id]
        shown = dict(_levels(self._client, [target])).get(target.variant_id, ())
        left = sum(units for _, units in shown)
        if shown and min(units for _, units in shown) >= 1 and left > len(shown):
            low = from_target(target, [place for place, _ in shown])
            low["inventory"] = [{"warehouse_id": place, "quantity": 1} for place, _ in shown]
            errors = self._client.update_inventory(self._product_id, [low]).data.errors
            left = left if errors else len(shown)
        if not left:
            return NOT_REFUSED
        return code, (
            f"Sold out, but TikTok Shop refuses a quantity of 0 and other SKUs of the product are in stock: "
            f"{left} still on offer"
        )

    def _known_warehouses(self, sku_id: ChannelId) -> tuple[ChannelId, ...]:
        """What an earlier refusal taught of this SKU's warehouses; empty where the hub's own list did."""
        kept = self._memory.get("sku_warehouses", sku_id) or ""
        return tuple(ChannelId(warehouse) for warehouse in kept.split(",") if warehouse)

    def _read_warehouses(
        self, changes: Sequence[Change[StockTarget]]
    ) -> dict[ChannelId, tuple[ChannelId, ...]]:
        stock = dict(_levels(self._client, [change.desired for change in changes]))
        found = {
            change.desired.variant_id: tuple(
                warehouse for warehouse, _ in stock.get(change.desired.variant_id, ())
            )
            for change in changes
        }
        for sku_id, warehouses in found.items():
            self._memory.put("sku_warehouses", sku_id, ",".join(warehouses))
        return found

    def _outcome(
        self, change: Change[StockTarget], known: Sequence[ChannelId], refusal: Refusal | None
    ) -> Outcome:
        if refusal is not None and refusal != NOT_REFUSED:
            code, reason = refusal
            return Rejected(
                change.key,
                reason,
                fix=FIXES.get(code, ""),
                code=code,
                request_id=self._request_id,
                again_in=ZERO_AGAIN_IN if is_about_zero(code, reason) else None,
            )
        if lost := placeless(change.desired, known):
            where = ", ".join(f"{quantity} in {warehouse}" for warehouse, quantity in lost)
            return Rejected(
                change.key,
                f"The SKU has no stock record in these warehouses of TikTok Shop, so their units are not "
                f"offered: {where}",
                fix="Add the warehouse to the product in Seller Center, or map its location elsewhere.",
                request_id=self._request_id,
            )
        return Confirmed(change.key, change.desired.variant_id, request_id=self._request_id)


def _not_sendable(change: Change[StockTarget]) -> Rejected:
    if not change.desired.quantities:
        return Rejected(
            change.key,
            "No warehouse of TikTok Shop to offer this stock in",
            fix="Pull the warehouses and fill the location to warehouse map.",
        )
    return Rejected(
        change.key, "The variant is not linked to a SKU of TikTok Shop", fix="Let the listings be read first."
    )
