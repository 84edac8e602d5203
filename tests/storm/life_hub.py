"""What the hub's people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.domain.order import OrderStatus
from crossdock.store import tables
from storm import doing
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm


TO_SHIP = (
    OrderStatus.READY_FOR_FULFILLMENT,
    OrderStatus.SENT_TO_FULFILLMENT,
    OrderStatus.PARTIALLY_FULFILLED,
)


def _hub_order(storm: Storm, *statuses: str) -> Any:
    rows = [
        row
        for row in storm.made.rows(tables.order)
        if row.copy_of is None and not row.is_reservation and (not statuses or row.status in statuses)
    ]
    rows.sort(key=lambda row: row.id)
    return storm.random.choice(rows) if rows else None


def hub_cancels(storm: Storm) -> str:
    order = _hub_order(storm)
    name = {STORE: "store", SHOP: "shop"}.get(order.integration, "") if order else ""
    if not name or not getattr(storm.of, name).get("cancel_orders"):
        return ""
    lines: dict[str, int] = {}
    if order.integration == SHOP and storm.chance(0.4):
        rows = storm.made.rows(tables.order_line, tables.order_line.c.order_id == order.id)
        row = storm.random.choice(sorted(rows, key=lambda row: row.id))
        lines = {row.id: 1}
    status, said = storm.made.ask("POST", f"/orders/{order.id}/cancel", {"lines": lines})
    return f"{order.integration} {order.number} {lines}: {status} {doing.problem(said)}"


def hub_ships(storm: Storm) -> str:
    """A fulfillment that is recorded in the hub, of all that is open or of one unit."""
    if storm.of.is_routed:
        return _warehouse_ships(storm)
    order = _hub_order(storm, *TO_SHIP)
    if order is None or not _is_told(storm, order.integration):
        return ""
    body: dict[str, Any] = {
        "carrier": "UPS",
        "tracking_number": f"1Z{storm.random.randint(10**15, 10**16 - 1)}",
    }
    if storm.chance(0.4):
        rows = storm.made.rows(tables.order_line, tables.order_line.c.order_id == order.id)
        body["lines"] = {storm.random.choice(sorted(rows, key=lambda row: row.id)).id: 1}
    status, said = storm.made.ask("POST", f"/orders/{order.id}/fulfillments", body)
    return f"{order.integration} {order.number} {body}: {status} {doing.problem(said)}"


def _is_told(storm: Storm, integration: str) -> bool:
    """Whether the platform of an order hears of what the hub ships; else both differ for good."""
    settings = storm.of.store if integration == STORE else storm.of.shop
    return bool(settings.get("push_fulfillments"))


def _warehouse_ships(storm: Storm) -> str:
    rows = [row for row in storm.made.rows(tables.shipping_request) if row.state == "sent"]
    if not rows:
        return ""
    number = storm.random.choice(sorted(row.number for row in rows))
    body = {"carrier": "UPS", "tracking_number": f"1Z{storm.random.randint(10**15, 10**16 - 1)}"}
    status, said = storm.made.ask("POST", f"/shipping-requests/{number}/ship", body)
    return f"{number}: {status} {doing.problem(said)}"


def hub_corrects_fulfillment(storm: Storm) -> str:
    rows = [row for row in storm.made.rows(tables.fulfillment) if row.integration == "hub"]
    if not rows:
        return ""
    row = storm.random.choice(sorted(rows, key=lambda row: row.id))
    if storm.chance(0.3):
        status, said = storm.made.ask("POST", f"/fulfillments/{row.id}/void")
        return f"void {row.tracking_number}: {status} {doing.problem(said)}"
    body = {"tracking_number": f"1Z{storm.random.randint(10**15, 10**16 - 1)}"}
    status, said = storm.made.ask("PATCH", f"/fulfillments/{row.id}", body)
    return f"{row.tracking_number} → {body}: {status} {doing.problem(said)}"


def hub_answers_buyer(storm: Storm) -> str:
    rows = [row for row in storm.made.rows(tables.cancellation) if row.state == "requested"]
    if not rows:
        return ""
    row = storm.random.choice(sorted(rows, key=lambda row: row.id))
    way = storm.random.choice(("approve", "reject"))
    status, said = storm.made.ask(
        "POST", f"/cancellations/{row.id}/{way}", {"note": "Packed already"} if way == "reject" else None
    )
    return f"{way} {row.order_channel_id}: {status} {doing.problem(said)}"


def hub_resyncs(storm: Storm) -> str:
    flow = storm.random.choice(storm.made.hub.flows())
    status, said = storm.made.ask("POST", f"/flows/{flow}/resync")
    return f"{flow}: {status} {doing.problem(said)}"


def hub_changes_settings(storm: Storm) -> str:
    """A buffer, a hold, a flow that pauses or comes back."""
    name, key, values = storm.random.choice(SWITCHED)
    value = storm.random.choice(values)
    settings = storm.settings["store" if name == STORE else "shop"]
    if (name, key) == (STORE, "orders") and storm.of.owner == STORE:
        return ""  # what an owner sells that nobody is to read looks like a report of as many units
    status, said = storm.made.ask("PATCH", f"/integrations/{name}/settings", {key: value}, confirm=True)
    if status == 200:
        settings[key] = value
    return f"{name} {key}={value}: {status} {doing.problem(said)}"


SWITCHED: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (SHOP, "inventory_buffer", (0, 1, 3)),
    (SHOP, "inventory_percentage", (100, 80)),
    (SHOP, "out_of_stock_below", (0, 4)),
    (SHOP, "hold_minutes", (0, 15)),
    (SHOP, "inventory", (False, True, True)),
    (SHOP, "orders", (False, True, True, True)),
    (STORE, "orders", (False, True, True, True)),
)


def hub_retries(storm: Storm) -> str:
    cases = [case for case in storm.made.open_cases() if case.kind in RETRIED_ANY_TIME]
    if not cases:
        return ""
    case = storm.random.choice(sorted(cases, key=lambda case: case.id))
    return f"{case.kind} {case.subject_id}: {storm.made.ask('POST', f'/exceptions/{case.id}/retry')[0]}"


# An unclear report is the exception: a person who sends it again has to know that it did not arrive.
RETRIED_ANY_TIME = ("push_refused", "silent_refusal", "order_unclear", "order_refused", "unreadable")
