"""The hub itself: integrations, their credentials, settings and flows, keys, and the file that declares them all."""
