"""Measures the hub against a bare loop over the same calls, and writes what it finds to docs/performance.md."""
