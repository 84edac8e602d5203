"""Draws and measures text of any script with the fonts that every PDF reader has, so that no font is shipped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics, rl_codecs
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

REPLACEMENT = "?"
# Readers have these for Asian scripts; each has the characters of one national set, the Japanese one also Greek and
# Cyrillic letters.
_ASIAN = (
    ("shift_jis", "HeiseiKakuGo-W5"),
    ("gb2312", "STSong-Light"),
    ("big5", "MSung-Light"),
    ("euc_kr", "HYSMyeongJo-Medium"),
)
# Accents that stand alone in the fonts, by the mark that combines with a letter.
_ACCENTS = {
    "\u0306": "\u02d8",  # breve
    "\u0307": "\u02d9",  # dot
    "\u030a": "\u02da",  # ring
    "\u030b": "\u02dd",  # double acute
    "\u030c": "\u02c7",  # caron
    "\u0328": "\u02db",  # ogonek
    "\u0300": "\u0060",
    "\u0301": "\u00b4",
    "\u0304": "\u00af",
    "\u0308": "\u00a8",
    "\u0326": "\u00b8",  # comma below, as a cedilla
    "\u0327": "\u00b8",
}
# Letters that are no letter with an accent, by the nearest one: legible, and said to be another.
_NEAREST = {
    "đ": "d",
    "Đ": "D",
    "ħ": "h",
    "Ħ": "H",
    "ŧ": "t",
    "Ŧ": "T",
    "ə": "e",
    "Ə": "E",
    "ĸ": "k",
    "ŋ": "n",
}
_BELOW = ("\u02db", "\u00b8")
CAPITALS_ARE_HIGHER = 0.2
"""Of the size: by how much an accent stands higher over a capital letter."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text in one font; `accent` is drawn over it."""

    font: str
    text: str
    accent: str = ""


def draw(  # noqa: PLR0913  # where, what, and how large
    canvas: Canvas, x: float, y: float, text: str, *, size: float, is_bold: bool = False
) -> float:
    """Draw one line from `x` on (points, from the page's lower left corner); answers where it ends."""
    for piece in _pieces(text, is_bold=is_bold):
        canvas.setFont(piece.font, size)
        canvas.drawString(x, y, piece.text)
        wide = pdfmetrics.stringWidth(piece.text, piece.font, size)
        if piece.accent:
            _draw_accent(canvas, x + wide / 2, y, piece, size=size, is_bold=is_bold)
        x += wide
    return x


def _draw_accent(  # noqa: PLR0913  # where, what, and how large
    canvas: Canvas, middle: float, y: float, piece: _Piece, *, size: float, is_bold: bool
) -> None:
    font = _accents(is_bold=is_bold)
    is_high = piece.text.isupper() and piece.accent not in _BELOW
    canvas.setFont(font, size)
    wide = pdfmetrics.stringWidth(piece.accent, font, size)
    canvas.drawString(middle - wide / 2, y + (CAPITALS_ARE_HIGHER * size if is_high else 0), piece.accent)


def width(text: str, *, size: float, is_bold: bool = False) -> float:
    """Points that a line takes."""
    pieces = _pieces(text, is_bold=is_bold)
    return float(sum(pdfmetrics.stringWidth(piece.text, piece.font, size) for piece in pieces))


def wrapped(text: str, room: float, *, size: float, is_bold: bool = False) -> list[str]:
    """The text in lines that fit into `room` points, broken between words, and within one that is too long."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}".strip()
            if width(joined, size=size, is_bold=is_bold) <= room:
                line = joined
                continue
            lines += [line] if line else []
            *full, line = _cut(word, room, size=size, is_bold=is_bold)
            lines += full
        lines.append(line)
    return lines


def _cut(word: str, room: float, *, size: float, is_bold: bool) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and width(parts[-1] + letter, size=size, is_bold=is_bold) > room:
            parts.append("")
        parts[-1] += letter
    return parts


def unprintable(text: str) -> list[str]:
    """The characters that no font has: they are printed as a question mark, or without their accent."""
    clean = unicodedata.normalize("NFC", text)
    return sorted({each for each in clean if _is_lost(each)})


def needs_reader_fonts(text: str) -> bool:
    """Whether letters of other scripts are in it, which a reader without fonts for them leaves out."""
    fonts = {font for _, font in _ASIAN}
    return any(piece.font in fonts for piece in _pieces(text, is_bold=False))


def _is_lost(letter: str) -> bool:
    return letter.isprintable() and letter not in _glued(letter)


def _glued(letter: str) -> str:
    """What a letter comes out as: itself, where some font has it or its accent can be put over it."""
    piece = _piece(letter, is_bold=False)
    return letter if piece.accent or piece.text == letter else piece.text


def _pieces(text: str, *, is_bold: bool) -> Iterator[_Piece]:
    """Neighbours of one font are one piece."""
    waiting: _Piece | None = None
    for letter in unicodedata.normalize("NFC", text):
        piece = _piece(letter, is_bold=is_bold)
        if waiting and waiting.font == piece.font and not waiting.accent and not piece.accent:
            waiting = _Piece(piece.font, waiting.text + piece.text)
            continue
        if waiting:
            yield waiting
        waiting = piece
    if waiting:
        yield waiting


@lru_cache(maxsize=4096)
def _piece(letter: str, *, is_bold: bool) -> _Piece:
    latin = "Helvetica-Bold" if is_bold else "Helvetica"
    if _has(letter, "cp1252"):
        return _Piece(latin, letter if letter.isprintable() else " ")
    if letter in _NEAREST:
        return _Piece(latin, _NEAREST[letter])
    if letter in _more_latin():
        return _Piece(_accents(is_bold=is_bold), letter)
    parts = unicodedata.normalize("NFD", letter)
    if len(parts) == len("eˇ") and parts[1] in _ACCENTS and _has(parts[0], "cp1252"):
        return _Piece(latin, parts[0], _ACCENTS[parts[1]])
    for codec, font in _ASIAN:
        if _has(letter, codec):
            return _Piece(_asian(font), letter)
    if (nearest := _nearest(letter)) != letter:
        return _piece(nearest, is_bold=is_bold)
    return _Piece(latin, REPLACEMENT)


def _nearest(letter: str) -> str:
    """The letter without its accents; the same where it has none."""
    plain = unicodedata.normalize("NFKD", letter)[0]
    return _NEAREST.get(plain, plain)


def _has(letter: str, codec: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _more_latin() -> frozenset[str]:
    """Letters that Helvetica has beside those of western Europe."""
    return frozenset("łŁı\u02d8\u02d9\u02da\u02db\u02dd\u02c7")


@lru_cache(maxsize=2)
def _accents(*, is_bold: bool) -> str:
    """Helvetica in the encoding that has accents standing alone, registered at its first use."""
    rl_codecs.RL_Codecs.register()
    face = "Helvetica-Bold" if is_bold else "Helvetica"
    name = f"{face}-Accents"
    pdfmetrics.registerFont(pdfmetrics.Font(name, face, "StandardEncoding"))
    return name


@lru_cache(maxsize=len(_ASIAN))
def _asian(font: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    return font
