"""Any interleaving of sales, readings, pushes and lost answers: no channel is told of a unit that the hub knows is sold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.stock import offering
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import workers
from operations.own_bench import MAIN, add, change
from support.databases import KINDS, open_database
from support.flows import empty_engine_tables
from support.make import SHOP, STORE, Bench, empty, listing, product
from support.make import location as place
from support.owner import Owner
from support.till import ANSWERS, SKU, STEPS, Course, Till, open_flows

CHANNELS = st.sampled_from([STORE, SHOP])
SOME = st.lists(
    st.tuples(
        st.sampled_from(["sell here", "sell here", "sell there and read", "cancel here", "count"]),
        st.integers(1, 2),
    ),
    max_size=2,
)
COUNTED = 8

Acts = list[tuple[str, int]]
"""What buyers and people do, and how many units it is about."""


def cancel(till: Till, units: int) -> None:
    """Of the oldest order that has some left."""
    for index, sold in enumerate(till.orders):
        if sold.net:
            till.cancel(index, min(units, sold.net))
            return


def try_refused_again(hub: Bench, *names: str) -> None:
    """As a person does."""
    with hub.step() as (tx, _):
        for name in names:
            publishing.mark_kept_back(tx, name, Entity.INVENTORY)


class HubOwned(RuleBasedStateMachine):
    """One SKU on a shelf of the hub, buyers on both channels, and pushes that meet them at any step."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty_engine_tables(self.database)
        empty(self.database)
        hub = self.hub = Bench(self.database, truth=SourcesOfTruth(catalog=STORE, inventory=HUB))
        workers.beat(self.database, "anna")
        open_flows(hub, STORE, SHOP)
        for name in (STORE, SHOP):
            hub.read_locations(place(is_default=True), of=name)
        hub.read_products(product(SKU))
        hub.read_listings(listing(SKU))
        add(hub, OwnLocation(MAIN, "M"))
        self.tills = {STORE: Till(hub, STORE, f"v-{SKU}"), SHOP: Till(hub, SHOP, f"l-{SKU}")}
        for name, till in self.tills.items():
            till.check = self.checking(name)
        self.on_hand = COUNTED
        change(hub, SKU, on_hand=COUNTED)
        for till in self.tills.values():
            till.push()

    def checking(self, name: str) -> Callable[[int], None]:
        """No number leaves the hub that lacks what it knows at that moment."""

        def check(units: int) -> None:
            assert units == self.offered(name)

        return check

    def offered(self, name: str) -> int:
        hub = self.hub
        with hub.database.reading() as tx:
            on = offering.channel(tx, name, hub.rules[name])
            [offer] = offering.offers(tx, on, HUB, [hub.variant_id(SKU)]).values()
        return sum(units for _, units in offer.quantities)

    @property
    def known(self) -> int:
        return sum(till.known for till in self.tills.values())

    @rule(name=CHANNELS, acts=SOME)
    def live(self, name: str, acts: Acts) -> None:
        self.act(name, acts)

    @rule(name=CHANNELS)
    def pull(self, name: str) -> None:
        self.tills[name].pull()

    @rule(
        name=CHANNELS,
        first=SOME,
        at=st.dictionaries(st.sampled_from(STEPS), SOME, max_size=3),
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
    )
    def push(self, name: str, first: Acts, at: dict[str, Acts], answers: list[str]) -> None:
        self.act(name, first)
        steps = {step: partial(self.act, name, acts) for step, acts in at.items()}
        self.tills[name].push(Course(steps, answers))

    def act(self, name: str, acts: Acts) -> None:
        here, there = self.tills[name], self.tills[STORE if name == SHOP else SHOP]
        for act, units in acts:
            if act == "sell here":
                here.sell(units)
            elif act == "cancel here":
                cancel(here, units)
            elif act == "count":
                self.count(COUNTED - 1 + units)
            else:
                there.sell(units)
                there.pull()

    def count(self, units: int) -> None:
        """Somebody counts the shelf; what is sold still lies on it."""
        self.on_hand = units
        change(self.hub, SKU, on_hand=units)

    @invariant()
    def each_sale_that_is_known_counts_once_on_every_channel(self) -> None:
        for name in self.tills:
            assert self.offered(name) == max(0, self.on_hand - self.known)

    @invariant()
    def what_is_committed_is_what_is_known_to_be_sold(self) -> None:
        assert self.hub.committed(SKU) == self.known >= 0
        assert self.hub.ledger_differences() == {}

    @invariant()
    def no_channel_is_blamed_for_what_its_buyers_did(self) -> None:
        assert not self.hub.cases("silent_refusal")

    def teardown(self) -> None:
        """In the end every number is the truth."""
        for till in self.tills.values():
            till.land()
            till.pull()
        try_refused_again(self.hub, *self.tills)
        for _ in range(3):
            for till in self.tills.values():
                till.push()
        left = max(0, self.on_hand - sum(till.net for till in self.tills.values()))
        assert {name: till.shown for name, till in self.tills.items()} == dict.fromkeys(self.tills, left)
        table = tables.publication
        assert {(row.state, row.is_dirty) for row in self.hub.rows(table, table.c.entity == "inventory")} == {
            ("settled", False)
        }


