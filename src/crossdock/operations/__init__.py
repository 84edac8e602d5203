"""What the hub does with commerce: one function per operation, inside the caller's transaction."""
