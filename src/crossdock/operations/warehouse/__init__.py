"""What people in a warehouse do: pick, pack, and enter what has left of a shipping request."""
