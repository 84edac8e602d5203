"""What the rows of incoming files say: the good rows of a bad file count, and the others are named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.flat_files.bench import ALL_ON, NOW, Bench, everything
from connectors.flat_files.reading_bench import FIRST, HEAD, pull, shipped


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


def test_a_file_of_bad_rows_only_is_set_aside_however_often_it_comes(folder: Bench) -> None:
    cursor = None
    for name in ("a.csv", "b.csv"):
        folder.put(f"fulfillments/{name}", "number,line,quantity\n1001-1,1,many\n")
        pages = list(folder.connector().pull_fulfillments(cursor))
        [bad] = [each for page in pages for each in page.unreadable]
        assert (bad.channel_id, bad.fix[:15]) == (f"{name} row 2", "Correct the row")
        cursor = pages[-1].cursor

    pull(folder, cursor)
    assert (len(folder.names("failed")), folder.names("processed")) == (2, [])


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
