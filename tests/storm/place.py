"""Where a storm happens: both platforms over real HTTP, and a hub that can be killed at any call and any commit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlalchemy.util import LRUCache

from crossdock.api.build import build_api
from crossdock.api.desk import ApiDesk
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.connectors.http import new_client
from crossdock.connectors.registry import CONNECTORS
from crossdock.domain.sync import FlowKey
from crossdock.operations.setup import keys
from crossdock.operations.setup.keys import Scope
from crossdock.store.cipher import Cipher
from crossdock.store.database import Database, Transaction
from crossdock.sync import lease as leases
from crossdock.sync.lease import Ended, FencedError, StoppedError
from crossdock.sync.runner import Runner
from crossdock_simulators import merchant as goods
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop
from storm.sky import Mailbox, Sky
from support import blank
from support.stage import on_stage
from support.world import SHOP, STORE, World, _Plain

MERCHANT, PRODUCTS = 1, 6
STATEMENTS = 3000
PUBLIC = "http://127.0.0.1:1"
READS = ("GET", "HEAD", "OPTIONS")
CLOCKED = ("api.inbox", "store.database", "store.memory", "sync.pace", "sync.work")
"""Modules of the hub whose own sense of time decides what they do next: in a storm it is the sky's."""


class Killed(BaseException):
    """What no code of the hub catches, as nothing catches kill -9."""


class Death:
    """Decides at each call and commit whether the hub still lives. Once dead, it does nothing more."""

    def __init__(self) -> None:
        self.left: int | None = None
        """How many points the run still has to live; None where nobody means to kill it."""
        self.is_dead = False

    def point(self) -> None:
        if self.is_dead:
            raise Killed
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.is_dead = True
                raise Killed


class MortalDatabase(Database):
    """Commits unless the hub is killed before, and tells the sky's time."""

    def __init__(self, url: str, sky: Sky, death: Death) -> None:
        super().__init__(url)
        self._sky, self._death = sky, death
        # Statements are compiled once in a process, however often the hub dies in it.
        self.engine._compiled_cache = LRUCache(STATEMENTS)

    @classmethod
    def at(cls, url: str, sky: Sky, death: Death) -> MortalDatabase:
        """That of an earlier life, as far as its statements go; none of its connections."""
        found = _DATABASES.get(url) or _DATABASES.setdefault(url, cls(url, sky, death))
        found.close()
        found._sky, found._death, found.before_commit = sky, death, None
        return found

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self._death.point()
        with super().transaction() as tx:
            yield tx
            self._death.point()
        self._death.point()

    def now_sql(self) -> str:
        return repr(self._sky.hub_now().timestamp())


@dataclass(frozen=True)
class Refusal:
    """A write of the hub that a platform refused, in the platform's own words."""

    integration: str
    place: str
    status: int
    body: str


class Inline:
    """Fetches the next page at once, or only when it is asked for: in this thread, as the storm has it."""

    is_late: Callable[[], bool] = staticmethod(lambda: False)

    def __init__(self, **_: Any) -> None:
        pass

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *rest: Any) -> Future[Any]:
        done: Future[Any] = Future()
        if Inline.is_late():
            return _Late(lambda: work(*rest))
        try:
            done.set_result(work(*rest))
        except Exception as error:  # noqa: BLE001  # it is raised where the page is asked for
            done.set_exception(error)
        return done

    def shutdown(self, **_: Any) -> None:
        pass


class _Late(Future[Any]):
    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002  # as every future
        return self._work()

    def cancel(self) -> bool:
        return True


