"""Calls about categories, their attributes and rules, and brands."""

from __future__ import annotations

from crossdock_simulators.tiktok_shop import categories
from crossdock_simulators.tiktok_shop.calls import Bounds, Call, Data, page_of
from crossdock_simulators.tiktok_shop.categories import Attribute, Category
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.product.basic"
WRITE_SCOPE = "seller.product.write"
BRAND_PAGES = Bounds(100, code=12019109)


def list_categories(shop: Shop, call: Call) -> Data:
    keyword = call.query.get("keyword", "").lower()
    tree = categories.TREES[_version(shop, call.query.get("category_version"))]
    found = [
        {"id": c.id, "parent_id": c.parent_id, "local_name": c.name, "is_leaf": c.is_leaf}
        | {"permission_statuses": [c.permission]}
        for c in tree.values()
        if keyword in c.name.lower()
    ]
    return {"categories": found}


def attributes(shop: Shop, call: Call, category_id: str) -> Data:
    category = _leaf(shop, call, category_id)
    return {"attributes": [_attribute(attribute) for attribute in category.attributes]}


def rules(shop: Shop, call: Call, category_id: str) -> Data:
    category = _leaf(shop, call, category_id)
    return {
        "product_certifications": [],
        "size_chart": {"is_supported": category.needs_size_chart, "is_required": False},
        "cod": {"is_supported": False},
        "package_dimension": {"is_required": category.needs_dimensions},
        "epr": {"is_required": False},
        "responsible_person": {"is_required": False},
        "manufacturer": {"is_required": False},
        "allowed_special_product_types": ["PRE_ORDER"],
        "seller_sku": {"is_required": shop.region.strict_seller_sku},
    }


def recommend(shop: Shop, call: Call) -> Data:
    title = call.body.required_text("product_title")
    found = categories.recommend(title, _version(shop, call.body.text("category_version")))
    if found is None:
        raise ApiError(12019064)
    steps = [
        {"id": c.id, "level": level, "name": c.name, "is_leaf": c.is_leaf}
        | {"permission_statuses": [c.permission]}
        for level, c in enumerate(categories.chain(found.id), start=1)
    ]
    return {"leaf_category_id": found.id, "categories": steps}


def brands(shop: Shop, call: Call) -> Data:
    name = call.query.get("brand_name", "").lower()
    known = [(i, n) for i, n in {**categories.BRANDS, **shop.tables.brands}.items() if name in n.lower()]
    page = page_of(call, known, BRAND_PAGES)
    status = "AUTHORIZED" if shop.switches.brands_are_authorized else "UNAUTHORIEZD"
    described = [
        # The misspelling is the platform's.
        {"id": i, "name": n, "authorized_status": status, "is_t1_brand": i in categories.T1_BRANDS}
        | {"brand_status": "AVAILABLE"}
        for i, n in page.records
    ]
    return {"brands": described} | page.rest()


def create_brand(shop: Shop, call: Call) -> Data:
    name = call.body.required_text("name")
    brand_id = shop.ids.new("file")
    shop.tables.brands[brand_id] = name
    return {"id": brand_id}


def _attribute(attribute: Attribute) -> Data:
    return {
        "id": attribute.id,
        "name": attribute.name,
        "type": attribute.type,
        "is_requried": attribute.is_required,
        "is_customizable": attribute.is_customizable,
        "is_multiple_selection": attribute.is_multiple,
        "values": [{"id": value_id, "name": name} for value_id, name in attribute.values],
    }


def _version(shop: Shop, given: str | None) -> str:
    version = given or "v1"
    if version not in categories.TREES:
        raise ApiError(36009004, f"category_version {version!r}")
    if shop.region.category_version == "v2" and version != "v2":
        raise ApiError(12052217)
    return version


def _leaf(shop: Shop, call: Call, category_id: str) -> Category:
    version = _version(shop, call.query.get("category_version"))
    if (category := categories.find(category_id)) is None:
        raise ApiError(12052023, category_id)
    if category_id not in categories.TREES[version]:
        raise ApiError(12052230)
    if not category.is_leaf:
        raise ApiError(12052024, category_id)
    return category


_PATH = "/product/202309/categories"
ENDPOINTS = (
    Endpoint("GET", _PATH, list_categories, SCOPE),
    Endpoint("GET", f"{_PATH}/{{category_id}}/attributes", attributes, SCOPE),
    Endpoint("GET", f"{_PATH}/{{category_id}}/rules", rules, SCOPE),
    Endpoint("POST", f"{_PATH}/recommend", recommend, SCOPE),
    Endpoint("GET", "/product/202309/brands", brands, SCOPE),
    Endpoint("POST", "/product/202309/brands", create_brand, WRITE_SCOPE, takes_cipher=False, is_write=True),
)
