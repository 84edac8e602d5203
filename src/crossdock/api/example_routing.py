"""Example answers about routing."""

from __future__ import annotations

from typing import Any

LOCATION = "loc_2f6d1c9ab04e7785"
WON = "Routing card 'Texas from the annex' decided: Annex ships 2 units through my-warehouse"

CARD: dict[str, Any] = {
    "id": 3,
    "position": 1,
    "name": "Texas from the annex",
    "is_on": True,
    "filters": {
        "channels": [],
        "countries": ["US"],
        "states": ["Texas"],
        "skus": [],
        "tags": [],
        "without_tags": [],
        "methods": [],
        "min_total": None,
        "max_total": None,
        "min_weight": None,
        "max_weight": None,
    },
    "destinations": [
        {
            "location": "Annex",
            "location_id": LOCATION,
            "regions": [{"country": "US", "states": ["Texas"]}],
            "why_not": "",
        }
    ],
    "allows_split": True,
    "ignores_stock": False,
    "sends_future": False,
}

REHEARSAL: dict[str, Any] = {
    "order": "1001",
    "summary": WON,
    "report": {
        "state": "routed",
        "card": CARD["name"],
        "shippers": [
            {"location": "Annex", "location_id": LOCATION, "integration": "my-warehouse", "units": 2}
        ],
        "passed_over": [],
        "lost": [],
        "unlinked": [],
    },
    "cards": [
        {
            "card": CARD["name"],
            "wins": True,
            "why": [],
            "locations": [{"location": "Annex", "why": "ships 2 units"}],
        },
        {
            "card": "Everything else",
            "wins": False,
            "why": ["'Texas from the annex' is tried before it"],
            "locations": [
                {"location": "Main", "why": "Main is not linked to a 3PL or warehouse"},
                {"location": "Annex", "why": "ships 2 units"},
            ],
        },
    ],
    "notes": [],
}

COVERAGE: dict[str, Any] = {
    "days": 30,
    "orders": 412,
    "is_cut": False,
    "cards": [
        {
            "card": CARD["name"],
            "is_on": True,
            "destinations": [{"location": "Annex", "why_not": ""}],
            "shadowed_by": "",
            "is_never_reached": False,
            "orders": 61,
        }
    ],
    "preferred": 340,
    "unrouted": 11,
    "lacked": [{"what": "'Texas from the annex': its country is GB, not US", "orders": 11}],
    "uncovered_countries": [{"what": "GB", "orders": 11}],
    "unnamed_locations": ["Main"],
}

ROUTING_EXAMPLES: dict[str, Any] = {
    "list_routing_cards": [CARD],
    "get_routing_card": CARD,
    "add_routing_card": CARD,
    "change_routing_card": CARD | {"ignores_stock": True},
    "move_routing_card": [CARD],
    "rehearse_routing": REHEARSAL,
    "get_routing_coverage": COVERAGE,
}
