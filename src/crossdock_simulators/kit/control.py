"""The control API under `/_sim` and the page where a person works the simulated platform by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import timedelta
from html import escape
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from crossdock_simulators.kit import given, page
from crossdock_simulators.kit.clock import Clock
from crossdock_simulators.kit.faults import Fault, Faults
from crossdock_simulators.kit.http import (
    Handler,
    Reply,
    Request,
    Router,
    json_reply,
    read_body,
    send_reply,
)
from crossdock_simulators.kit.journal import Entry, Journal

MISTAKES: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
LONGEST_STEP_SECONDS: Final = 10 * 366 * 86_400


class Control:
    """Shared endpoints; a platform adds its own with `add` and its part of the page with `add_section`."""

    def __init__(self, *, journal: Journal, faults: Faults, clock: Clock) -> None:
        self.title = "Simulator"
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._router = Router()
        self._sections: list[tuple[str, Callable[[], str]]] = []
        for method, path, handler in (
            ("GET", "/_sim", self._page),
            ("GET", "/_sim/", self._page),
            ("GET", "/_sim/log", self._log),
            ("DELETE", "/_sim/log", self._clear_log),
            ("GET", "/_sim/clock", self._time),
            ("POST", "/_sim/clock", self._advance),
            ("GET", "/_sim/faults", self._list_faults),
            ("POST", "/_sim/faults", self._add_fault),
            ("DELETE", "/_sim/faults", self._clear_faults),
            ("POST", "/_sim/faults/clear", self._clear_faults),
        ):
            self.add(method, path, handler)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Register a platform's own control endpoint; its path must start with `/_sim/`."""
        self._router.add(method, path, handler)

    def add_section(self, heading: str, render: Callable[[], str]) -> None:
        """Add a part of the page; `render` answers safe HTML and runs for every view."""
        self._sections.append((heading, render))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_reply(send, self.answer(Request(scope, await read_body(receive))))

    def answer(self, request: Request) -> Reply:
        """A person's form goes back to the page; a program gets JSON, also for its mistakes."""
        handler, parts, known = self._router.find(request.method, request.path)
        if handler is None:
            return _refusal(request, "There is no such control endpoint", 405 if known else 404)
        try:
            reply = handler(request, *parts)
        except MISTAKES as error:
            return _refusal(request, _sentence(error), 400)
        return Reply(303, headers={"Location": "/_sim/"}) if request.is_form else reply

    def _page(self, _: Request) -> Reply:
        parts = [page.section(heading, render()) for heading, render in self._sections]
        parts.append(page.section("Clock", page.clock(self._clock.now())))
        parts.append(page.section("Faults", page.faults(self._faults.waiting())))
        parts.append(page.section("Requests", page.log(self._journal.entries()[-60:])))
        return Reply(200, page.document(escape(self.title), "".join(parts)), "text/html; charset=utf-8")

    def _log(self, request: Request) -> Reply:
        since = int(request.query.get("since", 0))
        return json_reply({"entries": [_described(entry) for entry in self._journal.entries(since)]})

    def _clear_log(self, _: Request) -> Reply:
        self._journal.clear()
        return Reply(204)

    def _time(self, _: Request) -> Reply:
        return json_reply({"now": self._clock.now()})

    def _advance(self, request: Request) -> Reply:
        seconds = float(given.amount(request.fields()["advance_seconds"]))
        if not 0 <= seconds <= LONGEST_STEP_SECONDS:
            raise ValueError("The clock moves on only, by ten years at most")
        return json_reply({"now": self._clock.advance(timedelta(seconds=seconds))})

    def _list_faults(self, _: Request) -> Reply:
        return json_reply({"faults": [asdict(fault) for fault in self._faults.waiting()]})

    def _add_fault(self, request: Request) -> Reply:
        asked = request.json() if not request.is_form else request.fields()
        self._faults.add(
            *[_fault(described) for described in (asked if isinstance(asked, list) else [asked])]
        )
        return json_reply({"faults": [asdict(fault) for fault in self._faults.waiting()]}, 201)

    def _clear_faults(self, _: Request) -> Reply:
        self._faults.clear()
        return Reply(204)


def _refusal(request: Request, message: str, status: int) -> Reply:
    if request.is_form:
        return Reply(status, page.problem(message), "text/html; charset=utf-8")
    return json_reply({"error": message}, status)


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error) if isinstance(error, ValueError) else f"This cannot be read: {error}"


def _described(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"body": entry.body.decode("utf-8", "replace")}


def _fault(described: dict[str, Any]) -> Fault:
    """A fault from JSON or from the page's form, where every value is a text and unset ones are empty."""
    known = {field.name: field for field in fields(Fault)}
    if unknown := described.keys() - known.keys():
        raise ValueError(f"Unknown fault fields: {', '.join(sorted(unknown))}")
    values = {name: value for name, value in described.items() if value not in ("", None)}
    given.text(values, "kind")
    for name in values.keys() & {"times", "status"}:
        values[name] = given.whole(values, name)
    for name in values.keys() & {"probability", "delay_seconds", "retry_after"}:
        values[name] = float(given.amount(values[name]))
    if "times" in described and described["times"] is None:
        values["times"] = None
    return Fault(**values)
