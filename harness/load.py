"""`omniloop load`: what has landed, for the engine of DBT_TARGET.

Postgres gets copies, and only of what changed since the last time. Spark gets tables over the files
where they lie.
"""

import argparse
import os
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

import duckdb
import psycopg2

from . import landed, places
from .contract import Table, read_tables
from .places import Stopped, explained, literal, locked

SQL = places.sections(Path(__file__).with_suffix(".sql"))
# As spark__declared_type in macros/types.sql has it; the files themselves would say timestamp_ntz.
SPARK_TYPES = {"text": "string", "varchar": "string", "double precision": "double"}
Cursor = psycopg2.extensions.cursor


def connect() -> psycopg2.extensions.connection:
    """Open the database of the target `postgres`, by the variables that profiles.yml reads."""
    try:
        return psycopg2.connect(
            host=os.environ.get("OMNILOOP_PG_HOST", "localhost"),
            port=os.environ.get("OMNILOOP_PG_PORT", "5432"),
            user=os.environ.get("OMNILOOP_PG_USER", "postgres"),
            password=os.environ.get("DBT_ENV_SECRET_PG_PASSWORD") or None,
            dbname=os.environ.get("OMNILOOP_PG_DATABASE", "omniloop"),
        )
    except psycopg2.OperationalError as error:
        why = str(error).strip().splitlines()[0]
        raise Stopped(f"{why}; set OMNILOOP_PG_HOST, OMNILOOP_PG_USER and the like") from None


def load(
    data: Path, tables: dict[tuple[str, str], Table], follow=iter
) -> tuple[list[Path], list[str]]:
    """Make the database hold what the landed folder holds; give the files copied and taken out.

    One transaction, so whoever reads sees the old landing or the new one; a killed load leaves the
    old one. follow: goes through the files to copy, to show how far it is. Raises Stopped when
    nothing has landed or the database holds another landing.
    """
    folder = data / "landed"
    if not (folder / "landing" / "origin" / "000000.parquet").exists():
        raise Stopped("nothing has been landed: run `omniloop land` first")
    with (
        locked(folder / ".lock", "landing", wait=True),
        landed.connect(folder) as con,
        connect() as postgres,
        postgres.cursor() as cursor,
    ):
        cursor.execute(SQL["ledger"])
        for table in tables.values():
            _declare(cursor, table)
        _refuse_other_landing(con, cursor, folder)
        cursor.execute(SQL["known"])
        known = dict(cursor.fetchall())
        here = {
            path.relative_to(folder).as_posix(): (path, _stamp(path), table)
            for table in tables.values()
            for path in sorted((folder / table.source / table.name).glob("*.parquet"))
        }
        old = [name for name, stamp in known.items() if here.get(name, ("", ""))[1] != stamp]
        for name in old:
            _take_out(cursor, name, tables)
        new = [each for name, each in here.items() if known.get(name) != each[1]]
        for path in follow([path for path, _, _ in new]):
            name = path.relative_to(folder).as_posix()
            _copy(con, cursor, path, here[name][2])
            cursor.execute(SQL["remember"], (name, here[name][1]))
    postgres.close()
    return [path for path, _, _ in new], old


def _stamp(path: Path) -> str:
    """What tells a written file from the one before it: its size and time."""
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def _declare(cursor: Cursor, table: Table) -> None:
    types = [f"{column} {kind}" for column, kind in table.schema.items()]
    place = {"source": table.source, "table": table.name}
    more = "\n".join(SQL["column"].format(**place, column=column).strip() for column in types)
    cursor.execute(SQL["table"].format(**place, types=", ".join(types), more=more))


def _refuse_other_landing(con: duckdb.DuckDBPyConnection, cursor: Cursor, folder: Path) -> None:
    origin = literal(folder / "landing" / "origin" / "000000.parquet")
    (landing_id,) = con.execute(f"select landing_id from {origin}").fetchone()
    cursor.execute(SQL["other_landing"], (landing_id,))
    if cursor.fetchone():
        raise Stopped("this database holds another landing: set OMNILOOP_PG_DATABASE to one of "
                      "its own, or OMNILOOP_DATA to the landing it was filled from")


