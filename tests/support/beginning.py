"""The beginning that many tests share: made once in a process, and copied for every test after the first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from threading import Condition, Lock, RLock
from typing import Any, Protocol

from crossdock.store.database import Database
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.bigcommerce.store import Outside
from crossdock_simulators.kit import Clock, Deliveries, Scheduler
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop
from crossdock_simulators.tiktok_shop.ids import Ids
from crossdock_simulators.tiktok_shop.oauth import Authorizations
from crossdock_simulators.tiktok_shop.shop import Tables
from crossdock_simulators.tiktok_shop.switches import Switches
from support.databases import put_copy, take_copy

Memory = Mapping[str, Any]
_MADE: dict[Hashable, Beginning] = {}


class Place(Protocol):
    """Both platforms, and the database of the hub between them, which nobody has open while it is kept or replaced."""

    store: BigCommerce
    shop: TikTokShop

    @property
    def database(self) -> Database: ...


@dataclass(frozen=True)
class Beginning:
    """All that both platforms and the hub know at one moment."""

    store: Memory
    shop: Memory
    database: bytes | str


def so_far(place: Place) -> Hashable:
    """What people did with a world that was just opened: the requests that were made, the switches, the access."""
    requests = (
        (entry.method, entry.path, entry.body)
        for journal in (place.store.journal, place.shop.journal)
        for entry in journal.entries()
    )
    switches = repr((place.store.store.switches, place.shop.shop.switches))
    return tuple(requests), switches, place.shop.authorizations.scopes


def recall(key: Hashable) -> Beginning | None:
    return _MADE.get(key)


def keep(key: Hashable, place: Place) -> None:
    """Keep what is there now under this key. What either platform still has to do by itself is done first."""
    place.shop.settle()
    _MADE[key] = Beginning(_memory(_of_store(place)), _memory(_of_shop(place)), take_copy(place.database))


def restore(beginning: Beginning, place: Place) -> None:
    """Put a kept beginning in the place of what is there."""
    _remember(_of_store(place), beginning.store)
    _remember(_of_shop(place), beginning.shop)
    put_copy(place.database, beginning.database)


def _of_store(place: Place) -> dict[str, Any]:
    """The parts of the simulator that change, by name."""
    return {"store": place.store.store, "journal": place.store.journal, "clock": place.store.clock}


def _of_shop(place: Place) -> dict[str, Any]:
    sim = place.shop
    return {
        "shop": sim.shop,
        "tables": sim.shop.tables,
        "ids": sim.shop.ids,
        "switches": sim.shop.switches,
        "authorizations": sim.authorizations,
        "host": sim.host,
        "journal": sim.journal,
        "clock": sim.clock,
    }


# The ties between the parts of one simulator, which each has for itself.
_TIES = (
    Authorizations,
    Clock,
    Condition,
    Deliveries,
    Ids,
    Outside,
    Scheduler,
    Switches,
    Tables,
    type(Lock()),
    type(RLock()),
)


def _memory(parts: Mapping[str, Any]) -> Memory:
    return deepcopy(
        {
            name: {key: value for key, value in vars(part).items() if not isinstance(value, _TIES)}
            for name, part in parts.items()
        }
    )


def _remember(parts: Mapping[str, Any], memory: Memory) -> None:
    for name, kept in deepcopy(dict(memory)).items():
        vars(parts[name]).update(kept)
