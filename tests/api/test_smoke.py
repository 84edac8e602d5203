from api import seed
from api.bench import Bench


def test_everything(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())
    import json

    for path in [
        "/integrations",
        "/flows",
        "/products",
        "/products/TEA-1",
        "/orders",
        "/orders/N3",
        "/inventory",
        "/inventory/TEA-1",
        "/locations",
        "/exceptions",
        "/summary",
        "/runs",
        "/integrations/my-shop/settings",
        "/settings/bigcommerce",
        "/connectors",
        "/sources-of-truth",
    ]:
        print(path, json.dumps(merchant.get(path), indent=1))
    print(merchant.get("/ledger", sku="TEA-1"))
    print(merchant.stranger.get("/metrics").text, merchant.stranger.get("/healthz").text)
    assert 0
