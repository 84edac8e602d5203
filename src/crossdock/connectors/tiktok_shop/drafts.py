"""Gathers what a listing needs beside the hub's product, or tells all that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossdock.connectors.tiktok_shop.brands import Branding, Brands
from crossdock.connectors.tiktok_shop.categories import Categories, Category, Demands
from crossdock.connectors.tiktok_shop.choices import IncompleteProducts
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.images import ATTRIBUTE, Images
from crossdock.connectors.tiktok_shop.mapping import attributes as of_category
from crossdock.connectors.tiktok_shop.mapping.checks import faults
from crossdock.connectors.tiktok_shop.mapping.fault import Fault
from crossdock.connectors.tiktok_shop.mapping.options import (
    attributes_in_use,
    is_clothing,
    is_color,
    options_of,
)
from crossdock.connectors.tiktok_shop.mapping.product import Draft
from crossdock.connectors.tiktok_shop.mapping.text import from_description, from_title
from crossdock.connectors.tiktok_shop.mapping.units import (
    from_dimensions,
    from_weight,
    in_grams,
)
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, ProductDetail
from crossdock.connectors.tiktok_shop.regions import currency_of, is_imperial
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import Dimensions, Option, Weight
from crossdock.domain.units import to_dimensions, to_weight

DRAFT = "DRAFT"


@dataclass(frozen=True, slots=True)
class Lacking:
    faults: tuple[Fault, ...]


class Drafts:
    """For one shop and its settings. Images are uploaded last, when everything else is known to be there."""

    def __init__(
        self,
        client: Client,
        categories: Categories,
        brands: Brands,
        images: Images,
        settings: TikTokShopSettings,
    ) -> None:
        self.categories = categories
        self._client = client
        self._brands = brands
        self._images = images
        self._settings = settings

    def of(self, listable: Listable, present: ProductDetail | None = None) -> Draft | Lacking:
        """`present` is the product as TikTok Shop has it, for an edit: its category stays.

        A draft may lack what can be completed later; it says so itself.
        """
        region = self._client.shop().region
        found = faults(listable, currency=currency_of(region))
        weight, size = self._weight(listable), self._size(listable)
        if weight is None:
            found.append(Fault("no weight", "Give the product a weight, or set Default package weight."))
        title = from_title(listable.product.title)
        category = self._category(listable, title, present)
        if category is None:
            found.append(
                Fault(
                    "no category fits",
                    "Map one of its categories in Category map, or set Default category.",
                )
            )
        if category is None or weight is None:
            return Lacking(tuple(found))
        demands = self.categories.demands(category.id)
        filled = of_category.fill(demands.attributes, listable, self._sources(), category_id=category.id)
        branding = self._branding(listable, category, present)
        found += _demanded(demands, filled, present, category=category)
        found += _unsized(demands, size)
        found += [branding.fault] if branding.fault else []
        if found and not self._may_be_draft(found, present):
            return Lacking(tuple(found))
        draft = Draft(
            title=title,
            description=from_description(listable.product.description),
            category_id=category.id,
            category_version=self.categories.version(),
            image_uris=(),
            weight=from_weight(weight, is_imperial=is_imperial(region)),
            size=from_dimensions(size, is_imperial=is_imperial(region)) if size else None,
            attributes=_sales_attributes(demands, present),
            attribute_values=filled.values,
            brand_id=branding.id,
            needs_color=_needs_color(listable, category, demands, present),
            notes=(
                *of_category.notes(demands.attributes, filled),
                *([branding.note] if branding.note else []),
            ),
            lacks=tuple(found),
        )
        return self._pictured(listable, draft)

    def _sources(self) -> of_category.Sources:
        return of_category.Sources(self._settings.attribute_map, self._settings.attribute_defaults)

    def _may_be_draft(self, found: Sequence[Fault], present: ProductDetail | None) -> bool:
        """Only what was never submitted can be a draft: one of a live product would hide its price and stock."""
        is_wanted = self._settings.incomplete_products is IncompleteProducts.DRAFT
        is_new = present is None or text(present.status) == DRAFT
        return is_wanted and is_new and all(fault.is_draftable for fault in found)

    def _branding(self, listable: Listable, category: Category, present: ProductDetail | None) -> Branding:
        """A product that is there already keeps its brand where ours may not be named."""
        found = self._brands.find(
            listable.product.brand, category_id=category.id, version=self.categories.version()
        )
        if found.fault and present is not None and text(present.status) != DRAFT:
            return Branding(note=f"The brand was left out: it needs {found.fault.reason}")
        return found

    def forget_images(self, listable: Listable) -> None:
        urls = [image.url for image in listable.product.images]
        self._images.forget([*urls, *(v.variant.image_url for v in listable.variants if v.variant.image_url)])

    def _category(self, listable: Listable, title: str, present: ProductDetail | None) -> Category | None:
        chain = (present.category_chains if present else None) or ()
        leaf = next((link for link in chain if link.is_leaf), None)
        if leaf is not None:
            return Category(text(leaf.id), tuple(text(link.local_name) for link in chain))
        return self.categories.choose(listable.product, title) if title else None

    def _pictured(self, listable: Listable, draft: Draft) -> Draft | Lacking:
        uploaded = self._images.main_images(listable.product.images)
        if not uploaded.uris:
            fix = "Give the product an image of 300 to 4000 pixels a side that can be loaded."
            return Lacking(tuple(Fault(problem, fix) for problem in uploaded.problems))
        option_images: dict[Option, str] = {}
        notes = [*draft.notes, *uploaded.problems]
        for option, url in _option_urls(listable, draft).items():
            picture = self._images.upload([url], use_case=ATTRIBUTE)
            notes += picture.problems
            if picture.uris:
                option_images[option] = picture.uris[0]
        return replace(
            draft, image_uris=uploaded.uris, option_images=option_images, notes=tuple(dict.fromkeys(notes))
        )

    def _weight(self, listable: Listable) -> Weight | None:
        """The heaviest variant's: one package weight has to do for all."""
        weights = [
            v.variant.weight for v in listable.variants if v.variant.weight and v.variant.weight.value > 0
        ]
        if weights:
            return max(weights, key=in_grams)
        default = self._settings.default_package_weight
        return to_weight(default) if default else None

    def _size(self, listable: Listable) -> Dimensions | None:
        sizes = [v.variant.dimensions for v in listable.variants if _is_solid(v.variant.dimensions)]
        if sizes:
            return max((size for size in sizes if size), key=lambda s: s.length * s.width * s.height)
        default = self._settings.default_package_size
        return to_dimensions(default) if default else None


