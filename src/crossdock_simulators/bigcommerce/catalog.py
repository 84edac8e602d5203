"""What happens to the catalog: products, variants and options come, change and go."""

from __future__ import annotations

import re
from typing import Any

from crossdock_simulators.bigcommerce import errors, stock
from crossdock_simulators.bigcommerce.catalog_fields import checked_level, checked_product, checked_variant
from crossdock_simulators.bigcommerce.records import Json, Option, OptionValue, Product, Variant
from crossdock_simulators.bigcommerce.store import Store

MAX_VARIANTS = 600
MAX_VALUES = 250


def create_product(store: Store, given: Json) -> Product:
    """A product with its options and variants, or with a base variant when it has none."""
    for name in ("name", "type", "weight", "price"):
        if name not in given:
            raise errors.v3(422, f"{name} is a required field", {name: "error.path.missing"})
    fields = _with_brand(store, checked_product(given), given)
    rows = given.get("variants") or []
    _check_unique(store, fields, None)
    _check_references(store, fields)
    _check_variant_rows(store, rows, fields)
    check_plan(store, max(len(rows), 1))
    level = checked_level(given["inventory_level"]) if "inventory_level" in given else None
    now = store.now()
    product = Product(store.next_id("product"), fields, now, now)
    _give_url(store, product)
    store.products[product.id] = product
    _index_product(store, product)
    for row in rows:
        add_variant(store, product, row, _choices(store, product, row))
    if not rows:
        _add_base_variant(store, product)
    store.tracked = None
    if level is not None and product.tracking == "product":
        stock.set_absolute(store, ("product", product.id), level)
    store.writes["product_created"] += 1
    store.publish("store/product/created", {"type": "product", "id": product.id})
    return product


def update_product(store: Store, product: Product, given: Json) -> None:
    """Partial; lists replace. Options and variants have endpoints of their own."""
    fields, level = check_product_update(store, product, given)
    fields = _with_brand(store, fields, given)
    _unindex_product(store, product)
    product.own |= fields
    _give_url(store, product)
    _index_product(store, product)
    if "inventory_tracking" in fields:
        store.tracked = None
    if level is not None and product.tracking == "product":
        stock.set_absolute(store, ("product", product.id), level)
    store.writes["product_updated"] += 1
    store.touch(product)


def check_product_update(store: Store, product: Product, given: Json) -> tuple[Json, int | None]:
    """The new fields and stock level; refuses without having changed anything."""
    fields = checked_product(given)
    _check_unique(store, fields, product)
    _check_references(store, fields)
    return fields, checked_level(given["inventory_level"]) if "inventory_level" in given else None


def delete_product(store: Store, product: Product) -> None:
    for variant_id in list(product.variants):
        _forget_variant(store, product, store.variants[variant_id])
    _unindex_product(store, product)
    store.stock.pop(("product", product.id), None)
    del store.products[product.id]
    store.tracked = None
    store.writes["product_deleted"] += 1
    store.publish("store/product/deleted", {"type": "product", "id": product.id})


def add_variant(store: Store, product: Product, given: Json, choices: tuple[tuple[int, int], ...]) -> Variant:
    """One combination of existing option values under its own SKU."""
    fields = checked_variant(given)
    if not fields.get("sku"):
        raise errors.invalid("sku", "error.path.missing")
    _check_variant_sku(store, fields["sku"], None, product)
    if any(store.variants[number].choices == choices for number in product.variants):
        raise errors.v3(409, "The option values already belong to a variant", {"option_values": "duplicate"})
    if len(product.variants) >= MAX_VARIANTS:
        raise errors.v3(422, f"A product has at most {MAX_VARIANTS} SKUs", {"variants": "too many"})
    _drop_base_variant(store, product)
    variant = Variant(store.next_id("variant"), product.id, fields, store.next_id("sku"), choices)
    store.variants[variant.id] = variant
    product.variants.append(variant.id)
    store.variant_by_sku[fields["sku"].lower()] = variant.id
    store.tracked = None
    if "inventory_level" in given and product.tracking == "variant":
        stock.set_absolute(store, ("variant", variant.id), checked_level(given["inventory_level"]))
    store.writes["variant_created"] += 1
    store.publish("store/sku/created", _sku_event(variant))
    return variant


