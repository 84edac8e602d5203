"""When the hub pulls and pushes, and what happens when that fails."""
