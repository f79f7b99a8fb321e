"""`omniloop land`: every delivered file becomes one numbered Parquet file, everything as text."""

import argparse
import csv
import gzip
import hashlib
import os
import re
import shutil
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.table import Table as Grid

from . import landed, readers, text
from .contract import Refused, Table, near, read_tables
from .places import Stopped, commit, data_folder, explained, literal, locked, raw_folder, screen

KIND = re.compile(r"(.+?)\.(csv|ndjson|jsonl|parquet)(\.gz)?", re.IGNORECASE)
DEMO_MARK = "DEMO_DATA.txt"


@dataclass
class Report:
    """What a landing did, per (source, table)."""

    landed: dict = field(default_factory=lambda: defaultdict(list))  # notes of loads
    again: int = 0  # landed again under a changed field table
    skipped: Counter = field(default_factory=Counter)
    refused: list[dict] = field(default_factory=list)
    gone: int = 0  # landed files no longer in the raw folder

    @property
    def is_all_refused(self) -> bool:
        """Nothing could be used of what was delivered."""
        return bool(self.refused) and not self.landed and not self.skipped


def delivered(raw: Path) -> list[Path]:
    """Files of the raw folder by path, half-written and hidden ones left out."""
    files = []
    for folder, _, names in os.walk(raw):
        for path in (Path(folder, name).relative_to(raw) for name in names):
            hidden = any(part.startswith((".", "~$")) for part in path.parts)
            half = path.suffix.lower() in (".tmp", ".part", ".crdownload")
            if not hidden and not half and path.as_posix() != DEMO_MARK:
                files.append(path)
    return sorted(files, key=lambda path: path.as_posix())


@dataclass
class Run:
    """One landing, under the lock."""

    con: duckdb.DuckDBPyConnection
    raw: Path
    folder: Path
    tables: dict[tuple[str, str], Table]
    origin: str
    loads: dict[tuple, dict]  # (source, table, sha256) -> note
    told: list[dict]  # rows of landing.files as the run before left them
    last_no: int
    last_at: str
    run_no: int
    seen: set[tuple] = field(default_factory=set)
    report: Report = field(default_factory=Report)


def land(
    raw: Path, data: Path, tables: dict, only_empty: bool = False, console: Console | None = None
) -> Report:
    """Land all files of `raw` under `data`; give what was landed, skipped and refused."""
    folder, console = data / "landed", console or Console(quiet=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder / ".lock", "landing", wait=True):
        landed.sweep(folder)
        con = landed.connect(folder)
        try:
            run = _begin(con, raw, folder, tables)
            try:
                for file in [] if only_empty else _progress(delivered(raw), console):
                    _take(run, file)
            finally:
                _tell(run, only_empty)
        finally:
            con.close()
            landed.sweep(folder)
    return run.report


def _begin(con: duckdb.DuckDBPyConnection, raw: Path, folder: Path, tables: dict) -> Run:
    origin = "demo" if (raw / DEMO_MARK).exists() else "own"
    landed.identify(con, folder, tables["landing", "origin"], origin)
    landed.put_empties(con, folder, tables.values())
    loads = {_key(load): load for load in landed.loads(con, folder)}
    told = landed.rows_of(con, folder / "landing" / "files" / "000000.parquet")
    numbered = [row for row in (*loads.values(), *told) if row["load_no"]]
    return Run(
        con, raw, folder, tables, origin, loads, told,
        last_no=max((row["load_no"] for row in numbered), default=0),
        last_at=max((str(row["loaded_at"]) for row in numbered), default=""),
        run_no=1 + max((row["run_no"] for row in numbered), default=0),
    )


def _key(row: dict) -> tuple:
    return row["source_name"], row["table_name"], row["file_sha256"]


