"""The job engine of a process: wakes flows, runs them beside any number of other workers, and stops in good order."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, TYPE_CHECKING, ClassVar, Self

import sqlalchemy as sa
import structlog

from crossdock.domain.sync import FlowKey
from crossdock.store import codec
from crossdock.store.database import Database
from crossdock.sync import lease, run_records, workers
from crossdock.sync.lease import Ended, FencedError, Lease, StoppedError
from crossdock.sync.run_records import RunRecord, RunState
from crossdock.sync.sweep import Sweeper, request
from crossdock.telemetry import spans

if TYPE_CHECKING:
    from crossdock.sync.queue import Queue

BEAT_SECONDS = 3.0
SWEEP_SECONDS = 1.0
STOP_SECONDS = 10.0
UPKEEP_SECONDS = 60.0
TOLD_AGAIN_SECONDS = 60.0

Body = Callable[[Lease], Ended]
"""Does the work of one run. It may raise; StoppedError and FencedError are expected of it."""

logger = logging.getLogger(__name__)
_log = structlog.get_logger(__name__)


class WorkerRunningError(Exception):
    """A process holds one worker at a time, and an SQLite file one worker process."""


class Engine:
    """A worker when it is given a body, else one that only asks others for runs."""

    _working: ClassVar[Engine | None] = None

    def __init__(  # noqa: PLR0913  # what a worker is told once, when it is made
        self,
        database: Database,
        body: Body | None = None,
        *,
        worker: str | None = None,
        slots: int = 16,
        on_poison: Callable[[FlowKey], None] | None = None,
        on_end: Callable[[FlowKey, RunState, float], None] | None = None,
        upkeep: Callable[[Callable[[], bool]], None] | None = None,
    ) -> None:
        """`on_end` hears of each run with its seconds. `upkeep` is called now and then by one worker of all.

        It is given a way to ask whether it has to leave.
        """
        self.database = database
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._body = body
        self._slots = slots
        self._on_poison, self._on_end = on_poison, on_end
        self._upkeep = upkeep
        self._stopping, self._left = threading.Event(), threading.Event()
        self._running: set[str] = set()
        self._threads: list[threading.Thread] = []
        self._lock_file: IO[bytes] | None = None
        self._opened_queue: Queue | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    # What others may ask for

    def wake(self, flow: FlowKey, names: Collection[str] = (), *, is_hint: bool = False) -> str:
        """Make a flow run soon and name that run; "" when it is off, refused, unknown, or a hint meets a back-off.

        However often a flow is woken before its next run begins, it runs once. `names` are as in `lease.want`.
        """
        wakeup = lease.want(self.database, flow, names, is_hint=is_hint)
        if wakeup is None:
            return ""
        # The end of a run wakes its flow again, so a hundred hints during a run cost the queue nothing.
        return wakeup.run_id if wakeup.is_running else request(self.database, self._queue, wakeup)

    def cancel(self, flow: FlowKey) -> bool:
        """End the present run at its next page, and drop one that waits. False when none was running."""
        run_id = lease.cancel(self.database, flow)
        self._queue.drop([*self._queue.waiting(flow), *([run_id] if run_id else [])])
        return run_id is not None

    def history(self, flow: FlowKey | None = None, limit: int = 50) -> list[RunRecord]:
        """The latest runs first."""
        return run_records.history(self.database, flow, limit)

    def wait_until_idle(self, flows: Collection[FlowKey] | None, timeout_seconds: float) -> bool:
        """Whether, within the time, none of the flows (of all flows, with None) ran or was due any more."""
        return _wait_for(lambda: lease.idle(self.database, flows), timeout_seconds)

    def guard(self, held: Lease) -> Callable[[], None]:
        """The check before each call to a platform: raises FencedError or StoppedError when the run must leave."""

        def check() -> None:
            if self._stopping.is_set():
                raise StoppedError("The worker is stopping")
            lease.ensure(self.database, held)

        return check

    @property
    def _queue(self) -> Queue:
        if self._opened_queue is None:
            raise RuntimeError("The engine has not been started")
        return self._opened_queue

    # Life

    def start(self) -> None:
        """Raises WorkerRunningError when this process works already, or another one on the same SQLite file."""
        from crossdock.sync.queue import Queue  # here: most commands start no engine, and DBOS loads slowly

        codec.prepare()
        try:
            if self._body is not None:
                self._claim()
            self._opened_queue = Queue(self.database.url)
            if self._body is not None:
                self._work(self._body)
        except BaseException:
            self.stop()
            raise

    def _claim(self) -> None:
        if Engine._working is not None:
            raise WorkerRunningError("This process is a worker already")
        if self.database.file is not None:
            self._lock_file = workers.lock(self.database.file)
            if self._lock_file is None:
                raise WorkerRunningError(
                    f"Another process is already working on {self.database.file}. "
                    "Stop it first, or use PostgreSQL for several workers."
                )
            # Whoever worked on this file before is dead, so nobody waits for a lease to run out.
            workers.forget_silent_workers(self.database, 0.0)
        Engine._working = self

    def _work(self, body: Body) -> None:
        workers.beat(self.database, self.worker)  # first, so that no other worker takes us for dead
        self._queue.work(
            self.worker, slots=self._slots, run=lambda flow, run_id: self._run(body, flow, run_id)
        )
        # Apart, since a slow sweep must not make a living worker look dead.
        for loop in (self._keep_beating, self._keep_sweeping, self._keep_up):
            thread = threading.Thread(target=loop, name=f"crossdock{loop.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let running bodies leave at their next call, for a few seconds; what remains is repeated at the next start."""
        self._stopping.set()
        if Engine._working is self:
            if self._opened_queue is not None:
                self._stop_working(self._opened_queue)
            Engine._working = None
        if self._opened_queue is not None:
            self._opened_queue.close()
            self._opened_queue = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _stop_working(self, queue: Queue) -> None:
        def has_no_runs() -> bool:
            """The queue notes an end a little after the body returns; without that note the run would be repeated."""
            return not self._running and not queue.running_at(self.worker)

        _attempt("see its runs out", lambda: _wait_for(has_no_runs, STOP_SECONDS))
        self._left.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        queue.leave()
        _attempt("say that it leaves", lambda: workers.forget_worker(self.database, self.worker))

    def _keep_beating(self) -> None:
        while not self._left.wait(BEAT_SECONDS):
            _attempt("beat", lambda: workers.beat(self.database, self.worker))

    def _keep_up(self) -> None:
        """What may take long, and is in no hurry."""
        while self._upkeep is not None and not self._stopping.wait(UPKEEP_SECONDS):
            if _attempt("be elected for the upkeep", self._is_elected):
                _attempt("do its upkeep", lambda: self._upkeep and self._upkeep(self._stopping.is_set))

    def _is_elected(self) -> bool:
        return workers.take_role(self.database, "upkeep", self.worker, 3 * UPKEEP_SECONDS)

    def _keep_sweeping(self) -> None:
        sweeper = Sweeper(
            self.database,
            self._queue,
            self.worker,
            self._on_poison,
            is_here=self._running.__contains__,
            slots=self._slots,
        )
        while not self._stopping.is_set():
            _attempt("sweep", sweeper.sweep)
            self._stopping.wait(SWEEP_SECONDS)

    # One run

    def _run(self, body: Body, flow: FlowKey, run_id: str) -> None:
        if self._stopping.is_set():
            lease.make_due(self.database, flow)
            return
        named = {"run": run_id, "flow": str(flow), "integration": flow.integration}
        with self._counted(run_id), structlog.contextvars.bound_contextvars(**named):
            held = lease.begin(self.database, flow, run_id, self.worker)
            if held is None:
                return
            is_due = lease.finish(self.database, held, self._watched(body, held))
        if is_due and not self._stopping.is_set():
            # Nobody wishes for more by this than was wished before.
            for wakeup in lease.due_wakeups(self.database, flow):
                request(self.database, self._queue, wakeup)

    def _watched(self, body: Body, held: Lease) -> Ended:
        began = time.monotonic()
        about = {"crossdock.flow": str(held.flow), "crossdock.run": held.run_id}
        with spans.span(f"run {held.flow.direction}-{held.flow.entity}", about) as span:
            ended = _outcome(body, held)
            state = lease.state_of(ended)
            span.set_attribute("crossdock.state", state)
            _tell(ended, state, time.monotonic() - began, trace=spans.trace_id())
        if self._on_end is not None:
            self._on_end(held.flow, state, time.monotonic() - began)
        return ended

    @contextmanager
    def _counted(self, run_id: str) -> Iterator[None]:
        self._running.add(run_id)
        try:
            yield
        finally:
            self._running.discard(run_id)


