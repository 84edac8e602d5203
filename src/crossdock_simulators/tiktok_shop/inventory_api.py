"""Calls about stock and prices."""

from __future__ import annotations

from dataclasses import replace

from crossdock_simulators.tiktok_shop import products
from crossdock_simulators.tiktok_shop.calls import Body, Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Sku
from crossdock_simulators.tiktok_shop.shop import Shop, seconds
from crossdock_simulators.tiktok_shop.sku_rules import quantity_problem, warehouse_problem

SCOPE = "seller.product.basic"
WRITE_SCOPE = "seller.product.write"
PRODUCT_IDS, SKU_IDS = 100, 600


def update_inventory(shop: Shop, call: Call, product_id: str) -> Data:
    """Each SKU succeeds or fails alone; a SKU's warehouses only together."""
    product = shop.product(product_id)
    if product.status in products.UNEDITABLE:
        raise ApiError(12052901, product.status)
    given = call.body.required_objects("skus")
    if len(given) > shop.region.sku_limit:
        raise ApiError(12019015, f"at most {shop.region.sku_limit}")
    known = {sku.id for version in (product.content, product.latest) for sku in version.skus}
    errors = [error for body in given if (error := _set_stock(shop, body, known))]
    return {"errors": errors} if errors else {}


def search_inventory(shop: Shop, call: Call) -> Data:
    """SKU ids win over product ids; what is not known is left out."""
    product_ids, sku_ids = call.body.texts("product_ids"), call.body.texts("sku_ids")
    if len(product_ids) > PRODUCT_IDS:
        raise ApiError(12019120, f"at most {PRODUCT_IDS}")
    if len(sku_ids) > SKU_IDS:
        raise ApiError(12019015, f"at most {SKU_IDS}")
    if not product_ids and not sku_ids:
        raise ApiError(36009004, "product_ids or sku_ids is required")
    wanted = set(sku_ids)
    owners = [shop.tables.owners.get(sku_id, "") for sku_id in sku_ids] if sku_ids else product_ids
    found = []
    for product_id in dict.fromkeys(owners):
        if (product := shop.tables.products.get(product_id)) is None:
            continue
        skus = [_levels(shop, sku) for sku in product.content.skus if not wanted or sku.id in wanted]
        found.append({"product_id": product_id, "skus": skus})
    return {"inventory": found}


def update_prices(shop: Shop, call: Call, product_id: str) -> Data:
    product = shop.product(product_id)
    if product.status != "ACTIVATE":
        raise ApiError(12019113, product.status)
    given = {body.required_text("id"): body for body in call.body.required_objects("skus")}
    if unknown := given.keys() - {sku.id for sku in product.content.skus}:
        raise ApiError(12052557, ", ".join(sorted(unknown)))
    priced = [_priced(shop, sku, given.get(sku.id)) for sku in product.content.skus]
    content = replace(product.content, skus=tuple(priced))
    products.store(shop, products.with_prices_of(product, content, updated=shop.now()))
    return {}


def tell_low_stock(shop: Shop, sku_id: str) -> None:
    """The platform's warning, once a SKU is at or below the threshold of the switches."""
    threshold = shop.switches.low_stock_threshold
    levels = shop.stock_of(sku_id).values()
    available, committed = sum(v.available for v in levels), sum(v.committed for v in levels)
    if not threshold or available > threshold:
        return
    shop.publish(
        "INVENTORY_STATUS_CHANGE",
        {
            "product_id": shop.tables.owners.get(sku_id, ""),
            "sku_id": sku_id,
            "trigger_reason": {"alert_type": "REALTIME", "low_stock_threshold": threshold},
            "current_inventory_status": "LOW_STOCK" if available else "OUT_OF_STOCK",
            "inventory_distribution": {
                "total_quantity": available + committed,
                "available_quantity": available,
                "creator_reserved_quantity": 0,
                "campaign_reserved_quantity": 0,
                "committed_quantity": committed,
            },
            "update_time": seconds(shop.now()),
        },
    )


def _set_stock(shop: Shop, body: Body, known: set[str]) -> Data | None:
    sku_id = body.required_text("id")
    if sku_id not in known:
        return _sku_error(ApiError(12052557), sku_id)
    entries = _entries(shop, sku_id, body)
    ids = [warehouse_id for warehouse_id, _ in entries]
    if len(set(ids)) < len(ids):
        return _sku_error(ApiError(12052555), sku_id)
    problems = [(w, p) for w, quantity in entries if (p := _entry_problem(shop, sku_id, w, quantity))]
    if problems:
        return _sku_error(ApiError(12052990), sku_id, problems)
    missing = [w for w in shop.stock_of(sku_id) if w not in ids and not shop.warehouses[w].fbt_id]
    if missing:
        return _sku_error(ApiError(12019028), sku_id, [(w, ApiError(12052037)) for w in missing])
    shop.set_available(sku_id, entries)
    return None


def _entries(shop: Shop, sku_id: str, body: Body) -> list[tuple[str, int]]:
    """The warehouse may be left out where the SKU has only one."""
    own = [w for w in shop.stock_of(sku_id) if not shop.warehouses[w].fbt_id]
    only = own[0] if len(own) == 1 else ""
    return [
        (entry.text("warehouse_id") or only, entry.required_integer("quantity"))
        for entry in body.required_objects("inventory")
    ]


def _entry_problem(shop: Shop, sku_id: str, warehouse_id: str, quantity: int) -> ApiError | None:
    if problem := warehouse_problem(shop, warehouse_id):
        return problem
    if warehouse_id not in shop.stock_of(sku_id):
        return ApiError(12052037)
    return quantity_problem(shop, quantity)


def _sku_error(error: ApiError, sku_id: str, nested: list[tuple[str, ApiError]] | None = None) -> Data:
    extra = [{"warehouse_id": w, "code": e.code, "message": e.message} for w, e in nested or []]
    detail = {"sku_id": sku_id, "extra_errors": extra}
    return {"code": error.code, "message": error.message, "detail": detail}


def _levels(shop: Shop, sku: Sku) -> Data:
    levels = shop.stock_of(sku.id)
    available = sum(level.available for level in levels.values())
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "total_available_quantity": available,
        "total_committed_quantity": sum(level.committed for level in levels.values()),
        "warehouse_inventory": [
            {"warehouse_id": w, "available_quantity": v.available, "committed_quantity": v.committed}
            for w, v in levels.items()
        ],
        "total_available_inventory_distribution": {
            "in_shop_inventory": {"quantity": available},
            "campaign_inventory": [],
            "creator_inventory": [],
        },
    }


def _priced(shop: Shop, sku: Sku, body: Body | None) -> Sku:
    if body is None:
        return sku
    money = body.required_object("price")
    if money.required_text("currency") != shop.region.currency:
        raise ApiError(12052084, shop.region.currency)
    price = money.decimal("amount" if "amount" in money else "sale_price", code=12052012)
    if price <= 0:
        raise ApiError(12052073, str(price))
    listed = body.object("list_price")
    list_price = listed.decimal("amount", code=12052012) if listed else sku.list_price
    return replace(sku, price=price, list_price=list_price if list_price and list_price >= price else None)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/product/202309/products/{product_id}/inventory/update",
        update_inventory,
        WRITE_SCOPE,
        is_write=True,
    ),
    Endpoint(
        "POST",
        "/product/202309/products/{product_id}/prices/update",
        update_prices,
        WRITE_SCOPE,
        is_write=True,
    ),
    Endpoint("POST", "/product/202309/inventory/search", search_inventory, SCOPE),
)
