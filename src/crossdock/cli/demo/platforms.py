"""The simulated platforms as a process of their own, spoken to over HTTP like any platform."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from crossdock.cli.failures import CommandError

STOP_SECONDS = 10.0
# Requests that are no GET although they change nothing.
READING_POSTS = ("/search", "/recommend", "/listing_check")


@dataclass(frozen=True, slots=True)
class Sale:
    """Units of one SKU, bought on one platform."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Platform:
    """One simulated platform: what an integration needs to connect, and its control address."""

    given: Mapping[str, str]
    client: httpx.Client
    sku_word: str

    @property
    def control(self) -> str:
        return self.given["control"]

    def state(self) -> dict[str, Any]:
        return dict(self._json(self.client.get(f"{self.control}/state")))

    def order(self, sales: Sequence[Sale], **terms: Any) -> None:
        """A buyer orders these, on terms that the simulator's page knows."""
        lines = [{self.sku_word: sale.sku, "quantity": sale.quantity} for sale in sales]
        self._json(self.client.post(f"{self.control}/orders", json={"lines": lines, **terms}))

    def last_request(self) -> int:
        """The number of the newest request in the log."""
        entries = self._log(0)
        return int(entries[-1]["number"]) if entries else 0

    def writes_since(self, number: int) -> list[str]:
        """The requests after that one which could have changed something."""
        return [
            f"{entry['method']} {entry['path']}"
            for entry in self._log(number)
            if entry["method"] not in ("GET", "HEAD") and not entry["path"].endswith(READING_POSTS)
        ]

    def _log(self, since: int) -> list[dict[str, Any]]:
        answer = self._json(self.client.get(f"{self.control}/log", params={"since": since}))
        return list(answer["entries"])

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise CommandError(f"The simulator answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()


@dataclass(frozen=True)
class Platforms:
    store: Platform
    shop: Platform


@contextmanager
def started(*, products: int, seed: int, redirect_url: str) -> Iterator[Platforms]:
    """Both simulators run inside the block. Their process ends with ours, even if ours is killed."""
    command = [sys.executable, "-m", "crossdock_simulators", "--until-stdin-closes"]
    command += ["--products", str(products), "--seed", str(seed), "--redirect-url", redirect_url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None  # noqa: S101  # it was asked for
        line = process.stdout.readline()
        if not line:
            raise CommandError("The simulators did not start; see the message above")
        given = json.loads(line)
        with httpx.Client(timeout=30.0) as client:
            yield Platforms(
                Platform(given["bigcommerce"], client, sku_word="sku"),
                Platform(given["tiktok_shop"], client, sku_word="seller_sku"),
            )
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
