"""Who may ask: the REST API, the platforms' webhooks, the return from consent pages, health and metrics."""

from __future__ import annotations

from crossdock.api.build import build_api
from crossdock.api.desk import ApiDesk, HubTools

__all__ = ["ApiDesk", "HubTools", "build_api"]
