"""Products of the hub's own through the API."""

from __future__ import annotations

from typing import Any

from api.bench import SHOP, Bench

TIN: dict[str, Any] = {
    "product": "tin",
    "title": "Tin",
    "variants": [{"sku": "TIN-1", "price": "5.00", "currency": "USD"}],
}


def post(bench: Bench, form: dict[str, Any], **query: Any) -> Any:
    return bench.client.post("/api/v1/products", json=form, params=query)


def send(bench: Bench, text: str | bytes, **query: Any) -> Any:
    headers = {"Content-Type": "text/csv"}
    return bench.client.post("/api/v1/products/import", content=text, params=query, headers=headers)


def test_a_product_is_created_changed_and_seen(merchant: Bench) -> None:
    created = post(merchant, TIN)
    changed = post(merchant, {"product": "tin", "variants": [{"sku": "TIN-1", "price": 6}]})

    assert (created.status_code, created.json()["became"]) == (200, "created")
    assert changed.json()["became"] == "changed"
    shown = merchant.get("/products/TIN-1")
    assert (shown["source"], shown["title"]) == ("hub", "Tin")
    assert float(shown["variants"][0]["price"]) == 6
    assert f"{SHOP}/push-products" in merchant.woken


def test_null_takes_a_value_away(merchant: Bench) -> None:
    post(merchant, TIN | {"brand": "Acme"})
    post(merchant, {"product": "tin", "brand": None})

    assert merchant.get("/products/TIN-1")["brand"] == ""


def test_a_dry_run_writes_nothing(merchant: Bench) -> None:
    said = post(merchant, TIN, dry_run=True)

    assert said.json() == {"product": "tin", "became": "created", "is_dry_run": True, "notes": []}
    assert merchant.reader.get("/api/v1/products/TIN-1").status_code == 404


def test_a_faulty_product_is_refused_by_the_names_of_its_fields(merchant: Bench) -> None:
    form = {"product": "tin", "variants": [{"sku": "TIN-1", "price": "five", "weight": "heavy"}]}

    refused = post(merchant, form)

    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == {"price", "weight", "title"}


def test_only_the_hubs_own_products_can_be_removed(merchant: Bench) -> None:
    post(merchant, TIN)

    assert merchant.client.delete("/api/v1/products/TIN-1").status_code == 204
    assert merchant.client.delete("/api/v1/products/TIN-1").status_code == 404
    refused = merchant.client.delete("/api/v1/products/TEA-1")
    assert refused.status_code == 409
    assert "is changed there" in refused.json()["detail"]
    assert merchant.reader.delete("/api/v1/products/TEA-1").status_code == 403


def test_a_file_is_taken_and_its_bad_rows_are_reported(merchant: Bench) -> None:
    text = "product,title,sku,price,currency\ntin,Tin,TIN-1,5,USD\ncup,Cup,CUP-1,x,USD\n"

    preview = send(merchant, text, dry_run=True)
    report = send(merchant, text)

    assert preview.json()["created"] == 1
    assert report.status_code == 200
    assert report.json()["faults"] == [
        {"line": 3, "column": "price", "value": "x", "problem": "'x' is no amount; one looks like 19.90"}
    ]
    assert merchant.get("/products/TIN-1")["title"] == "Tin"


def test_a_file_that_is_none_is_refused(merchant: Bench) -> None:
    assert "'colour'" in send(merchant, "product,sku,colour\n").json()["detail"]
    assert "UTF-8" in send(merchant, b"product,sku\n\xff\xfe,1\n").json()["detail"]
    assert send(merchant, b"x" * (33 << 20)).status_code == 413
