"""Faults of both platforms and the lines to them, as the seed has it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from crossdock_simulators.kit import Fault, Faults
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm

PASSING = (
    "error",
    "error_after",
    "reset_before",
    "reset_after",
    "truncate",
    "not_json",
    "too_many_requests",
    "too_many_requests_bare",
    "latency",
    "shift_page",
)
WRITES = ("POST", "PUT")
DROPPED = (r"/inventory/update$", r"/inventory/adjustments/absolute$", r"/inventory/adjustments/relative$")
SKEWS = (0, 0, 0, 20, -20, 240, -25)
"""Seconds by which a clock may differ: TikTok Shop takes signatures of up to 5 minutes before and 30 seconds ahead."""


def gather(storm: Storm, seed: int) -> None:
    """The dice of the faults are the seed's, and the clocks part."""
    made = storm.made
    for number, faults in enumerate((made.store.faults, made.shop.faults), 1):
        faults._random = Random(seed * 10 + number)
    made.clocks[STORE].skew = timedelta(seconds=storm.random.choice((0, 0, 3, -3, 90, -90)))
    made.clocks[SHOP].skew = timedelta(seconds=storm.random.choice(SKEWS))
    storm.made.refusals.clear()
    for mailbox in made.mail.values():
        mailbox.waiting.clear()


def change(storm: Storm) -> None:
    """A new round's weather on top of what is left of the last one's."""
    random, made = storm.random, storm.made
    for name, faults in (("store", made.store.faults), ("shop", made.shop.faults)):
        if storm.chance(0.3):
            faults.clear()
        if storm.chance(0.5):
            _add(storm, name, faults, random.choice(PASSING))
    if storm.chance(0.25):
        path = random.choice(DROPPED)
        for faults in (made.store.faults, made.shop.faults):
            faults.add(Fault("drop_write", path=path))
        storm.say(f"drop_write {path}")
    if storm.chance(0.06):
        made.shop.faults.add(Fault("expire_token"))
        storm.say("shop: expire_token")
    if storm.chance(0.05):
        _revoke(storm)
    made.store.store.switches.inventory_delay_seconds = random.choice((0.0, 0.0, 0.2, 1.0, 4.0))


def _add(storm: Storm, name: str, faults: Faults, kind: Any) -> None:
    random = storm.random
    fault = Fault(
        kind,
        method=random.choice((None, None, *WRITES)),
        probability=random.choice((0.15, 0.4, 1.0)),
        times=random.randint(1, 4),
        status=random.choice((500, 502, 503)),
        delay_seconds=0.001,
        retry_after=random.choice((0.01, 1.0, 5.0)),
    )
    faults.add(fault)
    storm.say(f"{name}: {fault.kind} {fault.method or ''} p={fault.probability} times={fault.times}")


def _revoke(storm: Storm) -> None:
    if storm.chance(0.5):
        storm.say("the owner revokes the store's token")
        storm.made.store.account.revoked = True
    else:
        storm.say("the owner removes the app from the shop")
        storm.made.shop.authorizations.revoke()


def clear(storm: Storm) -> None:
    for faults in (storm.made.store.faults, storm.made.shop.faults):
        faults.clear()
    storm.made.store.store.switches.inventory_delay_seconds = 0.0
