"""A scripted platform that products are pushed to."""

from __future__ import annotations

from typing import Any

from connectors.tiktok_shop.tiktok_bench import Sent, listable, picture, scripted, variant
from crossdock.connectors.http import Answer
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change

IMAGE = "http://127.0.0.1:1/a.jpg"
COLOR = {"id": "100000", "name": "Color", "type": "SALES_PROPERTY", "values": [{"id": "11", "name": "Red"}]}
GOOD = listable(variant("A"), images=(IMAGE,))


class Platform:
    """Answers every call of a push; what differs from test to test is set on it."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.attributes = answers.pop("attributes", [COLOR])
        self.rules = answers.pop("rules", {})
        self.detail = answers.pop("detail", {})
        self.uploads = 0

    def __call__(self, sent: Sent) -> Any:
        for part, given in self.answers.items():
            if part in sent.path:
                return given(sent) if callable(given) else given
        if sent.path.endswith(".jpg"):
            return Answer(200, {}, picture(400, 400))
        if sent.path.endswith("/recommend"):
            return {"leaf_category_id": "904", "categories": [{"name": "Bags"}, {"name": "Tote bags"}]}
        if sent.path.endswith("/attributes"):
            return {"attributes": self.attributes}
        if sent.path.endswith("/rules"):
            return self.rules
        if sent.path.endswith("/upload"):
            self.uploads += 1
            return {"uri": f"uri-{self.uploads}"}
        return self._written(sent)

    def _written(self, sent: Sent) -> Any:
        if sent.method == "GET":
            return self.detail
        if sent.path.endswith(("/prices/update", "/search")):
            return {}
        skus = (sent.body or {}).get("skus", [])
        named = [{"id": f"id-{s.get('seller_sku')}", "seller_sku": s.get("seller_sku")} for s in skus]
        return {"product_id": "900", "skus": named[::-1], "warnings": [{"message": "Brand was cleared"}]}


def change(desired: Listable, channel_id: str | None = None, **more: Any) -> Change[Listable]:
    return Change("p1", desired, ChannelId(channel_id) if channel_id else None, **more)


def push(platform: Platform, *changes: Change[Listable], **settings: Any) -> tuple[Any, Any]:
    bench, http = scripted(platform)
    return list(bench.connector(products="push", **settings).push_products(changes)), http


def written(http: Any) -> list[Sent]:
    return [
        s for s in http.sent if s.method != "GET" and "/search" not in s.path and "/recommend" not in s.path
    ]
