"""Images of pushed products: each sent once, and only ours are taken off again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError
from crossdock.domain.catalog import ListableVariant
from crossdock.domain.channel import Image

LONGEST_ADDRESS = 255
UNSURE = 0
KEPT = "Its images are left as they are: the store had some before"


class Sent(msgspec.Struct):
    """Which image of the product is ours, by the address it came from; `UNSURE` where only its being there is known.

    `under_way` holds what got no answer yet, with the highest number that an image of the product had before.
    """

    images: dict[str, int] = msgspec.field(default_factory=dict)
    under_way: dict[str, int] = msgspec.field(default_factory=dict)


class Pictures:
    """The store keeps no trace of an image's address, so the hub remembers it; without memory nothing is added."""

    def __init__(self, client: Client, memory: Memory) -> None:
        self._client = client
        self._memory = memory

    def settle(
        self, product_id: int, present: Sequence[payloads.Image], wanted: Sequence[Image]
    ) -> list[str]:
        """Add what is missing, take off what is no longer wanted. A refused image is a note: the product stays."""
        known = self._memory.get("images", str(product_id))
        if known is None and present:
            return [KEPT] if wanted else []
        sent = msgspec.json.decode(known, type=Sent) if known else Sent()
        _adopt(sent, present)
        self._take_off(product_id, sent, {image.url for image in wanted})
        numbers = [image.id or 0 for image in present]
        return [
            note
            for image in sorted(wanted, key=lambda image: image.position)
            if image.url not in sent.images and (note := self._add(product_id, sent, image, numbers))
        ]

    def settle_variant(self, product_id: int, variant: payloads.Variant, part: ListableVariant) -> list[str]:
        """One image a variant; setting it again replaces it. One that the merchant chose stays."""
        address, known = part.variant.image_url, self._memory.get("variant_image", str(variant.id))
        if not address or address == known or (variant.image_url and known is None):
            return []
        if not _fits(address):
            return [_unfit(address)]
        try:
            self._client.set_variant_image(product_id, variant.id, address)
        except RefusedError as error:
            return [f"The image of {part.channel_sku} was refused: {error}"]
        self._memory.put("variant_image", str(variant.id), address)
        return []

    def _add(self, product_id: int, sent: Sent, image: Image, present: Sequence[int]) -> str:
        if not _fits(image.url):
            return _unfit(image.url)
        sent.under_way[image.url] = max([*present, *sent.images.values()], default=0)
        self._save(product_id, sent)
        body = {"image_url": image.url, "sort_order": image.position}
        try:
            number, note = self._client.create_image(product_id, body).id, ""
        except RefusedError as error:
            number, note = None, f"The image {image.url} was refused: {error}"
        del sent.under_way[image.url]
        if number is not None:
            sent.images[image.url] = number
        self._save(product_id, sent)
        return note

    def _take_off(self, product_id: int, sent: Sent, wanted: set[str]) -> None:
        for address in sent.images.keys() - wanted:
            try:
                if number := sent.images[address]:
                    self._client.delete_image(product_id, number)
            except RefusedError as error:
                if error.code != "404":
                    raise
            del sent.images[address]
            self._save(product_id, sent)

    def _save(self, product_id: int, sent: Sent) -> None:
        self._memory.put("images", str(product_id), msgspec.json.encode(sent).decode())


def _adopt(sent: Sent, present: Sequence[payloads.Image]) -> None:
    """An image newer than all there were is the one whose answer was lost. Not for sure: so it is never taken off."""
    for address, highest in sent.under_way.items():
        if any((image.id or 0) > highest for image in present):
            sent.images[address] = UNSURE
    sent.under_way.clear()


def _fits(address: str) -> bool:
    return len(address) <= LONGEST_ADDRESS and address.startswith(("http://", "https://"))


def _unfit(address: str) -> str:
    return (
        f"The image {address[:60]}… has no web address of at most {LONGEST_ADDRESS} characters: "
        "BigCommerce cannot fetch it"
    )
