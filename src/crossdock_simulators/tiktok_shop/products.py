"""The life of a product: created, reviewed, edited, switched on and off, deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.listing_reader import Listing
from crossdock_simulators.tiktok_shop.records import Content, Product
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

UNEDITABLE = frozenset({"FREEZE", "DELETED"})
DEACTIVATED = frozenset({"SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"})
AUDIT_FIELDS = {"title": "title", "description": "description", "image_uris": "main_images"}


def create(shop: Shop, listing: Listing, *, as_draft: bool) -> Product:
    _check_quota(shop)
    now = shop.now()
    product = Product(
        id=shop.ids.new("product"),
        content=listing.content,
        status="DRAFT" if as_draft else "PENDING",
        audit="NONE" if as_draft else "AUDITING",
        created=now,
        updated=now,
    )
    shop.tables.listed_on[f"{now:%Y-%m-%d}"] += 1
    store(shop, product)
    take_inventory(shop, listing)
    shop.publish(
        "PRODUCT_CREATION", {"product_id": product.id, "product_types": [], "update_time": seconds(now)}
    )
    if not as_draft:
        submit(shop, product)
    return product


def edit(shop: Shop, product: Product, listing: Listing, *, as_draft: bool) -> Product:
    """Apply an edit; only one that touches more than price and stock is reviewed."""
    content, now = listing.content, shop.now()
    if product.status not in ("DRAFT",) and as_draft:
        # A draft of a live product leaves price and stock alone.
        return _saved(shop, replace(product, draft=content, updated=now))
    take_inventory(shop, listing)
    changed = content.without_prices() != product.latest.without_prices()
    if product.status in ("DRAFT", "FAILED", "PENDING"):
        edited = replace(product, content=content, updated=now)
        if as_draft or (product.status == "PENDING" and not changed):
            edited = _saved(shop, edited)
        else:
            edited = submit(shop, replace(edited, status="PENDING", audit="AUDITING", refusals=()))
    elif not changed:
        edited = _saved(shop, with_prices_of(product, content, updated=now))
    elif product.status in DEACTIVATED:
        edited = _saved(shop, replace(product, content=content, updated=now))
    else:
        edited = submit(
            shop, replace(product, under_review=content, audit="AUDITING", updated=now, refusals=())
        )
    _tell_change(shop, product.latest, edited)
    return edited


def with_prices_of(product: Product, content: Content, **changes: object) -> Product:
    """The live and the waiting version with the prices of `content`."""
    prices = {sku.id: (sku.price, sku.list_price) for sku in content.skus}

    def repriced(version: Content) -> Content:
        skus = []
        for sku in version.skus:
            price, list_price = prices.get(sku.id, (sku.price, sku.list_price))
            skus.append(replace(sku, price=price, list_price=list_price))
        return replace(version, skus=tuple(skus))

    waiting = repriced(product.under_review) if product.under_review else None
    return replace(product, content=repriced(product.content), under_review=waiting, **changes)  # type: ignore[arg-type]


def submit(shop: Shop, product: Product) -> Product:
    """Put a version up for review and decide about it after the delay."""
    waiting = _saved(shop, replace(product, review=product.review + 1))
    _tell_audit(shop, waiting)
    number = waiting.review

    def decide() -> None:
        current = shop.tables.products.get(waiting.id)
        if current is None or current.review != number or current.audit != "AUDITING":
            return
        word = shop.switches.refused_title_word
        if word and word.lower() in current.latest.title.lower():
            refuse(shop, current, f"The title contains {word!r}")
        elif shop.switches.auto_approve:
            approve(shop, current)

    shop.after(shop.switches.delay("review_delay_seconds"), decide)
    return waiting


def approve(shop: Shop, product: Product) -> Product:
    approved = replace(
        product,
        content=product.latest,
        under_review=None,
        draft=None,
        status="ACTIVATE",
        audit="APPROVED",
        updated=shop.now(),
        refusals=(),
        was_live=True,
    )
    _saved(shop, approved)
    _tell_status(
        shop, approved, "PRODUCT_STATUS_CHANGED" if product.was_live else "PRODUCT_FIRST_PASS_REVIEW"
    )
    _tell_audit(shop, approved)
    return approved


def refuse(shop: Shop, product: Product, reason: str) -> Product:
    """A live product keeps its old version; one never live fails."""
    status = "ACTIVATE" if product.status == "ACTIVATE" else "FAILED"
    refused = replace(
        product, status=status, audit="FAILED", under_review=None, updated=shop.now(), refusals=(reason,)
    )
    _saved(shop, refused)
    _tell_status(shop, refused, "PRODUCT_AUDIT_FAILURE", reason)
    _tell_audit(shop, refused)
    return refused


def activate(shop: Shop, product_id: str) -> None:
    product = _switchable(shop, product_id, DEACTIVATED | {"ACTIVATE"})
    if product.status != "ACTIVATE":
        submit(shop, replace(product, status="PENDING", audit="AUDITING", updated=shop.now()))


def deactivate(shop: Shop, product_id: str) -> None:
    product = _switchable(shop, product_id, {"ACTIVATE", "PENDING", "SELLER_DEACTIVATED"})
    _set_status(shop, product, "SELLER_DEACTIVATED")


def delete(shop: Shop, product_id: str) -> None:
    product = _known(shop, product_id)
    if product.status == "FREEZE":
        raise ApiError(12052901)
    _set_status(shop, product, "DELETED")


def recover(shop: Shop, product_id: str) -> None:
    _set_status(shop, _switchable(shop, product_id, {"DELETED"}), "SELLER_DEACTIVATED")


def edit_as_seller(shop: Shop, product: Product, content: Content) -> Product:
    """What the seller changes in Seller Center, live at once."""
    edited = _saved(shop, replace(product, content=content, updated=shop.now()))
    _tell_change(shop, product.content, edited, source="SELLER_CENTER")
    return edited


def set_status(shop: Shop, product: Product, status: str) -> None:
    """What the platform decides by itself, such as FREEZE."""
    _set_status(shop, product, status)


def store(shop: Shop, product: Product) -> Product:
    """Save the product and who owns its SKUs; the stock of SKUs that are gone goes with them."""
    tables = shop.tables
    before = tables.products.get(product.id)
    tables.products[product.id] = product
    versions = [v for v in (product.content, product.under_review, product.draft) if v]
    present = {sku.id for version in versions for sku in version.skus}
    tables.owners.update(dict.fromkeys(present, product.id))
    for name in {sku.seller_sku for version in versions for sku in version.skus}:
        if product.id not in (known := tables.names.get(name, ())):
            tables.names[name] = (*known, product.id)
    if before is not None and before is not product:
        for sku in {s.id for v in (before.content, before.under_review) if v for s in v.skus} - present:
            tables.owners.pop(sku, None)
            tables.stock.pop(sku, None)
    return product


def take_inventory(shop: Shop, listing: Listing) -> None:
    for sku_id, entries in listing.inventory.items():
        default = shop.default_warehouse().id
        shop.set_available(
            sku_id, [(warehouse_id or default, quantity) for warehouse_id, quantity in entries]
        )


_saved = store


def _check_quota(shop: Shop) -> None:
    quota = shop.switches.daily_listing_quota
    if quota and shop.tables.listed_on[f"{shop.now():%Y-%m-%d}"] >= quota:
        raise ApiError(12052093, f"{quota} a day")


def _known(shop: Shop, product_id: str) -> Product:
    if (product := shop.tables.products.get(product_id)) is None:
        raise ApiError(12052048)
    return product


def _switchable(shop: Shop, product_id: str, statuses: Iterable[str]) -> Product:
    product = _known(shop, product_id)
    if product.status not in statuses:
        raise ApiError(12052901, product.status)
    return product


def _set_status(shop: Shop, product: Product, status: str) -> None:
    # The number of the review moves on, so that a decision under way is void.
    changed = replace(product, status=status, updated=shop.now(), review=product.review + 1)
    _saved(shop, changed)
    _tell_status(shop, changed, "PRODUCT_STATUS_CHANGED")


def _tell_status(shop: Shop, product: Product, status: str, reason: str = "") -> None:
    shop.publish(
        "PRODUCT_STATUS_CHANGE",
        {"product_id": product.id, "status": status, "suspended_reason": reason}
        | {"update_time": seconds(product.updated)},
    )


def _tell_audit(shop: Shop, product: Product) -> None:
    audit = {"status": product.audit, "pre_approved_reasons": []}
    shop.publish(
        "PRODUCT_AUDIT_STATUS_CHANGE",
        {"product_id": product.id, "audit": audit, "update_time": seconds(product.updated)},
    )


def _tell_change(shop: Shop, before: Content, product: Product, source: str = "OPEN_API") -> None:
    after = product.latest
    fields = [
        theirs for ours, theirs in AUDIT_FIELDS.items() if getattr(before, ours) != getattr(after, ours)
    ]
    if before.attributes != after.attributes:
        fields.append("product_attributes")
    shop.publish(
        "PRODUCT_INFORMATION_CHANGE",
        {"product_id": product.id, "change_source": source, "changed_fields": fields or ["others"]}
        | {"update_time": seconds(product.updated)},
    )
