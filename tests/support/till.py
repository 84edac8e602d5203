"""A channel in memory that sells one SKU: buyers come between any two steps of the hub, and answers get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from crossdock.connectors.contract import Connector, PullsOrders, PushesInventory, Rules, Toolbox
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelId, ChannelOrder, StockTarget
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import (
    Change,
    Confirmed,
    Cursor,
    Direction,
    Entity,
    FlowKey,
    Outcome,
    Page,
    Rejected,
    Unclear,
)
from crossdock.operations.setup import integrations
from crossdock.sync import lease as leases
from crossdock.sync.lease import Ended, FencedError, Lease
from crossdock.sync.pulls import pull_orders
from crossdock.sync.push_inventory import push_inventory
from crossdock.sync.work import Desk, Work
from support.make import CIPHER, MAIN, Bench, line, order

SKU = "A"
ANSWERS = ("now", "now", "late", "lost", "lost late", "never", "refused", "fenced", "fenced before", "broken")
"""How a write ends; the late ones land while the hub waits or before it works again."""
STEPS = ("before the look", "after the look", "at the write", "after the write", "while waiting")
"""Between which steps of a push buyers may come."""


@dataclass
class Sold:
    """An order of one line; how much of it is canceled by now, and whether that was read."""

    key: str
    quantity: int
    canceled: int = 0
    read: int = 0
    """Units that the hub holds for it."""

    @property
    def net(self) -> int:
        return self.quantity - self.canceled

    def as_order(self, bench: Bench) -> ChannelOrder:
        status = OrderStatus.CANCELED if not self.net else OrderStatus.READY_FOR_FULFILLMENT
        one = line(SKU, self.quantity, quantity_canceled=self.canceled)
        return order(self.key, one, status=status, modified_at=bench.now)


@dataclass
class Course:
    """What happens during one push: who buys at which step, and how its writes are answered."""

    at: dict[str, Callable[[], object]] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)

    def reach(self, step: str) -> None:
        """Once for each step, however often the hub comes there."""
        self.at.pop(step, lambda: None)()

    def answer(self) -> str:
        return self.answers.pop(0) if self.answers else "now"


class Till(Connector, PullsOrders, PushesInventory):
    """The channel, and the connector to it at once."""

    stock_shows_after_seconds = (0.3, 0.7)

    def __init__(self, bench: Bench, name: str, channel_id: str) -> None:
        super().__init__(cast(Toolbox, None))
        self.bench, self.name, self.channel_id = bench, name, ChannelId(channel_id)
        self.shown = 0
        self.orders: list[Sold] = []
        self.pending: list[int] = []
        self.course = Course()
        self.check: Callable[[int], object] = lambda _: None
        """Told of each number as it leaves the hub."""
        self.told: list[int] = []
        self.slept: list[float] = []
        self.at_start: list[tuple[Sold, int]] = []
        self.at_look: list[tuple[Sold, int]] = []
        self.shown_at_look: int | None = None

    # Buyers

    def sell(self, units: int) -> bool:
        """A buyer takes what is shown, and no more."""
        if units > self.shown:
            return False
        self.shown -= units
        self.orders.append(Sold(f"{self.name}-{len(self.orders)}", units))
        return True

    def cancel(self, index: int, units: int) -> None:
        self.orders[index].canceled += units
        self.shown += units

    @property
    def net(self) -> int:
        return sum(sold.net for sold in self.orders)

    @property
    def known(self) -> int:
        """Units that the hub has read of."""
        return sum(sold.read for sold in self.orders)

    def knows(self, orders: list[tuple[Sold, int]]) -> bool:
        """Whether the hub has read these orders as they were, or they changed once more since."""
        return all(sold.read == net for sold, net in orders if sold.net == net)

    def as_now(self) -> list[tuple[Sold, int]]:
        return [(sold, sold.net) for sold in self.orders]

    def land(self) -> None:
        """What was on its way arrives, in the order in which it was sent."""
        for units in self.pending:
            self.shown = units
        self.pending = []

    # The connector

    def pull_orders(self, since: Cursor | None) -> Iterator[Page[ChannelOrder]]:
        """Always all of them, the newest first: repeated, and out of order."""
        began = self.bench.tick()
        some = list(reversed(self.orders))
        records = tuple(sold.as_order(self.bench) for sold in some)
        for sold in some:
            sold.read = sold.net
        yield Page(records, Cursor(str(since or 0)), began, completes_sweep=True)

    def read_offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        self.course.reach("before the look")
        found = [(target.variant_id, ((ChannelId(MAIN), self.shown),)) for target in targets]
        self.at_look, self.shown_at_look = self.as_now(), self.shown
        self.course.reach("after the look")
        return found

    def push_inventory(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        [change] = changes
        [(_, units)] = change.desired.quantities
        self.check(units)
        self.told.append(units)
        assert self.knows(self.at_start), "an order from before the push is not in its number"
        if self.shown_at_look is not None and units > self.shown_at_look:
            assert self.knows(self.at_look), "what it sold before the hub looked is put back"
        self.course.reach("at the write")
        answer = self.course.answer()
        if answer == "fenced before":
            raise FencedError
        if answer in ("now", "lost", "fenced"):
            self.pending.append(units)
            self.land()
        elif answer in ("late", "lost late"):
            self.pending.append(units)
        self.course.reach("after the write")
        if answer == "fenced":
            raise FencedError
        if answer == "broken":
            raise UnavailableError("the platform is down")
        yield self._outcome(change.key, answer)

    def _outcome(self, key: str, answer: str) -> Outcome:
        if answer in ("lost", "lost late", "never"):
            return Unclear(key, "the connection broke")
        if answer == "refused":
            return Rejected(key, "not now", again_in=None)
        return Confirmed(key, self.channel_id)

    # How the hub works on it

    def pull(self) -> None:
        self._run(Direction.PULL, Entity.ORDERS, pull_orders)

    def push(self, course: Course | None = None) -> None:
        self.bench.tick(5)
        self.land()
        self.course = course or Course()
        self.at_start, self.shown_at_look = self.as_now(), None
        self._run(Direction.PUSH, Entity.INVENTORY, push_inventory)
        self.course = Course()

    def _run(self, direction: Direction, entity: Entity, handler: Callable[[Work], None]) -> None:
        bench = self.bench
        flow = FlowKey(self.name, direction, entity)
        lease = leases.begin(bench.database, flow, f"{flow}:{bench.tick()}", "anna")
        if lease is None:  # a push of this channel has it, and reads for itself
            return
        work = self._work(lease)
        try:
            handler(work)
        except (FencedError, UnavailableError) as error:
            leases.finish(bench.database, lease, Ended({}, error=str(error) or "fenced"))
        else:
            leases.finish(bench.database, lease, Ended({}))

    def _work(self, lease: Lease) -> Work:
        bench = self.bench
        rules = bench.rules
        desk = Desk(bench.database, CIPHER, bench.tick, lambda name: rules.get(name, Rules()), self._sleep)
        return Work(desk, lease, self, rules[self.name], bench.truth)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.bench.tick(seconds)
        self.land()
        self.course.reach("while waiting")


def open_flows(bench: Bench, *names: str, **more: Any) -> None:
    """Orders in and stock out, for each of these channels."""
    wanted = {("pull", Entity.ORDERS): True, ("push", Entity.INVENTORY): True, **more}
    for name in names:
        with bench.step() as (tx, _):
            integrations.configure_flows(tx, name, wanted, {})
