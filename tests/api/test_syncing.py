"""Flows, runs and exception cases through the API."""

from __future__ import annotations

from typing import Any

import pytest

from api import seed
from api.bench import NOW, SHOP, STORE, Bench
from crossdock.domain.channel import ListingState
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import exceptions, publishing
from crossdock.operations.catalog import listings
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.setup import integrations
from crossdock.operations.stock import sales
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.views import views
from crossdock.store import tables
from crossdock.sync import lease
from crossdock.sync.lease import Ended

ORDERS = FlowKey(SHOP, Direction.PULL, Entity.ORDERS)


def run_once(bench: Bench, number: int, ended: Ended) -> str:
    run_id = f"{ORDERS}:{number}"
    held = lease.begin(bench.database, ORDERS, run_id, "worker-1")
    assert held is not None
    lease.finish(bench.database, held, ended)
    return run_id


def open_case(bench: Bench, kind: str, subject: Subject, subject_id: str, **evidence: Any) -> int:
    with bench.database.transaction() as tx:
        case = Case(f"{kind}:{subject_id}", kind, subject, subject_id, "It is so", "Do this", evidence)
        exceptions.open_case(tx, bench.task(tx, SHOP), case)
        return views.exceptions(tx, kind=kind).items[0].id


def publication(bench: Bench, entity: Entity, record_id: str) -> Any:
    with bench.database.reading() as tx:
        rows = publishing.dirty(tx, SHOP, entity, limit=50)
    return next((row for row in rows if row.record_id == record_id), None)


def reject(bench: Bench, entity: Entity, record_id: str) -> None:
    """The channel refused exactly this state of the record."""
    with bench.database.transaction() as tx:
        task = bench.task(tx, SHOP)
        row = next(r for r in publishing.dirty(tx, SHOP, entity, limit=50) if r.record_id == record_id)
        sent = State(record_id, "print", "null", row.marks)
        publishing.set_aside(tx, task, entity, sent, PublicationState.REJECTED, message="No", fix="Mend it")


def id_of(bench: Bench, sku: str) -> tuple[str, str]:
    """Product and variant."""
    found = bench.get(f"/products/{sku}")
    return found["id"], next(each["id"] for each in found["variants"] if each["sku"] == sku)


# Flows


def test_a_flow_is_run_on_request(merchant: Bench) -> None:
    answer = merchant.client.post(f"/api/v1/flows/{ORDERS}/run")

    assert (answer.status_code, answer.json()) == (202, {"flows": [str(ORDERS)]})
    assert merchant.woken == [str(ORDERS)]


def test_a_resync_starts_reading_anew_and_runs(merchant: Bench) -> None:
    run_once(merchant, 0, Ended({"read": 1}))
    assert merchant.get(f"/flows/{ORDERS}")["due_in"] > 0

    merchant.send("POST", f"/flows/{ORDERS}/resync")

    assert merchant.get(f"/flows/{ORDERS}")["due_in"] == 0
    assert merchant.woken == [str(ORDERS)]


def test_a_flow_that_is_off_says_so_instead_of_running(merchant: Bench) -> None:
    merchant.send("PATCH", f"/integrations/{SHOP}/settings", {"orders": False})

    for action in ("run", "resync"):
        answer = merchant.client.post(f"/api/v1/flows/{ORDERS}/{action}")
        assert answer.status_code == 409
        assert "is off" in answer.json()["detail"]
    assert merchant.woken == []


def test_a_flow_that_the_account_does_not_allow_gives_the_reason(merchant: Bench) -> None:
    with merchant.database.transaction() as tx:
        integrations.configure_flows(
            tx,
            SHOP,
            {("push", Entity.PRODUCTS): True},
            {("push", Entity.PRODUCTS): "Only for US and UK shops"},
        )

    answer = merchant.client.post(f"/api/v1/flows/{SHOP}/push-products/run")

    assert answer.status_code == 409
    assert "Only for US and UK shops" in answer.json()["detail"]
    standing = merchant.get("/products")["items"][0]["channels"]
    assert [(each["state"], each["message"]) for each in standing] == [
        ("blocked", "Only for US and UK shops")
    ]


