"""TikTok Shop's records in, the hub's out, and the reverse; pure."""
