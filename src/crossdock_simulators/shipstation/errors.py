"""How the platform refuses: a message, and what is wrong with single fields."""

from __future__ import annotations

from crossdock_simulators.kit import Reply, json_reply
from crossdock_simulators.shipstation.records import Json


class RefusedError(Exception):
    """A request that the account does not carry out."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body

    def reply(self) -> Reply:
        return json_reply(self.body, self.status)


def invalid(**fields: str) -> RefusedError:
    state = {f"apiOrder.{name}": [problem] for name, problem in fields.items()}
    return RefusedError(400, {"Message": "The request is invalid.", "ModelState": state})


def refused(message: str, status: int = 400) -> RefusedError:
    return RefusedError(status, {"Message": message})


def not_found(what: str) -> RefusedError:
    return refused(f"The requested {what} was not found.", 404)
