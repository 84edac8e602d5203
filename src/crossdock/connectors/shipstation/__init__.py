"""ShipStation: what it is to ship goes out, and what has left comes back."""
