"""Reports of sales to the owner of stock: sent once, kept as commitments until its numbers show them."""

from __future__ import annotations

from crossdock.domain.inventory import ReportState
from crossdock.operations import retrying
from crossdock.operations.stock import observing, sales
from crossdock.operations.views import views
from crossdock.store import tables
from support.make import STORE, Bench, stock
from support.owner import SKU, Owner


def states(owner: Owner) -> list[ReportState]:
    return [state for _, state in owner.hub.reports()]


def test_a_sale_lowers_the_offer_at_once_and_the_owner_once(owner: Owner) -> None:
    owner.sell(3)
    assert owner.hub.offered(SKU) == 22

    assert owner.send()
    owner.look()

    assert owner.total == 22
    assert owner.hub.offered(SKU) == 22
    assert states(owner) == [ReportState.SEEN]
    assert not owner.send()


def test_an_accepted_report_keeps_its_commitment_until_it_shows(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.accept(sent, is_late=True)

    owner.look()
    assert (owner.hub.offered(SKU), states(owner)) == (22, [ReportState.ANSWERED])

    owner.apply_late()
    owner.look()
    assert (owner.hub.offered(SKU), states(owner)) == (22, [ReportState.SEEN])


def test_a_reading_older_than_the_answer_settles_nothing(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    too_early = owner.hub.now
    owner.accept(sent)
    owner.hub.read_stock(stock(SKU, 17, "1"), at=too_early)

    with owner.hub.step() as (tx, task):
        assert observing.observe(tx, task, orders_read_until=task.now) == 1

    assert states(owner) == [ReportState.ANSWERED]


def test_a_reading_newer_than_the_owners_orders_settles_nothing(owner: Owner) -> None:
    owner.sell(3)
    owner.send()
    orders_read = owner.hub.tick()
    owner.read()

    with owner.hub.step() as (tx, task):
        assert observing.observe(tx, task, orders_read_until=orders_read) == 1


def test_a_sale_in_the_store_is_not_taken_for_the_report(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.accept(sent, is_late=True)
    owner.sell_own(3, "1")

    owner.look()
    owner.look()

    assert states(owner) == [ReportState.ANSWERED]
    assert owner.hub.offered(SKU) == 19


def test_a_sale_in_the_store_while_a_report_is_prepared_is_not_allowed_for_twice(owner: Owner) -> None:
    owner.sell(3)

    assert owner.take_due(meanwhile=2) is None
    assert owner.send()
    owner.look()

    assert states(owner) == [ReportState.SEEN]
    assert owner.hub.offered(SKU) == owner.total == 20


def test_a_sale_and_a_cancellation_in_the_store_at_two_locations_are_no_report(owner: Owner) -> None:
    owner.sell_own(3, "2")
    owner.look()
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.accept(sent, is_late=True)
    owner.sell_own(3, "1")
    owner.cancel_own(0, 3)

    owner.look()
    owner.look()

    assert states(owner) == [ReportState.ANSWERED]


def test_a_lost_answer_is_never_sent_again_and_a_case_tells(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="never")
    owner.look()

    assert not owner.send()
    assert owner.hub.offered(SKU) == 22
    (case,) = owner.hub.cases("report_unclear")
    assert "-3" in case.cause


def test_a_lost_answer_is_settled_by_a_reading_that_shows_it(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="now")

    owner.look()

    assert states(owner) == [ReportState.SEEN]
    assert owner.hub.cases() == []


def test_a_person_sends_a_lost_report_again_and_its_case_closes(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="never")
    owner.look()

    assert owner.send_again() == 1
    assert owner.hub.cases() == []
    assert owner.send()
    owner.look()

    assert (owner.total, states(owner)) == (22, [ReportState.SEEN])


def test_of_two_lost_reports_a_person_sends_only_the_one_of_the_case(owner: Owner) -> None:
    for units in (1, 2):
        owner.sell(units)
        sent = owner.take_due()
        assert sent is not None
        owner.lose_answer(sent, fate="never")
    owner.look()
    _, later = owner.hub.cases("report_unclear")

    with owner.hub.step(STORE) as (tx, task):
        case = views.exception(tx, later.id)
        assert case is not None
        retrying.retry(tx, task, case, by="a person")

    assert states(owner) == [ReportState.UNCLEAR, ReportState.OPEN]
    assert "-2" in case.cause
    assert "crossdock exceptions retry" in case.fix
    assert len(owner.hub.cases("report_unclear")) == 1
    assert owner.send()
    owner.look()
    assert (owner.total, states(owner)) == (23, [ReportState.UNCLEAR, ReportState.SEEN])


def test_a_report_that_was_accepted_later_does_not_settle_a_lost_one(owner: Owner) -> None:
    owner.sell(1)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="never")
    owner.sell(1)
    assert owner.send()

    owner.look()

    assert states(owner) == [ReportState.UNCLEAR, ReportState.SEEN]
    assert owner.hub.offered(SKU) == owner.total - 1


def test_a_cancellation_waits_for_a_lost_report_of_the_same_variant(owner: Owner) -> None:
    sale = owner.sell(2)
    owner.sell(1)
    owner.send()
    owner.look()
    owner.sell(1)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="late")

    owner.cancel(sale, 2)

    assert owner.take_due() is None
    owner.apply_late()
    owner.look()
    assert owner.send()


def test_what_is_sold_while_a_report_waits_is_reported_after_it(owner: Owner) -> None:
    owner.sell(1)
    sent = owner.take_due()
    assert sent is not None
    owner.accept(sent, is_late=True)
    owner.sell(2)

    assert owner.take_due() is None
    owner.apply_late()
    owner.look()
    assert owner.send()
    owner.look()

    assert owner.hub.offered(SKU) == owner.total == 22


def test_sales_of_one_variant_at_two_locations_are_reported_one_after_the_other(owner: Owner) -> None:
    owner.sell(20)
    owner.sell(4)
    sent = owner.take_due()
    assert sent is not None
    assert [item.delta for item in sent[1]] == [-20]
    owner.accept(sent)
    owner.look()

    assert owner.send()
    owner.look()

    assert owner.units == {"1": 0, "2": 1}
    assert set(states(owner)) == {ReportState.SEEN}


def test_a_sale_canceled_after_its_report_is_reported_back_once(owner: Owner) -> None:
    sale = owner.sell(3)
    owner.send()
    owner.look()

    owner.cancel(sale, 2)
    assert owner.hub.reports() == [(-3, ReportState.SEEN), (2, ReportState.OPEN)]
    assert owner.hub.offered(SKU) == 22
    owner.send()
    owner.look()

    assert owner.hub.offered(SKU) == owner.total == 24


def test_a_refused_report_moves_to_a_location_that_has_the_units(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.refuse(sent)
    assert owner.hub.cases() == []
    said = [row.what for row in owner.hub.rows(tables.event) if "refused -3 units" in row.what]
    assert len(said) == 1

    assert owner.send()
    owner.look()

    assert owner.units == {"1": 20, "2": 2}
    assert owner.hub.offered(SKU) == 22


def test_a_report_refused_everywhere_keeps_its_units_from_sale_until_the_number_changes(owner: Owner) -> None:
    owner.sell(8)
    sent = owner.take_due()
    assert sent is not None
    owner.refuse(sent)
    assert len(owner.hub.cases("report_refused")) == 1
    assert owner.hub.offered(SKU) == 17
    assert owner.take_due() is None

    owner.units["1"] += 10
    owner.look()

    assert owner.hub.cases() == []
    assert owner.send()


def test_a_report_that_never_left_is_simply_due_again(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.withdraw(sent)

    assert states(owner) == [ReportState.OPEN]
    assert owner.send()


def test_a_hub_that_stopped_in_mid_report_counts_its_answer_as_lost(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None

    with owner.hub.step() as (tx, task):
        assert sales.recover_sent(tx, task) == 1
    owner.apply(sent[1])
    assert len(owner.hub.cases("report_unclear")) == 1
    owner.look()

    assert states(owner) == [ReportState.SEEN]


def test_a_variant_that_the_owner_does_not_list_is_not_reported(hub: Bench) -> None:
    owner = Owner(hub)
    owner.sell(1)
    listed = tables.listing
    with hub.database.transaction() as tx:
        tx.execute(
            listed.update()
            .where(listed.c.integration == "store", listed.c.variant_id == hub.variant_id(SKU))
            .values(variant_id=None)
        )

    assert owner.take_due() is None
    assert owner.hub.offered(SKU) == 24


def test_a_sale_takes_over_what_another_gives_back_and_nothing_is_sent(owner: Owner) -> None:
    first = owner.sell(2)
    owner.send()
    owner.look()
    owner.cancel(first, 2)
    owner.sell(2)

    assert not owner.send()

    assert states(owner) == [ReportState.SEEN] * 3
    assert (owner.hub.committed(SKU), owner.hub.offered(SKU), owner.total) == (0, 23, 23)
    assert owner.hub.cases() == []


def test_a_canceled_sale_that_never_reached_the_owner_is_neither_reported_nor_reversed(owner: Owner) -> None:
    sale = owner.sell(2)
    sent = owner.take_due()
    assert sent is not None
    owner.lose_answer(sent, fate="never")
    owner.cancel(sale, 2)
    owner.send_again()

    assert not owner.send()

    assert set(states(owner)) == {ReportState.VOID}
    assert (owner.hub.committed(SKU), owner.hub.offered(SKU), owner.total) == (0, 25, 25)


def test_what_was_canceled_after_it_was_read_as_due_is_not_sent(owner: Owner) -> None:
    sale = owner.sell(3)
    owner.read()
    with owner.hub.step() as (tx, _):
        due = sales.due(tx, STORE, limit=10)
    owner.cancel(sale, 1)

    with owner.hub.step() as (tx, _):
        assert sales.still_due(tx, due) == []
        assert [item.delta for item in sales.still_due(tx, sales.due(tx, STORE, limit=10))] == [-2]


def test_an_accepted_report_that_never_shows_is_told_and_holds_back_no_later_sale(owner: Owner) -> None:
    owner.sell(3)
    sent = owner.take_due()
    assert sent is not None
    owner.accept(sent, is_late=True)
    owner.sell(2)
    assert owner.take_due() is None

    owner.hub.tick(observing.SHOWS_WITHIN.total_seconds())
    owner.look()

    (case,) = owner.hub.cases("report_unclear")
    assert "accepted" in case.cause
    assert owner.hub.offered(SKU) == 20
    assert owner.send()
    owner.look()
    owner.apply_late()
    owner.look()
    assert owner.hub.cases() == []
    assert (owner.total, owner.hub.offered(SKU)) == (20, 20)