class Place(World):
    """A world whose time, threads and deaths are in the storm's hands."""

    def __init__(self, stack: ExitStack, folder: Path, *, sky: Sky, url: str = "") -> None:
        self.sky, self.death = sky, Death()
        self.on_call: Callable[[str, httpx.Request], None] = lambda _name, _request: None
        self.refusals: list[Refusal] = []
        self.clocks = {name: self.sky.clock() for name in (STORE, SHOP)}
        self.mail = {name: Mailbox(clock) for name, clock in self.clocks.items()}
        self.store = stack.enter_context(closing(BigCommerce(seed=MERCHANT, clock=self.clocks[STORE])))
        self.shop = stack.enter_context(closing(TikTokShop(seed=MERCHANT, clock=self.clocks[SHOP])))
        self.store.limits._now = self.sky.monotonic
        self.store.deliveries = self.mail[STORE]
        self.shop.deliveries = self.shop.shop._deliveries = self.mail[SHOP]
        self.sky.watch(self.store.scheduler.wait_idle, self.shop.shop.settle)
        load_merchant(self.store.store, goods.merchant(PRODUCTS, seed=MERCHANT))
        self.store_address = stack.enter_context(on_stage(self.store.asgi))
        self.shop_address = stack.enter_context(on_stage(self.shop.asgi))
        self._made_of = (PRODUCTS, "storm", MERCHANT, self.store_address, self.shop_address)
        self.config = Config(
            database_url=url or f"sqlite:///{folder}/hub.sqlite",
            secret_key="a test's own secret",
            public_url=PUBLIC,
        )
        self._lives = itertools.count(1)
        self._runs = itertools.count(1)
        blank.lay_out(self.config.database_url)
        if not self.config.database_url.startswith("sqlite"):
            Hub.open(self.config).close()
        self.hub = Hub.open(self.config)
        self._clients = {name: self._client(name) for name in (STORE, SHOP, "hub")}
        self.wake_up()
        stack.callback(self._close)
        self.http = stack.enter_context(httpx.Client(timeout=30))

    # Life and death of the hub

    def wake_up(self) -> None:
        """A new process of the hub on the database as it is."""
        self.hub.database.close()
        self.death.is_dead, self.death.left = False, None
        self.worker = f"worker-{next(self._lives)}"
        cipher = Cipher(self.config.secrets())
        database = MortalDatabase.at(self.config.database_url, self.sky, self.death)
        self.hub = Hub(self.config, database, cipher, self.sky.hub_now)
        self.hub.desk = replace(self.hub.desk, sleep=self.sky.sleep)
        self.hub.outbound._clients.update(self._clients)
        self._api: TestClient | None = None

    def reopen(self) -> None:
        self.wake_up()

    def begin(self, how: object, make: Callable[[], object]) -> None:
        super().begin(how, make)
        self._clients = {name: self._client(name) for name in self._clients}
        self.wake_up()

    def _client(self, name: str) -> httpx.Client:
        client = new_client()
        send = client.send

        def called(request: httpx.Request, **how: Any) -> httpx.Response:
            self.death.point()
            self.on_call(name, request)
            self.death.point()
            answer = send(request, **how)
            if answer.status_code >= 400 and request.method not in READS:
                answer.read()
                place = f"{request.method} {request.url.path}"
                self.refusals.append(Refusal(name, place, answer.status_code, answer.text))
            self.death.point()
            return answer

        setattr(client, "send", called)  # noqa: B010  # an instance's own way to send
        return client

    # Runs

    def run(self, flow: FlowKey, run_id: str = "") -> str:
        """One run; answers its error, empty where it had none. Raises Killed where the storm kills the hub in it."""
        run_id = run_id or f"{flow}:storm-{next(self._runs)}"
        lease = leases.begin(self.hub.database, flow, run_id, self.worker)
        if lease is None:
            return "taken or off"
        runner = Runner(
            self.hub.desk, _Plain(self.hub), lambda due: leases.want(self.hub.database, due, is_hint=True)
        )
        try:
            ended = runner.run(lease)
        except FencedError:
            ended = Ended({})
        except StoppedError as stop:
            ended = Ended({}, error=str(stop), retry_in=0.0, is_canceled=True)
        leases.finish(self.hub.database, lease, ended)
        return ended.error

    # People who use the hub

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """A request to the hub's API by a person or another system; status and document."""
        answer = self.api.request(method, f"/api/v1{path}", json=body, params=query)
        return answer.status_code, answer.json() if answer.content else None

    @property
    def api(self) -> TestClient:
        if self._api is None:
            desk = ApiDesk(self.hub, wake=self._want, hint=self._hint, connectors=CONNECTORS)
            if not _APPS:
                _APPS.append(build_api(desk))
            _APPS[0].state.desk = desk
            with self.hub.database.transaction() as tx:
                key = keys.create(
                    tx, f"person {self.worker}", [Scope.READ, Scope.WRITE], now=self.hub.clock()
                )
            self._api = TestClient(_APPS[0], headers={"Authorization": f"Bearer {key}"})
        return self._api

    def _want(self, flow: FlowKey) -> object:
        return leases.want(self.hub.database, flow)

    def _hint(self, flow: FlowKey, names: Collection[str]) -> object:
        return leases.want(self.hub.database, flow, names, is_hint=True)


_APPS: list[Any] = []
_DATABASES: dict[str, MortalDatabase] = {}


@contextmanager
def place(folder: Path, *, url: str = "", sky: Sky | None = None) -> Iterator[Place]:
    with ExitStack() as stack:
        made = Place(stack, folder, sky=sky or Sky(), url=url)
        stack.enter_context(patch("crossdock.sync.pull.ThreadPoolExecutor", Inline))
        for module in CLOCKED:
            stack.enter_context(patch(f"crossdock.{module}.time", made.sky))
        stack.enter_context(patch("crossdock.sync.work.BARRIER_WAIT_SECONDS", 2.0))
        stack.enter_context(patch("crossdock.sync.lease.living", lambda _tx, _database: {made.worker}))
        yield made
