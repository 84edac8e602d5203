"""What can be set for a warehouse in which people work by hand; it has no credentials."""

from __future__ import annotations

from crossdock.connectors.settings import Choice, ConnectorSettings, Credentials, setting

PAPERS = "Fulfillments"


class PaperSize(Choice):
    A4 = "A4", "A4"
    LETTER = "Letter", "US Letter"


class PickListOrder(Choice):
    SKU = "sku", "By SKU"
    NAME = "name", "By product name"
    OLDEST = "oldest", "Oldest order first"


class ManualWarehouseCredentials(Credentials):
    """None: there is no account behind it."""


class ManualWarehouseSettings(ConnectorSettings):
    """How the papers of this warehouse look."""

    paper_size: PaperSize = setting(
        PaperSize.A4, group=PAPERS, title="Paper size", help="The sheet that packing slips are printed on."
    )
    pick_list_order: PickListOrder = setting(
        PickListOrder.SKU,
        group=PAPERS,
        title="Order of the pick list",
        help="In which order the pick list goes through the shelves.",
    )
    slip_sender: str = setting(
        "",
        group=PAPERS,
        title="Return address on packing slips",
        help="Who sends, and where returns go, in up to 6 lines. Empty means name and address of the location.",
        max_length=600,
    )
    slip_note: str = setting(
        "",
        group=PAPERS,
        title="Text on packing slips",
        help="What stands below the goods, such as thanks or how to send something back.",
        max_length=1000,
    )
