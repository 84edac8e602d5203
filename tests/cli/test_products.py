"""Giving the hub products by the command line."""

from __future__ import annotations

from pathlib import Path

from support.command import Command

ROWS = "product,title,sku,price,currency\ntin,Tin,TIN-1,5,USD\ncup,Cup,CUP-1,x,USD\n"


def test_a_file_is_previewed_taken_and_written_again(command: Command, tmp_path: Path) -> None:
    given, written = tmp_path / "in.csv", tmp_path / "out.csv"
    given.write_text(ROWS, encoding="utf-8")

    preview = command("products", "import", str(given), "--dry-run", "--json")
    taken = command("products", "import", str(given))
    export = command("products", "export", str(written), "--json")
    again = command("products", "import", str(written), "--json")

    assert (preview.code, preview.json()["created"]) == (2, 1)
    assert taken.code == 2
    assert "1 products created" in taken.out
    assert "'x' is no amount" in taken.out
    assert export.json()["products"] == 1
    assert (again.code, again.json()["unchanged"]) == (0, 1)


def test_one_product_is_set_shown_and_removed(command: Command) -> None:
    done = command("products", "set", "tin", "title=Tin", "sku=TIN-1", "price=5", "currency=USD", "--json")

    assert done.json()["became"] == "created"
    assert command("products", "TIN-1", "--json").json()["source"] == "hub"
    assert command("products", "remove", "TIN-1").code == 0
    assert command("products", "remove", "TIN-1").code == 1


def test_mistakes_are_named(command: Command, tmp_path: Path) -> None:
    missing = command("products", "import", str(tmp_path / "no.csv"))
    column = command("products", "set", "tin", "colour=red")
    value = command("products", "set", "tin", "title=Tin", "sku=T", "price=five")

    assert "cannot be read" in missing.err
    assert "'colour'" in column.err
    assert "price: 'five' is no amount" in value.err
    assert (missing.code, column.code, value.code) == (1, 1, 1)


def test_channel_options_are_shown_and_set(command: Command) -> None:
    command("products", "set", "tin", "title=Tin", "sku=TIN-1", "price=5", "currency=USD")

    assert command("products", "options", "TIN-1", "--json").json()["rows"] == []
    assert "Say for which integration" in command("products", "options", "TIN-1", "--channel-sku", "A").err
    assert (
        "There is no integration"
        in command("products", "options", "TIN-1", "--channel", "store", "--channel-sku", "A").err
    )


def test_s43_the_command_line_saves_a_channel_sku_and_takes_it_back(synced: Command) -> None:
    sku = synced("products", "--json").json()["items"][0]["skus"][0]

    def channel_skus(*more: str) -> dict[str, str | None]:
        rows = synced("products", "options", sku, *more, "--json").json()["rows"]
        return {row["connector"]: row.get("channel_sku") for row in rows}

    saved = channel_skus("--channel", "store", "--channel-sku", " OLD 1")
    kept = channel_skus()
    taken_back = channel_skus("--channel", "store", "--channel-sku", "")

    assert saved == kept == {"bigcommerce": " OLD 1", "tiktok_shop": None}
    assert taken_back == {"bigcommerce": "", "tiktok_shop": None}


def a_parent(synced: Command) -> tuple[str, list[str]]:
    """The id and the SKUs of a product with variants."""
    listed = synced("products", "--json", "--limit", "100").json()["items"]
    return next((each["id"], each["skus"]) for each in listed if len(each["skus"]) > 1)


def test_s47_the_command_line_hides_the_column_on_a_parent_without_channel_skus(synced: Command) -> None:
    parent, skus = a_parent(synced)

    hidden = synced("products", "options", parent, "--json").json()
    page = synced("products", "options", parent).out
    synced("products", "options", skus[0], "--channel", "store", "--channel-sku", "OLD-1")
    shown = synced("products", "options", parent, "--json").json()
    synced("products", "options", skus[0], "--channel", "store", "--channel-sku", "")

    assert hidden["shows_channel_sku"] is False
    assert not any("channel_sku" in row for row in hidden["rows"])
    assert "Channel SKU" not in page.partition("A Channel SKU belongs to a child")[0]
    assert all(sku in hidden["hint"] for sku in skus)
    assert shown["shows_channel_sku"] is True
    of_store = {row["sku"]: row["channel_sku"] for row in shown["rows"] if row["connector"] == "bigcommerce"}
    assert of_store == dict.fromkeys(skus, "") | {skus[0]: "OLD-1"}


def test_s48_the_command_line_shows_and_edits_the_column_on_a_child(synced: Command) -> None:
    _, [*_, sku] = a_parent(synced)

    def of_store(*more: str) -> str:
        rows = synced("products", "options", sku, *more, "--json").json()["rows"]
        return next(str(row["channel_sku"]) for row in rows if row["connector"] == "bigcommerce")

    before = of_store()
    page = synced("products", "options", sku).out
    saved = of_store("--channel", "store", "--channel-sku", "OLD-2")
    edited = of_store("--channel", "store", "--channel-sku", "OLD-3")
    taken_back = of_store("--channel", "store", "--channel-sku", "")

    assert "Channel SKU" in page
    assert (before, saved, edited, taken_back) == ("", "OLD-2", "OLD-3", "")


def test_s45_the_command_line_has_no_channel_sku_for_tiktok_shop(synced: Command) -> None:
    sku = synced("products", "--json").json()["items"][0]["skus"][0]

    refused = synced("products", "options", sku, "--channel", "tiktok", "--channel-sku", "X")

    assert refused.code == 1
    assert "master SKU only" in refused.err
