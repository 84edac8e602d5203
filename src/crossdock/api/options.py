"""Routes about Channel Options: the SKU of a variant on one channel, and whether its stock is synced there."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import Desk
from crossdock.api.problems import documented, not_found
from crossdock.operations.catalog import channel_options
from crossdock.operations.catalog.channel_options import ChannelOptions

router = APIRouter(tags=["Records"], responses=documented(401, 403, 422))


class ChannelOptionForm(BaseModel):
    """What a person decides about one variant on one channel; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"sku": "MUG-1", "integration": "my-store", "channel_sku": "MUG-OLD"}},
    )

    sku: str = Field(max_length=500, description="The master SKU of the variant, to the letter")
    integration: str
    channel_sku: str | None = Field(
        None, max_length=255, description="Its SKU there, exactly as typed; empty takes it back"
    )
    is_synced: bool | None = Field(None, description="Whether its stock is synced with this channel")


@router.get(
    "/channel-options/{id_or_sku:path}",
    summary="The Channel Options of a product, by its id, or of one variant, by its SKU",
    response_model_exclude_none=True,
    responses=documented(404),
)
def get_channel_options(_: Reader, desk: Desk, id_or_sku: str) -> ChannelOptions:
    """A row without `channel_sku` has no such column: TikTok Shop's, and those of a parent without any."""
    with desk.database.reading() as tx:
        found = channel_options.of_product(tx, id_or_sku, desk.hub.rules_of)
    if found is None:
        raise not_found(f"product with the id or SKU {id_or_sku!r}")
    return found


@router.put(
    "/channel-options",
    summary="Set the Channel SKU of a variant, or switch its channel sync",
    response_model_exclude_none=True,
)
def set_channel_options(key: Writer, desk: Desk, form: ChannelOptionForm) -> ChannelOptions:
    """Links, waiting orders and pushed numbers follow at once."""
    rules = desk.rules(form.integration)
    with desk.database.serial() as tx:
        channel_options.change(
            tx,
            desk.task(tx, form.integration, rules=rules, actor=key.name),
            form.sku,
            channel_sku=form.channel_sku,
            is_synced=form.is_synced,
        )
        found = channel_options.of_product(tx, form.sku, desk.hub.rules_of)
    if found is None:
        raise not_found(f"variant with the SKU {form.sku!r}")
    return found
