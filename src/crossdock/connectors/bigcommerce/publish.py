"""Pushes products: looked for first, then created, or edited without touching what is not ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from crossdock.connectors.bigcommerce import payloads, payloads_product
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.finding import Finder
from crossdock.connectors.bigcommerce.mapping import listing
from crossdock.connectors.bigcommerce.mapping.edit import edit_of, sku_of
from crossdock.connectors.bigcommerce.mapping.listing import Fault, Json, Style
from crossdock.connectors.bigcommerce.names import NameBook
from crossdock.connectors.bigcommerce.pictures import Pictures
from crossdock.connectors.bigcommerce.shelves import Shelves
from crossdock.connectors.bigcommerce.variants import VariantWriter, Work, fix_of
from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, HalvingError, Outcome, Rejected, Unclear, send_halving

PRODUCTS_A_CALL = 10
HIDDEN = "It is hidden in BigCommerce, which the hub did not do: show it there to sell it"
UNTAXED = (
    "It is not taxable, but no “Default tax class for non-taxable products” is set: "
    "it has the store's default tax class"
)
# The next full reading of listings notices that it is gone, and then it is created anew.
GONE_AGAIN_IN = timedelta(hours=1)


class Publisher:
    def __init__(
        self, client: Client, memory: Memory, style: Style, *, names: NameBook, shelves: Shelves
    ) -> None:
        self._client = client
        self._memory = memory
        self._style = style
        self._names = names
        self._shelves = shelves
        self._finder = Finder(client)
        self._pictures = Pictures(client, memory)
        self._variants = VariantWriter(client, memory, style)

    def push(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        ready: list[Change[Listable]] = []
        for change in changes:
            if fault := listing.fault_of(change.desired, self._style):
                yield _faulty(change, fault)
            else:
                ready.append(change)
        yield from self._edit([change for change in ready if change.channel_id is not None])
        yield from self._create([change for change in ready if change.channel_id is None])

    def deactivate(self, product_ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        """Hide them on the storefront. What is gone needs no hiding."""
        rows = [Change(str(one), Json(id=int(one), is_visible=False), one) for one in product_ids]
        for start in range(0, len(rows), PRODUCTS_A_CALL):
            for outcome in send_halving(rows[start : start + PRODUCTS_A_CALL], self._put_products):
                if isinstance(outcome, Rejected) and outcome.code == "404":
                    yield Confirmed(outcome.key, ChannelId(outcome.key), notes=("It is gone already",))
                    continue
                if isinstance(outcome, Confirmed):
                    self._memory.put("hidden", outcome.key, "yes")
                yield outcome

    # New products

    def _create(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        """The store has no idempotency key, but takes no SKU twice: each is looked for before it is sent."""
        answers = self._finder.find(changes) if changes else {}
        for change in changes:
            if answer := answers[change.key]:
                yield answer
                continue
            try:
                yield self._created(change)
            except RefusedError as error:
                yield _rejected(change.key, error)
            except UnavailableError as error:
                if error.is_unclear:
                    yield Unclear(change.key, str(error))
                raise

    def _created(self, change: Change[Listable]) -> Outcome:
        listable = change.desired
        shelved = self._shelves.for_product(listable.product)
        if isinstance(shelved, Fault):
            return _faulty(change, shelved)
        name, other_name = listing.names_of(listable)
        notes = [*shelved.notes]
        body = listing.from_listable(listable, self._style, name=name, categories=shelved.categories)
        try:
            written = self._client.create_product(body)
        except RefusedError as error:
            is_named = _is_taken(error, "name", "url")
            may_be_sku = error.code == "409" and (not is_named or _says(str(error), "sku"))
            if may_be_sku and (found := self._finder.find_variants(change)):
                return found
            if not is_named:
                raise
            notes.append(f"Another product has the name {name}: it is called {other_name}")
            written = self._client.create_product({**body, "name": other_name})
        notes += partly_saved(written.errors)
        if not listable.product.is_taxable and self._style.tax_class is None:
            notes.append(UNTAXED)
        product = self._whole(written.data, listable)
        self._variants.remember_ours(product.id, (variant.id for variant in product.variants or ()))
        notes += self._with_pictures(product, listable)
        notes += self._finder.notes_on(change)
        return Confirmed(
            change.key, ChannelId(str(product.id)), _links(product, listable), is_new=True, notes=tuple(notes)
        )

    def _whole(self, product: payloads.Product, listable: Listable) -> payloads.Product:
        """As the store has it now, read again where the answer leaves variants out."""
        if len(_links(product, listable)) == len(listable.variants):
            return product
        return self._finder.again(product)

    def _with_pictures(self, product: payloads.Product, listable: Listable) -> list[str]:
        notes = self._pictures.settle(product.id, product.images or (), listable.product.images)
        if not listing.has_options(listable):
            return notes
        by_sku = {sku_of(product, variant): variant for variant in product.variants or ()}
        for part in listable.variants:
            if variant := by_sku.get(part.channel_sku):
                notes += self._pictures.settle_variant(product.id, variant, part)
        return notes

    # Products that are there

    def _edit(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        """Each is compared with what the store has, and only the difference is sent."""
        raws, unreadable = self._finder.read([int(change.channel_id or 0) for change in changes])
        brands = self._names.brands_of(raws.values())
        works: list[Work] = []
        for change in changes:
            raw = raws.get(int(change.channel_id or 0))
            if raw is None:
                reason = unreadable.get(str(change.channel_id))
                yield _gone(change) if reason is None else _unreadable(change, reason)
                continue
            edit = edit_of(change.desired, self._style, raw, brand=brands.get(raw.brand_id or 0, ""))
            works.append(Work(change, raw, edit, dict(edit.links)))
        self._write_products(works)
        self._variants.write(works)
        for work in works:
            try:
                self._variants.complete(work)
                if not work.refused:
                    work.notes += self._with_pictures(self._completed(work), work.change.desired)
            except RefusedError as error:
                work.refused.append(_rejected(work.key, error))
            yield work.outcome()

    def _write_products(self, works: Sequence[Work]) -> None:
        by_key = {work.key: work for work in works}
        rows: list[Change[Json]] = []
        for work in works:
            if changes := {**work.edit.product, **self._visibility(work)}:
                rows.append(Change(work.key, {"id": work.raw.id, **changes}, work.change.channel_id))
        for start in range(0, len(rows), PRODUCTS_A_CALL):
            for outcome in send_halving(rows[start : start + PRODUCTS_A_CALL], self._put_products):
                work = by_key[outcome.key]
                if isinstance(outcome, Confirmed):
                    work.notes += outcome.notes
                elif isinstance(outcome, Rejected):
                    self._refused_product(work, replace(outcome, fix=fix_of(outcome.code)))

    def _visibility(self, work: Work) -> Json:
        """Only what the hub hid is shown again."""
        if work.raw.is_visible is not False:
            return {}
        if self._memory.get("hidden", str(work.raw.id)) == "yes":
            return {"is_visible": True}
        work.notes.append(HIDDEN)
        return {}

    def _refused_product(self, work: Work, refusal: Rejected) -> None:
        """A name that another product has is not insisted on."""
        name, other_name = listing.names_of(work.change.desired)
        if work.edit.product.get("name") != name or not _says(refusal.reason, "name"):
            work.refused.append(refusal)
            return
        row = {**work.edit.product, "id": work.raw.id, "name": other_name}
        for outcome in send_halving([Change(work.key, row, work.change.channel_id)], self._put_products):
            if isinstance(outcome, Rejected):
                work.refused.append(replace(outcome, fix=fix_of(outcome.code)))
            else:
                work.notes.append(f"Another product has the name {name}: it is called {other_name}")

    def _put_products(self, rows: Sequence[Change[Json]]) -> Iterator[Outcome]:
        try:
            written = self._client.update_products([row.desired for row in rows])
        except RefusedError as error:
            raise HalvingError(str(error), code=error.code) from error
        for row in rows:
            if row.desired.get("is_visible"):
                self._memory.put("hidden", str(row.desired["id"]), "")
            notes = tuple(partly_saved(written.errors))
            yield Confirmed(row.key, row.channel_id or ChannelId(""), notes=notes)

    def _completed(self, work: Work) -> payloads.Product:
        """With the variants that were just added, where one of them has an image to be set."""
        known = {str(variant.id) for variant in work.raw.variants or ()}
        if all(str(number) in known for number in work.links.values()):
            return work.raw
        return self._finder.again(work.raw)


def partly_saved(failure: payloads_product.PartialFailure | None) -> list[str]:
    """What a 207 says: the record is there, and this part of it is not."""
    if failure is None:
        return []
    parts = [f"{name}: {text}" for name, text in (failure.errors or {}).items()]
    return ["Saved, but " + "; ".join([failure.title or "not all of it", *parts])]


def _links(product: payloads.Product, listable: Listable) -> tuple[tuple[str, ChannelId], ...]:
    """By SKU: the order of variants is not promised."""
    by_sku = {sku_of(product, variant): variant.id for variant in product.variants or ()}
    if not by_sku and product.base_variant_id and product.sku:
        by_sku = {product.sku: product.base_variant_id}
    return tuple(
        (part.variant.id, ChannelId(str(by_sku[part.channel_sku])))
        for part in listable.variants
        if part.channel_sku in by_sku
    )


def _is_taken(error: RefusedError, *fields: str) -> bool:
    return error.code == "409" and any(_says(str(error), name) for name in fields)


def _says(reason: str, name: str) -> bool:
    return name in reason.casefold()


def _faulty(change: Change[Listable], fault: Fault) -> Rejected:
    return Rejected(change.key, f"Not ready for BigCommerce: {fault.reason}", fix=fault.fix)


def _gone(change: Change[Listable]) -> Rejected:
    return Rejected(
        change.key,
        f"Product {change.channel_id} is no longer in BigCommerce",
        fix="Nothing, if that is meant: it is created anew after the next full reading of what the store lists.",
        again_in=GONE_AGAIN_IN,
    )


def _unreadable(change: Change[Listable], reason: str) -> Rejected:
    return Rejected(
        change.key,
        f"Product {change.channel_id} cannot be read from BigCommerce: {reason}",
        fix="Open the product in BigCommerce and save what the reason names; it is sent again by itself.",
        again_in=GONE_AGAIN_IN,
    )


def _rejected(key: str, error: RefusedError) -> Rejected:
    return Rejected(
        key, str(error), fix=error.fix or fix_of(error.code), code=error.code, request_id=error.request_id
    )
