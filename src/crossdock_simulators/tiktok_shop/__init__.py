"""TikTok Shop rebuilt in memory from its published API."""
