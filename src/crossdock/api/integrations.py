"""Routes about connected accounts: their list, credentials and connection."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from crossdock.api.access import Reader, Writer
from crossdock.api.changing import How, changed, stored
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import Changed, Confirm, Connected, ConnectForm, DryRun, NewIntegration
from crossdock.api.problems import ProblemError, documented, not_found
from crossdock.connectors.contract import SendsWebhooks
from crossdock.connectors.describing import ConnectorEntry, entry
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup.spec import IntegrationSpec, Spec
from crossdock.operations.views import views
from crossdock.operations.views.views import IntegrationView, WebhookView

router = APIRouter(tags=["Integrations"], responses=documented(401, 403, 422))


@router.get("/connectors", summary="The kinds of integration there are, in the order to connect them")
def list_connectors(_: Reader, desk: Desk) -> list[ConnectorEntry]:
    return [entry(kind, step=step) for step, kind in enumerate(desk.connectors.values(), start=1)]


@router.get("/integrations", summary="The connected accounts, without their secrets")
def list_integrations(_: Reader, desk: Desk) -> list[IntegrationView]:
    with desk.database.reading() as tx:
        return views.integrations(tx, desk.hub.cipher)


@router.get("/integrations/{name}", summary="One account", responses=documented(404))
def get_integration(_: Reader, desk: Desk, name: str) -> IntegrationView:
    return _view(desk, name)


@router.get("/webhooks", summary="Whether the platforms' events come, how late, and what still waits")
def list_webhooks(_: Reader, desk: Desk) -> list[WebhookView]:
    """Delays are in seconds: until an event is delivered, until a run begins that looks, until it ends, and in all."""
    kinds = [key for key, kind in desk.connectors.items() if issubclass(kind, SendsWebhooks)]
    with desk.database.reading() as tx:
        return views.webhooks(tx, kinds)


@router.post(
    "/integrations",
    status_code=201,
    summary="Add an account; it is not connected yet",
    responses=documented(409),
)
def add_integration(key: Writer, desk: Desk, form: NewIntegration) -> IntegrationView:
    with desk.database.reading() as tx:
        if accounts.get(tx, form.name) is not None:
            raise ProblemError(409, f"There is an integration {form.name!r} already; choose another name")
    if form.connector not in desk.connectors:
        kinds = ", ".join(desk.connectors)
        raise ProblemError(422, f"There is no connector {form.connector!r}; there are: {kinds}")
    part = form.model_dump(include={"name", "connector", "credentials", "settings"})
    spec = Spec(integrations=[IntegrationSpec(**part)], sources_of_truth=form.sources_of_truth)
    desk.hub.apply(spec, actor=key.name)
    return _view(desk, form.name)


@router.put(
    "/integrations/{name}/credentials",
    summary="Replace the credentials; they are never read back",
    responses=documented(404),
)
def replace_credentials(key: Writer, desk: Desk, name: str, credentials: dict[str, Any]) -> IntegrationView:
    found = stored(desk, name)
    desk.connectors[found.connector].credentials_type.parse(credentials)
    part = IntegrationSpec(
        name=name, connector=found.connector, credentials=credentials, settings=found.settings
    )
    desk.hub.apply(Spec(integrations=[part]), actor=key.name)
    return _view(desk, name)


@router.post(
    "/integrations/{name}/connect", summary="Check or start the connection", responses=documented(404)
)
def connect_integration(_: Writer, desk: Desk, name: str, form: ConnectForm | None = None) -> Connected:
    stored(desk, name)
    given = form or ConnectForm(code="", state="")
    return Connected.of(desk.hub.connect(name, code=given.code, state=given.state))


@router.post("/apply", summary="Bring the hub to what a declaration says", responses=documented(409))
def apply_spec(
    key: Writer, desk: Desk, spec: Spec, dry_run: DryRun = False, confirm: Confirm = False
) -> Changed:
    """The same declaration as the file of `crossdock apply`, as JSON. `${NAME}` is not replaced here."""
    return changed(desk, spec, How(key.name, dry_run, confirm))


def _view(desk: ApiDesk, name: str) -> IntegrationView:
    with desk.database.reading() as tx:
        found = next((view for view in views.integrations(tx, desk.hub.cipher) if view.name == name), None)
    if found is None:
        raise not_found(f"integration {name!r}")
    return found
