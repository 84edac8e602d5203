"""The operator's part where a platform gave no clear answer to a report of a sale."""

from __future__ import annotations

from crossdock.operations.stock import sales
from crossdock.operations.task import Task
from support.world import STORE, World


def settle_unclear(made: World) -> None:
    """A report whose effect no reading shows by now never arrived, and is sent again."""
    for case in made.open_cases("report_unclear"):
        task = Task(integration=STORE, now=made.hub.clock(), cipher=made.hub.cipher)
        with made.database.transaction() as tx:
            sales.send_again(tx, task, case.subject_id)
