"""Looking at a hub from a terminal: one JSON document for programs, tables for people, never a buyer or a secret."""

from __future__ import annotations

import getpass
import json

import pytest

from crossdock.store import tables
from support.command import Command
from support.world import World

LISTS = (
    ("integrations",),
    ("flows",),
    ("runs",),
    ("products",),
    ("orders",),
    ("inventory",),
    ("locations",),
    ("exceptions",),
    ("drift",),
    ("key", "list"),
    ("settings",),
    ("config",),
)


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_every_list_is_one_json_document_and_nothing_else(synced: Command, words: tuple[str, ...]) -> None:
    done = synced(*words, "--json")

    assert (done.code, done.err) == (0, "")
    json.loads(done.out)


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_every_list_works_on_an_empty_hub(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words)

    assert (done.code, done.err) == (0, "")
    assert done.out.strip()


def test_products_tell_where_they_stand_on_each_channel(synced: Command) -> None:
    everything = synced("products", "--json", "--limit", "100").json()["items"]
    live = synced("products", "--state", "synced", "--json").json()["items"]
    blocked = synced("products", "--state", "blocked")

    assert len(everything) == 12
    assert live
    assert len(live) < 12
    assert "Fabric" in blocked.out


def test_a_list_goes_on_where_its_page_ended(synced: Command) -> None:
    first = synced("products", "--limit", "5", "--json").json()
    second = synced("products", "--limit", "5", "--after", first["next"], "--json").json()

    assert len({each["id"] for each in first["items"] + second["items"]}) == 10


@pytest.mark.parametrize("word", ["products", "orders", "inventory", "runs", "exceptions"])
def test_a_wrong_mark_is_refused(synced: Command, word: str) -> None:
    done = synced(word, "--after", "nonsense")

    assert (done.code, done.out) == (1, "")
    assert "after" in done.err


def test_a_product_is_found_by_a_sku_and_shown_whole(synced: Command) -> None:
    listed = synced("products", "--state", "synced", "--json").json()["items"][0]

    detail = synced("products", listed["skus"][0], "--json").json()
    shown = synced("products", listed["skus"][0]).out

    assert detail["id"] == listed["id"]
    assert all(sku in shown for sku in listed["skus"])


def test_stock_is_explained_down_to_the_ledger(synced: Command, synced_world: World) -> None:
    sku, units = next((s, u) for s, u in sorted(synced_world.shop_stock().items()) if u)

    told = synced("inventory", sku, "--json").json()
    shown = synced("explain", "sku", sku).out

    assert told["explanation"]["channels"][0]["offered"] == units
    assert sum(line["on_hand"] for line in told["ledger"]) == told["explanation"]["on_hand"]
    assert f"{units} offered" in shown


def test_an_order_is_found_by_its_number_and_names_its_stock_report(synced: Command) -> None:
    order = synced("orders", "--integration", "tiktok", "--json").json()["items"][0]

    detail = synced("orders", order["number"], "--json").json()
    shown = synced("explain", "order", order["id"]).out

    assert detail["order"]["id"] == order["id"]
    assert [report["owner"] for report in detail["reports"]] == ["store"]
    assert order["number"] in shown
    assert "Reports to the owner of stock" in shown


@pytest.mark.parametrize(
    "words", [("products", "nope"), ("orders", "nope"), ("inventory", "nope")], ids=" ".join
)
def test_what_is_not_there_is_a_failure_without_an_answer(synced: Command, words: tuple[str, ...]) -> None:
    done = synced(*words, "--json")

    assert (done.code, done.out) == (1, "")
    assert "nope" in done.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("orders", "--integration", "nope"), 1),
        (("exceptions", "--integration", "nope"), 1),
        (("runs", "nope"), 1),
        (("runs", "store/pull-nope"), 1),
        (("products", "--state", "nope"), 2),
        (("orders", "--status", "nope"), 2),
        (("exceptions", "list", "--state", "nope"), 2),
    ],
)
def test_a_filter_that_nothing_can_meet_is_a_mistake(
    synced: Command, words: tuple[str, ...], code: int
) -> None:
    done = synced(*words)

    assert (done.code, done.out) == (code, "")
    assert "nope" in done.err


def test_a_case_names_the_record_that_it_is_about(synced: Command) -> None:
    blocked = synced("products", "--state", "blocked", "--json").json()["items"]
    cases = synced("exceptions", "--kind", "push_refused", "--json").json()["items"]

    assert {each["about"] for each in cases} == {each["title"] for each in blocked}


def test_a_list_that_is_cut_says_how_it_goes_on(synced: Command) -> None:
    cut = synced("runs", "--limit", "1")

    after = cut.out.splitlines()[-1].removeprefix("More: --after ")

    assert synced("runs", "--limit", "1", "--after", after).out != cut.out


def test_text_of_a_platform_is_never_taken_for_markup(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    from crossdock.cli.output import answer
    from crossdock.cli.tables import table

    answer([], table("Products", ("Title",), [["Mug [bold]blue[/bold] [/]"]]), as_json=False)

    assert "Mug [bold]blue[/bold] [/]" in capsys.readouterr().out


@pytest.mark.parametrize(("word", "state"), [("resolve", "resolved"), ("dismiss", "dismissed")])
def test_a_case_is_closed_by_hand_once(
    small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch, word: str, state: str
) -> None:
    number = _refused_product(small_world, command, monkeypatch)

    done = command("exceptions", word, number, "--json").json()

    assert done == {"id": int(number), "state": state}
    assert command("exceptions", word, number).code == 1


def test_a_retried_case_makes_its_flow_due(
    small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _refused_product(small_world, command, monkeypatch)

    done = command("exceptions", "retry", number, "--json").json()
    flows = {each["key"]: each for each in command("flows", "--json").json()}

    assert done["flows"] == ["tiktok/push-products"]
    assert flows["tiktok/push-products"]["due_in"] == 0


def _refused_product(made: World, command: Command, monkeypatch: pytest.MonkeyPatch) -> str:
    """The number of a case about a product that TikTok Shop cannot list."""
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
    made.connect()
    made.sync()
    cases = command("exceptions", "--kind", "push_refused", "--json").json()["items"]
    return str(cases[0]["id"])


def test_a_location_can_be_left_out_and_taken_back_in(
    small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", small_world.config.database_url)
    small_world.connect()
    small_world.sync()

    command("locations", "set", "Shop floor", "--excluded")
    left_out = {each["name"]: each["counts"] for each in command("locations", "--json").json()}
    command("locations", "set", "SHOP-FLOOR", "--included")
    taken_in = {each["name"]: each["counts"] for each in command("locations", "--json").json()}

    assert (left_out["Shop floor"], taken_in["Shop floor"]) == (False, True)
    event = tables.event
    decided = [(row.what, row.actor) for row in small_world.rows(event, event.c.what.startswith("Decided"))]
    assert decided == [(f"Decided: is_excluded {said}", getpass.getuser()) for said in ("yes", "no")]
    assert command("locations", "set", "Nowhere", "--excluded").code == 1
    assert command("locations", "set", "Shop floor").code == 1