def _take(run: Run, file: Path) -> None:
    """Land one delivered file, skip it when known, or write down why it is refused."""
    path = run.raw / file
    before = path.stat()
    parts, kind = file.parts, KIND.fullmatch(file.name)
    table = parts[1] if len(parts) > 2 else kind[1] if kind else file.stem
    note = {
        "load_no": None,
        "run_no": None,
        "origin": run.origin,
        "source_name": parts[0] if len(parts) > 1 else "",
        "table_name": table,
        "file_name": file.as_posix(),
        "file_sha256": _sha256(path),
        "contract_sha256": None,
        "file_bytes": before.st_size,
    }
    try:
        declared = _declared(run.tables, note, kind)
        note["contract_sha256"] = declared.contract_sha256
        known = run.loads.get(_key(note))
        run.seen.add(_key(note))
        if known and known["contract_sha256"] == declared.contract_sha256:
            run.report.skipped[_key(note)[:2]] += 1
        else:
            _land_file(run, declared, path, kind, note, known, before)
    except Refused as refusal:
        reason = str(refusal)
        reason = reason if file.as_posix() in reason else f"{reason} ({file.as_posix()})"
        run.report.refused.append(note | {"reason": reason})


def _declared(tables: dict, note: dict, kind: re.Match | None) -> Table:
    known = {f"{s}/{t}": table for (s, t), table in tables.items() if table.is_delivered}
    where = f"{note['source_name']}/{note['table_name']}"
    if where not in known:
        raise Refused(f"file:undeclared_table: {note['file_name']} belongs to no declared table; "
                      + near(where, sorted(known)))
    if not kind:
        raise Refused(f"file:unknown_kind: {note['file_name']} is not .csv, .ndjson, .jsonl or "
                      ".parquet, each also with .gz; save it as one of them")
    return known[where]


def _land_file(
    run: Run, table: Table, path: Path, kind: re.Match, note: dict, known: dict | None,
    before: os.stat_result,
) -> None:
    """Write the Parquet file of one delivered file and rename it into place."""
    first = known or next((r for r in run.told if r["load_no"] and _key(r) == _key(note)), {})
    run.last_no += 1
    run.last_at = landed.now_after(run.last_at)
    note |= {"load_no": run.last_no, "loaded_at": run.last_at}
    note["run_no"] = first.get("run_no") or run.run_no
    target = run.folder / table.source / table.name / f"{note['load_no']:06d}.parquet"

    def write(relation: str, record_no: str, columns: dict[str, str], extra: str) -> int:
        cells = [f'{columns.get(c.name, "null")}::text as "{c.name}"' for c in table.columns]
        return landed.put(run.con, f"""
            select {", ".join(cells)}, ({extra})::text as _extra,
                {literal(note["file_name"])} as _file,
                {literal(note["file_sha256"])} as _file_sha256,
                ({record_no})::bigint as _record_no,
                {literal(note["loaded_at"])}::timestamp as _loaded_at,
                {note["load_no"]}::bigint as _load_no
            from {relation}""", target, note)

    rejects = _read(run, table, path, kind[2].lower(), note["file_name"], write)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Refused("file:still_being_written: it changed while it was read; land it again later")
    if rejects:
        names = ("line_no", "reason", "payload")
        rows = (dict(zip(names, row, strict=True)) | {
            name: note[name] for name in ("load_no", "source_name", "table_name", "file_name")
        } for row in rejects)
        landed.put_rows(run.con, run.folder, run.tables["landing", "rejects"], rows,
                        landed.rejects_path(target))
    commit(target)  # from here on the load exists
    if known:
        landed.remove(known)
        run.report.again += 1
    count = landed.count(run.con, target)
    run.loads[_key(note)] = note | {"path": target, "landed_count": count}
    run.report.landed[table.source, table.name].append((count, len(rejects)))


