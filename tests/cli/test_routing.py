"""Routing at the command line and in the declarative file."""

from __future__ import annotations

import re
from pathlib import Path

from crossdock.operations.setup import spec, spec_routing
from support.command import Command

DOCS = Path(__file__).parents[2] / "docs"

FILE = """
integrations:
  wms: {connector: manual_warehouse}
sources_of_truth: {catalog: hub, inventory: hub}
locations:
  - {location: Main, integration: hub, linked_to: wms}
  - {location: Annex, integration: hub}
routing:
  - name: Abroad
    on: true
    filters: {countries: [CA, NO], min_weight: 100}
    destinations:
      - location: Main
        regions: [NO, {country: CA, states: [ON, Quebec]}]
      - Annex
    allow_split: true
  - name: All
    destinations: [Main]
    do_not_check_inventory: true
"""


def names(command: Command) -> list[str]:
    return [each["name"] for each in command("routing", "--json").json()]


def changed(command: Command, text: str, *more: str) -> list[tuple[str, str, str]]:
    done = command("apply", "-", "--json", *more, stdin=text)
    assert done.code == 0, done.err
    found = done.json()["differences"]
    return [(each["where"], each["what"], each["after"]) for each in found if "card" in each["where"]]


def test_one_file_adds_warehouse_locations_and_cards_and_says_so_first(command: Command) -> None:
    added = [
        ("routing card Abroad", "card", "added as number 1"),
        ("routing card All", "card", "added as number 2"),
    ]
    assert changed(command, FILE, "--dry-run") == added
    assert names(command) == []

    assert changed(command, FILE) == added
    assert changed(command, FILE) == []

    abroad, last = command("routing", "--json").json()
    assert abroad["filters"]["countries"] == ["CA", "NO"]
    assert abroad["destinations"][0]["regions"] == [
        {"country": "NO", "states": []},
        {"country": "CA", "states": ["ON", "Quebec"]},
    ]
    assert abroad["destinations"][1]["why_not"] == "Annex is not linked to a 3PL or warehouse"
    assert (abroad["allows_split"], last["ignores_stock"]) == (True, True)


def test_the_list_of_the_file_is_the_whole_list_and_without_one_all_cards_stay(command: Command) -> None:
    changed(command, FILE)
    command("routing", "add", "By hand", "--to", "Annex")
    other = "routing: [{name: All, destinations: [Annex], on: false}, {name: New, destinations: [Main]}]"

    assert changed(command, "locations: [{location: Annex, unlimited: true}]") == []
    assert names(command) == ["Abroad", "All", "By hand"]
    found = changed(command, other)

    assert [each for each in found if each[1] != "destinations"] == [
        ("routing card Abroad", "card", "removed"),
        ("routing card By hand", "card", "removed"),
        ("routing card All", "do_not_check_inventory", "false"),
        ("routing card All", "on", "false"),
        ("routing card All", "position", "1"),
        ("routing card New", "card", "added as number 2"),
    ]
    assert names(command) == ["All", "New"]


def test_a_wrong_card_of_the_file_is_refused_with_its_place(command: Command) -> None:
    changed(command, FILE)
    for wrong, said in (
        ("{name: X, destinations: [Nowhere]}", "routing.X.destinations: 'Nowhere' means none"),
        ("{name: X, destinations: [Main], filters: {channels: [no]}}", "routing.0.filters.channels"),
        ("{name: X, destinations: [Main], filters: {channels: [nope]}}", "'nope' is no integration"),
        ("{name: X, destinations: [Main], filters: {color: [red]}}", "choose from channels, countries"),
        ("{name: X, destinations: [Main]}, {name: x, destinations: [Main]}", "once only"),
    ):
        done = command("apply", "-", "--json", stdin=f"routing: [{wrong}]")
        assert done.code == 1
        assert said in done.err, done.err
    assert names(command) == ["Abroad", "All"]


def test_s53_a_location_is_opened_and_linked_to_a_warehouse_only(command: Command) -> None:
    changed(command, FILE)

    refused = command("locations", "set", "Annex", "--linked-to", "nobody")
    linked = command("locations", "set", "Annex", "--linked-to", "wms")
    shown = command("locations", "show", "Annex")
    unlinked = command("locations", "set", "Annex", "--linked-to", "")

    assert refused.code == 1
    assert "'nobody' is no integration; there are wms" in refused.err
    assert linked.code == unlinked.code == 0
    assert "orders can be sent here" in shown.out
    places = {each["name"]: each for each in command("locations", "--json").json()}
    assert places["Main"]["why_no_destination"] == ""
    assert places["Annex"]["why_no_destination"] == "Annex is not linked to a 3PL or warehouse"


def test_cards_are_changed_moved_and_removed(command: Command) -> None:
    changed(command, FILE)
    added = command(
        "routing",
        "add",
        "West",
        "--to",
        "Annex=US:Oregon,US:Texas,CA",
        "--filter",
        "tags=gift, rush",
        "--filter",
        "min_total=9.90",
        "--position",
        "1",
        "--json",
    ).json()
    assert added["destinations"][0]["regions"] == [
        {"country": "US", "states": ["Oregon", "Texas"]},
        {"country": "CA", "states": []},
    ]
    assert (added["filters"]["tags"], added["filters"]["min_total"]) == (["gift", "rush"], "9.90")

    renamed = command(
        "routing", "change", "West", "--rename", "Coast", "--off", "--filter", "min_total=", "--json"
    ).json()
    assert renamed["filters"]["tags"] == ["gift", "rush"]
    assert (renamed["filters"]["min_total"], renamed["is_on"]) == (None, False)

    assert command("routing", "move", "Coast", "3").code == 0
    assert command("routing", "remove", "All").code == 0
    assert names(command) == ["Abroad", "Coast"]
    assert "US: Oregon or Texas, CA" in command("routing", "show", "coast").out
    assert "Annex is not linked" in command("routing").out


def test_wrong_words_are_refused_with_the_fix(command: Command) -> None:
    changed(command, FILE)
    for arguments, said in (
        (("add", "X", "--to", "Main", "--filter", "color=red"), "the names are channels, countries"),
        (("add", "X", "--to", "Main", "--filter", "min_total=ten"), "'ten' is no number"),
        (("add", "X"), "name at least one location"),
        (("show", "X"), "there are: Abroad, All"),
        (("move", "All", "9"), "from 1 to 2"),
        (("rehearse",), "--order, or a made-up one"),
        (("rehearse", "--order", "nothing"), "no order nothing"),
    ):
        done = command("routing", *arguments)
        assert done.code == 1, arguments
        assert said in done.err, done.err


def test_a_made_up_order_is_rehearsed(command: Command) -> None:
    changed(command, FILE)

    done = command("routing", "rehearse", "--country", "US", "--line", "TEA=2", "--tag", "gift")
    covered = command("routing", "coverage")

    assert "Routing card 'All' decided: Main ships 2 units through wms" in done.out
    assert "its country is US, not CA or NO" in done.out
    assert "SKU matching does not control routing" in done.out
    assert covered.code == 0
    assert "Abroad: Annex is not linked to a 3PL or warehouse" in covered.out


def test_the_file_in_the_document_is_one() -> None:
    text = (DOCS / "routing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)

    wanted = spec.read(example)

    assert wanted.routing is not None
    spec_routing.refuse(wanted.routing, ["my-shop"])
    assert [card.on for card in wanted.routing] == [True, True]
    assert {name for card in wanted.routing for name in card.model_fields_set} == set(
        spec_routing.CardSpec.model_fields
    )
