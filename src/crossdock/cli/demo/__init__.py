"""`crossdock demo`: both platforms simulated, a made-up merchant, and proof that everything arrived once."""
