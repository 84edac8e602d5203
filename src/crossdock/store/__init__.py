"""Where it is kept: tables, queries, migrations."""
