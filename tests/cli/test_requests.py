"""The warehouse from a terminal: added by a file, worked by hand, and told what methods and carriers are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.app import Hub
from crossdock.cli.session import config
from crossdock.domain.channel import ChannelLocation
from crossdock.operations.orders import orders
from crossdock.operations.stock import locations
from crossdock.operations.task import SourcesOfTruth, Task
from support import make, requesting
from support.command import Command

WAREHOUSE, STORE = "my-warehouse", "my-store"
FILE = """
integrations:
  my-store: {connector: bigcommerce, credentials: {api_path: "https://api.bigcommerce.com/stores/abc/v3/",
    client_id: a, client_secret: b, access_token: c}}
  my-warehouse: {connector: manual_warehouse, settings: {pick_list_order: name}}
shipping_methods:
  - {from: {channel: my-store}, warehouse: my-warehouse, to: GROUND}
"""


@pytest.fixture
def working(command: Command, tmp_path: Path) -> Command:
    """A hub with request 1-1 of two teas and a mug at its manual warehouse."""
    file = tmp_path / "hub.yaml"
    file.write_text(FILE, encoding="utf-8")
    done = command("apply", str(file))
    assert done.code == 0, done.err
    hub = Hub.open(config())
    with hub.database.transaction() as tx:
        task = Task(STORE, hub.clock(), hub.cipher, truth=SourcesOfTruth(STORE, STORE))
        locations.ingest(tx, task, [ChannelLocation(make.ChannelId("1"), "Main")], read_began_at=task.now)
        placed = {"placed_at": task.now, "modified_at": task.now, "shipping_method": "Two Day"}
        sold = make.order("1", make.line("TEA", 2), make.line("MUG", 1), **placed)
        orders.ingest(tx, task, [sold])
    requesting.request(hub.database, "1", {"TEA": 2, "MUG": 1}, now=hub.clock(), integration=WAREHOUSE)
    hub.close()
    return command


def test_a_manual_warehouse_of_the_file_is_connected_at_once(working: Command) -> None:
    states = {each["name"]: each["status"] for each in working("integrations", "--json").json()}

    assert states[WAREHOUSE] == "Connected"
    assert working("connect", WAREHOUSE).code == 0


def test_a_request_is_picked_packed_and_shipped_by_hand(working: Command, tmp_path: Path) -> None:
    picked = working("pick-list", WAREHOUSE, "--json").json()
    assert [(pick["sku"], pick["quantity"]) for pick in picked[0]["picks"]] == [("MUG", 1), ("TEA", 2)]
    assert "2 × 1-1" in working("pick-list", WAREHOUSE, "--location", "Main").out

    slips = tmp_path / "slips.pdf"
    assert working("packing-slip", "1-1", "--out", str(slips)).out.strip() == f"{slips}: 1-1"
    assert slips.read_bytes().startswith(b"%PDF")

    part = working(
        "requests", "ship", "1-1", "--line", "TEA=1", "--carrier=USPS", "--tracking=1Z999AA10123456784"
    )
    assert "1 × TEA" in part.out
    assert "Check the tracking: 1Z999AA10123456784 looks like UPS, not USPS" in part.out
    shown = working("requests", "show", "1-1").out
    assert all(text in shown for text in ("my-warehouse", "Main", "sent", "USPS 1Z999AA10123456784"))
    rest = working("requests", "ship", "1-1", "--json").json()
    assert (rest["request"], sorted(line["quantity"] for line in rest["lines"])) == ("1-1", [1, 1])

    [listed] = working("requests", "list", "--order", "1", "--state", "shipped", "--json").json()["items"]
    assert [line["open"] for line in listed["lines"]] == [0, 0]
    assert working("pick-list", WAREHOUSE).out.strip() == "my-warehouse has nothing to pick."


def test_what_was_stopped_leaves_when_a_person_insists(working: Command) -> None:
    working("requests", "stopped", "1-1")

    left = working("requests", "ship", "1-1", "--left-anyway", "--json").json()

    assert (left["request"], sorted(line["quantity"] for line in left["lines"])) == ("1-1", [1, 2])


def test_mistakes_name_the_field_and_the_fix(working: Command, tmp_path: Path) -> None:
    mistakes = {
        ("requests", "ship", "9-9"): "There is no shipping request 9-9",
        ("requests", "ship", "1-1", "--line", "TEA=3"): "shipping request 1-1 has 2 open",
        ("requests", "list", "--warehouse", "nowhere"): "There is no integration 'nowhere'",
        ("pick-list", "nowhere"): "There is no integration 'nowhere'",
        ("packing-slip", "9-9", "--out", "x.pdf"): "there is no shipping request '9-9'",
        ("packing-slip", "1-1", "--out", str(tmp_path)): f"--out: {tmp_path} cannot be written",
        ("shipping-methods", "set", STORE, "X"): "'my-store' is no 3PL or warehouse integration",
        ("shipping-methods", "remove", WAREHOUSE): "any method of any channel is not mapped",
    }
    for words, said in mistakes.items():
        done = working(*words)
        assert (done.code, said in done.err) == (1, True), (words, done.err)


def test_shipping_methods_are_shown_set_and_removed(working: Command) -> None:
    working("shipping-methods", "set", WAREHOUSE, "AIR", "--channel", STORE, "--method", "Two Day")

    shown = working("shipping-methods").out
    assert "two day" in shown
    assert "AIR at my-warehouse" in shown
    working("shipping-methods", "remove", WAREHOUSE, "--channel", STORE, "--method", "TWO DAY")
    document = working("shipping-methods", "list", "--json").json()
    assert [(row["channel"], row["method"], row["to"]) for row in document["map"]] == [(STORE, "", "GROUND")]
    assert [each["warehouses"][0]["to"] for each in document["order_methods"]] == ["GROUND"]


def test_a_carrier_is_found_by_what_somebody_wrote(working: Command) -> None:
    done = working("carriers", "find", "Fed-Ex ground", "--number", "1Z999AA10123456784", "--json").json()

    assert [each["name"] for each in done["candidates"]] == ["UPS", "FedEx"]
    assert (
        "looks like UPS, not FedEx"
        in working("carriers", "find", "FedEx", "--number", "1Z999AA10123456784").out
    )
