"""How Alembic runs our migrations: on the transaction it is handed."""

from typing import Any, Literal

from alembic import context

from crossdock.store.database import UtcDateTime
from crossdock.store.tables import metadata


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our own column type by its bare name, which the template imports."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    transactional_ddl=False,
)
context.run_migrations()
