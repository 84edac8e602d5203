"""Channel Options through the API."""

from __future__ import annotations

from typing import Any

from api.bench import SHOP, STORE, Bench

MUG = "MUG-RED"


def rows(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By channel; of one variant."""
    return {row["integration"]: row for row in found["rows"]}


def put(bench: Bench, **form: Any) -> Any:
    return bench.client.put("/api/v1/channel-options", json=form)


def parent(bench: Bench) -> str:
    return str(bench.get(f"/products/{MUG}")["id"])


def test_s43_a_bigcommerce_sku_can_be_typed_into_the_channel_sku_column_and_saved(merchant: Bench) -> None:
    before = rows(merchant.get(f"/channel-options/{MUG}"))[STORE]

    saved = put(merchant, sku=MUG, integration=STORE, channel_sku=" MUG old")

    assert before["channel_sku"] == ""
    assert saved.status_code == 200
    assert rows(saved.json())[STORE]["channel_sku"] == " MUG old", "kept as typed"
    assert rows(merchant.get(f"/channel-options/{MUG}"))[STORE]["channel_sku"] == " MUG old"
    child = next(each for each in merchant.get(f"/products/{MUG}")["variants"] if each["sku"] == MUG)
    timeline = merchant.get("/events", subject_kind="variant", subject_id=child["id"])
    (said,) = [each for each in timeline if "Channel SKU" in each["what"]]
    assert said["actor"] == "doer"


def test_s45_the_tiktok_shop_row_has_no_channel_sku(merchant: Bench) -> None:
    shown = rows(merchant.get(f"/channel-options/{MUG}"))
    refused = put(merchant, sku=MUG, integration=SHOP, channel_sku="X")

    assert "channel_sku" not in shown[SHOP]
    assert "channel_sku" in shown[STORE]
    assert refused.status_code == 422
    assert "master SKU only" in refused.json()["detail"]
    assert refused.json()["errors"][0]["field"] == "channel_sku"


def test_s47_the_column_is_hidden_on_a_parent_without_channel_skus(merchant: Bench) -> None:
    hidden = merchant.get(f"/channel-options/{parent(merchant)}")
    put(merchant, sku=MUG, integration=STORE, channel_sku="OTHER")
    shown = merchant.get(f"/channel-options/{parent(merchant)}")

    assert hidden["shows_channel_sku"] is False
    assert not any("channel_sku" in row for row in hidden["rows"])
    assert MUG in hidden["hint"]
    assert shown["shows_channel_sku"] is True
    assert {row["sku"]: row["channel_sku"] for row in shown["rows"] if row["integration"] == STORE} == {
        MUG: "OTHER",
        "MUG-BLUE": "",
    }


def test_s48_on_a_child_the_column_is_shown_and_editable(merchant: Bench) -> None:
    child = merchant.get(f"/channel-options/{MUG}")

    assert child["shows_channel_sku"] is True
    assert "channel_sku" in rows(child)[STORE]
    assert put(merchant, sku=MUG, integration=STORE, channel_sku="A").status_code == 200
    assert put(merchant, sku=MUG, integration=STORE, channel_sku="").status_code == 200
    assert rows(merchant.get(f"/channel-options/{MUG}"))[STORE]["channel_sku"] == ""


def test_channel_sync_is_switched_per_variant_and_channel(merchant: Bench) -> None:
    put(merchant, sku=MUG, integration=SHOP, is_synced=False)

    assert rows(merchant.get(f"/channel-options/{MUG}"))[SHOP]["is_synced"] is False
    assert rows(merchant.get(f"/channel-options/{MUG}"))[STORE]["is_synced"] is True
    assert rows(merchant.get("/channel-options/MUG-BLUE"))[SHOP]["is_synced"] is True


def test_what_does_not_exist_is_named(merchant: Bench) -> None:
    assert put(merchant, sku="NONE", integration=STORE, channel_sku="A").json()["errors"][0]["field"] == "sku"
    assert (
        put(merchant, sku=MUG, integration="no", channel_sku="A").json()["errors"][0]["field"]
        == "integration"
    )
    assert merchant.reader.get("/api/v1/channel-options/NONE").status_code == 404
    assert merchant.reader.put("/api/v1/channel-options", json={}).status_code == 403
