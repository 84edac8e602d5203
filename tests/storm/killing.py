"""Storms over real processes: workers are killed at random moments, and all that the other storms promise holds.

No seed replays here exactly, since the machine decides who gets how far; it does choose the acts and the moments.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync import workers as alive
from storm import calm, invariants, life, scenario, truth, weather
from storm.place import Place, place
from storm.sky import Sky
from storm.storm import Storm, Verdict
from support.ports import free_port

SECONDS = 40.0
QUIET_WITHIN = 90.0
STOPS_WITHIN = 30.0
NURSERY = get_context("forkserver")
"""Where the processes of the hub are born: they are its own, and need not read all modules each time."""
NURSERY.set_forkserver_preload(["crossdock.cli.main", "crossdock.server", "crossdock.app"])


class RealSky(Sky):
    """Time goes by itself, and can be moved beyond it."""

    def __init__(self) -> None:
        self._beyond = timedelta()
        super().__init__()

    @property
    def time(self) -> datetime:
        return datetime.now(UTC) + self._beyond

    @time.setter
    def time(self, moment: datetime) -> None:
        """Only moved on, never set."""

    def advance(self, step: timedelta) -> datetime:
        self._beyond += step
        return super().advance(timedelta())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Workers:
    """The processes of one storm; none survives it. What they say is kept in the folder."""

    def __init__(self, made: Place, folder: Path, count: int) -> None:
        self._environment = {
            "CROSSDOCK_DATABASE_URL": made.config.database_url,
            "CROSSDOCK_SECRET_KEY": made.config.secrets()[0],
            "CROSSDOCK_PUBLIC_URL": "",
        }
        self._serves = made.database.is_sqlite
        self._folder, self.count = folder, count
        self._running: list[ForkServerProcess] = []
        self.killed, self.missed_at = 0, 0.0
        self._made, self._known = made, set[str]()

    def are_ready(self) -> bool:
        """Whether the youngest has begun to work: one that is killed before tells nothing."""
        return bool(_living(self._made) - self._known)

    def fill_up(self) -> None:
        while len(self._running) < self.count:
            kind = ["serve", "--port", str(free_port())] if self._serves else ["worker"]
            said = self._folder / f"worker-{self.killed + len(self._running)}.log"
            process = NURSERY.Process(target=_work, args=(self._environment, kind, said))
            process.start()
            self._running.append(process)

    def kill(self, random: Random) -> None:
        self._known |= _living(self._made)
        process = self._running.pop(random.randrange(len(self._running)))
        process.kill()
        process.join(STOPS_WITHIN)
        self.killed += 1
        self.missed_at = time.monotonic() + alive.LEASE_SECONDS

    def leave(self) -> list[int | None]:
        """Ask all of them to stop, and answer how each ended; None for one that did not."""
        leaving, self._running = self._running, []
        for process in leaving:
            process.terminate()
        for process in leaving:
            process.join(STOPS_WITHIN)
        codes = [process.exitcode for process in leaving]
        for process in leaving:
            process.kill()
        return codes


def _work(environment: dict[str, str], command: list[str], said: Path) -> None:
    """What a process of the hub does from its start on; what it says goes into the file."""
    os.environ.update(environment)
    with said.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    sys.argv = ["crossdock", *command]
    runpy.run_module("crossdock", run_name="__main__")


def run(seed: int, folder: Path, *, workers: int, url: str = "", seconds: float = SECONDS) -> Verdict:
    """Life goes on while one worker after the other is killed; what is left is judged as in other storms."""
    random = Random(seed)
    of = scenario.choose(random)
    problems: list[str] = []
    with ExitStack() as stack:
        made = stack.enter_context(place(folder, url=url, sky=RealSky()))
        storm = Storm(made, random, of, truth.Adjustments(made))
        farm = Workers(made, folder, workers)
        stack.callback(farm.leave)
        try:
            scenario.dawn(made, of)
            storm.say(f"seed {seed}, {workers} workers: {of}")
            stack.enter_context(storm.adjustments.noted())
            _blow(storm, farm, seconds)
            problems += _end(storm, farm)
            calm.clear(storm)
            problems += invariants.broken(storm)
        except Exception:  # noqa: BLE001  # whatever breaks in a storm is a finding
            problems.append(f"the storm broke off:\n{traceback.format_exc()}")
        if problems and made.database.file is not None:
            shutil.copy(made.database.file, folder / f"kept-{seed}.sqlite")
        return Verdict(seed, tuple(problems), tuple(storm.log))


def _blow(storm: Storm, farm: Workers, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    random = storm.random
    next_kill = 0.0
    farm.fill_up()
    while time.monotonic() < give_up:
        weather.change(storm)
        for _ in range(random.randint(1, 3)):
            life.act(storm)
        for flow in random.sample(storm.made.hub.flows(), 4):
            leases.want(storm.made.database, flow, is_hint=True)
        time.sleep(random.uniform(0.2, 0.8))
        if farm.are_ready():
            next_kill = next_kill or time.monotonic() + random.uniform(0.2, 4)
            if time.monotonic() > next_kill:
                farm.kill(random)
                storm.say(f"kill {farm.killed}")
                farm.fill_up()
                next_kill = 0.0
        for name, status in storm.broken():
            storm.say(f"{name} is {status}")
            calm.reconnect(storm, name)


def _end(storm: Storm, farm: Workers) -> list[str]:
    """Nobody kills any more: within a stated time the workers take over all that was held, then they leave in order."""
    weather.clear(storm)
    problems = []
    give_up = time.monotonic() + QUIET_WITHIN
    # One that was killed a moment ago counts as living until its beat is missed.
    while (held := _held_by_the_dead(storm.made)) or time.monotonic() < farm.missed_at:
        if time.monotonic() > give_up:
            problems.append(f"killed_workers_are_taken_over: after {QUIET_WITHIN:.0f} s {held}")
            break
        time.sleep(0.5)
    storm.say(f"{farm.killed} killed")
    _wait(farm.are_ready, QUIET_WITHIN)
    if any(codes := farm.leave()):
        problems.append(f"workers_leave_in_order: they ended with {codes}")
    return problems


def _wait(is_so: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not is_so() and time.monotonic() < give_up:
        time.sleep(0.2)


def _held_by_the_dead(made: Place) -> list[str]:
    living = _living(made)
    return [str(held.flow) for held in leases.holders(made.database) if held.worker not in living]


def _living(made: Place) -> set[str]:
    """By the clock of the processes: the sky's has been moved on since."""
    missed = time.time() - alive.LEASE_SECONDS
    return {row.id for row in made.rows(tables.worker) if row.beat > missed}
