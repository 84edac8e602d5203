"""Storms of webhooks: however many events hint at a flow, it runs once; forged and repeated ones cost next to nothing."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.bench import CONNECTORS, SHOP, Shop, signature
from crossdock.api import inbox as inbox_module
from crossdock.api.desk import ApiDesk
from crossdock.api.inbox import Inbox
from crossdock.api.problems import ProblemError
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.domain.sync import FlowKey
from crossdock.operations.setup.spec import Spec
from crossdock.store import tables
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Ended, Lease
from support import blank
from support.workers import until

pytestmark = pytest.mark.engine

ORDERS = FlowKey.parse(f"{SHOP}/pull-orders")
SECRET = "webhook-secret-of-the-shop"


class Body:
    """Runs that wait until they may end."""

    def __init__(self) -> None:
        self.began: list[FlowKey] = []
        self.may_end = threading.Event()

    def __call__(self, held: Lease) -> Ended:
        self.began.append(held.flow)
        self.may_end.wait(20)
        return Ended({})


class Hooked:
    """A hub with an engine, and events on their way to it."""

    def __init__(self, hub: Hub, engine: Engine, body: Body) -> None:
        self.hub, self.engine, self.body = hub, engine, body
        self.hinted: list[FlowKey] = []
        self.inbox = Inbox(ApiDesk(hub, wake=self._hint, hint=self._hint, connectors=CONNECTORS))
        self._events = 0

    def _hint(self, flow: FlowKey, names: Collection[str] = ()) -> object:
        self.hinted.append(flow)
        return self.engine.wake(flow, names, is_hint=True)

    def deliver(self, count: int, *, secret: str = SECRET, again: bool = False) -> list[object]:
        """So many events at once; answers what became of each."""
        if not again:
            self._events += count
        numbers = range(self._events - count, self._events)

        async def one(number: int) -> None:
            body = json.dumps({"id": f"event-{number}", "entities": ["orders"]}).encode()
            headers = {"x-signature": signature(body, secret)}
            await self.inbox.take(await self.inbox.read(SHOP, headers, body))

        async def all_of_them() -> list[object]:
            return await asyncio.gather(*map(one, numbers), return_exceptions=True)

        return asyncio.run(all_of_them())

    def runs(self) -> int:
        with self.hub.database.reading() as tx:
            return int(tx.scalar(sa.select(sa.func.count()).select_from(tables.run)) or 0)

    def deliveries(self) -> int:
        with self.hub.database.reading() as tx:
            return int(tx.scalar(sa.select(sa.func.count()).select_from(tables.delivery)) or 0)


@pytest.fixture
def hooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooked]:
    monkeypatch.setattr("crossdock.app.CONNECTORS", CONNECTORS)
    config = Config(database_url=f"sqlite:///{tmp_path}/hub.sqlite", secret_key="a test's own secret")
    blank.lay_out(config.database_url)
    hub, body = Hub.open(config), Body()
    shop = {"connector": Shop.key, "credentials": {"app_secret": SECRET}, "settings": {"orders": True}}
    hub.apply(
        Spec.model_validate(
            {"integrations": {SHOP: shop}, "sources_of_truth": {"overrides": ["undecided-sources"]}}
        )
    )
    with hub.database.transaction() as tx:
        tx.execute(sa.update(tables.flow).values(due_at=1e12))
    with Engine(hub.database, body) as engine:
        yield Hooked(hub, engine, body)
        body.may_end.set()
    hub.close()


def test_a_hundred_hints_are_one_run_and_a_hundred_more_while_it_runs_are_one_more(hooked: Hooked) -> None:
    assert hooked.deliver(100) == [None] * 100
    assert len(hooked.hinted) <= 3, "one wake per batch"
    until(lambda: len(hooked.body.began) == 1)

    hooked.deliver(100)
    hooked.body.may_end.set()

    until(lambda: len(hooked.body.began) == 2)
    assert hooked.engine.wait_until_idle(None, 20)
    assert (hooked.runs(), hooked.deliveries()) == (2, 200)


def test_repeated_and_forged_events_wake_nothing_and_are_cheap(hooked: Hooked) -> None:
    hooked.body.may_end.set()
    hooked.deliver(50)
    until(lambda: hooked.runs() == 1)
    assert hooked.engine.wait_until_idle(None, 20)
    before = list(hooked.hinted)

    assert hooked.deliver(50, again=True) == [None] * 50
    statements: list[str] = []

    def note(*said: object) -> None:
        statements.append(str(said[2]))

    refused = hooked.deliver(50, secret="guessed")
    sa.event.listen(hooked.hub.database.engine, "before_cursor_execute", note)
    refused += hooked.deliver(200, secret="guessed")

    assert all(isinstance(error, ProblemError) and error.status == 401 for error in refused)
    assert hooked.hinted == before
    assert hooked.deliveries() == 50
    assert not any("FROM integration" in said for said in statements)


def test_more_than_there_is_room_for_is_turned_away_to_be_sent_again(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.body.may_end.set()
    monkeypatch.setattr(inbox_module, "MOST_WAITING", 20)

    answers = hooked.deliver(60)

    turned_away = [error for error in answers if isinstance(error, ProblemError) and error.status == 503]
    assert len(turned_away) >= 20
    assert hooked.deliveries() == 60 - len(turned_away)


def test_an_event_is_not_answered_before_it_is_stored(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.body.may_end.set()

    def away(*_: object) -> None:
        raise RuntimeError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr("crossdock.operations.setup.deliveries.remember", away)
        assert all(isinstance(error, RuntimeError) for error in hooked.deliver(10))

    assert hooked.deliver(10, again=True) == [None] * 10
    assert hooked.deliveries() == 10
