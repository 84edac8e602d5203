"""A BigCommerce store in memory, spoken to over the platform's own v2 and v3 REST API."""
