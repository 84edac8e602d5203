"""The job engine: wakes flows, runs them on any number of workers, and takes over from the dead. Alone in knowing DBOS."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from dbos import error as dbos_error

from crossdock.domain.sync import FlowKey
from crossdock.store.database import Database
from crossdock.sync import lease, workers
from crossdock.sync.lease import Ended, FencedError, Lease, RunRecord, StoppedError, Wakeup

BEAT_SECONDS = 3.0
SWEEP_SECONDS = 1.0
SWEEPER_SECONDS = 9.0
PRUNE_SECONDS = 3600.0
STOP_SECONDS = 10.0
MOST_TAKEOVERS = 5
FINISHED_TO_KEEP = 2000
PRUNED_AT_ONCE = 1000

LANES = {"urgent": (2, 0.1), "bulk": (1, 0.2)}
"""For each lane how many runs an integration may have at once, and the seconds between two looks at the queue."""
APPLICATION = "crossdock"
WORKFLOW = "run_flow"
# A constant: by default DBOS hashes the code, and each deploy would strand what the one before it had queued.
APPLICATION_VERSION = "hub"
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

Body = Callable[[Lease], Ended]
"""Does the work of one run. It may raise; StoppedError and FencedError are expected of it."""

logger = logging.getLogger(__name__)


class WorkerRunningError(Exception):
    """A process holds one worker at a time, and an SQLite file one worker process."""


class Engine:
    """The engine of this process: a worker when it is given a body, else one that only asks for runs.

    A process has at most one worker at a time, since DBOS is a singleton.
    """

    _working: ClassVar[Engine | None] = None

    def __init__(
        self,
        database: Database,
        body: Body | None = None,
        *,
        worker: str | None = None,
        slots: int = 16,
        on_poison: Callable[[FlowKey], None] | None = None,
    ) -> None:
        self.database = database
        # Unique, never DBOS's default: a second process with the same id steals the runs of the first.
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._body = body
        self._slots = slots
        self._on_poison = on_poison
        self._stopping, self._left = threading.Event(), threading.Event()
        self._nudge = threading.Event()
        self._running: set[str] = set()
        self._threads: list[threading.Thread] = []
        self._lock_file: IO[bytes] | None = None
        self._client: DBOSClient | None = None
        self._pruned_at = float("-inf")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    # Life

    def start(self) -> None:
        """Raises WorkerRunningError when this process works already, or another one on the same SQLite file."""
        try:
            if self._body is not None:
                self._claim()
            self._connect()
            if self._body is not None:
                self._work(self._body)
        except BaseException:
            self.stop()
            raise

    def _claim(self) -> None:
        if Engine._working is not None:
            raise WorkerRunningError("This process is a worker already")
        if self.database.file is not None:
            self._lock_file = _lock(self.database.file)
            # Whoever worked on this file before is dead, so nobody waits for a lease to run out.
            workers.forget_silent_workers(self.database, 0.0)
        Engine._working = self

    def _connect(self) -> None:
        """All calls go by a client of our own, since DBOS records its own calls inside a run as steps."""
        DBOS.migrate(self.database.url)
        self._client = DBOSClient(
            system_database_url=self.database.url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )

    def _work(self, body: Body) -> None:
        workers.beat(self.database, self.worker)  # first, so that no other worker takes us for dead
        for lane, (at_once, seconds) in LANES.items():
            self._dbos.register_queue(
                f"sync-{lane}",
                partition_concurrency=at_once,
                worker_concurrency=self._slots,
                polling_interval_sec=seconds,
            )
        DBOS(config=_config(self.database.url, self.worker))
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(self._workflow(body))
        DBOS.launch()
        # Apart, since a slow sweep must not make a living worker look dead.
        for name, loop in (("beat", self._keep_beating), ("sweep", self._keep_sweeping)):
            thread = threading.Thread(target=loop, name=f"crossdock-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let running bodies leave at their next call, for a few seconds; what remains is repeated at the next start."""
        self._stopping.set()
        if Engine._working is self:
            self._stop_working()
            Engine._working = None
        if self._client is not None:
            self._client.destroy()
            self._client = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _stop_working(self) -> None:
        _wait_for(lambda: not self._running, STOP_SECONDS)
        self._left.set()
        self._nudge.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        DBOS.destroy(destroy_registry=True)
        _attempt("leave", lambda: workers.forget_worker(self.database, self.worker))

    # What others may ask for

    def wake(self, flow: FlowKey, *, is_hint: bool = False) -> str:
        """Make a flow run soon and name that run; "" when it is off, refused, unknown, or a hint meets a back-off.

        However often a flow is woken before its next run begins, it runs once.
        """
        wakeup = lease.want(self.database, flow, is_hint=is_hint)
        if wakeup is None:
            return ""
        # The end of a run wakes its flow again, so a hundred hints during a run cost the queue nothing.
        return wakeup.run_id if wakeup.is_running else self._enqueue(wakeup)

    def cancel(self, flow: FlowKey) -> bool:
        """End the present run at its next page, and drop one that waits. False when none was running."""
        run_id = lease.cancel(self.database, flow)
        waiting = [w.workflow_id for w in self._list(status=["ENQUEUED"], prefix=f"{flow}:")]
        self._dbos.cancel_workflows([*waiting, *([run_id] if run_id else [])])
        return run_id is not None

    def history(self, flow: FlowKey | None = None, limit: int = 50) -> list[RunRecord]:
        """The latest runs first."""
        return lease.history(self.database, flow, limit)

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
    def stopping(self) -> bool:
        return self._stopping.is_set()

    # One run

    def _workflow(self, body: Body) -> Callable[[str, str], None]:
        def run_flow(key: str, run_id: str) -> None:
            """Has no steps: a run that is repeated goes on where the flow's rows say."""
            self._run(body, FlowKey.parse(key), run_id)

        return run_flow

    def _run(self, body: Body, flow: FlowKey, run_id: str) -> None:
        if self._stopping.is_set():
            lease.make_due(self.database, flow)
            return
        with self._counted(run_id):
            held = lease.begin(self.database, flow, run_id, self.worker)
            if held is None:
                return
            is_due = lease.finish(self.database, held, _outcome(body, held))
        if is_due and not self._stopping.is_set():
            self.wake(flow)

    @contextmanager
    def _counted(self, run_id: str) -> Iterator[None]:
        self._running.add(run_id)
        try:
            yield
        finally:
            self._running.discard(run_id)

    def _enqueue(self, wakeup: Wakeup) -> str:
        """Put a run in its queue, once. The id of a run that is over leads to the next one."""
        try:
            self._dbos.enqueue(_place_in_queue(wakeup), str(wakeup.flow), wakeup.run_id)
        except dbos_error.DBOSWorkflowIDInUseError as in_use:
            if in_use.workflow_status in ENDED:
                following = lease.next_generation(self.database, wakeup)
                return wakeup.run_id if following is None else self._enqueue(following)
        return wakeup.run_id

    @property
    def _dbos(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("The engine has not been started")
        return self._client

    # Beat and sweep

    def _keep_beating(self) -> None:
        while not self._left.wait(BEAT_SECONDS):
            _attempt("beat", lambda: workers.beat(self.database, self.worker))

    def _keep_sweeping(self) -> None:
        while not self._left.is_set():
            _attempt("sweep", self._sweep)
            self._nudge.wait(SWEEP_SECONDS)
            self._nudge.clear()

    def _sweep(self) -> None:
        """By one worker at a time: hand on the runs of the dead, free what ended badly, and fire what is due."""
        if not workers.take_role(self.database, "sweep", self.worker, SWEEPER_SECONDS):
            return
        # Runs before workers: the other way round, a worker that has just joined looks dead.
        unfinished = self._list(status=["PENDING", "ENQUEUED"])
        live = workers.live_workers(self.database)
        for run in unfinished:
            if run.status == "PENDING" and run.executor_id not in live:
                self._take_over(run)
        self._free_held()
        waiting = {run.workflow_id for run in unfinished}
        for wakeup in lease.due_wakeups(self.database):
            if wakeup.run_id not in waiting:
                self._enqueue(wakeup)
        if time.monotonic() - self._pruned_at > PRUNE_SECONDS:
            self._prune()
            self._pruned_at = time.monotonic()

    def _take_over(self, run: WorkflowStatus) -> None:
        """Hand the run of a dead worker back to its queue, unless it has killed so many without getting further."""
        so_far = run.attributes or {}
        reached = lease.milestone(self.database, run.workflow_id)
        takeovers = int(so_far.get("takeovers", 0)) + 1 if so_far.get("reached") == reached else 1
        if takeovers > MOST_TAKEOVERS:
            self._give_up(run)
            return
        # DBOS sets its own count back when a run is resumed.
        self._dbos.update_workflow_attributes(run.workflow_id, {"takeovers": takeovers, "reached": reached})
        self._dbos.resume_workflows([run.workflow_id], queue_name=run.queue_name)

    def _give_up(self, run: WorkflowStatus) -> None:
        self._dbos.cancel_workflow(run.workflow_id)
        flow = FlowKey.parse(run.workflow_id.rpartition(":")[0])
        error = f"Given up: {MOST_TAKEOVERS + 1} workers in a row died while they ran it"
        retry_in = lease.LONGEST_BACK_OFF_SECONDS
        lease.release(self.database, flow, run.workflow_id, error=error, retry_in=retry_in)
        logger.error("%s: %s", flow, error)
        if self._on_poison is not None:
            self._on_poison(flow)

    def _free_held(self) -> None:
        """A run that ended while the database was away could not give its flow back itself."""
        held = lease.holders(self.database)
        if not held:
            return
        for run in self._list(status=list(ENDED), ids=list(held)):
            error = "The run ended without saying how; the database may have been away"
            lease.release(self.database, held[run.workflow_id], run.workflow_id, error=error)

    def _prune(self) -> None:
        """DBOS deletes nothing itself; our own run records are the history that people see."""
        workers.forget_silent_workers(self.database, PRUNE_SECONDS)
        while finished := self._list(status=list(ENDED), skip=FINISHED_TO_KEEP):
            self._dbos.delete_workflows([run.workflow_id for run in finished])

    def _list(
        self,
        *,
        status: list[str],
        ids: list[str] | None = None,
        prefix: str | None = None,
        skip: int | None = None,
    ) -> list[WorkflowStatus]:
        return self._dbos.list_workflows(
            status=status,
            workflow_ids=ids,
            workflow_id_prefix=prefix,
            offset=skip,
            limit=None if skip is None else PRUNED_AT_ONCE,
            sort_desc=True,
            load_input=False,
            load_output=False,
        )


def _outcome(body: Body, held: Lease) -> Ended:
    """Run the body. Nothing it raises may leave the flow held."""
    try:
        return body(held)
    except FencedError:
        return Ended({})
    except StoppedError as stop:
        return Ended({}, error=str(stop), retry_in=0.0, is_canceled=True)
    except Exception as error:
        logger.exception("The run %s failed", held.run_id)
        return Ended({}, error=f"{type(error).__name__}: {error}")


def _place_in_queue(wakeup: Wakeup) -> EnqueueOptions:
    return {
        "workflow_name": WORKFLOW,
        "queue_name": f"sync-{wakeup.lane}",
        "queue_partition_key": wakeup.flow.integration,
        "app_version": APPLICATION_VERSION,
        "workflow_id": wakeup.run_id,
        "workflow_id_reuse_policy": "reject",
    }


def _config(url: str, worker: str) -> DBOSConfig:
    return {
        "name": APPLICATION,
        "system_database_url": url,
        "executor_id": worker,
        "application_version": APPLICATION_VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "run_migrations": False,
    }


def _lock(file: Path) -> IO[bytes]:
    """The operating system drops the lock with the process, however that ends."""
    path = file.with_name(f"{file.name}.lock")
    held = path.open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise WorkerRunningError(
            f"Another process is already working on {file}. Stop it first, or use PostgreSQL for several workers."
        ) from None
    return held


def _wait_for(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _attempt(name: str, act: Callable[[], None]) -> None:
    """Do what can wait: the database may be away for a while."""
    try:
        act()
    except Exception:
        logger.warning("The engine could not %s; it goes on without", name, exc_info=True)
