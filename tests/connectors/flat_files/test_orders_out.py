"""Shipping requests go out as files, each once."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from connectors.flat_files.bench import Bench, CountingGate, StaleError, change, order
from crossdock.domain.channel import Address
from crossdock.domain.sync import Confirmed, Outcome, Rejected, Unclear


def push(bench: Bench, *changes: Any, **settings: Any) -> list[Outcome]:
    return list(bench.connector(**settings).push_shipping_requests(changes))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def told(bench: Bench) -> list[tuple[str, str, str, str]]:
    """What all files together ask for, oldest first."""
    paths = sorted((bench.root / "outgoing").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [
        (row["operation"], row["number"], row["line"], row["quantity"])
        for path in paths
        for row in rows(path.read_text())
    ]


def test_a_request_is_one_file_with_a_row_for_each_line(bench: Bench) -> None:
    outcomes = push(bench, change(order("1001-1")), change(order("1002-1", 5)))

    assert [type(each) for each in outcomes] == [Confirmed, Confirmed]
    assert len(bench.names("outgoing")) == 2
    first = rows(next(text for name, text in bench.texts("outgoing").items() if name.startswith("1001-1-")))
    assert [(row["line"], row["sku"], row["quantity"]) for row in first] == [
        ("1", "SKU-1", "2"),
        ("2", "SKU-2", "1"),
    ]
    assert (first[0]["recipient"], first[0]["address_2"], first[0]["method"]) == (
        "Ada Lovelace",
        "Flat 2",
        "GROUND",
    )
    assert (first[0]["placed_at"], first[0]["unit_price"]) == ("2026-11-30T09:00:00Z", "19.99")


def test_handed_over_twice_it_is_one_file(bench: Bench) -> None:
    push(bench, change(order()))
    before = bench.texts("outgoing")

    again = push(bench, change(order(), is_unclear=True))

    assert [type(each) for each in again] == [Confirmed]
    assert bench.texts("outgoing") == before


def test_a_request_that_the_warehouse_took_meanwhile_is_not_written_again(folder: Bench) -> None:
    push(folder, change(order()))
    next((folder.root / "outgoing").iterdir()).unlink()

    assert isinstance(push(folder, change(order(), is_unclear=True))[0], Confirmed)
    assert folder.names("outgoing") == []


@pytest.mark.parametrize("place", ["outgoing", "processed"])
def test_with_an_empty_memory_the_file_itself_is_found(folder: Bench, place: str) -> None:
    push(folder, change(order()))
    name = folder.names("outgoing")[0]
    (folder.root / "outgoing" / name).rename(folder.root / place / name)
    folder.memory.kept.clear()

    assert isinstance(push(folder, change(order(), is_unclear=True))[0], Confirmed)
    assert folder.names("outgoing") == ([name] if place == "outgoing" else [])


@pytest.mark.parametrize("checks", [0, 1])
def test_a_run_that_lost_its_lease_hands_nothing_over(folder: Bench, checks: int) -> None:
    with pytest.raises(StaleError):
        list(folder.connector(gate=CountingGate(checks)).push_shipping_requests([change(order())]))

    assert [name for name in folder.names("outgoing") if not name.endswith(".part")] == []


def test_what_was_never_renamed_is_written_anew_with_what_is_wanted_by_now(folder: Bench) -> None:
    with pytest.raises(StaleError):
        list(folder.connector(gate=CountingGate(1)).push_shipping_requests([change(order("1001-1", 2))]))

    outcome = push(folder, change(order("1001-1", 1), is_unclear=True))[0]

    assert isinstance(outcome, Confirmed)
    assert told(folder) == [("create", "1001-1", "1", "1")]


def test_what_was_never_handed_over_is_stopped_without_a_file(folder: Bench) -> None:
    with pytest.raises(StaleError):
        list(folder.connector(gate=CountingGate(1)).push_shipping_requests([change(order())]))

    outcomes = push(
        folder,
        change(order(is_stopped=True), is_unclear=True),
        change(order("1002-1", is_stopped=True)),
    )

    assert [type(each) for each in outcomes] == [Confirmed, Confirmed]
    assert folder.names("outgoing") == []


def test_a_stop_without_acknowledgements_is_asked_once_and_left_to_a_person(bench: Bench) -> None:
    push(bench, change(order()))

    for _ in range(2):
        outcome = push(bench, change(order(is_stopped=True), has=True))[0]
        assert isinstance(outcome, Rejected)
        assert outcome.code == "too_late"
        assert "Call the warehouse" in outcome.fix
    assert told(bench)[2:] == [("cancel", "1001-1", "1", "0"), ("cancel", "1001-1", "2", "0")]


def test_a_stop_with_acknowledgements_waits_for_its_answer(folder: Bench) -> None:
    push(folder, change(order()), acknowledgements=True)

    outcome = push(folder, change(order(is_stopped=True), has=True), acknowledgements=True)[0]

    assert isinstance(outcome, Unclear)
    assert outcome.is_asked
    assert "has not acknowledged" in outcome.reason


def test_an_unclear_handing_over_is_stopped_as_one_that_the_warehouse_has(folder: Bench) -> None:
    push(folder, change(order()))

    outcome = push(folder, change(order(is_stopped=True), is_unclear=True))[0]

    assert isinstance(outcome, Rejected)
    assert [row[0] for row in told(folder)] == ["create", "create", "cancel", "cancel"]


def test_a_warehouse_that_understands_no_stops_is_sent_none(folder: Bench) -> None:
    push(folder, change(order()), stops=False)

    outcome = push(folder, change(order(is_stopped=True), has=True), stops=False)[0]

    assert isinstance(outcome, Rejected)
    assert outcome.code == "too_late"
    assert {row[0] for row in told(folder)} == {"create"}


def test_fewer_units_are_a_file_that_says_the_whole_request_as_it_is_to_be(folder: Bench) -> None:
    push(folder, change(order("1001-1", 2, 1)))

    push(folder, change(order("1001-1", 1, 0), has=True))

    assert told(folder)[2:] == [("change", "1001-1", "1", "1"), ("change", "1001-1", "2", "0")]


@pytest.mark.parametrize(
    ("status", "expected"), [("accepted", Confirmed), ("refused", Rejected), ("not_stopped", Rejected)]
)
def test_a_change_is_settled_by_the_acknowledgement_that_names_it(
    folder: Bench, status: str, expected: type
) -> None:
    settings = {"acknowledgements": True}
    wanted = change(order("1001-1", 1), has=True)
    push(folder, change(order("1001-1", 3)), **settings)
    assert isinstance(push(folder, wanted, **settings)[0], Unclear)

    folder.put(
        "acknowledgements/a.csv", f"number,status,operation\n1001-1,accepted,\n1001-1,{status},change\n"
    )
    pages = list(folder.connector(**settings).pull_shipping_requests(None))

    assert [news.kind for page in pages for news in page.records] == ["accepted"]
    assert isinstance(push(folder, wanted, **settings)[0], expected)
    again = change(order("1001-1", 0), has=True)
    assert isinstance(push(folder, again, **settings)[0], Unclear)


def test_a_refused_request_is_written_anew_and_its_stop_needs_no_file(folder: Bench) -> None:
    settings = {"acknowledgements": True}
    push(folder, change(order("1001-1", 3)), **settings)
    folder.put("acknowledgements/a.csv", "number,status\n1001-1,refused\n")
    connector = folder.connector(**settings)
    first = [page.cursor for page in connector.pull_shipping_requests(None)]

    again = push(folder, change(order("1001-1", 3), has=True), **settings)[0]
    assert isinstance(again, Confirmed)
    assert told(folder) == [("create", "1001-1", "1", "3")] * 2

    assert first
    list(connector.pull_shipping_requests(None))  # as after a run that died
    assert isinstance(push(folder, change(order("1001-1", 3), has=True), **settings)[0], Confirmed)
    assert len(told(folder)) == 2

    folder.put("acknowledgements/b.csv", "number,status\n1001-1,refused\n1002-1,refused\n")
    list(connector.pull_shipping_requests(None))
    stop = push(folder, change(order("1001-1", 3, is_stopped=True), has=True), **settings)[0]
    assert isinstance(stop, Confirmed)
    assert len(told(folder)) == 2


def test_columns_are_named_and_left_out_as_the_warehouse_wants(folder: Bench) -> None:
    names = {"number": "Auftrag", "sku": "Artikel", "email": "", "phone": ""}

    push(folder, change(order("1001-1", 2)), orders_columns=names, delimiter="semicolon")

    head, line, _ = next(iter(folder.texts("outgoing").values())).split("\r\n")
    assert "Auftrag;order_number" in head
    assert "Artikel" in head
    assert "email" not in head
    assert line.startswith("create;1001-1;1001;tiktok;")


def test_a_location_goes_out_by_the_code_of_the_warehouse(folder: Bench) -> None:
    push(folder, change(order("1001-1", 2)), locations={"M7": "main"})

    assert rows(next(iter(folder.texts("outgoing").values())))[0]["location"] == "M7"


def test_json_says_the_same_in_the_same_fields(folder: Bench) -> None:
    push(folder, change(order("1001-1", 2)), format="json", orders_columns={"quantity": "Menge"})

    name, text = next(iter(folder.texts("outgoing").items()))
    assert name.endswith(".json")
    [found] = json.loads(text)
    assert (found["sku"], found["Menge"], found["recipient"]) == ("SKU-1", 2, "Ada Lovelace")


def test_a_text_never_ends_its_row(folder: Bench) -> None:
    awkward = Address('Ada "the\r\nCountess"\x00', lines=("1 Main St,\u2028 Unit = 4",), country_code="US")

    push(folder, change(order("1001-1", 2, address=awkward, note="=1+1")))

    text = next(iter(folder.texts("outgoing").values()))
    assert text.count("\r\n") == 2
    [row] = rows(text)
    assert row["recipient"] == 'Ada "the Countess"'
    assert (row["address_1"], row["note"]) == ("1 Main St, Unit = 4", "=1+1")


def test_letters_that_the_encoding_lacks_are_refused_and_named_and_the_others_pass(folder: Bench) -> None:
    wanted = [order("1001-1", address=Address("Łukasz")), order("1002-1", address=Address("Zoë"))]

    outcomes = push(folder, *map(change, wanted), encoding="latin-1")

    assert isinstance(outcomes[0], Rejected)
    assert "Ł" in outcomes[0].reason
    assert "UTF-8" in outcomes[0].fix
    assert isinstance(outcomes[1], Confirmed)
    [path] = (folder.root / "outgoing").iterdir()
    assert "Zoë" in path.read_text("latin-1")


@pytest.mark.parametrize("number", ["../../etc/passwd", "a/b", ".hidden", "x" * 300, "1001-1\n"])
def test_no_number_leads_out_of_the_folder(folder: Bench, number: str) -> None:
    push(folder, change(order(number)))

    [name] = folder.names("outgoing")
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name) < 200


def test_other_places_name_files_by_their_own_pattern(folder: Bench) -> None:
    push(folder, change(order()), orders_file="ORD_{order_number}_{number}_{fingerprint}")

    assert folder.names("outgoing")[0].startswith("ORD_1001_1001-1_")
