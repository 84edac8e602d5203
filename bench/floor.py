"""The floor: one thread of httpx2 and orjson, `executemany` with upsert, one commit a page, nothing else kept safe."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2 as httpx
import orjson

from bench.platforms import Platforms

TABLES = """
CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, sku TEXT, price REAL, modified TEXT, body TEXT);
CREATE TABLE variant (id INTEGER PRIMARY KEY, product_id INTEGER, sku TEXT, price REAL, body TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, status INTEGER, total TEXT, modified TEXT, body TEXT);
CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INTEGER, sku TEXT, quantity INTEGER, body TEXT);
CREATE TABLE stock (id INTEGER PRIMARY KEY, sku TEXT, units INTEGER);
"""


def _upsert(table: str, *columns: str) -> str:
    marks = ",".join("?" * (len(columns) + 1))
    changes = ", ".join(f"{name}=excluded.{name}" for name in columns)
    return f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {changes}"


PRODUCT = _upsert("product", "name", "sku", "price", "modified", "body")
VARIANT = _upsert("variant", "product_id", "sku", "price", "body")
ORDER = _upsert("orders", "status", "total", "modified", "body")
LINE = _upsert("line", "order_id", "sku", "quantity", "body")
STOCK = _upsert("stock", "sku", "units")


@dataclass(frozen=True)
class Floor:
    """Where the loop reads and writes."""

    http: httpx.Client
    root: str
    database: sqlite3.Connection

    def get(self, place: str) -> Any:
        answer = self.http.get(self.root + place)
        return orjson.loads(answer.content) if answer.status_code == 200 else None


@dataclass(frozen=True)
class Measured:
    seconds: float
    cpu: float


@contextmanager
def floor(platforms: Platforms) -> Iterator[Floor]:
    with TemporaryDirectory(prefix="crossdock-floor-") as folder, httpx.Client(timeout=60) as http:
        http.headers["X-Auth-Token"] = platforms.store["access_token"]
        database = sqlite3.connect(Path(folder) / "floor.sqlite", isolation_level=None)
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + TABLES)
        yield Floor(http, platforms.store["api_path"].removesuffix("/v3/"), database)
        database.close()


def measured(act: Callable[[], object]) -> Measured:
    began, began_cpu = time.perf_counter(), time.process_time()
    act()
    return Measured(time.perf_counter() - began, time.process_time() - began_cpu)


def products(on: Floor, others: list[str]) -> None:
    """The catalog by id; `others` are the few calls that the hub makes beside it, for names."""
    for place in others:
        on.get(place)
    after = 0
    while True:
        place = f"/v3/catalog/products?id%3Agreater={after}&sort=id&direction=asc&include=variants%2Cimages&limit=250"
        page = on.get(place)["data"]
        variants = [variant for product in page for variant in product["variants"]]
        on.database.execute("BEGIN")
        on.database.executemany(PRODUCT, [_product(one) for one in page])
        on.database.executemany(VARIANT, [_variant(one) for one in variants])
        on.database.execute("COMMIT")
        if len(page) < 50:
            return
        after = page[-1]["id"]


def _product(one: Any) -> tuple[Any, ...]:
    rest = {name: value for name, value in one.items() if name != "variants"}
    return one["id"], one["name"], one["sku"], one["price"], one["date_modified"], orjson.dumps(rest).decode()


def _variant(one: Any) -> tuple[Any, ...]:
    return one["id"], one["product_id"], one["sku"], one["calculated_price"], orjson.dumps(one).decode()


def orders(on: Floor, places: list[str]) -> None:
    """The pages of orders that the hub asked for, each with its lines."""
    for place in places:
        page = on.get(place) or []
        lines = [(order, line) for order in page for line in _lines(order)]
        on.database.execute("BEGIN")
        on.database.executemany(ORDER, [_order(one) for one in page])
        on.database.executemany(LINE, [_line(order, line) for order, line in lines])
        on.database.execute("COMMIT")


def _lines(order: Any) -> list[Any]:
    return [line for place in order["consignments"]["shipping"] for line in place["line_items"]]


def _order(one: Any) -> tuple[Any, ...]:
    rest = {name: value for name, value in one.items() if name != "consignments"}
    body = orjson.dumps(rest).decode()
    return one["id"], one["status_id"], one["total_inc_tax"], one["date_modified"], body


def _line(order: Any, one: Any) -> tuple[Any, ...]:
    return one["id"], order["id"], one["sku"], one["quantity"], orjson.dumps(one).decode()


def read_stock(on: Floor, places: list[str]) -> None:
    """The pages of stock that the hub asked for, each number kept."""
    for place in places:
        page = on.get(place)["data"]
        numbers = [
            (one["identity"]["variant_id"], one["identity"]["sku"], at["available_to_sell"])
            for one in page
            for at in one["locations"]
        ]
        on.database.execute("BEGIN")
        on.database.executemany(STOCK, numbers)
        on.database.execute("COMMIT")


def write_stock(on: Floor, skus: int) -> None:
    """Every number in calls of two thousand rows, and kept as sent."""
    for start in range(1, skus + 1, 2000):
        numbers = range(start, min(start + 2000, skus + 1))
        rows = [{"location_id": 1, "variant_id": number, "quantity": 10} for number in numbers]
        body = orjson.dumps({"reason": "floor", "items": rows})
        headers = {"Content-Type": "application/json"}
        answer = on.http.put(on.root + "/v3/inventory/adjustments/absolute", content=body, headers=headers)
        answer.raise_for_status()
        on.database.execute("BEGIN")
        on.database.executemany(STOCK, [(number, "", 10) for number in numbers])
        on.database.execute("COMMIT")
