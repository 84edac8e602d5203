"""Whatever is wanted of a request and wherever runs die: its warehouse is told each thing once, and the last thing last."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.flat_files.bench import Bench, CountingGate, Memory, StaleError, change, in_folder, order
from crossdock.connectors.http import OpenGate
from crossdock.domain.sync import Confirmed, Outcome, Rejected


class FailingMemory(Memory):
    """Keeps so many things more, and then dies before the next."""

    def __init__(self) -> None:
        super().__init__()
        self.left = -1

    def put(self, kind: str, key: str, value: str) -> None:
        if self.left == 0:
            raise StaleError
        self.left -= 1
        super().put(kind, key, value)


@dataclass(frozen=True)
class Step:
    """What is wanted (0 units: nothing of it any more), where the run dies, and whether files are taken after it."""

    units: int
    dies_at_gate: int | None = None
    dies_at_memory: int | None = None
    is_taken: bool = False


STEPS = st.lists(
    st.builds(
        Step,
        units=st.integers(0, 3),
        dies_at_gate=st.none() | st.integers(0, 2),
        dies_at_memory=st.none() | st.integers(0, 2),
        is_taken=st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


class Warehouse:
    """Takes files away, and remembers what they said."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.taken: list[tuple[str, int]] = []

    def take(self) -> None:
        for path in self._there():
            self.taken.append(_said(path))
            path.unlink()

    @property
    def told(self) -> list[tuple[str, int]]:
        return [*self.taken, *map(_said, self._there())]

    def _there(self) -> list[Path]:
        paths = [path for path in (self.bench.root / "outgoing").iterdir() if path.suffix == ".csv"]
        return sorted(paths, key=lambda path: path.stat().st_mtime_ns)


def _said(path: Path) -> tuple[str, int]:
    head, row = path.read_text().splitlines()
    found = dict(zip(head.split(","), row.split(","), strict=True))
    return found["operation"], int(found["quantity"])


def asked(bench: Bench, memory: FailingMemory, step: Step, *, has: bool) -> Outcome | None:
    """One run; None where it died."""
    wanted = order("1001-1", max(step.units, 1), is_stopped=step.units == 0)
    gate = OpenGate() if step.dies_at_gate is None else CountingGate(step.dies_at_gate)
    memory.left = -1 if step.dies_at_memory is None else step.dies_at_memory
    try:
        return next(
            bench.connector(gate=gate).push_shipping_requests([change(wanted, has=has, is_unclear=True)])
        )
    except StaleError:
        return None


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_a_request_is_created_once_and_its_last_file_says_what_was_wanted_last(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory = FailingMemory()
        bench = in_folder(Path(folder))
        bench.memory = memory
        warehouse = Warehouse(bench)
        has = False
        for step in steps:
            outcome = asked(bench, memory, step, has=has)
            told = warehouse.told
            assert [operation for operation, _ in told].count("create") <= 1
            assert told[:1] in ([], [("create", told[0][1] if told else 0)])
            if isinstance(outcome, Confirmed) and step.units:
                assert told[-1][1] == step.units
                has = True
            elif isinstance(outcome, Confirmed):
                assert told == []
            elif isinstance(outcome, Rejected):
                assert told[-1] == (("change", step.units) if step.units else ("cancel", 0))
                has = True
            if step.is_taken:
                warehouse.take()
