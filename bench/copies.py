"""Stands before a store and shows its catalog many times over: a million SKUs that nobody has to build first."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACE = "/v3/catalog/products"


class Copies:
    """An ASGI app. Pages of products by id go on after the store's own `products`, with other ids and SKUs.

    The store has ids from 1 on without a gap, in whole pages, and `variants` of each product. All else is its own answer,
    so that only what it has itself can be changed or sold.
    """

    def __init__(self, app: ASGIApp, *, products: int, variants: int, times: int) -> None:
        self._app = app
        self._products = products
        self._variants = variants
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope.get("query_string", b"").decode())
        after = int(query.get("id:greater", ["0"])[0])
        copy, own_after = divmod(after, self._products)
        is_shown = scope["type"] == "http" and scope["path"].endswith(PLACE) and copy < self._times
        if not (is_shown and copy):
            await self._app(scope, receive, send)
            return
        asked = urlencode({name: values[0] for name, values in query.items()} | {"id:greater": own_after})
        answer = await self._answer(dict(scope, query_string=asked.encode()), receive)
        await self._tell(copy, answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        return answer

    async def _tell(self, copy: int, answer: list[Message], send: Send) -> None:
        start, body = answer
        page = orjson.loads(body["body"])
        for product in page["data"]:
            self._renumber(product, copy)
        content = orjson.dumps(page)
        headers = [(name, text) for name, text in start["headers"] if name != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(content)).encode())]})
        await send({**body, "body": content})

    def _renumber(self, product: Any, copy: int) -> None:
        product["id"] += copy * self._products
        for variant in product["variants"]:
            variant["id"] += copy * self._products * self._variants
            variant["product_id"] = product["id"]
            variant["sku"] += f"~{copy}"
