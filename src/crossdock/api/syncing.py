"""Routes about the work itself: flows, their runs, and the exception cases that a person settles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import After, CaseQuery, Limit, Woken
from crossdock.api.problems import ProblemError, documented, not_found
from crossdock.domain.sync import FlowKey
from crossdock.operations import exceptions as cases
from crossdock.operations import retrying
from crossdock.operations.views import views
from crossdock.operations.views.views import CaseView, FlowView, RunView, Slice

router = APIRouter(tags=["Syncing"], responses=documented(401, 403, 422))


@router.get("/flows", summary="What is read and written, whether it runs, and how it fares")
def list_flows(_: Reader, desk: Desk) -> list[FlowView]:
    with desk.database.reading() as tx:
        return views.flows(tx)


@router.get("/flows/{key:path}", summary="One flow, such as my-store/pull-orders", responses=documented(404))
def get_flow(_: Reader, desk: Desk, key: str) -> FlowView:
    return _flow(desk, key)


@router.post(
    "/flows/{key:path}/run", status_code=202, summary="Run a flow now", responses=documented(404, 409)
)
def run_flow(_: Writer, desk: Desk, key: str) -> Woken:
    """However often it is asked, the flow runs once more, and again only when something is new by then."""
    return _woken(desk, [_runnable(desk, key)])


@router.post(
    "/flows/{key:path}/resync",
    status_code=202,
    summary="Read or push everything once, then go on as before",
    responses=documented(404, 409),
)
def resync_flow(_: Writer, desk: Desk, key: str) -> Woken:
    flow = _runnable(desk, key)
    desk.hub.resync(flow.integration, flow.direction, flow.entity)
    return _woken(desk, [flow])


def _flow(desk: ApiDesk, key: str) -> FlowView:
    with desk.database.reading() as tx:
        found = next((flow for flow in views.flows(tx) if flow.key == key), None)
    if found is None:
        raise not_found(f"flow {key!r}")
    return found


def _runnable(desk: ApiDesk, key: str) -> FlowKey:
    found = _flow(desk, key)
    if not found.is_on:
        raise ProblemError(409, f"{key} is off; switch it on in the settings of {found.integration}")
    if found.refusal:
        raise ProblemError(409, f"{key} cannot run: {found.refusal}")
    return FlowKey.parse(key)


def _woken(desk: ApiDesk, flows: list[FlowKey]) -> Woken:
    for flow in flows:
        desk.wake(flow)
    return Woken(flows=[str(flow) for flow in flows])


@router.get("/runs", summary="What ran, the latest first")
def list_runs(
    _: Reader,
    desk: Desk,
    flow: Annotated[str, Query(description="Of one flow, or of one integration")] = "",
    after: After = "",
    limit: Limit = 50,
) -> Slice[RunView]:
    with desk.database.reading() as tx:
        return views.runs(tx, flow=flow, after=after, limit=limit)


@router.get("/runs/{run:path}", summary="One run", responses=documented(404))
def get_run(_: Reader, desk: Desk, run: str) -> RunView:
    with desk.database.reading() as tx:
        found = views.run(tx, run)
    if found is None:
        raise not_found(f"run {run!r}")
    return found


@router.get("/exceptions", summary="Exception cases, the latest first")
def list_exceptions(_: Reader, desk: Desk, query: Annotated[CaseQuery, Query()]) -> Slice[CaseView]:
    with desk.database.reading() as tx:
        return views.exceptions(tx, **query.model_dump())


@router.get("/exceptions/{case}", summary="One exception case", responses=documented(404))
def get_exception(_: Reader, desk: Desk, case: int) -> CaseView:
    return _case(desk, case)


@router.post(
    "/exceptions/{case}/resolve", summary="Close a case as settled by hand", responses=documented(404, 409)
)
def resolve_exception(key: Writer, desk: Desk, case: int) -> CaseView:
    """It opens again when its condition is met again."""
    return _closed(desk, case, state="resolved", by=key.name)


@router.post(
    "/exceptions/{case}/dismiss", summary="Close a case as of no concern", responses=documented(404, 409)
)
def dismiss_exception(key: Writer, desk: Desk, case: int) -> CaseView:
    return _closed(desk, case, state="dismissed", by=key.name)


@router.post(
    "/exceptions/{case}/retry",
    status_code=202,
    summary="Try again what a case held back",
    responses=documented(404, 409),
)
def retry_exception(key: Writer, desk: Desk, case: int) -> Woken:
    """The case closes itself when that helped."""
    found = _open_case(desk, case)
    rules = desk.rules(found.integration)
    with desk.database.serial() as tx:
        task = desk.task(tx, found.integration, rules=rules, actor=key.name)
        flows = retrying.retry(tx, task, found, by=key.name)
    return _woken(desk, flows)


def _closed(desk: ApiDesk, case: int, *, state: str, by: str) -> CaseView:
    _open_case(desk, case)
    with desk.database.transaction() as tx:
        cases.close_by_person(tx, case, state=state, now=desk.hub.clock(), by=by)
    return _case(desk, case)


def _open_case(desk: ApiDesk, case: int) -> CaseView:
    found = _case(desk, case)
    if found.state != "open":
        raise ProblemError(409, f"Exception case {case} is {found.state} already")
    return found


def _case(desk: ApiDesk, case: int) -> CaseView:
    with desk.database.reading() as tx:
        found = views.exception(tx, case)
    if found is None:
        raise not_found(f"exception case {case}")
    return found
