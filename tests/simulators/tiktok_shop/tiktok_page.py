"""The shop's page as a person has it before them, with two totes to sell."""

from __future__ import annotations

from collections.abc import Callable

import httpx2 as httpx

from simulators.tiktok_shop.tiktok_client import Client

FORM = {"content-type": "application/x-www-form-urlencoded"}
TOTE = {
    "title": "Tote",
    "skus": [
        {"seller_sku": f"TOTE-{color}", "price": "20", "quantity": 20, "sales_attributes": {"Color": color}}
        for color in ("RED", "BLUE")
    ],
}
THREE = [{"seller_sku": "TOTE-RED", "quantity": 2}, {"seller_sku": "TOTE-BLUE", "quantity": 1}]
Press = Callable[..., httpx.Response]


def page(market: Client) -> str:
    return str(market.http.get("/_sim/").text)


def shipped(market: Client, press: Press, *, to: str = "DELIVERED") -> str:
    order_id = market.place(lines=THREE)
    press(f"orders/{order_id}/ship")
    for step in ("IN_TRANSIT", "DELIVERED")[: 1 + (to == "DELIVERED")]:
        press(f"orders/{order_id}/advance", to=step)
    return order_id
