"""Files that come in: claimed by a new name, read, and put away once what they said is stored.

A page and its cursor commit together, and the next page is read before that. So a file is put away by a later run: the
cursor names the claimed files whose pages are stored. Wherever a run dies, its files are either claimed and not in the
cursor, and are read again, or in the cursor, and are only put away.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Generic, TypeVar

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.errors import AccessMissingError, ChannelError, ProtocolError, RefusedError
from crossdock.connectors.flat_files.files import LARGEST_FILE_BYTES, Entry, Files, is_safe
from crossdock.connectors.flat_files.mapping.table import UnreadableFileError
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Cursor, Page, Unreadable

T = TypeVar("T")

CLAIMED = re.compile(r"\.taken-\d+-\d+-")
UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".crdownload", ".swp", "~")
LONGEST_INCOMING = 140
MOST_FILES = 200
MOST_LEFT = 1_000
PAGE_SIZE = 500
MOST_REMEMBERED = 500
MEMORY = "file_digests"
FILE_FIX = "Correct the file and have the warehouse send it again; dismiss this then"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What one file said."""

    records: tuple[T, ...]
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file as it was found: by its own name, and by the one that it was claimed by. `digest` tells contents apart."""

    name: str
    claimed: str
    content: bytes
    digest: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Box:
    """Where files of one kind come in, which of them are meant, and where they go."""

    flow: str
    folder: str
    pattern: str
    processed: str
    failed: str
    quiet: timedelta
    is_repeat_told: bool = True
    """Whether the same content under another name is suspicious: not for counts, which may well stay the same."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A claimed file whose pages are stored: where it is to go, and what it was called."""

    claimed: str
    target: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class _State:
    """The cursor: files that are read and not put away, and those that were changing at the last look."""

    read: tuple[_Read, ...] = ()
    seen: dict[str, str] = field(default_factory=dict)

    def as_cursor(self) -> Cursor:
        state = {"read": [asdict(each) for each in self.read], "seen": self.seen}
        return Cursor(json.dumps(state, separators=(",", ":"), sort_keys=True))

    @classmethod
    def of(cls, cursor: Cursor | None) -> _State:
        if cursor is None:
            return cls()
        try:
            raw = json.loads(cursor)
            return cls(tuple(_Read(**each) for each in raw["read"]), raw["seen"])
        except (ValueError, TypeError, KeyError) as error:
            raise ProtocolError(f"The cursor {cursor!r} is none of this connector: {error}") from error


