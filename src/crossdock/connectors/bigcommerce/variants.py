"""Writes the variants of products that are there: changed ones in batches, then missing ones one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.connectors.bigcommerce import payloads, payloads_product
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping import listing
from crossdock.connectors.bigcommerce.mapping.edit import Edit, choices, is_base
from crossdock.connectors.bigcommerce.mapping.listing import Json, Style, folded
from crossdock.connectors.bigcommerce.reading import decoded
from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, HalvingError, Outcome, Rejected, send_halving

VARIANTS_A_CALL = 50
# What a batch takes by its documents, and never null: other fields go one variant a call.
BATCH_FIELDS = frozenset(
    ["id", "price", "sale_price", "retail_price", "weight", "width", "height", "depth", "upc"]
) | {"purchasing_disabled"}
OURS = "our_variants"
LONGEST_ASIDE = 200
RESHAPE_FIX = "Delete that product in BigCommerce to have it created anew, or give it these options there."


@dataclass
class Work:
    """One product being edited, with what has been said about it so far."""

    change: Change[Listable]
    raw: payloads.Product
    edit: Edit
    links: dict[str, int]
    notes: list[str] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.change.key

    def refuse(self, reason: str, fix: str, code: str = "") -> None:
        self.refused.append(Rejected(self.key, reason, fix=fix, code=code))

    def outcome(self) -> Outcome:
        if self.refused:
            first = self.refused[0]
            reason = "; ".join(dict.fromkeys(one.reason for one in self.refused))
            return Rejected(self.key, reason, fix=first.fix, code=first.code, request_id=first.request_id)
        links = tuple((key, ChannelId(str(number))) for key, number in self.links.items())
        return Confirmed(self.key, ChannelId(str(self.raw.id)), links=links, notes=tuple(self.notes))


class VariantWriter:
    def __init__(self, client: Client, memory: Memory, style: Style) -> None:
        self._client = client
        self._memory = memory
        self._style = style

    def remember_ours(self, product_id: int, variant_ids: Iterable[int]) -> None:
        """Only a variant that the hub made may be made anew or be given another SKU."""
        numbers = sorted(self._ours(product_id) | set(variant_ids))
        self._memory.put(OURS, str(product_id), ",".join(map(str, numbers)))

    def _ours(self, product_id: int) -> set[int]:
        note = self._memory.get(OURS, str(product_id))
        return {int(number) for number in note.split(",")} if note else set()

    def write(self, works: Sequence[Work]) -> None:
        """Changed fields of all products together. Rows can be repeated, so a refused batch is halved."""
        batch: list[Change[Json]] = []
        owners: dict[str, Work] = {}
        for work in works:
            for row in _one_after_the_other(work.edit.rows, work.raw):
                owners[str(row["id"])] = work
                if row.keys() <= BATCH_FIELDS and None not in row.values():
                    batch.append(Change(str(row["id"]), row))
                else:
                    self._write_one(work, row)
        for start in range(0, len(batch), VARIANTS_A_CALL):
            for outcome in send_halving(batch[start : start + VARIANTS_A_CALL], self._put):
                if isinstance(outcome, Rejected):
                    owners[outcome.key].refuse(
                        f"Variant {outcome.key}: {outcome.reason}", fix_of(outcome.code), outcome.code
                    )

    def _put(self, rows: Sequence[Change[Json]]) -> Iterator[Outcome]:
        try:
            self._client.update_variants([row.desired for row in rows])
        except RefusedError as error:
            raise HalvingError(str(error), code=error.code) from error
        for row in rows:
            yield Confirmed(row.key, ChannelId(row.key))

    def _write_one(self, work: Work, row: Json) -> None:
        fields = {name: value for name, value in row.items() if name != "id"}
        try:
            self._client.update_variant(work.raw.id, row["id"], fields)
        except RefusedError as error:
            work.refuse(f"Variant {row['id']}: {error}", error.fix or fix_of(error.code), error.code)

    def complete(self, work: Work) -> None:
        """Add the variants that the product lacks, and make anew those of ours whose options have changed."""
        if not work.edit.missing and not work.edit.misfits:
            return
        if refusal := _reshaping(work):
            work.refuse(refusal, RESHAPE_FIX)
            return
        values = self._values(work.raw.id)
        for part in (*work.edit.missing, *(part for part, _ in work.edit.misfits)):
            if listing.choices_of(part).keys() != values.keys():
                names = ", ".join(sorted(values)) or "none"
                work.refuse(
                    f"{part.channel_sku} has other options than the product in BigCommerce ({names})",
                    RESHAPE_FIX,
                )
                return
        for part, variant in work.edit.misfits:
            if not self._is_cleared(work, part, variant):
                return
        for part in (*work.edit.missing, *(part for part, _ in work.edit.misfits)):
            self._add(work, part, values)

    def _values(self, product_id: int) -> dict[str, payloads_product.ProductOption]:
        raws = self._client.product_options(product_id).records
        options = [decoded(raw, payloads_product.ProductOption) for raw in raws]
        return {folded(option.display_name or ""): option for option in options}

    def _is_cleared(self, work: Work, part: ListableVariant, variant: payloads.Variant) -> bool:
        """The options of a variant cannot change: the platform answers 200 and ignores them."""
        if variant.id not in self._ours(work.raw.id):
            work.refuse(
                f"The options of {part.channel_sku} differ in BigCommerce, where a variant's cannot be changed",
                f"Delete variant {variant.id} there: it is created anew with the options of the catalog source.",
            )
            return False
        self._client.delete_variant(work.raw.id, variant.id)
        work.links.pop(part.variant.id, None)
        return True

    def _add(
        self, work: Work, part: ListableVariant, values: Mapping[str, payloads_product.ProductOption]
    ) -> None:
        if holder := self._holder(work, part):
            self._take_over(work, part, holder)
            return
        chosen = [
            {"option_id": values[name].id, "id": self._value(work.raw.id, values[name], label)}
            for name, label in _labels(part).items()
        ]
        body = listing.added_variant(part, self._style, work.edit.of_product)
        try:
            written = self._client.create_variant(work.raw.id, {**body, "option_values": chosen})
        except RefusedError as error:
            work.refuse(f"{part.channel_sku}: {error}", error.fix or fix_of(error.code), error.code)
            return
        work.links[part.variant.id] = written.data.id
        self.remember_ours(work.raw.id, [written.data.id])

    def _holder(self, work: Work, part: ListableVariant) -> payloads.Variant | None:
        """Who has these options already, under another SKU."""
        gone = {variant.id for _, variant in work.edit.misfits}
        wanted = listing.choices_of(part)
        return next(
            (v for v in work.raw.variants or () if v.id not in gone and choices(v) == wanted),
            None,
        )

    def _take_over(self, work: Work, part: ListableVariant, holder: payloads.Variant) -> None:
        if holder.id not in self._ours(work.raw.id):
            work.refuse(
                f"Variant {holder.id} has the options of {part.channel_sku} under the SKU {holder.sku}",
                f"Enter {holder.sku} as the Channel SKU of {part.variant.sku}, or correct it in BigCommerce.",
            )
            return
        self._write_one(work, {"id": holder.id, "sku": part.channel_sku})
        work.links[part.variant.id] = holder.id

    def _value(self, product_id: int, option: payloads_product.ProductOption, label: str) -> int:
        held = option.option_values if option.option_values is not None else []
        for value in held:
            if folded(value.label or "") == folded(label):
                return value.id
        body = {"label": label, "sort_order": len(held)}
        number = self._client.create_option_value(product_id, option.id, body).id
        held.append(payloads_product.OptionChoice(number, label))
        return number


def _one_after_the_other(rows: Iterable[Json], raw: payloads.Product) -> Iterator[Json]:
    """The rows in an order in which no SKU is given to a variant while another one, that gives it up, still has it.

    Of those that exchange their SKUs one steps aside first, under a SKU that ends in its number. Should the
    rest not come about, it is known by that number still.
    """
    held = {variant.id: (variant.sku or "").casefold() for variant in raw.variants or ()}
    waiting = {row["id"]: row for row in rows}
    later: list[Json] = []
    while waiting:
        blockers = {key: _blocker(row, held, waiting) for key, row in waiting.items()}
        free = next((key for key, blocker in blockers.items() if blocker is None), None)
        if free is not None:
            row = waiting.pop(free)
            held[free] = str(row.get("sku", held.get(free, ""))).casefold()
            yield row
        elif (key := next(iter(blockers.values()))) is not None:
            # It gets its own SKU back before anything else of it can be refused.
            sku, rest = (
                waiting[key]["sku"],
                {name: each for name, each in waiting[key].items() if name != "sku"},
            )
            later += [rest] if len(rest) > 1 else []
            waiting[key] = {"id": key, "sku": sku}
            aside = f"{sku[:LONGEST_ASIDE]}-{key}"
            held[key] = aside.casefold()
            yield {"id": key, "sku": aside}
    yield from later


def _blocker(row: Json, held: Mapping[int, str], waiting: Mapping[int, Json]) -> int | None:
    """Which other variant has the SKU of this row and is to have another."""
    wanted = str(row.get("sku", "")).casefold()
    return next(
        (
            key
            for key, sku in held.items()
            if wanted and sku == wanted and key != row["id"] and "sku" in waiting.get(key, {})
        ),
        None,
    )


def fix_of(code: str) -> str:
    """What to do about a refusal, where the platform's words say only what is wrong."""
    return {
        "404": "The record is gone from BigCommerce; what replaces it follows by itself.",
        "409": "Another record of the store has it: change one of the two, in the catalog source or in BigCommerce.",
        "422": "Correct what BigCommerce names in the catalog source; it is sent again by itself.",
    }.get(code, "")


def _reshaping(work: Work) -> str:
    """Options make other variants of a product than it had: that is left to the merchant."""
    count = len(work.raw.variants or ()) + len(work.edit.missing)
    if count > listing.MOST_VARIANTS:
        return f"It would have {count} variants in BigCommerce, which takes {listing.MOST_VARIANTS} a product"
    if is_base(work.raw):
        return "It has no options in BigCommerce, and several variants here"
    return ""


def _labels(part: ListableVariant) -> dict[str, str]:
    return {folded(option.name): option.value.strip() for option in part.variant.options}