def _take_out(cursor: Cursor, name: str, tables: dict[tuple[str, str], Table]) -> None:
    """Delete the rows of a file that is gone or was written anew."""
    source, table, file = name.split("/")
    declared = tables.get((source, table))
    if declared and declared.is_delivered:
        cursor.execute(f"delete from {source}.{table} where _load_no = %s", (int(file[:6]),))
    elif declared:
        cursor.execute(f"delete from {source}.{table}")
    cursor.execute(SQL["forget"], (name,))


def _copy(con: duckdb.DuckDBPyConnection, cursor: Cursor, path: Path, table: Table) -> None:
    """Copy one landed file; a column that was declared after it was written is null."""
    columns = ", ".join(f'"{column}"' for column in table.schema)
    files = ", ".join(map(literal, {path.with_name("000000.parquet"), path}))
    query = f"select {columns} from read_parquet([{files}], union_by_name = true)"
    copy_rows(con, cursor, query, f"{table.source}.{table.name} ({columns})")


def copy_rows(con: duckdb.DuckDBPyConnection, cursor: Cursor, query: str, table: str) -> None:
    """Copy the rows of a DuckDB query into a table of Postgres."""
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "rows.csv"
        # Quoted throughout, so that an empty text does not become a null.
        to = f"{literal(csv)} (format csv, header false, force_quote *)"
        con.execute(f"copy ({query}) to {to}")
        with open(csv, encoding="utf-8", newline="") as rows:
            cursor.copy_expert(f"copy {table} from stdin (format csv)", rows)


def mount(data: Path, tables: dict[tuple[str, str], Table]) -> int:
    """Make every declared source a Spark table over its landed Parquet; give their number.

    OMNILOOP_SPARK_LANDED is where Spark finds the landed folder, as s3a://bucket/landed; else it is
    the folder itself. Files stay where they are, also when a table is declared anew.
    """
    try:
        from pyhive import hive
        from thrift.transport.TTransport import TTransportException
    except ImportError:
        raise Stopped("Spark is not installed: pip install -r requirements-spark.txt") from None
    folder = os.environ.get("OMNILOOP_SPARK_LANDED") or (data / "landed").resolve().as_uri()
    host = os.environ.get("OMNILOOP_SPARK_HOST", "localhost")
    port = int(os.environ.get("OMNILOOP_SPARK_PORT", "10000"))
    try:
        session = hive.connect(host, port, os.environ.get("OMNILOOP_SPARK_USER", "omniloop"))
    except TTransportException:
        raise Stopped(f"no Thrift server of Spark answers at {host}:{port}: start one, or set "
                      "OMNILOOP_SPARK_HOST and OMNILOOP_SPARK_PORT") from None
    with closing(session), closing(session.cursor()) as cursor:
        for table in tables.values():
            types = (f"{name} {SPARK_TYPES.get(kind, kind)}" for name, kind in table.schema.items())
            place = {"source": table.source, "table": table.name, "folder": folder}
            for statement in SQL["mount"].format(**place, types=", ".join(types)).split(";"):
                cursor.execute(statement)
    return len(tables)


def main(args: argparse.Namespace) -> int:
    """Run `omniloop load`."""
    console, data = places.screen(), places.folder("data")
    target, tables = os.environ.get("DBT_TARGET", "duckdb"), read_tables()
    if target == "spark":
        told = f"{mount(data, tables)} tables stand over the landed files"
    elif target == "postgres":
        try:
            new, old = load(data, tables, partial(places.progress, "loading", console=console))
        except psycopg2.Error as error:
            raise Stopped(f"{explained(error)}; the database stays as it was") from None
        told = f"{len(new)} files copied, {len(old)} taken out or replaced"
    else:
        raise Stopped(f"the target {target} reads the landed files itself: set DBT_TARGET to "
                      "postgres or spark")
    console.print(f"{told}; now run `dbt build`", markup=False, soft_wrap=True)
    return 0
