"""A sample of every call that the connector can make. A new method of the client needs one line in `SAMPLES`."""

from __future__ import annotations

from connectors.samples import RecordingHttp, Request, Sample, recorded
from connectors.tiktok_shop.tiktok_bench import CREDENTIALS, Bench
from crossdock.connectors.tiktok_shop.calls import Caller
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.client_aftersales import AfterSalesClient
from crossdock.connectors.tiktok_shop.client_fulfillment import FulfillmentClient, Item, Label
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.tokens import TokenKeeper

CONNECTION, WEBHOOKS = "Connection", "Webhooks"
LISTINGS, PULL, PUBLISH = "Pull listings", "Pull products", "Push products"
ORDERS, STOCK, LOCATIONS = "Pull orders", "Push inventory", "Pull locations"
PRODUCT, SKU, WAREHOUSE = "1729592969712207008", "1729592969712207012", "7068517275539719942"
IMAGE = "tos-useast5-i-omjb5zjo8w-tx/6c8519a3663a4d728c4e3c131dc914b4"
NEW_PRODUCT = {
    "save_mode": "LISTING",
    "title": "Canvas tote bag",
    "description": "<p>Heavy cotton tote bag.</p>",
    "category_id": "904328",
    "category_version": "v2",
    "main_images": [{"uri": IMAGE}],
    "package_weight": {"value": "0.85", "unit": "POUND"},
    "external_product_id": "p1",
    "idempotency_key": "0f1d2c3b-4a59-4687-9b5e-1c2d3e4f5a6b",
    "skus": [
        {
            "seller_sku": "TOTE-RED",
            "price": {"amount": "20.00", "currency": "USD"},
            "inventory": [{"warehouse_id": WAREHOUSE, "quantity": 25}],
        }
    ],
}
PRICES = [{"id": SKU, "price": {"amount": "18.00", "currency": "USD"}}]
QUANTITIES = [{"id": SKU, "inventory": [{"warehouse_id": WAREHOUSE, "quantity": 7}]}]

REFERENCES = "Push references"
EXTERNAL_ORDER = {
    "id": "576461413038785752",
    "external_order": {
        "id": "218",
        "platform": "BIGCOMMERCE",
        "line_items": [{"id": "9001", "origin_id": "577086512123755123"}],
    },
}

CANCELLATIONS, CANCEL = "Pull cancellations", "Push cancellations"
RETURNS, STATEMENTS = "Pull returns", "Pull statements"
ANSWER_RETURNS, RETURN_ID = "Push returns", "4035318020132901377"
RETURN_REJECTION = {
    "decision": "REJECT_RECEIVED_PACKAGE",
    "reject_reason": "reverse_reject_return_parcel_reason_1",
    "comment": "The box was empty",
}
ORDER, CANCEL_ID = "576461413038785752", "4035311787434217985"
SELLER_CANCEL = {
    "order_id": ORDER,
    "cancel_reason": "seller_cancel_reason_out_of_stock",
    "order_line_list": [{"order_line_item_id": "577086512123755124"}],
}
REJECTION = {"reject_reason": "ecom_reverse_reject_cancel_reason_product_packed", "comment": "Already packed"}
OLDER_CANCEL = {
    "order_id": ORDER,
    "cancel_reason": "seller_cancel_reason_out_of_stock",
    "order_line_item_ids": ["577086512123755124"],
}
SINCE = {"update_time_ge": 1763880000}
FINANCE = "no: the finance calls are known from their use only"
OLDER_ELIGIBILITY = "no: the older version is known by its name only"


def older(client: AfterSalesClient) -> AfterSalesClient:
    """The client of an app that does not have the newest version of a call."""
    client._lacking = {"202602", "202606"}
    return client


