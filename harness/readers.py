"""One reader per kind of file: CSV, NDJSON and Parquet to the declared columns as text.

A reader finds the names in a file and answers with SQL; DuckDB does all reading and writing through
`write(relation, record_no, columns, extra)`, which gives the number of records landed. What comes
back are the records that could not be read, as (line number, reason, payload).
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from . import text
from .contract import Column, Refused, Table, match
from .places import literal

Connection = duckdb.DuckDBPyConnection
Write = Callable[[str, str, dict[str, str], str], int]
Rejects = list[tuple[int, str, str]]

CSV_ERRORS = {
    "MISSING COLUMNS": "csv:too_few_cells",
    "TOO MANY COLUMNS": "csv:too_many_cells",
    "INVALID ENCODING": "encoding:invalid_utf8",
    "LINE SIZE OVER MAXIMUM": "csv:line_too_long",
}
# Filled lines a cell adds to its record; an empty line inside a cell is not counted as filled.
SPAN = """coalesce(case when contains({0}, chr(10)) then len(string_split({0}, chr(10))) - 1 - len(
    list_filter(string_split({0}, chr(10))[2:-2], lambda part: part = '')) else 0 end, 0)"""
# From filled lines to records: after which record how many are missing.
GAPS = """create or replace temp table gaps as
    select after_record, max(rejected) as rejected from (
        select broken.line - coalesce(spans.more, 0) as after_record,
            row_number() over (order by broken.line) as rejected
        from (select unnest(?::bigint[]) as line) as broken
        asof left join (select more, n + more as line from spans) as spans
            on broken.line >= spans.line)
    group by after_record"""
# A number that JSON parsing would rewrite: 1.10, 1e6, or more digits than a double holds.
LOSSY = r"\.[0-9]*0[^0-9]|[0-9][eE][+-]?[0-9]|[0-9.]{17}"
# Puts quotes around numbers only: a string is matched as a whole, so never inside one.
NUMBERS = r'"((?:[^"\\]|\\.)*)"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)'
BROKEN = r"""select line_no, case
        when contains(payload, '\x00') then 'encoding:null_byte'
        when regexp_matches(payload, '\\x[0-9a-f]{2}') then 'encoding:invalid_utf8'
        when json_valid(payload) then 'json:not_an_object' else 'json:broken_line' end, payload
    from seen where line_no is not null order by 1"""


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
    scan, marks = clean, {}
    for _ in range(64):
        relation = _csv(scan, len(header), skip, delimiter)
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        landed = write(relation, "n", columns, extra)
        errors = con.execute("""select distinct error_type::text, if(error_type = 'UNQUOTED VALUE',
            byte_position, line_byte_position) - 1 from reject_errors order by 2, 1""").fetchall()
        starts = text.line_starts(scan, {at for _, at in errors})
        opened = {starts[at] for kind, at in errors if kind == "UNQUOTED VALUE"}
        if not opened:
            break
        scan = text.without_lines(clean, opened | marks.keys())
        marks |= dict.fromkeys(opened, "csv:unclosed_quote")
    for kind, at in errors:
        marks.setdefault(starts[at], CSV_ERRORS.get(kind, "csv:malformed"))
    rejects = text.locate(clean, scan, marks, delimiter) if marks else []
    con.execute("create or replace temp table spans (n bigint, more bigint)")
    lines -= header_lines + sum(reject[4] for reject in rejects)
    if landed != lines:
        span = " + ".join(SPAN.format(f"c{i}") for i in range(len(header)))
        con.execute(f"""insert into spans select n, sum(span) over (order by n) from
            (select n, {span} as span from {relation}) where span > 0""")
        landed += con.execute("select coalesce(max(more), 0) from spans").fetchone()[0]
    _add_up(lines, landed)
    if rejects:
        con.execute(GAPS, [[reject[3] - header_lines for reject in rejects]])
        write(f"""(select records.*, coalesce(gaps.rejected, 0) as rejected from {relation} asof
            left join gaps on records.n > gaps.after_record order by records.n) as records""",
              "n + rejected", columns, extra)
    return [reject[:3] for reject in rejects]


def _csv(scan: Path, width: int, skip: int, delimiter: str) -> str:
    # In a single column DuckDB takes an empty line for a record, unless empty is not null.
    null = ", nullstr = '\x1e'" if width == 1 else ""
    return f"""(select row_number() over () as n, * from read_csv({literal(scan)},
        columns = {{{", ".join(f"c{i}: 'varchar'" for i in range(width))}}},
        header = false, skip = {skip}, auto_detect = false, delim = {literal(delimiter)},
        quote = '"', escape = '"', strict_mode = true, store_rejects = true{null})) as records"""


def read_json(
    con: Connection, table: Table, clean: Path, lines: int, name: str, write: Write
) -> Rejects:
    """Read one JSON object per line; numbers keep their text."""
    relation = f"""(select *, row_number() over () as n from (
        select line, row_number() over () as line_no, coalesce(
            json_type(case when json_valid(line) then line end) = 'OBJECT', false) as ok
        from read_csv({literal(clean)}, columns = {{line: 'varchar'}}, header = false,
            auto_detect = false, delim = '\x1f', quote = '', escape = '', max_line_size = 20000000)
        ) where line is not null)"""
    con.execute(f"""create or replace temp table seen as
        select case when ok then json_keys(line) end as keys, count(*) as records,
            case when not ok then line_no end as line_no, case when not ok then line end as payload
        from {relation} group by all""")
    keys = con.execute("select distinct unnest(keys) from seen order by 1").fetchall()
    header, broken = [row[0] for row in keys], con.execute(BROKEN).fetchall()
    if not header:
        raise Refused("file:no_records: no line is a JSON object")
    found = match(table, header, name)
    wanted = {column: pointer(key) for column, key in found.items()}

    def by_path(column: Column) -> str:
        return _exact(_walk("exact", column.steps), _walk("line", column.steps))

    def by_name(column: Column) -> str:
        raw = "null" if column.root else f"json_extract_string(line, {wanted[column.name]})"
        return _exact(f"plain[{list(wanted).index(column.name) + 1}]", raw)

    columns, used = _columns(table, header, found, by_path, by_name)
    none = _object(dict.fromkeys(used.intersection(header), "null"))
    rest = f"nullif(json_merge_patch(line, {none})::text, '{{}}')"
    landed = write(f"""(select *, json_extract_string(exact, [{', '.join(wanted.values())}]::text[])
            as plain
        from (select n, line, case when regexp_matches(line, {literal(LOSSY)}) then
            regexp_replace(line, {literal(NUMBERS)}, '"\\1\\2"', 'g') else line end as exact
            from {relation} where ok)) as records""",
                   "n", columns, rest if set(header) - used else "null")
    _add_up(lines, landed + len(broken))
    return broken


def read_parquet(con: Connection, table: Table, path: Path, name: str, write: Write) -> Rejects:
    """Read typed columns as text that any engine reads back: no rounding, no 1e+06."""
    source = f"read_parquet({literal(path)}, hive_partitioning = false)"
    types = {row[0]: row[1] for row in con.execute(f"describe from {source}").fetchall()}
    header = {column.strip(): column for column in types}
    found = match(table, list(header), name)

    def by_path(column: Column) -> str | None:
        cell, root = _name(header[column.root]), column.root
        nested = f"nullif({_walk(_object({root: cell}), column.steps)}, '')"
        return nested if _is_nested(types[header[root]]) else None

    def by_name(column: Column) -> str | None:
        original = header[found[column.name]]
        is_read = column.root and _is_nested(types[original])
        return None if is_read else _typed(_name(original), types[original])

    columns, used = _columns(table, header, found, by_path, by_name)
    extra = _extra({each: f"to_json({_name(header[each])})" for each in header if each not in used})
    relation = f"(select *, row_number() over () as \"record no\" from {source}) as records"
    write(relation, '"record no"', columns, extra)
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
    patch = f"json_merge_patch('{{}}', {_object(values)})"
    return f"nullif({patch}::text, '{{}}')" if values else "null"


def _exact(exact: str, raw: str) -> str:
    """Plain values with their exact digits; objects and lists as they were delivered."""
    return f"case when left({exact}, 1) in ('{{', '[') then {raw} else nullif({exact}, '') end"


def _walk(json: str, steps: list[tuple[str, str, str]]) -> str:
    """Follow a path; a selector takes the first entry of a list whose field has that value."""
    for name, key, value in steps:
        json = f"json_extract({json}, {pointer(name)})"
        if key:
            json = f"""list_filter(json_transform({json}, '["JSON"]'),
                lambda entry: json_extract_string(entry, {pointer(key)}) = {literal(value)})[1]"""
    return f"({json} ->> '$')"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _is_nested(kind: str) -> bool:
    return kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")


def _typed(cell: str, kind: str) -> str:
    if _is_nested(kind):
        return f"to_json({cell})::text"
    if kind in ("DOUBLE", "FLOAT"):
        return f"""case when {cell} = trunc({cell}) and abs({cell}) < 1e18 then {cell}::bigint::text
            when contains({cell}::text, 'e') and abs({cell}) < 1e18
                then rtrim(rtrim({cell}::decimal(38, 18)::text, '0'), '.')
            else {cell}::text end"""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(make_timestamp(epoch_us({cell})), '%Y-%m-%dT%H:%M:%S.%f+00:00')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({cell}::timestamp, '%Y-%m-%d %H:%M:%S.%f')"
    return f"nullif({cell}::text, '')"
