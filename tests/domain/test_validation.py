"""What an order lacks before it can be shipped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.domain.channel import Address
from crossdock.domain.validation import Problem, lacks, problems

GOOD = Address(
    name="Ada", lines=("1 Main Street",), city="Austin", state="Texas", postal_code="78701", country_code="US"
)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, ("the name is missing",)),
        ({"name": "", "company": "Acme"}, ()),
        ({"lines": ("", " ")}, ("the street is missing",)),
        ({"city": ""}, ("the city is missing",)),
        ({"country_code": "USA"}, ("the country is 'USA', not a code of two letters",)),
        ({"postal_code": ""}, ("the postal code is missing, which US needs",)),
        ({"state": ""}, ("the state is missing, which US needs",)),
        ({"country_code": "IE", "postal_code": "", "state": ""}, ()),
        ({"country_code": "GB", "state": ""}, ()),
        ({"is_masked": True, "city": ""}, ("the channel still hides it",)),
    ],
)
def test_what_an_address_lacks(changed: dict[str, object], said: tuple[str, ...]) -> None:
    assert lacks(replace(GOOD, **changed)) == said  # type: ignore[arg-type]


def test_problems_are_told_by_kind_and_none_is_none() -> None:
    assert problems(GOOD, [], []) == {}
    assert problems(None, ["X"], ["77"]) == {
        Problem.ADDRESS: ("there is no shipping address",),
        Problem.SKU: ("X",),
        Problem.DUPLICATE: ("77",),
    }
