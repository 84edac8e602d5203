"""The one time of a storm: it stands still unless the storm moves it, and everybody's clock is read off it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from crossdock_simulators.kit import Clock, Deliveries, Message

DAWN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Sky(Clock):
    """Moving it lets everything happen that is due by then, before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.time = DAWN
        self.hub_skew = timedelta()
        self._clocks: list[PlatformClock] = []
        self._settles: list[Callable[[], object]] = []

    def now(self) -> datetime:
        return self.time

    def hub_now(self) -> datetime:
        return self.time + self.hub_skew

    def watch(self, *settles: Callable[[], object]) -> None:
        """What waits until a platform has done by itself what was due."""
        self._settles += settles

    def clock(self) -> PlatformClock:
        made = PlatformClock(self)
        self._clocks.append(made)
        return made

    def advance(self, step: timedelta) -> datetime:
        self.time += step
        for clock in self._clocks:
            with clock.changed:
                clock.changed.notify_all()
        for settle in self._settles:
            settle()
        return self.time

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def monotonic(self) -> float:
        return self.time.timestamp()


class PlatformClock(Clock):
    """A platform's own clock, which may differ from the hub's."""

    def __init__(self, sky: Sky) -> None:
        super().__init__()
        self.skew = timedelta()
        self._sky = sky

    def now(self) -> datetime:
        return self._sky.time + self.skew

    def advance(self, step: timedelta) -> datetime:
        self._sky.advance(step)
        return self.now()


class Mailbox(Deliveries):
    """Keeps what a platform would deliver, for the storm to bring, lose, repeat and mix up."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, ())
        self.waiting: list[Message] = []

    def send(self, message: Message) -> None:
        self.waiting.append(message)
