"""The durable queue of runs, kept by DBOS Transact in the hub's own database. No other module knows DBOS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, WorkflowStatus
from dbos import error as dbos_error

from crossdock.domain.sync import FlowKey
from crossdock.sync.lease import Wakeup
from crossdock.sync.spread import AT_ONCE

LANES = {"urgent": (AT_ONCE["urgent"], 0.1), "bulk": (AT_ONCE["bulk"], 0.2)}
"""For each lane how many runs an integration may have at once, and the seconds between two looks at the queue."""
APPLICATION = "crossdock"
WORKFLOW = "run_flow"
# A constant: by default DBOS hashes the code, and each deploy would strand what the one before it had queued.
VERSION = "hub"
RUNNING, WAITING = "PENDING", "ENQUEUED"
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
FINISHED_TO_KEEP = 2000
PRUNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run as the queue knows it. `worker` is who has it, or had it last."""

    run_id: str
    is_running: bool
    worker: str
    queue: str | None
    notes: Mapping[str, Any]


class Queue:
    """Calls go by a client of our own, since DBOS records its own calls inside a run as steps."""

    def __init__(self, url: str) -> None:
        DBOS.migrate(url)
        self._url = url
        self._client = DBOSClient(
            system_database_url=url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )

    def close(self) -> None:
        self._client.destroy()

    # For everybody

    def put(self, wakeup: Wakeup) -> bool:
        """Queue a run, once however often it is put. False when the run of this id is over already."""
        try:
            self._client.enqueue(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": _queue_of(wakeup.lane),
                    "queue_partition_key": wakeup.flow.integration,
                    "app_version": VERSION,
                    "workflow_id": wakeup.run_id,
                    "workflow_id_reuse_policy": "reject",
                },
                str(wakeup.flow),
                wakeup.run_id,
            )
        except dbos_error.DBOSWorkflowIDInUseError as in_use:
            return in_use.workflow_status not in OVER
        return True

    def drop(self, run_ids: Collection[str]) -> None:
        """Forget runs that wait, and note that running ones are canceled; their code is not interrupted."""
        self._client.cancel_workflows(list(run_ids))

    def waiting(self, flow: FlowKey) -> list[str]:
        return [run.run_id for run in self._runs(status=[WAITING], workflow_id_prefix=f"{flow}:")]

    def unfinished(self) -> list[QueuedRun]:
        return self._runs(status=[RUNNING, WAITING])

    def running_at(self, worker: str) -> list[QueuedRun]:
        return self._runs(status=[RUNNING], executor_id=worker)

    def over(self, run_ids: Collection[str]) -> list[str]:
        """Those of the runs that have ended in one way or another."""
        return (
            [run.run_id for run in self._runs(status=list(OVER), workflow_ids=list(run_ids))]
            if run_ids
            else []
        )

    def hand_back(self, run: QueuedRun, notes: Mapping[str, Any]) -> None:
        """Let another worker have a run. The notes stay with it, since DBOS sets its own count of attempts back."""
        self._client.update_workflow_attributes(run.run_id, dict(notes))
        self._client.resume_workflows([run.run_id], queue_name=run.queue)

    def prune(self) -> None:
        """DBOS deletes nothing itself; our own run records are the history that people see."""
        while finished := self._runs(
            status=list(OVER), offset=FINISHED_TO_KEEP, limit=PRUNED_AT_ONCE, sort_desc=True
        ):
            self._client.delete_workflows([run.run_id for run in finished])

    def _runs(self, **which: Any) -> list[QueuedRun]:
        found = self._client.list_workflows(load_input=False, load_output=False, **which)
        return [_queued(status) for status in found]

    # For a worker, of which a process has one at a time: DBOS is a singleton

    def work(self, worker: str, *, slots: int, run: Callable[[FlowKey, str], None]) -> None:
        """Run what is queued, in threads of this process, until `leave`."""
        # Where others work already, the share that they were given stands until it is shared out anew.
        self.give_slots(dict.fromkeys(LANES, slots), on_conflict="never_update")

        def run_flow(key: str, run_id: str) -> None:
            """Has no steps: a run that is repeated goes on where the flow's rows say."""
            run(FlowKey.parse(key), run_id)

        DBOS(config=_config(self._url, worker))
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(run_flow)
        DBOS.launch()

    def give_slots(
        self,
        slots: Mapping[str, int],
        *,
        on_conflict: Literal["always_update", "never_update"] = "always_update",
    ) -> None:
        """By lane, how many runs one worker may have at once; workers that are at work learn of it within a second."""
        for lane, (at_once, seconds) in LANES.items():
            self._client.register_queue(
                _queue_of(lane),
                partition_concurrency=at_once,
                worker_concurrency=slots[lane],
                polling_interval_sec=seconds,
                on_conflict=on_conflict,
            )

    def leave(self) -> None:
        DBOS.destroy(destroy_registry=True)


def _queue_of(lane: str) -> str:
    return f"sync-{lane}"


def _queued(status: WorkflowStatus) -> QueuedRun:
    return QueuedRun(
        run_id=status.workflow_id,
        is_running=status.status == RUNNING,
        worker=status.executor_id or "",
        queue=status.queue_name,
        notes=status.attributes or {},
    )


def _config(url: str, worker: str) -> DBOSConfig:
    """The executor id must be unique: a second process with DBOS's default id steals the runs of the first."""
    return {
        "name": APPLICATION,
        "system_database_url": url,
        "executor_id": worker,
        "application_version": VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "run_migrations": False,
    }
