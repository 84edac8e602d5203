"""What a channel changed about an order since it was read last, said so that a person sees it. Names no buyer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crossdock.domain.aftersales import RECORD_TAGS
from crossdock.domain.channel import Address, ChannelOrder


def differences(before: ChannelOrder, after: ChannelOrder) -> Iterator[str]:
    """Per field, before → after; addresses are only said to have changed."""
    yield from _lines(before, after)
    if before.totals.total != after.totals.total:
        yield f"total {before.totals.total.amount:.2f} → {after.totals.total}"
    yield from _address("shipping address", before.shipping_address, after.shipping_address)
    yield from _address("billing address", before.billing_address, after.billing_address)
    if before.shipping_method != after.shipping_method:
        yield f"shipping method “{before.shipping_method}” → “{after.shipping_method}”"
    yield from (f"now {tag}" for tag in sorted(after.tags - before.tags))
    yield from (f"no longer {tag}" for tag in sorted(before.tags - after.tags - RECORD_TAGS))


def _lines(before: ChannelOrder, after: ChannelOrder) -> Iterator[str]:
    had, has = _units(before), _units(after)
    for name in dict.fromkeys([*had, *has]):
        if had[name] != has[name]:
            yield f"{name} {had[name]} → {has[name]}"


def _units(order: ChannelOrder) -> Counter[str]:
    """What is still ordered, by SKU or, where a line has none, by name."""
    units: Counter[str] = Counter()
    for line in order.lines:
        units[line.channel_sku or line.name] += line.quantity - line.quantity_canceled
    return units


def _address(what: str, before: Address | None, after: Address | None) -> Iterator[str]:
    if before == after:
        return
    if before is None:
        yield f"{what} given"
    else:
        yield f"{what} changed" if after is not None else f"{what} withheld"
