"""Events on their way in: believed only from the platform itself, stored in batches, answered once they cannot get lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.concurrency import run_in_threadpool

from crossdock.api.desk import ApiDesk
from crossdock.api.problems import ProblemError, not_found
from crossdock.connectors.contract import Connector, Hint, SignatureError
from crossdock.connectors.settings import Credentials
from crossdock.operations.setup import deliveries, hints
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.deliveries import Arrival

MOST_AT_ONCE = 500
MOST_WAITING = 20_000
"""More are turned away; platforms send them again."""
SENDERS_GOOD_SECONDS = 5.0
"""For so long the secrets that events are signed with are believed to be those in the database."""
SENDERS_READ_SECONDS = 1.0
"""An event that does not fit has them read again, but not more often than this."""
COMPLAINT_SECONDS = 10.0

_log = structlog.get_logger(__name__)

Waiting = tuple[Arrival, "asyncio.Future[None]"]


class Inbox:
    """Takes events in batches: what arrives while one is stored makes up the next.

    So thousands of events a second cost a few transactions, and a flow is woken once per batch at most.
    """

    def __init__(self, desk: ApiDesk) -> None:
        self.desk = desk
        self._senders = Senders(desk)
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def read(self, integration: str, headers: Mapping[str, str], body: bytes) -> Arrival:
        """Raises ProblemError unless the platform itself sent it."""
        hint = await self._senders.read(integration, headers, body)
        return Arrival(integration, hint, received_at=self.desk.hub.clock())

    async def take(self, arrival: Arrival) -> None:
        """Return once it is certain that somebody will look. Raises ProblemError when there is no room for more."""
        if len(self._waiting) >= MOST_WAITING:
            raise ProblemError(503, "Too many events at once; send this one again")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, future))
        if self._task is None:
            self._task = asyncio.create_task(self._store())
        await future

    async def _store(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                error = await run_in_threadpool(self._try, [arrival for arrival, _ in batch])
                if not self._waiting:
                    self._task = None
                for _, future in batch:
                    _tell(future, error)
        finally:
            self._task = None

    def _try(self, arrivals: list[Arrival]) -> Exception | None:
        try:
            take_in(self.desk, arrivals)
        except Exception as error:  # noqa: BLE001  # each of those who wait is told
            return error
        return None


def _tell(future: asyncio.Future[None], error: Exception | None) -> None:
    """Whoever waits may be gone, or wait in another thread's loop."""

    def tell() -> None:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    loop = future.get_loop()
    if loop is asyncio.get_running_loop():
        tell()
    elif not loop.is_closed():
        loop.call_soon_threadsafe(tell)


def take_in(desk: ApiDesk, arrivals: list[Arrival]) -> None:
    """Wake the flows that these events hint at, each once, and remember the events."""
    with desk.database.reading() as tx:
        fresh = deliveries.fresh(tx, arrivals)
        wanted = deliveries.wanted(tx, fresh)
    if not fresh:
        return
    # Woken before they are remembered: a crash in between has the platform deliver them again, and nothing is lost.
    for flow, about in wanted.items():
        desk.hint(flow, deliveries.named(flow, about))
    with desk.database.transaction() as tx:
        deliveries.remember(tx, fresh)
        hints.note(tx, wanted, now=desk.hub.clock())
        for arrival in fresh:
            if arrival.hint.is_deauthorized:
                deliveries.deauthorize(tx, desk.task(tx, arrival.integration))
            if arrival.hint.authorization_ends is not None:
                ends = arrival.hint.authorization_ends
                deliveries.warn_of_end(tx, desk.task(tx, arrival.integration), ends)


@dataclass(frozen=True, slots=True)
class Sender:
    kind: type[Connector]
    credentials: Credentials


class Senders:
    """The accounts that may send events, kept in memory: a forged event costs no look into the database."""

    def __init__(self, desk: ApiDesk) -> None:
        self._desk = desk
        self._known: dict[str, Sender] = {}
        self._read_at = float("-inf")
        self._complained_at: dict[str, float] = {}
        self._refused = 0

    async def read(self, integration: str, headers: Mapping[str, str], body: bytes) -> Hint:
        """Raises ProblemError unless the platform itself sent it."""
        if self._age() > SENDERS_GOOD_SECONDS:
            await run_in_threadpool(self._read)
        try:
            return self._hint(integration, headers, body)
        except (KeyError, SignatureError) as error:
            if self._age() < SENDERS_READ_SECONDS:
                raise self._refusal(integration, error) from None
        # The account, or its secret, may have changed just now.
        await run_in_threadpool(self._read)
        try:
            return self._hint(integration, headers, body)
        except (KeyError, SignatureError) as error:
            raise self._refusal(integration, error) from None

    def _hint(self, integration: str, headers: Mapping[str, str], body: bytes) -> Hint:
        sender = self._known[integration]
        return sender.kind.read_webhook(sender.credentials, headers, body)

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _read(self) -> None:
        desk, known = self._desk, {}
        with desk.database.reading() as tx:
            found = accounts.every(tx)
        for each in found:
            if (kind := desk.connectors.get(each.connector)) is not None:
                known[each.name] = Sender(kind, kind.credentials_type.parse(each.secrets(desk.hub.cipher)))
        self._known, self._read_at = known, time.monotonic()

    def _refusal(self, integration: str, error: Exception) -> ProblemError:
        if isinstance(error, KeyError):
            return not_found(f"integration {integration!r}")
        self._refused += 1
        if time.monotonic() - self._complained_at.get(integration, float("-inf")) > COMPLAINT_SECONDS:
            _log.warning("webhook refused", integration=integration, reason=str(error), refused=self._refused)
            self._complained_at[integration] = time.monotonic()
        return ProblemError(401, "The signature of this event is missing or wrong")
