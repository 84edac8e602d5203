"""How each platform says it."""
