"""Any order of readings, shipments, entries, cancellations and answers: no unit leaves twice, none is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crossdock.domain.channel import ChannelId, Parcel
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.orders import cancellation_push, cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from crossdock.store.database import Database
from support import make, shipping
from support.make import SHOP, STORE, Bench, empty
from support.shipping import S1

ORDERED = {"TEA": 4, "MUG": 2}
SKUS = st.sampled_from(sorted(ORDERED))
FEW = st.integers(1, 2)
NUMBERS = st.sampled_from(["", "1Z-1", "1Z-2"])


class Shipping(RuleBasedStateMachine):
    """One order of the shop with its copy in the store. What each of the three has on record is kept here as well."""

    database: Database
    owner: str

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.hub = Bench(self.database)
        self.hub.open_shop(**dict.fromkeys(ORDERED, 10))
        if self.owner == HUB:
            self.hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
            self.hub.read_locations(make.location(is_default=True), of=HUB)
        self.canceled = dict.fromkeys(ORDERED, 0)
        self.store: dict[str, Parcel] = {}
        self.shop: dict[str, Parcel] = {}
        self.entered: dict[str, dict[str, int]] = {}
        self.ids = iter(range(1, 10_000))
        self.read_order()
        self.hub.read_orders(shipping.copied(ORDERED), of=STORE)

    # What the three have on record

    def in_shop(self, sku: str) -> int:
        return _units(self.shop.values(), sku)

    def by_hub(self, sku: str) -> int:
        return sum(units.get(sku, 0) for units in self.entered.values())

    def by_store(self, sku: str) -> int:
        return _units(self.store.values(), sku)

    def expected(self, sku: str) -> int:
        """Units shipped: what the shop shows, or what the others have on record as far as there is room."""
        room = ORDERED[sku] - self.canceled[sku]
        return min(max(self.in_shop(sku), self.by_hub(sku) + self.by_store(sku)), room)

    def gone(self, sku: str) -> int:
        """Units that the buyer has canceled and that left all the same."""
        room = ORDERED[sku] - self.canceled[sku]
        return min(self.canceled[sku], max(0, self.by_hub(sku) + self.by_store(sku) - room))

    def hub_stock(self, sku: str) -> tuple[int, int]:
        """Units on hand and committed at the hub's own location."""
        [place] = self.hub.rows(tables.location, tables.location.c.integration == HUB)
        level = tables.level
        is_it = (level.c.location_id == place.id, level.c.variant_id == self.hub.variant_id(sku))
        rows = self.hub.rows(level, *is_it)
        return sum(row.on_hand for row in rows), sum(row.committed for row in rows)

    def open(self, sku: str) -> int:
        return shipping.lines(self.hub)[sku][2]

    # The shop

    def read_order(self) -> None:
        told = {sku: min(self.in_shop(sku), ORDERED[sku] - self.canceled[sku]) for sku in ORDERED}
        order = shipping.sold(
            ORDERED, shipped=told, canceled=self.canceled, parcels=tuple(self.shop.values())
        )
        self.hub.read_orders(order)

    @rule(sku=SKUS)
    def the_buyer_cancels(self, sku: str) -> None:
        """Also what has left already, as long as the shop does not know that."""
        if self.in_shop(sku) < ORDERED[sku] - self.canceled[sku]:
            self.canceled[sku] += 1
            self.read_order()

    @precondition(lambda self: self.shop)
    @rule(data=st.data())
    def the_shop_gives_a_parcel_another_id(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.shop)))
        # Of two alike nobody could say which is which.
        if sum(_alike(self.shop[old], other) for other in self.shop.values()) == 1:
            key = f"p{next(self.ids)}"
            self.shop[key] = replace(self.shop.pop(old), channel_id=ChannelId(key))
            self.read_order()

    # The store

    def read_store(self) -> None:
        shipping.read(self.hub, *self.store.values())

    @rule(sku=SKUS, units=FEW, number=NUMBERS)
    def the_store_ships(self, sku: str, units: int, number: str) -> None:
        key = f"s{next(self.ids)}"
        self.store[key] = shipping.shipment(key, number, **{sku: units})
        self.read_store()

    @precondition(lambda self: self.store)
    @rule(data=st.data(), number=NUMBERS)
    def the_store_corrects(self, data: st.DataObject, number: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.store)))
        self.store[key] = replace(self.store[key], tracking_number=number)
        self.read_store()

    @precondition(lambda self: self.store)
    @rule(data=st.data())
    def the_store_deletes(self, data: st.DataObject) -> None:
        del self.store[data.draw(st.sampled_from(sorted(self.store)))]
        self.read_store()

    @precondition(lambda self: self.store)
    @rule(data=st.data())
    def the_store_gives_a_shipment_another_id(self, data: st.DataObject) -> None:
        key = f"s{next(self.ids)}"
        old = self.store.pop(data.draw(st.sampled_from(sorted(self.store))))
        self.store[key] = replace(old, channel_id=ChannelId(key))
        self.read_store()

    # The hub

    @rule(sku=SKUS, units=FEW)
    def somebody_enters(self, sku: str, units: int) -> None:
        units = min(units, self.open(sku))
        if units:
            number = f"HUB-{next(self.ids)}"
            self.entered[shipping.enter(self.hub, Tracking("UPS", number), {sku: units})] = {sku: units}

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def somebody_corrects(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.entered)))
        shipping.correct(self.hub, key, Tracking("DHL", f"HUB-{next(self.ids)}"))

    @precondition(lambda self: self.entered)
    @rule(data=st.data())
    def somebody_takes_back(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.entered)))
        shipping.void(self.hub, key)
        del self.entered[key]

    @rule(sku=SKUS)
    def somebody_cancels(self, sku: str) -> None:
        if self.open(sku):
            with self.hub.step(SHOP, rules=shipping.CANCELS) as (tx, task):
                cancellations.cancel(tx, task, S1, Wish({sku: 1}))

    @rule(is_taken=st.booleans())
    def the_shop_answers_a_cancellation(self, *, is_taken: bool) -> None:
        table = tables.cancellation
        waiting = self.hub.rows(table, table.c.state == "open", by=table.c.created_at)
        if not waiting:
            return
        key = waiting[0].id
        answer = Confirmed(key, ChannelId(f"c{next(self.ids)}")) if is_taken else Rejected(key, "No")
        with self.hub.step(SHOP, rules=shipping.CANCELS) as (tx, task):
            cancellation_push.settle(tx, task, answer)

    # The push to the shop

    @rule()
    def the_shop_takes_what_it_is_told(self) -> None:
        self.tell("taken")

    @rule()
    def the_shops_answer_is_lost(self) -> None:
        self.tell("lost")

    @rule(answer=st.sampled_from(["never arrived", "refused"]))
    def the_shop_takes_nothing(self, answer: str) -> None:
        self.tell(answer)

    def tell(self, answer: str) -> None:
        for due in shipping.due(self.hub):
            self._tell(due, answer)
        self.read_order()

    def _tell(self, due: Any, answer: str) -> None:
        key, desired = due.change.key, due.change.desired
        if answer in ("refused", "never arrived"):
            lost = Unclear(key, "No answer")
            shipping.settle(self.hub, due, Rejected(key, "No") if answer == "refused" else lost)
            return
        found = due.change.channel_id
        if found is None:
            alike = [
                one.channel_id
                for one in self.shop.values()
                if one.channel_id not in desired.taken and one.tracking_number == desired.tracking_number
            ]
            found = alike[0] if alike else ChannelId(f"p{next(self.ids)}")
        self.shop.pop(found, None)
        if not desired.is_voided:
            units = {part.line_id.removeprefix("line-"): part.quantity for part in desired.units}
            self.shop[found] = shipping.parcel(found, desired.tracking_number, **units)
        answered = Confirmed(key, found) if answer == "taken" else Unclear(key, "No answer")
        shipping.settle(self.hub, due, answered)

    # What always holds

    @invariant()
    def shipped_canceled_and_open_are_what_was_ordered(self) -> None:
        for sku, parts in shipping.lines(self.hub).items():
            assert sum(parts) == ORDERED[sku]
            assert min(parts) >= 0
            assert parts[1] >= self.canceled[sku]

    @invariant()
    def no_unit_leaves_twice_and_none_is_lost(self) -> None:
        shipped = {sku: parts[0] for sku, parts in shipping.lines(self.hub).items()}
        assert shipped == {sku: self.expected(sku) for sku in ORDERED}

    @invariant()
    def there_is_one_fulfillment_for_each_that_somebody_recorded(self) -> None:
        standing = [one.source for one in shipping.shown(self.hub, state="shipped", limit=500)]
        assert sorted(standing) == sorted([HUB] * len(self.entered) + [STORE] * len(self.store))

    @invariant()
    def stock_follows_once(self) -> None:
        assert self.hub.ledger_differences() == {}
        for sku, (shipped, canceled, still_open) in shipping.lines(self.hub).items():
            if self.owner == HUB:
                assert self.hub_stock(sku) == (-shipped - self.gone(sku), still_open)
            else:
                key = self.hub.variant_id(sku)
                told = [row for row in self.hub.rows(tables.sale_report) if row.variant_id == key]
                standing = sum(row.quantity for row in told if row.state != ReportState.VOID)
                assert -standing == ORDERED[sku] - canceled + self.gone(sku)

    def teardown(self) -> None:
        """Reading it all again changes nothing."""
        before = [len(self.hub.rows(table)) for table in (tables.event, tables.movement, tables.fulfillment)]
        marks = shipping.marks(self.hub)
        self.read_order()
        self.read_store()
        after = [len(self.hub.rows(table)) for table in (tables.event, tables.movement, tables.fulfillment)]
        assert (after, shipping.marks(self.hub)) == (before, marks)


def _units(parcels: Any, sku: str) -> int:
    lines = (f"line-{sku}", f"c-{sku}")
    return sum(part.quantity for one in parcels for part in one.units if part.line_id in lines)


def _alike(one: Parcel, other: Parcel) -> bool:
    return (one.tracking_number, one.units) == (other.tracking_number, other.units)


def run(database: Database, owner: str) -> None:
    class Here(Shipping):
        pass

    Here.database, Here.owner = database, owner
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12 if database.is_sqlite else 4,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_each_unit_leaves_once_where_the_store_owns_stock(database: Database) -> None:
    run(database, STORE)


def test_each_unit_leaves_once_where_the_hub_owns_stock(database: Database) -> None:
    run(database, HUB)