def update_variant(store: Store, product: Product, variant: Variant, given: Json) -> None:
    """Option values cannot change; they are ignored without a word."""
    fields, level = check_variant_update(store, product, variant, given)
    if "sku" in fields:
        store.variant_by_sku.pop(variant.sku.lower(), None)
        if not variant.choices:
            _unindex_product(store, product)
            product.own["sku"] = fields["sku"]
            _index_product(store, product)
        elif fields["sku"]:
            store.variant_by_sku[fields["sku"].lower()] = variant.id
    variant.own |= fields
    if level is not None and product.tracking == "variant":
        stock.set_absolute(store, ("variant", variant.id), level)
    store.writes["variant_updated"] += 1
    store.touch(product)
    if variant.sku_id is not None:
        store.publish("store/sku/updated", _sku_event(variant))


def check_variant_update(
    store: Store, product: Product, variant: Variant, given: Json
) -> tuple[Json, int | None]:
    """The new fields and stock level; refuses without having changed anything."""
    fields = checked_variant(given)
    if "sku" in fields:
        _check_variant_sku(store, fields["sku"], variant, product)
    return fields, checked_level(given["inventory_level"]) if "inventory_level" in given else None


def delete_variant(store: Store, product: Product, variant: Variant) -> None:
    _forget_variant(store, product, variant)
    if not product.variants:
        _add_base_variant(store, product)
    store.tracked = None
    store.writes["variant_deleted"] += 1
    store.touch(product)
    store.publish("store/sku/deleted", _sku_event(variant))


def add_option(store: Store, product: Product, *, name: str, kind: str, values: list[Json]) -> Option:
    """A choice; it makes no variants."""
    if any(one.display_name.lower() == name.lower() for one in product.options):
        raise errors.v3(409, "The option display name is a duplicate", {"display_name": "duplicate"})
    option = Option(store.next_id("option"), name, kind, len(product.options))
    product.options.append(option)
    for value in values:
        add_option_value(store, option, value)
    return option


def add_option_value(store: Store, option: Option, given: Json) -> OptionValue:
    label = given.get("label")
    if not isinstance(label, str) or not label:
        raise errors.invalid("label", "error.path.missing")
    if len(option.values) >= MAX_VALUES or any(one.label.lower() == label.lower() for one in option.values):
        raise errors.v3(422, "The option value is a duplicate or one too many", {"label": "invalid"})
    order = given.get("sort_order", len(option.values))
    value = OptionValue(store.next_id("option_value"), label, order, bool(given.get("is_default", False)))
    value.value_data = given.get("value_data")
    option.values.append(value)
    return value


def brand_named(store: Store, name: str) -> int:
    """The brand of that name, made when there is none; letter case does not matter."""
    for number, brand in store.brands.items():
        if brand["name"].lower() == name.lower():
            return number
    number = store.next_id("brand")
    store.brands[number] = {"name": name}
    return number


def _choices(store: Store, product: Product, row: Json) -> tuple[tuple[int, int], ...]:
    """Names of a create call become options and values, made when they are new."""
    chosen = []
    for given in row["option_values"]:
        name, label = str(given["option_display_name"]), str(given["label"])
        option = next((one for one in product.options if one.display_name == name), None)
        option = option or add_option(store, product, name=name, kind="rectangles", values=[])
        value = next((one for one in option.values if one.label == label), None)
        value = value or add_option_value(store, option, {"label": label})
        chosen.append((option.id, value.id))
    return tuple(chosen)


def _check_variant_rows(store: Store, rows: Any, fields: Json) -> None:
    """Everything that can be wrong is found before anything is made."""
    if not isinstance(rows, list) or len(rows) > MAX_VARIANTS:
        raise errors.invalid("variants", f"must be an array of at most {MAX_VARIANTS}")
    seen = set()
    for number, row in enumerate(rows):
        checked_variant(row)
        sku = row.get("sku")
        if not isinstance(sku, str) or not sku:
            raise errors.invalid(f"variants.{number}.sku", "error.path.missing")
        values = row.get("option_values")
        if not values or not all(one.get("option_display_name") and one.get("label") for one in values):
            raise errors.invalid(f"variants.{number}.option_values", "error.path.missing")
        if sku.lower() in seen or sku.lower() == str(fields.get("sku", "")).lower():
            raise errors.duplicate("sku")
        seen.add(sku.lower())
        _check_variant_sku(store, sku, None, None)
    _check_choices([row["option_values"] for row in rows])