class Inbox(Generic[T]):
    """Reads the files of one box, oldest first."""

    def __init__(self, files: Files, toolbox: Toolbox, box: Box) -> None:
        self._files = files
        self._box = box
        self._gate = toolbox.http.gate
        self._memory = toolbox.memory
        self._clock = toolbox.clock
        self._badly_named: list[str] = []

    def pages(
        self,
        since: Cursor | None,
        read: Callable[[Incoming], Reading[T]],
        *,
        as_of: Callable[[Incoming, datetime], datetime] = lambda _, now: now,
    ) -> Iterator[Page[T]]:
        """`read` is pure and may raise UnreadableFileError. `as_of` says from when the records of a file are, given now.

        Raises AccessMissingError or RefusedError at the end, when all else is read, where files cannot be put away.
        """
        began, state = self._clock(), _State.of(since)
        left, trouble = self._put_away(state.read)
        if trouble is not None and len(left) >= MOST_LEFT:
            raise trouble
        done, seen = list(left), dict[str, str]()
        for entry in self._waiting(state.seen, seen):
            claimed = self._claimed(entry)
            if claimed is None or any(one.claimed == claimed for one in done):
                continue
            incoming = self._content(entry, claimed)
            if incoming is None:
                continue
            now = self._clock()
            reading, is_good = self._understood(incoming, read, done)
            moment = as_of(incoming, now)
            for place in range(0, len(reading.records), PAGE_SIZE):
                # Not the file's last page: it does not say yet that the file is read.
                part = reading.records[place : place + PAGE_SIZE]
                yield Page(part, _State(tuple(done), seen).as_cursor(), moment)
            done.append(self._done(incoming, now, is_good=is_good))
            yield Page(
                (), _State(tuple(done), seen).as_cursor(), moment, reading.unreadable, notes=reading.notes
            )
        odd = tuple(map(_badly_named, self._badly_named))
        if since != (cursor := _State(tuple(done), seen).as_cursor()) or odd:
            yield Page((), cursor, began, odd, completes_sweep=True)
        if trouble is not None:
            raise trouble

    # Putting away

    def _put_away(self, read: tuple[_Read, ...]) -> tuple[list[_Read], ChannelError | None]:
        """What was stored goes to its folder. Answers what stays, to be tried again, and why."""
        if read and self._box.is_repeat_told:
            self._remember(read)
        left: list[_Read] = []
        trouble: ChannelError | None = None
        for each in read:
            self._gate.check()
            try:
                self._move(each)
            except (AccessMissingError, RefusedError) as error:
                left.append(each)
                trouble = error
        return left, trouble

    def _move(self, each: _Read) -> None:
        source, target = f"{self._box.folder}/{each.claimed}", each.target
        if self._files.size(source) is None:
            return  # moved by a run that died before it could say so, or taken away by somebody
        if self._files.size(target) == self._files.size(source):
            self._files.remove(source)  # servers without a rename in one step may leave both
        else:
            self._files.rename(source, target)

    def _remember(self, read: tuple[_Read, ...]) -> None:
        """What was read, newest last. Only what is stored is remembered, or a crash would lose a file's content."""
        known = self._remembered()
        for each in read:
            known.pop(each.digest, None)
            known[each.digest] = each.claimed
        newest = list(known.items())[-MOST_REMEMBERED:]
        self._memory.put(MEMORY, self._box.flow, json.dumps(dict(newest)))

    def _remembered(self) -> dict[str, str]:
        return dict(json.loads(self._memory.get(MEMORY, self._box.flow) or "{}"))

    # Claiming

    def _waiting(self, before: dict[str, str], seen: dict[str, str]) -> list[Entry]:
        """The files that are to be read now; `seen` gets those that may still be written to."""
        found = []
        for entry in self._files.entries(self._box.folder):
            if not self._is_meant(entry.name):
                continue
            shape = f"{entry.size}@{entry.modified_at.timestamp():.0f}"
            is_quiet = self._clock() - entry.modified_at >= self._box.quiet
            if CLAIMED.match(entry.name) or is_quiet or before.get(entry.name) == shape:
                found.append(entry)
            elif len(seen) < MOST_FILES:
                seen[entry.name] = shape
        found.sort(key=lambda entry: (entry.modified_at, _original(entry.name)))
        return found[:MOST_FILES]

    def _is_meant(self, name: str) -> bool:
        plain = _original(name)
        is_finished = not plain.startswith(".") and not plain.lower().endswith(UNFINISHED)
        if not is_finished or not fnmatch(plain.lower(), self._box.pattern.lower()):
            return False
        is_kept = is_safe(plain) and len(plain) <= LONGEST_INCOMING
        if not is_kept and len(self._badly_named) < MOST_FILES:
            self._badly_named.append(plain)
        return is_kept

    def _claimed(self, entry: Entry) -> str | None:
        """Its name from now on, under which nobody writes over it; None where it has gone or is still changing."""
        if CLAIMED.match(entry.name):
            return entry.name
        claimed = f".taken-{entry.modified_at.timestamp():.0f}-{entry.size}-{entry.name}"
        self._gate.check()
        folder = self._box.folder
        if self._files.size(f"{folder}/{entry.name}") != entry.size:
            return None
        with suppress(RefusedError):  # one of the same name, time and size is claimed already and comes first
            self._files.rename(f"{folder}/{entry.name}", f"{folder}/{claimed}")
            return claimed
        return None

    def _content(self, entry: Entry, claimed: str) -> Incoming | None:
        """None where it still changes: whoever began to write it goes on under its new name, and it is read later."""
        path, name = f"{self._box.folder}/{claimed}", _original(claimed)
        try:
            content = self._files.read(path)
        except RefusedError as error:
            if error.code != "too_large":
                raise
            return Incoming(name, claimed, b"", "too-large", entry.modified_at)
        if not entry.size == len(content) == self._files.size(path):
            return None
        return Incoming(name, claimed, content, hashlib.sha256(content).hexdigest(), entry.modified_at)

    # Reading

    def _understood(
        self, incoming: Incoming, read: Callable[[Incoming], Reading[T]], done: list[_Read]
    ) -> tuple[Reading[T], bool]:
        """What the file says, and whether it goes among those that were read well."""
        if incoming.digest == "too-large":
            return _nothing(incoming, f"it has more than {LARGEST_FILE_BYTES:,} bytes; split it"), False
        try:
            reading = read(incoming)
        except UnreadableFileError as error:
            return _nothing(incoming, str(error)), False
        is_good = bool(reading.records) or not reading.unreadable
        if not self._box.is_repeat_told:
            return reading, is_good
        known = self._remembered() | {each.digest: each.claimed for each in done}
        earlier = known.get(incoming.digest, "")
        if earlier == incoming.claimed:
            return Reading(()), is_good
        if earlier and reading.records:
            return Reading((), notes=(_same(incoming.name, _original(earlier)),)), True
        return reading, is_good

    def _done(self, incoming: Incoming, now: datetime, *, is_good: bool) -> _Read:
        folder = self._box.processed if is_good else self._box.failed
        target = f"{folder}/{now:%Y%m%dT%H%M%SZ}-{incoming.digest[:8]}-{incoming.name}"
        return _Read(incoming.claimed, target, incoming.name, incoming.digest)


def _original(name: str) -> str:
    """What the warehouse called a file."""
    return CLAIMED.sub("", name, count=1) if CLAIMED.match(name) else name


def _same(name: str, earlier: str) -> str:
    as_before = "it" if name == earlier else earlier
    return f"{name} holds the same as {as_before} did when it was read before; it was put away and not applied again"


def _badly_named(name: str) -> Unreadable:
    shown = name.encode("unicode_escape").decode()
    return Unreadable(
        ChannelId(shown[:LONGEST_INCOMING]),
        f"the hub cannot keep a file of this name; give it at most {LONGEST_INCOMING} plain characters",
        shown,
        "Have the file renamed and sent again; dismiss this then",
    )


def _nothing(incoming: Incoming, reason: str) -> Reading[T]:
    return Reading((), (Unreadable(ChannelId(incoming.name), reason, "", FILE_FIX),))
