"""The kit that both simulators stand on: clock, scheduler, faults, journal, gateway, control, deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import httpx2 as httpx
import pytest

from crossdock_simulators.kit import (
    Clock,
    Deliveries,
    Fault,
    Faults,
    Gateway,
    Journal,
    Message,
    Reply,
    Request,
    Scheduler,
    Served,
    json_reply,
)
from crossdock_simulators.kit.http import HandlerApp, Router

DAY = timedelta(days=1)


class Platform:
    """Counts what reached it."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    def __call__(self, request: Request) -> Reply:
        self.reached.append(request.method)
        kind = request.fault.kind if request.fault else ""
        return json_reply({"fault": kind, "text": "x" * 200})


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def client(platform: Platform, journal: Journal, faults: Faults, clock: Clock) -> Iterator[httpx.Client]:
    gateway = Gateway(HandlerApp(platform), journal=journal, faults=faults, clock=clock)
    with Served(gateway) as served, httpx.Client(base_url=served.address, timeout=5) as made:
        yield made


def test_a_clock_moves_and_wakes_the_scheduler(clock: Clock) -> None:
    scheduler, ran = Scheduler(clock), Event()
    try:
        scheduler.at(clock.now() + DAY, ran.set)
        assert not ran.is_set()
        clock.advance(DAY)
        assert ran.wait(5)
    finally:
        scheduler.close()


def test_a_broken_action_does_not_stop_the_others(clock: Clock) -> None:
    scheduler, ran = Scheduler(clock), Event()

    def broken() -> None:
        raise RuntimeError("on purpose")

    try:
        scheduler.at(clock.now(), broken)
        scheduler.at(clock.now(), ran.set)
        assert ran.wait(5)
    finally:
        scheduler.close()


def test_a_fault_strikes_its_path_and_method_as_often_as_it_may() -> None:
    faults = Faults()
    faults.add(Fault("error", method="PUT", path="stock", times=2), Fault("drop_write"))
    assert faults.take("GET", "/stock") is None
    struck = [faults.take("PUT", "/stock") for _ in range(4)]
    assert [fault and fault.kind for fault in struck] == ["error", "error", "drop_write", None]


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown fault"):
        Fault("explode")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "status", "reached"),
    [
        ("error", 503, 0),
        ("error_after", 503, 1),
        ("too_many_requests", 429, 0),
        ("not_json", 200, 1),
        ("drop_write", 200, 1),
        ("latency", 200, 1),
    ],
)
def test_a_fault_is_committed_before_or_after_the_platform_acts(
    client: httpx.Client, platform: Platform, faults: Faults, kind: str, status: int, reached: int
) -> None:
    faults.add(Fault(kind, delay_seconds=0))  # type: ignore[arg-type]
    answer = client.put("/thing")
    assert (answer.status_code, len(platform.reached)) == (status, reached)
    assert client.put("/thing").status_code == 200


@pytest.mark.parametrize(("kind", "reached"), [("reset_before", 0), ("reset_after", 1), ("truncate", 1)])
def test_a_broken_connection_reaches_the_client_as_an_error(
    client: httpx.Client, platform: Platform, faults: Faults, journal: Journal, kind: str, reached: int
) -> None:
    faults.add(Fault(kind))  # type: ignore[arg-type]
    with pytest.raises(httpx.TransportError):
        client.post("/thing")
    assert len(platform.reached) == reached
    assert journal.entries()[0].fault == kind


def test_the_journal_keeps_what_was_asked_and_no_secret(client: httpx.Client, journal: Journal) -> None:
    client.post("/orders?app_secret=hidden&page=2", json={"a": 1})
    client.post("/token/get", json={"app_secret": "hidden"})
    first, second = journal.entries()
    assert (first.number, first.query, first.body) == (1, "app_secret=...&page=2", b'{"a":1}')
    assert second.body == b""
    assert journal.count("POST", "^/orders") == 1
    assert journal.entries(since=1) == [second]


