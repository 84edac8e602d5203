"""A hub's API and command line, both on the hub of a world: what people ask through either has to be the same."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import client_of
from support.command import Command
from support.world import World

KEY = "setup script"
IDLE_STORE = {"products": "disabled", "orders": False, "inventory": "disabled", "locations": False}
IDLE_SHOP = {"products": "disabled", "orders": False, "inventory": False, "locations": False}
OWNED_BY_HUB = {"catalog": "hub", "inventory": "hub"}


class Asking:
    """The two ways to ask."""

    def __init__(self, made: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.api = client_of(made.hub, KEY)
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
        monkeypatch.setenv("CROSSDOCK_SECRET_KEY", made.config.secrets()[0])
        self.command = Command()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.api.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self.api.request(method, f"/api/v1{path}", json=body, params=query)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """The status and the reason of a request that is not done."""
        answer = self.api.request(method, f"/api/v1{path}", json=body, params=query)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["detail"]

    def set(self, name: str, changes: dict[str, Any], **query: Any) -> Any:
        return self.send("PATCH", f"/integrations/{name}/settings", changes, **query)

    def told(self, *arguments: str) -> Any:
        """The JSON document of a command that works."""
        done = self.command(*arguments, "--json")
        assert done.code == 0, done.err
        return done.json()

    def said(self, *arguments: str) -> str:
        """Why a command refuses."""
        done = self.command(*arguments)
        assert done.code == 1, done.out
        return " ".join(done.err.split())

    def values(self, name: str) -> dict[str, Any]:
        return {each["key"]: each["value"] for each in self.get(f"/integrations/{name}/settings")}

    def on(self, name: str) -> set[str]:
        """The flows of an integration that run, as pull-orders."""
        rows = [each for each in self.get("/flows") if each["integration"] == name]
        return {f"{r['direction']}-{r['entity']}" for r in rows if r["is_on"] and not r["refusal"]}


def asking(made: World, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Asking:
    """Both are connected under these settings."""
    made.connect(**settings)
    return Asking(made, monkeypatch)
