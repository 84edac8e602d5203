"""`python -m storm 7`, `python -m storm 1-200 --jobs 2 --keep FOLDER`: storms of these seeds, side by side."""

from __future__ import annotations

import argparse
import atexit
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import structlog

from storm import killing
from storm.storm import Verdict, run
from support.databases import drop_copies, fresh_database


def main() -> int:
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    parser.add_argument("seeds", help="one seed, or a range such as 1-1000")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=0, help="kill -9 of so many processes instead")
    parser.add_argument("--seconds", type=float, default=killing.SECONDS, help="how long each of those lasts")
    parser.add_argument("--keep", type=Path, default=None, help="where the logs of failures are kept")
    given = parser.parse_args()
    keep: Path = given.keep or Path(tempfile.mkdtemp(prefix="storm-"))
    keep.mkdir(parents=True, exist_ok=True)
    seeds, began, failed = list(_seeds(given.seeds)), time.monotonic(), []
    rules: Counter[str] = Counter()
    for number, verdict in enumerate(_verdicts(seeds, given), 1):
        if verdict.problems:
            failed.append(verdict.seed)
            rules.update({problem.partition(":")[0] for problem in verdict.problems})
            _keep(keep, verdict)
            print(
                f"seed {verdict.seed}: {len(verdict.problems)} problems; {verdict.problems[0][:300]}",
                flush=True,
            )
        if number % 10 == 0:
            print(f"… {number} of {len(seeds)}, {len(failed)} failed", flush=True)
    spent = time.monotonic() - began
    print(f"{len(seeds)} storms in {spent:.0f} s on {given.database}; {len(failed)} failed: {sorted(failed)}")
    for rule, count in rules.most_common():
        print(f"{count:5} {rule}")
    if failed:
        print(f"The logs are in {keep}; a seed replays by: make storm SEED={failed[0]}")
    return 1 if failed else 0


def _seeds(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _verdicts(seeds: list[int], given: argparse.Namespace) -> Iterator[Verdict]:
    one = partial(_one, database=given.database, workers=given.workers, seconds=given.seconds)
    if given.jobs == 1:
        _quiet()
        yield from map(one, seeds)
        drop_copies()
        return
    with ProcessPoolExecutor(given.jobs, initializer=_quiet) as pool:
        waiting = [pool.submit(one, seed) for seed in seeds]
        for done in as_completed(waiting):
            yield done.result()


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _one(seed: int, *, database: str, workers: int, seconds: float) -> Verdict:
    folder = _folder()
    for file in folder.glob("hub.sqlite*"):
        file.unlink()
    with ExitStack() as stack:
        url = ""
        if database == "postgresql":
            url = stack.enter_context(fresh_database("postgresql", folder, empty=True))
        if workers:
            kept = Path(tempfile.mkdtemp(prefix=f"kill-storm-{seed}-"))
            count = workers if database == "postgresql" else 1
            verdict = killing.run(seed, kept, workers=count, url=url, seconds=seconds)
            if not verdict.problems:
                shutil.rmtree(kept)
            return replace(verdict, log=(*verdict.log, f"The workers' logs are in {kept}"))
        return run(seed, folder, url=url)


@cache
def _folder() -> Path:
    """One for all storms of a process, which come one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _keep(folder: Path, verdict: Verdict) -> None:
    text = "\n".join((*verdict.problems, "", *verdict.log))
    (folder / f"{verdict.seed}.log").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
