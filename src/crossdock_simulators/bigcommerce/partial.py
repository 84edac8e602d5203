"""The answer to a write that can be saved without its stock."""

from __future__ import annotations

from typing import Any

from crossdock_simulators.bigcommerce import wire
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, json_reply


def answered(store: Store, body: Any) -> Reply:
    """With the switch on, the record is saved and its stock is not: a 207."""
    if not store.switches.partial_success:
        return wire.data(body)
    part = {"status": 422, "title": "Inventory could not be updated", "type": "partial"}
    part |= {"errors": {"inventory_level": "could not be saved"}}
    return json_reply({"data": body, "errors": part, "meta": {}}, 207)
