"""The lines of the table, on the screen and in docs/performance.md."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

BEGIN, END = "<!-- measured -->", "<!-- end -->"
HEADS = (
    "Job",
    "Requests",
    "Least",
    "Seconds",
    "Floor",
    "Ratio",
    "CPU s",
    "CPU floor",
    "CPU ratio",
    "CPU µs / record",
    "Peak MB",
    "Target",
    "Note",
)


@dataclass(frozen=True)
class Row:
    """One job. Whatever was not measured, or has no floor, is None; `target` is meant of the ratio, or as it says."""

    job: str
    calls: int | None = None
    least_calls: int | None = None
    seconds: float | None = None
    floor_seconds: float | None = None
    cpu: float | None = None
    floor_cpu: float | None = None
    peak_mb: float | None = None
    records: int | None = None
    target: str = ""
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        per_record = self.cpu / self.records * 1e6 if self.cpu is not None and self.records else None
        return (
            self.job,
            "" if self.calls is None else str(self.calls),
            "" if self.least_calls is None else str(self.least_calls),
            _number(self.seconds),
            _number(self.floor_seconds),
            _ratio(self.seconds, self.floor_seconds),
            _number(self.cpu),
            _number(self.floor_cpu),
            _ratio(self.cpu, self.floor_cpu),
            "" if per_record is None else f"{per_record:,.0f}",
            "" if self.peak_mb is None else f"{self.peak_mb:.0f}",
            self.target,
            self.note,
        )


def show(rows: Sequence[Row]) -> None:
    table = Table(*HEADS)
    for row in rows:
        table.add_row(*row.cells())
    Console(width=240).print(table)


def write(rows: Sequence[Row], file: Path) -> None:
    """Put the table in place of the last one; what stands around it stays."""
    lines = [_machine(), "", _line(HEADS), _line(["---"] * len(HEADS)), *(_line(row.cells()) for row in rows)]
    before, _, rest = file.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    file.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")


def _machine() -> str:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = os.getloadavg()[1]
    day = datetime.now(UTC).date()
    return (
        f"Measured on {day}: {os.cpu_count()} cores ({platform.machine()}), {versions}; "
        f"load of the machine at the end {load:.1f}."
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 1 else f"{value:.1f}"


def _ratio(value: float | None, floor: float | None) -> str:
    return "" if value is None or not floor else f"{value / floor:.1f} ×"
