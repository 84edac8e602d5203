"""Automations: what people want done by itself when something happens, and whom they want told."""
