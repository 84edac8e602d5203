"""Products that the hub took off sale: because their source has them no more, or because all is sold out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop.answers import FIXES
from crossdock.connectors.tiktok_shop.client import PRODUCTS_A_SWITCH, Client
from crossdock.connectors.tiktok_shop.payloads import ItemError, text
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Confirmed, Outcome, Rejected, Unclear

OFF = "SELLER_DEACTIVATED"
ON_SALE = frozenset({"ACTIVATE", "PENDING"})
GONE = "12052048"
WITHDRAWN, SOLD_OUT = "withdrawn", "sold_out"

Refusal = tuple[str, str]
"""Code and message."""


class Shelf:
    """Remembers what the hub itself took off sale, since what a person did in Seller Center stays as it is."""

    def __init__(self, client: Client, memory: Memory) -> None:
        self._client = client
        self._memory = memory

    def withdraw(self, product_ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        """Off sale until an edit brings the product back."""
        for start in range(0, len(product_ids), PRODUCTS_A_SWITCH):
            some = product_ids[start : start + PRODUCTS_A_SWITCH]
            for product_id in some:
                self._memory.put(WITHDRAWN, product_id, "yes")
            try:
                refused = self._deactivate(some)
            except UnavailableError as error:
                if error.is_unclear:
                    yield from (Unclear(product_id, str(error)) for product_id in some)
                raise
            for product_id in some:
                if product_id in refused:
                    self._memory.put(WITHDRAWN, product_id, "")
                    yield _rejected(product_id, refused[product_id])
                else:
                    yield Confirmed(product_id, product_id)

    def comes_back(self, product_id: ChannelId) -> Refusal | None:
        """Put a withdrawn product on sale again, unless all of it is sold out."""
        if self.sold_out(product_id):
            return None
        if refusal := self.put_back(product_id):
            return refusal
        self._memory.put(WITHDRAWN, product_id, "")
        return None

    def is_withdrawn(self, product_id: ChannelId) -> bool:
        return bool(self._memory.get(WITHDRAWN, product_id))

    def is_known_off(self, product_id: ChannelId) -> bool:
        """Whether it is off sale by the hub's own doing."""
        return self.is_withdrawn(product_id) or bool(self.sold_out(product_id))

    def is_off_unknown_why(self, product_id: ChannelId) -> bool:
        """Whether it is deactivated and, as far as the hub remembers, not by the hub."""
        return not self.is_known_off(product_id) and text(self._client.product(product_id).status) == OFF

    def put_back(self, product_id: ChannelId) -> Refusal | None:
        try:
            errors = self._client.activate_products([product_id]).data.errors or ()
        except RefusedError as error:
            return error.code, str(error)
        return next((_said(error) for error in errors), None)

    def sell_out(self, product_id: ChannelId, sku_ids: Iterable[ChannelId]) -> Refusal | None:
        """Off sale because TikTok Shop takes no 0; `sku_ids` still show their last quantity there."""
        self.keep_sold_out(product_id, sku_ids)
        refusal = self._deactivate([product_id]).get(product_id)
        if refusal:
            self.forget_sold_out(product_id)
        return refusal

    def keep_sold_out(self, product_id: ChannelId, sku_ids: Iterable[ChannelId]) -> None:
        self._memory.put(SOLD_OUT, product_id, ",".join(sorted(sku_ids)))

    def sold_out(self, product_id: ChannelId) -> frozenset[ChannelId]:
        """The SKUs for whose sake the product is off sale."""
        kept = self._memory.get(SOLD_OUT, product_id) or ""
        return frozenset(ChannelId(sku_id) for sku_id in kept.split(",") if sku_id)

    def forget_sold_out(self, product_id: ChannelId) -> None:
        self._memory.put(SOLD_OUT, product_id, "")

    def is_off_for_sold_out(self, product_id: ChannelId) -> bool:
        """Whether it really is off sale still: somebody may have activated it in Seller Center."""
        if not self.sold_out(product_id):
            return False
        is_off = text(self._client.product(product_id).status) not in ON_SALE
        if not is_off:
            self.forget_sold_out(product_id)
        return is_off

    def _deactivate(self, product_ids: Sequence[ChannelId]) -> dict[ChannelId, Refusal]:
        """Who is still on sale afterwards, with TikTok Shop's code and message."""
        try:
            errors = self._client.deactivate_products(product_ids).data.errors or ()
        except RefusedError as error:
            return dict.fromkeys(product_ids, (error.code, str(error)))
        refused: dict[ChannelId, Refusal] = {}
        for each in errors:
            named = text(each.detail.product_id) if each.detail else ""
            for product_id in (ChannelId(named),) if named else product_ids:
                if self._is_on_sale(product_id, text(each.code)):
                    refused[product_id] = _said(each)
        return refused

    def _is_on_sale(self, product_id: ChannelId, code: str) -> bool:
        """A draft, a frozen or a deleted product cannot be deactivated, and need not be."""
        return code != GONE and text(self._client.product(product_id).status) in ON_SALE


def _said(error: ItemError) -> Refusal:
    code = text(error.code)
    return code, text(error.message) or f"Refused with code {code}"


def _rejected(product_id: ChannelId, refusal: Refusal) -> Rejected:
    code, reason = refusal
    fix = FIXES.get(code) or "Deactivate the product in Seller Center."
    return Rejected(product_id, reason, fix=fix, code=code)
