"""Papers for people, as PDF: bytes from data, without a look at the clock or the database."""
