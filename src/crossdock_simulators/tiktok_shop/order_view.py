"""Orders as search and detail show them."""

from __future__ import annotations

from decimal import Decimal

from crossdock_simulators.tiktok_shop import logistics, recipients
from crossdock_simulators.tiktok_shop.calls import Data
from crossdock_simulators.tiktok_shop.orders import FBT
from crossdock_simulators.tiktok_shop.packing import waiting_packages
from crossdock_simulators.tiktok_shop.product_view import money
from crossdock_simulators.tiktok_shop.records import ZERO, Line, Order, Package
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

CENT = Decimal("0.01")


def shown(shop: Shop, order: Order) -> Data:
    terms = order.terms
    option = logistics.option_of(terms.shipping_type, terms.fulfillment_type)
    content: Data = {
        "id": order.id,
        "status": order.status,
        "order_type": "BRAND_NEW_TYPE" if shop.switches.unknown_values else terms.order_type,
        "user_id": terms.buyer_id,
        "buyer_email": terms.buyer_email,
        "buyer_nickname": f"user{terms.buyer_id[-6:]}",
        "buyer_message": terms.buyer_message,
        "seller_note": "",
        "create_time": seconds(order.created),
        "update_time": seconds(order.updated),
        "fulfillment_type": terms.fulfillment_type,
        "shipping_type": terms.shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "warehouse_id": terms.warehouse_id,
        "payment_method_name": "Credit card",
        "is_cod": False,
        "is_on_hold_order": terms.goes_on_hold,
        "is_buyer_request_cancel": order.is_buyer_request_cancel,
        "is_sample_order": terms.is_sample,
        "is_replacement_order": terms.is_replacement,
        "is_exchange_order": terms.is_exchange,
        "is_subscription_order": False,
        "has_updated_recipient_address": order.has_updated_recipient_address,
        "commerce_platform": "TIKTOK_SHOP",
        "payment": payment(shop, order),
        "packages": [{"id": p} for p in _package_ids(shop, order)],
        "line_items": [_line(shop, order, line) for line in order.lines],
    }
    content |= {name: seconds(moment) for name, moment in order.times.items()}
    return content | _address(shop, order) | _shipment(shop, order) | _cancellation(order) | _novelty(shop)


def payment(shop: Shop, order: Order) -> Data:
    terms, lines = order.terms, order.lines
    original = sum((line.original_price for line in lines), ZERO)
    by_seller = sum((line.seller_discount for line in lines), ZERO)
    by_platform = sum((line.platform_discount for line in lines), ZERO)
    shipping = terms.shipping_fee - terms.shipping_seller_discount - terms.shipping_platform_discount
    product_tax = sum((line.tax for line in lines), ZERO)
    shipping_tax = (shipping * terms.tax_rate).quantize(CENT)
    sub_total = original - by_seller - by_platform
    return {
        "currency": shop.region.currency,
        "original_total_product_price": money(original),
        "seller_discount": money(by_seller),
        "platform_discount": money(by_platform),
        "sub_total": money(sub_total),
        "original_shipping_fee": money(terms.shipping_fee),
        "shipping_fee_seller_discount": money(terms.shipping_seller_discount),
        "shipping_fee_platform_discount": money(terms.shipping_platform_discount),
        "shipping_fee_cofunded_discount": "0",
        "shipping_fee": money(shipping),
        "product_tax": money(product_tax),
        "shipping_fee_tax": money(shipping_tax),
        "tax": money(product_tax + shipping_tax),
        "retail_delivery_fee": "0",
        **{name: money(fee) for name, fee in terms.fees.items()},
        "total_amount": money(
            sub_total + shipping + product_tax + shipping_tax + sum(terms.fees.values(), ZERO)
        ),
    }


def price_detail(shop: Shop, order: Order) -> Data:
    paid = payment(shop, order)
    net = Decimal(paid["total_amount"]) - Decimal(paid["tax"])
    return {
        "currency": paid["currency"],
        "total": paid["total_amount"],
        "payment": paid["total_amount"],
        "sku_list_price": paid["original_total_product_price"],
        "sku_sale_price": paid["sub_total"],
        "subtotal": paid["sub_total"],
        "subtotal_deduction_seller": paid["seller_discount"],
        "subtotal_deduction_platform": paid["platform_discount"],
        "subtotal_tax_amount": paid["product_tax"],
        "voucher_deduction_platform": "0",
        "voucher_deduction_seller": "0",
        "shipping_list_price": paid["original_shipping_fee"],
        "shipping_sale_price": paid["shipping_fee"],
        "shipping_fee_deduction_seller": paid["shipping_fee_seller_discount"],
        "shipping_fee_deduction_platform": paid["shipping_fee_platform_discount"],
        "shipping_fee_deduction_platform_voucher": "0",
        "tax_amount": paid["tax"],
        "tax_rate": money(order.terms.tax_rate),
        "net_price_amount": money(net),
        "line_items": [_line_price(shop, line) for line in order.lines],
    }


