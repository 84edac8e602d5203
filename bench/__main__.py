"""`python -m bench`: runs the jobs, prints the table, and writes it to docs/performance.md where that is wanted."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import table
from bench.jobs import catalog, change, growth, inventory, orders, pacing, stock, webhooks, workers
from bench.table import Row

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
Jobs = Mapping[str, Callable[[], list[Row]]]
WHOLE: Jobs = {
    "catalog": lambda: catalog.run(products=20_000),
    "orders": lambda: orders.run(orders=10_000),
    "inventory": lambda: inventory.run(products=20_000),
    "stock": lambda: stock.run(products=20_000),
    "change": lambda: change.run(changes=200, polled=5, orders=1000),
    "webhooks": lambda: webhooks.run(events=20_000),
    "workers": lambda: workers.run(products=200, orders=1000),
    "pacing": lambda: pacing.run(products=600),
    "growth": lambda: growth.run(sizes=[200, 200_000]),
}
MEDIUM: Jobs = {
    **WHOLE,
    "inventory": lambda: inventory.run(products=4000),
    "stock": lambda: stock.run(products=4000),
    "change": lambda: change.run(changes=100, polled=2, orders=1000),
    "workers": lambda: workers.run(products=100, orders=250),
    "growth": lambda: growth.run(sizes=[200, 4000]),
}
SMALL: Jobs = {
    "catalog": lambda: catalog.run(products=2000),
    "orders": lambda: orders.run(orders=1000),
    "inventory": lambda: inventory.run(products=1000),
    "stock": lambda: stock.run(products=1000),
    "change": lambda: change.run(changes=10, polled=0, orders=100),
    "webhooks": lambda: webhooks.run(events=5000),
    "workers": lambda: workers.run(products=50, orders=250),
    "pacing": lambda: pacing.run(products=200),
    "growth": lambda: growth.run(sizes=[200, 2000]),
}
SIZES = {"whole": WHOLE, "medium": MEDIUM, "small": SMALL}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", choices=sorted(WHOLE), nargs="*", default=[], help="these jobs, or all")
    parser.add_argument("--size", choices=SIZES, default="whole", help="medium and small take less time")
    parser.add_argument("--write", action="store_true", help="write the table to docs/performance.md")
    options = parser.parse_args(arguments)
    jobs = SIZES[options.size]
    rows: list[Row] = []
    for name in options.only or jobs:
        sys.stderr.write(f"{name} …\n")
        rows += _measured(name, jobs[name])
        if options.write:
            table.write(rows, DOCUMENT)
    table.show(rows)


def _measured(name: str, job: Callable[[], list[Row]]) -> list[Row]:
    """One that fails says so in its line; the others go on."""
    try:
        return job()
    except (subprocess.SubprocessError, RuntimeError, OSError) as error:
        return [Row(name, note=f"failed: {error}")]


if __name__ == "__main__":
    main()
