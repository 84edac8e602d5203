"""Addresses of orders that come: judged as the channel tells them, without a look at what was just encrypted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.operations.orders.order_record import order_id
from crossdock.store.cipher import Cipher
from support.make import ADDRESS, SHOP, Bench, line, order


def test_the_address_of_an_order_that_comes_is_judged_without_being_decrypted_again(
    hub: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.open_shop(A=10)

    def refuse(_: Cipher, __: bytes) -> str:
        raise AssertionError("It is at hand")

    with monkeypatch.context() as patched:
        patched.setattr(Cipher, "decrypt", refuse)
        hub.read_orders(
            order("1", line("A")), order("2", line("A"), shipping_address=replace(ADDRESS, lines=()))
        )

    (case,) = hub.cases("address_invalid")
    assert case.subject_id == order_id(SHOP, "2")


def test_an_address_that_was_corrected_on_the_channel_is_judged_as_it_is_now(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A"), shipping_address=replace(ADDRESS, lines=())))
    assert len(hub.cases("address_invalid")) == 1

    hub.read_orders(order("1", line("A")))

    assert hub.cases("address_invalid") == []
