"""Channel Options: what a variant is called on one channel decides what is linked, sold and offered there."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import channel_options, listables, listings, products
from crossdock.operations.setup import integrations
from crossdock.operations.stock import inventory, sales
from crossdock.operations.task import SourcesOfTruth
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, order, product, stock, variant

OWN, THEIRS = "TEA-1", "TEA-OLD"


@pytest.fixture
def tea(hub: Bench) -> Bench:
    """A catalog of TikTok Shop, and a store that sells the same tea under a SKU of its own and owns stock."""
    hub.truth = SourcesOfTruth(catalog=SHOP, inventory=STORE)
    hub.locate()
    with hub.step(SHOP) as (tx, task):
        products.ingest(tx, task, [product(OWN)], read_began_at=task.now)
    with hub.step(STORE) as (tx, task):
        listings.ingest(tx, task, [product(variant(THEIRS, "v-old"))], read_began_at=task.now)
    return hub


def rename(hub: Bench, sku: str, channel_sku: str, on: str = STORE) -> None:
    with hub.step(on, run_id="", actor="ann") as (tx, task):
        channel_options.set_channel_sku(tx, task, sku, channel_sku)


def linked(hub: Bench, on: str = STORE) -> dict[str, str]:
    """Listing → master SKU."""
    table, skus = tables.listing, {row.id: row.sku for row in hub.rows(tables.variant)}
    rows = hub.rows(table, table.c.integration == on, table.c.variant_id.is_not(None))
    return {row.channel_id: skus[row.variant_id] for row in rows}


def test_s44_a_channel_sku_resolves_in_all_flows_and_both_ways(tea: Bench) -> None:
    assert linked(tea) == {}
    tea.read_orders(order("1", line(THEIRS, 2)), of=STORE)
    (case,) = tea.cases("line_unmatched")
    assert "under Channel Options as the Channel SKU of the variant" in case.fix

    rename(tea, OWN, THEIRS)

    # Orders: the one that waited, and those that come.
    tea.read_orders(order("2", line(THEIRS, 3)), of=STORE)
    key = tea.variant_id(OWN)
    assert tea.cases() == []
    assert {row.variant_id for row in tea.rows(tables.order_line)} == {key}
    # Inventory in: the store's number of its item is this variant's. Out: the channel is offered it.
    assert linked(tea) == {"v-old": OWN}
    with tea.step(STORE) as (tx, task):
        inventory.ingest(tx, task, [stock(THEIRS, 9)], read_began_at=task.now)
    assert tea.on_hand(OWN) == 9
    assert tea.offered(OWN) == 9
    # A sale on TikTok Shop is reported to the store under the store's own ids.
    tea.read_orders(order("3", line(OWN, 1)))
    with tea.database.reading() as tx:
        (due,) = sales.due(tx, STORE, limit=9)
    assert (due.channel_variant_id, due.channel_sku, due.delta) == ("v-old", THEIRS, -1)


def test_stock_that_is_known_by_sku_only_goes_by_the_channel_sku(tea: Bench) -> None:
    rename(tea, OWN, "TEA-3")

    with tea.step(STORE) as (tx, task):
        unlinked = [stock("TEA-3", 4), stock(OWN, 50)]
        inventory.ingest(tx, task, unlinked, read_began_at=task.now)

    assert tea.on_hand(OWN) == 4


def test_with_a_channel_sku_the_master_sku_means_nothing_on_that_channel(tea: Bench) -> None:
    with tea.step(STORE) as (tx, task):
        listings.ingest(tx, task, [product(variant(OWN, "v-other"))], read_began_at=task.now)
    assert linked(tea) == {"v-other": OWN}

    rename(tea, OWN, THEIRS)
    tea.read_orders(order("1", line(OWN, 1)), of=STORE)

    assert linked(tea) == {"v-old": OWN}
    assert [case.kind for case in tea.cases()] == ["line_unmatched"]
    assert linked(tea, SHOP) == {f"v-{OWN}": OWN}, "other channels keep their links"


def test_taking_a_channel_sku_back_restores_what_was(tea: Bench) -> None:
    with tea.step(STORE) as (tx, task):
        listings.ingest(tx, task, [product(variant(OWN, "v-other"))], read_began_at=task.now)
    rename(tea, OWN, THEIRS)

    rename(tea, OWN, "")

    assert linked(tea) == {"v-other": OWN}
    assert [said for said in tea.events(tea.variant_id(OWN)) if "Channel SKU" in said] == [
        f"Channel SKU on {STORE}: none → “{THEIRS}”",
        f"Channel SKU on {STORE}: “{THEIRS}” → none",
    ]


def test_a_channel_sku_is_compared_exactly(tea: Bench) -> None:
    rename(tea, OWN, f" {THEIRS}")

    assert linked(tea) == {}
    (case,) = tea.cases("sku_near_miss")
    assert THEIRS in case.cause


def test_two_variants_cannot_mean_the_same_sku(tea: Bench) -> None:
    with tea.step(SHOP) as (tx, task):
        products.ingest(tx, task, [product("CUP-1")], read_began_at=task.now)
    rename(tea, OWN, THEIRS)

    with pytest.raises(SettingsError, match=f"already means .*{OWN}"):
        rename(tea, "CUP-1", THEIRS)
    with pytest.raises(SettingsError, match="CUP-1"):
        rename(tea, OWN, "CUP-1")

    rename(tea, "CUP-1", "CUP-9")
    rename(tea, OWN, "CUP-1")  # which is free now
    assert linked(tea) == {}


def test_a_sku_that_differs_from_anothers_by_case_only_is_refused(tea: Bench) -> None:
    with tea.step(SHOP) as (tx, task):
        products.ingest(tx, task, [product("Cup-1")], read_began_at=task.now)

    with pytest.raises(SettingsError, match="“Cup-1”, which differs from “CUP-1” by case only"):
        rename(tea, OWN, "CUP-1")
    rename(tea, "Cup-1", "cup-9")
    with pytest.raises(SettingsError, match=r"“cup-9”, which differs from “CUP-9” by case only.*Cup-1"):
        rename(tea, OWN, "CUP-9")

    rename(tea, OWN, "CUP-1")  # which is free now
    rename(tea, OWN, "cup-1")  # its own in another case


def test_a_channel_that_has_no_channel_skus_says_so_and_shows_no_column(tea: Bench) -> None:
    tea.rules[STORE] = Rules(channel_sku_refusal="The store has none")

    with pytest.raises(SettingsError, match=r"The store has none\. Make the two SKUs equal") as caught:
        rename(tea, OWN, THEIRS)
    with tea.database.reading() as tx:
        shown = channel_options.of_product(tx, OWN, tea.rules.__getitem__)

    assert caught.value.field == "channel_sku"
    assert shown is not None
    assert {row.integration: row.channel_sku for row in shown.rows} == {STORE: None, SHOP: ""}


def test_an_unknown_sku_or_channel_is_refused_by_name(tea: Bench) -> None:
    with pytest.raises(SettingsError, match="tea-1"):
        rename(tea, "tea-1", "X")
    tea.rules["nowhere"] = tea.rules[STORE]
    with pytest.raises(SettingsError, match="nowhere"):
        rename(tea, OWN, "X", on="nowhere")


def push_to_store(hub: Bench) -> listables.Draft:
    """What the store is to be sent of the one product."""
    with hub.database.transaction() as tx:
        integrations.configure_flows(tx, STORE, {("push", Entity.PRODUCTS): True}, {})
    with hub.step(STORE) as (tx, task):
        rows = [row for row in tx.execute(tables.publication.select()) if row.entity == Entity.PRODUCTS]
        (draft,) = listables.drafts(tx, task, [row for row in rows if row.integration == STORE])
    return draft


def test_a_product_is_pushed_under_its_channel_sku(tea: Bench) -> None:
    with tea.step(STORE) as (tx, task):
        inventory.ingest(tx, task, [stock(OWN, 3)], read_began_at=task.now)
    rename(tea, OWN, "TEA-NEW")

    draft = push_to_store(tea)

    assert draft.change is not None
    assert [part.channel_sku for part in draft.change.desired.variants] == ["TEA-NEW"]


def test_no_second_product_is_made_while_the_first_may_be_there_under_the_master_sku(tea: Bench) -> None:
    with tea.step(STORE) as (tx, task):
        listings.ingest(tx, task, [product(variant(OWN, "v-other"))], read_began_at=task.now)
    rename(tea, OWN, "TEA-NEW")

    draft = push_to_store(tea)

    assert draft.change is None
    assert OWN in draft.reason


def test_a_switched_off_variant_is_known(tea: Bench) -> None:
    with tea.step(SHOP) as (tx, task):
        channel_options.set_synced(tx, task, OWN, is_synced=False)
        channel_options.set_channel_sku(
            tx, tea.task(STORE), OWN, THEIRS
        )  # leaves the other decision as it is

    key = tea.variant_id(OWN)
    with tea.database.reading() as tx:
        assert channel_options.switched_off(tx, SHOP, [key]) == {key}
        assert channel_options.switched_off(tx, STORE, [key]) == set()
