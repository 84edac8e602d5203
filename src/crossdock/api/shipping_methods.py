"""Routes about shipping methods and carriers: what an order's method is called elsewhere, and who may be meant by a name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import Desk
from crossdock.api.problems import documented
from crossdock.operations.fulfillments import carrier_finder
from crossdock.operations.fulfillments.carrier_finder import FoundCarriers
from crossdock.operations.routing import methods
from crossdock.operations.routing.methods import MethodRule, OrderMethod, WarehouseMethod
from crossdock.operations.task import HUB

router = APIRouter(tags=["Shipping methods"], responses=documented(401, 403, 422))


class MethodForm(BaseModel):
    """One row of the map. Without `channel` or `method` it is meant for all."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "channel": "my-shop",
                "method": "Standard Shipping",
                "warehouse": "my-warehouse",
                "to": "GROUND",
            }
        },
    )

    warehouse: str
    to: str = Field(description="The warehouse's own name or code of the method")
    channel: str = Field("", description="The integration that the order was placed on; empty for all")
    method: str = Field("", description="What the order calls it, whatever the case; empty for all")


class Methods(BaseModel):
    """The map, and the methods on both of its sides."""

    map: list[MethodRule]
    order_methods: list[OrderMethod]
    warehouse_methods: list[WarehouseMethod]


@router.get("/shipping-methods", summary="The map of shipping methods, and the methods that are in use")
def list_shipping_methods(_: Reader, desk: Desk) -> Methods:
    """`order_methods` are those of the orders of the last 90 days, with what each warehouse makes of them."""
    with desk.database.reading() as tx:
        return Methods(
            map=methods.every(tx),
            order_methods=methods.of_orders(tx, now=desk.hub.clock()),
            warehouse_methods=methods.of_warehouses(tx),
        )


@router.put("/shipping-methods", summary="Map a shipping method, or map it anew")
def set_shipping_method(key: Writer, desk: Desk, form: MethodForm) -> MethodRule:
    """The row that says most wins: method of the channel, method, channel, neither. Requests made from now on follow it."""
    rule = MethodRule(form.channel, form.method, form.warehouse, form.to)
    with desk.database.serial() as tx:
        return methods.put(tx, desk.task(tx, HUB, actor=key.name), rule)


@router.delete("/shipping-methods", status_code=204, summary="Take a row out of the map")
def remove_shipping_method(
    key: Writer,
    desk: Desk,
    warehouse: Annotated[str, Query()],
    channel: Annotated[str, Query()] = "",
    method: Annotated[str, Query(max_length=200)] = "",
) -> None:
    with desk.database.serial() as tx:
        task = desk.task(tx, HUB, actor=key.name)
        methods.remove(tx, task, channel=channel, method=method, warehouse=warehouse)


@router.get(
    "/carriers/find", summary="Who may be meant by a carrier's name, or by the shape of a tracking number"
)
def find_carriers(
    _: Reader,
    desk: Desk,
    name: Annotated[str, Query(max_length=100)] = "",
    number: Annotated[str, Query(max_length=50, description="A tracking number")] = "",
    integration: Annotated[str, Query(description="Of this channel's carriers only")] = "",
) -> FoundCarriers:
    """Among the carriers known here, and among those that a channel named when it refused one."""
    with desk.database.reading() as tx:
        return carrier_finder.find(tx, name, number, integration)