def _read(run: Run, table: Table, path: Path, kind: str, name: str, write: readers.Write) -> list:
    """Read one file by its kind; whatever cannot be read becomes a refusal without values."""
    if not path.stat().st_size:
        raise Refused("file:empty: it has no byte")
    clean = run.folder / landed.SCRATCH / "delivered"
    clean.parent.mkdir(exist_ok=True)
    try:
        if kind == "parquet":
            if path.suffix.lower() == ".gz":
                with text.opened(path) as packed, open(clean, "wb") as plain:
                    shutil.copyfileobj(packed, plain)
                path = clean
            return readers.read_parquet(run.con, table, path, name, write)
        lines = text.write_clean(path, clean, kind != "csv")
        read = readers.read_csv if kind == "csv" else readers.read_json
        return read(run.con, table, clean, lines, name, write)
    except (duckdb.Error, EOFError, gzip.BadGzipFile, zlib.error, csv.Error) as error:
        if "No space left" in str(error):
            raise Stopped(explained(error)) from None
        # An engine's message may repeat a record, only that about a Parquet footer does not.
        why = str(error).splitlines()[0] if kind == "parquet" else type(error).__name__
        raise Refused(f"file:not_readable: {why}") from None


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(run: Run, only_empty: bool) -> None:
    """Write what landing knows: files, rejects, fields."""
    con, folder, tables = run.con, run.folder, run.tables
    here = [path for load in run.loads.values()
            if (path := landed.rejects_path(load["path"])).exists()]
    rejects = f"select * from read_parquet({[str(path) for path in here]})" if here else None
    malformed = dict(con.execute(
        f"select load_no, count(*) from ({rejects}) group by 1").fetchall()) if here else {}
    now = {load["load_no"] for load in run.loads.values()}
    rows = []
    for load in run.loads.values():
        bad = malformed.get(load["load_no"], 0)
        rows.append(load | {"record_count": load["landed_count"] + bad, "malformed_count": bad,
                            "file_status": "landed", "reason": None})
    for row in run.told:
        if row["file_status"] == "refused" and only_empty:
            rows.append(row)
        if row["load_no"] and row["load_no"] not in now:
            again = run.loads.get(_key(row))
            reason = f"landed again as load {again['load_no']}" if again else "taken away"
            reason = row["reason"] if row["file_status"] == "removed" else reason
            rows.append(row | {"file_status": "removed", "reason": reason})
    rows += [each | {"load_no": None, "run_no": None, "loaded_at": None, "landed_count": 0,
                     "malformed_count": 0, "file_status": "refused"} for each in run.report.refused]
    names = tables["landing", "files"].schema
    rows = [{name: row.get(name) for name in names} for row in rows]
    run.report.gone = 0 if only_empty else len(run.loads.keys() - run.seen)

    def put(name: str, rows: list[dict], keep: str | None = None) -> None:
        target = folder / "landing" / name / "000000.parquet"
        landed.put_rows(con, folder, tables["landing", name], rows, target, keep)

    put("rejects", [], rejects)
    put("fields", [
        {"source_name": table.source, "table_name": table.name, "column_name": column.name,
         "column_no": number, "description": column.description, "unit": column.unit,
         "time_zone": column.time_zone, "aliases": ", ".join(column.aliases) or None,
         "path": column.path, "is_required": column.required, "is_personal": column.pii}
        for table in tables.values() if table.is_delivered
        for number, column in enumerate(table.columns, 1)
    ])
    put("files", rows)


def _progress(files: list[Path], console: Console) -> Iterator[Path]:
    columns = (TextColumn("landing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(files))
        for file in files:
            progress.update(task, description=file.as_posix())
            yield file
            progress.advance(task)


def show(report: Report, console: Console) -> None:
    """Print what a landing did: one line per table, then each refused file with its reason."""
    grid = Grid("source", "table", *(Column(name, justify="right") for name in (
        "files", "records", "malformed", "refused", "skipped")), title="Landed")
    refused = Counter((each["source_name"], each["table_name"]) for each in report.refused)
    for key in sorted({*report.landed, *report.skipped, *refused}):
        files = report.landed.get(key, [])
        numbers = (len(files), sum(f[0] for f in files), sum(f[1] for f in files),
                   refused[key], report.skipped[key])
        grid.add_row(*map(escape, key), *(f"{number:,}" for number in numbers))
    console.print(grid)
    for each in report.refused:
        console.print(f"refused  {each['reason']}", markup=False, soft_wrap=True)
    if report.again:
        console.print(f"{report.again} files were landed again: their field table changed.")
    if report.gone:
        console.print(f"{report.gone} landed files are no longer among the raw ones; they stay.")


def main(args: argparse.Namespace) -> int:
    """Run `omniloop land`."""
    console, raw, data = screen(), raw_folder(), data_folder()
    if not args.empty and not delivered(raw):
        console.print(
            f"No file in {raw}: drop exports there as <source>/<table>.csv (or .ndjson, .parquet), "
            "or run `make build` for the demo.", soft_wrap=True)
        return 1
    try:
        report = land(raw, data, read_tables(), args.empty, console)
    except (Stopped, OSError, duckdb.Error) as error:
        console.print(f"Landing stopped: {explained(error)}", markup=False, soft_wrap=True)
        return 1
    if args.empty:
        console.print(f"Every declared table stands empty or as it was in {data / 'landed'}.")
    else:
        show(report, console)
    return int(report.is_all_refused)
