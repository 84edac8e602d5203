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
    drift,
    figures,
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
from crossdock.api.requests_log import RequestLog

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
    app.state.registry = _registry(desk)
    problems.install(app)
    app.include_router(webhooks.router)
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
        drift,
        records,
    ):
        api.include_router(part.router)
    app.include_router(api)
    for outside in (consent, health):
        app.include_router(outside.router)
    app.add_middleware(webhooks.StraightIn)
    app.add_middleware(BodyLimit)
    app.add_middleware(health.RequestCounter, registry=app.state.registry)
    app.add_middleware(RequestLog)
    return app


def build_monitor(desk: ApiDesk) -> FastAPI:
    """Nothing but the figures and probes of a process that serves nobody else."""
    app = FastAPI(title="Crossdock", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = desk
    app.state.registry = _registry(desk)
    app.include_router(health.router)
    return app


def _registry(desk: ApiDesk) -> CollectorRegistry:
    """A registry of its own: hubs in one process count apart."""
    registry = CollectorRegistry()
    registry.register(figures.HubCollector(desk.database))
    if desk.own_figures is not None:
        registry.register(desk.own_figures)
    return registry


def _operation_id(route: APIRoute) -> str:
    return route.name
