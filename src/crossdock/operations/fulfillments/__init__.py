"""What has left: recorded here or read from channels, and told to whoever else has the order."""
