"""Products, variants, options and images of the simulated store."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx2 as httpx
import pytest
from PIL import Image

from crossdock_simulators.bigcommerce import pictures
from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.kit import Fault

PRODUCTS = "/v3/catalog/products"
PLAIN = {"type": "physical", "weight": 1, "price": "2.50"}


def names(answer: httpx.Response) -> list[str]:
    return [product["name"] for product in answer.json()["data"]]


def test_a_product_with_variants_makes_its_options(tee: Any, api: httpx.Client) -> None:
    assert tee["base_variant_id"] is None
    chosen = [(one["option_display_name"], one["label"]) for one in tee["variants"][1]["option_values"]]
    assert chosen == [("Color", "Red"), ("Size", "M")]
    options = api.get(f"{PRODUCTS}/{tee['id']}/options").json()["data"]
    assert [len(option["option_values"]) for option in options] == [1, 2]


def test_a_simple_product_has_one_base_variant_with_its_sku(mug: Any) -> None:
    assert mug["base_variant_id"] == mug["variants"][0]["id"]
    assert (mug["variants"][0]["sku"], mug["variants"][0]["sku_id"]) == ("MUG", None)
    assert mug["inventory_level"] == 10


@pytest.mark.parametrize(
    ("body", "field"),
    [({"name": "Mug"}, "name"), ({"sku": "mug"}, "sku"), ({"sku": "tee-red-s"}, "sku")],
)
def test_names_and_skus_are_unique_whatever_their_case(
    api: httpx.Client, tee: Any, mug: Any, body: dict[str, str], field: str
) -> None:
    answer = api.post(PRODUCTS, json=PLAIN | {"name": "Another"} | body)
    assert (answer.status_code, list(answer.json()["errors"])) == (409, [field])


def test_a_missing_field_is_named(api: httpx.Client) -> None:
    answer = api.post(PRODUCTS, json={"name": "No weight", "type": "physical", "price": 1})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["weight"])


def test_filters_pick_and_sort(simulator: Simulator, api: httpx.Client, tee: Any, mug: Any) -> None:
    moment = simulator.clock.advance(timedelta(hours=1)).replace(microsecond=0)
    api.put(f"{PRODUCTS}/{tee['id']}", json={"price": 21})
    newer = {"date_modified:min": moment.isoformat()}
    assert names(api.get(PRODUCTS, params=newer)) == ["Trail Tee"]
    assert names(api.get(PRODUCTS, params={"date_modified:max": moment.isoformat()})) == ["Trail Tee", "Mug"]
    assert names(api.get(PRODUCTS, params={"sort": "date_modified"})) == ["Mug", "Trail Tee"]
    assert names(api.get(PRODUCTS, params={"sort": "price", "direction": "desc"})) == ["Trail Tee", "Mug"]
    assert names(api.get(PRODUCTS, params={"sku": "mug"})) == ["Mug"]
    assert names(api.get(PRODUCTS, params={"sku": "TEE-RED-S"})) == []
    assert names(api.get(PRODUCTS, params={"id:greater": tee["id"]})) == ["Mug"]
    assert names(api.get(PRODUCTS, params={"id:in": f"{mug['id']},{tee['id']}"})) == ["Trail Tee", "Mug"]
    assert names(api.get(PRODUCTS, params={"price:max": "8"})) == ["Mug"]
    assert api.get(PRODUCTS, params={"colour": "red"}).status_code == 422


def test_pages_are_capped_and_linked(api: httpx.Client) -> None:
    for number in range(12):
        api.post(PRODUCTS, json=PLAIN | {"name": f"P{number}"})
    answer = api.get(PRODUCTS, params={"include": "options", "limit": 250}).json()
    assert answer["meta"]["pagination"] | {"links": 0} == {
        "total": 12,
        "count": 10,
        "per_page": 10,
        "current_page": 1,
        "total_pages": 2,
        "links": 0,
    }
    assert "page=2" in answer["meta"]["pagination"]["links"]["next"]
    assert names(api.get(PRODUCTS, params={"page": 9})) == []


def test_fields_can_be_chosen_and_the_id_stays(api: httpx.Client, mug: Any) -> None:
    rows = api.get(PRODUCTS, params={"include_fields": "name", "include": "variants"}).json()["data"]
    assert rows[0].keys() == {"id", "name", "variants"}
    assert "name" not in api.get(PRODUCTS, params={"exclude_fields": "name,id"}).json()["data"][0]


def test_a_batch_is_saved_whole_or_not_at_all(api: httpx.Client, tee: Any, mug: Any) -> None:
    rows = [{"id": mug["id"], "price": 9}, {"id": tee["id"], "name": "Mug"}]
    assert api.put(PRODUCTS, json=rows).status_code == 409
    assert api.get(f"{PRODUCTS}/{mug['id']}").json()["data"]["price"] == 8
    assert api.put(PRODUCTS, json=[{"id": mug["id"]}] * 11).status_code == 413


def test_variants_are_found_and_changed_in_batches(api: httpx.Client, tee: Any, mug: Any) -> None:
    assert len(api.get("/v3/catalog/variants", params={"sku": "tee-red-s"}).json()["data"]) == 1
    assert api.get("/v3/catalog/variants", params={"sku": "MUG"}).json()["data"] == []
    small, medium = (one["id"] for one in tee["variants"])
    bad = [{"id": small, "price": 1}, {"id": medium, "upc": "x" * 15}]
    refused = api.put("/v3/catalog/variants", json=bad)
    assert (refused.status_code, len(refused.json()["batch_errors"])) == (422, 1)
    good = api.put("/v3/catalog/variants", json=[{"id": small, "price": 18}]).json()["data"]
    assert (good[0]["price"], good[0]["calculated_price"]) == (18, 18)
    untouched = api.get(f"{PRODUCTS}/{tee['id']}/variants/{medium}").json()["data"]
    assert (untouched["price"], untouched["calculated_price"]) == (None, 19.5)
    assert api.put("/v3/catalog/variants", json=[{"id": small}] * 51).status_code == 413


def test_a_new_option_value_makes_no_variant_until_one_is_posted(api: httpx.Client, tee: Any) -> None:
    color, size = api.get(f"{PRODUCTS}/{tee['id']}/options").json()["data"]
    value = api.post(
        f"{PRODUCTS}/{tee['id']}/options/{size['id']}/values", json={"label": "L", "sort_order": 2}
    ).json()["data"]
    assert len(api.get(f"{PRODUCTS}/{tee['id']}/variants").json()["data"]) == 2
    chosen = [{"option_id": color["id"], "id": color["option_values"][0]["id"]}]
    whole = [*chosen, {"option_id": size["id"], "id": value["id"]}]
    path = f"{PRODUCTS}/{tee['id']}/variants"
    assert api.post(path, json={"sku": "TEE-RED-L", "option_values": chosen}).status_code == 422
    assert api.post(path, json={"sku": "TEE-RED-L", "option_values": whole}).status_code == 200
    assert api.post(path, json={"sku": "TEE-RED-L2", "option_values": whole}).status_code == 409


def test_a_deleted_product_frees_its_names(api: httpx.Client, tee: Any) -> None:
    assert api.delete(f"{PRODUCTS}/{tee['id']}").status_code == 204
    assert api.get(f"{PRODUCTS}/{tee['id']}").status_code == 404
    assert api.post(PRODUCTS, json=PLAIN | {"name": "Trail Tee", "sku": "TEE-RED-S"}).status_code == 200


def test_images_are_fetched_in_the_call_and_served(address: str, api: httpx.Client, mug: Any) -> None:
    path = f"{PRODUCTS}/{mug['id']}/images"
    assert api.get(path).status_code == 204
    source = f"{address}/images/{pictures.drawn_name(7, width=640, height=700)}"
    image = api.post(path, json={"image_url": source}).json()["data"]
    assert image["is_thumbnail"] is True
    content = httpx.get(image["url_zoom"]).content
    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 700))
    assert api.post(path, json={"image_url": f"{address}/images/none.jpg"}).status_code == 400
    assert api.post(path, json={"description": "no address"}).status_code == 422
    uploaded = api.post(path, files={"image_file": ("a.jpg", content)})
    assert uploaded.status_code == 200
    assert api.post(path, files={"image_file": ("a.jpg", b"no image")}).status_code == 422
    assert len(api.get(path).json()["data"]) == 2


def test_a_partial_success_saves_the_record(simulator: Simulator, api: httpx.Client, mug: Any) -> None:
    simulator.store.switches.partial_success = True
    answer = api.put(f"{PRODUCTS}/{mug['id']}", json={"price": 9})
    assert (answer.status_code, answer.json()["data"]["price"]) == (207, 9)


def test_a_record_deleted_meanwhile_lets_one_slip_past_page_readers_only(
    simulator: Simulator, api: httpx.Client
) -> None:
    ids = [api.post(PRODUCTS, json=PLAIN | {"name": f"P{n}"}).json()["data"]["id"] for n in range(4)]
    simulator.faults.add(Fault("shift_page", path="products", times=2))
    second = api.get(PRODUCTS, params={"limit": 2, "page": 2}).json()["data"]
    assert [product["id"] for product in second] == ids[3:]
    keyset = api.get(PRODUCTS, params={"limit": 2, "id:greater": ids[1]}).json()["data"]
    assert [product["id"] for product in keyset] == ids[2:]


def test_products_are_assigned_to_channels(api: httpx.Client, mug: Any) -> None:
    channel = {"name": "TikTok Shop", "type": "marketplace", "platform": "tiktok", "status": "connected"}
    made = api.post("/v3/channels", json=channel).json()["data"]
    rows = [{"product_id": mug["id"], "channel_id": made["id"]}]
    assert api.put(f"{PRODUCTS}/channel-assignments", json=rows).status_code == 204
    query = {"channel_id:in": made["id"]}
    assert api.get(f"{PRODUCTS}/channel-assignments", params=query).json()["data"] == rows
    assert names(api.get(PRODUCTS, params=query)) == ["Mug"]
    assert api.delete(f"{PRODUCTS}/channel-assignments").status_code == 422
