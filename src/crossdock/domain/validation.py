"""What has to be right of an order before anything of it can be shipped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from crossdock.domain.channel import Address

NEEDS_POSTAL_CODE = frozenset(
    {
        "AT", "AU", "BE", "BR", "CA", "CH", "CN", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IN", "IT",
        "JP", "KR", "MX", "MY", "NL", "NO", "PH", "PL", "PT", "SE", "SG", "TH", "US",
    }
)  # fmt: skip
_COUNTRY = re.compile("[A-Z]{2}")
NEEDS_STATE = frozenset({"AU", "BR", "CA", "IN", "MX", "US"})


class Problem(StrEnum):
    ADDRESS = "address"
    SKU = "sku"
    DUPLICATE = "duplicate"


def lacks(address: Address | None) -> tuple[str, ...]:
    """What an address lacks for a carrier to find it, in words; empty where it will do."""
    if address is None:
        return ("there is no shipping address",)
    return tuple(_lacks(address))


def _lacks(address: Address) -> Iterator[str]:
    if address.is_masked:
        yield "the channel still hides it"
        return
    if not address.name.strip() and not address.company.strip():
        yield "the name is missing"
    if not any(line.strip() for line in address.lines):
        yield "the street is missing"
    if not address.city.strip():
        yield "the city is missing"
    if not _COUNTRY.fullmatch(address.country_code):
        yield f"the country is {address.country_code!r}, not a code of two letters"
    if address.country_code in NEEDS_POSTAL_CODE and not address.postal_code.strip():
        yield f"the postal code is missing, which {address.country_code} needs"
    if address.country_code in NEEDS_STATE and not address.state.strip():
        yield f"the state is missing, which {address.country_code} needs"


def problems(
    address: Address | None, unmatched: Iterable[str], duplicates: Iterable[str]
) -> dict[Problem, tuple[str, ...]]:
    """What is wrong, by kind: of the address, SKUs that no product has, other orders with the same number."""
    found = {
        Problem.ADDRESS: lacks(address),
        Problem.SKU: tuple(unmatched),
        Problem.DUPLICATE: tuple(duplicates),
    }
    return {kind: texts for kind, texts in found.items() if texts}
