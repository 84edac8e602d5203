"""What can be set for flat files, and what contradicts itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.flat_files.bench import in_folder
from crossdock.connectors.errors import SettingsError
from crossdock.connectors.flat_files.settings import FlatFilesSettings
from crossdock.domain.sync import Entity


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"orders_folder": "../out"}, "orders_folder"),
        ({"orders_folder": "/out"}, "orders_folder"),
        ({"fulfillments_folder": "outgoing"}, "fulfillments_folder"),
        ({"acknowledgements_folder": "outgoing"}, "acknowledgements_folder"),
        ({"processed_folder": "stock"}, "processed_folder"),
        ({"failed_folder": "processed"}, "failed_folder"),
        ({"stock_folder": "fulfillments"}, "stock_files"),
        ({"orders_columns": {"nummer": "x"}}, "orders_columns"),
        ({"orders_columns": {"number": ""}}, "orders_columns"),
        ({"orders_columns": {"number": "SKU"}}, "orders_columns"),
        ({"stock_columns": {"sku": " "}}, "stock_columns"),
        ({"orders_file": "{number}"}, "orders_file"),
        ({"orders_file": "{number}-{fingerprint}-{date}"}, "orders_file"),
        ({"orders_file": "{number}/{fingerprint}"}, "orders_file"),
        ({"orders_file": "{number"}, "orders_file"),
        ({"orders_file": "{number.__class__}{fingerprint}"}, "orders_file"),
        ({"acknowledgement_words": {"OK": "fine"}}, "acknowledgement_words"),
        ({"acknowledgement_words": {}}, "acknowledgement_words"),
        ({"locations": {"A": "Main", "B": "Main"}}, "locations"),
        ({"quiet_seconds": -1}, "quiet_seconds"),
        ({"delimiter": "dash"}, "delimiter"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        FlatFilesSettings.parse(given)

    assert refused.value.field == field


def test_settings_survive_being_stored() -> None:
    settings = FlatFilesSettings.parse(
        {"orders": True, "orders_columns": {"email": "", "sku": 7}, "locations": {10: "East"}}
    )

    assert FlatFilesSettings.parse(settings.as_values()) == settings
    assert "email" not in settings.order_columns()
    assert settings.order_columns()["sku"] == "7"


def test_nothing_is_on_until_somebody_turns_it_on(tmp_path: Path) -> None:
    bench = in_folder(tmp_path)

    off = bench.connector(orders=False, fulfillments=False, inventory=False, acknowledgements=True)
    assert not any(off.flows().values())
    on = bench.connector(orders=False, fulfillments=False).flows()
    assert {entity for (_, entity), is_on in on.items() if is_on} == {Entity.INVENTORY}
