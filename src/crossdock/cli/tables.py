"""Tables for people: no id, number or command is ever broken, however narrow the terminal is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

PROSE_FROM = 17
"""What is shorter stays on one line. What is as long may go on in the next, between two words only."""
BETWEEN = 2
# Control characters but tab and line feed, and those that turn the direction of a line.
ACTED_ON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    notes: Iterable[tuple[Any, str]] = (),
    gives_way: Sequence[str] = (),
) -> RenderableType:
    """Plain texts in columns, numbers right, times in UTC. Without rows it says so in a sentence.

    Notes stand below, each on one line behind the name of its record: reasons, fixes and what has no room in a column.
    Columns that give way are left out, the first one first, where a terminal is too narrow for all.
    """
    cells = [list(row) for row in rows]
    if not cells:
        return f"{title}: none."
    return Records(
        title, columns, cells, [printable(f"{name}: {said}") for name, said in notes if said], gives_way
    )


@dataclass(frozen=True)
class Records:
    """Where not even the narrowest table has room, each record is a block of lines: the terminal breaks those itself."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    gives_way: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        columns = [_column(name, values) for name, *values in zip(self.columns, *self.rows, strict=True)]
        kept, widths = _fitting(columns, self.gives_way, options.max_width)
        yield _line((self.title, "bold"))
        if widths:
            yield _grid(kept, widths)
        else:
            yield from _blocks(columns)
        if self.notes or (widths and len(kept) < len(columns)):
            yield ""
        yield from (_line(note) for note in self.notes)
        if widths and (hidden := [column.name for column in columns if column not in kept]):
            yield _line((f"No room for {', '.join(hidden)}: see --json, or a wider terminal.", "dim"))


@dataclass(frozen=True)
class Column:
    name: str
    heading: str
    texts: Sequence[str]
    is_number: bool

    @property
    def least(self) -> int:
        """How narrow it can be without breaking a word, a number or a time."""
        return max(_longest_word(self.heading), *(_least(text) for text in self.texts))

    @property
    def most(self) -> int:
        return max(_longest_line(text) for text in (self.heading, *self.texts))


def _column(name: str, values: Sequence[Any]) -> Column:
    is_time = any(isinstance(value, datetime) for value in values)
    is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return Column(
        name, f"{name} (UTC)" if is_time else name, [_text(value) for value in values], is_number=is_number
    )


def _fitting(
    columns: Sequence[Column], gives_way: Sequence[str], room: int
) -> tuple[list[Column], list[int]]:
    """The columns that fit side by side, as many as can be, and their widths; no width where nothing helps."""
    kept = list(columns)
    for name in (None, *gives_way):
        kept = [column for column in kept if column.name != name]
        if widths := _widths(kept, room):
            return kept, widths
    return [], []


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    room -= BETWEEN * (len(columns) - 1)
    least = [column.least for column in columns]
    widths = [column.most for column in columns]
    if sum(least) > room:
        return []
    while sum(widths) > room:
        spare = [place for place, width in enumerate(widths) if width > least[place]]
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _least(text: str) -> int:
    longest = _longest_line(text)
    return longest if longest < PROSE_FROM else _longest_word(text)


def _longest_line(text: str) -> int:
    return max((cell_len(line) for line in text.splitlines()), default=0)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)


def _grid(columns: Sequence[Column], widths: Sequence[int]) -> Table:
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for column, width in zip(columns, widths, strict=True):
        made.add_column(Text(column.heading), justify="right" if column.is_number else "left", width=width)
    for row in zip(*(column.texts for column in columns), strict=True):
        made.add_row(*(Text(text) for text in row))
    return made


def _blocks(columns: Sequence[Column]) -> Iterator[RenderableType]:
    names = max(cell_len(column.heading) for column in columns) + BETWEEN
    for row in zip(*(column.texts for column in columns), strict=True):
        yield ""
        for column, text in zip(columns, row, strict=True):
            if text:
                yield _line((column.heading.ljust(names), "dim"), text.replace("\n", "\n" + " " * names))


def _line(*parts: str | tuple[str, str]) -> Text:
    """One line, however long: a terminal breaks it without adding anything to what is copied."""
    return Text.assemble(*parts, no_wrap=True, overflow="ignore")


def _text(value: Any) -> str:
    """Texts of platforms are shown as they are: markup in a product's title is not ours."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_text(part) for part in value)
    return "" if value is None else printable(str(value))


def printable(text: str) -> str:
    """A terminal acts on some characters; of what strangers wrote these are shown by their numbers."""
    return ACTED_ON.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
