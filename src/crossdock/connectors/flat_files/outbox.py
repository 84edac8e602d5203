"""Files that go out: one for each thing that is asked about a shipping request, written once whatever happens.

A file is written under another name, its fate is noted, and then it gets its name in one step. Whoever comes back after
a lost answer finds the file itself, or the unfinished one, or neither: then the warehouse has taken it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.flat_files import book
from crossdock.connectors.flat_files.book import Book, Written
from crossdock.connectors.flat_files.files import Files
from crossdock.connectors.flat_files.mapping.orders import Operation, file_name, to_rows
from crossdock.connectors.flat_files.mapping.table import write_rows
from crossdock.connectors.flat_files.settings import FlatFilesSettings
from crossdock.domain.channel import ChannelId
from crossdock.domain.shipping import NewsKind, ShippingOrder
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

PART = ".part"
CALL = "Call the warehouse: it has the request"


class Outbox:
    """Hands over, changes and stops shipping requests."""

    def __init__(self, files: Files, toolbox: Toolbox, settings: FlatFilesSettings) -> None:
        self._files = files
        self._gate = toolbox.http.gate
        self._book = Book(toolbox.memory)
        self._settings = settings

    def push(self, change: Change[ShippingOrder]) -> Outcome:
        change = replace(change, desired=self._in_their_words(change.desired))
        order, number = change.desired, ChannelId(change.desired.number)
        last = self._looked_for(order)
        try:
            is_unknown = last is None and change.channel_id is None
            if is_unknown or (last is not None and last.is_refused):
                if order.is_stopped:
                    return Confirmed(change.key, number, notes=("the warehouse does not have it",))
                self._place(order, Operation.CREATE, last)
                return Confirmed(change.key, number, is_new=True)
            if last is not None and not order.is_stopped and _is_as(last, order, Operation.CREATE):
                return Confirmed(change.key, number)
            return self._ask(change, last)
        except UnicodeEncodeError as error:
            return _not_to_be_written(change, error)

    def _ask(self, change: Change[ShippingOrder], last: Written | None) -> Outcome:
        """A change or a stop of what the warehouse has: it is asked by file, and only its answer says what came of it."""
        order = change.desired
        operation = Operation.CANCEL if order.is_stopped else Operation.CHANGE
        if not self._settings.stops:
            reason = "This warehouse takes no changes and stops by file"
            return Rejected(change.key, reason, fix=CALL, code="too_late")
        asked = self._place(order, operation, last)
        if not self._settings.acknowledgements:
            reason = f"The warehouse was asked by {asked.name}, and sends no acknowledgements: nobody knows if it did it"
            return Rejected(change.key, reason, fix=CALL, code="too_late")
        if operation is Operation.CHANGE and (
            answer := self._book.answer(order.number, change=asked.changes)
        ):
            kind, reason = answer
            if kind is NewsKind.ACCEPTED:
                return Confirmed(change.key, change.channel_id or ChannelId(order.number))
            return Rejected(
                change.key, reason or "The warehouse refused the change", fix=CALL, code="too_late"
            )
        waits = f"The warehouse was asked by {asked.name} and has not acknowledged it yet"
        return Unclear(change.key, waits, is_asked=True)

    def _place(self, order: ShippingOrder, operation: Operation, last: Written | None) -> Written:
        """Have the file in its folder. Where it is the last that was written, nothing changes."""
        if last is not None and _is_as(last, order, operation):
            return last
        settings = self._settings
        content = write_rows(to_rows(order, operation), settings.dialect(), settings.order_columns())
        written = self._next(order, operation, last)
        path = self._path(written.name)
        self._gate.check()
        # Some warehouses put what they took where the hub puts what it read.
        places = (path, f"{settings.processed_folder}/{written.name}")
        if all(self._files.size(place) is None for place in places):
            self._files.write(path + PART, content)
            self._book.keep(order.number, book.History(written, last))
            self._gate.check()
            self._files.rename(path + PART, path)
        there = replace(written, is_there=True)
        self._book.keep(order.number, book.History(there))
        return there

    def _next(self, order: ShippingOrder, operation: Operation, last: Written | None) -> Written:
        """A name that follows from what is asked and how many files came before, so that it is found again."""
        fingerprint = _fingerprint(order, operation)
        place = last.place + 1 if last else 0
        mark = hashlib.sha256(f"{fingerprint}/{place}".encode()).hexdigest()[:10]
        stem = file_name(self._settings.orders_file, order, operation, fingerprint=mark)
        changes = (last.changes if last else 0) + (operation is Operation.CHANGE)
        name = f"{stem}.{self._settings.format.value}"
        return Written(operation, fingerprint, name, place=place, changes=changes)

    def _looked_for(self, order: ShippingOrder) -> Written | None:
        """The last file that the warehouse has of this request, or can take at any time; None where it has none."""
        known = self._book.history(order.number)
        if known.last is None or known.last.is_there:
            return known.last
        path = self._path(known.last.name)
        if self._files.size(path) is None and self._files.size(path + PART) is not None:
            # It never got its name, so that nobody has it; what is wanted by now is written anew. Forgotten before
            # it is removed: the other way round it would seem to have been taken.
            self._gate.check()
            self._book.keep(order.number, book.History(known.before))
            self._files.remove(path + PART)
            return known.before
        there = replace(known.last, is_there=True)
        self._book.keep(order.number, book.History(there))
        return there

    def _in_their_words(self, order: ShippingOrder) -> ShippingOrder:
        codes = {ours: theirs for theirs, ours in self._settings.locations.items()}
        return replace(order, location=codes.get(order.location, order.location))

    def _path(self, name: str) -> str:
        return f"{self._settings.orders_folder}/{name}"


def _is_as(written: Written, order: ShippingOrder, operation: Operation) -> bool:
    is_same = (written.operation, written.fingerprint) == (operation, _fingerprint(order, operation))
    return is_same and not written.is_refused


def _fingerprint(order: ShippingOrder, operation: Operation) -> str:
    """What tells one thing to ask from another, whatever the columns are called."""
    text = json.dumps([order.number, to_rows(order, operation)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _not_to_be_written(change: Change[ShippingOrder], error: UnicodeEncodeError) -> Rejected:
    signs = error.object[error.start : error.end]
    return Rejected(
        change.key,
        f"{signs!r} cannot be written in the encoding of the files",
        fix="Set Encoding to UTF-8 where the warehouse reads that, or correct the order's text",
        code="encoding",
    )
