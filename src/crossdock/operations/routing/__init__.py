"""From a ready order to its door: routing cards, what they decide, and the shipping requests that follow."""
