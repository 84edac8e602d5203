"""Packing slips as PDF: one request a page, with the address, the goods and a barcode of the request's number."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfgen.canvas import Canvas

from crossdock.documents import lettering
from crossdock.domain.warehouse import PackingSlip, Paper, SlipLine

SIZES = {Paper.A4: A4, Paper.LETTER: letter}
MARGIN = 50.0
FOOT = 70.0
"""Points from the lower edge that no goods are printed below."""
TEXT, SMALL, TITLE = 10.0, 8.0, 18.0
LEADING = 1.3
UNITS_AT, SKU_AT, NAME_AT = 0.0, 45.0, 175.0
"""Points from the margin to each column."""


def packing_slips(slips: Sequence[PackingSlip], *, is_compressed: bool = True) -> bytes:
    """A PDF with the slips one after the other. The same slips give the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=int(is_compressed))
    canvas.setTitle(f"Packing slip {', '.join(slip.request for slip in slips)}"[:200])
    canvas.setCreator("Crossdock")
    for slip in slips:
        _Sheet(canvas, slip).draw()
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of goods, broken into lines of text for its column."""

    line: SlipLine
    sku: list[str]
    name: list[str]
    details: list[str]

    @property
    def height(self) -> float:
        texts = max(len(self.sku), len(self.name)) * TEXT + len(self.details) * SMALL
        return texts * LEADING + 6


class _Sheet:
    """Draws one slip, on as many pages as it needs."""

    def __init__(self, canvas: Canvas, slip: PackingSlip) -> None:
        self.canvas, self.slip = canvas, slip
        self.width, self.height = SIZES[slip.paper]
        self.room = self.width - 2 * MARGIN
        self.y = 0.0
        self.page = 0

    def draw(self) -> None:
        self._begin()
        self._addresses()
        self._facts()
        self._goods()
        self._notes()
        self.canvas.showPage()

    def _begin(self) -> None:
        """A new page with its head."""
        self.page += 1
        self.canvas.setPageSize((self.width, self.height))
        self.y = self.height - MARGIN
        title = "Packing slip" if self.page == 1 else f"Packing slip, page {self.page}"
        self._text(title, size=TITLE, is_bold=True)
        bars = Code128(self.slip.request, barHeight=24, barWidth=0.9, humanReadable=False)
        if bars.width <= self.room / 2:
            bars.drawOn(self.canvas, self.width - MARGIN - bars.width, self.height - MARGIN - 8)
        self._text(f"Shipping request {self.slip.request}", size=TEXT, is_bold=True)
        if self.slip.is_stopped:
            self._text("STOPPED: do not ship", size=TITLE, is_bold=True)
        self.y -= 10

    def _addresses(self) -> None:
        top, half = self.y, self.room / 2
        lowest = top
        for at, title, lines in ((0.0, "From", self.slip.sender), (half, "Ship to", self.slip.ship_to)):
            self.y = top
            if lines:
                self._text(title, size=SMALL, at=at)
            for line in lines:
                self._block(line, at=at, room=half - 10)
            lowest = min(lowest, self.y)
        self.y = lowest - 10

    def _facts(self) -> None:
        slip = self.slip
        facts = (
            ("Order", f"{slip.order_number} of {slip.channel}"),
            ("Placed", f"{slip.placed_at:%Y-%m-%d}"),
            ("Shipping method", slip.method),
            ("Gift", "yes" if slip.is_gift else ""),
            ("Note", slip.order_note),
        )
        for name, value in facts:
            if value.strip():
                self._block(f"{name}: {value}")
        self.y -= 8

    def _goods(self) -> None:
        self._head()
        for row in self._rows():
            if self.y - row.height < FOOT:
                self.canvas.showPage()
                self._begin()
                self._head()
            self._row(row)
        self._text(f"Units: {self.slip.units}", size=TEXT, is_bold=True)

    def _head(self) -> None:
        for at, name in ((UNITS_AT, "Units"), (SKU_AT, "SKU"), (NAME_AT, "Item")):
            lettering.draw(self.canvas, MARGIN + at, self.y - SMALL, name, size=SMALL, is_bold=True)
        self.y -= SMALL * LEADING + 3
        self._rule()

    def _rows(self) -> Iterator[_Row]:
        room = self.room - NAME_AT
        for line in self.slip.lines:
            options = ", ".join(line.options)
            details = [each for each in (options, line.gtin and f"GTIN {line.gtin}") if each]
            yield _Row(
                line,
                lettering.wrapped(line.sku, NAME_AT - SKU_AT - 10, size=TEXT),
                lettering.wrapped(line.name, room, size=TEXT),
                [part for each in details for part in lettering.wrapped(each, room, size=SMALL)],
            )

    def _row(self, row: _Row) -> None:
        top = self.y
        units = str(row.line.quantity)
        lettering.draw(self.canvas, MARGIN + UNITS_AT, top - TEXT, units, size=TEXT, is_bold=True)
        for at, texts in ((SKU_AT, row.sku), (NAME_AT, row.name)):
            self.y = top
            for text in texts:
                self._text(text, size=TEXT, at=at)
        for text in row.details:
            self._text(text, size=SMALL, at=NAME_AT)
        self.y = top - row.height
        self._rule()

    def _notes(self) -> None:
        self.y -= 10
        for line in self.slip.note.splitlines():
            self._block(line)
        texts = "".join(_texts(self.slip))
        if lettering.needs_reader_fonts(texts):
            self._block("Letters missing above? Print from a PDF reader with fonts for their script.")
        if lost := lettering.unprintable(texts):
            codes = ", ".join(f"U+{ord(each):04X}" for each in lost)
            self._block(f"Some characters could not be printed as they are: {codes}. See the order.")

    def _block(self, text: str, *, at: float = 0.0, room: float = 0.0) -> None:
        for part in lettering.wrapped(text, room or self.room - at, size=TEXT):
            if self.y < MARGIN:
                self.canvas.showPage()
                self._begin()
            self._text(part, size=TEXT, at=at)

    def _text(self, text: str, *, size: float, at: float = 0.0, is_bold: bool = False) -> None:
        lettering.draw(self.canvas, MARGIN + at, self.y - size, text, size=size, is_bold=is_bold)
        self.y -= size * LEADING

    def _rule(self) -> None:
        self.canvas.setLineWidth(0.4)
        self.canvas.line(MARGIN, self.y, self.width - MARGIN, self.y)
        self.y -= 3


def _texts(slip: PackingSlip) -> Iterator[str]:
    yield from (*slip.sender, *slip.ship_to, slip.order_number, slip.method, slip.order_note, slip.note)
    for line in slip.lines:
        yield from (line.sku, line.name, *line.options)
