"""Storms of webhooks at a served hub: how many a second it takes, beside a server that only says yes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import sqlalchemy as sa
from starlette.types import Receive, Scope, Send

from bench import hub, servers
from bench.hub import STORE, Bench
from bench.platforms import Platforms, running
from bench.served import free_port, serving, set_up, wait_until_up
from bench.table import Row
from crossdock.connectors.bigcommerce.webhooks import KEY_HEADER, key_of
from crossdock.store import tables

PRODUCTS = 12
CONNECTIONS = 100
SETTLE_SECONDS = 5.0
TARGET = "≥ 1,000 a second, none lost"


def run(*, events: int) -> list[Row]:
    return [_row(kind, events) for kind in ("SQLite", "PostgreSQL")]


def _row(kind: str, events: int) -> Row:
    title = f"{events:,} webhooks at once, {kind}"
    if kind == "PostgreSQL" and not servers.answers():
        return Row(title, note=f"no server answers at {servers.SERVER}")
    with running(PRODUCTS, is_live=True) as platforms:
        found = hub.work("webhooks", platforms, kind=kind, events=events).notes
    note = (
        f"{events / found['seconds']:,.0f} a second; {found['lost']} lost; answers: {found['answers']}; "
        f"{found['runs']} runs of the flow they hint at; "
        f"a server that only says yes takes {events / found['floor']:,.0f} a second"
    )
    took = {"seconds": found["seconds"], "floor_seconds": found["floor"]}
    return Row(title, **took, records=events, target=TARGET, note=note)


def work(bench: Bench, *, kind: str, events: int) -> None:
    if kind == "SQLite":
        _storm(bench, events)
        return
    with TemporaryDirectory() as folder:
        on_server = Bench(Path(folder), bench.platforms, url=servers.fresh_postgresql())
        _storm(on_server, events)
        bench.notes |= on_server.notes


def _storm(bench: Bench, events: int) -> None:
    set_up(bench)
    platforms = bench.platforms
    with (
        TemporaryDirectory() as folder,
        serving(bench.hub.database.url, Path(folder), is_told=True) as address,
    ):
        time.sleep(SETTLE_SECONDS)  # what start-up itself sets in motion is over
        known, since, began = bench.count(tables.delivery), datetime.now(UTC), time.perf_counter()
        answers = _send(f"{address}/webhooks/{STORE}", platforms, events)
        seconds = time.perf_counter() - began
        time.sleep(SETTLE_SECONDS)
        bench.notes |= {
            "seconds": seconds,
            "answers": ", ".join(f"{count:,} × {status}" for status, count in sorted(answers.items())),
            "lost": answers[200] - (bench.count(tables.delivery) - known),
            "runs": _runs(bench, since),
        }
    bench.notes["floor"] = _floor(platforms, events)


def _runs(bench: Bench, since: datetime) -> int:
    run = tables.run
    asked = sa.select(sa.func.count()).where(run.c.flow == f"{STORE}/pull-orders", run.c.started_at >= since)
    with bench.hub.database.reading() as tx:
        return int(tx.scalar(asked) or 0)


def _floor(platforms: Platforms, events: int) -> float:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        f"{__name__}:yes",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    with subprocess.Popen(command) as process:
        try:
            wait_until_up(port)
            began = time.perf_counter()
            _send(f"http://127.0.0.1:{port}/", platforms, events)
            return time.perf_counter() - began
        finally:
            process.terminate()


async def yes(_: Scope, receive: Receive, send: Send) -> None:
    """The floor's server: reads the event and says 200."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _deliveries(platforms: Platforms, count: int) -> list[bytes]:
    """Events of orders as the store sends them, each another one."""
    now = int(time.time())
    producer = f"stores/{urlsplit(platforms.store['api_path']).path.split('/')[2]}"
    return [
        json.dumps(
            {
                "scope": "store/order/updated",
                "store_id": "1",
                "data": {"type": "order", "id": number},
                "hash": f"{number:040x}",
                "created_at": now,
                "producer": producer,
            }
        ).encode()
        for number in range(count)
    ]


def _send(address: str, platforms: Platforms, events: int) -> Counter[int]:
    """Over a hundred connections, each event as soon as the one before is answered; how often which status."""
    target = urlsplit(address)
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Type: application/json\r\n"
        f"{KEY_HEADER}: {key_of(platforms.store['client_secret'])}\r\n"
    )
    bodies = iter(_deliveries(platforms, events))
    answers: Counter[int] = Counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        for body in bodies:
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            told = await reader.readuntil(b"\r\n\r\n")
            answers[int(told.split(b" ", 2)[1])] += 1
            if told.lower().find(b"content-length: 0") < 0:
                raise RuntimeError(f"an event is answered with nothing: {told!r}")
        writer.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))

    asyncio.run(all_of_them())
    return answers