def _outcome(body: Body, held: Lease) -> Ended:
    """Run the body. Nothing it raises may leave the flow held."""
    try:
        return body(held)
    except FencedError:
        return Ended({}, is_fenced=True)
    except StoppedError as stop:
        return Ended({}, error=str(stop), retry_in=0.0, is_canceled=True)
    except Exception as error:
        logger.exception("The run %s failed", held.run_id)
        return Ended({}, error=f"{type(error).__name__}: {error}")


def _tell(ended: Ended, state: RunState, seconds: float, *, trace: str) -> None:
    """One line for each run, with what it moved."""
    moved = {name: count for name, count in ended.tally.items() if count}
    said = {
        name: text for name, text in {**ended.details, "error": ended.error, "trace": trace}.items() if text
    }
    tell = _log.warning if state is RunState.FAILED else _log.info
    tell("run ended", state=str(state), seconds=round(seconds, 3), **moved, **said)


def _wait_for(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _attempt(what: str, act: Callable[[], object]) -> object:
    """Do what can wait, and answer what it does: the database may be away, full or read-only for a while."""
    try:
        return act()
    except sa.exc.DBAPIError as error:
        _complaints.tell(what, error)
    except Exception:
        logger.warning("The engine could not %s; it goes on without", what, exc_info=True)
    return None


class _Complaints:
    """What goes wrong with the database every few seconds is told once a minute."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def tell(self, what: str, error: sa.exc.DBAPIError) -> None:
        why = str(error.orig).strip().partition("\n")[0] or type(error.orig).__name__
        if time.monotonic() - self._told.get(why, float("-inf")) < TOLD_AGAIN_SECONDS:
            return
        self._told[why] = time.monotonic()
        _log.warning("the database refuses its workers; they go on trying", tried_to=what, error=why)


_complaints = _Complaints()
