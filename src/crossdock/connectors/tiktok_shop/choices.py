"""What can be chosen in the settings of a TikTok Shop integration, under the exact labels."""

from __future__ import annotations

from crossdock.connectors.settings import Choice


class ProductsFlow(Choice):
    PULL = "pull", "Pull products from TikTok Shop"
    PUSH = "push", "Push products to TikTok Shop"
    DISABLED = "disabled", "Disabled"


class CategoryVersion(Choice):
    AUTO = "auto", "By the shop's market"
    V1 = "v1", "Three levels (v1)"
    V2 = "v2", "Seven levels (v2)"


class IncompleteProducts(Choice):
    DRAFT = "draft", "Send as draft"
    KEEP_BACK = "keep_back", "Keep back"


class SpecialOrders(Choice):
    PULL = "pull", "Pull"
    HOLD = "hold", "Hold for review"
    LEAVE_OUT = "leave_out", "Leave out"


class BuyerRequests(Choice):
    REVIEW = "review", "A person decides"
    APPROVE = "approve", "Approve"
    APPROVE_UNTIL_SENT = "approve_until_sent", "Approve until sent for fulfillment"


class UnmappedLocations(Choice):
    DEFAULT = "default_warehouse", "Default warehouse"
    NOWHERE = "nowhere", "Nowhere"


class FulfilledByTikTok(Choice):
    RECORD = "record", "Record as fulfilled"
    LEAVE_OUT = "leave_out", "Leave out"


class ShippedByTikTok(Choice):
    RECORD = "record", "Record as fulfilled"
    PACK = "pack", "Send to a location for packing"


class Handover(Choice):
    DROP_OFF = "drop_off", "Drop-off"
    PICKUP = "pickup", "Pickup"
