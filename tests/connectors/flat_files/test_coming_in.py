"""Files come in: each is read once, whatever happens in between, and the good rows of a bad file count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.flat_files.bench import ALL_ON, NOW, Bench, CountingGate, StaleError, everything
from crossdock.connectors.errors import AccessMissingError
from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Cursor, Page

HEAD = "number,line,quantity,carrier,tracking_number\n"
FIRST = HEAD + "1001-1,1,2,UPS,1Z1\n1002-1,1,1,DHL,JD2\n"
SECOND = HEAD + "1001-1,2,1,UPS,1Z9\n"


def shipped(records: list[OrderShipments]) -> dict[str, set[tuple[str, str, int]]]:
    """The last word on each request: its parcels' numbers, lines and units."""
    return {each.order_id: set(_units(each.parcels)) for each in records}


def _units(parcels: tuple[Parcel, ...]) -> Iterator[tuple[str, str, int]]:
    for parcel in parcels:
        for part in parcel.units:
            yield parcel.tracking_number, part.line_id or part.channel_sku, part.quantity


def pull(bench: Bench, since: Cursor | None = None, **settings: Any) -> tuple[Any, Any, Cursor | None]:
    return everything(bench.connector(**settings).pull_fulfillments(since))


def test_what_was_read_is_put_away_by_the_next_run_and_not_before(bench: Bench) -> None:
    bench.put("fulfillments/a.csv", FIRST)

    records, bad, cursor = pull(bench)
    assert shipped(records) == {"1001-1": {("1Z1", "1", 2)}, "1002-1": {("JD2", "1", 1)}}
    assert bad == []
    assert bench.names("processed") == []

    again, _, cursor = pull(bench, cursor)
    assert again == []
    [put_away] = bench.names("processed")
    assert put_away.endswith("-a.csv")
    assert bench.names("fulfillments") == []
    assert list(bench.connector().pull_fulfillments(cursor)) == []


def test_all_parcels_of_a_request_are_given_whenever_one_is_new(bench: Bench) -> None:
    bench.put("fulfillments/a.csv", FIRST)
    _, _, cursor = pull(bench)
    bench.put("fulfillments/b.csv", SECOND)

    records, _, _ = pull(bench, cursor)

    assert shipped(records) == {"1001-1": {("1Z1", "1", 2), ("1Z9", "2", 1)}}


def test_a_run_that_dies_before_its_page_is_stored_loses_nothing_and_counts_nothing_twice(
    folder: Bench,
) -> None:
    folder.put("fulfillments/a.csv", FIRST)
    folder.put("fulfillments/b.csv", SECOND, age=timedelta(seconds=30))
    whole = {"1001-1": {("1Z1", "1", 2), ("1Z9", "2", 1)}, "1002-1": {("JD2", "1", 1)}}
    pages = len(list(in_copy(folder).connector().pull_fulfillments(None)))
    assert pages == 5

    for stored in range(pages + 1):
        bench = in_copy(folder)
        read = bench.connector().pull_fulfillments(None)
        kept: list[OrderShipments] = []
        cursor = None
        for _ in range(stored):
            page = next(read)
            kept += page.records
            cursor = page.cursor
        next(read, None)  # fetched ahead, and never stored
        read.close()
        later, bad, cursor = pull(bench, cursor)
        assert shipped([*kept, *later]) == whole, stored
        assert bad == []
        assert pull(bench, cursor)[0] == []
        assert Counter(name[-5:] for name in bench.names("processed")) == {"a.csv": 1, "b.csv": 1}


def in_copy(bench: Bench) -> Bench:
    """The same files with the same times, and an empty memory."""
    for number in range(100):
        root = bench.root / f"copy-{number}"
        if not root.exists():
            break
    copy = Bench(root, {"where": "folder", "folder": str(root)})
    for place in ("fulfillments", "processed", "failed"):
        (root / place).mkdir(parents=True)
    for path in (bench.root / "fulfillments").iterdir():
        age = NOW.timestamp() - path.stat().st_mtime
        copy.put(f"fulfillments/{path.name}", path.read_bytes(), age=timedelta(seconds=age))
    return copy


@pytest.mark.parametrize("checks", range(3))
def test_a_run_that_lost_its_lease_moves_no_file(folder: Bench, checks: int) -> None:
    folder.put("fulfillments/a.csv", FIRST)
    _, _, cursor = pull(folder)
    folder.put("fulfillments/b.csv", SECOND)
    folder.put("fulfillments/c.csv", SECOND)
    gate = CountingGate(checks)

    with pytest.raises(StaleError):
        list(folder.connector(gate=gate).pull_fulfillments(cursor))

    moved = len(folder.names("processed")) + sum(
        name.startswith(".taken") and name.endswith(("b.csv", "c.csv"))
        for name in folder.names("fulfillments")
    )
    assert moved == checks


