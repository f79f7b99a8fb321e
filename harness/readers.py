"""One reader per kind of file: CSV, NDJSON and Parquet to the declared columns as text.

A reader finds the names in a file and answers with SQL; DuckDB does all reading and writing through
`write(relation, record_no, columns, extra)`, which gives the number of records landed. What comes
back are the records that could not be read, as (line number, reason, payload).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from . import text
from .contract import Column, Refused, Table, match
from .places import literal, sections

Connection = duckdb.DuckDBPyConnection
Write = Callable[[str, str, dict[str, str], str], int]
Rejects = list[tuple[int, str, str]]

SQL = sections(Path(__file__).with_suffix(".sql"))
TYPED = {  # how a type is written as text: the section of readers.sql that matches first
    "nested": r"STRUCT|MAP|.*\]$", "double": "DOUBLE|FLOAT", "moment": "TIMESTAMP WITH TIME ZONE",
    "time": "TIMESTAMP", "other": ""}


def read_csv(
    con: Connection, table: Table, clean: Path, lines: int, name: str, write: Write
) -> Rejects:
    """Read delimited text strictly, each cell through the header, never by position.

    A quote that never closes swallows what follows, so its line is made empty and the file read
    again until none is left. In the end every filled line belongs to one record, landed or not.
    """
    declared = {name.lower() for column in table.columns for name in column.names}
    delimiter = max(",;\t|", key=lambda sign: len(
        {each.strip().lower() for each in text.first_record(clean, sign)[0]} & declared))
    header, header_lines, skip = text.first_record(clean, delimiter)
    header = [each.strip() for each in header]
    found = match(table, header, name)
    cells = {each or f"column_{i + 1}": f"c{i}" for i, each in enumerate(header)}
    columns = {column: f"nullif({cells[each]}, '')" for column, each in found.items()}
    extra = _extra({each: cells[each] for each in cells if each not in found.values()})
    texts = ", ".join(f"c{i}: 'varchar'" for i in range(len(header)))
    # In a single column DuckDB takes an empty line for a record, unless empty is not null.
    null = ", nullstr = '\x1e'" if len(header) == 1 else ""
    scan, marks = clean, {}
    for _ in range(64):
        relation = SQL["csv"].format(file=literal(scan), columns=texts, skip=skip,
                                     delimiter=literal(delimiter), null=null)
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        landed = write(relation, "n", columns, extra)
        errors = con.execute(SQL["errors"]).fetchall()
        starts = text.line_starts(scan, {at for _, at in errors})
        opened = {starts[at] for reason, at in errors if reason == "csv:unclosed_quote"}
        if not opened:
            break
        scan = text.without_lines(clean, opened | marks.keys())
        marks |= dict.fromkeys(opened, "csv:unclosed_quote")
    for reason, at in errors:
        marks.setdefault(starts[at], reason)
    rejects = text.locate(clean, scan, marks, delimiter) if marks else []
    con.execute("create or replace temp table spans (n bigint, more bigint)")
    lines -= header_lines + sum(reject[4] for reject in rejects)
    if landed != lines:
        span = " + ".join(SQL["span"].format(f"c{i}") for i in range(len(header)))
        con.execute(SQL["spans"].format(span=span, relation=relation))
        landed += con.execute("select coalesce(max(more), 0) from spans").fetchone()[0]
    _add_up(lines, landed)
    if rejects:
        con.execute(SQL["gaps"], [[reject[3] - header_lines for reject in rejects]])
        write(SQL["moved"].format(relation=relation), "n + rejected", columns, extra)
    return [reject[:3] for reject in rejects]


def read_json(
    con: Connection, table: Table, clean: Path, lines: int, name: str, write: Write
) -> Rejects:
    """Read one JSON object per line; numbers keep their text."""
    source = SQL["lines"].format(file=literal(clean), unused="\x1f")
    return _read_objects(con, table, source, lines, name, write)


def read_list(
    con: Connection, table: Table, parent: Path, cell: str, name: str, write: Write
) -> Rejects:
    """Read the elements of the lists in a column of a landed file, each as one JSON object.

    A path that begins with ^ reads the record that holds the list: `^id` is its column id; `^`
    alone is the place in the list, from 0. One element that is no object makes its list unreadable;
    one that lacks a required column is a record that lacks it, and the file stays.
    """
    columns = tuple(replace(each, meta=each.meta | {"required": False}) for each in table.columns)
    above = {each.root[1:] for each in columns if each.root and each.root[0] == "^"}
    values = {f"^{each}": _name(each) if each else "place" for each in above}
    cell, file = _name(cell), literal(parent)
    con.execute(SQL["lists"].format(cell=cell, exact=SQL["exact"].format(json=cell), file=file))
    con.execute(SQL["elements"].format(values=_object(values)))
    lines = con.execute("select count(*) from elements").fetchone()[0]
    _read_objects(con, replace(table, columns=columns), "elements", lines, name, write)
    return con.execute(SQL["unopened"].format(cell=cell)).fetchall()


def _read_objects(
    con: Connection, table: Table, source: str, lines: int, name: str, write: Write
) -> Rejects:
    objects = SQL["objects"].format(lines=source)
    con.execute(SQL["seen"].format(objects=objects))
    keys = con.execute("select distinct unnest(keys) from seen order by 1").fetchall()
    header, broken = [row[0] for row in keys], con.execute(SQL["broken"]).fetchall()
    if lines and not header:
        raise Refused("file:no_records: no line is a JSON object")
    found = match(table, header, name)
    wanted = {column: pointer(key) for column, key in found.items()}

    def by_path(column: Column) -> str:
        return SQL["whole"].format(_walk("exact", column.steps), _walk("line", column.steps))

    def by_name(column: Column) -> str:
        raw = "null" if column.root else f"json_extract_string(line, {wanted[column.name]})"
        return SQL["whole"].format(f"plain[{list(wanted).index(column.name) + 1}]", raw)

    columns, used = _columns(table, header, found, by_path, by_name)
    none = _object(dict.fromkeys(used.intersection(header), "null"))
    rest = f"nullif(json_merge_patch(line, {none})::text, '{{}}')"
    exact, names = SQL["exact"].format(json="line"), ", ".join(wanted.values())
    records = SQL["plain"].format(wanted=names, exact=exact, objects=objects)
    landed = write(records, "n", columns, rest if set(header) - used else "null")
    _add_up(lines, landed + len(broken))
    return broken


def read_parquet(con: Connection, table: Table, path: Path, name: str, write: Write) -> Rejects:
    """Read typed columns as text that any engine reads back: no rounding, no 1e+06."""
    source = f"read_parquet({literal(path)}, hive_partitioning = false)"
    types = {row[0]: row[1] for row in con.execute(f"describe from {source}").fetchall()}
    header = {column.strip(): column for column in types}
    found = match(table, list(header), name)

    def by_path(column: Column) -> str:
        record = _object({column.root: _name(header[column.root])})
        return f"nullif({_walk(record, column.steps)}, '')"

    def by_name(column: Column) -> str | None:
        original = header[found[column.name]]
        is_read = column.root and re.match(TYPED["nested"], types[original])
        return None if is_read else _typed(_name(original), types[original])

    columns, used = _columns(table, header, found, by_path, by_name)
    extra = _extra({each: f"to_json({_name(header[each])})" for each in header if each not in used})
    write(f'(select *, row_number() over () as "record no" from {source}) as records',
          '"record no"', columns, extra)
    return []


def pointer(*keys: str) -> str:
    """Write a JSON pointer as SQL text."""
    return literal("".join("/" + k.replace("~", "~0").replace("/", "~1") for k in keys))


def _add_up(lines: int, read: int) -> None:
    if lines != read:
        raise Refused(f"file:does_not_add_up: {lines} lines hold records, {read} were read")


def _columns(
    table: Table, header: object, found: dict[str, str], by_path: Callable, by_name: Callable
) -> tuple[dict[str, str], set[str]]:
    """Each declared column by its path, else by its name; and the names that are thereby used."""
    columns = {}
    for column in table.columns:
        values = [by_path(column)] if column.root in header else []
        values += [by_name(column)] if column.name in found else []
        if values := [value for value in values if value]:
            columns[column.name] = f"coalesce({', '.join(values)})"
    return columns, {column.root for column in table.columns} | set(found.values())


def _object(values: dict[str, str]) -> str:
    return f"json_object({', '.join(f'{literal(k)}, {v}' for k, v in values.items())})"


def _extra(values: dict[str, str]) -> str:
    return SQL["extra"].format(values=_object(values)) if values else "null"


def _walk(json: str, steps: list[tuple[str, str, str]]) -> str:
    """Follow a path; a selector takes the first entry of a list whose field has that value."""
    for number, (name, key, value) in enumerate(steps):
        json = SQL["written"].format(json=json) if number == 1 else json
        json = f"json_extract({json}, {pointer(name)})"
        if key:
            json = SQL["entry"].format(json=json, key=pointer(key), value=literal(value))
    return f"({json} ->> '$')"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _typed(cell: str, kind: str) -> str:
    section = next(name for name, kinds in TYPED.items() if re.match(kinds, kind))
    return SQL[section].format(cell=cell)
