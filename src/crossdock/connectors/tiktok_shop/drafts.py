"""Gathers what a listing needs beside the hub's product, or tells all that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossdock.connectors.tiktok_shop.categories import Categories, Category, Demands
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.images import ATTRIBUTE, Images
from crossdock.connectors.tiktok_shop.mapping import attributes as of_category
from crossdock.connectors.tiktok_shop.mapping.checks import Fault, faults
from crossdock.connectors.tiktok_shop.mapping.options import (
    attributes_in_use,
    is_clothing,
    is_color,
    options_of,
)
from crossdock.connectors.tiktok_shop.mapping.product import Draft, Json
from crossdock.connectors.tiktok_shop.mapping.text import from_description, from_title
from crossdock.connectors.tiktok_shop.mapping.units import (
    from_dimensions,
    from_weight,
    in_grams,
    to_dimensions,
    to_weight,
)
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import Attribute, ProductDetail
from crossdock.connectors.tiktok_shop.regions import currency_of, is_imperial
from crossdock.connectors.tiktok_shop.settings import TikTokShopSettings
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import Dimensions, Option, Weight


@dataclass(frozen=True, slots=True)
class Lacking:
    faults: tuple[Fault, ...]


class Drafts:
    """For one shop and its settings. Images are uploaded last, when everything else is known to be there."""

    def __init__(
        self, client: Client, categories: Categories, images: Images, settings: TikTokShopSettings
    ) -> None:
        self.categories = categories
        self._client = client
        self._images = images
        self._settings = settings

    def of(self, listable: Listable, present: ProductDetail | None = None) -> Draft | Lacking:
        """`present` is the product as TikTok Shop has it, for an edit: its category stays."""
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
        values = of_category.to_values(
            demands.attributes, self._settings.attribute_defaults, category_id=category.id
        )
        found += self._demanded(demands, values, size, present)
        if found:
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
            attribute_values=values,
            needs_color=_needs_color(listable, category, demands, present),
        )
        return self._pictured(listable, draft)

    def forget_images(self, listable: Listable) -> None:
        urls = [image.url for image in listable.product.images]
        self._images.forget([*urls, *(v.variant.image_url for v in listable.variants if v.variant.image_url)])

    def _category(self, listable: Listable, title: str, present: ProductDetail | None) -> Category | None:
        chain = (present.category_chains if present else None) or ()
        leaf = next((link for link in chain if link.is_leaf), None)
        if leaf is not None:
            return Category(text(leaf.id), tuple(text(link.local_name) for link in chain))
        return self.categories.choose(listable.product, title) if title else None

    def _demanded(
        self,
        demands: Demands,
        values: dict[str, Json],
        size: Dimensions | None,
        present: ProductDetail | None,
    ) -> list[Fault]:
        """What this category asks for beyond what every product needs."""
        there = {
            text(entry.get("id")): entry for entry in (present.product_attributes if present else None) or ()
        }
        found = [
            Fault(f"the attribute {name}", "Set it in Attribute values.")
            for name in of_category.missing(demands.attributes, {**there, **values})
        ]
        rules = demands.rules
        if size is None and rules.package_dimension and rules.package_dimension.is_required:
            found.append(Fault("no package size", "Give the product measures, or set Default package size."))
        if present is None:
            found += _papers(demands)
        return found

    def _pictured(self, listable: Listable, draft: Draft) -> Draft | Lacking:
        uploaded = self._images.main_images(listable.product.images)
        if not uploaded.uris:
            fix = "Give the product an image of 300 to 4000 pixels a side that can be loaded."
            return Lacking(tuple(Fault(problem, fix) for problem in uploaded.problems))
        option_images: dict[Option, str] = {}
        notes = list(uploaded.problems)
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


def _papers(demands: Demands) -> list[Fault]:
    """Papers that the hub does not keep: such products are begun in Seller Center."""
    fix = "Create the product in Seller Center, where it can be added; the hub then links it by SKU."
    found = [
        Fault(f"the certificate {text(paper.name) or text(paper.id)}", fix)
        for paper in demands.rules.product_certifications or ()
        if paper.is_required
    ]
    if demands.rules.size_chart and demands.rules.size_chart.is_required:
        found.append(Fault("a size chart", fix))
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
