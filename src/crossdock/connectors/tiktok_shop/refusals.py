"""What TikTok Shop's refusals of a fulfillment mean, in plain words, and what would change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from crossdock.connectors.errors import RefusedError
from crossdock.domain.sync import Rejected

ALREADY_SHIPPED = frozenset({"21011006", "21011040"})
BAD_NUMBER = frozenset({"21011022", "11028006"})
LATER = timedelta(minutes=10)
CORRECT = "Correct the fulfillment where it was recorded (in the hub: crossdock fulfillments correct)"
IN_SELLER_CENTER = "Change it in Seller Center; until then both sides say different things"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`again_in` is given where the reason passes by itself."""

    reason: str = ""
    fix: str = ""
    again_in: timedelta | None = None


_NOT_READY = Meaning("the order is not ready to be shipped yet", "Nothing to do: it is tried again", LATER)
_IN_USE = Meaning(
    "the buyer asks to cancel, and in this market that has to be answered before anything ships",
    "Answer the request (crossdock cancellations approve, or reject); then this is tried again by itself",
    LATER,
)
_SHIPPED = Meaning("its units have left there already", "Nothing to do: it is looked at again", LATER)
_DELIVERED = Meaning("the package was delivered already", IN_SELLER_CENTER)
_STRANGE = Meaning(
    "the shop has no such order or package", "Check which shop is connected, and retry this case"
)
MEANINGS: Mapping[str, Meaning] = {
    "not_ready": Meaning(fix=_NOT_READY.fix, again_in=LATER),
    "package_shared": Meaning(again_in=LATER),
    "21011003": _NOT_READY,
    "21008044": _IN_USE,
    "21011007": _IN_USE,
    "21021010": _IN_USE,
    **dict.fromkeys(ALREADY_SHIPPED, _SHIPPED),
    "21011022": Meaning("the number or the carrier is not valid there", CORRECT),
    "11028006": Meaning("the number fits no carrier, or not this one", CORRECT),
    "21011025": Meaning(
        "the number is in use for an order of another buyer, or for too many orders", CORRECT
    ),
    "21011027": _DELIVERED,
    "21011030": _DELIVERED,
    "21011041": Meaning(
        "the goods are canceled there",
        "Stop the parcel if it has not left, and take the fulfillment back where it was recorded",
    ),
    "21011004": Meaning("the order is not shipped by the seller", IN_SELLER_CENTER),
    "21011043": Meaning("the package has not left yet", "Nothing to do: it is tried again", LATER),
    "21011050": Meaning(
        "the shipping details were corrected too often; no more corrections", IN_SELLER_CENTER
    ),
    "21011051": Meaning(
        "the time for corrections, 72 hours after shipping, is over",
        "TikTok Shop keeps the old number",
    ),
    "21011052": Meaning("the package may not be corrected", IN_SELLER_CENTER),
    "21008111": _STRANGE,
    "21011028": _STRANGE,
    "21011001": Meaning(
        "the package is gone: splitting and combining give new ones", "Pull the orders and retry this case"
    ),
    "21022026": Meaning(
        "TikTok Shop could not buy the label",
        "Look in Seller Center what it lacks, such as a means of payment or the package's weight, and retry this case",
    ),
    "21004006": Meaning(
        "an invoice is needed first", "Upload the invoice in Seller Center and retry this case"
    ),
}


def to_rejected(key: str, error: RefusedError) -> Rejected:
    """A refusal of the platform, or of the connector before any call, as the hub keeps it."""
    meaning = MEANINGS.get(error.code, Meaning())
    reason = f"{meaning.reason} (TikTok Shop: {error})" if meaning.reason else str(error)
    return Rejected(key, reason, error.fix or meaning.fix, error.code, error.request_id, meaning.again_in)
