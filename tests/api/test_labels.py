"""A platform's own labels, through the API: asked for on demand, shown to keys that may write, kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api import seed
from api.bench import SHOP, Bench, Shop
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId
from crossdock.domain.fulfillment import ShippingLabel
from crossdock.domain.order import FulfilledBy
from crossdock.domain.sync import Confirmed, Entity
from crossdock.operations.fulfillments import fulfillment_push
from crossdock.operations.setup import integrations
from support.merchant import NUMBER

URL = "https://labels.example/p1.pdf?expires=86400"


@pytest.fixture
def packed(merchant: Bench) -> Bench:
    """Order N1 of the shop, which a location packs and the shop ships with a label of its own."""
    orders = seed.some_orders()
    labeled = FulfilledBy.PLATFORM_LABEL_PACKED_HERE
    seed.sell(
        merchant, *(replace(each, fulfilled_by=labeled) if each.number == "N1" else each for each in orders)
    )
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, SHOP, {("push", Entity.FULFILLMENTS): True}, {})
    return merchant


def told(bench: Bench) -> str:
    """All of N1 has been packed, and the shop has made package p1 of it."""
    made = str(bench.send("POST", "/orders/N1/fulfillments", {})["id"])
    with bench.database.transaction() as tx:
        [one], _ = fulfillment_push.due(tx, bench.task(tx, SHOP), limit=5)
        fulfillment_push.about_to_send(tx, bench.task(tx, SHOP), [one])
        fulfillment_push.settle(tx, bench.task(tx, SHOP), one, Confirmed(made, ChannelId("p1")))
    return made


def labels(_: Shop, parcels: Sequence[ChannelId]) -> list[ShippingLabel]:
    return [ShippingLabel(each, URL, NUMBER) for each in parcels]


def test_a_label_is_asked_for_as_it_is_wanted(packed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shop, "shipping_labels", labels, raising=False)
    made = told(packed)

    answer = packed.client.post(f"/api/v1/fulfillments/{made}/labels")

    assert answer.json() == {
        "fulfillment": made,
        "labels": [{"parcel": "p1", "url": URL, "tracking_number": NUMBER}],
    }
    assert packed.reader.post(f"/api/v1/fulfillments/{made}/labels").status_code == 403
    assert "labels.example" not in str(packed.get(f"/fulfillments/{made}"))


def test_what_has_no_label_says_why(packed: Bench) -> None:
    own = packed.send("POST", "/orders/N2/fulfillments", {})["id"]
    waiting = packed.send("POST", "/orders/N1/fulfillments", {})["id"]

    answers = {
        key: packed.client.post(f"/api/v1/fulfillments/{key}/labels") for key in (own, waiting, "ful_none")
    }

    assert [each.status_code for each in answers.values()] == [422, 422, 404]
    assert "the seller's own label" in answers[own].json()["detail"]
    assert "has not made the label yet" in answers[waiting].json()["detail"]


def test_a_platform_that_gives_no_label_is_quoted(packed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[ShippingLabel]:
        raise RefusedError("No label for package p1 yet", fix="Ask again in a while")

    made = told(packed)
    monkeypatch.setattr(Shop, "shipping_labels", refuse, raising=False)
    refused = packed.client.post(f"/api/v1/fulfillments/{made}/labels")

    assert refused.status_code == 502
    assert refused.json()["detail"] == "No label for package p1 yet. Ask again in a while"
