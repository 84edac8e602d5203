"""Brings images onto TikTok Shop's servers: each is downloaded once and uploaded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from urllib.parse import urljoin

from crossdock.connectors.contract import Memory
from crossdock.connectors.errors import RefusedError, SettingsError, UnavailableError
from crossdock.connectors.http import Http
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.image_file import ImageError, fit
from crossdock.domain.channel import Image

MAIN, ATTRIBUTE = "MAIN_IMAGE", "ATTRIBUTE_IMAGE"
MOST_MAIN_IMAGES = 9
MOST_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Where the images are now, and which of them could not be brought over."""

    uris: tuple[str, ...]
    problems: tuple[str, ...]


class Images:
    def __init__(self, http: Http, client: Client, memory: Memory) -> None:
        self._http = http
        self._client = client
        self._memory = memory

    def main_images(self, images: Sequence[Image]) -> Uploaded:
        """The first nine by position. One bad image leaves the others where they are."""
        ordered = dict.fromkeys(image.url for image in sorted(images, key=lambda image: image.position))
        uploaded = self.upload(list(ordered)[:MOST_MAIN_IMAGES], use_case=MAIN)
        if (surplus := len(ordered) - MOST_MAIN_IMAGES) <= 0:
            return uploaded
        note = (
            f"The last {surplus} of its images were left out: TikTok Shop takes {MOST_MAIN_IMAGES} a product"
        )
        return Uploaded(uploaded.uris, (*uploaded.problems, note))

    def upload(self, urls: Iterable[str], *, use_case: str) -> Uploaded:
        uris: list[str] = []
        problems: list[str] = []
        for url in urls:
            try:
                uris.append(self._uri(url, use_case))
            except ImageError as error:
                problems.append(f"The image {_short(url)} was left out: {error}")
        return Uploaded(tuple(uris), tuple(problems))

    def _uri(self, url: str, use_case: str) -> str:
        by_url = f"{use_case} {url}"
        digest, _, uri = (self._memory.get("image_url", by_url) or "").partition(" ")
        if uri:
            return uri
        content = self._download(url)
        digest = sha256(content).hexdigest()
        uri = self._uri_of_content(content, digest, use_case)
        self._memory.put("image_url", by_url, f"{digest} {uri}")
        return uri

    def forget(self, urls: Iterable[str]) -> None:
        """TikTok Shop knows these images no more, so the next push uploads them anew."""
        for use_case, url in product((MAIN, ATTRIBUTE), urls):
            digest = (self._memory.get("image_url", f"{use_case} {url}") or "").partition(" ")[0]
            self._memory.put("image_hash", f"{use_case} {digest}", "")
            self._memory.put("image_url", f"{use_case} {url}", "")

    def _uri_of_content(self, content: bytes, digest: str, use_case: str) -> str:
        by_hash = f"{use_case} {digest}"
        if kept := self._memory.get("image_hash", by_hash):
            return kept
        image = fit(content)
        try:
            uri = self._client.upload_image(image.content, kind=image.kind, use_case=use_case).uri
        except RefusedError as error:
            raise ImageError(f"TikTok Shop refused it ({error})") from error
        self._memory.put("image_hash", by_hash, uri)
        return uri

    def _download(self, url: str) -> bytes:
        """Image servers like to redirect; each step is checked like the first."""
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = self._http.send("GET", url)
            except (UnavailableError, SettingsError) as error:
                raise ImageError(f"it could not be loaded ({error})") from error
            if answer.is_success and answer.body:
                return answer.body
            target = answer.headers.get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                raise ImageError(f"its address answers HTTP {answer.status}")
            url = urljoin(url, target)
        raise ImageError("its address redirects too often")


def _short(url: str) -> str:
    """Without the query, which on some image servers carries access keys."""
    return url.partition("?")[0]
