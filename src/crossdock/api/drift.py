"""Routes about drift: what channels show otherwise than they had answered for, and looking for it now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import Desk
from crossdock.api.forms import DriftQuery, ReconcileForm, Woken
from crossdock.api.problems import ProblemError, documented, not_found
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import drift as book
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.views import views
from crossdock.operations.views.views import DriftView, Slice

router = APIRouter(tags=["Drift"], responses=documented(401, 403, 422))
STATES = {"open": True, "closed": False, "all": None}


@router.get("/drift", summary="What channels show otherwise than they had answered for, the latest first")
def list_drift(_: Reader, desk: Desk, query: Annotated[DriftQuery, Query()]) -> Slice[DriftView]:
    """`left_because` says why the hub does not set it right; what it does set right gets `repaired_at` and `repair`."""
    is_open = STATES[query.state]
    with desk.database.reading() as tx:
        return views.drifts(
            tx, integration=query.integration, is_open=is_open, after=query.after, limit=query.limit
        )


@router.post(
    "/reconcile",
    status_code=202,
    summary="Look now whether channels show what they were told, and set right what they do not",
    responses=documented(404, 409),
)
def reconcile(_: Writer, desk: Desk, form: ReconcileForm) -> Woken:
    with desk.database.reading() as tx:
        names = [each.name for each in accounts.every(tx) if form.integration in ("", each.name)]
        on = {each.key for each in views.flows(tx) if each.is_on and not each.refusal}
    if not names:
        raise not_found(f"integration {form.integration!r}")
    flows = [FlowKey(name, Direction.PULL, Entity.DRIFT) for name in names]
    chosen = [flow for flow in flows if str(flow) in on]
    if not chosen:
        raise ProblemError(409, "Nothing is pushed there that could drift")
    with desk.database.serial() as tx:
        for flow in chosen:
            book.ask(tx, flow, now=desk.hub.clock(), is_full=form.full)
    for flow in chosen:
        desk.wake(flow)
    return Woken(flows=[str(flow) for flow in chosen])
