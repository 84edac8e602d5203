"""TikTok Shop's tokens: renewed under one lock, both of them, while work goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from crossdock.app import Hub
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup.integrations import Status
from crossdock_simulators.kit import Fault
from journeys.test_stock import live, tracked_skus
from support.world import SHOP, World

REFRESH = r"/api/v2/token/refresh$"


def tokens(made: World) -> dict[str, str]:
    return dict(made.hub.connector(SHOP).toolbox.vault.tokens())


def test_an_expired_token_is_renewed_once_and_the_run_goes_on(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = tokens(made)
    made.sell(sku, 1)
    made.shop.faults.add(Fault("expire_token"))

    made.sync()
    made.sync()

    after = tokens(made)
    assert made.shop.journal.count("GET", REFRESH) == 1
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert made.store_stock()[sku] == made.shop_stock()[sku]


def test_workers_that_meet_an_expired_token_together_renew_it_once(small_world: World) -> None:
    made = live(small_world)
    made.shop.faults.add(Fault("expire_token"))
    made.run(FlowKey(SHOP, Direction.PULL, Entity.LOCATIONS))
    since = made.shop.journal.last_number
    made.shop.faults.add(Fault("expire_token"))
    others = [Hub.open(made.config) for _ in range(3)]

    with ThreadPoolExecutor(3) as threads:
        accounts = list(threads.map(lambda hub: hub.connector(SHOP).check(), others))

    assert len({account.channel_id for account in accounts}) == 1
    assert made.shop.journal.count("GET", REFRESH, since) == 1
    for hub in others:
        hub.close()


def test_a_refused_renewal_stops_the_integration_and_says_what_to_do(small_world: World) -> None:
    made = live(small_world)
    made.act(f"{made.shop_address}/_sim/deauthorize", {})

    made.sync()

    [shop] = [one for one in made.hub.integrations() if one.name == SHOP]
    assert shop.status is Status.ERROR
    assert "authorize" in shop.status_reason.lower()
    calls = made.shop.journal.last_number
    made.sync()
    assert made.shop.journal.last_number == calls


def test_consent_given_again_keeps_orders_links_and_settings(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    made.sell(sku, 1)
    made.sync()
    made.act(f"{made.shop_address}/_sim/deauthorize", {})
    made.sync()
    writes = made.writes()

    link = made.hub.connect(SHOP).authorize_link
    code, state = made.consent(link)
    done = made.hub.connect(SHOP, code=code, state=state)
    made.sync()

    assert done.status is Status.CONNECTED
    assert made.hub.integration(SHOP).settings["products"] == "push"
    assert made.writes() == writes
