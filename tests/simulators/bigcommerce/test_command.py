"""The `crossdock-simulators` command: one line of JSON, then all platforms answer until it is stopped."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx2 as httpx
import pytest

pytest.importorskip("crossdock_simulators.tiktok_shop.app", reason="the other simulator is not here")


def test_the_command_says_where_all_platforms_are_and_ends_with_its_parent() -> None:
    command = [
        sys.executable,
        "-m",
        "crossdock_simulators",
        "--products",
        "5",
        "--listings",
        "2",
        "--shipstation",
    ]
    with subprocess.Popen(
        [*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        described = json.loads(process.stdout.readline())
        store, shop = described["bigcommerce"], described["tiktok_shop"]
        headers = {"X-Auth-Token": store["access_token"]}
        products = httpx.get(store["api_path"] + "catalog/products", headers=headers).json()
        assert products["meta"]["pagination"]["total"] == 5
        assert httpx.get(shop["control"] + "/state").status_code == 200
        assert {"app_key", "app_secret", "service_id", "api_base"} <= shop.keys()
        warehouse = described["shipstation"]
        pair = (warehouse["api_key"], warehouse["api_secret"])
        assert len(httpx.get(f"{warehouse['api_base']}/stores", auth=pair).json()) == 2
        process.stdin.close()
        assert process.wait(20) == 0
