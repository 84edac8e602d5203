"""What files look like and what is made of them (golden/*.json), and what holds for all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.flat_files.bench import order
from connectors.flat_files.golden_readers import GOLDEN, KINDS, read
from crossdock.connectors.flat_files.mapping import orders as order_rows
from crossdock.connectors.flat_files.mapping.orders import Operation, to_rows
from crossdock.connectors.flat_files.mapping.shipments import (
    by_request,
    dumped,
    loaded,
    merged,
    to_moment,
    to_shipped,
)
from crossdock.connectors.flat_files.mapping.table import (
    Columns,
    Dialect,
    Row,
    UnreadableFileError,
    one_line,
    read_rows,
    write_rows,
)
from crossdock.domain.channel import Address, Parcel

FILES = sorted(GOLDEN.glob("*.json"))
NAMES = {name: name for name in order_rows.FIELDS}
DIALECTS = [Dialect(), Dialect(delimiter=";"), Dialect(delimiter="\t"), Dialect(is_json=True)]


def kind_of(path: Path) -> str:
    return path.stem.partition("-")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_what_its_golden_file_says(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))

    assert read(kind_of(path), case["input"]) == case["expected"]


def test_every_kind_of_file_has_a_golden_file() -> None:
    assert {kind_of(path) for path in FILES} == set(KINDS)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(name=st.text(), note=st.text(), quantity=st.integers(1, 999))
def test_whatever_stands_in_an_order_its_file_has_as_many_rows_as_lines(
    dialect: Dialect, name: str, note: str, quantity: int
) -> None:
    name, note = name.encode("utf-8", "replace").decode(), note.encode("utf-8", "replace").decode()
    wanted = order("1001-1", quantity, 1, address=Address(name), note=note)

    content = write_rows(to_rows(wanted, Operation.CREATE), dialect, NAMES)
    found = read_rows(content, dialect, Columns(NAMES, ("number", "quantity")))

    assert [row.problem for row in found] == ["", ""]
    assert [row.cell("quantity") for row in found] == [str(quantity), "1"]
    assert {row.cell("recipient") for row in found} == {one_line(name)}
    assert {row.cell("note") for row in found} == {one_line(note)}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(content=st.binary(max_size=300))
def test_whatever_bytes_come_in_are_read_or_said_to_be_unreadable(dialect: Dialect, content: bytes) -> None:
    columns = Columns({"number": "n", "quantity": "q"}, ("number",))
    for start in (b"", b"n" + dialect.delimiter.encode() + b"q\n"):
        try:
            rows = read_rows(start + content, dialect, columns)
        except UnreadableFileError:
            continue
        assert all(row.problem or row.cell("number") for row in rows)


ROWS = st.lists(
    st.builds(
        lambda number, line, units, parcel: Row(
            1, {"number": number, "line": line, "quantity": str(units), "tracking_number": parcel}
        ),
        st.sampled_from(["1001-1", "1002-1"]),
        st.sampled_from(["1", "2"]),
        st.integers(1, 9),
        st.sampled_from(["T1", "T2", ""]),
    ),
    max_size=8,
)


def parcels_of(rows: list[Row], file_id: str) -> dict[str, tuple[Parcel, ...]]:
    return by_request(to_shipped(row, date_format="", file_id=file_id) for row in rows)


@given(rows=ROWS)
def test_no_unit_of_a_file_is_lost_or_doubled(rows: list[Row]) -> None:
    found = parcels_of(rows, "a")

    units = sum(part.quantity for parcels in found.values() for parcel in parcels for part in parcel.units)
    assert units == sum(int(row.cell("quantity")) for row in rows)


@given(files=st.lists(ROWS, max_size=4))
def test_a_file_read_again_in_its_turn_changes_nothing(files: list[list[Row]]) -> None:
    known: tuple[Parcel, ...] = ()
    for place, rows in enumerate(files):
        given = parcels_of(rows, str(place)).get("1001-1", ())
        known = merged(known, given)
        assert merged(known, given) == known
        assert loaded(dumped(known)) == known
    ids = [parcel.channel_id for parcel in known]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("", "", None),
        ("2026-11-30", "", datetime(2026, 11, 30, tzinfo=UTC)),
        ("2026-11-30T14:05:00+02:00", "", datetime(2026, 11, 30, 12, 5, tzinfo=UTC)),
        ("30.11.2026 14:05", "%d.%m.%Y %H:%M", datetime(2026, 11, 30, 14, 5, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_their_form(text: str, form: str, expected: datetime | None) -> None:
    assert to_moment(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form"), [("30.11.2026", ""), ("2026-11-30", "%d.%m.%Y"), ("0001-01-01T00:00+14:00", "")]
)
def test_other_dates_are_refused(text: str, form: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        to_moment(text, form)