@pytest.mark.parametrize("name", ["a.csv.part", "a.tmp", ".a.csv", "a.csv.filepart", "a.csv~"])
def test_unfinished_files_are_left_alone(folder: Bench, name: str) -> None:
    folder.put(f"fulfillments/{name}", FIRST)

    assert pull(folder)[0] == []
    assert folder.names("fulfillments") == [name]


@pytest.mark.parametrize(
    "name",
    ["x" * 200 + ".csv", "a\\b.csv", "new\nline.csv", b"\xff\xfe.csv".decode("utf-8", "surrogateescape")],
)
def test_a_name_that_cannot_be_kept_is_told_and_the_file_stays(folder: Bench, name: str) -> None:
    folder.put(f"fulfillments/{name}", FIRST)
    folder.put("fulfillments/good.csv", SECOND)

    records, bad, cursor = pull(folder)

    assert len(records) == 1
    [(shown, reason)] = bad
    assert shown.isascii()
    assert shown.isprintable()
    assert "cannot keep a file of this name" in reason
    pull(folder, cursor)
    assert folder.names("fulfillments") == [name]


def test_a_file_that_just_changed_is_read_when_it_has_not_changed_since(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD, age=timedelta(seconds=1))
    records, _, cursor = pull(folder)
    assert records == []

    folder.put("fulfillments/a.csv", FIRST, age=timedelta(seconds=-3600))  # the other clock runs ahead
    records, _, cursor = pull(folder, cursor)
    assert records == []

    records, _, cursor = pull(folder, cursor)
    assert len(records) == 2


