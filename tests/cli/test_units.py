"""Units of SKUs as they are typed."""

from __future__ import annotations

import pytest

from crossdock.cli.failures import CommandError
from crossdock.cli.units import units_by_sku


def test_a_sku_may_hold_the_sign_itself_and_be_named_twice() -> None:
    assert units_by_sku("--line", ["TEA=2", "A=B=1", "TEA=1"]) == {"TEA": 3, "A=B": 1}


@pytest.mark.parametrize("text", ["TEA", "TEA=", "=2", "TEA=two", "TEA=-1", "TEA=²"])
def test_anything_else_is_refused_with_the_option_and_an_example(text: str) -> None:
    with pytest.raises(CommandError, match=r"--line: .* is not SKU=QUANTITY, as in TEA-1=2"):
        units_by_sku("--line", [text])
