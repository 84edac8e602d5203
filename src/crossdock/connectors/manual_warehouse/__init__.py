"""The manual warehouse: people pick, pack and enter what has left."""
