"""Pure translations between the store's records and the hub's."""