def test_a_file_that_grows_while_it_is_read_waits(folder: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put("fulfillments/a.csv", HEAD + "1001-1,1,2,UPS,1Z1\n")
    connector = folder.connector()
    from crossdock.connectors.flat_files.folder import FolderFiles

    read = FolderFiles.read

    def slow(self: FolderFiles, path: str) -> bytes:
        content = read(self, path)
        with (folder.root / path).open("a") as file:
            file.write("1002-1,1,1,DHL,JD2\n")
        return content

    monkeypatch.setattr(FolderFiles, "read", slow)
    records, bad, cursor = everything(connector.pull_fulfillments(None))
    assert (records, bad) == ([], [])

    monkeypatch.undo()
    assert len(pull(folder, cursor)[0]) == 2


def test_files_are_read_in_the_order_they_were_written(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD + "1001-1,1,3,UPS,1Z1\n", age=timedelta(minutes=1))
    folder.put("fulfillments/b.csv", HEAD + "1001-1,1,2,UPS,1Z1\n", age=timedelta(minutes=9))

    assert shipped(pull(folder)[0]) == {"1001-1": {("1Z1", "1", 3)}}


@pytest.mark.parametrize("is_same_run", [True, False])
def test_the_same_content_under_another_name_is_told_and_not_applied(
    folder: Bench, is_same_run: bool
) -> None:
    folder.put("fulfillments/a.csv", SECOND, age=timedelta(minutes=9))
    cursor = None
    if not is_same_run:
        _, _, cursor = pull(folder)
        _, _, cursor = pull(folder, cursor)
    folder.put("fulfillments/b.csv", SECOND)

    records, bad, cursor = pull(folder, cursor)

    assert len(records) == is_same_run
    assert [(name, "the same as a.csv" in reason) for name, reason in bad] == [("b.csv", True)]
    pull(folder, cursor)
    assert [name[-5:] for name in folder.names("processed")].count("b.csv") == 1


def test_days_without_news_are_no_repetition(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD)
    _, _, cursor = pull(folder)
    folder.put("fulfillments/b.csv", HEAD)

    assert pull(folder, cursor)[:2] == ([], [])


def test_read_from_the_beginning_again_nothing_is_read_twice(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", FIRST)
    _, _, cursor = pull(folder)
    (folder.root / "processed").rmdir()
    with pytest.raises(AccessMissingError):
        pull(folder, cursor)
    (folder.root / "processed").mkdir()

    assert pull(folder, None)[:2] == ([], [])


def test_where_files_cannot_be_put_away_the_new_ones_are_read_all_the_same(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", FIRST)
    _, _, cursor = pull(folder)
    (folder.root / "processed").rmdir()
    folder.put("fulfillments/b.csv", SECOND)

    read = folder.connector().pull_fulfillments(cursor)
    pages: list[Page[OrderShipments]] = []
    with pytest.raises(AccessMissingError, match="processed"):
        pages.extend(read)
    assert shipped([each for page in pages for each in page.records]).keys() == {"1001-1"}

    (folder.root / "processed").mkdir()
    assert pull(folder, pages[-1].cursor)[:2] == ([], [])
    assert len(folder.names("processed")) == 2


def test_bad_rows_are_named_with_file_row_and_reason_and_the_rest_is_taken(bench: Bench) -> None:
    rows = [
        "1001-1,1,2,UPS,1Z1",
        ",1,2,UPS,1Z2",
        "1003-1,1,zwei,UPS,1Z3",
        "1004-1,1,0,UPS,1Z4",
        "1005-1,1,-1,UPS,1Z5",
        "1006-1,1,1.5,UPS,1Z6",
        "1007-1,,1,UPS,1Z7",
        "1008-1,1,1,UPS",
        "1009-1,1,1,UPS,1Z9,too,many",
        "",
        "1010-1,1,3.0,UPS,1Z10",
    ]
    bench.put("fulfillments/a.csv", HEAD + "\n".join(rows))

    records, bad, _ = pull(bench)

    assert shipped(records) == {"1001-1": {("1Z1", "1", 2)}, "1010-1": {("1Z10", "1", 3)}}
    assert [name for name, _ in bad] == [f"a.csv row {number}" for number in range(3, 11)]
    reasons = [reason for _, reason in bad]
    assert "'number' is empty" in reasons[0]
    assert "'zwei' is no whole number" in reasons[1]
    assert "line or sku" in reasons[5]
    assert "has 4 cells, and the first line has 5" in reasons[6]


def test_bytes_of_another_encoding_spoil_their_own_row_only(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD.encode() + b"1001-1,1,1,Post\xf6,X1\n1002-1,1,1,UPS,X2\n")

    records, bad, _ = pull(folder)

    assert shipped(records).keys() == {"1002-1"}
    assert [(name, "Encoding" in reason) for name, reason in bad] == [("a.csv row 2", True)]
    assert shipped(pull(in_copy_of_claimed(folder), encoding="latin-1")[0]).keys() == {"1001-1", "1002-1"}


def in_copy_of_claimed(bench: Bench) -> Bench:
    for path in (bench.root / "fulfillments").iterdir():
        path.rename(path.with_name(path.name.rsplit("-", 1)[1]))
    return Bench(bench.root, bench.credentials)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"number;line;quantity\n1001-1;1;2\n", "the delimiter"),
        (b"number,line\n1001-1,1\n", "'quantity' is missing"),
        (b"number,quantity\n1001-1,1\n", "line or sku is missing"),
        (b"number,line,quantity,Line\n1001-1,1,2,3\n", "more than once"),
    ],
)
def test_a_file_that_says_nothing_is_told_whole_and_set_aside(
    folder: Bench, content: bytes, said: str
) -> None:
    folder.put("fulfillments/a.csv", content)

    records, bad, cursor = pull(folder)
    assert records == []
    [(name, reason)] = bad
    assert name == "a.csv"
    assert said.replace("'", "") in reason.replace("'", "")

    assert pull(folder, cursor)[1] == []
    assert [name[-5:] for name in folder.names("failed")] == ["a.csv"]
    assert folder.names("fulfillments") == []


def test_an_open_quote_ends_the_reading_where_it_stands(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD + '1001-1,1,1,UPS,X1\n1002-1,1,1,"UPS,X2\n1003-1,1,1,UPS,X3\n')

    records, bad, _ = pull(folder)

    assert shipped(records).keys() == {"1001-1"}
    assert [(name, "from here on" in reason) for name, reason in bad] == [("a.csv row 3", True)]


def test_a_file_of_another_kind_fills_no_list_of_cases(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD + "x\n" * 1000)

    bad = pull(folder)[1]

    assert len(bad) == 51
    assert "950 more rows" in bad[-1][1]


def test_a_large_file_comes_in_pages_and_is_read_only_with_its_last(folder: Bench) -> None:
    folder.put("fulfillments/a.csv", HEAD + "".join(f"{n}-1,1,1,UPS,T{n}\n" for n in range(1200)))

    pages = list(folder.connector().pull_fulfillments(None))

    assert [len(page.records) for page in pages] == [500, 500, 200, 0, 0]
    assert ["a.csv" in page.cursor for page in pages] == [False, False, False, True, True]


