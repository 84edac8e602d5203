"""How answers look: one JSON document on standard output, or tables for people; mistakes go to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most.")]
After = Annotated[str, typer.Option(help="Go on after this mark of an earlier list (`next` with --json).")]

WIDTH_WITHOUT_TERMINAL = 160
"""A file or a pipe has no width of its own; tables cut at Rich's 80 columns would lose what people look for."""


def to_people() -> Console:
    """Standard output."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def to_errors() -> Console:
    """Standard error: mistakes, progress, and what is no answer."""
    return Console(
        stderr=True, width=None if sys.stderr.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False
    )


def answer(document: Any, *shown: RenderableType, as_json: bool) -> None:
    """Print an answer, either for programs or for people."""
    if as_json:
        sys.stdout.write(to_json(document) + "\n")
        return
    console = to_people()
    for part in shown:
        # A terminal breaks long lines itself; breaks of our own would end up in a link that is copied.
        console.print(part, soft_wrap=isinstance(part, str | Text))


def to_json(document: Any) -> str:
    return orjson.dumps(
        document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    ).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> RenderableType:
    """A table of plain texts; numbers stand right. Without rows it says so in a sentence."""
    cells = [list(row) for row in rows]
    if not cells:
        return f"{title}: none."
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for place, column in enumerate(columns):
        is_number = all(isinstance(row[place], int | float) for row in cells)
        made.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in cells:
        made.add_row(*(_cell(value) for value in row))
    return made


def more(mark: str) -> list[str]:
    """How a list goes on, where it was cut."""
    return [f"More: --after {mark}"] if mark else []


def _cell(value: Any) -> Text:
    """Texts of platforms are shown as they are: markup in a product's title is not ours."""
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, datetime):
        return Text(moment(value))
    if isinstance(value, list | tuple | set | frozenset):
        return Text(", ".join(str(part) for part in value))
    return Text("" if value is None else str(value))


def moment(value: datetime | None) -> str:
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M:%S UTC")


def seconds(value: timedelta | float) -> str:
    length = value.total_seconds() if isinstance(value, timedelta) else value
    return f"{length:.1f} s"
