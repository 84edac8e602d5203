"""What the declarative file says about locations: decisions about those that are read, and locations of the hub's own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address
from crossdock.operations.stock import locations, own_locations
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

LOCATION = tables.location
OF_THE_HUB = ("code", "address", "is_default", "is_active")


class SpecError(Exception):
    """The file is not acceptable; the message names the place and the fix."""


class AddressSpec(BaseModel):
    """Where a location of the hub is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country_code: str = ""
    phone: str = ""
    email: str = ""

    def as_address(self) -> Address:
        return Address(**self.model_dump())


class LocationSpec(BaseModel):
    """What a person decides about a location; `location` is its name, code or id.

    With `integration: hub` it is one of the hub's own, and is added under that name when it is not there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    location: str
    integration: str = ""
    excluded: bool | None = None
    excluded_for: list[str] | None = None
    linked_to: str | None = None
    unlimited: bool | None = Field(None, description="Whatever is asked for is there")
    keeps_bundles: bool | None = Field(None, description="Bundles are stocked here as such")
    code: str | None = None
    address: AddressSpec | None = None
    default: bool | None = None
    active: bool | None = None


Value = tuple[str, Any, Any]
"""A column, what it is, and what it is to be."""


def find(tx: Transaction, place: LocationSpec) -> Any:
    """The location meant; None for one of the hub's that is to be added. Raises SpecError when several or none fit."""
    names = sa.or_(
        LOCATION.c.id == place.location, LOCATION.c.code == place.location, LOCATION.c.name == place.location
    )
    statement = sa.select(LOCATION).where(names)
    if place.integration:
        statement = statement.where(LOCATION.c.integration == place.integration)
    rows = tx.execute(statement).all()
    if len(rows) > 1:  # one that is gone keeps its name, which may have been given anew
        rows = [row for row in rows if row.is_active] or rows
    if not rows and place.integration == HUB:
        return None
    if len(rows) != 1:
        why = (
            "no such location has been read; `crossdock locations` lists those that are known, "
            "and a new hub gets this part after its first sync"
            if not rows
            else "several; add integration: NAME, or give its id"
        )
        raise SpecError(f"locations.{place.location}: {why}")
    return rows[0]


def changes(tx: Transaction, place: LocationSpec) -> list[Value]:
    """What applying this part changes; a location that is to be added comes first, under "location"."""
    row = find(tx, place)
    added: list[Value] = [] if row is not None else [("location", "absent", "added as one of the hub")]
    values = _decided(place, row) + _own(place, row)
    return added + [value for value in values if value[1] != value[2]]


def _decided(place: LocationSpec, row: Any) -> list[Value]:
    """What people set about any location."""
    given: list[Value] = [
        ("is_excluded", row.is_excluded if row else False, place.excluded),
        ("excluded_for", unpack(list[str], row.excluded_for) if row else [], place.excluded_for),
        ("linked_integration", row.linked_integration if row else None, place.linked_to),
        ("is_unlimited", row.is_unlimited if row else False, place.unlimited),
        ("keeps_bundles", row.keeps_bundles if row else False, place.keeps_bundles),
    ]
    return [value for value in given if value[2] is not None]


def _own(place: LocationSpec, row: Any) -> list[Value]:
    """What is read from a platform, and set by people only for the hub's own. Raises SpecError."""
    address = place.address.as_address() if place.address else None
    given: list[Value] = [
        ("code", row.code if row else "", place.code),
        ("address", unpack(Address | None, row.body) if row else None, address),
        ("is_default", row.is_default if row else False, place.default),
        ("is_active", row.is_active if row else True, place.active),
    ]
    wanted = [value for value in given if value[2] is not None]
    if wanted and row is not None and row.integration != HUB:
        fields = ", ".join(name.removeprefix("is_") for name, _, _ in wanted)
        raise SpecError(
            f"locations.{place.location}: {fields} of this location are read from {row.integration}; change them there"
        )
    return wanted


def bring(tx: Transaction, task: Task, place: LocationSpec) -> None:
    """Bring the location to what the file says. Raises SpecError."""
    row = find(tx, place)
    wanted = {what: after for what, before, after in _decided(place, row) if before != after}
    own = {what: after for what, before, after in _own(place, row) if before != after}
    try:
        if row is None:
            given = OwnLocation(
                place.location, own.pop("code", ""), own.pop("address", None), own.pop("is_default", False)
            )
            key = own_locations.add(tx, task, given)
        else:
            key = row.id
        if own:
            own_locations.change(tx, task, key, **own)
    except SettingsError as error:
        raise SpecError(f"locations.{place.location}.{error}") from None
    if "excluded_for" in wanted:
        wanted["excluded_for"] = pack(wanted["excluded_for"])
    if wanted:
        locations.change(tx, task, key, **wanted)
