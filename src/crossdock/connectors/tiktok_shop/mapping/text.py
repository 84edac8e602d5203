"""Titles and descriptions as TikTok Shop takes them: no outside links, no emoji, no long repetitions."""

from __future__ import annotations

import html
import re
import unicodedata

import nh3

TITLE_LIMIT = 255
DESCRIPTION_LIMIT = 10_000
TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "u", "h1", "h2", "h3", "h4"}

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U000e0000-\U000e007f\u2600-\u27bf\u2b05-\u2b55\u231a-\u23ff\ufe0f\u200d\u20e3]"
)
_REPEATED = re.compile(r"(.)\1{9,}", re.DOTALL)
_SPACES = re.compile(r"\s+")


def from_title(title: str) -> str:
    """Plain text of at most 255 characters, cut between words."""
    plain = html.unescape(nh3.clean(title, tags=set()))
    plain = _SPACES.sub(" ", _allowed(plain)).strip()
    if len(plain) <= TITLE_LIMIT:
        return plain
    head, _, _ = plain[: TITLE_LIMIT + 1].rpartition(" ")
    return head or plain[:TITLE_LIMIT]


def from_description(description: str) -> str:
    """Simple HTML of at most 10,000 characters. Images are dropped: TikTok Shop shows only its own uploads."""
    cleaned = _tidy(nh3.clean(description, tags=TAGS, attributes={}))
    if len(cleaned) <= DESCRIPTION_LIMIT:
        return cleaned
    # Cutting HTML may cut a tag in two, so a text this long goes out as one plain paragraph.
    plain = _SPACES.sub(" ", nh3.clean(cleaned, tags=set()))
    head, _, _ = plain[: DESCRIPTION_LIMIT - len("<p></p>")].rpartition(" ")
    return f"<p>{head}</p>"


def has_words(text: str) -> bool:
    """Whether a letter or digit is in it; a text of symbols alone is refused."""
    return any(character.isalnum() for character in text)


def _tidy(text: str) -> str:
    return _allowed(text.replace("&nbsp;", " ").replace("\xa0", " ")).strip()


def _allowed(text: str) -> str:
    text = _EMOJI.sub("", _LINK.sub("", text))
    text = "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else " " for c in text)
    return _REPEATED.sub(lambda match: match[1] * 9, text)