AFTER_SALES = (
    Sample("order", CANCEL, lambda c: c.order(ORDER), of=AfterSalesClient),
    Sample(
        "search_cancellations", CANCELLATIONS, lambda c: c.search_cancellations(SINCE), of=AfterSalesClient
    ),
    Sample(
        "search_cancellations",
        CANCELLATIONS,
        lambda c: older(c).search_cancellations(SINCE, "token"),
        of=AfterSalesClient,
    ),
    Sample("eligibility", CANCEL, lambda c: c.eligibility(ORDER), of=AfterSalesClient),
    Sample(
        "eligibility",
        CANCEL,
        lambda c: older(c).eligibility(ORDER),
        undocumented=OLDER_ELIGIBILITY,
        of=AfterSalesClient,
    ),
    Sample("cancel", CANCEL, lambda c: c.cancel(SELLER_CANCEL), of=AfterSalesClient),
    Sample("cancel", CANCEL, lambda c: older(c).cancel(OLDER_CANCEL), of=AfterSalesClient),
    Sample(
        "approve_cancellation",
        CANCEL,
        lambda c: c.approve_cancellation(CANCEL_ID, "a-key"),
        of=AfterSalesClient,
    ),
    Sample(
        "reject_cancellation",
        CANCEL,
        lambda c: c.reject_cancellation(CANCEL_ID, REJECTION, "a-key"),
        of=AfterSalesClient,
    ),
    Sample("reject_reasons", CANCEL, lambda c: c.reject_reasons(CANCEL_ID), of=AfterSalesClient),
    Sample("search_returns", RETURNS, lambda c: c.search_returns(SINCE), of=AfterSalesClient),
    Sample("search_returns", RETURNS, lambda c: older(c).search_returns(SINCE), of=AfterSalesClient),
    Sample("find_return", ANSWER_RETURNS, lambda c: c.find_return(RETURN_ID), of=AfterSalesClient),
    Sample("find_return", ANSWER_RETURNS, lambda c: older(c).find_return(RETURN_ID), of=AfterSalesClient),
    Sample(
        "approve_return",
        ANSWER_RETURNS,
        lambda c: c.approve_return(RETURN_ID, {"decision": "APPROVE_RETURN", "buyer_keep_item": True}, "key"),
        of=AfterSalesClient,
    ),
    Sample(
        "reject_return",
        ANSWER_RETURNS,
        lambda c: c.reject_return(RETURN_ID, RETURN_REJECTION, "key"),
        of=AfterSalesClient,
    ),
    Sample(
        "reject_return",
        ANSWER_RETURNS,
        lambda c: older(c).reject_return(RETURN_ID, RETURN_REJECTION, "key"),
        of=AfterSalesClient,
    ),
    Sample("reject_reasons", ANSWER_RETURNS, lambda c: c.reject_reasons(RETURN_ID), of=AfterSalesClient),
    Sample(
        "statements",
        STATEMENTS,
        lambda c: c.statements(1763880000),
        undocumented=FINANCE,
        of=AfterSalesClient,
    ),
    Sample(
        "statement_transactions",
        STATEMENTS,
        lambda c: c.statement_transactions("7300000000000000001"),
        undocumented=FINANCE,
        of=AfterSalesClient,
    ),
)

FULFILL = "Push fulfillments"
PACKAGE, LINE = "1152321127278713123", "577086512123755123"
LABEL = Label("1Z999AA10123456784", "7117858858072016686")
PICKED_UP = {"handover_method": "PICKUP", "pickup_slot": {"start_time": 1763900000, "end_time": 1763914400}}
SERVICE = {
    "shipping_service_id": "7208502187360519982",
    "weight": {"value": "1.5", "unit": "POUND"},
    "dimension": {"length": "12", "width": "10", "height": "2", "unit": "INCH"},
}
BUNDLE_PART = [Item(LINE, "577086512123755900")]


def oldest(client: FulfillmentClient) -> FulfillmentClient:
    """The client of an app that does not have the newest version of a call."""
    client._is_older = True
    return client


FULFILLMENT = (
    Sample(
        "orders",
        FULFILL,
        lambda c: c.orders([ORDER, PACKAGE]),
        limit="50 orders a call",
        of=FulfillmentClient,
    ),
    Sample(
        "shipping_providers",
        FULFILL,
        lambda c: c.shipping_providers("7091146663229654785"),
        limit="once a day and delivery option",
        of=FulfillmentClient,
    ),
    Sample("package", FULFILL, lambda c: c.package(PACKAGE), of=FulfillmentClient),
    Sample(
        "mark_shipped",
        FULFILL,
        lambda c: c.mark_shipped(ORDER, [Item(LINE)], LABEL, whole=[LINE]),
        of=FulfillmentClient,
    ),
    Sample(
        "mark_shipped",
        FULFILL,
        lambda c: c.mark_shipped(ORDER, BUNDLE_PART, LABEL, whole=None),
        of=FulfillmentClient,
    ),
    Sample(
        "mark_shipped",
        FULFILL,
        lambda c: oldest(c).mark_shipped(ORDER, [Item(LINE)], LABEL, whole=[LINE]),
        of=FulfillmentClient,
    ),
    Sample("ship_package", FULFILL, lambda c: c.ship_package(PACKAGE, LABEL), of=FulfillmentClient),
    Sample("hand_over", FULFILL, lambda c: c.hand_over(PACKAGE, PICKED_UP), of=FulfillmentClient),
    Sample("handover_slots", FULFILL, lambda c: c.handover_slots(PACKAGE), of=FulfillmentClient),
    Sample(
        "shipping_services",
        FULFILL,
        lambda c: c.shipping_services(ORDER, [Item(LINE)]),
        of=FulfillmentClient,
    ),
    Sample(
        "buy_label", FULFILL, lambda c: c.buy_label(ORDER, None, SERVICE, whole=[LINE]), of=FulfillmentClient
    ),
    Sample(
        "buy_label",
        FULFILL,
        lambda c: c.buy_label(ORDER, BUNDLE_PART, SERVICE, whole=None),
        of=FulfillmentClient,
    ),
    Sample(
        "buy_label",
        FULFILL,
        lambda c: oldest(c).buy_label(ORDER, [Item(LINE)], SERVICE, whole=[LINE]),
        of=FulfillmentClient,
    ),
    Sample(
        "shipping_label",
        FULFILL,
        lambda c: c.shipping_label(PACKAGE),
        limit="the address works for 24 hours",
        of=FulfillmentClient,
    ),
    Sample(
        "correct_order",
        FULFILL,
        lambda c: c.correct_order(ORDER, LABEL),
        limit="72 hours after shipping",
        of=FulfillmentClient,
    ),
    Sample(
        "correct_package",
        FULFILL,
        lambda c: c.correct_package(PACKAGE, LABEL),
        limit="72 hours after shipping",
        of=FulfillmentClient,
    ),
    Sample(
        "correct_package",
        FULFILL,
        lambda c: oldest(c).correct_package(PACKAGE, LABEL),
        limit="72 hours after shipping",
        of=FulfillmentClient,
    ),
)

