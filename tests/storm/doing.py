"""How people do things: by the simulators' own doors, where a refusal is a text, and in the control panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock_simulators.bigcommerce import errors

if TYPE_CHECKING:
    from storm.storm import Storm


def post(storm: Storm, address: str, path: str, body: dict[str, Any]) -> Any:
    """The document, or the refusal as text."""
    answer = storm.made.http.post(f"{address}/_sim/{path}", json=body)
    return answer.json() if answer.status_code < 300 else f"refused: {answer.text[:120]}"


def store(storm: Storm, path: str, body: dict[str, Any]) -> Any:
    return post(storm, storm.made.store_address, path, body)


def shop(storm: Storm, path: str, body: dict[str, Any]) -> Any:
    return post(storm, storm.made.shop_address, path, body)


def at_panel(storm: Storm, work: Callable[..., Any], *rest: Any) -> str:
    """The merchant's own change in the control panel."""
    with storm.made.store.lock:
        try:
            work(storm.made.store.store, *rest)
        except (errors.RefusedError, ValueError) as error:
            return f"refused: {error}"
    return "done"


def short(done: Any) -> str:
    return done if isinstance(done, str) else str(done.get("status", "done"))


def problem(said: Any) -> str:
    return str(said.get("detail", ""))[:100] if isinstance(said, dict) else ""
