"""`omniloop land`: every delivered file becomes one numbered Parquet file, everything as text."""

import argparse
import csv
import gzip
import hashlib
import re
import shutil
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Column
from rich.table import Table as Grid

from . import landed, places, readers, text
from .contract import Refused, Table, near, read_tables
from .places import Stopped, literal

KIND = re.compile(r"(.+?)\.(csv|ndjson|jsonl|parquet)(\.gz)?", re.IGNORECASE)
DEMO_MARK = "DEMO_DATA.txt"
HALF_WRITTEN = (".tmp", ".part", ".crdownload")
BAD_BYTES = (duckdb.Error, EOFError, gzip.BadGzipFile, zlib.error, csv.Error)
BAD_FILE = (PermissionError, FileNotFoundError)
RECORD = places.sections(Path(__file__).with_suffix(".sql"))["record"]


@dataclass
class Report:
    """What a landing did."""

    landed: dict = field(default_factory=lambda: defaultdict(list))  # records, malformed of files
    skipped: Counter = field(default_factory=Counter)  # known files of each table
    refused: list[dict] = field(default_factory=list)
    again: int = 0  # landed again under a changed field table
    gone: int = 0  # landed files no longer in the raw folder

    @property
    def is_all_refused(self) -> bool:
        """Nothing could be used of what was delivered."""
        return bool(self.refused) and not self.landed and not self.skipped


