"""Cancellations, returns and statements as TikTok Shop answers them."""

from __future__ import annotations

import msgspec

from crossdock.connectors.tiktok_shop.payloads import Payload, Text


class RefundAmount(Payload, frozen=True):
    currency: Text = None
    refund_total: Text = None
    refund_shipping_fee: Text = None
    refund_tax: Text = None


class NextAction(Payload, frozen=True):
    action: Text = None
    deadline: int | None = None


class CancelLine(Payload, frozen=True):
    order_line_item_id: Text = None


class Cancellation(Payload, frozen=True):
    cancel_id: str | int
    order_id: str | int
    update_time: int
    cancel_status: Text = None
    role: Text = None
    cancel_reason: Text = None
    cancel_reason_text: Text = None
    refund_amount: RefundAmount | None = None
    seller_next_action_response: list[NextAction] | None = None
    cancel_line_items: list[CancelLine] | None = None


class Cancellations(Payload, frozen=True):
    cancellations: list[msgspec.Raw] | None = None
    next_page_token: Text = None


class Canceled(Payload, frozen=True):
    cancel_id: Text = None
    cancel_status: Text = None


class RejectReason(Payload, frozen=True):
    name: Text = None
    text: Text = None


class RejectReasons(Payload, frozen=True):
    reasons: list[RejectReason] | None = None


class LineEligibility(Payload, frozen=True):
    request_type: Text = None
    eligible: bool | None = None
    order_line_items_ids: list[Text] | None = None
    available_reason_names: list[str] | None = None
    ineligible_code: Text = None
    ineligible_reason: Text = None


class SkuEligibility(Payload, frozen=True):
    sku_id: Text = None
    line_item_eligibility: list[LineEligibility] | None = None


class Eligibility(Payload, frozen=True):
    sku_eligibility: list[SkuEligibility] | None = None


class ReturnLine(Payload, frozen=True):
    order_line_item_id: Text = None
    product_name: Text = None
    refund_amount: RefundAmount | None = None


class Return(Payload, frozen=True):
    return_id: str | int
    order_id: str | int
    update_time: int
    return_type: Text = None
    return_status: Text = None
    return_reason: Text = None
    return_reason_text: Text = None
    return_tracking_number: Text = None
    can_buyer_keep_item: bool | None = None
    seller_next_action_response: list[NextAction] | None = None
    refund_amount: RefundAmount | None = None
    return_line_items: list[ReturnLine] | None = None


class Returns(Payload, frozen=True):
    """The list is called `return_orders`, and not what its path suggests."""

    return_orders: list[msgspec.Raw] | None = None
    next_page_token: Text = None


class UpdateTime(Payload, frozen=True):
    """Just enough of an order or case to read on from it, even where the rest cannot be understood."""

    update_time: int


class Statement(Payload, frozen=True):
    id: str | int
    statement_time: int
    currency: Text = None
    payment_status: Text = None
    settlement_amount: Text = None
    revenue_amount: Text = None
    fee_amount: Text = None
    shipping_cost_amount: Text = None
    adjustment_amount: Text = None


class Statements(Payload, frozen=True):
    statements: list[msgspec.Raw] | None = None
    next_page_token: Text = None


class Transaction(Payload, frozen=True):
    """One order's part in a statement, or an adjustment, which may name the order that it is about."""

    id: Text = None
    type: Text = None
    order_id: Text = None
    adjustment_id: Text = None
    adjustment_order_id: Text = None
    settlement_amount: Text = None
    revenue_amount: Text = None
    fee_amount: Text = None
    shipping_cost_amount: Text = None
    adjustment_amount: Text = None


class Transactions(Payload, frozen=True):
    statement_transactions: list[Transaction] | None = None
    next_page_token: Text = None
