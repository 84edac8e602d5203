"""Real image files without storing any: a small drawing made from the file's name when it is asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

_NAME = re.compile(r"drawn/(\d+)-(\d+)x(\d+)\.(jpg|png)")
LARGEST = 4000


def drawn_name(seed: int, *, width: int = 800, height: int = 800, kind: str = "jpg") -> str:
    """The file name whose picture `drawn` makes."""
    return f"drawn/{seed}-{width}x{height}.{kind}"


@lru_cache(maxsize=256)
def drawn(name: str) -> tuple[bytes, str] | None:
    """The bytes and media type of a drawn file; None when the name is no such file."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    seed, width, height = (int(part) for part in match.groups()[:3])
    if max(width, height) > LARGEST:
        return None
    random = Random(seed)
    picture = Image.new("RGB", (width, height), _color(random, 200, 245))
    draw = ImageDraw.Draw(picture)
    for _ in range(4):
        x, y = random.randrange(width * 2 // 3), random.randrange(height * 2 // 3)
        draw.ellipse((x, y, x + width // 3, y + height // 3), fill=_color(random, 60, 190))
    out = BytesIO()
    kind = "JPEG" if match.group(4) == "jpg" else "PNG"
    picture.save(out, kind)
    return out.getvalue(), f"image/{kind.lower()}"


def media_type(content: bytes) -> str | None:
    """The media type of real image bytes; None when they are no image."""
    try:
        with Image.open(BytesIO(content)) as picture:
            picture.verify()
            return Image.MIME.get(picture.format or "")
    except (OSError, SyntaxError, ValueError):
        return None


def _color(random: Random, low: int, high: int) -> tuple[int, int, int]:
    return (random.randint(low, high), random.randint(low, high), random.randint(low, high))
