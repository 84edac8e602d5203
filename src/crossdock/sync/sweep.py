"""What one elected worker does for all: hand on the runs of the dead, free what ended badly, fire what is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from crossdock.domain.sync import FlowKey
from crossdock.store.database import Database
from crossdock.sync import lease, run_records, spread, workers
from crossdock.sync.lease import Lease, Wakeup

if TYPE_CHECKING:
    from crossdock.sync.queue import Queue, QueuedRun

ROLE_SECONDS = 9.0
PRUNE_SECONDS = 3600.0
MOST_TAKEOVERS = 5
SHARED_ANEW_SECONDS = 10.0
"""For safety's sake: nobody else changes it."""
LOST_SECONDS = 15.0
"""The queue needs a moment to put down the end of a run, and to begin one that it has taken."""

logger = logging.getLogger(__name__)


def request(database: Database, queue: Queue, wakeup: Wakeup) -> str:
    """Queue the next run of a flow, once, and name it. The id of a run that is over leads to the one after it."""
    following: Wakeup | None = wakeup
    while following is not None and not queue.put(following):
        wakeup, following = following, lease.next_generation(database, following)
    return (following or wakeup).run_id


class Sweeper:
    def __init__(  # noqa: PLR0913  # what it works with
        self,
        database: Database,
        queue: Queue,
        worker: str,
        on_poison: Callable[[FlowKey], None] | None = None,
        is_here: Callable[[str], bool] = lambda _: True,
        slots: int = 16,
    ) -> None:
        """`is_here` says of a run of this very worker whether it is still at work; `slots` is the most it may have."""
        self._database = database
        self._queue = queue
        self._worker = worker
        self._on_poison = on_poison
        self._is_here = is_here
        self._missing: dict[str, float] = {}
        self._slots = slots
        self._shared: object = None
        self._shared_at = self._pruned_at = float("-inf")

    def sweep(self) -> None:
        """Nothing unless this worker has or gets the role."""
        if not workers.take_role(self._database, "sweep", self._worker, ROLE_SECONDS):
            return
        # In this order: leases, runs, workers. Otherwise a run or a worker that has just joined looks dead.
        held = lease.holders(self._database)
        unfinished = self._queue.unfinished()
        live = workers.live_workers(self._database) | {self._worker}
        for run in unfinished:
            if run.is_running and run.worker not in live:
                self._take_over(run)
        for run in self._lost(unfinished):
            self._queue.hand_back(run, run.notes)
        queued = {run.run_id for run in unfinished}
        ownerless = {one.run_id for one in held if one.worker not in live}
        self._free(held, (ownerless - queued) | set(self._queue.over([one.run_id for one in held])))
        self._fire_due(queued)
        self._share_out(live)
        if time.monotonic() - self._pruned_at > PRUNE_SECONDS:
            workers.forget_silent_workers(self._database, PRUNE_SECONDS)
            self._queue.prune()
            self._pruned_at = time.monotonic()

    def _lost(self, unfinished: list[QueuedRun]) -> list[QueuedRun]:
        """Runs of ours that are over, and whose end the queue could not put down, as while a disk was full."""
        ours = [run for run in unfinished if run.is_running and run.worker == self._worker]
        now, gone = time.monotonic(), {run.run_id for run in ours if not self._is_here(run.run_id)}
        self._missing = {run_id: self._missing.get(run_id, now) for run_id in gone}
        return [run for run in ours if now - self._missing.get(run.run_id, now) > LOST_SECONDS]

    def _share_out(self, live: set[str]) -> None:
        """Let no worker have more than its share of what can run at once, so that the integrations are spread evenly."""
        share = spread.fair_share(spread.integrations_by_lane(self._database), len(live), self._slots)
        as_it_is = (frozenset(live), tuple(sorted(share.items())))
        if as_it_is != self._shared or time.monotonic() - self._shared_at > SHARED_ANEW_SECONDS:
            self._queue.give_slots(share)
            self._shared, self._shared_at = as_it_is, time.monotonic()

    def _take_over(self, run: QueuedRun) -> None:
        """Hand the run of a dead worker back to its queue, unless it killed too many in a row without getting further."""
        reached = run_records.milestone(self._database, run.run_id)
        before = int(run.notes.get("takeovers", 0)) if run.notes.get("reached") == reached else 0
        if before < MOST_TAKEOVERS:
            self._queue.hand_back(run, {"takeovers": before + 1, "reached": reached})
        else:
            self._give_up(run)

    def _give_up(self, run: QueuedRun) -> None:
        self._queue.drop([run.run_id])
        flow = FlowKey.parse(run.run_id.rpartition(":")[0])
        error = f"Given up: {MOST_TAKEOVERS + 1} workers in a row died while they ran it"
        retry_in = lease.LONGEST_BACK_OFF_SECONDS
        lease.release(self._database, flow, run.run_id, error=error, retry_in=retry_in)
        logger.error("%s: %s", flow, error)
        if self._on_poison is not None:
            self._on_poison(flow)

    def _free(self, held: list[Lease], ended: set[str]) -> None:
        """A run may end while the database is away, or die with its worker without ever having been queued."""
        for one in held:
            if one.run_id in ended:
                error = "The run ended without saying how; its worker or the database may have been away"
                lease.release(self._database, one.flow, one.run_id, error=error)

    def _fire_due(self, queued: set[str]) -> None:
        for wakeup in lease.due_wakeups(self._database):
            if wakeup.run_id not in queued:
                request(self._database, self._queue, wakeup)
