"""Pushes stock: one call a product, naming every warehouse of each of its SKUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.answers import FIXES
from crossdock.connectors.tiktok_shop.client import SKUS_A_STOCK_SEARCH, Client
from crossdock.connectors.tiktok_shop.mapping.stock import from_target, offered, placeless, refusals
from crossdock.domain.channel import ChannelId, StockTarget
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

SKUS_A_CALL = 300
# The warehouses named were not those of the SKU: missing, too many, or gone.
WRONG_WAREHOUSES = frozenset({"12019028", "12052037", "12052097", "12019022"})

Refusal = tuple[str, str]
"""Code and message."""


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
    client: Client, targets: Sequence[StockTarget]
) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
    sku_ids = list(dict.fromkeys(target.variant_id for target in targets))
    for start in range(0, len(sku_ids), SKUS_A_STOCK_SEARCH):
        yield from offered(client.search_inventory(sku_ids[start : start + SKUS_A_STOCK_SEARCH]))


class _StockPush:
    """The stock of one product."""

    def __init__(self, client: Client, memory: Memory, product_id: ChannelId) -> None:
        self._client = client
        self._memory = memory
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
        except UnavailableError as error:
            if error.is_unclear:
                yield from (Unclear(change.key, str(error)) for change in changes)
            raise
        for change in changes:
            variant_id = change.desired.variant_id
            yield self._outcome(change, known[variant_id], refused.get(variant_id))

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

    def _known_warehouses(self, sku_id: ChannelId) -> tuple[ChannelId, ...]:
        """What an earlier refusal taught of this SKU's warehouses; empty where the hub's own list did."""
        kept = self._memory.get("sku_warehouses", sku_id) or ""
        return tuple(ChannelId(warehouse) for warehouse in kept.split(",") if warehouse)

    def _read_warehouses(
        self, changes: Sequence[Change[StockTarget]]
    ) -> dict[ChannelId, tuple[ChannelId, ...]]:
        stock = dict(read_offered(self._client, [change.desired for change in changes]))
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
        if refusal is not None:
            code, reason = refusal
            return Rejected(
                change.key, reason, fix=FIXES.get(code, ""), code=code, request_id=self._request_id
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
