"""Crossdock: a self-hosted integration hub between TikTok Shop and BigCommerce."""

__version__ = "0.1.0"
