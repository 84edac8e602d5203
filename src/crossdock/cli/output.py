"""How answers look: one JSON document on standard output, or tables for people; mistakes go to standard error."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from typing import Annotated, Any, TextIO

import orjson
import typer
from rich.console import Console, RenderableType
from rich.text import Text

from crossdock.cli.tables import Records, printable

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most.")]
After = Annotated[str, typer.Option(help="Go on after this mark of an earlier list (`next` with --json).")]

WIDTH_WITHOUT_TERMINAL = 160
"""A file or a pipe has no width of its own, unless COLUMNS gives it one."""


def to_people() -> Console:
    """Standard output."""
    return Console(width=_width(sys.stdout), highlight=False)


def to_errors() -> Console:
    """Standard error: mistakes, progress, and what is no answer."""
    return Console(stderr=True, width=_width(sys.stderr), highlight=False)


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL


def answer(document: Any, *shown: RenderableType, as_json: bool) -> None:
    """Print an answer, either for programs or for people."""
    if as_json:
        sys.stdout.write(to_json(document) + "\n")
        return
    console = to_people()
    for place, part in enumerate(shown):
        if place and isinstance(part, Records) | isinstance(shown[place - 1], Records):
            console.print()
        say(console, part)


def say(console: Console, part: RenderableType) -> None:
    """Texts go out as they are. A terminal breaks long lines itself; breaks of our own would end up in what is copied."""
    is_text = isinstance(part, str | Text)
    console.print(Text(printable(part)) if isinstance(part, str) else part, soft_wrap=is_text, crop=False)


def to_json(document: Any) -> str:
    return orjson.dumps(
        document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    ).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def more(mark: str) -> list[str]:
    """How a list goes on, where it was cut."""
    return [f"More: --after {mark}"] if mark else []


def moment(value: datetime | None) -> str:
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M:%S UTC")


def day(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}"


def seconds(value: timedelta | float) -> str:
    length = value.total_seconds() if isinstance(value, timedelta) else value
    return f"{length:.1f} s"
