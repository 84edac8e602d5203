"""A small signing client for the simulator's tests, which checks every answer against the published schemas."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
from PIL import Image

from crossdock_simulators.tiktok_shop.app import Simulator
from simulators.tiktok_shop.tiktok_schemas import check_answer

SALES = "7068517275539719942"
RETURNS = "7068517275539719943"
SECOND = "7068517275539719944"
FBT = "7068517275539719945"
UPS = "7117858858072016686"
TOTE = "904328"


class Client:
    """Signs by itself, from the document, so that it shares no mistake with the simulator."""

    def __init__(self, simulator: Simulator, address: str) -> None:
        self.simulator = simulator
        self.http = httpx.Client(base_url=address, timeout=10)
        self.key = simulator.credentials["app_key"]
        self.secret = simulator.credentials["app_secret"]
        self.token = simulator.authorizations.grant().access_token
        self.cipher: str = self.call("GET", "/authorization/202309/shops", cipher=False)["shops"][0]["cipher"]

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        cipher: bool = True,
        changes: Mapping[str, str | None] | None = None,
        token: str | None = None,
        raw: bytes | None = None,
    ) -> httpx.Response:
        """`changes` are made to the signed query, None removing a parameter, so they can break it."""
        content = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        values = {"app_key": self.key, "timestamp": str(int(time.time()))} | (query or {})
        if cipher:
            values["shop_cipher"] = self.cipher
        before = {name: value for name, value in (changes or {}).items() if name != "sign"}
        values = {k: v for k, v in {**values, **before}.items() if v is not None}
        values["sign"] = self.signature(path, values, content)
        values = {k: v for k, v in {**values, **(changes or {})}.items() if v is not None}
        headers = {"content-type": "application/json", "x-tts-access-token": token or self.token}
        answer = self.http.request(method, f"{path}?{urlencode(values)}", content=content, headers=headers)
        if answer.headers.get("content-type") == "application/json":
            check_answer(method, path, answer.status_code, answer.json())
        return answer

    def signature(self, path: str, query: dict[str, str], body: bytes) -> str:
        text = path + "".join(name + query[name] for name in sorted(query))
        message = self.secret.encode() + text.encode() + body + self.secret.encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """The data of an answer that must succeed."""
        answer = self.send(method, path, body, **options).json()
        assert answer["code"] == 0, answer
        data: dict[str, Any] = answer["data"]
        return data

    def code(self, method: str, path: str, body: Any = None, **options: Any) -> int:
        return int(self.send(method, path, body, **options).json()["code"])

    def upload(self, *, width: int = 600, height: int = 600, kind: str = "PNG", use_case: str = "") -> Any:
        buffer = io.BytesIO()
        Image.new("RGB", (width, height), (200, 30, 90)).save(buffer, kind)
        return self.upload_bytes(buffer.getvalue(), use_case=use_case)

    def upload_bytes(self, content: bytes, *, use_case: str = "", name: str = "") -> Any:
        path = f"/product/202309/{'files' if name else 'images'}/upload"
        values = {"app_key": self.key, "timestamp": str(int(time.time()))}
        values["sign"] = self.signature(path, values, b"")
        fields = {"name": name} if name else ({"use_case": use_case} if use_case else {})
        answer = self.http.post(
            f"{path}?{urlencode(values)}",
            files={"data": ("picture", content)},
            data=fields,
            headers={"x-tts-access-token": self.token},
        )
        check_answer("POST", path, answer.status_code, answer.json())
        return answer.json()

    def control(self, path: str, body: Any = None) -> Any:
        answer = self.http.post(f"/_sim/{path}", json=body if body is not None else {})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def state(self) -> Any:
        return self.http.get("/_sim/state").json()

    def advance(self, **step: float) -> None:
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
        self.control("clock", {"advance_seconds": sum(units[unit] * n for unit, n in step.items())})

    # What most tests begin with.

    def listing(self, **changes: Any) -> dict[str, Any]:
        """The body of a product that is accepted as it is."""
        uri = self.upload()["data"]["uri"]
        body: dict[str, Any] = {
            "title": "Canvas tote bag",
            "description": "<p>Heavy cotton.</p>",
            "category_id": TOTE,
            "category_version": "v2",
            "main_images": [{"uri": uri}],
            "package_weight": {"value": "0.85", "unit": "POUND"},
            "package_dimensions": {"length": "12", "width": "10", "height": "2", "unit": "INCH"},
            "skus": [self.sku("TOTE-RED", "Red"), self.sku("TOTE-BLUE", "Blue", quantity=8)],
        }
        return {name: value for name, value in (body | changes).items() if value is not None}

    def sku(self, seller_sku: str, color: str, *, quantity: int = 25, **changes: Any) -> dict[str, Any]:
        return {
            "seller_sku": seller_sku,
            "sales_attributes": [{"id": "100000", "value_name": color}],
            "price": {"amount": "20.00", "currency": "USD"},
            "inventory": [{"warehouse_id": SALES, "quantity": quantity}],
        } | changes

    def create(self, **changes: Any) -> dict[str, Any]:
        return self.call("POST", "/product/202309/products", self.listing(**changes))

    def live(self, **changes: Any) -> dict[str, Any]:
        """A product that passed its review."""
        created = self.create(**changes)
        self.advance(seconds=3)
        return created

    def renew_token(self) -> None:
        """After a week of the simulator's clock the first token is dead."""
        self.token = self.simulator.authorizations.grant().access_token

    def product(self, product_id: str, **query: str) -> dict[str, Any]:
        return self.call("GET", f"/product/202309/products/{product_id}", query=query)

    def place(self, quantity: int = 1, **options: Any) -> str:
        """A released order of red totes, unless asked otherwise."""
        asked = {"lines": [{"seller_sku": "TOTE-RED", "quantity": quantity}], "on_hold": False} | options
        return str(self.control("orders", asked)["id"])

    def order(self, order_id: str) -> dict[str, Any]:
        orders = self.call("GET", "/order/202507/orders", query={"ids": order_id})["orders"]
        return dict(orders[0])

    def ship(self, order_id: str, lines: list[str], tracking: str, **options: Any) -> httpx.Response:
        body = {"order_line_item_ids": lines, "tracking_number": tracking, "shipping_provider_id": UPS}
        return self.send("POST", f"/fulfillment/202309/orders/{order_id}/packages", body | options)

    def levels(self, seller_sku: str, warehouse_id: str = SALES) -> tuple[int, int]:
        """What is available and what is committed."""
        for product in self.state()["products"]:
            for sku in product["skus"]:
                if sku["seller_sku"] == seller_sku:
                    level = sku["stock"][warehouse_id]
                    return level["available"], level["committed"]
        raise AssertionError(f"no SKU {seller_sku}")