SAMPLES = (
    *AFTER_SALES,
    *FULFILLMENT,
    Sample("exchange", CONNECTION, lambda t: t.exchange("TTP_code"), of=TokenKeeper),
    Sample("renewed", CONNECTION, lambda t: t.renewed("TTP_access"), of=TokenKeeper),
    Sample("find_shop", CONNECTION, lambda c: c.find_shop(), of=Caller),
    Sample("search_orders", ORDERS, lambda c: c.search_orders({"update_time_ge": 1763880000}, "token")),
    Sample(
        "add_external_orders",
        REFERENCES,
        lambda c: c.add_external_orders([EXTERNAL_ORDER]),
        limit="100 orders a call",
    ),
    Sample(
        "search_products", LISTINGS, lambda c: c.search_products({"status": "ALL"}), limit="10,000 products"
    ),
    Sample("sold_product", PULL, lambda c: c.sold_product(PRODUCT)),
    Sample("product", LISTINGS, lambda c: c.product(PRODUCT)),
    Sample(
        "create_product", PUBLISH, lambda c: c.create_product(NEW_PRODUCT), limit="the shop's daily quota"
    ),
    Sample("edit_product_in_part", PUBLISH, lambda c: c.edit_product_in_part(PRODUCT, {"title": "Tote bag"})),
    Sample("update_prices", PUBLISH, lambda c: c.update_prices(PRODUCT, PRICES)),
    Sample("update_inventory", STOCK, lambda c: c.update_inventory(PRODUCT, QUANTITIES)),
    Sample("search_inventory", STOCK, lambda c: c.search_inventory([SKU]), limit="600 SKUs a call"),
    Sample(
        "recommend_category",
        PUBLISH,
        lambda c: c.recommend_category("Canvas tote bag", version="v2", locale="en-US"),
    ),
    Sample(
        "category_attributes",
        PUBLISH,
        lambda c: c.category_attributes("904328", version="v2", locale="en-US"),
    ),
    Sample("category_rules", PUBLISH, lambda c: c.category_rules("904328", version="v2", locale="en-US")),
    Sample("brands", PUBLISH, lambda c: c.brands("Acme", category_id="904328", version="v2")),
    Sample(
        "deactivate_products",
        PUBLISH,
        lambda c: c.deactivate_products([PRODUCT]),
        limit="20 products a call",
    ),
    Sample(
        "activate_products", PUBLISH, lambda c: c.activate_products([PRODUCT]), limit="20 products a call"
    ),
    Sample(
        "upload_image",
        PUBLISH,
        lambda c: c.upload_image(b"picture", kind="image/jpeg", use_case="MAIN_IMAGE"),
        limit="10 MB",
    ),
    Sample("warehouses", LOCATIONS, lambda c: c.warehouses()),
    Sample("prerequisites", CONNECTION, lambda c: c.prerequisites()),
    Sample("webhooks", WEBHOOKS, lambda c: c.webhooks()),
    Sample(
        "set_webhook",
        WEBHOOKS,
        lambda c: c.set_webhook("ORDER_STATUS_CHANGE", "https://hub.example.com/webhooks/my-shop"),
    ),
)


def request_of(sample: Sample) -> Request:
    """The request that a sample makes."""
    toolbox = Bench(RecordingHttp()).toolbox()
    credentials = TikTokShopCredentials.parse(CREDENTIALS)
    caller = Caller(toolbox, credentials)
    subjects: dict[type | None, object] = {
        None: Client(caller),
        AfterSalesClient: AfterSalesClient(caller),
        FulfillmentClient: FulfillmentClient(caller),
        Caller: caller,
        TokenKeeper: TokenKeeper(toolbox, credentials),
    }
    return recorded(sample, subjects[sample.of])
