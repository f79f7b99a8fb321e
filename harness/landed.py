"""The landed folder: its lock, its loads, and the tables in which landing tells what it knows.

A load exists from the moment its Parquet file is renamed into place. What is known about it stands
inside that file, its unreadable records in a hidden file beside it, so a run killed anywhere leaves
nothing that the next one cannot put right.
"""

import json
import shutil
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from .contract import Table
from .places import Stopped, beside, commit, literal

NOTE = "omniloop"  # key of the note inside each landed Parquet file
SCRATCH = ".scratch"


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open an engine in memory that spills into the landed folder and loads nothing."""
    (folder / SCRATCH).mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(config={"temp_directory": str(folder / SCRATCH / "spill")})
    con.execute("set TimeZone = 'UTC'; set autoinstall_known_extensions = false")
    return con


def put(con: duckdb.DuckDBPyConnection, select: str, target: Path, note: dict | None = None) -> int:
    """Write a query to a Parquet file beside its target; give the number of rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    kv = f", kv_metadata {{{NOTE}: {literal(json.dumps(note))}}}" if note else ""
    copy = f"copy ({select}) to {literal(beside(target))} (format parquet{kv})"
    return con.execute(copy).fetchone()[0]


def rejects_path(parquet: Path) -> Path:
    """The hidden file with the unreadable records of a load."""
    return parquet.with_name(f".{parquet.stem}.rejects")


def put_rows(
    con: duckdb.DuckDBPyConnection, folder: Path, table: Table, rows: Iterable[dict], target: Path,
    keep: str | None = None,
) -> None:
    """Write rows as a typed Parquet file of a table, after those that the query `keep` gives."""
    lines = folder / SCRATCH / "rows.ndjson"
    lines.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), "utf-8")
    schema = ", ".join(f"{literal(n)}: {literal(t)}" for n, t in table.schema.items())
    new = f"""select * from read_json({literal(lines)}, columns = {{{schema}}},
        format = 'newline_delimited', maximum_object_size = 100_000_000)"""
    new = new if lines.stat().st_size else empty(table)
    queries = (keep, new) if keep else (new,)
    put(con, " union all by name ".join(queries), target)
    commit(target)
    lines.unlink()


def empty(table: Table) -> str:
    """A query with the columns of a table and no row."""
    columns = ", ".join(f'null::{kind} as "{name}"' for name, kind in table.schema.items())
    return f"select {columns} where false"


def put_empties(con: duckdb.DuckDBPyConnection, folder: Path, tables: Iterable[Table]) -> None:
    """Give every declared table a file with all its columns, so that an absent one is empty.

    A table that the harness fills keeps its rows when its columns change.
    """
    for table in tables:
        target = folder / table.source / table.name / "000000.parquet"
        query, old = empty(table), f"from read_parquet({literal(target)})"
        if target.exists():
            if [row[0] for row in con.execute(f"describe {old}").fetchall()] == [*table.schema]:
                continue
            if not table.is_delivered:
                names = ", ".join(f'"{name}"' for name in table.schema)
                query = f"select {names} from ({query} union all by name {old})"
        put(con, query, target)
        commit(target)


def sweep(folder: Path) -> None:
    """Remove what a killed run left: files not renamed, and records of loads that are gone."""
    for new in (*folder.glob("*/*/.*.new"), *folder.glob(f"{SCRATCH}/*")):
        new.unlink() if new.is_file() else shutil.rmtree(new)
    for rejects in folder.glob("*/*/.*.rejects"):
        if not rejects.with_name(rejects.stem[1:] + ".parquet").exists():
            rejects.unlink()


def load_files(folder: Path) -> list[str]:
    """The Parquet files of all loads."""
    return [str(path) for path in folder.glob("*/*/*.parquet") if path.stem != "000000"]


def loads(con: duckdb.DuckDBPyConnection, folder: Path) -> list[dict]:
    """The notes of all loads, in order; of two with the same bytes only the newer one stays."""
    if not (paths := load_files(folder)):
        return []
    try:
        rows = con.execute("""
            select notes.file_name, decode(notes.value), files.num_rows
            from parquet_kv_metadata($paths) as notes
            join parquet_file_metadata($paths) as files on notes.file_name = files.file_name
            where notes.key = 'omniloop'""", {"paths": paths}).fetchall()
    except duckdb.Error as error:
        raise Stopped(f"a landed file cannot be read: {str(error).splitlines()[0]}") from None
    if foreign := set(paths) - {row[0] for row in rows}:
        raise Stopped(f"not written by landing, move it away: {min(foreign)}")
    found: dict[tuple, dict] = {}
    notes = (json.loads(note) | {"path": Path(path), "landed_count": n} for path, note, n in rows)
    for load in sorted(notes, key=lambda each: each["load_no"]):
        if older := found.pop(key(load), None):
            remove(older)
        found[key(load)] = load
    return list(found.values())


def key(row: dict) -> tuple:
    """What makes two deliveries the same: table and bytes."""
    return row["source_name"], row["table_name"], row["file_sha256"]


def remove(load: dict) -> None:
    """Take a load away, data first."""
    load["path"].unlink()
    rejects_path(load["path"]).unlink(missing_ok=True)


def identify(con: duckdb.DuckDBPyConnection, folder: Path, table: Table, origin: str) -> None:
    """Give the landed folder its id and origin, or refuse data of another origin."""
    target = folder / "landing" / "origin" / "000000.parquet"
    known = f"from read_parquet({literal(target)})"
    old = rows_of(con, known)[0] if target.exists() else {"landing_id": str(uuid.uuid4())}
    if old.get("origin", origin) != origin and load_files(folder):
        raise Stopped(f"{folder} holds {old['origin']} data, the raw folder holds {origin} data: "
                      "set OMNILOOP_DATA to another folder")
    if old.get("origin") != origin:
        put_rows(con, folder, table, [old | {"origin": origin}], target)


def now_after(last: str) -> str:
    """The clock in UTC, never earlier than the time before."""
    return max(datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"), last)


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    """All rows of a query as dictionaries."""
    result = con.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