@dataclass
class Run:
    """One landing, under the lock."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    tables: dict[tuple[str, str], Table]
    origin: str
    loads: dict[tuple, dict]  # (source, table, sha256) -> note
    told: list[dict]  # rows of landing.files as the run before left them
    last: dict  # highest load_no, run_no and loaded_at there ever were
    seen: set[tuple] = field(default_factory=set)
    report: Report = field(default_factory=Report)


def delivered(raw: Path) -> list[Path]:
    """Files of the raw folder by path, half-written and hidden ones left out."""
    files = (path.relative_to(raw) for path in raw.rglob("*") if path.is_file())
    return sorted((file for file in files if file.as_posix() != DEMO_MARK
                   and not any(part[0] in ".~" for part in file.parts)
                   and file.suffix.lower() not in HALF_WRITTEN), key=Path.as_posix)


def land(
    raw: Path, data: Path, tables: dict, only_empty: bool = False, console: Console | None = None
) -> Report:
    """Land all files of `raw` under `data`; give what was landed, skipped and refused."""
    folder, origin = data / "landed", "demo" if (raw / DEMO_MARK).exists() else "own"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with places.locked(folder / ".lock", "landing", wait=True), landed.connect(folder) as con:
        landed.sweep(folder)
        landed.identify(con, folder, tables["landing", "origin"], origin)
        landed.put_empties(con, folder, tables.values())
        loads = {landed.key(load): load for load in landed.loads(con, folder)}
        told = landed.rows_of(con, f"from {literal(folder / 'landing/files/000000.parquet')}")
        rows = [row for row in (*loads.values(), *told) if row["load_no"]]
        last = {name: max((type(start)(row[name]) for row in rows), default=start)
                for name, start in (("load_no", 0), ("run_no", 0), ("loaded_at", ""))}
        run = Run(con, folder, tables, origin, loads, told, last)
        files = [] if only_empty else delivered(raw)
        try:
            for file in places.progress("landing", files, console or Console(quiet=True)):
                _take(run, raw, file)
        finally:
            run.report.gone = 0 if only_empty else len(run.loads.keys() - run.seen)
            _tell(run, only_empty)
            landed.sweep(folder)
    return run.report


def _take(run: Run, raw: Path, file: Path) -> None:
    """Land one delivered file, skip it when known, or write down why it is refused."""
    parts, kind, path = file.parts, KIND.fullmatch(file.name), raw / file
    table_name = parts[1] if len(parts) > 2 else kind[1] if kind else file.stem
    note = {"load_no": None, "run_no": run.last["run_no"] + 1, "origin": run.origin,
            "source_name": parts[0] if len(parts) > 1 else "", "table_name": table_name,
            "file_name": file.as_posix()}
    try:
        before = path.stat()
        with open(path, "rb") as content:
            note["file_sha256"] = hashlib.file_digest(content, "sha256").hexdigest()
        note["file_bytes"] = before.st_size
        table = _declared(run.tables, note, kind)
        note["contract_sha256"] = table.contract_sha256
        known, opened = run.loads.get(landed.key(note)), (each for _, each in table.opened)
        keys = [(table.source, each.name, note["file_sha256"]) for each in (table, *opened)]
        run.seen.update(keys)
        if known and known["contract_sha256"] == table.contract_sha256:
            run.report.skipped.update(key[:2] for key in keys)
            return
        old = [load for load in run.loads.values() if landed.key(note) == (
            load["source_name"], load.get("opened_from", load["table_name"]), load["file_sha256"])]
        loads = _read(run, table, path, kind[2].lower(), note)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Refused("file:still_being_written: it changed while it was read")
        for load in reversed(loads):  # the file's own is the last: from then on all exist
            places.commit(load["path"])
    except (Refused, *BAD_BYTES, *BAD_FILE) as error:
        if "No space left" in str(error):
            raise Stopped(places.explained(error)) from None
        # An engine's message may repeat a record; only that about a Parquet file does not.
        safe = isinstance(error, Refused) or (kind and "parquet" in kind[2].lower())
        why = str(error).splitlines()[0] if safe else type(error).__name__
        why = why if isinstance(error, Refused) else f"file:not_readable: {why}"
        why = why if note["file_name"] in why else f"{why} ({note['file_name']})"
        run.report.refused.append(note | {"reason": why})
        return
    for load in old:
        landed.remove(run.loads.pop(landed.key(load)))
    run.report.again += bool(old)
    for load in loads:
        key, counts = landed.key(load), (load["landed_count"], load["malformed_count"])
        run.loads[key] = load
        run.report.landed[key[:2]].append(counts)


def _declared(tables: dict, note: dict, kind: re.Match | None) -> Table:
    known = {f"{s}/{t}": table for (s, t), table in tables.items() if table.is_delivered}
    where, file = f"{note['source_name']}/{note['table_name']}", note["file_name"]
    if where not in known:
        hint = near(where, sorted(known))
        raise Refused(f"file:undeclared_table: {file} belongs to no declared table; {hint}")
    if not kind:
        raise Refused(f"file:unknown_kind: {file} is not .csv, .ndjson, .jsonl or .parquet, each "
                      "also with .gz; save it as one of them")
    return known[where]


def _read(run: Run, table: Table, path: Path, kind: str, note: dict) -> list[dict]:
    """The loads of a delivered file, each written beside its place: its own, then opened lists."""
    if not note["file_bytes"]:
        raise Refused("file:empty: it has no byte")
    clean = run.folder / landed.SCRATCH / "delivered"
    if kind == "parquet":
        if path.suffix.lower() == ".gz":
            with text.opened(path) as packed, open(clean, "wb") as plain:
                shutil.copyfileobj(packed, plain)
            path = clean
        read = partial(readers.read_parquet, path=path)
    else:
        lines = text.write_clean(path, clean, kind != "csv")
        reader = readers.read_csv if kind == "csv" else readers.read_json
        read = partial(reader, clean=clean, lines=lines)
    loads = [_write(run, table, read, note)]
    for cell, opened in table.opened:
        above = places.beside(loads[0]["path"])
        read = partial(readers.read_list, parent=above, cell=cell)
        inner = note | {"table_name": opened.name, "opened_from": table.name}
        loads.append(_write(run, opened, read, inner))
    return loads


def _write(run: Run, table: Table, read: Callable, note: dict) -> dict:
    """Write one Parquet file beside its place, and the records that could not be read."""
    before = (row for row in (*run.loads.values(), *run.told)
              if row["load_no"] and landed.key(row) == landed.key(note))
    run.last["load_no"] += 1
    run.last["loaded_at"] = landed.now_after(run.last["loaded_at"])
    note = note | {name: run.last[name] for name in ("load_no", "loaded_at")} | {
        "run_no": next(before, note)["run_no"]}
    sizes, target = [], run.folder / table.source / table.name / f"{note['load_no']:06d}.parquet"

    def write(relation: str, record_no: str, columns: dict[str, str], extra: str) -> int:
        cells = [f'{columns.get(c.name, "null")}::text as "{c.name}"' for c in table.columns]
        facts = {name: literal(value) for name, value in note.items()}
        record = RECORD.format(cells=", ".join(cells), extra=extra, record_no=record_no,
                               relation=relation, **facts)
        sizes.append(landed.put(run.con, record, target, note))
        return sizes[-1]

    rejects = read(run.con, table, name=note["file_name"], write=write)
    if rejects:
        rows = (note | {"line_no": line_no, "reason": reason, "payload": payload[:1_000_000]}
                for line_no, reason, payload in rejects)
        declared = run.tables["landing", "rejects"]
        landed.put_rows(run.con, run.folder, declared, rows, landed.rejects_path(target))
    return note | {"path": target, "landed_count": sizes[-1], "malformed_count": len(rejects)}


def _tell(run: Run, only_empty: bool) -> None:
    """Write what landing knows: files and rejects."""
    paths = (landed.rejects_path(load["path"]) for load in run.loads.values())
    here = [str(path) for path in paths if path.exists()]
    rejects = f"select * from read_parquet({here})" if here else None
    counted = f"select load_no, count(*) from ({rejects}) group by 1"
    malformed = dict(run.con.execute(counted).fetchall()) if here else {}
    rows = [load | {"record_count": load["landed_count"] + bad, "malformed_count": bad,
                    "file_status": "landed"}
            for load in run.loads.values() for bad in [malformed.get(load["load_no"], 0)]]
    now = {load["load_no"] for load in run.loads.values()}
    for row in run.told:
        if row["load_no"] and row["load_no"] not in now:
            again = run.loads.get(landed.key(row))
            reason = f"landed again as load {again['load_no']}" if again else "taken away"
            rows.append(row | {"file_status": "removed", "reason": row["reason"] or reason})
    none = {"load_no": None, "run_no": None, "loaded_at": None, "file_status": "refused"}
    told = [row for row in run.told if only_empty and row["file_status"] == "refused"]
    rows += [row | none | {"landed_count": 0, "malformed_count": 0}
             for row in (*told, *run.report.refused)]
    for name, added, kept in (("rejects", [], rejects), ("files", rows, None)):
        target = run.folder / "landing" / name / "000000.parquet"
        landed.put_rows(run.con, run.folder, run.tables["landing", name], added, target, kept)


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
    if grid.rows:
        console.print(grid)
    for each in report.refused:
        console.print(f"refused  {each['reason']}", markup=False, soft_wrap=True)
    if report.again:
        console.print(f"{report.again} files were landed again: their field table changed.")
    if report.gone:
        console.print(f"{report.gone} landed files are no longer among the raw ones; they stay.")


def main(args: argparse.Namespace) -> int:
    """Run `omniloop land`."""
    console, raw, data = places.screen(), places.folder("raw"), places.folder("data")
    if not args.empty and not delivered(raw):
        raise Stopped(f"no file in {raw}: drop exports there as <source>/<table>.csv (or .ndjson, "
                      ".parquet), or run `make build` for the demo")
    report = land(raw, data, read_tables(), args.empty, console)
    if args.empty:
        console.print(f"Every declared table stands empty or as it was in {data / 'landed'}.")
    else:
        show(report, console)
    return int(report.is_all_refused)