def _is_solid(size: Dimensions | None) -> bool:
    return size is not None and min(size.length, size.width, size.height) > 0


def _demanded(
    demands: Demands, filled: of_category.Filled, present: ProductDetail | None, *, category: Category
) -> list[Fault]:
    """What this category asks for beyond what every product needs."""
    there = of_category.present_values((present.product_attributes if present else None) or ())
    named = f"{category.names[-1]} ({category.id})" if category.names else category.id
    found = of_category.missing(demands.attributes, filled, there, category=named)
    if present is None or text(present.status) == DRAFT:
        found += _papers(demands, {**there, **filled.values}, present)
    return found


def _unsized(demands: Demands, size: Dimensions | None) -> list[Fault]:
    rule = demands.rules.package_dimension
    if size is not None or rule is None or not rule.is_required:
        return []
    fix = "Give the product measures, or set Default package size."
    return [Fault("no package size", fix, is_draftable=True)]


def _papers(demands: Demands, values: of_category.Values, present: ProductDetail | None) -> list[Fault]:
    """Papers that the hub does not keep: they are added in Seller Center, to the draft or to a product begun there."""
    fix = "Add it to the product in Seller Center and submit it there; the hub links it by SKU."
    there = {text(paper.get("id")) for paper in (present.certifications if present else None) or ()}
    found = [
        Fault(f"the certificate {text(paper.name) or text(paper.id)}", fix, is_draftable=True)
        for paper in demands.rules.product_certifications or ()
        if text(paper.id) not in there
        and (
            paper.is_required
            or any(of_category.applies(condition, values) for condition in paper.requirement_conditions or ())
        )
    ]
    chart = demands.rules.size_chart
    if chart and chart.is_required and not (present and present.size_chart):
        found.append(Fault("a size chart", fix, is_draftable=True))
    return found


def _sales_attributes(demands: Demands, present: ProductDetail | None) -> Sequence[Attribute]:
    """Those that the product uses already come first, so that a new SKU has the same ones."""
    return [*attributes_in_use((present.skus if present else None) or ()), *demands.attributes]


def _needs_color(
    listable: Listable, category: Category, demands: Demands, present: ProductDetail | None
) -> bool:
    """Clothing without a color gets "One Color"; a single SKU without options needs none."""
    if present is not None:
        return any(is_color(text(a.name)) for a in attributes_in_use(present.skus or ()))
    color = next(
        (
            a
            for a in of_category.of_type(demands.attributes, of_category.SALES_PROPERTY)
            if is_color(text(a.name))
        ),
        None,
    )
    if color is not None and color.is_required:
        return True
    has_options = any(variant.variant.options for variant in listable.variants)
    return has_options and is_clothing(category.names)


def _option_urls(listable: Listable, draft: Draft) -> dict[Option, str]:
    """One picture for each value of the option that is shown in pictures: the first variant's that has one."""
    urls: dict[Option, str] = {}
    for variant in listable.variants:
        options = options_of(variant, needs_color=draft.needs_color)
        pictured = next((o for o in options if is_color(o.name)), options[0] if options else None)
        if pictured and variant.variant.image_url:
            urls.setdefault(pictured, variant.variant.image_url)
    return urls
