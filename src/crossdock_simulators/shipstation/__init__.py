"""A ShipStation account rebuilt from the published documents of its API, version 1."""
