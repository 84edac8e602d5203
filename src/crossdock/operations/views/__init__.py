"""All that can be seen, read-only, for the API, the command line and pages."""
