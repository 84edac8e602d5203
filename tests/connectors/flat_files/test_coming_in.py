"""Files come in: each is read once, whatever happens in between."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from connectors.flat_files.bench import NOW, Bench, CountingGate, StaleError, everything
from connectors.flat_files.reading_bench import FIRST, HEAD, SECOND, pull, shipped
from crossdock.connectors.errors import AccessMissingError
from crossdock.connectors.flat_files.folder import FolderFiles
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Page


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
def test_the_same_content_under_another_name_is_noted_and_not_applied(
    folder: Bench, is_same_run: bool
) -> None:
    folder.put("fulfillments/a.csv", SECOND, age=timedelta(minutes=9))
    cursor = None
    if not is_same_run:
        _, _, cursor = pull(folder)
        _, _, cursor = pull(folder, cursor)
    folder.put("fulfillments/b.csv", SECOND)

    pages = list(folder.connector().pull_fulfillments(cursor))
    records, bad, cursor = everything(pages)

    assert len(records) == is_same_run
    assert bad == []
    [note] = [note for page in pages for note in page.notes]
    assert note.startswith("b.csv holds the same as a.csv did")
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
