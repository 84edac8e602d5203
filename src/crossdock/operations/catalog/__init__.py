"""Products, their listings on channels, and the SKUs by which they are matched."""
