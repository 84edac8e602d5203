"""Automations through the API: kept in their order, each mistake with its field, and what they told."""

from __future__ import annotations

from typing import Any

from api import seed
from api.bench import SHOP, Bench
from api.seed import RULE

OTHER: dict[str, Any] = {"name": "Hold", "trigger": "order_new", "actions": [{"hold": {"minutes": 60}}]}


def names(bench: Bench) -> list[str]:
    listed = bench.get("/automations")
    assert [each["place"] for each in listed] == list(range(1, len(listed) + 1))
    return [each["rule"]["name"] for each in listed]


def test_a_rule_is_added_shown_replaced_moved_and_removed(merchant: Bench) -> None:
    made = merchant.send("POST", "/automations", RULE)
    first = merchant.send("POST", "/automations", OTHER, place=1)
    assert (made["place"], made["does"]) == (1, ["tagged mug", "notification to desk@example.com"])
    assert made["rule"]["filters"]["skus"] == ["MUG-RED"]
    assert names(merchant) == ["Hold", "Tell of mugs"]
    assert merchant.get(f"/automations/{made['id']}") == made | {"place": 2}

    changed = merchant.send("PUT", f"/automations/{made['id']}", made["rule"] | {"on": False, "once": False})
    assert changed["rule"] == made["rule"] | {"on": False, "once": False}
    moved = merchant.send("POST", f"/automations/{made['id']}/move", {"place": 1})
    assert [each["id"] for each in moved] == [made["id"], first["id"]]

    assert merchant.client.delete(f"/api/v1/automations/{made['id']}").status_code == 204
    assert names(merchant) == ["Hold"]
    events = merchant.get("/events", subject_kind="integration", subject_id="hub")
    assert (events[0]["what"], events[0]["actor"]) == ("Automation “Tell of mugs” removed", "doer")


def test_what_a_rule_did_and_told_is_shown_and_sent_once_more(merchant: Bench) -> None:
    rule = merchant.send("POST", "/automations", RULE)
    order = seed.sell(merchant, seed.order("9", seed.line("l1", "MUG-RED", 1)))[0]

    (done,) = merchant.get("/automations/log", automation=rule["id"])["items"]
    assert (done["automation"], done["record_kind"], done["record_id"]) == ("Tell of mugs", "order", order)
    assert done["what"] == "tagged mug; notification to desk@example.com"
    (told,) = merchant.get("/notifications", state="waiting")["items"]
    assert (told["title"], told["target"], told["body"]["order"]["channel"]) == (
        "N9",
        "desk@example.com",
        SHOP,
    )
    assert merchant.get("/notifications", state="failed")["items"] == []
    assert merchant.get(f"/notifications/{told['id']}") == told

    again = merchant.send("POST", f"/notifications/{told['id']}/retry")
    assert (again["state"], again["attempts"]) == ("waiting", 0)
    assert merchant.woken == ["hub/push-notifications"]
    assert merchant.get("/automations/log", automation=rule["id"] + 1)["items"] == []


def test_log_and_notifications_are_paged(merchant: Bench) -> None:
    merchant.send("POST", "/automations", RULE)
    seed.sell(merchant, *(seed.order(f"9{n}", seed.line("l1", "MUG-RED", 1)) for n in range(3)))

    for path in ("/automations/log", "/notifications"):
        first = merchant.get(path, limit=2)
        rest = merchant.get(path, limit=2, after=first["next"])
        found = [each["id"] for each in first["items"] + rest["items"]]
        assert (len(found), len(set(found)), rest["next"]) == (3, 3, "")
        assert merchant.reader.get(f"/api/v1{path}", params={"after": "nonsense"}).status_code == 422


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"trigger": "never"}, "trigger"),
    ({"actions": []}, "actions"),
    ({"actions": [{"hold": {"minutes": 0}}]}, "actions.0.hold.minutes"),
    ({"actions": [{"notify": {"url": "http://example.com"}}]}, "actions.0.notify.url"),
    ({"actions": [{"hold": {}, "cancel": {}}]}, "actions.0"),
    ({"actions": [{"cancel": {"reason": "bored"}}]}, "actions.0.cancel.reason"),
    ({"filters": {"channels": ["nope"]}}, "filters.channels"),
    ({"filters": {"title": "Tea"}}, "filters.title"),
    ({"filters": {"country": ["US"]}}, "filters.country"),
    ({"when": 1}, "when"),
]


def test_what_cannot_be_is_a_problem_with_its_field(merchant: Bench) -> None:
    for change, field in MISTAKES:
        answer = merchant.client.post("/api/v1/automations", json=RULE | change)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)

    assert names(merchant) == []


def test_the_secret_is_shown_to_whoever_may_write(bench: Bench) -> None:
    shown = [bench.send("POST", "/automations/secret")["secret"] for _ in range(2)]
    rotated = bench.send("POST", "/automations/secret/rotate")["secret"]

    assert (shown[0] == shown[1], rotated != shown[0], len(rotated)) == (True, True, 43)
    assert bench.send("POST", "/automations/secret")["secret"] == rotated


def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    for method, path in (
        ("GET", "/automations/7"),
        ("PUT", "/automations/7"),
        ("DELETE", "/automations/7"),
        ("POST", "/automations/7/move"),
        ("GET", "/notifications/x"),
        ("POST", "/notifications/x/retry"),
    ):
        body = RULE if method == "PUT" else {"place": 1}
        assert bench.client.request(method, f"/api/v1{path}", json=body).status_code == 404, path


def test_a_key_that_only_reads_changes_nothing_and_sees_no_secret(bench: Bench) -> None:
    for method, path in (
        ("POST", "/automations"),
        ("PUT", "/automations/7"),
        ("DELETE", "/automations/7"),
        ("POST", "/automations/7/move"),
        ("POST", "/automations/secret"),
        ("POST", "/automations/secret/rotate"),
        ("POST", "/notifications/x/retry"),
    ):
        assert bench.reader.request(method, f"/api/v1{path}", json=RULE).status_code == 403, path


def test_a_file_brings_the_whole_list(merchant: Bench) -> None:
    merchant.send("POST", "/automations", OTHER | {"name": "Gone"})
    wanted = {"automations": [RULE, OTHER]}

    shown = merchant.send("POST", "/apply", wanted, dry_run=True)["differences"]
    assert names(merchant) == ["Gone"]
    done = merchant.send("POST", "/apply", wanted)["differences"]

    assert names(merchant) == ["Tell of mugs", "Hold"]
    assert shown == done
    assert [(each["where"], each["after"]) for each in done] == [
        ("automation Gone", "removed"),
        ("automation Tell of mugs", "added as number 1"),
        ("automation Hold", "added as number 2"),
    ]
    assert merchant.send("POST", "/apply", wanted)["differences"] == []
