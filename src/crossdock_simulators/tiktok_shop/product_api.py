"""Calls about products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from crossdock_simulators.tiktok_shop import categories, product_view, products
from crossdock_simulators.tiktok_shop.calls import Body, Bounds, Call, Data, in_window, one_of, page_of
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.listing_reader import read_listing
from crossdock_simulators.tiktok_shop.listing_rules import problems
from crossdock_simulators.tiktok_shop.records import Product
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.product.basic"
WRITE_SCOPE = "seller.product.write"
PAGES = Bounds(100, code=12019109, window=10_000)
STATUSES = (
    "ALL",
    "DRAFT",
    "PENDING",
    "FAILED",
    "ACTIVATE",
    "SELLER_DEACTIVATED",
    "PLATFORM_DEACTIVATED",
    "FREEZE",
    "DELETED",
)
SAVE_MODES = ("LISTING", "AS_DRAFT")
IDS_A_CALL = 20
# A required attribute, the size of the package, the authorization of a brand.
COMPLETED_LATER = frozenset({12052104, 12019012, 12052208})
CHECKED = (
    "SHOP_STATUS",
    "SHOP_TAX",
    "PICKUP_WAREHOUSE",
    "RETURN_WAREHOUSE",
    "DELIVERY_OPTION",
    "SHIPPING_TEMPLATE",
    "PRODUCT_QUANTITY_LIMIT",
    "BANk_ACCOUNT",
    "CONTACT_INFO",
)


def search(shop: Shop, call: Call, *, version: str) -> Data:
    body = call.body
    seller_skus, sku_ids = set(body.texts("seller_skus")), set(body.texts("sku_ids"))
    if len(seller_skus) > 10:
        raise ApiError(12019027)
    if len(sku_ids) > 10:
        raise ApiError(12019087)
    wanted = _matcher(body)
    candidates = shop.products_named(seller_skus) if seller_skus else shop.tables.products.values()
    matching = [product for product in candidates if wanted(product)]
    if sku_ids:
        owners = {shop.tables.owners.get(sku_id) for sku_id in sku_ids}
        matching = [product for product in matching if product.id in owners]
    page = page_of(call, matching, PAGES)
    shown = [product_view.found(shop, product, version=version) for product in page.records]
    return {"products": shown} | page.rest()


def detail(shop: Shop, call: Call, product_id: str) -> Data:
    product = shop.product(product_id)
    content = product.content
    if call.flag("return_under_review_version"):
        if product.audit != "AUDITING":
            raise ApiError(12052547)
        content = product.latest
    if call.flag("return_draft_version") and product.draft is not None:
        content = product.draft
    return product_view.detail(shop, product, content)


def create(shop: Shop, call: Call) -> Data:
    body = call.body
    key = body.text("idempotency_key") or ""
    if len(key) > 128:
        raise ApiError(36009004, "idempotency_key has more than 128 characters")
    if key and key in shop.tables.created_under:
        return shop.tables.created_under[key]
    as_draft = one_of(body, "save_mode", SAVE_MODES) == "AS_DRAFT"
    _require(body, ("title", "description", "category_id", "main_images", "skus"))
    listing = read_listing(shop, body)
    for problem in _in_the_way(shop, problems(shop, listing), as_draft=as_draft):
        raise problem
    product = products.create(shop, listing, as_draft=as_draft)
    answer = {"product_id": product.id, "skus": product_view.answered_skus(product.content), "warnings": []}
    if key:
        shop.tables.created_under[key] = answer
    return answer


def edit(shop: Shop, call: Call, product_id: str, *, partial_edit: bool) -> Data:
    body = call.body
    product = _editable(shop, product_id)
    if not partial_edit:
        _require(body, ("title", "description", "category_id", "main_images", "skus"))
    if "skus" in body and not body.objects("skus"):
        raise ApiError(12052902)
    as_draft = one_of(body, "save_mode", SAVE_MODES) == "AS_DRAFT"
    versioned = _with_version(body, product.latest.category_id)
    listing = read_listing(shop, versioned, base=product.latest, partial=partial_edit)
    found = problems(shop, listing, product_id=product.id)
    for problem in _in_the_way(shop, found, as_draft=as_draft):
        raise problem
    edited = products.edit(shop, product, listing, as_draft=as_draft)
    # A price or stock change is approved as it comes; a draft is not looked at.
    audit = {"status": "NONE" if as_draft else edited.audit}
    skus = product_view.answered_skus(listing.content)
    return {"product_id": edited.id, "skus": skus, "audit": audit}


def check_listing(shop: Shop, call: Call) -> Data:
    listing = read_listing(shop, _with_version(call.body, ""))
    reasons = [{"code": problem.code, "message": problem.message} for problem in problems(shop, listing)]
    return {"check_result": "FAILED" if reasons else "PASS", "fail_reasons": reasons}


def prerequisites(shop: Shop, _: Call) -> Data:
    failures = {
        "PICKUP_WAREHOUSE": _missing(shop, "SALES_WAREHOUSE"),
        "RETURN_WAREHOUSE": _missing(shop, "RETURN_WAREHOUSE"),
        "PRODUCT_QUANTITY_LIMIT": _quota_used(shop),
    }
    return {
        "check_results": [
            {
                "check_item": item,
                "is_failed": bool(failures.get(item)),
                "fail_reasons": failures.get(item, []),
            }
            for item in CHECKED
        ]
    }


def switch(shop: Shop, call: Call, *, action: Callable[[Shop, str], None], nested: bool = False) -> Data:
    """Activate, deactivate, delete or recover product by product; each failure stands alone."""
    product_ids = call.body.texts("product_ids")
    if not product_ids:
        raise ApiError(36009004, "product_ids is required")
    if len(product_ids) > IDS_A_CALL:
        raise ApiError(12019120, f"at most {IDS_A_CALL}")
    errors = []
    for product_id in product_ids:
        try:
            action(shop, product_id)
        except ApiError as error:
            detail: Data = {"product_id": product_id} | ({"extra_errors": []} if nested else {})
            errors.append({"code": error.code, "message": error.message, "detail": detail})
    return {"errors": errors} if errors else {}


def _matcher(body: Body) -> Callable[[Product], bool]:
    status = one_of(body, "status", STATUSES) or "ALL"
    audits = set(body.texts("audit_status"))
    created, updated = (
        in_window(body, "create_time", closed=True),
        in_window(body, "update_time", closed=True),
    )

    def wanted(product: Product) -> bool:
        if status != "ALL" and product.status != status:
            return False
        if audits and product.audit not in audits:
            return False
        return created(product.created) and updated(product.updated)

    return wanted


def _in_the_way(shop: Shop, found: Iterable[ApiError], *, as_draft: bool) -> Iterator[ApiError]:
    """A draft may lack what is asked for only once it is submitted."""
    is_lenient = as_draft and not shop.switches.drafts_need_everything
    return (problem for problem in found if not (is_lenient and problem.code in COMPLETED_LATER))


def _editable(shop: Shop, product_id: str) -> Product:
    product = shop.product(product_id)
    if product.status in products.UNEDITABLE:
        raise ApiError(12052901, product.status)
    return product


def _with_version(body: Body, category_id: str) -> Body:
    """An edit and a check may leave the version out; the one that has the category is meant then."""
    named = body.text("category_id") or category_id
    found = next((version for version, tree in categories.TREES.items() if named in tree), None)
    if found is None or "category_version" in body:
        return body
    return Body({**body.values, "category_version": found})


def _require(body: Body, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in body:
            raise ApiError(36009004, f"{name} is required")


def _missing(shop: Shop, kind: str) -> list[str]:
    return [] if any(w.type == kind for w in shop.warehouses.values()) else [f"No {kind.lower()}"]


def _quota_used(shop: Shop) -> list[str]:
    quota = shop.switches.daily_listing_quota
    used = shop.tables.listed_on[f"{shop.now():%Y-%m-%d}"]
    return [f"{used} of {quota} products listed today"] if quota and used >= quota else []


_PRODUCTS = "/product/202309/products"
ENDPOINTS = (
    *(
        Endpoint("POST", f"/product/{v}/products/search", partial(search, version=v), SCOPE)
        for v in ("202309", "202312", "202502")
    ),
    Endpoint("GET", f"{_PRODUCTS}/{{product_id}}", detail, SCOPE),
    Endpoint("POST", _PRODUCTS, create, WRITE_SCOPE, is_write=True),
    Endpoint("POST", f"{_PRODUCTS}/listing_check", check_listing, SCOPE),
    *(Endpoint("GET", f"/product/{v}/prerequisites", prerequisites, SCOPE) for v in ("202309", "202312")),
    *(
        Endpoint(
            "PUT",
            f"/product/{v}/products/{{product_id}}",
            partial(edit, partial_edit=False),
            WRITE_SCOPE,
            is_write=True,
        )
        for v in ("202309", "202509")
    ),
    *(
        Endpoint(
            "POST",
            f"/product/{v}/products/{{product_id}}/partial_edit",
            partial(edit, partial_edit=True),
            WRITE_SCOPE,
            is_write=True,
        )
        for v in ("202309", "202509")
    ),
    *(
        Endpoint(
            "POST",
            f"{_PRODUCTS}/{name}",
            partial(switch, action=action, nested=nested),
            WRITE_SCOPE,
            is_write=True,
        )
        for name, action, nested in (
            ("activate", products.activate, True),
            ("deactivate", products.deactivate, False),
            ("recover", products.recover, False),
        )
    ),
    Endpoint("DELETE", _PRODUCTS, partial(switch, action=products.delete), WRITE_SCOPE, is_write=True),
)
