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
def cursor(host: str) -> Iterator[psycopg2.extensions.cursor]:
    """Open a cursor in the throw-away Postgres; each statement is its own transaction."""
    with closing(psycopg2.connect(host=host, user="postgres", dbname="postgres")) as connection:
        connection.autocommit = True
        yield connection.cursor()


def execute(host: str, *statements: str) -> None:
    """Run statements in the throw-away Postgres."""
    with cursor(host) as postgres_cursor:
        for statement in statements:
            postgres_cursor.execute(statement)


def copy(host: str, query: str, table: str) -> None:
    """Copy the rows of a DuckDB query into a table of the throw-away Postgres."""
    with tempfile.TemporaryDirectory() as folder, cursor(host) as postgres_cursor:
        csv = f"{folder}/rows.csv"
        with duckdb.connect() as reader:
            # Quoted throughout, so that an empty text does not become a null.
            reader.sql(f"copy ({query}) to '{csv}' (format csv, header false, force_quote *)")
        with open(csv, encoding="utf-8", newline="") as rows:
            postgres_cursor.copy_expert(f"copy {table} from stdin (format csv)", rows)


def load(project: Path, landed: Path, host: str) -> None:
    """Make every declared source a table in Postgres and fill it with what has landed."""
    for (source, name), table in read_tables(project / "models").items():
        types = ", ".join(f"{column} {kind}" for column, kind in table.schema.items())
        execute(
            host,
            f"create schema if not exists {source}",
            f"create table {source}.{name} ({types})",
        )
        files = f"{landed}/{source}/{name}/*.parquet"
        if list(landed.glob(f"{source}/{name}/*.parquet")):
            columns = ", ".join(table.schema)
            query = f"select {columns} from read_parquet('{files}', union_by_name = true)"
            copy(host, query, f"{source}.{name}")
