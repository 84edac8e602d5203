"""The PostgreSQL server that jobs are measured on, where one answers."""

from __future__ import annotations

import os

import psycopg

SERVER = os.environ.get("CROSSDOCK_BENCH_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
DATABASE = "crossdock_bench"


def answers() -> bool:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def fresh_postgresql() -> str:
    """The URL of an empty database, in the place of the last one."""
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {DATABASE}")
    return f"{SERVER}/{DATABASE}"
