"""The endpoints for product images, and the download that belongs to a call with an address."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2 as httpx

from crossdock_simulators.bigcommerce import catalog_render as render
from crossdock_simulators.bigcommerce import errors, pictures, wire
from crossdock_simulators.bigcommerce.lookup import product_with, variant_with
from crossdock_simulators.bigcommerce.records import Image, Json, Product
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request

MAX_BYTES = 8 * 1024 * 1024
MAX_IMAGES = 1000
DOWNLOAD_SECONDS = 5.0
_MAKES_IMAGES = re.compile(r"/v3/catalog/products(/\d+(/variants/\d+)?/images?)?")


def downloads_for(request: Request, path: str) -> dict[str, bytes | None]:
    """Fetch the addresses a body names before the store's lock is taken; None is a failed download."""
    if request.method != "POST" or not _MAKES_IMAGES.fullmatch(path) or b"image_url" not in request.body:
        return {}
    try:
        body = request.json()
    except ValueError:
        return {}
    rows = [body, *(body.get("images") or [])] if isinstance(body, dict) else []
    addresses = {row.get("image_url") for row in rows if isinstance(row, dict)}
    return {address: _download(address) for address in addresses if isinstance(address, str)}


def list_images(store: Store, request: Request, product_id: int) -> Reply:
    product = product_with(store, product_id)
    if not product.images:
        return Reply(204)
    chosen, meta = wire.page_of(request, store.images_of(product))
    return wire.data([render.image(store, product, image) for image in chosen], meta)


def create_image(store: Store, request: Request, product_id: int) -> Reply:
    product = product_with(store, product_id)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        content, fields = _uploaded(request)
        image = _add(store, product, content, fields)
    else:
        image = add_by_url(store, product, wire.body_object(request))
    store.touch(product)
    return wire.data(render.image(store, product, image))


def get_image(store: Store, _: Request, product_id: int, image_id: int) -> Reply:
    product, image = _image_with(store, product_id, image_id)
    return wire.data(render.image(store, product, image))


def update_image(store: Store, request: Request, product_id: int, image_id: int) -> Reply:
    product, image = _image_with(store, product_id, image_id)
    given = wire.body_object(request)
    image.description = str(given.get("description", image.description))
    image.sort_order = int(given.get("sort_order", image.sort_order))
    if given.get("is_thumbnail"):
        _make_thumbnail(product, image)
    image.modified = store.now()
    return wire.data(render.image(store, product, image))


def delete_image(store: Store, _: Request, product_id: int, image_id: int) -> Reply:
    product, image = _image_with(store, product_id, image_id)
    product.images.remove(image)
    if image.is_thumbnail and product.images:
        _make_thumbnail(product, store.images_of(product)[0])
    store.touch(product)
    return Reply(204)


def set_variant_image(store: Store, request: Request, product_id: int, variant_id: int) -> Reply:
    product, variant = variant_with(store, product_id, variant_id)
    content = _downloaded(store, wire.body_object(request))
    file = _store_file(store, product, content)
    variant.own["image_url"] = f"{store.address}/images/{file}"
    store.touch(product)
    return wire.data({"image_url": variant.own["image_url"]})


def add_by_url(store: Store, product: Product, given: Json) -> Image:
    return _add(store, product, _downloaded(store, given), given)


def attach(store: Store, product: Product, file: str) -> Image:
    """An image whose file is known by name already; the first one becomes the thumbnail."""
    number = len(product.images)
    image = Image(store.next_id("image"), file, number == 0, number, "", store.now())
    product.images.append(image)
    return image


def _add(store: Store, product: Product, content: bytes, given: Json) -> Image:
    if len(product.images) >= MAX_IMAGES:
        raise errors.v3(422, f"A product has at most {MAX_IMAGES} images", {"images": "too many"})
    image = attach(store, product, _store_file(store, product, content))
    image.description = str(given.get("description", ""))
    image.sort_order = int(given.get("sort_order", image.sort_order))
    if given.get("is_thumbnail") in (True, "true", "1"):
        _make_thumbnail(product, image)
    return image


def _store_file(store: Store, product: Product, content: bytes) -> str:
    kind = pictures.media_type(content)
    if kind is None or len(content) > MAX_BYTES:
        raise errors.v3(422, "The image is not a supported file or too large", {"image_file": "invalid"})
    file = f"p/{product.id}/{store.next_id('image_file')}.{kind.partition('/')[2]}"
    store.image_files[file] = content
    return file


def _downloaded(store: Store, given: Json) -> bytes:
    address = given.get("image_url")
    if not isinstance(address, str) or not address:
        text = "image_url must be present if uploading by url"
        raise errors.v3(422, text, {"image_url": text})
    if len(address) > 255 or urlsplit(address).scheme not in ("http", "https"):
        raise errors.invalid("image_url", "must be an absolute address of at most 255 characters")
    content = store.downloads.get(address)
    if content is None:
        raise errors.v3(400, "The image could not be downloaded", {"image_url": "download failed"})
    return content


def _uploaded(request: Request) -> tuple[bytes, Json]:
    head = b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    parts: dict[str, Any] = {}
    for part in message.iter_parts():
        parts[_part_name(part)] = part.get_payload(decode=True)
    if not isinstance(content := parts.pop("image_file", None), bytes):
        raise errors.v3(422, "image_file must be present", {"image_file": "error.path.missing"})
    return content, {name: value.decode() for name, value in parts.items() if isinstance(value, bytes)}


def _part_name(part: Message) -> str:
    return str(part.get_param("name", "", "content-disposition"))


def _download(address: str) -> bytes | None:
    try:
        answer = httpx.get(address, timeout=DOWNLOAD_SECONDS, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return answer.content if answer.status_code == 200 else None


def _make_thumbnail(product: Product, image: Image) -> None:
    for other in product.images:
        other.is_thumbnail = other is image


def _image_with(store: Store, product_id: int, image_id: int) -> tuple[Product, Image]:
    product = product_with(store, product_id)
    for image in product.images:
        if image.id == image_id:
            return product, image
    raise errors.v3_not_found("image")


def serve_file(store: Store, request: Request) -> Reply:
    """The store's files, as its CDN would serve them; no token is asked for."""
    name = unquote(request.path.removeprefix("/images/"))
    if (content := store.image_files.get(name)) is not None:
        return Reply(200, content, pictures.media_type(content) or "application/octet-stream")
    found = pictures.drawn(name)
    return Reply(200, *found) if found else Reply(404, b"Not found", "text/plain")


ROUTES = (
    ("GET", "/v3/catalog/products/{id}/images", list_images),
    ("POST", "/v3/catalog/products/{id}/images", create_image),
    ("GET", "/v3/catalog/products/{id}/images/{id}", get_image),
    ("PUT", "/v3/catalog/products/{id}/images/{id}", update_image),
    ("DELETE", "/v3/catalog/products/{id}/images/{id}", delete_image),
    ("POST", "/v3/catalog/products/{id}/variants/{id}/image", set_variant_image),
)
