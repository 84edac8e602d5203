"""One storm from one seed: life, weather, work and deaths, each a choice of the same Random; then it clears."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2 as httpx
import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock_simulators.kit import Message
from storm import calm, invariants, life, scenario, truth, weather
from storm.place import Inline, Killed, Place, place
from storm.scenario import Scenario
from support.world import SHOP, STORE

ROUNDS = 10
LIVES_OF_A_RUN = 70
"""A run that is to be killed dies before one of its first so many calls and commits."""
HINTS_A_ROUND = 12
_PORT = re.compile(r"(?<=127\.0\.0\.1):\d+")
"""The one thing that differs from one process to the next."""


@dataclass(frozen=True)
class Verdict:
    """How a storm ended: `problems` name the invariants that were broken; none is a good end."""

    seed: int
    problems: tuple[str, ...]
    log: tuple[str, ...]


@dataclass
class Storm:
    """What everybody in the storm shares. Whoever chooses anything asks `random`, and nothing else."""

    made: Place
    random: Random
    of: Scenario
    adjustments: truth.Adjustments
    log: list[str] = field(default_factory=list)
    is_over: bool = False
    settings: dict[str, dict[str, Any]] = field(default_factory=lambda: {"store": {}, "shop": {}})
    """What people have set otherwise meanwhile."""
    new_skus: set[str] = field(default_factory=set)
    """SKUs of products that the merchant added, which nobody has counted in the hub."""
    renamed: dict[str, str] = field(default_factory=dict)
    """The next SKU of a variant, by the one before."""
    deleted_skus: set[str] = field(default_factory=set)
    """SKUs whose product the merchant deleted, whatever was still to be done with it."""
    received: dict[str, int] = field(default_factory=dict)
    """Units that people put on the shelves, by SKU: in the store where it owns stock, else in the hub."""
    late: list[tuple[str, Message]] = field(default_factory=list)
    corrected: Counter[str] = field(default_factory=Counter)
    """Units by SKU that the operator put back into the store, since a report was applied twice knowingly."""
    restless: list[str] = field(default_factory=list)
    """What the last run of all flows still changed."""
    _is_busy: bool = False

    def say(self, text: str) -> None:
        self.log.append(f"{self.made.sky.time:%d %H:%M:%S.%f} {_PORT.sub('', text)}")

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    @contextmanager
    def aside(self) -> Any:
        """What is done meanwhile by others than the run that goes on; nobody is killed in it."""
        left, self.made.death.left = self.made.death.left, None
        was, self._is_busy = self._is_busy, True
        try:
            yield
        finally:
            self.made.death.left, self._is_busy = left, was

    # While a run goes on

    def on_call(self, name: str, request: httpx.Request) -> None:
        """Before each call of the hub: time passes, and others act."""
        if self.is_over:
            self.made.sky.advance(timedelta(milliseconds=50))
            return
        self.made.sky.advance(timedelta(milliseconds=self.random.choice((20, 80, 300, 1200))))
        self.log.append(f"    {request.method} {name} {request.url.path}")
        if self._is_busy:
            return
        if self.chance(0.05):
            with self.aside():
                life.act(self)
        if self.chance(0.05):
            self._beside()

    def _beside(self) -> None:
        """Another flow runs meanwhile, as it would in another thread."""
        busy = {str(each.flow) for each in leases.holders(self.made.database)}
        free = [flow for flow in self.made.hub.flows() if str(flow) not in busy]
        if free:
            flow = self.random.choice(free)
            was, self._is_busy = self._is_busy, True
            try:
                self.say(f"  beside: {flow}")
                self.made.run(flow)
            finally:
                self._is_busy = was

    # Rounds

    def blow(self) -> None:
        self.made.on_call = self.on_call
        Inline.is_late = staticmethod(lambda: not self.is_over and self.chance(0.5))
        try:
            for number in range(ROUNDS):
                self.say(f"round {number}")
                weather.change(self)
                for _ in range(self.random.randint(2, 8)):
                    life.act(self)
                self.made.sky.advance(timedelta(seconds=self.random.choice((1, 5, 20, 90, 600))))
                self._deliver_hints()
                self._work()
                self._reconnect()
        finally:
            Inline.is_late = staticmethod(lambda: False)

    def _work(self) -> None:
        due = leases.due(self.made.database)
        others = [flow for flow in self.made.hub.flows() if flow not in due]
        chosen = self.random.sample(due, min(len(due), self.random.randint(2, 9)))
        chosen += self.random.sample(others, min(len(others), self.random.randint(0, 3)))
        for flow in chosen:
            self._run(flow)

    def _run(self, flow: FlowKey, run_id: str = "") -> None:
        death = self.made.death
        death.left = int(LIVES_OF_A_RUN * self.random.random() ** 2) if self.chance(0.2) else None
        self.say(f"run {flow}")
        try:
            error = self.made.run(flow, run_id)
        except Killed:
            self.say(f"  killed in {flow}")
            self.made.wake_up()
            self._take_over()
            return
        death.left = None
        if error:
            self.say(f"  {flow}: {error[:160]}")

    def _take_over(self) -> None:
        """As the engine does: what a dead worker had is begun again under its name, or freed."""
        for held in leases.holders(self.made.database):
            if ">" in held.run_id or self.chance(0.3):
                leases.release(self.made.database, held.flow, held.run_id, error="Its worker died")
            else:
                self._run(held.flow, held.run_id)

    def _deliver_hints(self) -> None:
        """Some events get lost, some come late, twice or in another order, some are forged."""
        new = [(name, each) for name in (STORE, SHOP) for each in self.made.mail[name].waiting]
        for mailbox in self.made.mail.values():
            mailbox.waiting.clear()
        events = [each for each in self.late + new if not self.chance(0.3)]
        self.random.shuffle(events)
        self.late = events[HINTS_A_ROUND:][:20]
        for name, message in events[:HINTS_A_ROUND]:
            for _ in range(2 if self.chance(0.15) else 1):
                self._deliver(name, message)

    def _deliver(self, name: str, message: Message) -> None:
        with self.aside():
            headers = dict(message.headers(message.body, self.made.sky.time))
            if self.chance(0.05):
                headers = {key: "x" + value[1:] for key, value in headers.items()}
            path = httpx.URL(message.url).path
            status = self.made.api.post(path, content=message.body, headers=headers).status_code
            self.log.append(f"    hint {name} {status}")

    def _reconnect(self) -> None:
        """The operator sees that an account is no longer connected, now or later."""
        for name, status in self.broken():
            if self.chance(0.5):
                self.say(f"{name} is {status}: the operator connects again")
                with self.aside():
                    calm.reconnect(self, name)

    def broken(self) -> list[tuple[str, str]]:
        table = tables.integration
        with self.made.database.reading() as tx:
            rows = tx.execute(sa.select(table.c.name, table.c.status).where(table.c.status != "Connected"))
            return [(row.name, row.status) for row in rows if row.name in (STORE, SHOP)]


def run(seed: int, folder: Path, *, url: str = "", look: Callable[[Storm], None] | None = None) -> Verdict:
    """Blow one storm, let it clear, and judge what is left. What breaks on the way is a problem as well."""
    random = Random(seed)
    of = scenario.choose(random)
    _spend_the_night(folder, of, url)
    with place(folder, url=url) as made:
        storm = Storm(made, random, of, truth.Adjustments(made))
        problems: list[str] = []
        try:
            scenario.dawn(made, of)
            storm.say(f"seed {seed}: {of}")
            weather.gather(storm, seed)
            with storm.adjustments.noted():
                storm.blow()
                calm.clear(storm)
            problems = invariants.broken(storm)
        except Exception:  # noqa: BLE001  # whatever breaks in a storm is a finding
            problems = [f"the storm broke off:\n{traceback.format_exc()}"]
        if look is not None:
            look(storm)
        return Verdict(seed, tuple(problems), tuple(storm.log))


_NIGHTS: set[tuple[bool, str, str]] = set()


def _spend_the_night(folder: Path, of: Scenario, url: str) -> None:
    """Where none of this process began like this one: elsewhere, so that the first storm is like all later ones."""
    how = (bool(url), of.owner, of.catalog)
    if how not in _NIGHTS:
        with place(folder, url=url) as made:
            scenario.night(made, of)
        _NIGHTS.add(how)
    for file in folder.glob("hub.sqlite*"):
        file.unlink()
