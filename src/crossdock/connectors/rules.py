"""What the settings of an integration mean to the hub, in words that all connectors share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crossdock.domain.holding import BusinessHours
from crossdock.domain.warehouse import WarehouseStyle


class SalesReport(StrEnum):
    """By which one way sales made elsewhere reach the platform that owns stock."""

    ADJUSTMENT = "adjustment"
    ORDER = "order"
    ELSEWHERE = "elsewhere"


class BuyerCancellations(StrEnum):
    """What to do when a buyer asks to cancel."""

    REVIEW = "review"
    """A person decides, before the platform's deadline."""
    APPROVE = "approve"
    APPROVE_UNTIL_SENT = "approve_until_sent"
    """Approved while nothing was sent to a location; else a person decides."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an integration's settings mean to the hub, in words that all connectors share."""

    product_skus: frozenset[str] = frozenset()
    order_ids: frozenset[str] = frozenset()
    inventory_skus: frozenset[str] = frozenset()
    ignore_orders_before: datetime | None = None
    leaves_out_tags: frozenset[str] = frozenset()
    """Orders with one of these tags are not taken in (sample, fbt …)."""
    holds_tags: frozenset[str] = frozenset()
    """Orders with one of these tags come in as Review Required."""
    hold_minutes: int = 0
    """How long a new order is held before it is sent anywhere."""
    holds_from_ingest: bool = False
    """Whether that counts from when the order came in, not from when it was placed."""
    hold_hours: BusinessHours | None = None
    """The hours in which alone it counts."""
    reviews_after_hold: bool = False
    """Whether a person has to release every order after its hold."""
    inventory_buffer: int = 0
    """Units held back from sale on this channel."""
    inventory_percentage: int = 100
    """The share of what is available that this channel may offer."""
    out_of_stock_below: int = 0
    """With fewer units than this the channel is told that there are none."""
    last_units_below: int = 0
    """With fewer units available than this the last-units guard holds; 0 is off."""
    last_units_share: int = 50
    """The percentage of what is available that this channel may offer while it holds."""
    last_units_buffer: int = 0
    """Units held back from that."""
    inventory_location: str = ""
    """The one hub location (name, code or id) whose numbers are pushed; empty for all that count."""
    target_location: str = ""
    """The channel's own location (name, code or id) that gets what the map sends nowhere else; empty for its default."""
    default_location: str = ""
    """The id of the location that every account of this channel has, for as long as its locations are not pulled."""
    switches_items: bool = True
    """Whether a person's switch of a single SKU for this channel is honoured."""
    warehouse_map: Mapping[str, str] = field(default_factory=dict)
    """Hub location (name, code or id) → the channel's location id."""
    unmapped_to_default: bool = True
    """Whether quantities of unmapped hub locations go to the channel's default location, or nowhere."""
    untracked_quantity: int | None = None
    """What to offer of variants whose stock nobody counts; None keeps them off the channel."""
    lists_with_stock: bool = True
    """Whether a product is created with its quantities, and so waits until they are known."""
    sales_report: SalesReport = SalesReport.ADJUSTMENT
    needs_return_warehouse: bool = False
    """Whether the channel lists nothing for a seller without a place for returns."""
    location_preferences: Mapping[str, str] = field(default_factory=dict)
    """The channel's location (name or id) → the hub location that its orders are taken from."""
    pushes_cancellations: bool = False
    """Whether an order of this channel that is canceled in the hub is canceled there too."""
    cancels_originals: bool = False
    """Whether canceling an order that the hub created here cancels the order it stands for."""
    buyer_cancellations: BuyerCancellations = BuyerCancellations.REVIEW
    line_cancellation_refusal: str = ""
    """Why this channel cancels whole orders only; empty where single lines can be canceled there."""
    channel_sku_refusal: str = ""
    """Why variants have no SKU of their own on this channel; empty where they can be given one."""
    rejection_refusal: str = ""
    """Why a buyer's request to cancel cannot be rejected by word; empty where it can."""
    restocks_returns: bool = False
    """Whether goods that come back are counted into stock again."""
    answers_returns: bool = False
    """Whether the channel is told what people decide about returns."""
    locked_statuses: frozenset[str] = frozenset()
    """Keys of the channel's order statuses (`ChannelOrder.channel_status_id`) that the hub never overwrites."""
    refused_stock_as_custom_line: bool = False
    """Whether goods whose stock the owner refuses are booked in its order as a line without a product."""
    pushes_fulfillments: bool = False
    """Whether orders of this channel are told there what has left."""
    works_for_us_alone: bool = False
    """Whether all that a warehouse ships is for this hub, so that an order it names and we do not know is a mistake."""
    tells_when_sent: bool = False
    """Whether the channel is told that an order was sent to a location."""
    warehouse_style: WarehouseStyle = field(default_factory=WarehouseStyle)
    """How a warehouse wants its pick list and packing slips."""
