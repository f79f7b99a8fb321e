"""A throw-away Postgres, filled with what has landed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pgserver
import psycopg2

from harness.contract import read_tables
from harness.load import copy_rows
from harness.load import load as load_landed


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables for the time of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def postgres() -> Iterator[str]:
    """Run a throw-away Postgres and yield the folder of its socket, which serves as its host."""
    # A socket's path must be short, and reachable for the user that Postgres runs as.
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")
    with environment(LC_ALL="C.UTF-8"):  # text sorts by its bytes, as on DuckDB
        server = pgserver.get_server(folder, cleanup_mode="delete")
    with server:
        settings = (
            "fsync",
            "synchronous_commit",
            "full_page_writes",
        )
        execute(folder, *(f"alter system set {setting} = off" for setting in settings))
        execute(folder, "select pg_reload_conf()")
        yield folder


@contextmanager
def cursor(host: str, user: str = "postgres") -> Iterator[psycopg2.extensions.cursor]:
    """Open a cursor in the throw-away Postgres; each statement is its own transaction."""
    with closing(psycopg2.connect(host=host, user=user, dbname="postgres")) as connection:
        connection.autocommit = True
        yield connection.cursor()


def execute(host: str, *statements: str) -> None:
    """Run statements in the throw-away Postgres."""
    with cursor(host) as postgres_cursor:
        for statement in statements:
            postgres_cursor.execute(statement)


def copy(host: str, query: str, table: str) -> None:
    """Copy the rows of a DuckDB query into a table of the throw-away Postgres."""
    with duckdb.connect() as con, cursor(host) as postgres_cursor:
        copy_rows(con, postgres_cursor, query, table)


def settings(host: str, user: str = "postgres") -> dict[str, str]:
    """What points the target `postgres` at the throw-away one."""
    return {
        "OMNILOOP_PG_HOST": host,
        "OMNILOOP_PG_USER": user,
        "OMNILOOP_PG_DATABASE": "postgres",
    }


def load(project: Path, landed: Path, host: str, user: str = "postgres") -> None:
    """Copy what has landed into the throw-away Postgres."""
    with environment(**settings(host, user)):
        load_landed(landed.parent, read_tables(project / "models"))
