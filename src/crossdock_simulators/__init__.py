"""BigCommerce and TikTok Shop rebuilt from their published APIs, for tests, the demo and the sandbox."""
