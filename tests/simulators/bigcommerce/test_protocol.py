"""Tokens, scopes, quota, faults and webhooks of the simulated store."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from threading import Lock
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.hooks import concerns
from crossdock_simulators.bigcommerce.limits import RateWindow
from crossdock_simulators.kit import Fault, Reply, Request, Served
from crossdock_simulators.kit.http import HandlerApp


class Receiver:
    """Keeps what a hub would receive; `status` is what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self._lock = Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.got.append((request.headers, request.body))
        return Reply(self.status)

    @property
    def events(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def destination(receiver: Receiver) -> Iterator[str]:
    with Served(HandlerApp(receiver)) as served:
        yield f"{served.address}/hook"


def test_a_wrong_token_is_refused_in_both_shapes(api: httpx.Client) -> None:
    old = api.get("/v2/store", headers={"X-Auth-Token": "wrong"})
    new = api.get("/v3/catalog/products", headers={"X-Auth-Token": "wrong"})
    assert (old.status_code, new.status_code) == (401, 401)
    assert isinstance(old.json(), list)
    assert new.json()["status"] == 401


def test_a_missing_scope_is_refused_and_read_only_reads(simulator: Simulator, api: httpx.Client) -> None:
    simulator.account.scopes = frozenset({"store_v2_products_read_only"})
    assert api.get("/v3/catalog/products").status_code == 200
    assert api.post("/v3/catalog/products", json={}).status_code == 403
    assert api.get("/v2/orders").json() == {
        "error": "You are authorized but your scope does not include this resource."
    }
    assert api.get("/v3/hooks").status_code == 200


def test_an_expired_token_stays_dead(simulator: Simulator, api: httpx.Client) -> None:
    simulator.faults.add(Fault("expire_token"))
    assert [api.get("/v2/store").status_code for _ in range(2)] == [401, 401]


def test_the_token_can_be_switched_by_the_control_api(api: httpx.Client, sim: httpx.Client) -> None:
    sim.post("/token", json={"revoked": True})
    assert api.get("/v2/time").status_code == 401
    sim.post("/token", json={"revoked": False, "scopes": []})
    assert api.get("/v2/store").status_code == 403
    sim.post("/token", json={"scopes": None})
    assert api.get("/v2/store").status_code == 200


def test_every_answer_says_what_is_left_and_the_quota_ends(api: httpx.Client, sim: httpx.Client) -> None:
    sim.post("/limits", json={"quota": 2, "window_seconds": 300})
    left = [api.get("/v2/time").headers["x-rate-limit-requests-left"] for _ in range(2)]
    assert left == ["1", "0"]
    over = api.get("/v2/time")
    assert over.status_code == 429
    assert 0 < int(over.headers["x-rate-limit-time-reset-ms"]) <= 300_000


def test_a_window_refills_when_it_ends() -> None:
    now = [0.0]
    window = RateWindow(1, 30, now=lambda: now[0])
    assert [window.take(), window.take()] == [True, False]
    now[0] = 30
    assert window.take() is True


def test_too_many_requests_come_with_and_without_headers(simulator: Simulator, api: httpx.Client) -> None:
    simulator.faults.add(Fault("too_many_requests", retry_after=2), Fault("too_many_requests_bare"))
    told, bare = api.get("/v2/time"), api.get("/v2/time")
    assert (told.status_code, told.headers["x-rate-limit-time-reset-ms"]) == (429, "2000")
    assert bare.status_code == 429
    assert not [name for name in bare.headers if name.startswith("x-rate")]


def test_a_trailing_slash_is_refused(api: httpx.Client) -> None:
    assert api.get("/v2/store/").status_code == 403


def test_unknown_paths_and_methods_are_told_apart(api: httpx.Client) -> None:
    assert api.get("/v3/nothing").status_code == 404
    assert api.delete("/v2/time").status_code == 405


def test_a_body_that_is_no_json_is_refused(api: httpx.Client) -> None:
    assert api.post("/v3/catalog/products", content=b"{").status_code == 400
    assert api.post("/v2/orders", content=b"{").status_code == 400


def test_a_page_that_is_no_number_is_refused_in_the_shape_of_its_generation(api: httpx.Client) -> None:
    old, new = (api.get(path, params={"page": "one"}) for path in ("/v2/orders", "/v3/catalog/products"))
    assert (old.status_code, new.status_code) == (400, 422)
    assert isinstance(old.json(), list)
    assert isinstance(new.json(), dict)


def test_switches_are_checked_before_they_are_set(simulator: Simulator, sim: httpx.Client) -> None:
    assert sim.post("/switches", json={"inventory_delay_seconds": 3}).json()["inventory_delay_seconds"] == 3
    assert sim.post("/switches", json={"inventory_delay_seconds": "3"}).status_code == 400
    assert sim.post("/switches", json={"colour": True}).status_code == 400
    assert simulator.store.switches.inventory_delay_seconds == 3


@pytest.mark.parametrize(
    ("hook", "event", "heard"),
    [
        ("store/order/*", "store/order/refund/created", True),
        ("store/order/created", "store/order/created", True),
        ("store/order/created", "store/order/updated", False),
        ("store/channel/*/order/*", "store/channel/7/order/created", True),
        ("store/channel/8/order/*", "store/channel/7/order/created", False),
        ("store/product/*", "store/sku/created", False),
    ],
)
def test_a_hook_hears_its_scope(hook: str, event: str, heard: bool) -> None:
    assert concerns(hook, event) is heard


def test_a_delivery_is_signed_and_carries_the_custom_headers(
    simulator: Simulator, api: httpx.Client, mug: Any, receiver: Receiver, destination: str
) -> None:
    hook = {"scope": "store/product/updated", "destination": destination, "headers": {"X-Hub-Key": "s3"}}
    assert api.post("/v3/hooks", json=hook).status_code == 200
    api.put(f"/v3/catalog/products/{mug['id']}", json={"price": 9})
    assert simulator.deliveries.wait_idle()

    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(simulator.account.client_secret.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["x-hub-key"] == "s3"
    assert receiver.events[0]["data"] == {"type": "product", "id": mug["id"]}


def test_a_status_change_tells_both_statuses(
    simulator: Simulator, api: httpx.Client, place: Any, receiver: Receiver, destination: str
) -> None:
    api.post("/v3/hooks", json={"scope": "store/order/statusUpdated", "destination": destination})
    order = place({"name": "x", "quantity": 1, "price_ex_tax": 1, "price_inc_tax": 1})
    api.put(f"/v2/orders/{order['id']}", json={"status_id": 5})
    assert simulator.deliveries.wait_idle()
    status = {"previous_status_id": 11, "new_status_id": 5}
    assert [event["data"]["status"] for event in receiver.events] == [status]


def test_a_hook_that_is_never_answered_is_switched_off_after_two_days(
    simulator: Simulator, api: httpx.Client, mug: Any, receiver: Receiver, destination: str
) -> None:
    receiver.status = 500
    api.post("/v3/hooks", json={"scope": "store/product/updated", "destination": destination})
    api.put(f"/v3/catalog/products/{mug['id']}", json={"price": 9})
    assert simulator.deliveries.wait_idle()
    for _ in range(11):
        simulator.clock.advance(timedelta(days=1))
        assert simulator.deliveries.wait_idle()
    assert len(receiver.got) == 12
    assert len({json.dumps(event, sort_keys=True) for event in receiver.events}) == 1
    assert api.get("/v3/hooks").json()["data"][0]["is_active"] is False


def test_hooks_are_checked_and_deleted_with_their_record(api: httpx.Client) -> None:
    good = {"scope": "store/order/*", "destination": "https://hub.example.com/hooks"}
    made = api.post("/v3/hooks", json=good).json()["data"]
    assert api.post("/v3/hooks", json=good).status_code == 409
    assert api.post("/v3/hooks", json=good | {"scope": "shop/orders"}).status_code == 400
    assert api.post("/v3/hooks", json={"scope": "store/order/*"}).status_code == 422
    plain = good | {"destination": "http://hub.example.com/hooks"}
    assert api.post("/v3/hooks", json=plain).status_code == 422
    assert api.put(f"/v3/hooks/{made['id']}", json={}).status_code == 422
    assert api.delete(f"/v3/hooks/{made['id']}").json()["data"]["id"] == made["id"]
    assert api.get("/v3/hooks").json()["data"] == []