@pytest.mark.parametrize("key", ["nobody/pull-orders", f"{SHOP}/pull-nothing", "nonsense"])
def test_an_unknown_flow_is_not_found(merchant: Bench, key: str) -> None:
    assert merchant.client.get(f"/api/v1/flows/{key}").status_code == 404
    assert merchant.client.post(f"/api/v1/flows/{key}/run").status_code == 404


def test_a_flow_shows_its_health(merchant: Bench) -> None:
    run_once(merchant, 0, Ended({}, error="The platform is away"))

    flow = merchant.get(f"/flows/{ORDERS}")

    assert (flow["failures"], flow["last_error"], flow["running"]) == (1, "The platform is away", False)
    assert flow["last_success_at"] is None


# Runs


def test_runs_come_the_latest_first_and_in_slices(merchant: Bench) -> None:
    made = [run_once(merchant, number, Ended({"read": number})) for number in range(5)]

    seen, after = [], ""
    for _ in range(3):
        part = merchant.get("/runs", flow=str(ORDERS), limit=2, after=after)
        seen += [run["id"] for run in part["items"]]
        after = part["next"]

    assert seen == made[::-1]
    assert after == ""


def test_a_run_tells_what_it_did(merchant: Bench) -> None:
    run_id = run_once(merchant, 0, Ended({"read": 3}, error="cut short"))

    run = merchant.get(f"/runs/{run_id}")

    assert (run["state"], run["tally"], run["error"]) == ("failed", {"read": 3}, "cut short")
    assert merchant.reader.get("/api/v1/runs/nothing:1").status_code == 404


# Exception cases


