from __future__ import annotations

import pytest

from crossdock_simulators.tiktok_shop.categories import TREES
from simulators.tiktok_shop.tiktok_client import TOTE, Client

CATEGORIES = "/product/202309/categories"
V2 = {"category_version": "v2"}


def test_the_tree_is_a_flat_list_with_roots_and_leaves(shop: Client) -> None:
    found = shop.call("GET", CATEGORIES, query=V2)["categories"]
    by_id = {category["id"]: category for category in found}

    assert by_id[by_id[TOTE]["parent_id"]]["parent_id"] == "0"
    assert all(by_id[c["parent_id"]]["is_leaf"] is False for c in found if c["is_leaf"])
    keyword = shop.call("GET", CATEGORIES, query=V2 | {"keyword": "mug"})["categories"]
    assert [category["local_name"] for category in keyword] == ["Mugs & Cups"]


def test_the_two_versions_share_no_id() -> None:
    assert not TREES["v1"].keys() & TREES["v2"].keys()


def test_required_attributes_keep_the_platforms_spelling(shop: Client) -> None:
    soap = shop.call("GET", f"{CATEGORIES}/601583/attributes", query=V2)["attributes"]

    assert [attribute["name"] for attribute in soap if attribute["is_requried"]] == ["Ingredients"]
    assert shop.call("GET", f"{CATEGORIES}/{TOTE}/rules", query=V2)["package_dimension"] == {
        "is_required": True
    }


@pytest.mark.parametrize(
    ("category_id", "version", "code"),
    [
        ("904328", "v1", 12052217),
        ("700101", "v2", 12052230),
        ("824584", "v2", 12052024),
        ("7", "v2", 12052023),
    ],
)
def test_a_category_of_another_version_or_level_is_refused(
    shop: Client, category_id: str, version: str, code: int
) -> None:
    path = f"{CATEGORIES}/{category_id}/attributes"

    assert shop.code("GET", path, query={"category_version": version}) == code


@pytest.mark.parametrize(
    ("title", "leaf"),
    [
        ("Canvas tote bag, large", "904328"),
        ("Stoneware Mug - Blue", "600154"),
        ("Organic T-Shirt", "601226"),
        ("Wooden curiosity", "600350"),
    ],
)
def test_a_title_leads_to_a_leaf(shop: Client, title: str, leaf: str) -> None:
    found = shop.call("POST", f"{CATEGORIES}/recommend", {"product_title": title} | V2)

    assert found["leaf_category_id"] == leaf
    assert [step["level"] for step in found["categories"]] == [1, 2]


def test_a_title_that_says_nothing_gets_no_category(shop: Client) -> None:
    assert shop.code("POST", f"{CATEGORIES}/recommend", {"product_title": "X 12"} | V2) == 12019064


def test_brands_are_searched_and_added(shop: Client) -> None:
    page = {"page_size": "20"}
    made = shop.call("POST", "/product/202309/brands", {"name": "Ben & Jerry's 50%"}, cipher=False)
    found = shop.call("GET", "/product/202309/brands", query=page | {"brand_name": "Ben & Jerry's 50%"})

    assert [brand["id"] for brand in found["brands"]] == [made["id"]]
    assert shop.code("GET", "/product/202309/brands", query={"page_size": "0"}) == 12019109


def test_an_image_is_measured_and_gets_a_uri_for_products(shop: Client) -> None:
    data = shop.upload(width=600, height=500)["data"]
    wide = shop.upload(width=1200, height=400)["data"]

    assert (data["width"], data["height"], data["use_case"]) == (600, 500, "MAIN_IMAGE")
    assert (wide["width"], wide["height"]) == (1200, 1200)
    assert shop.create(main_images=[{"uri": data["uri"]}])["product_id"]


def test_images_that_are_none_or_too_small_or_large_are_refused(shop: Client) -> None:
    assert shop.upload(width=299, height=400)["code"] == 12038014
    assert shop.upload(width=4001, height=400)["code"] == 12038014
    assert shop.upload(width=100, height=100, use_case="DESCRIPTION_IMAGE")["code"] == 0
    assert shop.upload(width=600, height=600, use_case="SIZE_CHART_IMAGE")["code"] == 12038014
    assert shop.upload(kind="GIF")["code"] == 12038015
    assert shop.upload_bytes(b"not an image")["code"] == 12038004
    assert shop.upload_bytes(b"\x89PNG\r\n\x1a\n cut short")["code"] == 12038004
    assert shop.upload_bytes(b"x" * (10 * 1024 * 1024 + 1))["code"] == 12038005
    assert shop.upload(use_case="POSTER")["code"] == 36009004
    assert shop.code("POST", "/product/202309/images/upload", {"data": "x"}, cipher=False) == 36009023


def test_a_description_may_show_uploaded_images_only(shop: Client) -> None:
    url = shop.upload(use_case="DESCRIPTION_IMAGE")["data"]["url"]

    assert shop.create(description=f'<p>See <img src="{url}" width="600" height="600"></p>')["product_id"]


def test_files_are_taken_by_their_kind(shop: Client) -> None:
    assert shop.upload_bytes(b"%PDF-1.7", name="manual.pdf")["data"]["format"] == "PDF"
    assert shop.upload_bytes(b"%PDF-1.7", name="the manual.pdf")["code"] == 36009004
    assert shop.upload_bytes(b"MZ", name="setup.exe")["code"] == 36009004