def _check_choices(rows: list[list[Json]]) -> None:
    """Every combination once, each over the same options, with no more values than an option takes."""
    combinations = set()
    values: dict[str, set[str]] = {}
    for row in rows:
        chosen = {str(one["option_display_name"]): str(one["label"]).lower() for one in row}
        for name, label in chosen.items():
            values.setdefault(name, set()).add(label)
        combinations.add(frozenset(chosen.items()))
        if values.keys() != chosen.keys():
            raise errors.invalid("variants", "every variant needs one value of every option")
    if len(combinations) != len(rows):
        raise errors.v3(409, "The option values already belong to a variant", {"option_values": "duplicate"})
    if any(len(labels) > MAX_VALUES for labels in values.values()):
        raise errors.invalid("option_values", f"an option takes at most {MAX_VALUES} values")


def check_plan(store: Store, new: int) -> None:
    """A plan allows so many SKUs; 0 is without a limit."""
    if (limit := store.switches.sku_limit) and len(store.variants) + new > limit:
        raise errors.v3(403, "The store has reached the maximum number of SKUs that its plan allows")


def _check_unique(store: Store, fields: Json, product: Product | None) -> None:
    own = product.id if product else None
    name, sku = fields.get("name"), fields.get("sku")
    if name and store.product_by_name.get(name.lower(), own) != own:
        raise errors.duplicate("name")
    if sku and store.product_by_sku.get(sku.lower(), own) != own:
        raise errors.duplicate("sku")
    if sku and sku.lower() in store.variant_by_sku:
        raise errors.duplicate("sku")
    url = (fields.get("custom_url") or {}).get("url")
    if url and store.product_by_url.get(url, own) != own:
        raise errors.duplicate("url")


def _check_variant_sku(store: Store, sku: str, variant: Variant | None, product: Product | None) -> None:
    key, own = sku.lower(), variant.id if variant else None
    holder = store.product_by_sku.get(key)
    own_base = variant is not None and not variant.choices and product is not None and holder == product.id
    if key and (store.variant_by_sku.get(key, own) != own or (holder is not None and not own_base)):
        raise errors.v3(409, "The variant sku is a duplicate", {"sku": "The variant sku is a duplicate"})


def _check_references(store: Store, fields: Json) -> None:
    brand, categories = fields.get("brand_id"), fields.get("categories", [])
    if brand and brand not in store.brands:
        raise errors.v3(409, "The brand does not exist", {"brand_id": "unknown"})
    if any(number not in store.categories for number in categories):
        raise errors.v3(409, "The category does not exist", {"categories": "unknown"})


def _with_brand(store: Store, fields: Json, given: Json) -> Json:
    name = given.get("brand_name")
    return fields | {"brand_id": brand_named(store, name)} if name and "brand_id" not in given else fields


def _give_url(store: Store, product: Product) -> None:
    given = product.own.get("custom_url")
    if given is None:
        slug = "/" + re.sub(r"[^a-z0-9]+", "-", product.name.lower()).strip("-") + "/"
        url = slug if slug not in store.product_by_url else f"{slug.rstrip('/')}-{product.id}/"
        given = {"url": url, "is_customized": False}
    product.own["custom_url"] = {"url": given["url"], "is_customized": bool(given.get("is_customized", True))}


def _index_product(store: Store, product: Product) -> None:
    store.product_by_name[product.name.lower()] = product.id
    store.product_by_url[product.own["custom_url"]["url"]] = product.id
    if product.sku:
        store.product_by_sku[product.sku.lower()] = product.id


def _unindex_product(store: Store, product: Product) -> None:
    store.product_by_name.pop(product.name.lower(), None)
    store.product_by_url.pop(product.own["custom_url"]["url"], None)
    store.product_by_sku.pop(product.sku.lower(), None)


def _add_base_variant(store: Store, product: Product) -> None:
    variant = Variant(store.next_id("variant"), product.id, {})
    store.variants[variant.id] = variant
    product.variants.append(variant.id)


def _drop_base_variant(store: Store, product: Product) -> None:
    for number in list(product.variants):
        if not store.variants[number].choices:
            _forget_variant(store, product, store.variants[number])


def _forget_variant(store: Store, product: Product, variant: Variant) -> None:
    product.variants.remove(variant.id)
    store.variant_by_sku.pop(variant.sku.lower(), None)
    store.stock.pop(("variant", variant.id), None)
    del store.variants[variant.id]


def _sku_event(variant: Variant) -> Json:
    inner = {"product_id": variant.product_id, "variant_id": variant.id}
    return {"type": "sku", "id": variant.sku_id, "sku": inner}
