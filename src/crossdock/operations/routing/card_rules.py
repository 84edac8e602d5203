"""What a routing card may say: each field is checked and put into the form in which it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination, Region
from crossdock.store import tables
from crossdock.store.database import Transaction

LOCATION = tables.location
INTEGRATION = tables.integration
LONGEST_NAME = 100
_COUNTRY = re.compile(r"[A-Z]{2}")


def checked(tx: Transaction, card: Card) -> Card:
    """The card in form, its locations by id; they may be given by id, code or name. Raises SettingsError."""
    found = in_form(card)
    require_channels(found.filters.channels, tx.scalars(sa.select(INTEGRATION.c.name)))
    destinations = tuple(replace(each, location=_location(tx, each.location)) for each in found.destinations)
    _refuse_twice(each.location for each in destinations)
    return replace(found, destinations=destinations)


def in_form(card: Card) -> Card:
    """What can be said without looking anything up. Raises SettingsError naming the field and the fix."""
    name = card.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise SettingsError("name", f"a card has a name of 1 to {LONGEST_NAME} characters")
    if not card.destinations:
        raise SettingsError("destinations", "name at least one location that ships what the card takes")
    destinations = tuple(
        Destination(each.location.strip(), tuple(_region(region) for region in each.regions))
        for each in card.destinations
    )
    _refuse_twice(each.location for each in destinations)
    return replace(card, name=name, destinations=destinations, filters=filters_in_form(card.filters))


def filters_in_form(filters: Filters) -> Filters:
    """The filters with country codes in upper case and no empty entries. Raises SettingsError naming the field."""
    for what in ("total", "weight"):
        least, most = getattr(filters, f"min_{what}"), getattr(filters, f"max_{what}")
        require_number(least, f"filters.min_{what}")
        require_number(most, f"filters.max_{what}")
        if least is not None and most is not None and least > most:
            raise SettingsError(f"filters.min_{what}", f"{least} is more than max_{what}, which is {most}")
    return replace(
        filters,
        channels=_texts(filters.channels),
        countries=tuple(country(code, "filters.countries") for code in _texts(filters.countries)),
        states=_texts(filters.states),
        skus=_texts(filters.skus),
        tags=_texts(filters.tags),
        without_tags=_texts(filters.without_tags),
        methods=_texts(filters.methods),
    )


def country(code: str, field: str) -> str:
    """An ISO 3166-1 alpha-2 code in upper case. Raises SettingsError."""
    found = code.strip().upper()
    if not _COUNTRY.fullmatch(found):
        raise SettingsError(field, f"{code!r} is no country code; give two letters, such as US or GB")
    return found


def require_channels(names: Sequence[str], known: Iterable[str]) -> None:
    """Raises SettingsError where a filter names an integration that there is not."""
    there = sorted(known)
    if unknown := [name for name in names if name not in there]:
        told = ", ".join(there) or "none yet"
        raise SettingsError("filters.channels", f"{unknown[0]!r} is no integration; there are: {told}")


def require_number(value: Decimal | None, field: str) -> None:
    """Raises SettingsError for what is below zero or no number."""
    if value is not None and (not value.is_finite() or value < 0):
        raise SettingsError(field, f"a number from 0 up, not {value}")


def locations_meant(tx: Transaction, name: str) -> Sequence[Any]:
    """The locations with this id, code or name: those in use, where any of them is."""
    if not name:
        return []
    is_meant = sa.or_(LOCATION.c.id == name, LOCATION.c.code == name, LOCATION.c.name == name)
    rows = tx.execute(sa.select(LOCATION).where(is_meant)).all()
    return [row for row in rows if row.is_active] or rows


def no_such_location(tx: Transaction, name: str, rows: Sequence[Any]) -> SettingsError:
    """Why a name means no location, or not one alone."""
    known = tx.scalars(sa.select(LOCATION.c.name).where(LOCATION.c.is_active).order_by(LOCATION.c.name))
    why = "several; give its id" if rows else f"none; there are: {', '.join(known) or 'none yet'}"
    return SettingsError("destinations", f"{name!r} means {why}")


def _location(tx: Transaction, name: str) -> str:
    rows = locations_meant(tx, name)
    if len(rows) != 1:
        raise no_such_location(tx, name, rows)
    return str(rows[0].id)


def _region(given: Region) -> Region:
    return Region(country(given.country, "destinations.regions"), _texts(given.states))


def _refuse_twice(names: Iterable[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise SettingsError(
                "destinations", f"{name!r} is named twice; name it once, with all its regions"
            )
        seen.add(name)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in given if text.strip()))
