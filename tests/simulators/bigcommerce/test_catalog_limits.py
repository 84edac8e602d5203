"""What the simulated store takes no more of, and what it saves in part."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator

PRODUCTS = "/v3/catalog/products"
CUP = {"name": "Cup", "type": "physical", "weight": 1, "price": "2.50"}


def rows(*choices: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "sku": f"CUP-{number}",
            "option_values": [{"option_display_name": name, "label": label} for name, label in one.items()],
        }
        for number, one in enumerate(choices)
    ]


@pytest.mark.parametrize(
    ("variants", "status"),
    [
        (rows({"Color": "Red"}, {"Color": "red"}), 409),
        (rows({"Color": "Red"}, {"Size": "S"}), 422),
        (rows(*({"Color": str(number)} for number in range(251))), 422),
        (rows(*({"Color": str(n // 25), "Size": str(n % 25)} for n in range(601))), 422),
    ],
)
def test_a_product_that_cannot_be_made_whole_is_not_made_at_all(
    api: httpx.Client, simulator: Simulator, variants: list[dict[str, Any]], status: int
) -> None:
    answer = api.post(PRODUCTS, json=CUP | {"variants": variants})

    assert answer.status_code == status
    assert simulator.store.products == {}


def test_a_plan_that_is_full_takes_no_more_skus(api: httpx.Client, simulator: Simulator, tee: Any) -> None:
    simulator.store.switches.sku_limit = len(simulator.store.variants)
    size = api.get(f"{PRODUCTS}/{tee['id']}/options").json()["data"][1]
    value = api.post(
        f"{PRODUCTS}/{tee['id']}/options/{size['id']}/values", json={"label": "L", "sort_order": 2}
    ).json()["data"]
    color = tee["variants"][0]["option_values"][0]
    chosen = [
        {"option_id": color["option_id"], "id": color["id"]},
        {"option_id": size["id"], "id": value["id"]},
    ]

    answers = [
        api.post(PRODUCTS, json=CUP),
        api.post(f"{PRODUCTS}/{tee['id']}/variants", json={"sku": "TEE-L", "option_values": chosen}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "plan" in answers[0].json()["title"]


def test_a_value_of_an_option_needs_its_place(api: httpx.Client, tee: Any) -> None:
    size = api.get(f"{PRODUCTS}/{tee['id']}/options").json()["data"][1]

    answer = api.post(f"{PRODUCTS}/{tee['id']}/options/{size['id']}/values", json={"label": "L"})

    assert (answer.status_code, "sort_order" in answer.json()["errors"]) == (422, True)


def test_a_batch_can_be_saved_in_part_as_well(api: httpx.Client, simulator: Simulator, mug: Any) -> None:
    simulator.store.switches.partial_success = True

    answer = api.put(PRODUCTS, json=[{"id": mug["id"], "price": 9}])

    assert (answer.status_code, answer.json()["data"][0]["price"]) == (207, 9)
    assert answer.json()["errors"]["title"]


def test_the_options_of_a_variant_stay_as_they_are_without_a_word(api: httpx.Client, tee: Any) -> None:
    place = f"{PRODUCTS}/{tee['id']}/variants/{tee['variants'][0]['id']}"

    answer = api.put(place, json={"option_values": tee["variants"][1]["option_values"]})

    assert answer.status_code == 200
    assert answer.json()["data"]["option_values"] == tee["variants"][0]["option_values"]
