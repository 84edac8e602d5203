"""Webhooks: what is believed, and what it hints at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import CREDENTIALS, Sent, scripted
from crossdock.connectors.contract import SignatureError
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.signing import sign_webhook
from crossdock.connectors.tiktok_shop.webhooks import ALWAYS, EVENTS
from crossdock.domain.sync import Entity

OURS = TikTokShopCredentials.parse(CREDENTIALS)


def signed(body: bytes) -> dict[str, str]:
    return {"authorization": sign_webhook(CREDENTIALS["app_key"], CREDENTIALS["app_secret"], body)}


def event(kind: int, **more: Any) -> bytes:
    return json.dumps({"type": kind, "shop_id": "1", "timestamp": 1, "data": {}, **more}).encode()


@pytest.mark.parametrize(
    ("kinds", "entities"),
    [
        ((1, 2, 3, 4), (Entity.ORDERS,)),
        ((11,), (Entity.ORDERS, Entity.CANCELLATIONS)),
        ((12,), (Entity.ORDERS, Entity.RETURNS)),
        ((5, 15, 16, 18, 37, 50), (Entity.LISTINGS,)),
        ((27, 68, 71), (Entity.INVENTORY,)),
    ],
)
def test_each_kind_of_event_hints_at_its_entities(
    kinds: tuple[int, ...], entities: tuple[Entity, ...]
) -> None:
    bodies = [event(kind) for kind in kinds]

    assert {TikTokShop.read_webhook(OURS, signed(body), body).entities for body in bodies} == {entities}


def test_a_seller_who_removes_the_app_is_noticed() -> None:
    assert TikTokShop.read_webhook(OURS, signed(event(6)), event(6)).is_deauthorized


def test_an_event_that_nobody_needs_hints_at_nothing() -> None:
    hint = TikTokShop.read_webhook(OURS, signed(event(13)), event(13))

    assert (hint.entities, hint.is_deauthorized) == ((), False)


def test_a_repetition_is_recognised_by_its_notification_id() -> None:
    first, again = event(1, tts_notification_id="77"), event(1, tts_notification_id="77", timestamp=2)

    ids = {TikTokShop.read_webhook(OURS, signed(body), body).event_id for body in (first, again)}

    assert ids == {"77"}


def test_an_event_without_id_is_recognised_by_its_text() -> None:
    first, other = event(3), event(3, timestamp=9)

    ids = [TikTokShop.read_webhook(OURS, signed(body), body).event_id for body in (first, first, other)]

    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("given", ["", "0" * 64, "Bearer x", "ü"])
def test_a_body_with_a_wrong_or_missing_signature_is_refused(given: str) -> None:
    with pytest.raises(SignatureError):
        TikTokShop.read_webhook(OURS, {"authorization": given} if given else {}, event(1))


def test_a_signature_of_another_body_is_refused() -> None:
    with pytest.raises(SignatureError):
        TikTokShop.read_webhook(OURS, signed(event(1)), event(2))


def test_only_events_that_point_elsewhere_are_set() -> None:
    address = "https://hub.example/webhooks/tiktok"
    first, second, *others = EVENTS[Entity.ORDERS]
    # Listings are read too, since the lines of orders are matched by them.
    kept = (*ALWAYS, *others, *EVENTS[Entity.LISTINGS])
    right = [{"event_type": event, "address": address} for event in kept]
    stale = {"event_type": first, "address": "https://old.example/"}

    def script(sent: Sent) -> Any:
        return {"webhooks": [stale, *right]} if sent.method == "GET" else {}

    bench, http = scripted(script)

    assert bench.connector(orders=True).ensure_webhooks(address) == [first, second]
    assert [sent.body for sent in http.sent if sent.method == "PUT"] == [
        {"event_type": event, "address": address} for event in (first, second)
    ]


def test_events_of_flows_that_are_off_are_not_asked_for() -> None:
    bench, _ = scripted(lambda _: {})

    assert bench.connector().ensure_webhooks("https://hub.example/") == list(ALWAYS)
    assert set(bench.connector(inventory=True).ensure_webhooks("https://hub.example/")) == {
        *ALWAYS,
        *EVENTS[Entity.LISTINGS],
    }


def test_events_of_products_are_asked_for_where_products_are_pulled() -> None:
    bench, _ = scripted(lambda _: {})

    asked = bench.connector(products="pull").ensure_webhooks("https://hub.example/")

    assert asked == [*ALWAYS, *EVENTS[Entity.PRODUCTS]]
