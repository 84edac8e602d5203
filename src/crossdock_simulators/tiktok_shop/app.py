"""Puts a simulated TikTok Shop together: one server for the API, the token host and the consent page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from crossdock_simulators.kit import Clock, Deliveries, Faults, Gateway, Journal, Reply, Request
from crossdock_simulators.kit.faults import Fault
from crossdock_simulators.kit.gateway import Manners
from crossdock_simulators.kit.http import HandlerApp
from crossdock_simulators.tiktok_shop import (
    cancellation_api,
    catalog_api,
    fbt,
    finance,
    inventory_api,
    labels_api,
    logistics,
    order_api,
    packages,
    product_api,
    return_api,
    shop_api,
    uploads,
)
from crossdock_simulators.tiktok_shop.control import Desk
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.entrance import Entrance, failure
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.oauth import Authorizations, TokenHost
from crossdock_simulators.tiktok_shop.records import Warehouse
from crossdock_simulators.tiktok_shop.regions import REGIONS, Region
from crossdock_simulators.tiktok_shop.shop import Identity, Shop

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *shop_api.ENDPOINTS,
    *logistics.ENDPOINTS,
    *order_api.ENDPOINTS,
    *product_api.ENDPOINTS,
    *inventory_api.ENDPOINTS,
    *catalog_api.ENDPOINTS,
    *uploads.ENDPOINTS,
    *packages.ENDPOINTS,
    *labels_api.ENDPOINTS,
    *cancellation_api.ENDPOINTS,
    *return_api.ENDPOINTS,
    *fbt.ENDPOINTS,
    *finance.ENDPOINTS,
)
ALL_SCOPES: Final = frozenset(endpoint.scope for endpoint in ENDPOINTS)
WEBHOOK_RETRIES: Final = (
    timedelta(minutes=2),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
)
APP_KEY, APP_SECRET, SERVICE_ID = (
    "6simulated9",
    "simulated0secret0of0the0app0not0for0real0use",
    "7340000000000000001",
)
SALES_ID, RETURN_ID, SECOND_ID, FBT_ID = (str(7068517275539719942 + n) for n in range(4))


class Simulator:
    """Everything a test or the demo needs of one shop. `asgi` is the app to serve."""

    def __init__(
        self,
        *,
        region: str = "US",
        redirect_url: str = "",
        clock: Clock | None = None,
        seed: int = 0,
        scopes: Iterable[str] = ALL_SCOPES,
    ) -> None:
        market = REGIONS[region]
        self.clock = clock or Clock()
        self.journal = Journal()
        self.faults = Faults(seed)
        self.deliveries = Deliveries(self.clock, WEBHOOK_RETRIES, seed=seed)
        identity = _identity(market)
        self.shop = Shop(
            identity=identity, region=market, clock=self.clock, deliveries=self.deliveries, seed=seed
        )
        self.shop.warehouses.update((w.id, w) for w in _warehouses(market))
        self.authorizations = Authorizations(self.clock, scopes=scopes, region=region, seed=seed)
        self.host = TokenHost(identity, self.authorizations, redirect_url)
        self.credentials: Mapping[str, str] = {
            "app_key": identity.app_key,
            "app_secret": identity.app_secret,
            "service_id": identity.service_id,
        }
        entrance = Entrance(
            self.shop, authorizations=self.authorizations, host=self.host, endpoints=ENDPOINTS
        )
        self.asgi = Gateway(
            HandlerApp(entrance.answer, blocking=_is_upload),
            journal=self.journal,
            faults=self.faults,
            clock=self.clock,
            manners=Manners(too_many=_too_many),
        )
        desk = Desk(self.shop, authorizations=self.authorizations, host=self.host, deliveries=self.deliveries)
        desk.register(self.asgi.control)

    def settle(self) -> None:
        """Wait until what is due has happened and every webhook that is due was tried."""
        self.shop.settle()
        self.deliveries.wait_idle()

    def close(self) -> None:
        self.shop.close()
        self.deliveries.close()


def _is_upload(request: Request) -> bool:
    return request.path.endswith("/upload")


def _too_many(fault: Fault) -> Reply:
    headers = {} if fault.kind == "too_many_requests_bare" else {"Retry-After": f"{fault.retry_after:g}"}
    return failure(ApiError(36009002, headers=headers))


def _identity(region: Region) -> Identity:
    prefix = "TTP_" if region.code == "US" else "ROW_"
    return Identity(
        shop_id="7495540735365777507",
        cipher=f"{prefix}simulatedAAAAAcipher{region.code}",
        code=f"{region.code}LCSIM001",
        name=f"Simulated Outfitters {region.code}",
        app_key=APP_KEY,
        app_secret=APP_SECRET,
        service_id=SERVICE_ID,
    )


def _warehouses(region: Region) -> tuple[Warehouse, ...]:
    """Two places of the seller, one of which also takes returns, and one of the platform's."""
    main, second = (
        _address(region, "1 Depot Road", "Millbrook"),
        _address(region, "9 Quay Street", "Eastport"),
    )
    entities = ("7395366865142499073", "7395366865142499074", "7395366865142499075")
    return (
        Warehouse(SALES_ID, entities[0], "Main", is_default=True, address=main),
        Warehouse(
            RETURN_ID, entities[0], "Main returns", type="RETURN_WAREHOUSE", is_default=True, address=main
        ),
        Warehouse(SECOND_ID, entities[1], "Second", address=second),
        Warehouse(FBT_ID, entities[2], "FBT", fbt_id="7280000000000000001", address=main),
    )


def _address(region: Region, street: str, city: str) -> dict[str, Any]:
    return {
        "region": region.country,
        "region_code": region.code,
        "state": "",
        "city": city,
        # The misspelling is the platform's.
        "distict": "",
        "town": "",
        "contact_person": "Lee",
        "postal_code": "10001",
        "full_address": f"{street}, {city}, {region.country}",
        "phone_number": "(+1)213****1234",
        "address_line1": street,
        "address_line2": "",
    }
