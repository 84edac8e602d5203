"""Images are made fit where that is possible, and refused with a reason where not."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from connectors.tiktok_shop.tiktok_bench import picture
from crossdock.connectors.tiktok_shop.image_file import ImageError, fit


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_fit_image_goes_as_it_is(kind: str) -> None:
    content = picture(300, 400, kind)

    made = fit(content)

    assert made.content == content
    assert made.kind == f"image/{kind.lower()}"


def test_another_format_becomes_a_jpeg() -> None:
    made = fit(picture(400, 400, "GIF"))

    assert made.kind == "image/jpeg"
    assert opened(made.content).size == (400, 400)


def test_transparency_becomes_white() -> None:
    target = BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(target, "PNG")

    made = opened(fit(target.getvalue()).content).convert("RGB")

    assert made.getpixel((150, 150)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("size", "expected"), [((150, 200), (300, 400)), ((5000, 2500), (4000, 2000)), ((100, 100), (300, 300))]
)
def test_an_image_of_the_wrong_size_is_scaled(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert opened(fit(picture(*size)).content).size == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (picture(99, 400), "too small"),
        (picture(6000, 300), "too narrow"),
        (picture(9000, 9000, "PNG"), "too large"),
        (b"<html>", "no image"),
        (picture(400, 400)[:200], "no image"),
        (b"", "no image"),
    ],
)
def test_a_hopeless_image_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        fit(content)
