"""A hub with a warehouse that exchanges files: connected, asked and listened to as any other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.app import Hub
from crossdock.config import Config
from crossdock.domain.sync import FlowKey
from crossdock.operations.setup.spec import Spec
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync.lease import Lease
from crossdock.sync.runner import Runner
from support import blank
from support.sftp_server import PASSWORD, SftpServer, sftp_server

WAREHOUSE = "warehouse"
runs = itertools.count(1)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "hub").mkdir()
    config = Config(database_url=f"sqlite:///{tmp_path}/hub/hub.sqlite", secret_key="a test's own secret")
    blank.lay_out(config.database_url)
    with closing(Hub.open(config)) as hub:
        yield hub


def set_up(hub: Hub, server: SftpServer, **credentials: object) -> None:
    part = {
        "name": WAREHOUSE,
        "connector": "flat_files",
        "credentials": server.credentials(**credentials),
        "settings": {"inventory": True, "fulfillments": True, "orders": True, "quiet_seconds": 0},
    }
    sources = {"catalog": "hub", "inventory": "hub"}
    hub.apply(Spec.model_validate({"sources_of_truth": sources, "integrations": [part]}))


def run(hub: Hub, flow: str) -> str:
    lease = leases.begin(hub.database, FlowKey.parse(f"{WAREHOUSE}/{flow}"), f"run-{next(runs)}", "worker")
    assert isinstance(lease, Lease)
    ended = Runner(hub.desk, lambda name, _: hub.connector(name), lambda _: None).run(lease)
    leases.finish(hub.database, lease, ended)
    return ended.error


def cases(hub: Hub) -> dict[str, str]:
    case = tables.exception_case
    with hub.database.reading() as tx:
        rows = tx.execute(sa.select(case).where(case.c.state == "open")).all()
    return {row.kind: row.cause for row in rows}


def fixes(hub: Hub) -> dict[str, str]:
    case = tables.exception_case
    with hub.database.reading() as tx:
        return {row.kind: row.fix for row in tx.execute(sa.select(case))}


def test_a_file_that_comes_again_is_an_event_and_no_case(hub: Hub, server: SftpServer) -> None:
    set_up(hub, server)
    hub.connect(WAREHOUSE)
    text = "number,line,quantity,tracking_number\n1001-1,1,2,1Z1\n"
    (server.root / "fulfillments/a.csv").write_text(text)
    run(hub, "pull-fulfillments")
    before = cases(hub)
    (server.root / "fulfillments/b.csv").write_text(text)
    for _ in range(2):
        run(hub, "pull-fulfillments")

    assert cases(hub) == before
    event = tables.event
    with hub.database.reading() as tx:
        said = [row.what for row in tx.execute(sa.select(event).where(event.c.subject_id == WAREHOUSE))]
    assert [what for what in said if "b.csv" in what] == [
        "b.csv holds the same as a.csv did when it was read before; it was put away and not applied again"
    ]


def test_connecting_names_the_key_to_compare_and_then_works(hub: Hub, server: SftpServer) -> None:
    set_up(hub, server, host_key="")
    refused = hub.connect(WAREHOUSE)
    assert refused.status == "Error"
    assert server.fingerprint in refused.reason
    assert PASSWORD not in refused.reason

    set_up(hub, server)
    assert hub.connect(WAREHOUSE).status == "Connected"

    with hub.database.reading() as tx:
        flows = tx.execute(sa.select(tables.flow).where(tables.flow.c.integration == WAREHOUSE))
        on = {row.key for row in flows if row.is_on}
    assert on == {
        f"{WAREHOUSE}/{flow}" for flow in ("push-shipping_requests", "pull-fulfillments", "pull-inventory")
    }


def test_what_comes_in_is_stored_and_a_bad_row_is_a_case(hub: Hub, server: SftpServer) -> None:
    set_up(hub, server)
    hub.connect(WAREHOUSE)
    (server.root / "stock/a.csv").write_text("sku,quantity\nTEA-1,12\nTEA-2,many\n")
    (server.root / "fulfillments/a.csv").write_text(
        "number,line,quantity,carrier,tracking_number\n1001-1,1,2,UPS,1Z1\n"
    )

    for _ in range(2):
        assert [
            run(hub, flow) for flow in ("pull-inventory", "pull-fulfillments", "push-shipping_requests")
        ] == [""] * 3

    told = cases(hub)
    assert "a.csv row 3" in told["unreadable"]
    assert "1001-1" in told["shipment_unknown"]
    assert "TEA-1" in told["count_unknown"]
    assert "have the warehouse send it again" in fixes(hub)["unreadable"]
    put_away = sorted(path.name for path in (server.root / "processed").iterdir())
    assert [name[-5:] for name in put_away] == ["a.csv", "a.csv"]


def test_a_key_that_changes_stops_the_integration(hub: Hub, tmp_path: Path) -> None:
    with sftp_server(tmp_path / "one") as server:
        set_up(hub, server)
        assert hub.connect(WAREHOUSE).status == "Connected"

    with sftp_server(tmp_path / "other", port=server.port) as other:
        assert other.fingerprint in run(hub, "pull-inventory")
        assert other.logins == 0

    assert hub.integration(WAREHOUSE).status == "Error"
    assert "host_key" in cases(hub)["connection"]