OWNER_ACTS = [
    "sell here",
    "sell here",
    "cancel here",
    "owner sells",
    "owner is read",
    "report",
    "report late",
]
SOME_OF_OWNER = st.lists(st.tuples(st.sampled_from(OWNER_ACTS), st.integers(1, 2)), max_size=2)


class StoreOwned(RuleBasedStateMachine):
    """The store owns the stock of one SKU and sells from it; the shop is told what is left, and its sales are reported."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty_engine_tables(self.database)
        empty(self.database)
        self.hub = Bench(self.database)
        workers.beat(self.database, "anna")
        open_flows(self.hub, SHOP)
        self.owner = Owner(self.hub, {"1": 6, "2": 2})
        self.there = self.owner.total
        self.shop = Till(self.hub, SHOP, f"l-{SKU}")
        self.shop.check = self.check
        self.shop.push()

    def check(self, units: int) -> None:
        assert units == self.hub.offered(SKU)

    @rule(acts=SOME_OF_OWNER)
    def live(self, acts: Acts) -> None:
        for act, units in acts:
            if act == "sell here":
                self.shop.sell(units)
            elif act == "cancel here":
                cancel(self.shop, units)
            elif act == "owner sells":
                if self.owner.units["1"] >= units:
                    self.owner.sell_own(units, "1")
            elif act == "owner is read":
                self.owner.look()
            elif sent := self.owner.take_due():
                self.owner.accept(sent, is_late=act == "report late")

    @rule()
    def pull(self) -> None:
        self.shop.pull()

    @precondition(lambda self: self.owner.late)
    @rule()
    def a_late_report_is_applied(self) -> None:
        self.owner.apply_late()

    @rule(
        first=SOME_OF_OWNER,
        at=st.dictionaries(st.sampled_from(STEPS), SOME_OF_OWNER, max_size=3),
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
    )
    def push(self, first: Acts, at: dict[str, Acts], answers: list[str]) -> None:
        self.live(first)
        self.shop.push(Course({step: partial(self.live, acts) for step, acts in at.items()}, answers))

    @invariant()
    def the_shop_is_offered_nothing_that_is_known_to_be_sold(self) -> None:
        owner = self.owner
        not_in_its_number = self.shop.known - owner.applied_when_read
        assert self.hub.offered(SKU) <= max(0, owner.total_when_read - not_in_its_number)
        assert self.hub.committed(SKU) >= 0
        assert self.hub.ledger_differences() == {}

    @invariant()
    def no_channel_is_blamed_for_what_its_buyers_did(self) -> None:
        assert not self.hub.cases("silent_refusal")

    def teardown(self) -> None:
        """In the end each unit sold on either side is off both numbers once."""
        owner, shop = self.owner, self.shop
        shop.land()
        shop.pull()
        for _ in range(30):
            while owner.late:
                owner.apply_late()
            owner.look()
            owner.look()
            if not owner.send():
                break
        try_refused_again(self.hub, SHOP)
        for _ in range(3):
            shop.push()
        own = sum(sale.net for sale, _ in owner.own)
        assert owner.total == self.there - own - shop.net
        assert (shop.shown, self.hub.committed(SKU)) == (max(0, owner.total), 0)


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("oversell")
    with open_database(request.param, folder) as database:
        yield database


@pytest.mark.parametrize("machine", [HubOwned, StoreOwned])
def test_no_channel_is_told_of_a_unit_that_is_known_to_be_sold(
    one_database: Database, machine: type[HubOwned] | type[StoreOwned]
) -> None:
    class Here(machine):  # type: ignore[valid-type, misc]
        pass

    Here.database = one_database
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=7 if one_database.is_sqlite else 2,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
