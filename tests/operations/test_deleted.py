"""What the owner of stock deleted while sales of it were under way, told operation by operation."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from crossdock.domain.channel import ChannelId, ListingState
from crossdock.domain.inventory import ReportState
from crossdock.operations.stock import deleted, sales
from crossdock.operations.stock.sales import IntentKind
from crossdock.store import tables
from operations.test_sales import states
from support.make import STORE, product
from support.owner import SKU, Owner


def remove(owner: Owner) -> str:
    """The catalog of the owner has it no more; answers the variant."""
    key = owner.hub.variant_id(SKU)
    owner.hub.read_products(product(SKU, state=ListingState.REMOVED))
    return key


def end(owner: Owner, variants: Collection[str]) -> None:
    with owner.hub.step(STORE) as (tx, task):
        deleted.end(tx, task, variants)


def committed(owner: Owner) -> int:
    return sum(row.committed for row in owner.hub.rows(tables.level))


def test_only_what_its_catalog_lost_with_sales_untold_is_suspected(owner: Owner) -> None:
    owner.sell(2)
    with owner.hub.database.reading() as tx:
        assert not deleted.suspected(tx, STORE)

    key = remove(owner)

    with owner.hub.database.reading() as tx:
        assert deleted.suspected(tx, STORE) == {key: [(ChannelId(f"v-{SKU}"), SKU)]}
    end(owner, [key])
    with owner.hub.database.reading() as tx:
        assert not deleted.suspected(tx, STORE)


def test_a_refused_report_of_what_was_deleted_ends_with_its_case(owner: Owner) -> None:
    owner.units = {"1": 2, "2": 0}
    owner.sell(2)
    sent = owner.take_due()
    assert sent is not None
    owner.refuse(sent)
    assert owner.hub.cases("report_refused")

    end(owner, [remove(owner)])

    assert states(owner) == [ReportState.SEEN]
    assert (committed(owner), owner.hub.cases("report_refused")) == (0, [])
    assert owner.hub.ledger_differences() == {}


@pytest.mark.parametrize(
    ("kind", "ended"), [(IntentKind.ADJUSTMENT, ReportState.SEEN), (IntentKind.ORDER, ReportState.UNCLEAR)]
)
def test_a_lost_answer_ends_but_an_order_that_may_exist_is_looked_for_first(
    owner: Owner, kind: IntentKind, ended: ReportState
) -> None:
    owner.sell(2)
    with owner.hub.step(STORE) as (tx, task):
        sent = sales.write_intent(tx, task, sales.due(tx, STORE, limit=10), kind=kind)
    owner.lose_answer(sent, fate="never")

    end(owner, [remove(owner)])

    assert states(owner) == [ended]
    assert committed(owner) == (0 if ended is ReportState.SEEN else 2)
    assert owner.hub.cases("report_unclear") == []
