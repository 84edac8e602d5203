"""Packages and carriers as TikTok Shop answers them."""

from __future__ import annotations

from crossdock.connectors.tiktok_shop.payloads import Payload, Text


class Notice(Payload, frozen=True):
    message: Text = None


class Marked(Payload, frozen=True):
    """What became of a call to mark as shipped; a warning may come with a success."""

    package_id: Text = None
    warning: Notice | None = None


class PackageOrder(Payload, frozen=True):
    id: Text = None


class PackageDetail(Payload, frozen=True):
    """Of a package only whose it is: a combined one holds several orders."""

    orders: list[PackageOrder] | None = None


class Slot(Payload, frozen=True):
    """When a package may be picked up, in Unix seconds. The platform writes the last name so."""

    start_time: int | None = None
    end_time: int | None = None
    avaliable: bool | None = None


class HandoverSlots(Payload, frozen=True):
    can_pickup: bool | None = None
    can_drop_off: bool | None = None
    pickup_slots: list[Slot] | None = None


class Service(Payload, frozen=True):
    """A way in which TikTok ships, with what its label costs."""

    id: Text = None
    name: Text = None
    price: Text = None
    currency: Text = None
    is_default: bool | None = None


class Services(Payload, frozen=True):
    """`weight` and `dimension` are what TikTok Shop reckons with, to be given back as they are."""

    shipping_services: list[Service] | None = None
    weight: dict[str, Text] | None = None
    dimension: dict[str, Text] | None = None


class Bought(Payload, frozen=True):
    package_id: Text = None
    shipping_service_info: Service | None = None


class Document(Payload, frozen=True):
    """`doc_url` can be fetched for 24 hours."""

    doc_url: Text = None
    tracking_number: Text = None


class Provider(Payload, frozen=True):
    """A carrier that TikTok Shop takes for a delivery option."""

    id: str | int
    name: Text = None


class Providers(Payload, frozen=True):
    shipping_providers: list[Provider] | None = None
