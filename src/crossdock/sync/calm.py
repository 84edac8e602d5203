"""A gate for work that can wait: none of its calls goes before those of others."""

from __future__ import annotations

from crossdock.connectors.http import Budget, Gate


class CalmGate:
    """Another gate, at which every call waits in the normal lane, whatever lane the call itself asks for."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def check(self) -> None:
        self._gate.check()

    def before_call(self, lane: str, kind: str = "") -> None:  # noqa: ARG002
        self._gate.before_call("normal", kind)

    def learn(self, budget: Budget) -> None:
        self._gate.learn(budget)

    def pause(self, seconds: float, kind: str = "") -> None:
        self._gate.pause(seconds, kind)
