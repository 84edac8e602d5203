"""Delivers webhooks from a background thread, retries on the clock, mischief on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import httpx2 as httpx

from crossdock_simulators.kit.clock import Clock
from crossdock_simulators.kit.scheduler import Scheduler

TIMEOUT_SECONDS = 5.0
SHUFFLE_WINDOW = timedelta(milliseconds=200)

SignedHeaders = Callable[[bytes, datetime], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook. `headers` is called for every attempt, because signatures carry the time of sending."""

    url: str
    body: bytes
    headers: SignedHeaders
    on_success: Callable[[], None] = lambda: None
    on_give_up: Callable[[], None] = lambda: None


@dataclass
class DeliverySwitches:
    """Mischief: shares are probabilities from 0 to 1. Messages that shuffle overtake each other."""

    lost: float = 0.0
    duplicated: float = 0.0
    shuffled: float = 0.0
    delay: timedelta = timedelta()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one POST; status 0 means that nobody answered."""

    time: datetime
    url: str
    number: int
    status: int


class Deliveries:
    """Sends messages without ever blocking the request that caused them."""

    def __init__(self, clock: Clock, retries: Sequence[timedelta], *, seed: int = 0) -> None:
        self.switches = DeliverySwitches()
        self.attempts: list[Attempt] = []
        self._clock = clock
        self._retries = tuple(retries)
        self._random = Random(seed)
        self._scheduler = Scheduler(clock)
        self._client: httpx.Client | None = None

    def send(self, message: Message) -> None:
        """Queue a message; a lost one is forgotten here, a duplicated one queued twice."""
        switches = self.switches
        if switches.paused or self._random.random() < switches.lost:
            return
        copies = 2 if self._random.random() < switches.duplicated else 1
        for _ in range(copies):
            self._scheduler.at(self._clock.now() + switches.delay + self._jitter(), self._attempt(message, 0))

    def wait_idle(self, timeout_seconds: float = 5.0) -> bool:
        """Wait until every delivery that is due was tried; retries in the future do not count."""
        return self._scheduler.wait_idle(timeout_seconds)

    def close(self) -> None:
        self._scheduler.close()
        if self._client is not None:
            self._client.close()

    def _jitter(self) -> timedelta:
        if self._random.random() < self.switches.shuffled:
            return SHUFFLE_WINDOW * self._random.random()
        return timedelta()

    def _attempt(self, message: Message, number: int) -> Callable[[], None]:
        def run() -> None:
            status = self._post(message)
            self.attempts.append(Attempt(self._clock.now(), message.url, number, status))
            if 200 <= status < 300:
                message.on_success()
            elif number < len(self._retries):
                due = self._clock.now() + self._retries[number]
                self._scheduler.at(due, self._attempt(message, number + 1))
            else:
                message.on_give_up()

        return run

    def _post(self, message: Message) -> int:
        if self._client is None:
            self._client = httpx.Client(timeout=TIMEOUT_SECONDS, verify=False)
        headers = dict(message.headers(message.body, self._clock.now()))
        try:
            return self._client.post(message.url, content=message.body, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
