"""Everything that can be seen, read-only, for the API, the command line and pages: one function per list or record."""

from __future__ import annotations

from crossdock.operations.view_aftersales import (
    CancellationView,
    ReturnedLineView,
    ReturnView,
    SettlementView,
    StatementView,
    cancellation,
    cancellations,
    returns,
    statements,
)
from crossdock.operations.view_cases import CaseView, exception, exceptions
from crossdock.operations.view_hub import (
    EventView,
    FlowCounts,
    FlowView,
    IntegrationView,
    LocationView,
    RunView,
    events,
    flows,
    integrations,
    locations,
    newest_beat_age,
    run,
    runs,
)
from crossdock.operations.view_levels import LevelView, levels_of
from crossdock.operations.view_measures import Measures, measures
from crossdock.operations.view_offers import ChannelNumber, PreviewRow, preview
from crossdock.operations.view_orders import LineView, OrderDetail, OrderView, TotalsView, order, orders
from crossdock.operations.view_page import MarkError, Slice
from crossdock.operations.view_products import (
    ListingView,
    ProductDetail,
    ProductView,
    VariantView,
    product,
    products,
)
from crossdock.operations.view_standing import ChannelStanding, Standing
from crossdock.operations.view_stock import (
    CommitmentView,
    MovementView,
    ReportView,
    StockExplanation,
    StockView,
    explain_sku,
    inventory,
    ledger,
)
from crossdock.operations.view_summary import ChannelCounts, RefusalView, Summary, summary

__all__ = [
    "CancellationView",
    "CaseView",
    "ChannelCounts",
    "ChannelNumber",
    "ChannelStanding",
    "CommitmentView",
    "EventView",
    "FlowCounts",
    "FlowView",
    "IntegrationView",
    "LevelView",
    "LineView",
    "ListingView",
    "LocationView",
    "MarkError",
    "Measures",
    "MovementView",
    "OrderDetail",
    "OrderView",
    "PreviewRow",
    "ProductDetail",
    "ProductView",
    "RefusalView",
    "ReportView",
    "ReturnView",
    "ReturnedLineView",
    "RunView",
    "SettlementView",
    "Slice",
    "Standing",
    "StatementView",
    "StockExplanation",
    "StockView",
    "Summary",
    "TotalsView",
    "VariantView",
    "cancellation",
    "cancellations",
    "events",
    "exception",
    "exceptions",
    "explain_sku",
    "flows",
    "integrations",
    "inventory",
    "ledger",
    "levels_of",
    "locations",
    "measures",
    "newest_beat_age",
    "order",
    "orders",
    "preview",
    "product",
    "products",
    "returns",
    "run",
    "runs",
    "statements",
    "summary",
]
