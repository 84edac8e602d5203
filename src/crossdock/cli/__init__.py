"""The `crossdock` command: what can be asked of a hub from a terminal."""
