"""One call of the API, as every part of the simulator declares its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crossdock_simulators.tiktok_shop.calls import Data


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`handler` gets the shop, the call and the ids of the path; `scope` is what the token must carry."""

    method: str
    path: str
    handler: Callable[..., Data]
    scope: str
    takes_cipher: bool = True
    is_write: bool = False
    is_multipart: bool = False

    @property
    def rate_class(self) -> str:
        """The class whose budget a call spends."""
        if not self.is_write:
            return "read"
        return "product_write" if self.path.startswith("/product/") else "write"
