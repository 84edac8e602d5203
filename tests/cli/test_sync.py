"""Syncing from a terminal: alone it works itself, beside a running server it asks that one."""

from __future__ import annotations

import signal
import socket
import subprocess
import time

import httpx2 as httpx
import pytest

from crossdock.cli.rounds import WAVES, FlowResult
from crossdock.operations.setup.integrations import RHYTHMS
from crossdock.sync.run_records import RunState
from support.command import Command
from support.ports import free_port
from support.world import World

pytestmark = pytest.mark.engine


@pytest.fixture
def joined(small_world: World, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Both accounts connected; nothing synced yet."""
    _join(small_world, monkeypatch)
    return command


def _join(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
    made.connect(shop={"attribute_defaults": {"Contains batteries": "No"}})


def test_one_sync_brings_everything_over_and_names_what_a_person_must_do(
    any_world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _join(any_world, monkeypatch)

    done = command.apart("sync", "--once", "--json")

    flows = {each["flow"]: each for each in done.json()["flows"]}
    assert done.code == 3, done.err
    assert flows["store/pull-products"]["read"] >= 12
    assert flows["store/pull-inventory"]["written"] > 0
    assert flows["tiktok/push-products"]["confirmed"] > 0
    assert any_world.shop_stock()
    assert any("Fabric" in case["cause"] for case in done.json()["open_cases"])


def test_named_flows_are_summed_up_alone_and_a_clean_sync_ends_with_zero(joined: Command) -> None:
    done = joined.apart("sync", "store/pull-locations", "store/pull-products", "--once", "--json")

    assert done.code == 0, done.err
    assert [each["flow"] for each in done.json()["flows"]] == ["store/pull-locations", "store/pull-products"]


def test_a_failed_flow_ends_with_one_and_says_why(joined: Command, small_world: World) -> None:
    small_world.act(f"{small_world.store_address}/_sim/token", {"revoked": True})

    done = joined.apart("sync", "store/pull-orders", "--once")

    assert done.code == 1
    assert "store/pull-orders" in done.out
    assert "failed" in done.out


def test_an_unknown_flow_is_answered_with_those_that_are_on(joined: Command) -> None:
    done = joined("sync", "nowhere", "--once")

    assert done.code == 1
    assert "store/pull-orders" in done.err


def test_without_any_flow_the_next_steps_are_named(command: Command) -> None:
    done = command("sync", "--once")

    assert done.code == 1
    assert "crossdock apply" in done.err


def test_beside_a_running_server_it_asks_that_one_and_the_server_stops_gracefully(joined: Command) -> None:
    port = free_port()
    server = subprocess.Popen(joined.line("serve", "--port", str(port)), stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", server)
        done = joined.apart("sync", "store", "--once", "--json")
        second = joined.apart("worker")
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=60)
    finally:
        server.kill()
        server.wait()

    assert done.code in (0, 3), done.err
    assert {each["state"] for each in done.json()["flows"]} == {"done"}
    assert second.code == 1
    assert "already working" in second.err
    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}/api/v1" in told
    assert "crossdock key create" in told


def test_a_taken_port_is_named(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = command.apart("serve", "--port", str(taken.getsockname()[1]))

    assert done.code == 1
    assert "--port" in done.err


def test_a_worker_stops_when_it_is_told(command: Command) -> None:
    with subprocess.Popen(command.line("worker"), stderr=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stderr is not None
            assert "Working" in worker.stderr.readline()

            worker.send_signal(signal.SIGINT)
            worker.communicate(timeout=60)

            assert worker.returncode == 0
        finally:
            worker.kill()


def test_a_failure_that_the_next_run_made_good_is_none() -> None:
    result = FlowResult("a/pull-orders", 2, 0, 0, 0, 0, 0, 1.0, RunState.DONE, "")

    assert not result.has_failed


def _wait_for(url: str, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_a_round_runs_every_kind_of_flow_that_there_is() -> None:
    in_waves = {member for wave in WAVES for member in wave}

    assert in_waves == set(RHYTHMS)
