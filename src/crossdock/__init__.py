"""Crossdock: a self-hosted integration hub between TikTok Shop and BigCommerce."""
