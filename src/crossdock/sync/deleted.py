"""Asks the owner of stock whether what its catalog has lost is deleted there, and ends what waits for it in vain."""

from __future__ import annotations

from crossdock.connectors.showing import ShowsStanding
from crossdock.domain.channel import Standing
from crossdock.operations.orders import copy_sales
from crossdock.operations.stock import deleted
from crossdock.operations.stock.deleted import Suspects
from crossdock.sync.pulls import numbers
from crossdock.sync.work import Work


def end_of_deleted(work: Work, suspects: Suspects) -> None:
    """Of what the owner has a number, or has without one of its own, reports stay as they are.

    That it has no number of a record is no proof that it is gone: its catalog is asked for these.
    """
    if not isinstance(work.connector, ShowsStanding):
        return
    records = {record.variant_id: record for some in suspects.values() for record in some}
    pages = list(numbers(work, sorted((one.variant_id, one.sku) for one in records.values())))
    if any(page.unreadable for page in pages):
        return
    told = {stock.variant_id: Standing.COUNTED for page in pages for stock in page.records}
    if numberless := [record for key, record in sorted(records.items()) if key not in told]:
        told |= work.connector.standing(numberless)
    with work.transaction() as tx:
        deleted.end(tx, work.task(), told)
        copy_sales.close_settled(tx, work.task())
