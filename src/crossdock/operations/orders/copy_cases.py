"""What a person must know of orders that are created on another channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.stock.intents import Item
from crossdock.operations.stock.intents import refused_key as adjustment_refused_key
from crossdock.operations.task import Task


def refused_key(task: Task, original: str) -> str:
    return f"order-refused:{task.integration}:{original}"


def refused(task: Task, original: str, number: str, error: RefusedError) -> Case:
    return Case(
        key=refused_key(task, original),
        kind="order_refused",
        subject=Subject.ORDER,
        subject_id=original,
        cause=f"{task.integration} refused to create order {number}: {error}. Its units are kept from sale meanwhile",
        fix=error.fix or "Correct what the message names, then retry this case",
        evidence={"code": error.code},
    )


def never_created_key(task: Task, original: str) -> str:
    return f"order-never-created:{task.integration}:{original}"


def never_created(task: Task, original: str, number: str, named: str, why: str) -> Case:
    """Its goods are those `named`, and nothing else of it would have it created."""
    return Case(
        key=never_created_key(task, original),
        kind="order_never_created",
        subject=Subject.ORDER,
        subject_id=original,
        cause=(
            f"Order {number} was not created in {task.integration}, and will not be: its {named} can be told there no "
            f"more, since {why}"
        ),
        fix=(
            f"Ship the order without {task.integration}, or create it there by hand with another product, and dismiss "
            "this; where it cannot be shipped, cancel it where it was bought, which closes this"
        ),
        evidence={"order": number},
    )


def unclear_key(task: Task, original: str) -> str:
    return f"order-unclear:{task.integration}:{original}"


def not_created(task: Task, original: str, number: str, failure: str, *, again_in: timedelta) -> Case:
    when = f"in {again_in.total_seconds() / 60:.0f} min" if again_in else "with the next run"
    cause = (
        f"{task.integration} gave no clear answer to the creation of order {number}: {failure}. Its units are kept "
        "from sale meanwhile; other orders go on"
    )
    fix = (
        f"It is tried again {when}, and later less often; each time the order is looked for first, so "
        "that it is never created twice. “crossdock exceptions retry” with the number of this case tries it now. "
        f"Where it fails every time, ask {task.integration} about the message, or correct the order's goods there"
    )
    return _unclear(task, original, number, cause, fix)


def cancel_unclear(task: Task, original: str, number: str, failure: str) -> Case:
    cause = (
        f"Order {number} is canceled, and {task.integration} gave no clear answer to the cancellation of the order "
        f"that was created for it: {failure}"
    )
    fix = (
        "It is repeated by itself, which does no harm. Do not pack the order meanwhile; where it fails every time, "
        f"cancel it in {task.integration} by hand"
    )
    return _unclear(task, original, number, cause, fix)


def _unclear(task: Task, original: str, number: str, cause: str, fix: str) -> Case:
    """One key for both: what is to be canceled has been created, so that no order waits for both."""
    return Case(
        key=unclear_key(task, original),
        kind="order_unclear",
        subject=Subject.ORDER,
        subject_id=original,
        cause=cause,
        fix=fix,
        evidence={"order": number},
    )


def total_key(task: Task, original: str) -> str:
    return f"created-total:{task.integration}:{original}"


def total_differs(task: Task, original: str, order: ChannelOrder, created: CreatedOrder) -> Case:
    return Case(
        key=total_key(task, original),
        kind="created_total_differs",
        subject=Subject.ORDER,
        subject_id=original,
        cause=(
            f"Order {order.number} has a total of {order.totals.total}; order {created.channel_id} that was created "
            f"for it in {task.integration} has {created.total}"
        ),
        fix=f"Correct the total of order {created.channel_id} in {task.integration}, or dismiss this",
        evidence={"total": str(order.totals.total), "created": str(created.total)},
    )


def not_released_key(task: Task, original: str) -> str:
    return f"created-not-released:{task.integration}:{original}"


def not_released(task: Task, original: str, number: str, created: ChannelId, error: RefusedError) -> Case:
    return Case(
        key=not_released_key(task, original),
        kind="created_not_released",
        subject=Subject.ORDER,
        subject_id=original,
        cause=(
            f"Order {number} is released, and {task.integration} refused its status and address for order {created}: "
            f"{error}"
        ),
        fix=error.fix or f"Set status and address of order {created} by hand; it is tried again by itself",
        evidence={"code": error.code},
    )


def not_canceled_key(task: Task, original: str) -> str:
    return f"created-not-canceled:{task.integration}:{original}"


def not_canceled(task: Task, original: str, number: str, created: ChannelId, error: RefusedError) -> Case:
    """What is not canceled there has its units still off the stock, and rightly so where they have left."""
    return Case(
        key=not_canceled_key(task, original),
        kind="created_not_canceled",
        subject=Subject.ORDER,
        subject_id=original,
        cause=(
            f"Order {number} is canceled, and order {created} that was created for it in {task.integration} is not: "
            f"{error}"
        ),
        fix=error.fix or f"Cancel order {created} in {task.integration}, or retry this case",
        evidence={"code": error.code, "created": created},
    )


def reduced_key(task: Task, original: str) -> str:
    return f"order-reduced:{task.integration}:{original}"


def reduced(task: Task, original: str, created: ChannelId, items: Sequence[Item]) -> Case:
    """Lines of an order are not changed by the hub: that clears their discounts and moves stock or not, as set there."""
    named = ", ".join(f"{item.delta} of “{item.channel_sku}”" for item in items)
    return Case(
        key=reduced_key(task, original),
        kind="order_reduced",
        subject=Subject.ORDER,
        subject_id=original,
        cause=f"The buyer's order lost {named}, and order {created} of {task.integration} still has it",
        fix=(
            f"Reduce these lines in order {created} and, where its stock does not follow, raise the stock by as much; "
            "the units are offered again once the stock shows it"
        ),
    )


def without_product(task: Task, created: ChannelId, item: Item) -> Case:
    """It ends as a refused adjustment does: with a new number of the owner's."""
    return Case(
        key=adjustment_refused_key(task, item.variant_id, item.location_id),
        kind="report_refused",
        subject=Subject.VARIANT,
        subject_id=item.variant_id,
        cause=(
            f"{task.integration} had no stock of “{item.channel_sku}” for order {created}: it is booked there as a line "
            f"without a product, and {-item.delta} sold are not in its number"
        ),
        fix="Correct the stock of this SKU there; the sale is sent as a stock adjustment when its number changes",
        evidence={"delta": item.delta, "order": created},
    )
