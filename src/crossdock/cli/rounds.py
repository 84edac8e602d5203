"""One whole round of syncing: what others depend on first, then until nothing is due, and what it came to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import restored
from crossdock.sync import lease, workers
from crossdock.sync.engine import Engine, WorkerRunningError
from crossdock.sync.run_records import RunRecord, RunState

LOOK_SECONDS = 0.1
RUNS_OF_A_FLOW = 200
WORKERLESS_SECONDS = 30.0
LOOKS_AFTER_RESTORE = 20

AFTER_ORDERS = (
    Entity.CANCELLATIONS,
    Entity.FULFILLMENTS,
    Entity.RETURNS,
    Entity.STATEMENTS,
    Entity.SHIPPING_REQUESTS,
)

# A reading of stock finds nothing to count before its products and places are known, and a push before its stock is;
# what befell an order comes after the order itself, and before it is routed and sent. People are told last.
WAVES: tuple[frozenset[tuple[Direction, Entity]], ...] = (
    frozenset({(Direction.PULL, Entity.DRIFT), (Direction.PULL, Entity.WEBHOOKS)}),
    frozenset({(Direction.PULL, Entity.LOCATIONS)}),
    frozenset({(Direction.PULL, Entity.PRODUCTS), (Direction.PULL, Entity.LISTINGS)}),
    frozenset({(Direction.PULL, Entity.INVENTORY), (Direction.PULL, Entity.ORDERS)}),
    frozenset({(Direction.PULL, each) for each in AFTER_ORDERS}),
    frozenset({(Direction.PUSH, Entity.ROUTING)}),
    frozenset(
        {
            (Direction.PUSH, each)
            for each in (
                Entity.CANCELLATIONS,
                Entity.RETURNS,
                Entity.SALES,
                Entity.PRODUCTS,
                Entity.SHIPPING_REQUESTS,
            )
        }
    ),
    frozenset(
        {(Direction.PUSH, each) for each in (Entity.FULFILLMENTS, Entity.INVENTORY, Entity.REFERENCES)}
    ),
    frozenset({(Direction.PUSH, Entity.NOTIFICATIONS)}),
)

Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What the runs of one flow came to within a round."""

    flow: str
    runs: int
    read: int
    written: int
    unchanged: int
    confirmed: int
    rejected: int
    seconds: float
    state: RunState | None
    error: str

    @property
    def has_failed(self) -> bool:
        """By its last run: a failure that the next run made good is none."""
        return self.state is RunState.FAILED


@dataclass
class Round:
    """Runs the flows of a hub through an engine that has been started, and remembers what ran before."""

    hub: Hub
    engine: Engine
    flows: Sequence[FlowKey]
    watch: Watch = lambda _: None
    _before: dict[FlowKey, set[str]] = field(default_factory=dict)

    def run(self) -> list[FlowResult]:
        """Make every flow run and wait until none of them is due. Raises CommandError when nobody works."""
        self._read_what_was_missed()
        self._before = {flow: {run.run_id for run in self._runs(flow)} for flow in self.flows}
        for wave in WAVES:
            members = [flow for flow in self.flows if (flow.direction, flow.entity) in wave]
            for flow in members:
                self.engine.wake(flow)
            self._wait_for(members)
        self._wait_for(self.flows)
        return [self._result(flow) for flow in self.flows]

    def _read_what_was_missed(self) -> None:
        """A hub that was restored from a backup reads before it writes, whatever is asked for."""
        everything = self.hub.flows()
        for _ in range(LOOKS_AFTER_RESTORE):
            with self.hub.database.reading() as tx:
                if restored.state(tx) is None:
                    return
            for flow in everything:
                if flow.direction is Direction.PULL:
                    self.engine.wake(flow)
            self._wait_for(everything)
            time.sleep(LOOK_SECONDS)

    def _wait_for(self, flows: Sequence[FlowKey]) -> None:
        last_life = time.monotonic()
        while flows and not lease.idle(self.hub.database, flows):
            self.watch(self._progress())
            if workers.live_workers(self.hub.database):
                last_life = time.monotonic()
            elif time.monotonic() - last_life > WORKERLESS_SECONDS:
                raise CommandError("No worker is running any more; start `crossdock serve` again")
            time.sleep(LOOK_SECONDS)

    def _progress(self) -> str:
        running = [run for run in self.engine.history(limit=10) if run.state is RunState.RUNNING]
        return "; ".join(_so_far(run) for run in running)

    def _runs(self, flow: FlowKey) -> list[RunRecord]:
        return self.engine.history(flow, limit=RUNS_OF_A_FLOW)

    def _result(self, flow: FlowKey) -> FlowResult:
        before = self._before[flow]
        runs = [run for run in self._runs(flow) if run.run_id not in before]
        total: Counter[str] = Counter()
        for run in runs:
            total.update(run.tally)
        latest = runs[0] if runs else None
        return FlowResult(
            flow=str(flow),
            runs=len(runs),
            read=total["read"],
            written=total["written"],
            unchanged=total["unchanged"],
            confirmed=total["confirmed"],
            rejected=total["rejected"],
            seconds=round(sum(_length(run) for run in runs), 3),
            state=latest.state if latest else None,
            error=latest.error if latest else "",
        )


def _so_far(run: RunRecord) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in run.tally.items() if count)
    return f"{run.flow}: {counts}" if counts else str(run.flow)


def _length(run: RunRecord) -> float:
    return (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0.0


@contextmanager
def engine_of(hub: Hub) -> Iterator[Engine]:
    """An engine that works itself or, where another process works on this SQLite file, one that asks it to."""
    try:
        engine = hub.engine(works=True)
        engine.start()
    except WorkerRunningError:
        engine = Engine(hub.database)
        engine.start()
    with engine_stopped(engine):
        yield engine


@contextmanager
def engine_stopped(engine: Engine) -> Iterator[None]:
    """The block runs with a started engine, which is stopped afterwards."""
    try:
        yield
    finally:
        engine.stop()
