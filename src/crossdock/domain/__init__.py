"""What commerce is: frozen dataclasses and pure functions on the standard library only."""
