"""Images and files: multipart bodies, checked as the platform checks them."""

from __future__ import annotations

import hashlib
import warnings
from io import BytesIO
from typing import Final

from PIL import Image as Picture
from PIL import UnidentifiedImageError
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from crossdock_simulators.kit import Request
from crossdock_simulators.tiktok_shop.calls import Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Image
from crossdock_simulators.tiktok_shop.shop import Shop

IMAGE_BYTES: Final = 10 * 1024 * 1024
FILE_BYTES: Final = {"PDF": 20 * 1024 * 1024, "MP4": 100 * 1024 * 1024, "MOV": 100 * 1024 * 1024}
FORMATS: Final = frozenset({"JPEG", "MPO", "PNG", "WEBP", "BMP"})
SIDES: Final = {"MAIN_IMAGE": (300, 4000), "SIZE_CHART_IMAGE": (1024, 20_000)}
OTHER_SIDES: Final = (100, 20_000)
USE_CASES: Final = frozenset(
    {
        "MAIN_IMAGE",
        "ATTRIBUTE_IMAGE",
        "DESCRIPTION_IMAGE",
        "CERTIFICATION_IMAGE",
        "SIZE_CHART_IMAGE",
        "CUSTOMIZATION_IMAGE",
    }
)
SQUARED: Final = frozenset({"MAIN_IMAGE", "ATTRIBUTE_IMAGE"})


def upload_image(shop: Shop, call: Call) -> Data:
    parts = _parts(call.request)
    use_case = parts.get("use_case", b"MAIN_IMAGE").decode()
    if use_case not in USE_CASES:
        raise ApiError(36009004, f"use_case {use_case!r}")
    content = parts.get("data", b"")
    if not content:
        raise ApiError(12038002)
    if len(content) > IMAGE_BYTES:
        raise ApiError(12038005)
    width, height = _size(content)
    lowest, highest = SIDES.get(use_case, OTHER_SIDES)
    if min(width, height) < lowest or max(width, height) > highest:
        raise ApiError(12038014, f"{width}x{height}, expected {lowest} to {highest}")
    if use_case in SQUARED and not 3 / 4 <= width / height <= 4 / 3:
        width = height = max(width, height)
    image = register_image(shop, hashlib.sha256(content).hexdigest(), width, height)
    return {"uri": image.uri, "url": image.url, "width": width, "height": height, "use_case": use_case}


def register_image(shop: Shop, digest: str, width: int, height: int) -> Image:
    uri = f"tos-simulated-i-omjb5zjo8w/{digest[:32]}"
    image = Image(uri, f"https://p16-oec.tiktokcdn.example/{uri}~tplv-origin-jpeg.jpeg", width, height)
    shop.tables.images[uri] = image
    return image


def upload_file(shop: Shop, call: Call) -> Data:
    parts = _parts(call.request)
    name, content = parts.get("name", b"").decode(), parts.get("data", b"")
    stem, _, extension = name.rpartition(".")
    kind = extension.upper()
    if not stem or " " in name or "." in stem or kind not in FILE_BYTES:
        raise ApiError(36009004, f"name {name!r}")
    if not content:
        raise ApiError(12038002)
    if len(content) > FILE_BYTES[kind]:
        raise ApiError(12038005)
    file_id = shop.ids.new("file")
    return {"id": file_id, "url": f"https://files.tiktokcdn.example/{file_id}", "name": name, "format": kind}


def _size(content: bytes) -> tuple[int, int]:
    """The real width and height; a file that only claims to be an image is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Picture.DecompressionBombWarning)
            with Picture.open(BytesIO(content)) as picture:
                if picture.format not in FORMATS:
                    raise ApiError(12038015, str(picture.format))
                picture.verify()
                return picture.size
    except (UnidentifiedImageError, OSError, SyntaxError, Picture.DecompressionBombError):
        raise ApiError(12038004) from None


def _parts(request: Request) -> dict[str, bytes]:
    """The parts by name."""
    found: dict[str, bytes] = {}

    def take_field(field: Field) -> None:
        found[(field.field_name or b"").decode()] = field.value or b""

    def take_file(file: File) -> None:
        file.file_object.seek(0)
        found[(file.field_name or b"").decode()] = file.file_object.read()
        file.close()

    headers = {"Content-Type": request.headers["content-type"].encode()}
    try:
        parse_form(headers, BytesIO(request.body), take_field, take_file)
    except FormParserError:
        raise ApiError(36009022) from None
    return found


ENDPOINTS = (
    Endpoint(
        "POST",
        "/product/202309/images/upload",
        upload_image,
        "seller.product.write",
        takes_cipher=False,
        is_write=True,
        is_multipart=True,
    ),
    Endpoint(
        "POST",
        "/product/202309/files/upload",
        upload_file,
        "seller.product.write",
        takes_cipher=False,
        is_write=True,
        is_multipart=True,
    ),
)