def test_the_control_api_moves_the_clock_adds_faults_and_shows_the_log(client: httpx.Client) -> None:
    client.get("/thing")
    before = datetime.fromisoformat(client.get("/_sim/clock").json()["now"])
    moved = client.post("/_sim/clock", json={"advance_seconds": 86_400}).json()["now"]
    assert datetime.fromisoformat(moved) - before >= DAY
    assert client.post("/_sim/faults", json=[{"kind": "error", "status": 500}]).status_code == 201
    assert client.post("/_sim/faults", json={"kind": "error", "colour": "red"}).status_code == 400
    assert client.get("/thing").status_code == 500
    assert [entry["status"] for entry in client.get("/_sim/log").json()["entries"]] == [200, 500]
    assert client.delete("/_sim/log").status_code == 204
    assert client.get("/_sim/log").json()["entries"] == []
    assert client.get("/_sim/nothing").status_code == 404
    assert client.delete("/_sim/clock").status_code == 405


def test_a_person_works_the_page_with_forms(client: httpx.Client) -> None:
    assert "Add fault" in client.get("/_sim/").text
    sent = client.post("/_sim/faults", data={"kind": "error", "method": "", "path": "", "times": "1"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/_sim/")
    wrong = client.post("/_sim/faults", data={"kind": "explode"})
    assert wrong.status_code == 400
    assert "That did not work" in wrong.text


def test_a_router_tells_an_unknown_path_from_an_unknown_method() -> None:
    router = Router()
    router.add("GET", "/orders/{id}", lambda _request, number: json_reply(number))
    router.add("GET", "/named/{name:str}", lambda _request, name: json_reply(name))
    assert router.find("GET", "/orders/12")[1:] == ((12,), True)
    assert router.find("GET", "/orders/twelve") == (None, (), False)
    assert router.find("GET", "/named/one")[1] == ("one",)
    assert router.find("PUT", "/orders/12")[0] is None
    assert router.find("PUT", "/orders/12")[2] is True


@pytest.fixture
def inbox() -> list[bytes]:
    return []


@pytest.fixture
def answers() -> list[int]:
    """The statuses that the receiver gives, one after the other; then always 200."""
    return []


@pytest.fixture
def receiver(inbox: list[bytes], answers: list[int]) -> Iterator[str]:
    def receive(request: Request) -> Reply:
        inbox.append(request.body)
        return Reply(answers.pop(0) if answers else 200)

    with Served(HandlerApp(receive)) as served:
        yield served.address


@pytest.fixture
def deliveries(clock: Clock) -> Iterator[Deliveries]:
    made = Deliveries(clock, [timedelta(minutes=1), timedelta(minutes=3)])
    yield made
    made.close()


def message(url: str, body: bytes = b"{}", gave_up: Event | None = None) -> Message:
    return Message(url, body, lambda _body, _at: {}, on_give_up=(gave_up or Event()).set)


def test_a_delivery_is_retried_on_the_simulators_clock(
    clock: Clock, deliveries: Deliveries, receiver: str, inbox: list[bytes], answers: list[int]
) -> None:
    answers.append(500)
    deliveries.send(message(receiver))
    assert deliveries.wait_idle()
    assert len(inbox) == 1
    clock.advance(timedelta(minutes=1))
    assert deliveries.wait_idle()
    assert [attempt.status for attempt in deliveries.attempts] == [500, 200]


def test_a_delivery_is_given_up_after_the_last_retry(
    clock: Clock, deliveries: Deliveries, receiver: str, answers: list[int]
) -> None:
    gave_up = Event()
    answers.extend([500, 500, 500])
    deliveries.send(message(receiver, gave_up=gave_up))
    for _ in range(2):
        assert deliveries.wait_idle()
        clock.advance(timedelta(minutes=3))
    assert gave_up.wait(5)


def test_deliveries_are_lost_doubled_or_held_on_demand(
    deliveries: Deliveries, receiver: str, inbox: list[bytes]
) -> None:
    deliveries.switches.lost = 1.0
    deliveries.send(message(receiver, b"lost"))
    deliveries.switches.lost, deliveries.switches.duplicated = 0.0, 1.0
    deliveries.send(message(receiver, b"twice"))
    assert deliveries.wait_idle()
    deliveries.switches.paused = True
    deliveries.send(message(receiver, b"held"))
    assert deliveries.wait_idle()
    assert inbox == [b"twice", b"twice"]