def _line_price(shop: Shop, line: Line) -> Data:
    sale, tax = money(line.sale_price), money(line.tax)
    return {
        "id": line.id,
        "currency": shop.region.currency,
        "total": money(line.sale_price + line.tax),
        "payment": money(line.sale_price + line.tax),
        "sku_list_price": money(line.original_price),
        "sku_sale_price": sale,
        "subtotal": sale,
        "subtotal_deduction_seller": money(line.seller_discount),
        "subtotal_deduction_platform": money(line.platform_discount),
        "subtotal_tax_amount": tax,
        "tax_amount": tax,
        "tax_rate": money(line.tax_rate),
        "net_price_amount": sale,
        "sku_gift_original_price": money(line.gift_retail_price),
        "seller_funded_product_promotions": [],
        "seller_funded_shipping_promotions": [],
    }


def _line(shop: Shop, order: Order, line: Line) -> Data:
    content: Data = {
        "id": line.id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "sku_id": line.sku_id,
        "sku_name": line.sku_name,
        "seller_sku": line.seller_sku,
        "sku_image": line.image_url,
        "sku_type": "NORMAL",
        "original_price": money(line.original_price),
        "sale_price": money(line.sale_price),
        "seller_discount": money(line.seller_discount),
        "platform_discount": money(line.platform_discount),
        "currency": shop.region.currency,
        "item_tax": [_tax(line)] if line.tax_rate else [],
        # The platform's own samples show this stale value.
        "display_status": "TO_SHIP" if shop.switches.unknown_values else line.status,
        "is_gift": line.is_gift,
        "gift_retail_price": money(line.gift_retail_price),
        "is_dangerous_good": False,
        "needs_prescription": False,
        "retail_delivery_fee": "0",
    }
    if line.cancel_reason:
        content |= {"cancel_reason": line.cancel_reason, "cancel_user": line.cancel_user}
    if (package := shop.tables.packages.get(line.package_id)) is not None:
        content |= {
            "package_id": package.id,
            "package_status": package.status,
            "tracking_number": package.tracking_number,
            "shipping_provider_id": package.provider_id,
            "shipping_provider_name": logistics.provider_name(package.provider_id),
            "rts_time": seconds(package.shipped or order.updated),
        }
    elif not shop.region.marks_packages and (waiting := _waiting_package(shop, order, line)) is not None:
        content |= {"package_id": waiting.id, "package_status": waiting.status}
    return content


def _waiting_package(shop: Shop, order: Order, line: Line) -> Package | None:
    found = (p for p in waiting_packages(shop, order.id) if line.id in p.line_ids)
    return next(found, None)


def _tax(line: Line) -> Data:
    return {"tax_type": "SALES_TAX", "tax_amount": money(line.tax), "tax_rate": money(line.tax_rate)}


def _package_ids(shop: Shop, order: Order) -> list[str]:
    """The packages of the order; one not shipped yet exists only in markets that do not mark them."""
    shipped = [line.package_id for line in order.lines if line.package_id]
    if not shop.region.marks_packages:
        return list(dict.fromkeys([*shipped, *(p.id for p in waiting_packages(shop, order.id))]))
    return list(dict.fromkeys(shipped))


def _address(shop: Shop, order: Order) -> Data:
    if not order.is_released:
        return {}
    terms = order.terms
    masked = terms.shipping_type == "TIKTOK" or terms.fulfillment_type == FBT
    return {"recipient_address": recipients.address(terms.recipient, shop.region, masked=masked)}


def _shipment(shop: Shop, order: Order) -> Data:
    ids = [line.package_id for line in order.lines if line.package_id]
    if not ids:
        return {}
    package = shop.tables.packages[ids[-1]]
    return {
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.provider_id,
        "shipping_provider": logistics.provider_name(package.provider_id),
    }


def _cancellation(order: Order) -> Data:
    if not order.cancel_reason:
        return {}
    return {"cancel_reason": order.cancel_reason, "cancellation_initiator": order.cancellation_initiator}


def _novelty(shop: Shop) -> Data:
    return {"brand_new_field": {"seen_by": "nobody yet"}} if shop.switches.unknown_fields else {}
