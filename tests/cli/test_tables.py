"""Tables at every width: words, ids, numbers and times stay whole, and notes can be copied."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from rich.console import Console

from crossdock.cli.output import say
from crossdock.cli.tables import table
from support.command import Command

ORDER, ID, SKU = "576461413038800009", "ful_3adae36fd520790f", "HAR-TB-00007-SKYB-CERA"
FIX = f"crossdock fulfillments correct {ID} --tracking 1Z999AA10123456785"
COLUMNS = ("Id", "Order", "Title", "Units", "At", "SKU")
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = [(ID, ORDER, "Harbor Original Water Bottle No. 11", 12, AT, SKU)]


def shown(width: int, *, gives_way: Sequence[str] = ()) -> str:
    out = io.StringIO()
    made = table("Things", COLUMNS, ROWS, notes=[(ID, FIX), (ORDER, "")], gives_way=gives_way)
    say(Console(file=out, width=width), made)
    return out.getvalue()


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120, 160])
def test_nothing_that_is_copied_is_broken_at_any_width(width: int) -> None:
    text = shown(width)

    for whole in (ORDER, ID, SKU, "2026-03-02 10:00", "At (UTC)", f"{ID}: {FIX}\n"):
        assert whole in text, whole
    assert f"{ORDER}:" not in text, "nothing is noted about what has no note"


def test_a_table_is_as_wide_as_the_terminal_and_only_prose_goes_on_in_the_next_line() -> None:
    wide, narrow = shown(160).splitlines(), shown(100).splitlines()

    assert "Harbor Original Water Bottle No. 11" in wide[3]
    assert [line for line in narrow if "Harbor" in line and "No. 11" in line] == []
    assert max(len(line) for line in narrow if FIX not in line) <= 100


def test_where_not_even_that_has_room_each_record_is_a_block() -> None:
    lines = [line.split() for line in shown(60).splitlines()]

    assert ["Order", ORDER] in lines
    assert ["Title", "Harbor", "Original", "Water", "Bottle", "No.", "11"] in lines


def test_columns_give_way_in_turn_before_that_and_are_named() -> None:
    text = shown(80, gives_way=("SKU", "At", "Units"))

    assert "No room for SKU: see --json" in text
    assert (SKU in text, "2026-03-02 10:00" in text) == (False, True)
    assert "No room" not in shown(160, gives_way=("SKU",))
    assert SKU in shown(30, gives_way=("SKU",)), "a block has room for all"


def test_numbers_stand_right_and_a_column_may_have_no_name() -> None:
    out = io.StringIO()
    say(Console(file=out, width=80), table("Units", ("SKU", "Units", ""), [("A", 5, "x"), ("B", 1234, True)]))

    assert [line.rstrip() for line in out.getvalue().splitlines()[3:]] == ["A        5  x", "B     1234  yes"]


def test_text_with_brackets_and_colons_is_printed_as_it_is() -> None:
    out = io.StringIO()
    say(Console(file=out, width=20), "[bold]Mug[/bold] :smile: " + "x" * 40)

    assert out.getvalue() == "[bold]Mug[/bold] :smile: " + "x" * 40 + "\n"


@pytest.mark.parametrize("words", ["products", "orders", "inventory", "locations", "integrations", "runs"])
@pytest.mark.parametrize("width", [80, 100])
def test_lists_fit_a_terminal(
    synced: Command, monkeypatch: pytest.MonkeyPatch, words: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))

    head, _, _ = synced(words).out.partition("\n\n")

    rule = head.splitlines()[2]
    assert set(rule) == {"─"}, "a table, and no blocks"
    assert len(rule) <= width


def test_a_mistake_is_one_line_that_says_what_it_is_about(
    synced: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    order = synced("orders", "--json").json()["items"][0]["number"]

    done = synced("orders", "ready", order)

    assert done.err.startswith(f"Error: Order {order} is Ready For Fulfillment and waits for no review")
    assert len(done.err.splitlines()) == 1


def test_what_a_terminal_would_act_on_is_shown_by_its_number() -> None:
    out = io.StringIO()
    made = table("Cases", ["Cause"], [["names \x1b[2J\x00a\u202eb"]], notes=[("1", "\x07 rang")])
    say(Console(file=out, width=80), made)
    say(Console(file=out, width=80), "and \x1b]0;me\x07")

    for told in ("names \\x1b[2J\\x00a\\x202eb", "1: \\x07 rang", "and \\x1b]0;me\\x07"):
        assert told in out.getvalue()
