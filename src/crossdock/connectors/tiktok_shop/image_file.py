"""Makes an image fit for upload: a format, size and weight that TikTok Shop takes."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

SHORTEST_SIDE, LONGEST_SIDE = 300, 4000
SMALLEST_TO_ENLARGE = 100
MOST_BYTES = 10 * 1024 * 1024
ACCEPTED = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp"}
QUALITIES = (92, 80, 65)


class ImageError(Exception):
    """This image cannot be shown on TikTok Shop; the message says why."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    content: bytes
    kind: str


def fit(content: bytes) -> ImageFile:
    """The image itself where it is fit, else a JPEG of it. Raises ImageError where nothing helps."""
    try:
        # A picture of unreasonable size is refused by its header, before it takes any memory.
        with Image.open(BytesIO(content)) as image:
            if image.width * image.height > LONGEST_SIDE * LONGEST_SIDE * 4:
                raise ImageError(f"it is too large ({image.width}×{image.height})")
            if _is_fit(image, content):
                image.load()
                return ImageFile(content, ACCEPTED[str(image.format)])
            return _as_jpeg(_resized(image))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError("it is no image that can be read") from None


def _is_fit(image: Image.Image, content: bytes) -> bool:
    sides = (image.width, image.height)
    return (
        image.format in ACCEPTED
        and len(content) <= MOST_BYTES
        and min(sides) >= SHORTEST_SIDE
        and max(sides) <= LONGEST_SIDE
    )


def _resized(image: Image.Image) -> Image.Image:
    """Within 300 to 4000 pixels a side. Below 100 there is nothing left to enlarge."""
    short, long = sorted((image.width, image.height))
    if short < SMALLEST_TO_ENLARGE:
        raise ImageError(f"it is too small ({image.width}×{image.height}, 300 pixels a side are needed)")
    factor = max(1.0, SHORTEST_SIDE / short)
    factor = min(factor, LONGEST_SIDE / long)
    width, height = round(image.width * factor), round(image.height * factor)
    if min(width, height) < SHORTEST_SIDE:
        raise ImageError(f"it is too narrow ({image.width}×{image.height})")
    flat = _on_white(image)
    return flat if factor == 1.0 else flat.resize((width, height), Image.Resampling.LANCZOS)


def _on_white(image: Image.Image) -> Image.Image:
    """JPEG knows no transparency."""
    full = image.convert("RGBA")
    ground = Image.new("RGBA", full.size, "white")
    ground.alpha_composite(full)
    return ground.convert("RGB")


def _as_jpeg(image: Image.Image) -> ImageFile:
    for quality in QUALITIES:
        target = BytesIO()
        image.save(target, "JPEG", quality=quality)
        if target.tell() <= MOST_BYTES:
            return ImageFile(target.getvalue(), ACCEPTED["JPEG"])
    raise ImageError("it is heavier than 10 MB in any quality")
