"""Packing slips: what is printed, that nothing falls off the page, and that no script makes it fail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.documents import lettering
from crossdock.documents.packing_slip import packing_slips
from crossdock.domain.warehouse import PackingSlip, Paper, SlipLine

SLIP = PackingSlip(
    request="1001-1",
    order_number="1001",
    channel="my-shop",
    placed_at=datetime(2026, 3, 1, tzinfo=UTC),
    sender=("Main warehouse", "1 Dock Rd"),
    ship_to=("Ann Lee", "5 High St", "Newark NJ 07101", "US"),
    lines=(
        SlipLine("TEA-1", "Teapot (red)", 2, ("Color: Red",), "4006381333931"),
        SlipLine("MUG-1", "Mug", 1, is_gift=True),
    ),
    method="Express",
    order_note="Leave at the door",
    note="Thank you!\nReturns within 30 days.",
)


def printed(*slips: PackingSlip) -> list[str]:
    """The pieces of Latin text of the whole document, in the order in which they are drawn."""
    content = packing_slips(slips, is_compressed=False)
    found = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content)
    return [re.sub(rb"\\([()\\])", rb"\1", each).decode("latin-1") for each in found]


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", content))


def test_a_slip_says_what_is_packed_for_whom_and_no_price() -> None:
    texts = printed(SLIP)

    wanted = [
        *SLIP.sender,
        *SLIP.ship_to,
        "Shipping request 1001-1",
        "Order: 1001 of my-shop",
        "Placed: 2026-03-01",
        "Shipping method: Express",
        "Gift: yes",
        "Note: Leave at the door",
        "TEA-1",
        "Teapot (red)",
        "Color: Red",
        "GTIN 4006381333931",
        "MUG-1",
        "Units: 3",
        "Thank you!",
        "Returns within 30 days.",
    ]
    assert [text for text in wanted if text not in texts] == []
    assert not any("characters" in text or "missing" in text for text in texts)


def test_the_same_slips_are_the_same_bytes() -> None:
    assert packing_slips([SLIP]) == packing_slips([SLIP])
    assert packing_slips([SLIP]) != packing_slips([replace(SLIP, order_number="1002")])


def test_each_request_begins_a_page_of_its_own_paper() -> None:
    content = packing_slips([SLIP, replace(SLIP, request="1002-1", paper=Paper.LETTER)], is_compressed=False)

    assert pages(content) == 2
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert [round(float(width)) for width, _ in boxes] == [595, 612]


def test_what_does_not_fit_goes_on_on_another_page_with_its_number() -> None:
    many = replace(SLIP, lines=tuple(SlipLine(f"SKU-{place}", "Thing", 1) for place in range(90)))

    texts = printed(many)

    assert [text for text in texts if text.startswith("SKU-")] == [f"SKU-{place}" for place in range(90)]
    assert texts.count("Shipping request 1001-1") == pages(packing_slips([many], is_compressed=False)) >= 3
    assert "Packing slip, page 3" in texts


def test_a_stopped_request_says_so_in_large_letters() -> None:
    assert "STOPPED: do not ship" in printed(replace(SLIP, is_stopped=True))
    assert "STOPPED: do not ship" not in printed(SLIP)


def test_long_names_break_between_words_and_long_words_within() -> None:
    assert lettering.wrapped("one two three", 40, size=10) == ["one two", "three"]
    whole = "W" * 100
    parts = lettering.wrapped(whole, 100, size=10)
    assert "".join(parts) == whole
    assert all(lettering.width(part, size=10) <= 100 for part in parts)


def test_letters_of_central_europe_are_printed_as_they_are() -> None:
    assert lettering.unprintable("Zażółć gęślą jaźń Őr Ůžička Țurcanu İğış Čapek Łódź") == []


@pytest.mark.parametrize("text", ["東京都", "서울시", "Иван", "上海"])
def test_letters_of_other_scripts_are_left_to_the_reader_and_the_slip_says_so(text: str) -> None:
    texts = printed(replace(SLIP, ship_to=(text,)))

    assert lettering.unprintable(text) == []
    assert any(each.startswith("Letters missing above?") for each in texts)


def test_characters_that_nothing_can_print_are_named() -> None:
    texts = printed(replace(SLIP, ship_to=("مرحبا", "Đorđe")))

    note = " ".join(texts)
    assert "U+0645" in note
    assert "U+0110, U+0111" in note
    assert "?????" in texts
    assert "Dorde" in texts


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_text_makes_it_fail_and_every_line_fits(text: str) -> None:
    slip = replace(
        SLIP,
        request=text or "-",
        ship_to=(text,),
        lines=(SlipLine(text, text, 1),),
        note=text,
        order_note=text,
    )

    assert packing_slips([slip]).startswith(b"%PDF")
    assert all(lettering.width(each, size=10) <= 120 for each in lettering.wrapped(text, 120, size=10))
