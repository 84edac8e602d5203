"""Answers that the simulator does not give: older versions, bundles, combined packages, and what was not expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import FACTS, NOW, ScriptedHttp, Sent, refusal, scripted
from crossdock.connectors.errors import ProtocolError
from crossdock.connectors.tiktok_shop.refusals import MEANINGS
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

T0 = int(NOW.timestamp()) - 100_000
UPS = {"shipping_providers": [{"id": "71", "name": "UPS"}]}
NUMBER = "1Z999AA10123456784"
LEFT = {
    "display_status": "IN_TRANSIT",
    "package_id": "900",
    "tracking_number": NUMBER,
    "shipping_provider_name": "UPS",
}


def order(*items: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    content = {"id": "7", "status": "AWAITING_SHIPMENT", "create_time": T0, "update_time": T0}
    return content | {"shipping_type": "SELLER", "delivery_option_id": "5", "line_items": list(items)} | more


def item(number: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "sku_id": "s", "seller_sku": "MUG", "display_status": "AWAITING_SHIPMENT"} | more


def part(number: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "sku_id": f"s{number}", "display_status": "AWAITING_SHIPMENT"} | more


def wanted(*unit_ids: str, quantity: int | None = None, **more: Any) -> WantedFulfillment:
    ids = tuple(map(ChannelId, unit_ids))
    units = WantedUnits(quantity or len(ids), ids[0], ChannelId("s"), ChannelSku("MUG"), ids)
    return WantedFulfillment(ChannelId("7"), (units,), **{"carrier": "UPS", "tracking_number": NUMBER} | more)


class Platform:
    """Answers reads with what was prepared, and takes down every write."""

    def __init__(self, *orders: Mapping[str, Any], region: str = "US") -> None:
        self._orders = list(orders)
        self.writes: list[tuple[str, Any]] = []
        self.answers: list[Any] = []
        self.packages: dict[str, Any] = {}
        self.http: ScriptedHttp
        self._bench, self.http = scripted(self._answer, facts=FACTS | {"region": region})

    def _answer(self, sent: Sent) -> Any:
        if sent.path.endswith("/orders"):
            return {"orders": [self._orders.pop(0) if len(self._orders) > 1 else self._orders[0]]}
        if sent.path.endswith("/shipping_providers"):
            return UPS
        if sent.method == "GET":
            return self.packages[sent.path.rpartition("/")[2]]
        self.writes.append((sent.path, sent.body))
        return self.answers.pop(0) if self.answers else {"package_id": "901"}

    def push(self, *fulfillments: WantedFulfillment, known: str | None = None) -> list[Outcome]:
        changes = [
            Change(f"f{number}", each, ChannelId(known) if known else None)
            for number, each in enumerate(fulfillments)
        ]
        return list(self._bench.connector(push_fulfillments=True).push_fulfillments(changes))


def sub_items(body: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return [(each["order_line_id"], each.get("sub_item_id", "")) for each in body["order_line_list"]]


@pytest.mark.parametrize("code", [36009014, 36009009])
def test_an_app_without_the_newest_version_marks_with_the_older_body(code: int) -> None:
    shop = Platform(order(item("1"), item("2")))
    shop.answers = [refusal(code, "no such version")]

    one, two = shop.push(wanted("1"), wanted("2", tracking_number="1Z2" + "0" * 8))

    assert isinstance(one, Confirmed)
    assert isinstance(two, Confirmed)
    assert [path.split("/")[2] for path, _ in shop.writes] == ["202610", "202309", "202309"]
    assert shop.writes[1][1] == {
        "order_line_item_ids": ["1"],
        "tracking_number": NUMBER,
        "shipping_provider_id": "71",
    }


def test_an_app_without_the_newest_version_corrects_with_the_older_body() -> None:
    other = {**LEFT, "package_id": "902"}
    shop = Platform(order(item("1", **LEFT), item("2", **other)))
    shop.answers = [refusal(36009004, "version 202610 is not available"), {}]

    [outcome] = shop.push(wanted("1", tracking_number="1Z-NEW"), known="900")

    assert isinstance(outcome, Confirmed)
    assert [path for path, _ in shop.writes] == [
        "/fulfillment/202610/packages/900/shipping_info/update",
        "/fulfillment/202309/packages/900/shipping_info/update",
    ]
    assert shop.writes[1][1] == {"tracking_number": "1Z-NEW", "shipping_provider_id": "71"}


def test_parts_of_a_bundle_are_named_by_both_ids() -> None:
    bundle = item("1", sub_item_info=[part("11"), part("12"), part("13")])
    shop = Platform(order(bundle, item("2")))

    [outcome] = shop.push(wanted("1/11", "1/13"))

    assert isinstance(outcome, Confirmed)
    assert sub_items(shop.writes[0][1]) == [("1", "11"), ("1", "13")]


def test_the_older_call_ships_a_bundle_whole_or_not_at_all() -> None:
    bundle = item("1", sub_item_info=[part("11"), part("12"), part("13", display_status="CANCELLED")])
    shop = Platform(order(bundle))
    shop.answers = [refusal(36009014, "no such version")]

    in_part, whole = shop.push(wanted("1/11"), wanted("1/11", "1/12"))

    assert isinstance(in_part, Rejected)
    assert "ships bundles whole" in in_part.reason
    assert in_part.fix
    assert isinstance(whole, Confirmed)
    assert shop.writes[-1][1]["order_line_item_ids"] == ["1"]


def test_a_bundle_whose_parts_have_no_ids_leaves_whole_or_not_at_all() -> None:
    listed = [{"sku_id": "a", "sku_count": 1}, {"sku_id": "b", "sku_count": 2}]
    bundle = item("1", combined_listing_skus=listed)
    in_part = Platform(order(bundle))
    whole = Platform(order(bundle))

    [refused] = in_part.push(wanted("1/1", "1/2"))
    [taken] = whole.push(wanted("1/1", "1/2", "1/3"))

    assert isinstance(refused, Rejected)
    assert refused.code == "bundle_in_part"
    assert in_part.writes == []
    assert isinstance(taken, Confirmed)
    assert sub_items(whole.writes[0][1]) == [("1", "")]


@pytest.mark.parametrize("code", [21011006, 21011040])
def test_what_has_left_already_may_have_left_for_this_very_fulfillment(code: int) -> None:
    shop = Platform(order(item("1")), order(item("1", **LEFT)))
    shop.answers = [refusal(code, "already shipped")]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == "900"
    assert len(shop.writes) == 1


def test_what_has_left_already_under_another_number_is_refused_with_it() -> None:
    shop = Platform(order(item("1")), order(item("1", **LEFT | {"tracking_number": "ELSE1"})))
    shop.answers = [refusal(21011006, "already shipped")]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "already_shipped"
    assert "1 left by UPS ELSE1 (package 900)" in outcome.reason


def test_what_has_left_but_does_not_show_is_looked_at_again_later() -> None:
    shop = Platform(order(item("1")))
    shop.answers = [refusal(21011006, "already shipped")]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "21011006"
    assert outcome.again_in == MEANINGS["21011006"].again_in is not None


def test_a_warning_that_comes_with_a_success_is_told() -> None:
    shop = Platform(order(item("1")))
    shop.answers = [{"package_id": "901", "warning": {"message": "The number is not known yet"}}]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Confirmed)
    assert outcome.notes == ("TikTok Shop: The number is not known yet",)


def test_a_status_of_tomorrow_does_not_keep_an_open_unit_from_leaving() -> None:
    shop = Platform(order(item("1", display_status="TO_SHIP")))

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == "901"


def test_a_unit_in_a_package_that_waits_there_is_not_marked_a_second_time() -> None:
    shop = Platform(order(item("1", package_id="900")))

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert "1 are in a package that was made there and has not left" in outcome.reason
    assert shop.writes == []


def test_units_that_the_order_does_not_have_are_refused() -> None:
    shop = Platform(order(item("1")))

    [outcome] = shop.push(wanted("8"))

    assert isinstance(outcome, Rejected)
    assert "the order there has no such units" in outcome.reason


def test_an_order_that_cannot_be_understood_holds_back_only_its_own() -> None:
    broken = order(item("1")) | {"update_time": "soon"}
    shop = Platform(broken)

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert "cannot be understood" in outcome.reason
    assert shop.writes == []


def test_a_combined_package_does_not_leave_for_one_of_its_orders() -> None:
    shop = Platform(order(item("1", package_id="900")), region="MX")
    shop.packages = {"900": {"orders": [{"id": "7"}, {"id": "8"}]}}

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert "package 900 holds goods of order 8 too" in outcome.reason
    assert shop.writes == []


IN_TWO = (item("1", package_id="900"), item("2", package_id="901"))


def of_seven(*ids: str) -> dict[str, Any]:
    return {each: {"orders": [{"id": "7"}]} for each in ids}


def test_what_left_before_a_part_was_refused_stands_there_and_the_rest_follows() -> None:
    waiting, left = IN_TWO
    shop = Platform(order(*IN_TWO), order(waiting | LEFT, left), region="MX")
    shop.packages = of_seven("900", "901")
    shop.answers = [{}, refusal(21004006, "invoice needed"), refusal(21004006, "invoice needed"), {}]
    want = wanted("1", "2")

    [first] = shop.push(want)
    [again] = shop.push(want, known="900")
    [then] = shop.push(want, known="900")

    for refused in (first, again):
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.channel_id) == ("21004006", "900")
    assert isinstance(then, Confirmed)
    assert then.channel_id == "900+901"
    assert [path.split("/")[4] for path, _ in shop.writes] == ["900", "901", "901", "901"]


def test_what_left_for_others_does_not_stand_for_what_is_refused() -> None:
    shop = Platform(order(item("1", **LEFT)))

    [refused] = shop.push(wanted("1", tracking_number="1Z-NEW", taken=(ChannelId("900"),)))

    assert isinstance(refused, Rejected)
    assert refused.channel_id == ""


def test_a_package_that_cannot_be_understood_does_not_stop_the_others() -> None:
    shop = Platform(order(*IN_TWO), region="MX")
    shop.packages = {"900": {"orders": "none"}} | of_seven("901")

    first, second = shop.push(wanted("1"), wanted("2", tracking_number="1Z2" + "0" * 8))

    assert isinstance(first, Unclear)
    assert isinstance(second, Confirmed)


def test_a_call_that_is_our_mistake_ends_the_run() -> None:
    shop = Platform(order(item("1")))
    shop.answers = [refusal(36009010, "no such path")]

    with pytest.raises(ProtocolError):
        shop.push(wanted("1"))


def test_a_market_with_packages_waits_until_there_is_one() -> None:
    shop = Platform(order(item("1")), region="MX")

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "not_ready"
    assert outcome.again_in is not None
    assert shop.writes == []


def test_a_number_stands_for_a_parcel_that_has_no_package() -> None:
    shop = Platform(order(item("1")))
    shop.answers = [{}]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == NUMBER


@pytest.mark.parametrize("code", ["21008044", "21011007", "21021010", "21011003"])
def test_what_passes_by_itself_is_tried_again(code: str) -> None:
    shop = Platform(order(item("1")))
    shop.answers = [refusal(int(code), "not now")]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert outcome.again_in is not None
    assert "not now" in outcome.reason


def test_a_refusal_that_nobody_knows_is_told_in_the_platforms_words() -> None:
    shop = Platform(order(item("1")))
    shop.answers = [refusal(21099999, "The moon is full")]

    [outcome] = shop.push(wanted("1"))

    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.code, outcome.request_id) == ("The moon is full", "21099999", "r2")


def test_more_orders_than_a_call_takes_are_read_in_several() -> None:
    shop = Platform(order(item("1")))
    several = [
        WantedFulfillment(ChannelId(str(number)), wanted("1").units, "UPS", NUMBER)
        for number in range(1, 121)
    ]

    shop.push(*several)

    asked = [sent.query["ids"].split(",") for sent in shop.http.sent if "," in sent.query.get("ids", "")]
    assert [len(ids) for ids in asked] == [50, 50, 20]
