"""The part of the control page that both simulators share: forms, faults, the clock, the requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.kit import Clock, Faults, Gateway, Journal, Reply, Served
from crossdock_simulators.kit.http import HandlerApp

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    app = HandlerApp(lambda _: Reply(200, b"{}"))
    gateway = Gateway(app, journal=Journal(), faults=Faults(), clock=Clock(START))
    with Served(gateway) as served, httpx.Client(base_url=served.address, timeout=5) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        ("faults", {"kind": "error", "path": "["}, "is no regular expression"),
        ("faults", {"kind": "error", "times": "0"}, "at least 1 time"),
        ("faults", {"kind": "error", "times": "often"}, "Times has to be a whole number"),
        ("faults", {"kind": ""}, "Kind is missing"),
        ("clock", {"advance_seconds": "-100"}, "moves on only"),
        ("clock", {"advance_seconds": "1e300"}, "moves on only"),
        ("clock", {"advance_seconds": "soon"}, "is no number"),
        ("clock", {}, "advance_seconds is missing"),
        ("nothing", {"a": "b"}, "no such control endpoint"),
    ],
)
def test_a_mistake_is_a_sentence_on_the_page_and_in_json(
    client: httpx.Client, path: str, given: dict[str, Any], told: str
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    on_page = client.post(f"/_sim/{path}", data=given, headers=form)
    in_json = client.post(f"/_sim/{path}", json=given)

    assert 400 <= in_json.status_code == on_page.status_code < 500
    assert told in in_json.json()["error"]
    assert told in on_page.text
    assert "{&quot;" not in on_page.text
    assert client.get("/_sim/faults").json()["faults"] == []
    assert client.get("/_sim/clock").json()["now"].startswith("2030-01-01T00:00")


def test_the_method_of_a_fault_may_be_typed_small(client: httpx.Client) -> None:
    client.post("/_sim/faults", data={"kind": "error", "method": "get", "path": "", "times": "1"})

    assert '<td data-name="Method">GET</td>' in client.get("/_sim/").text
    assert client.get("/thing").status_code == 503


def test_faults_are_cleared_on_the_page(client: httpx.Client) -> None:
    assert "Clear faults" not in client.get("/_sim/").text
    client.post("/_sim/faults", data={"kind": "error"})
    assert "Clear faults" in client.get("/_sim/").text

    cleared = client.post("/_sim/faults/clear", headers={"content-type": "application/x-www-form-urlencoded"})

    assert cleared.status_code == 303
    assert client.get("/thing").status_code == 200


def test_a_long_query_wraps_and_stands_behind_the_status(client: httpx.Client) -> None:
    client.get("/thing", params={"sign": "5" * 400})

    page = client.get("/_sim/").text

    assert page.index("<th>Status</th>") < page.index("<th>Path</th>")
    assert '<span class="long"><code>/thing</code>' in page


def test_a_browser_finds_no_icon_and_no_error(client: httpx.Client) -> None:
    assert client.get("/favicon.ico").status_code == 204
    assert client.get("/_sim/log").json()["entries"] == []
