"""What the demo found, as tables and as the list of what is not as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from crossdock.cli.demo.door import Shipped
from crossdock.cli.demo.stock import SoldLine
from crossdock.cli.tables import table

LIVE = "products listed live"
IN_REVIEW = "products in TikTok Shop's review"


@dataclass(frozen=True, slots=True)
class NotListed:
    """A product that TikTok Shop does not list, and what would change that."""

    product: str
    state: str
    reason: str
    fix: str


@dataclass(frozen=True)
class Report:
    """Everything the demo shows. `problems` is empty exactly when all went as promised."""

    counts: dict[str, int]
    not_listed: list[NotListed]
    stock_differences: list[str]
    compared_skus: int
    sold: list[SoldLine]
    shipped: list[Shipped]
    repeated_writes: list[str]
    failed_flows: list[str]
    seconds: float

    def problems(self) -> list[str]:
        found = [f"{flow}" for flow in self.failed_flows]
        if not self.counts[LIVE]:
            found.append("TikTok Shop lists nothing live")
        if waiting := self.counts[IN_REVIEW]:
            found.append(f"{waiting} products still wait for TikTok Shop's review")
        if not self.compared_skus:
            found.append("No SKU is on both platforms, so no stock was compared")
        found += self.stock_differences
        if not self.sold:
            found.append("Nothing had enough stock to be sold")
        found += [_wrong(line) for line in self.sold if not line.is_right]
        if self.sold and not self.shipped:
            found.append("No order came to the warehouse")
        found += [
            f"{each.channel} was not told of {each.tracking}" for each in self.shipped if not each.is_told
        ]
        found += [f"A sync with nothing new wrote: {write}" for write in self.repeated_writes]
        return found

    def as_document(self) -> dict[str, Any]:
        problems = self.problems()
        return {
            "succeeded": not problems,
            "problems": problems,
            "counts": self.counts,
            "not_listed": self.not_listed,
            "compared_skus": self.compared_skus,
            "stock_differences": self.stock_differences,
            "sold": self.sold,
            "shipped": self.shipped,
            "repeated_writes": self.repeated_writes,
            "seconds": round(self.seconds, 1),
        }

    def shown(self) -> Iterator[RenderableType]:
        yield table("First sync", ("What", "How many"), list(self.counts.items()))
        if self.not_listed:
            groups = _grouped(self.not_listed)
            rows = [(count, state, reason) for count, state, reason, _ in groups]
            notes = [(f"{count} {state}", fix and f"Fix: {fix}") for count, state, _, fix in groups]
            yield table("Not listed", ("Products", "State", "Because"), rows, notes=notes)
        yield _mark(
            not self.stock_differences and bool(self.compared_skus),
            f"Stock is equal on both sides for {self.compared_skus - len(self.stock_differences)} "
            f"of {self.compared_skus} SKUs",
        )
        sold = (
            "SKU",
            "Before",
            "Sold on BigCommerce",
            "Sold on TikTok Shop",
            "BigCommerce",
            "TikTok Shop",
            "",
        )
        yield table("Sales on both platforms", sold, [_row(line) for line in self.sold])
        columns = ("Order", "Of", "Request", "From", "Tracking", "Platform knows")
        doors = [
            (
                each.order,
                each.channel,
                each.request,
                each.location,
                each.tracking,
                "yes" if each.is_told else "no",
            )
            for each in self.shipped
        ]
        yield table("From order to door", columns, doors)
        yield _mark(
            not self.repeated_writes, f"A further sync wrote {len(self.repeated_writes) or 'nothing'}"
        )
        yield from (_mark(False, problem) for problem in self.problems())
        yield f"Took {self.seconds:.0f} s."


def _wrong(line: SoldLine) -> str:
    return (
        f"{line.sku}: {line.expected} expected after the sales, "
        f"BigCommerce has {line.store_after}, TikTok Shop offers {line.shop_after}"
    )


def _row(line: SoldLine) -> tuple[str, int, int, int, int, int, str]:
    verdict = "lowered once" if line.is_right else f"expected {line.expected}"
    return (
        line.sku,
        line.before,
        line.sold_on_store,
        line.sold_on_shop,
        line.store_after,
        line.shop_after,
        verdict,
    )


def _grouped(products: list[NotListed]) -> list[tuple[int, str, str, str]]:
    """Equal reasons stand once, the most frequent first."""
    reasons = Counter((each.state, each.reason.partition(": ")[0], each.fix) for each in products)
    shown = {(each.state, each.reason.partition(": ")[0], each.fix): each.reason for each in products}
    return [
        (count, state, shown[state, reason, fix], fix)
        for (state, reason, fix), count in reasons.most_common()
    ]


def _mark(is_good: bool, text: str) -> Text:
    return Text.assemble(("✓ ", "green") if is_good else ("✗ ", "bold red"), text)
