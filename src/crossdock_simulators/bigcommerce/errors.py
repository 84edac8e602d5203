"""The refusals of the two API generations: v2 answers a list, v3 an object."""

from __future__ import annotations

from typing import Any

STATUS_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


class RefusedError(Exception):
    """A request the store does not carry out; the handler's caller turns it into an answer."""

    def __init__(self, status: int, body: Any, content_type: str = "application/json") -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.content_type = content_type


def sentence(error: RefusedError) -> str:
    """A refusal for a person: what both generations say, without their JSON."""
    if isinstance(error.body, list):
        told = error.body[0]
        details = told.get("details", {})
        named = [_problem(one) for one in details.get("errors", [])]
        return " ".join([told["message"], *filter(None, [details.get("invalid_reason"), *named])])
    told = [f"{name}: {why}" for name, why in error.body["errors"].items()]
    return ". ".join([error.body["title"], *told])


def _problem(one: dict[str, Any]) -> str:
    product = one["product"]
    left = product.get("sku", product).get("inventory_level")
    return f"{product['name']}: {one['type']}" + (f", {left} left." if left is not None else ".")


def v3(status: int, title: str, errors: dict[str, str] | None = None) -> RefusedError:
    body = {"status": status, "title": title, "type": STATUS_PAGE, "errors": errors or {}}
    return RefusedError(status, body)


def problem(status: int, title: str) -> RefusedError:
    """Inventory and locations say it as `application/problem+json`."""
    body = {"status": status, "title": title, "type": STATUS_PAGE, "errors": {}}
    return RefusedError(status, body, "application/problem+json")


def v2(status: int, message: str, details: dict[str, Any] | None = None) -> RefusedError:
    line: dict[str, Any] = {"status": status, "message": message}
    if details is not None:
        line["details"] = details
    return RefusedError(status, [line])


def v2_invalid(field: str, reason: str | None = None) -> RefusedError:
    return v2(400, f"The field '{field}' is invalid.", {"invalid_reason": reason} if reason else None)


def v2_required(field: str) -> RefusedError:
    return v2(400, f"The required field '{field}' was not supplied.")


def v2_read_only(field: str) -> RefusedError:
    text = (
        f"The field '{field}' cannot be written to. Please remove it from your request before trying again."
    )
    return v2(400, text)


def v2_not_found() -> RefusedError:
    return v2(404, "The requested resource was not found.")


def v3_not_found(what: str) -> RefusedError:
    return v3(404, f"The requested {what} was not found")


def invalid(field: str, why: str) -> RefusedError:
    return v3(422, "JSON data is missing or invalid", {field: why})


def duplicate(field: str) -> RefusedError:
    text = f"The product {field} is a duplicate"
    return v3(409, text, {field: text})
