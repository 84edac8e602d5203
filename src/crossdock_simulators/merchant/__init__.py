"""A made-up merchant: the same seed gives the same catalog, stock and defects, on any machine."""

from crossdock_simulators.merchant.build import merchant
from crossdock_simulators.merchant.defects import DEFECTS, existing_listings
from crossdock_simulators.merchant.goods import Merchant, SoldProduct, SoldVariant

__all__ = ["DEFECTS", "Merchant", "SoldProduct", "SoldVariant", "existing_listings", "merchant"]
