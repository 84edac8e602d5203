"""BigCommerce: orders, catalog, stock and locations of one store."""
