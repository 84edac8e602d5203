"""Rows of files to hub records and back; nothing in here opens a file."""
