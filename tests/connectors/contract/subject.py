"""What the contract suite needs of a connector: records to read, things to write, and a platform that can misbehave."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from crossdock.connectors import contract
from crossdock.connectors.contract import Connector
from crossdock.connectors.http import Answer, Http, OpenGate
from crossdock.domain.sync import Change, Confirmed, Cursor, Page, Unreadable

PULLS: Mapping[type, str] = {
    contract.PullsProducts: "pull_products",
    contract.PullsListings: "pull_listings",
    contract.PullsLocations: "pull_locations",
    contract.PullsInventory: "pull_inventory",
    contract.PullsOrders: "pull_orders",
    contract.PullsCancellations: "pull_cancellations",
    contract.PullsReturns: "pull_returns",
    contract.PullsStatements: "pull_statements",
    contract.PullsFulfillments: "pull_fulfillments",
    contract.PullsShippingRequests: "pull_shipping_requests",
}
PUSHES: Mapping[type, str] = {
    contract.PushesInventory: "push_inventory",
    contract.PushesFulfillments: "push_fulfillments",
    contract.TakesShippingRequests: "push_shipping_requests",
}
"""The ways of writing that are tried on every connector that has them. Others are tried by their own tests."""


@dataclass(frozen=True)
class Spoil:
    """Where in an answer of the platform records lie, and a field of theirs that cannot be done without.

    `path` is a regular expression searched in the address; `records` names the list, as "data.orders", empty where the
    answer is the list itself.
    """

    path: str
    records: str
    field: str


@dataclass(frozen=True)
class Pull:
    """One thing that is read, and with which settings. `spoil` is None where the subject spoils a record by itself."""

    spoil: Spoil | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    turns_pages: bool = True
    """Whether a few records fill several pages after `small_pages`; else all come in one answer."""


@dataclass(frozen=True)
class Trial:
    """One thing that is written: `effect` is what the platform has of it, `wanted` what that should be in the end.

    `path` says at which calls of the platform faults strike.
    """

    changes: Sequence[Change[Any]]
    refused: Change[Any]
    effect: Callable[[], object]
    wanted: object
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    again: Callable[[Change[Any], Confirmed], Change[Any]] = lambda change, answer: replace(
        change, channel_id=answer.channel_id
    )


class Subject(ABC):
    """A connector under test with a platform of its own. `open` makes both and fills the platform with records.

    `wrong_field` is the title of the credential that `connector(wrong=True)` gets wrong; `secrets` may show nowhere.
    """

    kind: ClassVar[type[Connector]]
    wrong_field: ClassVar[str]
    pulls: ClassVar[Mapping[str, Pull]]
    faults: ClassVar[Set[str]] = frozenset(
        {"error", "error_after", "reset_before", "reset_after", "too_many_requests"}
    )
    """What the platform can be told to commit, by the names of the simulators' kit."""

    @classmethod
    @abstractmethod
    def open(cls) -> Any:
        """A context manager that yields the subject."""

    @abstractmethod
    def connector(self, *, http: Http | None = None, wrong: bool = False, **settings: Any) -> Connector: ...

    @abstractmethod
    def secrets(self) -> Sequence[str]: ...

    @abstractmethod
    def fails(self, kind: str, path: str, **more: Any) -> None:
        """Have the platform commit one of `faults` at the next call to this path."""

    def trials(self) -> Mapping[str, Trial]:
        return {}

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:  # noqa: B027  # not all turn pages
        """Make pages so small that a few records fill several."""

    def fill(self, pull: str) -> None:  # noqa: B027  # `open` may have done it all
        """Put records there to be read, where `open` has not."""

    def spoilt(self, pull: str) -> Connector:
        """A connector to which one record of this pull makes no sense."""
        spoil = self.pulls[pull].spoil
        assert spoil is not None, "it has to spoil a record itself"
        return self.connector(http=SpoilingHttp(spoil), **self.pulls[pull].settings)


class SpoilingHttp(Http):
    """The real thing, but the first record that a list holds has lost its sense, whenever it comes."""

    def __init__(self, spoil: Spoil) -> None:
        super().__init__()
        self._spoil = spoil
        self._victim: Any = None

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        answer = super().send(method, url, **parts)
        if not answer.body or not answer.is_success or not re.search(self._spoil.path, url):
            return answer
        body = json.loads(answer.body)
        records = body
        for name in filter(None, self._spoil.records.split(".")):
            records = records.get(name) or []
        for place, record in enumerate(records):
            self._victim = self._victim or record
            if record == self._victim:
                records[place] = record | {self._spoil.field: {"no": "sense"}}
        return replace(answer, body=json.dumps(body).encode())


class FencedError(Exception):
    """Another worker has taken the run over."""


class FencedGate(OpenGate):
    """The gate of a run that has lost its right to go on."""

    def check(self) -> None:
        raise FencedError

    def before_call(self, lane: str, kind: str = "") -> None:  # noqa: ARG002
        raise FencedError


def pull(connector: Connector, method: str, since: Cursor | None = None) -> list[Page[Any]]:
    return list(getattr(connector, method)(since))


def push(connector: Connector, method: str, changes: Sequence[Change[Any]]) -> list[Any]:
    return list(getattr(connector, method)(changes))


def by_identity(pages: Sequence[Page[Any]]) -> dict[Any, Any]:
    """Records by what they are known by: their own id, or variant and place for numbers of stock."""
    return {
        getattr(record, "channel_id", None) or (record.variant_id, record.location_id): record
        for page in pages
        for record in page.records
    }


def unreadable(pages: Sequence[Page[Any]]) -> list[Unreadable]:
    return [one for page in pages for one in page.unreadable]


def methods(kind: type[Connector], known: Mapping[type, str]) -> list[str]:
    """Those of the capabilities that a connector lists in its header."""
    return [method for capability, method in known.items() if capability in kind.__mro__]
