"""The owner's click on the consent page, as a browser would send it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx

from crossdock.cli.failures import CommandError


def approve(link: str, client: httpx.Client) -> str:
    """Open the consent page, agree as the owner, and answer the address that the browser is sent back to."""
    page = client.get(link)
    if not page.is_success:
        raise CommandError(f"The consent page answered {page.status_code}")
    asked = parse_qs(urlsplit(link).query)
    answers = {
        "service_id": asked["service_id"][0],
        "state": asked["state"][0],
        "account": "owner",
        "period": "365",
        "decision": "approve",
    }
    sent_back = client.post(link.partition("?")[0], data=answers, follow_redirects=False)
    if sent_back.status_code != httpx.codes.FOUND:
        raise CommandError(f"The consent page answered {sent_back.status_code} instead of a redirect")
    return str(sent_back.headers["location"])
