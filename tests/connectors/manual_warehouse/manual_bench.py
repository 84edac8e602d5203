"""What a manual warehouse is made of in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.bigcommerce.scripted import DictMemory, NoVault
from connectors.samples import RecordingHttp, Request, Sample
from crossdock.connectors.contract import Toolbox
from crossdock.connectors.manual_warehouse.settings import (
    ManualWarehouseCredentials,
    ManualWarehouseSettings,
)


def toolbox(**settings: Any) -> Toolbox:
    return Toolbox(
        integration="my-warehouse",
        http=RecordingHttp(),
        credentials=ManualWarehouseCredentials.parse({}),
        settings=ManualWarehouseSettings.parse(settings),
        vault=NoVault(),
        memory=DictMemory(),
        clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
    )


def request_of(sample: Sample) -> Request:
    raise AssertionError(f"It makes no calls, and so has no sample such as {sample}")
