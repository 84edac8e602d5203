"""Example answers about automations and what they have told."""

from __future__ import annotations

from typing import Any

from crossdock.api.example_records import AT, MOMENT, ORDER

AUTOMATION_RULE: dict[str, Any] = {
    "name": "Hold TikTok orders",
    "trigger": "order_new",
    "on": True,
    "once": True,
    "filters": {"channels": ["my-shop"]},
    "actions": [{"hold": {"minutes": 60, "reason": "Buyers may change their mind"}}],
}
AUTOMATION: dict[str, Any] = {
    "id": 3,
    "place": 1,
    "does": ["held for 60 minutes"],
    "rule": AUTOMATION_RULE,
}
NOTIFICATION: dict[str, Any] = {
    "id": "ntf_5e1c0f7d2a9b4836",
    "kind": "webhook",
    "target": "https://example.com/hooks/crossdock",
    "title": "Order 577087614418520388 of my-shop is new: On Hold",
    "subject_kind": "order",
    "subject_id": ORDER["id"],
    "state": "waiting",
    "attempts": 1,
    "message": "it answered with status 503",
    "created_at": AT,
    "again_at": MOMENT,
    "sent_at": None,
    "body": {
        "id": "ntf_5e1c0f7d2a9b4836",
        "trigger": "order_new",
        "rule": "Hold TikTok orders",
        "at": AT,
        "title": "Order 577087614418520388 of my-shop is new: On Hold",
        "record": {"kind": "order", "id": ORDER["id"]},
        "order": {
            "id": ORDER["id"],
            "number": "577087614418520388",
            "channel": "my-shop",
            "status": "On Hold",
        },
    },
}
FIRING: dict[str, Any] = {
    "id": 12,
    "automation": "Hold TikTok orders",
    "at": AT,
    "record_kind": "order",
    "record_id": ORDER["id"],
    "what": "held for 60 minutes",
}

AUTOMATION_EXAMPLES: dict[str, Any] = {
    "list_automations": [AUTOMATION],
    "add_automation": AUTOMATION,
    "list_automation_log": {"items": [FIRING], "next": ""},
    "show_webhook_secret": {"secret": "…"},
    "rotate_webhook_secret": {"secret": "…"},
    "get_automation": AUTOMATION,
    "change_automation": AUTOMATION,
    "move_automation": [AUTOMATION],
    "list_notifications": {"items": [NOTIFICATION], "next": ""},
    "get_notification": NOTIFICATION,
    "retry_notification": NOTIFICATION | {"attempts": 0, "again_at": AT},
}
