"""Pushes products: checked first, then created, or edited without touching what is not ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

import msgspec

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.tiktok_shop import payloads_product
from crossdock.connectors.tiktok_shop.answers import FIXES, LISTING_QUOTA
from crossdock.connectors.tiktok_shop.calls import Reply
from crossdock.connectors.tiktok_shop.client import SELLER_SKUS_A_SEARCH, Client
from crossdock.connectors.tiktok_shop.drafts import DRAFT, Drafts, Lacking
from crossdock.connectors.tiktok_shop.mapping import product as to_send
from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.mapping.stock import is_about_zero
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.regions import PUSH_REGIONS, currency_of
from crossdock.connectors.tiktok_shop.shelf import OFF, Shelf
from crossdock.connectors.tiktok_shop.uploads import Uploads
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Postponed, Rejected, Unclear

V2_ONLY = "12052217"
IMAGE_GONE = "12052722"
EXTERNAL_ID_TAKEN = "12052996"
MENDABLE = frozenset({V2_ONLY, IMAGE_GONE, LISTING_QUOTA})
LIVE = "ACTIVATE"
AGAIN_IN = {"12052038": timedelta(days=1), "12019045": timedelta(days=1)}
"""Prices that a promotion locks: tried again daily, since nobody tells when it is over."""
STOCK_AGAIN_IN = timedelta(hours=1)
DEACTIVATED = (
    "It is deactivated on TikTok Shop, which the hub did not do: activate it in Seller Center to sell it"
)
UNEDITABLE = {"FREEZE": "blocked for a violation", "DELETED": "deleted"}


def region_refusal(name: str, region: str) -> str | None:
    """Why products of this shop cannot be pushed; None where they can."""
    if region in PUSH_REGIONS:
        return None
    return (
        f"The shop {name} is in the region {region}. TikTok Shop takes pushed products for US and UK shops "
        "only: maintain the catalog in TikTok Shop. Orders, inventory and fulfillments sync all the same"
    )


class Publisher:
    def __init__(self, client: Client, memory: Memory, drafts: Drafts, uploads: Uploads) -> None:
        self._client = client
        self._memory = memory
        self._drafts = drafts
        self._uploads = uploads
        self._shelf = Shelf(client, memory)

    def push(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        """When the daily limit is reached, edits go on; the products to create are postponed."""
        shop = self._client.shop()
        if refusal := region_refusal(shop.name, shop.region):
            fix = "Set Process product catalog updates to Disabled."
            yield from (Rejected(change.key, refusal, fix=fix) for change in changes)
            return
        for change in changes:
            try:
                outcome = self._push(change)
            except UnavailableError as error:
                if error.is_unclear:
                    yield Unclear(change.key, str(error))
                raise
            yield outcome

    def _push(self, change: Change[Listable]) -> Outcome:
        try:
            if change.channel_id is None:
                return self._found_or_postponed(change) or self._write(change)
            return self._write(change)
        except RefusedError as error:
            if error.code == LISTING_QUOTA:
                # About the shop, not about the product; and no rate limit, which would hold back orders and stock.
                return self._uploads.refused(change.key)
            if is_about_zero(error.code, str(error)) and _is_partly_sold_out(change.desired):
                return Postponed(
                    change.key, "Waits for stock: TikTok Shop refuses a quantity of 0", STOCK_AGAIN_IN
                )
            return _rejected(change, error)

    def _found_or_postponed(self, change: Change[Listable]) -> Outcome | None:
        """A create whose answer was lost looks first, limit or not."""
        found = self._find(change) if change.is_unclear else None
        return found or self._uploads.postponed(change.key)

    def _write(self, change: Change[Listable]) -> Outcome:
        """What the hub believed of the shop may be outdated; then it is put right and written once more."""
        write = self._create if change.channel_id is None else self._edit
        try:
            return write(change)
        except RefusedError as error:
            if not self._is_mended(error, change.desired):
                raise
            return write(change)

    def _is_mended(self, error: RefusedError, listable: Listable) -> bool:
        if error.code == V2_ONLY:
            return self._drafts.categories.turn_to_v2()
        if error.code == IMAGE_GONE:
            self._drafts.forget_images(listable)
        return error.code == IMAGE_GONE

    def _create(self, change: Change[Listable]) -> Outcome:
        listable, shop = change.desired, self._client.shop()
        draft = self._drafts.of(listable)
        if isinstance(draft, Lacking):
            return _lacking(change, draft)
        seed = f"{shop.id}:{listable.product.id}:{change.fingerprint}"
        body = to_send.from_listable(
            listable,
            draft,
            currency=currency_of(shop.region),
            # The same state twice is one product, even where the first answer was lost.
            idempotency_key=str(uuid5(NAMESPACE_URL, seed)),
        )
        try:
            reply = self._sent(body)
        except RefusedError as error:
            if error.code == EXTERNAL_ID_TAKEN and (found := self._find(change)):
                return found
            if draft.lacks and error.code not in MENDABLE:
                # Not even a draft is taken.
                return replace(
                    _lacking(change, Lacking(draft.lacks)), code=error.code, request_id=error.request_id
                )
            raise
        product_id = ChannelId(text(reply.data.product_id))
        self._remember(product_id, to_send.from_content(draft, body.get("product_attributes", [])))
        return Confirmed(
            change.key,
            product_id,
            links=_links(listable, {_sku(s.seller_sku): text(s.id) for s in reply.data.skus or ()}),
            is_new=True,
            notes=(*draft.notes, *_warnings(reply.data)),
            request_id=reply.request_id,
            lacks=_reasons(draft.lacks),
            fix=_fixes(draft.lacks),
        )

    def _sent(self, body: to_send.Json) -> Reply[payloads_product.WrittenProduct]:
        """Counted even where the answer was lost, since the product may be there."""
        try:
            reply = self._client.create_product(body)
        except UnavailableError as error:
            if error.is_unclear:
                self._uploads.count()
            raise
        self._uploads.count()
        return reply

    def _find(self, change: Change[Listable]) -> Outcome | None:
        """The product that carries our SKUs already, from an attempt whose answer was lost."""
        listable = change.desired
        ours = [variant.channel_sku for variant in listable.variants]
        filters = {"status": "ALL", "seller_skus": ours[:SELLER_SKUS_A_SEARCH]}
        raws = self._client.search_products(filters).products or ()
        candidates = [msgspec.json.decode(raw, type=payloads_product.FoundProduct) for raw in raws]
        found = [
            product
            for product in candidates
            if text(product.status) != "DELETED"
            and {_sku(sku.seller_sku) for sku in product.skus or ()} & set(ours)
        ]
        if len(found) > 1:
            ids = ", ".join(text(product.id) for product in found)
            return Rejected(
                change.key,
                f"Several products on TikTok Shop carry these SKUs: {ids}",
                fix="Keep one of them and delete the others in Seller Center.",
            )
        if not found:
            return None
        links = _links(listable, {_sku(sku.seller_sku): text(sku.id) for sku in found[0].skus or ()})
        return Confirmed(change.key, ChannelId(text(found[0].id)), links=links)

    def _edit(self, change: Change[Listable]) -> Outcome:
        """Content by a partial edit, prices by their own call: neither can lose a SKU or touch stock.

        The list of SKUs is sent only to add one, or to set the price of a product that is not live;
        then it holds every SKU the product has, ours or not.
        """
        product_id = change.channel_id or ChannelId("")
        detail = self._client.product(product_id)
        if state := UNEDITABLE.get(text(detail.status)):
            return Rejected(
                change.key,
                f"The product is {state} on TikTok Shop",
                fix="Resolve that in Seller Center first.",
            )
        draft = self._drafts.of(change.desired, detail)
        if isinstance(draft, Lacking):
            return _lacking(change, draft)
        edit = to_send.edit_of(
            change.desired,
            draft,
            detail,
            currency=currency_of(self._client.shop().region),
            may_update_prices=text(detail.status) == LIVE,
        )
        links = to_send.present_ids(change.desired, detail.skus or ())
        notes, request_id = [*draft.notes], ""
        if text(detail.status) == OFF and not self._shelf.is_known_off(product_id):
            notes.append(DEACTIVATED)
        content = {} if self._is_settled(product_id, edit.content, draft, detail) else edit.content
        if body := content | ({"skus": list(edit.skus)} if edit.skus else {}):
            if text(detail.status) == DRAFT:
                body["save_mode"] = draft.save_mode
            reply = self._client.edit_product_in_part(product_id, body)
            self._remember(product_id, edit.content)
            links |= _links(change.desired, {_sku(s.seller_sku): text(s.id) for s in reply.data.skus or ()})
            notes, request_id = [*notes, *_warnings(reply.data)], reply.request_id
        if edit.prices and (refusal := self._update_prices(change, product_id, edit.prices)):
            return refusal
        if text(detail.status) == OFF and (refusal := self._back_on_sale(change, product_id)):
            return refusal
        return Confirmed(
            change.key,
            product_id,
            links=tuple((key, ChannelId(sku_id)) for key, sku_id in links.items()),
            notes=tuple(notes),
            request_id=request_id,
            lacks=_reasons(draft.lacks),
            fix=_fixes(draft.lacks),
        )

    def _back_on_sale(self, change: Change[Listable], product_id: ChannelId) -> Rejected | None:
        """What the hub withdrew comes back with the first edit; what a person deactivated stays so."""
        kept_off = self._shelf.comes_back(product_id) if self._shelf.is_withdrawn(product_id) else None
        if kept_off is None:
            return None
        code, reason = kept_off
        fix = FIXES.get(code) or "Activate the product in Seller Center."
        return Rejected(change.key, f"Still off sale: {reason}", fix=fix, code=code)

    def _update_prices(
        self, change: Change[Listable], product_id: ChannelId, prices: Sequence[to_send.Json]
    ) -> Rejected | None:
        reply = self._client.update_prices(product_id, prices)
        errors = reply.data.errors or []
        if not errors:
            return None
        reason, code = "; ".join(text(error.message) for error in errors), text(errors[0].code)
        return Rejected(
            change.key,
            reason,
            fix=FIXES.get(code, ""),
            code=code,
            request_id=reply.request_id,
            again_in=AGAIN_IN.get(code),
        )

    def _remember(self, product_id: ChannelId, content: to_send.Json) -> None:
        self._memory.put("content", product_id, _hash(content))

    def _is_settled(
        self,
        product_id: ChannelId,
        content: to_send.Json,
        draft: to_send.Draft,
        detail: payloads_product.ProductDetail,
    ) -> bool:
        """Equal content is not sent twice, since every edit starts a review.

        But one that failed may be repeated, a draft that lacks nothing any more is submitted, and a title
        that somebody changed in Seller Center is set right. While a review runs the old title is shown.
        """
        audit = text(detail.audit.status) if detail.audit else ""
        has_failed = "FAILED" in (text(detail.status), audit)
        is_submitted = text(detail.status) != DRAFT or bool(draft.lacks)
        has_drifted = audit == "APPROVED" and text(detail.title) != text(content.get("title", detail.title))
        is_known = self._memory.get("content", product_id) == _hash(content)
        return is_known and is_submitted and not has_failed and not has_drifted


def _hash(content: to_send.Json) -> str:
    return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def _links(listable: Listable, ids: Mapping[str, str]) -> tuple[tuple[str, ChannelId], ...]:
    """By seller SKU: the order of an answer's SKUs is not promised."""
    return tuple(
        (variant.variant.id, ChannelId(ids[variant.channel_sku]))
        for variant in listable.variants
        if ids.get(variant.channel_sku)
    )


def _sku(value: object) -> str:
    return "" if value is None else str(value)


def _warnings(written: payloads_product.WrittenProduct) -> list[str]:
    return [message for warning in written.warnings or () if (message := text(warning.message))]


def _lacking(change: Change[Listable], lacking: Lacking) -> Rejected:
    reason = f"Not ready for TikTok Shop: {_reasons(lacking.faults)}"
    return Rejected(change.key, reason, fix=_fixes(lacking.faults))


def _reasons(faults: Sequence[Fault]) -> str:
    return "; ".join(fault.reason for fault in faults)


def _fixes(faults: Sequence[Fault]) -> str:
    return " ".join(dict.fromkeys(fault.fix for fault in faults))


def _rejected(change: Change[Listable], error: RefusedError) -> Rejected:
    return Rejected(
        change.key,
        str(error),
        fix=error.fix,
        code=error.code,
        request_id=error.request_id,
        again_in=AGAIN_IN.get(error.code),
    )


def _is_partly_sold_out(listable: Listable) -> bool:
    return any(not sum(units for _, units in variant.quantities) for variant in listable.variants)
