"""Orders and what befalls them: holds, reviews, cancellations, returns, copies on other channels."""