def test_json_rows_are_read_with_their_own_names(folder: Bench) -> None:
    folder.put(
        "fulfillments/a.json",
        '[{"Auftrag": "1001-1", "sku": "SKU-1", "quantity": 2, "tracking_number": 123456789012},'
        ' {"Auftrag": "1002-1", "sku": "SKU-1", "quantity": true}, 7]',
    )

    records, bad, _ = pull(folder, format="json", fulfillments_columns={"number": "Auftrag"})

    assert shipped(records) == {"1001-1": {("123456789012", "SKU-1", 2)}}
    assert [name for name, _ in bad] == ["a.json row 2", "a.json row 3"]


@pytest.mark.parametrize("text", ["{}", "[1", "[NaN]", "[" * 100_000])
def test_json_that_is_no_list_of_rows_is_set_aside(folder: Bench, text: str) -> None:
    folder.put("fulfillments/a.json", text)

    records, bad, cursor = pull(folder, format="json")

    assert (records, [name for name, _ in bad]) == ([], ["a.json"])
    pull(folder, cursor, format="json")
    assert len(folder.names("failed")) == 1


def test_stock_is_as_old_as_its_file_and_the_same_counts_may_come_again(bench: Bench) -> None:
    text = "sku,quantity,location\nSKU-1,5,\nSKU-2,0,M\nSKU-1,3,annex\nSKU-3,some,M\n"
    settings = {"locations": {"M": "main"}}
    bench.put("stock/a.csv", text, age=timedelta(hours=2))

    pages = list(bench.connector(**settings).pull_inventory(None))
    counts = [
        (each.channel_sku, each.location_id, each.on_hand, each.available)
        for page in pages
        for each in page.records
    ]
    assert counts == [("SKU-1", "", 5, 5), ("SKU-2", "main", 0, 0), ("SKU-1", "annex", 3, 3)]
    assert pages[0].read_began_at == NOW - timedelta(hours=2)
    assert [each.channel_id for page in pages for each in page.unreadable] == ["a.csv row 5"]

    bench.put("stock/b.csv", text)
    assert len(everything(bench.connector(**settings).pull_inventory(pages[-1].cursor))[0]) == 3


def test_a_sku_that_is_counted_twice_is_told_and_counted_not_at_all(folder: Bench) -> None:
    folder.put("stock/a.csv", "sku,quantity\nSKU-1,5\nSKU-2,1\nSKU-1,7\n")

    records, bad, _ = everything(folder.connector().pull_inventory(None))

    assert [each.channel_sku for each in records] == ["SKU-2"]
    assert [name for name, _ in bad] == ["a.csv row 2", "a.csv row 4"]


def test_acknowledgements_speak_the_words_of_the_warehouse(folder: Bench) -> None:
    settings = {
        "acknowledgements": True,
        "acknowledgement_words": {"OK": "accepted", "NOK": "refused"},
        "acknowledgements_columns": {"their_id": "Beleg"},
    }
    folder.put(
        "acknowledgements/a.csv",
        "number,status,operation,reason,Beleg\n1001-1,ok,create,,B7\n1002-1,NOK,,no such SKU,\n"
        "1003-1,OK,cancel,,\n1004-1,NOK,cancel,packed,\n1005-1,maybe,,,\n1006-1,OK,cancle,,\n",
    )

    records, bad, _ = everything(folder.connector(**settings).pull_shipping_requests(None))

    assert [(n.number, n.kind, n.reason, n.their_id) for n in records] == [
        ("1001-1", "accepted", "", "B7"),
        ("1002-1", "refused", "no such SKU", ""),
        ("1003-1", "stopped", "", ""),
        ("1004-1", "not_stopped", "packed", ""),
    ]
    assert [name for name, _ in bad] == ["a.csv row 6", "a.csv row 7"]


def test_two_kinds_of_files_in_one_folder_are_told_apart_by_name(folder: Bench) -> None:
    settings = ALL_ON | {
        "fulfillments_folder": "in",
        "stock_folder": "in",
        "fulfillments_files": "SHIP_*.csv",
        "stock_files": "stock_*",
    }
    folder.put("in/ship_1.csv", FIRST)
    folder.put("in/STOCK_1.csv", "sku,quantity\nSKU-1,5\n")
    connector = folder.connector(**settings)

    assert len(everything(connector.pull_fulfillments(None))[0]) == 2
    assert len(everything(connector.pull_inventory(None))[0]) == 1
