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


class Provider(Payload, frozen=True):
    """A carrier that TikTok Shop takes for a delivery option."""

    id: str | int
    name: Text = None


class Providers(Payload, frozen=True):
    shipping_providers: list[Provider] | None = None
