"""Calls about stock that lies in the platform's own warehouses."""

from __future__ import annotations

from crossdock_simulators.tiktok_shop.calls import Bounds, Call, Data, page_of
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Stock, Warehouse
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.fbt.basic"
PAGES = Bounds(100)
IDS_A_CALL = 100
GOODS_PREFIX = "72"


def search_inventory(shop: Shop, call: Call) -> Data:
    """By goods or by SKUs, not both. A SKU is one goods here, whose id is derived from it."""
    goods_ids, sku_ids = call.body.texts("goods_ids"), call.body.texts("sku_ids")
    if bool(goods_ids) == bool(sku_ids):
        raise ApiError(36009004, "either goods_ids or sku_ids is required")
    if max(len(goods_ids), len(sku_ids)) > IDS_A_CALL:
        raise ApiError(36009004, f"at most {IDS_A_CALL} ids")
    wanted = sku_ids or [_sku_id(goods_id) for goods_id in goods_ids]
    places = set(call.body.texts("fbt_warehouse_ids"))
    found = [
        _level(shop, sku_id, warehouse, level)
        for sku_id in wanted
        for warehouse_id, level in shop.stock_of(sku_id).items()
        if (warehouse := shop.warehouses[warehouse_id]).fbt_id and (not places or warehouse.fbt_id in places)
    ]
    page = page_of(call, found, PAGES)
    return {"inventory": list(page.records)} | page.rest()


def warehouses(shop: Shop, _: Call) -> Data:
    return {
        "warehouses": [
            {
                "fbt_warehouse_id": warehouse.fbt_id,
                "warehouse_ids": [warehouse.id],
                "name": warehouse.name,
                "type": "PLATFORM_WAREHOUSE",
                "subscribed": True,
            }
            for warehouse in shop.warehouses.values()
            if warehouse.fbt_id
        ]
    }


def onboarded_regions(shop: Shop, _: Call) -> Data:
    """Empty when the seller does not use the platform's warehouses."""
    has_fbt = any(warehouse.fbt_id for warehouse in shop.warehouses.values())
    return {"onboarded_regions": [{"region_code": shop.region.code}] if has_fbt else []}


def _level(shop: Shop, sku_id: str, warehouse: Warehouse, level: Stock) -> Data:
    sku = shop.sku(sku_id)
    reserved = {"available_quantity": level.available, "reserved_quantity": level.committed}
    on_hand = {"total_quantity": level.available + level.committed} | reserved
    return {
        "goods": {
            "id": f"{GOODS_PREFIX}{sku_id[2:]}",
            "reference_code": sku.seller_sku if sku else "",
            "name": sku.name if sku else "",
            "skus": [{"id": sku_id, "on_hand_detail": on_hand}],
        },
        "fbt_warehouse_id": warehouse.fbt_id,
        "in_transit_quantity": 0,
        "on_hand_detail": on_hand | {"unfulfillable_quantity": 0},
    }


def _sku_id(goods_id: str) -> str:
    return f"17{goods_id[2:]}"


ENDPOINTS = (
    Endpoint("POST", "/fbt/202408/inventory/search", search_inventory, SCOPE),
    Endpoint("GET", "/fbt/202408/warehouses", warehouses, SCOPE),
    Endpoint("GET", "/fbt/202409/merchants/onboarded_regions", onboarded_regions, SCOPE),
)
