"""Warehouses that exchange files: orders out, fulfillments, stock and acknowledgements in."""
