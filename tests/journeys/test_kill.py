"""kill -9 of the whole process at random moments: started again, it ends in the same state, with nothing twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from crossdock.connectors.bigcommerce.client import PRODUCTS_PAGE
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE
from journeys.test_request_counts import CATALOG_ONLY
from support.canceling import SECRET
from support.workers import until
from support.world import SHOP, STORE, World, world

KILLS = 10
PULL = f"{STORE}/pull-products"
PRODUCTS = r"/catalog/products$"
LONGEST_RUN_SECONDS = 120


@pytest.mark.engine
@pytest.mark.parametrize("seed", [7])
def test_ten_kills_of_the_first_sync_end_in_the_same_state_with_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    with world(tmp_path, products=40) as made:
        environment = _set_up(made, tmp_path)
        made.reopen()
        killed = 0
        for _ in range(KILLS):
            killed += _sync_and_kill(environment, after=random.uniform(0.8, 3.5))
            made.approve_all()

        done = _crossdock(environment, "sync", "--once")
        made.approve_all()
        done = _crossdock(environment, "sync", "--once")

        # Only what the merchant has to mend may be open: stock that the store counts for a product as a whole.
        assert {case["kind"] for case in _exceptions(environment)} <= {"push_refused"}
        assert done.returncode in (0, 3), done.stdout + done.stderr
        assert killed > 0, "every run ended before it could be killed; the catalog is too small for this test"
        assert_same_and_nothing_twice(made, environment)


@pytest.mark.engine
def test_a_kill_in_a_pull_has_two_pages_asked_for_again_at_most(tmp_path: Path) -> None:
    """The page that was being stored, and the one that was fetched ahead."""
    with world(tmp_path, products=1000) as made:
        made.connect(**CATALOG_ONLY)
        environment = _environment(made.config.database_url)
        made.store.faults.add(Fault("latency", "GET", PRODUCTS, times=None, delay_seconds=0.5))
        since = made.store.journal.last_number
        command = [sys.executable, "-m", "crossdock", "sync", PULL, "--once"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            until(lambda: made.store.journal.count("GET", PRODUCTS, since) > 1, seconds=LONGEST_RUN_SECONDS)
            process.send_signal(signal.SIGKILL)
        made.store.faults.clear()

        done = _crossdock(environment, "sync", PULL, "--once")

        assert done.returncode == 0, done.stdout + done.stderr
        assert len(made.rows(tables.product)) == 1000
        asked = [one.query for one in made.store.journal.entries(since) if re.search(PRODUCTS, one.path)]
        assert len(set(asked)) == 1000 // PRODUCTS_PAGE + 1
        assert 1 <= len(asked) - len(set(asked)) <= 2


def _set_up(made: World, folder: Path) -> dict[str, str]:
    """A data folder of its own, connected through the command line only."""
    environment = _environment(f"sqlite:///{folder}/killed.sqlite")
    file = folder / "crossdock.yaml"
    file.write_text(yaml.safe_dump(made.spec(shop=COMPLETE).model_dump(mode="json", exclude_none=True)))
    assert _crossdock(environment, "apply", str(file)).returncode == 0
    assert _crossdock(environment, "connect", "store").returncode == 0
    link = json.loads(_crossdock(environment, "connect", SHOP, "--json").stdout)["authorize_link"]
    code, state = made.consent(link)
    done = _crossdock(environment, "connect", SHOP, "--code", code, "--state", state)
    assert done.returncode == 0, done.stderr
    return environment


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_SECRET_KEY": SECRET}


def _crossdock(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crossdock", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=LONGEST_RUN_SECONDS, check=False
    )


def _sync_and_kill(environment: dict[str, str], *, after: float) -> int:
    """1 when the run was killed, 0 when it had ended by itself before."""
    command = [sys.executable, "-m", "crossdock", "sync", "--once"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return 1
    return 0


def assert_same_and_nothing_twice(made: World, environment: dict[str, str]) -> None:
    listed = json.loads(_crossdock(environment, "products", "--json", "--limit", "500").stdout)
    refused = {case["subject_id"] for case in _exceptions(environment)}
    products = [product for product in _items(listed) if product["id"] not in refused]
    skus = sorted(sku for product in products for sku in product["skus"])
    on_shop = [sku for product in made.shop.shop.tables.products.values() for sku in product.content.skus]
    assert sorted(sku.seller_sku for sku in on_shop) == skus
    assert len(products) > 30
    assert len(made.shop.shop.tables.products) == len(products)
    store, shop = made.store_stock(), made.shop_stock()
    assert {sku: shop[sku] for sku in shop if sku in store} == {
        sku: store[sku] for sku in shop if sku in store
    }
    assert made.writes()[0] == 0


def _exceptions(environment: dict[str, str]) -> list[dict[str, Any]]:
    return _items(json.loads(_crossdock(environment, "exceptions", "--json").stdout))


def _items(document: Any) -> list[dict[str, Any]]:
    return list(document["items"] if isinstance(document, dict) else document)
