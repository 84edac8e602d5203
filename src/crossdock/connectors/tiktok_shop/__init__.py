"""The TikTok Shop connector."""
