"""What can go wrong at a channel, sorted by who must act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Remedy(StrEnum):
    """Who must act: the engine tries again, an operator resolves a case, a developer mends our bug."""

    RETRY = "retry"
    OPERATOR = "operator"
    DEVELOPER = "developer"


class ChannelError(Exception):
    """A call to a channel did not do what it should. Messages never hold a secret."""

    remedy = Remedy.RETRY

    def __init__(self, message: str, *, code: str = "", request_id: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id
        self.fix = fix


class UnavailableError(ChannelError):
    """The channel could not be reached or answered with a failure of its own (5xx, not JSON).

    `is_unclear` says that a write may have been applied all the same.
    """

    def __init__(
        self, message: str, *, is_unclear: bool = True, code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.is_unclear = is_unclear


class RateLimitedError(ChannelError):
    """The channel asked us to slow down; None where it did not say for how long. `kind`: with calls of this kind only."""

    def __init__(self, message: str, *, retry_after: timedelta | None, kind: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.kind = kind


class CredentialsError(ChannelError):
    """The channel does not accept our credentials: reading and writing stop until a person acts."""

    remedy = Remedy.OPERATOR


class AccessMissingError(ChannelError):
    """The credentials are good but lack an access; the message names it."""

    remedy = Remedy.OPERATOR


class RefusedError(ChannelError):
    """The channel understood and refused, in its own words. Sending the same again changes nothing."""

    remedy = Remedy.OPERATOR


@dataclass(frozen=True, slots=True)
class RefusedGoods:
    """Goods by the channel's own product ids and SKUs; `is_stock` says that only their stock or quantity is the matter."""

    is_stock: bool
    product_ids: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()


class GoodsRefusedError(RefusedError):
    """An order was refused because of some of its goods."""

    def __init__(self, message: str, goods: RefusedGoods, *, code: str = "", fix: str = "") -> None:
        super().__init__(message, code=code, fix=fix)
        self.goods = goods


class ProtocolError(ChannelError):
    """The channel answered something that its documents do not allow, such as pages that never end."""

    remedy = Remedy.DEVELOPER


class SettingsError(ValueError):
    """A setting or credential is not acceptable; `field` names it and the message says what would be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.problem = message
