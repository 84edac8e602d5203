"""The one list of connectors, in the order in which their integrations are to be connected."""

from __future__ import annotations

from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.contract import Connector
from crossdock.connectors.flat_files.connector import FlatFiles
from crossdock.connectors.manual_warehouse.connector import ManualWarehouse
from crossdock.connectors.shipstation.connector import ShipStation
from crossdock.connectors.tiktok_shop.connector import TikTokShop

CONNECTORS: dict[str, type[Connector]] = {
    kind.key: kind for kind in (TikTokShop, BigCommerce, ManualWarehouse, ShipStation, FlatFiles)
}
