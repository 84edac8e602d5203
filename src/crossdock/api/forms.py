"""What requests bring, and the small answers that are no views."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from crossdock.domain.order import OrderStatus
from crossdock.operations.setup.connecting import Connection
from crossdock.operations.setup.effects import Effect
from crossdock.operations.setup.spec import Difference, Sources
from crossdock.operations.views.views import OrderFilters

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most")]
After = Annotated[str, Query(max_length=2000, description="The `next` of the slice before")]
Search = Annotated[str, Query(max_length=200, description="Part of a text, whatever the case")]
Confirm = Annotated[bool, Query(description="Go on where a change has to be confirmed")]
DryRun = Annotated[bool, Query(description="Only say what would change")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SliceQuery(_Form):
    """Which slice of a list."""

    after: str = Field("", max_length=2000, description="The `next` of the slice before")
    limit: int = Field(50, ge=1, le=200, description="How many items at most")


class OrderQuery(SliceQuery):
    """Which orders."""

    integration: str = Field("", description="Of this integration only")
    status: OrderStatus | Literal[""] = Field("", description="In this status only; empty for all")
    search: str = Field("", max_length=200, description="Part of a number, a platform's id or a line's SKU")
    sku: str = Field("", max_length=500, description="Of a line, or of the variant that it is, to the letter")
    tag: str = Field("", max_length=200, description="With this tag, the channel's or the hub's")
    location: str = Field("", max_length=200, description="To be shipped from it, by its id, code or name")
    placed_from: AwareDatetime | None = Field(None, description="Placed then or later; with its time zone")
    placed_before: AwareDatetime | None = Field(None, description="Placed before that; with its time zone")
    total_min: Decimal | None = Field(None, description="Of at least so much, whatever the currency")
    total_max: Decimal | None = Field(None, description="Of at most so much, whatever the currency")
    has_exceptions: bool | None = Field(
        None, alias="exceptions", description="Only with open exception cases, or only without"
    )
    is_archived: bool = Field(False, alias="archived", description="Archived ones as well")
    is_everything: bool = Field(
        False, alias="everything", description="Reservations, and copies made by the hub, as well"
    )

    def filters(self) -> OrderFilters:
        return OrderFilters(**self.model_dump(exclude={"after", "limit"}))


class CaseQuery(SliceQuery):
    """Which exception cases."""

    state: Literal["open", "resolved", "dismissed", ""] = Field("open", description="Empty for all")
    kind: str = ""
    integration: str = ""


class DriftQuery(SliceQuery):
    """Which drift."""

    state: Literal["open", "closed", "all"] = Field(
        "open", description="What still drifts, or no longer does"
    )
    integration: str = ""


class ReconcileForm(_Form):
    """What to look at now."""

    model_config = ConfigDict(json_schema_extra={"example": {"integration": "my-shop", "full": True}})

    integration: str = Field("", description="One integration; empty for all that are pushed to")
    full: bool = Field(False, description="Everything, not only the next records")


class NewIntegration(_Form):
    """An account to connect. Adding it saves it; connecting is a step of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "my-store",
                "connector": "bigcommerce",
                "credentials": {
                    "api_path": "https://api.bigcommerce.com/stores/abc123/v3/",
                    "client_id": "…",
                    "client_secret": "…",
                    "access_token": "…",
                },
                "settings": {"products": "pull", "inventory": "pull", "orders": True},
                "sources_of_truth": {"catalog": "my-store", "inventory": "my-store"},
            }
        }
    )

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Lower case, as used in flow keys")
    connector: str
    credentials: dict[str, Any]
    settings: dict[str, Any] = Field(default_factory=dict)
    sources_of_truth: Sources = Field(default_factory=Sources, description="Who owns catalog and inventory")


class ConnectForm(_Form):
    """Empty to check or start a connection; with the code of the consent page to finish it."""

    code: str = Field("", max_length=2000)
    state: str = Field("", max_length=500)


class LocationForm(_Form):
    """What a person decides about a location; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"is_excluded": True}})

    is_excluded: bool | None = None
    excluded_for: list[str] | None = None
    linked_integration: str | None = Field(
        None, description="The 3PL or warehouse integration that ships from it; empty unlinks it"
    )
    is_unlimited: bool | None = Field(None, description="Whether whatever is asked for is there")
    keeps_bundles: bool | None = Field(None, description="Whether bundles are stocked here as such")
    name: str | None = Field(None, description="Of a location of the hub's own, as are the next three")
    code: str | None = None
    is_active: bool | None = None
    is_default: bool | None = None


class Changed(BaseModel):
    """What a request changed, or would change, and what follows from it."""

    is_dry_run: bool
    differences: list[Difference]
    effect: Effect


class Connected(BaseModel):
    """How an attempt to connect ended; `authorize_link` is where the account's owner has to go next."""

    integration: str
    status: str
    reason: str
    hint: str
    authorize_link: str
    account: str
    region: str
    currency: str

    @classmethod
    def of(cls, connection: Connection) -> Connected:
        account = connection.account
        return cls(
            integration=connection.integration,
            status=connection.status,
            reason=connection.reason,
            hint=connection.hint,
            authorize_link=connection.authorize_link,
            account=account.name if account else "",
            region=account.region if account else "",
            currency=account.currency if account else "",
        )


class Woken(BaseModel):
    """The flows that were asked to run now."""

    flows: list[str]


class SettingValue(BaseModel):
    """One setting with its present value."""

    key: str
    title: str
    group: str
    kind: str
    value: Any
    default: Any
    help: str
    choices: list[tuple[str, str]]
    when: str