def test_cases_are_listed_by_state_kind_and_account(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    assert [case["kind"] for case in merchant.get("/exceptions")["items"]] == ["line_unmatched"]
    assert merchant.get("/exceptions", kind="other")["items"] == []
    assert merchant.get("/exceptions", integration=STORE)["items"] == []
    assert merchant.get("/exceptions", state="resolved")["items"] == []


def test_cases_come_in_slices(merchant: Bench) -> None:
    made = [open_case(merchant, f"kind{n}", Subject.PRODUCT, "x") for n in range(3)]

    first = merchant.get("/exceptions", limit=2)
    rest = merchant.get("/exceptions", limit=2, after=first["next"])

    assert [case["id"] for case in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] == ""


@pytest.mark.parametrize(("action", "state"), [("resolve", "resolved"), ("dismiss", "dismissed")])
def test_a_case_is_closed_by_hand_once_and_says_by_whom(merchant: Bench, action: str, state: str) -> None:
    case = open_case(merchant, "odd", Subject.PRODUCT, "x")

    answer = merchant.send("POST", f"/exceptions/{case}/{action}")

    assert (answer["state"], answer["closed_by"]) == (state, "doer")
    again = merchant.client.post(f"/api/v1/exceptions/{case}/{action}")
    assert again.status_code == 409
    assert merchant.client.post(f"/api/v1/exceptions/9999/{action}").status_code == 404


def test_the_payload_of_an_unreadable_record_is_not_shown(merchant: Bench) -> None:
    """It may hold a buyer's name and address."""
    case = open_case(merchant, "unreadable", Subject.RECORD, "9", payload='{"name": "Jane Roe"}', size=9)

    assert merchant.get(f"/exceptions/{case}")["evidence"] == {"size": 9}
    assert "Jane Roe" not in merchant.client.get("/api/v1/exceptions").text


def test_retrying_a_refused_product_sends_it_again_though_it_is_unchanged(merchant: Bench) -> None:
    product, _ = id_of(merchant, "MUG-RED")
    reject(merchant, Entity.PRODUCTS, product)
    assert publication(merchant, Entity.PRODUCTS, product) is None
    case = open_case(merchant, "push_refused", Subject.PRODUCT, product)

    answer = merchant.send("POST", f"/exceptions/{case}/retry")

    assert answer == {"flows": [f"{SHOP}/push-products"]} == {"flows": merchant.woken}
    again = publication(merchant, Entity.PRODUCTS, product)
    assert (again.state, again.fingerprint) == ("new", "")
    assert merchant.get(f"/exceptions/{case}")["state"] == "open"


def test_retrying_a_refused_number_sends_it_again(merchant: Bench) -> None:
    _, variant = id_of(merchant, "TEA-1")
    reject(merchant, Entity.INVENTORY, variant)
    case = open_case(merchant, "silent_refusal", Subject.VARIANT, variant)

    merchant.send("POST", f"/exceptions/{case}/retry")

    assert publication(merchant, Entity.INVENTORY, variant).state == "new"
    assert merchant.woken == [f"{SHOP}/push-inventory"]


def test_retrying_a_product_that_was_refused_in_review_sends_the_product(merchant: Bench) -> None:
    product, _ = id_of(merchant, "TEA-1")
    reject(merchant, Entity.PRODUCTS, product)
    with merchant.database.transaction() as tx:
        refused = seed.product(
            "t1",
            "Teapot",
            seed.variant("s1", "TEA-1"),
            state=ListingState.REFUSED,
            state_reasons=("Blurred",),
        )
        listings.ingest(tx, merchant.task(tx, SHOP), [refused], read_began_at=NOW)
    case = merchant.get("/exceptions", kind="listing_refused")["items"][0]["id"]

    merchant.send("POST", f"/exceptions/{case}/retry")

    assert publication(merchant, Entity.PRODUCTS, product).state == "new"
    assert merchant.woken == [f"{SHOP}/push-products", f"{SHOP}/pull-listings"]


def test_retrying_a_refused_report_of_a_sale_sends_it_again_and_closes_the_case(merchant: Bench) -> None:
    seed.sell(merchant, seed.order("1", seed.line("l1", "TEA-1", 2)))
    with merchant.database.transaction() as tx:
        task = merchant.task(tx, STORE)
        intent, items = sales.write_intent(
            tx, task, sales.due(tx, STORE, limit=10), kind=IntentKind.ADJUSTMENT
        )
        sales.unclear(tx, task, intent, items, "no answer")
    case = merchant.get("/exceptions", kind="report_unclear")["items"][0]["id"]
    assert merchant.get("/inventory/TEA-1")["reports"][0]["state"] == ReportState.UNCLEAR

    merchant.send("POST", f"/exceptions/{case}/retry")

    assert merchant.get("/inventory/TEA-1")["reports"][0]["state"] == ReportState.OPEN
    assert merchant.get(f"/exceptions/{case}")["state"] == "resolved"
    assert merchant.woken == [f"{STORE}/push-sales"]


def test_retrying_a_case_of_a_flow_runs_the_flow(merchant: Bench) -> None:
    case = open_case(merchant, "hub_failure", Subject.FLOW, str(ORDERS))

    merchant.send("POST", f"/exceptions/{case}/retry")

    assert merchant.woken == [f"{SHOP}/pull-products"], "the flow that the case was opened in"


@pytest.mark.parametrize(("channel_id", "state"), [("9", "open"), ("", "resolved")])
def test_retrying_a_record_that_could_not_be_read_reads_everything_once(
    merchant: Bench, channel_id: str, state: str
) -> None:
    """Its case closes when it is read well; nobody would know one that has no id, so that closes now."""
    case = open_case(merchant, "unreadable", Subject.RECORD, channel_id)
    flow = tables.flow
    is_it = flow.c.key == f"{SHOP}/pull-products"
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("pull", Entity.PRODUCTS): True}, {})
        tx.execute(flow.update().where(is_it).values(cursor="as far as page 7"))

    merchant.send("POST", f"/exceptions/{case}/retry")

    with merchant.database.reading() as tx:
        assert tx.execute(flow.select().where(is_it)).one().cursor is None
    assert merchant.woken == [f"{SHOP}/pull-products"]
    assert merchant.get(f"/exceptions/{case}")["state"] == state
