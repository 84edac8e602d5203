"""Pure translations between ShipStation's JSON and the hub's words, one module for each kind of record."""
