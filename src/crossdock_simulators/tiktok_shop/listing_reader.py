"""Turns the body of a create or an edit into the content of a product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock_simulators.tiktok_shop import categories
from crossdock_simulators.tiktok_shop.calls import Body
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import ZERO, Content, SalesAttribute, Sku
from crossdock_simulators.tiktok_shop.shop import Shop

# Kept and given back as they came.
ECHOED = ("search_terms", "key_product_features", "is_cod_allowed", "shipping_template_id", "is_not_for_sale")
ECHOED_OF_SKU = ("sku_weight", "sku_dimensions", "pre_sale", "external_urls")


@dataclass(frozen=True, slots=True)
class Listing:
    """A parsed body: the content, the stock it names, and the facts only validation needs."""

    content: Content
    inventory: dict[str, tuple[tuple[str, int], ...]]
    category_version: str
    currencies: frozenset[str]
    priced: frozenset[str]


def read_listing(shop: Shop, body: Body, *, base: Content | None = None, partial: bool = False) -> Listing:
    """`base` is the version being edited; a partial edit keeps what the body leaves out."""
    kept = base if partial else None
    bodies = body.objects("skus")
    known = base.skus if base else ()
    skus = tuple(_sku(shop, sku, known) for sku in bodies)
    if kept is not None and "skus" not in body:
        skus = kept.skus
    content = Content(
        title=_text(body, "title", kept.title if kept else ""),
        description=_text(body, "description", kept.description if kept else ""),
        category_id=_text(body, "category_id", base.category_id if base else ""),
        image_uris=_uris(body, "main_images") or (kept.image_uris if kept else ()),
        skus=skus,
        attributes=_attributes(body) if "product_attributes" in body or not kept else kept.attributes,
        brand_id=_text(body, "brand_id", kept.brand_id if kept else ""),
        external_product_id=_text(body, "external_product_id", kept.external_product_id if kept else ""),
        package_weight=_measure(body, "package_weight") or (kept.package_weight if kept else None),
        package_dimensions=_measure(body, "package_dimensions")
        or (kept.package_dimensions if kept else None),
        extra={name: body.values[name] for name in ECHOED if name in body} or (kept.extra if kept else {}),
    )
    return Listing(
        content=content,
        inventory={
            sku.id: _inventory(given)
            for sku, given in zip(skus, bodies, strict=False)
            if "inventory" in given
        },
        category_version=body.text("category_version") or "",
        currencies=frozenset(_currencies(bodies)),
        priced=frozenset(sku.id for sku, given in zip(skus, bodies, strict=False) if "price" in given),
    )


def sales_attribute_named(name: str, value_name: str) -> SalesAttribute:
    """An attribute given by name alone; built-in names get the built-in id."""
    built_in = next((a for a in categories.SALES if a.name == name), None)
    attribute_id = built_in.id if built_in else _own_id(name)
    return SalesAttribute(attribute_id, name, _value_id(attribute_id, value_name), value_name)


def _text(body: Body, name: str, otherwise: str) -> str:
    given = body.text(name)
    return otherwise if given is None else given


def _uris(body: Body, name: str) -> tuple[str, ...]:
    return tuple(image.required_text("uri") for image in body.objects(name))


def _measure(body: Body, name: str) -> dict[str, str] | None:
    given = body.object(name)
    return {part: given.required_text(part) for part in given.values} if given else None


def _attributes(body: Body) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "id": given.required_text("id"),
            "values": [
                {"id": value.text("id") or "", "name": value.text("name") or ""}
                for value in given.objects("values")
            ],
        }
        for given in body.objects("product_attributes")
    )


def _sku(shop: Shop, body: Body, known: Sequence[Sku]) -> Sku:
    """An id of the edited version keeps its price when the body names none."""
    sku_id = body.text("id")
    old = next((sku for sku in known if sku.id == sku_id), None)
    if sku_id is not None and old is None:
        raise ApiError(12052557, sku_id)
    price, list_price = _prices(body, old)
    code = body.object("identifier_code")
    return Sku(
        id=old.id if old else shop.ids.new("sku"),
        seller_sku=body.text("seller_sku") or "",
        price=price,
        sales_attributes=tuple(_sales_attribute(given, known) for given in body.objects("sales_attributes")),
        external_sku_id=body.text("external_sku_id") or "",
        list_price=list_price,
        identifier_code=(code.text("code") or "", code.text("type") or "") if code else None,
        extra={name: body.values[name] for name in ECHOED_OF_SKU if name in body},
    )


def _prices(body: Body, old: Sku | None) -> tuple[Decimal, Decimal | None]:
    given = body.object("price")
    if given is None:
        return (old.price if old else ZERO), (old.list_price if old else None)
    name = "amount" if "amount" in given else "sale_price"
    if name not in given:
        raise ApiError(12052571)
    listed = body.object("list_price")
    list_price = listed.decimal("amount", code=12052012) if listed else None
    price = given.decimal(name, code=12052012)
    # A list price below the price is dropped without a word.
    return price, list_price if list_price is None or list_price >= price else None


def _sales_attribute(body: Body, known: Sequence[Sku]) -> SalesAttribute:
    """Ids win over names; a value given by name gets an id that any SKU of that name shares."""
    built_in = next((a for a in categories.SALES if a.id == body.text("id")), None)
    name = built_in.name if built_in else (body.text("name") or "")
    attribute_id = body.text("id") or _own_id(name)
    values = dict(built_in.values) if built_in else {}
    value_id = body.text("value_id") or ""
    value_name = values.get(value_id) or body.text("value_name") or ""
    if value_id and not value_name:
        earlier = {a.value_id: a.value_name for sku in known for a in sku.sales_attributes}
        value_name = earlier.get(value_id, "")
    image = body.object("sku_img")
    return SalesAttribute(
        id=attribute_id,
        name=name,
        value_id=value_id or _value_id(attribute_id, value_name),
        value_name=value_name,
        image_uri=image.required_text("uri") if image else "",
    )


def _own_id(name: str) -> str:
    """The id of an attribute the seller named; equal names get equal ids."""
    return _hashed(1729592968000000000, name)


def _value_id(attribute_id: str, value_name: str) -> str:
    return _hashed(1729592967000000000, f"{attribute_id}/{value_name}")


def _hashed(start: int, text: str) -> str:
    number = 0
    for character in text:
        number = (number * 131 + ord(character)) % 899_999_999_981
    return str(start + number)


def _inventory(body: Body) -> tuple[tuple[str, int], ...]:
    return tuple(
        (entry.text("warehouse_id") or "", entry.required_integer("quantity"))
        for entry in body.objects("inventory")
    )


def _currencies(bodies: Iterable[Body]) -> Iterable[str]:
    for body in bodies:
        for name in ("price", "list_price"):
            if (money := body.object(name)) is not None:
                yield money.required_text("currency")
