"""The weather clears: time passes, and the operator does what open cases ask for, as a careful person would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock_simulators.bigcommerce import orders
from storm import doing, life_store, truth, weather
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm

SYNCS, MOST_LOOKS = 8, 3
KEPT = (
    tables.order,
    tables.order_line,
    tables.movement,
    tables.sale_report,
    tables.fulfillment,
    tables.shipping_request,
    tables.cancellation,
    tables.exception_case,
)
RETRIED = (
    "report_unclear",
    "report_refused",
    "order_unclear",
    "order_refused",
    "created_not_canceled",
    "created_not_released",
    "push_refused",
    "silent_refusal",
    "listing_refused",
    "cancellation_refused",
    "cancellation_unclear",
    "cancellation_locked",
    "return_answer_unclear",
    "fulfillment_refused",
    "fulfillment_unclear",
    "unreadable",
    "reference_refused",
)


def clear(storm: Storm) -> None:
    storm.is_over = True
    storm.say("the weather clears")
    weather.clear(storm)
    for mailbox in storm.made.mail.values():
        mailbox.waiting.clear()
    for name, _ in storm.broken():
        reconnect(storm, name)
    resume(storm)
    pass_time(storm, hours=1)
    storm.made.sync()
    for name, _ in storm.broken():
        reconnect(storm, name)
    for _ in range(MOST_LOOKS):
        if not see_to_cases(storm):
            break
        pass_time(storm, hours=1)
        storm.made.sync()
    # Beyond every hold, deadline of a buyer's request and pause of a push that failed.
    pass_time(storm, hours=50)
    look_again(storm)
    for flow in leases.due(storm.made.database):
        storm.made.run(flow)  # those that only look after things run by their schedule alone
    sync(storm)
    if see_to_cases(storm):
        pass_time(storm, hours=2)
        sync(storm)


def look_again(storm: Storm) -> None:
    """What somebody overwrote by hand on a platform is found by looking at everything."""
    for flow in storm.made.hub.flows():
        if flow.direction is Direction.PUSH and flow.entity in (Entity.INVENTORY, Entity.PRODUCTS):
            storm.made.ask("POST", f"/flows/{flow}/resync")


def resume(storm: Storm) -> None:
    """What was paused goes on."""
    paused = {STORE: {"orders": True}, SHOP: {"orders": True, "inventory": True}}
    for name, settings in paused.items():
        status, said = storm.made.ask("PATCH", f"/integrations/{name}/settings", settings, confirm=True)
        assert status == 200, said


def pass_time(storm: Storm, *, hours: float) -> None:
    storm.made.sky.advance(timedelta(hours=hours))


def sync(storm: Storm) -> None:
    """Until a round of all flows changes nothing: neither a platform nor what the hub keeps."""
    made = storm.made
    before = kept(storm)
    for _ in range(SYNCS):
        made.sync()
        after = kept(storm)
        storm.restless = [
            f"{name}: {_some(before[name] - after[name])} → {_some(after[name] - before[name])}"
            for name in after
            if after[name] != before[name]
        ]
        if not storm.restless:
            return
        before = after
        made.sky.advance(timedelta(seconds=60))


def kept(storm: Storm) -> dict[str, set[str]]:
    """All that a second run must leave as it is, by name."""
    rows = {table.name: {repr(row) for row in storm.made.rows(table)} for table in KEPT}
    return rows | {"writes": {str(storm.made.writes())}}


def _some(rows: set[str]) -> str:
    return "; ".join(row[:400] for row in sorted(rows)[:2])


def reconnect(storm: Storm, name: str) -> None:
    """Without faults on the way: the person tries until it works."""
    made = storm.made
    simulator: Any = made.store if name == STORE else made.shop
    kept, simulator.faults._pending = simulator.faults._pending, []
    made.store.account.revoked = made.store.account.revoked and name != STORE
    try:
        found = made.hub.connect(name)
        if name == SHOP and found.authorize_link:
            code, state = made.consent(found.authorize_link)
            found = made.hub.connect(SHOP, code=code, state=state)
        storm.say(f"{name}: {found.status} {found.reason}")
    finally:
        simulator.faults._pending = kept


def see_to_cases(storm: Storm) -> bool:
    """Retry what can be retried, decide what waits for a decision; whether there was anything to do."""
    seen_to = [_see_to(storm, case) for case in storm.made.open_cases()]
    return any(seen_to)


def _see_to(storm: Storm, case: Any) -> bool:
    status: int | str = ""
    if case.kind == "order_refused":
        _restock(storm, case.subject_id)
    if case.kind == "created_not_canceled":
        _cancel_copy(storm, case.subject_id)
    if case.kind == "report_unclear":
        _make_up_for(storm, case)
    if case.kind in RETRIED:
        status, _ = storm.made.ask("POST", f"/exceptions/{case.id}/retry")
    elif (act := _DECIDE.get(case.kind)) is not None:
        status = act(storm, case)
    storm.say(f"case {case.kind} {case.subject_id}: {case.cause[:140]} → {status}")
    return bool(status)


def _make_up_for(storm: Storm, case: Any) -> None:
    """As the case says: where the store was lowered already, it will be once more, so the stock is corrected there."""
    sku = next(row.sku for row in storm.made.rows(tables.variant) if row.id == case.subject_id)
    units = -int(storm.made.ask("GET", f"/exceptions/{case.id}")[1]["evidence"]["delta"])
    reports = storm.made.rows(tables.sale_report, tables.sale_report.c.variant_id == case.subject_id)
    shown = sum(-row.quantity for row in reports if row.state == "seen")
    lowered = truth.lowered(storm)[sku]
    hidden = lowered - shown
    if hidden and (hidden > 0) == (units > 0) and abs(hidden) >= abs(units):
        there = life_store.default_level(storm, sku)
        body = {"sku": sku, "quantity": there + units}
        storm.made.http.post(f"{storm.made.store_address}/_sim/stock", json=body)
        storm.corrected[sku] += units
        storm.say(f"  the operator corrects {sku} by {units:+d}: it was applied")


def _cancel_copy(storm: Storm, order_id: str) -> None:
    """The buyer canceled what the store takes for shipped: where nothing has left there, the merchant cancels it."""
    row = next(row for row in storm.made.rows(tables.order, tables.order.c.id == order_id))
    for order in storm.made.store.store.orders.values():
        has_left = any(line.quantity_shipped for line in order.lines)
        if order.fields["external_order_id"] == row.channel_id and not has_left:
            said = doing.at_panel(storm, orders.set_status, order, 5)
            storm.say(f"  order {order.id} of the store is canceled there: {said}")


def _restock(storm: Storm, order_id: str) -> None:
    """The store refuses an order for want of stock: the merchant puts units where the store takes them from."""
    line = tables.order_line
    for row in storm.made.rows(line, line.c.order_id == order_id):
        there = life_store.default_level(storm, row.channel_sku)
        body = {"sku": row.channel_sku, "quantity": there + row.quantity}
        storm.made.http.post(f"{storm.made.store_address}/_sim/stock", json=body)


def _approve(storm: Storm, case: Any) -> int:
    found = storm.made.ask("GET", f"/exceptions/{case.id}")[1]["evidence"].get("cancellation", "")
    return storm.made.ask("POST", f"/cancellations/{found}/approve")[0]


def _dismiss(storm: Storm, case: Any) -> int:
    return storm.made.ask("POST", f"/exceptions/{case.id}/dismiss")[0]


def _reduce_copy(storm: Storm, case: Any) -> int:
    """The buyer keeps fewer units than the order that the hub created in the store: the merchant takes the rest off it."""
    row = next(row for row in storm.made.rows(tables.order, tables.order.c.id == case.subject_id))
    living = Counter(
        truth.now_called(storm, line.seller_sku)
        for line in storm.made.shop.shop.tables.orders[row.channel_id].lines
        if line.status != "CANCELLED"
    )
    for order in storm.made.store.store.orders.values():
        if order.fields["external_order_id"] == row.channel_id:
            body = [
                {"id": line.id, "quantity": min(line.quantity, living[truth.now_called(storm, line.sku)])}
                for line in order.lines
            ]
            said = doing.at_panel(storm, orders.update_order, order, {"products": body})
            storm.say(f"  order {order.id} of the store to {body}: {said}")
            return 200
    return 0


def _count(storm: Storm, case: Any) -> int:
    """What is sold lies on the shelf, and somebody counts it: the case closes itself, and the order finds its way."""
    sku = next(row.sku for row in storm.made.rows(tables.variant) if row.id == case.subject_id)
    units = int(storm.made.ask("GET", f"/exceptions/{case.id}")[1]["evidence"]["sold"])
    status, _ = storm.made.ask("PUT", f"/inventory/{sku}/locations/MAIN", {"on_hand": units})
    storm.received[sku] = storm.received.get(sku, 0) + units
    return status


_DECIDE: dict[str, Callable[[Storm, Any], int]] = {
    "cancellation_requested": _approve,
    "order_reduced": _reduce_copy,
    "never_counted": _count,
}
