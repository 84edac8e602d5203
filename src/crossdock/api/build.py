"""Puts the routes together into one application."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry

from crossdock import __version__
from crossdock.api import (
    aftersales,
    automations,
    consent,
    fulfillments,
    health,
    integrations,
    labels,
    options,
    order_actions,
    order_reviews,
    own_products,
    problems,
    records,
    request_actions,
    returns,
    routing,
    settings,
    shipping_methods,
    shipping_requests,
    stock,
    syncing,
    webhooks,
)
from crossdock.api.description import describe
from crossdock.api.desk import ApiDesk
from crossdock.api.limits import BodyLimit

PREFIX = "/api/v1"
DESCRIPTION = """Products, stock and orders between TikTok Shop and BigCommerce.

Lists come in slices: give the `next` of one slice as `after` to get the following one; an empty `next` is the end.
Failures are problem documents (RFC 9457). Secrets go in and never come out.
"""


def build_api(desk: ApiDesk) -> FastAPI:
    """The application that a server serves; everything it does it does through the desk."""
    app = FastAPI(
        title="Crossdock",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    app.state.desk = desk
    app.state.registry = CollectorRegistry()
    app.state.registry.register(health.HubCollector(desk.database))
    problems.install(app)
    api = APIRouter(prefix=PREFIX)
    for part in (
        integrations,
        settings,
        syncing,
        options,
        order_actions,
        order_reviews,
        request_actions,
        own_products,
        aftersales,
        returns,
        fulfillments,
        labels,
        routing,
        shipping_requests,
        shipping_methods,
        automations,
        stock,
        records,
    ):
        api.include_router(part.router)
    app.include_router(api)
    for outside in (webhooks, consent, health):
        app.include_router(outside.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(health.RequestCounter, registry=app.state.registry)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
