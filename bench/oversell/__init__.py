"""Buyers on both platforms drain few SKUs as fast as they can: what was sold beyond what existed, and why."""
