"""The connector of warehouses that exchange files: joins its folders and its mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from crossdock.connectors.contract import (
    Connector,
    Memory,
    PullsFulfillments,
    PullsInventory,
    PullsShippingRequests,
    Rules,
    TakesShippingRequests,
    Toolbox,
)
from crossdock.connectors.flat_files.access import missing_access, opened
from crossdock.connectors.flat_files.book import Book
from crossdock.connectors.flat_files.credentials import FlatFilesCredentials
from crossdock.connectors.flat_files.inbox import Box, Inbox, Incoming
from crossdock.connectors.flat_files.mapping.news import Acknowledged
from crossdock.connectors.flat_files.mapping.orders import Operation
from crossdock.connectors.flat_files.mapping.shipments import dumped, loaded, merged
from crossdock.connectors.flat_files.outbox import Outbox
from crossdock.connectors.flat_files.reading import FileReader
from crossdock.connectors.flat_files.settings import FlatFilesSettings
from crossdock.domain.channel import Account, ChannelId, ChannelSku, ChannelStock
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.shipping import NewsKind, RequestNews, ShippingOrder
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page

PARCELS = "parcels"


class FlatFiles(
    Connector,
    TakesShippingRequests,
    PullsShippingRequests,
    PullsFulfillments,
    PullsInventory,
):
    key = "flat_files"
    title = "Flat files (SFTP or folder)"
    settings_type = FlatFilesSettings
    credentials_type = FlatFilesCredentials
    guidance = (
        "The warehouse gives host, port, user, password or takes your public key, and says its host key's fingerprint "
        "(ssh-keyscan shows it too). The user needs to read, write, rename and remove files in all folders."
    )

    def __init__(self, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        self._credentials = cast(FlatFilesCredentials, toolbox.credentials)
        self._settings = cast(FlatFilesSettings, toolbox.settings)
        self._reader = FileReader(self._settings.dialect())

    def check(self) -> Account:
        """Everything that the flows do is tried out in each folder that they use."""
        with opened(self.toolbox) as files:
            lacking = missing_access(files, self._folders())
        credentials = self._credentials
        return Account(
            ChannelId(credentials.place), credentials.title, currency="", missing_access=tuple(lacking)
        )

    def _folders(self) -> list[str]:
        settings, flows = self._settings, self.flows()
        used = [
            (("push", Entity.SHIPPING_REQUESTS), settings.orders_folder),
            (("pull", Entity.SHIPPING_REQUESTS), settings.acknowledgements_folder),
            (("pull", Entity.FULFILLMENTS), settings.fulfillments_folder),
            (("pull", Entity.INVENTORY), settings.stock_folder),
        ]
        folders = [folder for flow, folder in used if flows[flow]]
        return [*folders, settings.processed_folder, settings.failed_folder]

    # What the settings mean

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        settings = self._settings
        return {
            ("push", Entity.SHIPPING_REQUESTS): settings.orders,
            ("pull", Entity.SHIPPING_REQUESTS): settings.orders and settings.acknowledgements,
            ("pull", Entity.FULFILLMENTS): settings.fulfillments,
            ("pull", Entity.INVENTORY): settings.inventory,
        }

    def rules(self) -> Rules:
        return Rules(works_for_us_alone=True)

    # Out

    def push_shipping_requests(self, changes: Iterable[Change[ShippingOrder]]) -> Iterator[Outcome]:
        with opened(self.toolbox) as files:
            outbox = Outbox(files, self.toolbox, self._settings)
            for change in changes:
                yield outbox.push(change)

    # In

    def pull_shipping_requests(self, since: Cursor | None) -> Iterator[Page[RequestNews]]:
        settings = self._settings
        box = self._box("acknowledgements", settings.acknowledgements_folder, settings.acknowledgements_files)
        columns, words = settings.acknowledgement_columns(), settings.acknowledgement_words
        book = Book(self.toolbox.memory)
        with opened(self.toolbox) as files:
            inbox = Inbox[Acknowledged](files, self.toolbox, box)
            for page in inbox.pages(since, lambda file: self._reader.acknowledgements(file, columns, words)):
                yield _without_changes(page, book)

    def pull_fulfillments(self, since: Cursor | None) -> Iterator[Page[OrderShipments]]:
        """Files name a parcel once. What earlier ones said of a request is remembered, since all of it is given."""
        settings = self._settings
        box = self._box("fulfillments", settings.fulfillments_folder, settings.fulfillments_files)
        columns = settings.fulfillment_columns()
        with opened(self.toolbox) as files:
            inbox = Inbox[OrderShipments](files, self.toolbox, box)
            pages = inbox.pages(
                since, lambda file: self._reader.fulfillments(file, columns, settings.date_format)
            )
            for page in pages:
                whole = tuple(_with_earlier(self.toolbox.memory, each) for each in page.records)
                yield replace(page, records=whole)

    def pull_inventory(self, since: Cursor | None) -> Iterator[Page[ChannelStock]]:
        """Counts are as old as their file: one that lay there for days does not hide what was counted since."""
        settings = self._settings
        box = self._box("stock", settings.stock_folder, settings.stock_files)
        columns = settings.count_columns()
        with opened(self.toolbox) as files:
            inbox = Inbox[ChannelStock](files, self.toolbox, replace(box, is_repeat_told=False))
            yield from inbox.pages(
                since,
                lambda file: self._reader.stock(file, columns, settings.locations),
                as_of=_when_written,
            )

    def read_stock(self, _: Sequence[tuple[ChannelId, ChannelSku]]) -> Iterator[Page[ChannelStock]]:
        """Nothing: a folder answers no questions. The next file says it."""
        return iter(())

    def _box(self, flow: str, folder: str, pattern: str) -> Box:
        settings = self._settings
        quiet = timedelta(seconds=settings.quiet_seconds)
        return Box(flow, folder, pattern, settings.processed_folder, settings.failed_folder, quiet)


def _when_written(file: Incoming, now: datetime) -> datetime:
    return min(file.modified_at, now)


def _without_changes(page: Page[Acknowledged], book: Book) -> Page[RequestNews]:
    """How a change was answered says nothing of the request itself; the next push of it looks there.

    One that was refused is written anew when it is pushed again.
    """
    for each in page.records:
        if each.operation is Operation.CHANGE:
            book.acknowledge(each)
        elif each.news.kind is NewsKind.REFUSED:
            book.refuse(each)
    news = tuple(each.news for each in page.records if each.operation is not Operation.CHANGE)
    return Page(news, page.cursor, page.read_began_at, page.unreadable, page.completes_sweep, page.notes)


def _with_earlier(memory: Memory, given: OrderShipments) -> OrderShipments:
    """All parcels of the request that are known by now; the same file read again adds nothing."""
    known = loaded(memory.get(PARCELS, given.order_id))
    parcels = merged(known, given.parcels)
    if parcels != known:
        memory.put(PARCELS, given.order_id, dumped(parcels))
    return OrderShipments(given.order_id, parcels)
