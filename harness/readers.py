"""One reader per kind of file: CSV, NDJSON and Parquet to the declared columns as text.

A reader finds the names in a file and answers with SQL; DuckDB does all reading and writing through
`write(relation, record_no, columns, extra)`, which gives the number of records landed. What comes
back are the records that could not be read, as (line number, reason, payload).
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from . import text
from .contract import Refused, Table, match
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
SPAN = """case when contains({0}, chr(10)) then len(string_split({0}, chr(10))) - 1
    - len(list_filter(string_split({0}, chr(10))[2:-2], lambda part: part = '')) else 0 end"""
# A number that JSON parsing would rewrite: 1.10, 1e6, or more digits than a double holds.
LOSSY = r"\.[0-9]*0[^0-9]|[0-9][eE][+-]?[0-9]|[0-9.]{17}"
# Puts quotes around numbers only: a string is matched as a whole, so never inside one.
NUMBERS = r'"((?:[^"\\]|\\.)*)"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)'


def pointer(*keys: str) -> str:
    """Write a JSON pointer as SQL text."""
    return literal("".join("/" + k.replace("~", "~0").replace("/", "~1") for k in keys))


def read_csv(
    con: Connection, table: Table, clean: Path, lines: int, name: str, write: Write
) -> Rejects:
    """Read delimited text strictly, each cell through the header, never by position.

    A quote that never closes swallows what follows, so its line is made empty and the file read
    again until none is left. In the end every filled line belongs to one record, landed or not.
    """
    delimiter, header, header_lines, skip = _header(table, clean)
    found = match(table, header, name)
    cells = [f"c{i}" for i in range(len(header))]
    value = {column: cell for column, cell in zip(header, cells, strict=True) if column}
    columns = {declared: f"nullif({value[column]}, '')" for declared, column in found.items()}
    other = {
        column or f"column_{i + 1}": cells[i]
        for i, column in enumerate(header)
        if column not in found.values()
    }
    extra = f"nullif(json_merge_patch('{{}}', {_object(other)})::text, '{{}}')" if other else "null"
    scan, marks = clean, {}
    for _ in range(64):
        relation = _csv_relation(scan, cells, skip, delimiter)
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
    _make_spans(con, relation, cells, lines - header_lines - sum(r[4] for r in rejects), landed)
    if rejects:
        _make_gaps(con, [r[3] - header_lines for r in rejects])
        joined = f"""(select records.*, coalesce(gaps.rejected, 0) as rejected from {relation}
            asof left join gaps on records.n > gaps.after_record order by records.n) as records"""
        write(joined, "n + rejected", columns, extra)
    return [r[:3] for r in rejects]


def _header(table: Table, clean: Path) -> tuple[str, list[str], int, int]:
    """The delimiter is the one that makes most names of the header declared ones."""
    declared = {name.lower() for column in table.columns for name in column.names}

    def known(delimiter: str) -> int:
        names = text.first_record(clean, delimiter)[0]
        return len({name.strip().lower() for name in names} & declared)

    delimiter = max(",;\t|", key=known)
    names, header_lines, skip = text.first_record(clean, delimiter)
    return delimiter, [name.strip() for name in names], header_lines, skip


def _csv_relation(scan: Path, cells: list[str], skip: int, delimiter: str) -> str:
    # In a single column DuckDB takes an empty line for a record, unless empty is not null.
    null = ", nullstr = '\x1e'" if len(cells) == 1 else ""
    return f"""(select row_number() over () as n, * from read_csv({literal(scan)},
        columns = {{{", ".join(f"{cell}: 'varchar'" for cell in cells)}}},
        header = false, skip = {skip}, auto_detect = false, delim = {literal(delimiter)},
        quote = '"', escape = '"', strict_mode = true, store_rejects = true{null})) as records"""


def _object(values: dict[str, str]) -> str:
    return f"json_object({', '.join(f'{literal(k)}, {v}' for k, v in values.items())})"


def _make_spans(
    con: Connection, relation: str, cells: list[str], lines: int, landed: int
) -> None:
    """Check that the filled lines add up, and keep which records stand on more than one."""
    span = " + ".join(f"coalesce({SPAN.format(cell)}, 0)" for cell in cells)
    con.execute("create or replace temp table spans (n bigint, before bigint)")
    if landed != lines:
        con.execute(f"""insert into spans select n, sum(span) over (order by n) from
            (select n, {span} as span from {relation}) where span > 0""")
    more = con.execute("select coalesce(max(before), 0) from spans").fetchone()[0]
    if landed + more != lines:
        raise Refused(
            f"file:does_not_add_up: {lines} lines hold records, {landed + more} were read"
        )


def _make_gaps(con: Connection, lines_before: list[int]) -> None:
    """From lines to records: after which record how many are missing."""
    con.execute("create or replace temp table lines as select unnest(?::bigint[]) as before",
                [lines_before])
    con.execute("""create or replace temp table gaps as
        select after_record, max(rejected) as rejected from (
            select lines.before - coalesce(spans.before, 0) as after_record,
                row_number() over (order by lines.before) as rejected
            from lines asof left join (select before, n + before as line from spans) as spans
                on lines.before >= spans.line)
        group by after_record""")


def read_json(
    con: Connection, table: Table, clean: Path, lines: int, name: str, write: Write
) -> Rejects:
    """Read one JSON object per line; paths first, then plain names; numbers keep their text."""
    relation = f"""(select *, row_number() over () as n from (
        select line, row_number() over () as line_no, coalesce(
            json_type(case when json_valid(line) then line end) = 'OBJECT', false) as ok
        from read_csv({literal(clean)}, columns = {{line: 'varchar'}}, header = false,
            auto_detect = false, delim = '\x1f', quote = '', escape = '', max_line_size = 20000000)
        ) where line is not null)"""
    con.execute(f"""create or replace temp table seen as
        select case when ok then json_keys(line) end as keys,
            case when not ok then line_no end as line_no, case when not ok then line end as payload,
            count(*) as records
        from {relation} group by all""")
    header = [row[0] for row in con.execute(
        "select distinct unnest(keys) from seen order by 1").fetchall()]
    broken = con.execute("""select line_no,
            case when regexp_matches(payload, '\\\\x[0-9a-f]{2}') and contains(payload, '\\x00')
                then 'encoding:null_byte'
            when regexp_matches(payload, '\\\\x[0-9a-f]{2}') then 'encoding:invalid_utf8'
            when json_valid(payload) then 'json:not_an_object' else 'json:broken_line' end, payload
        from seen where line_no is not null order by 1""").fetchall()
    if not header:
        raise Refused("file:no_records: no line is a JSON object")
    found = match(table, header, name)
    used = {column.steps[0][0] for column in table.columns if column.path} | set(found.values())
    wanted = {c: pointer(found[c]) for c in found}
    columns = {}
    for column in table.columns:
        values = []
        if column.path and column.steps[0][0] in header:
            values.append(_json_text(f"({_walk('exact', column.steps)} ->> '$')",
                                     f"({_walk('line', column.steps)} ->> '$')"))
        if column.name in found:
            at = list(wanted).index(column.name) + 1
            raw = f"json_extract_string(line, {wanted[column.name]})"
            values.append(_json_text(f"plain[{at}]", "null" if column.path else raw))
        if values:
            columns[column.name] = f"coalesce({', '.join(values)})"
    other = _object(dict.fromkeys((k for k in header if k in used), "null"))
    rest = f"nullif(json_merge_patch(line, {other})::text, '{{}}')"
    exact = f"""(select *, json_extract_string(exact, [{', '.join(wanted.values())}]::varchar[])
            as plain
        from (select n, line, case when regexp_matches(line, {literal(LOSSY)}) then
            regexp_replace(line, {literal(NUMBERS)}, '"\\1\\2"', 'g') else line end as exact
            from {relation} where ok)) as records"""
    landed = write(exact, "n", columns, rest if set(header) - used else "null")
    if landed + len(broken) != lines:
        raise Refused(
            f"file:does_not_add_up: {lines} lines hold records, {landed + len(broken)} were read"
        )
    return broken


def _json_text(exact: str, raw: str) -> str:
    """Plain values with their exact digits; objects and lists as they were delivered."""
    return f"case when left({exact}, 1) in ('{{', '[') then {raw} else nullif({exact}, '') end"


def _walk(json: str, steps: list[tuple[str, str, str]]) -> str:
    """Follow a path; a selector takes the first entry of a list whose field has that value."""
    for name, key, value in steps:
        json = f"json_extract({json}, {pointer(name)})"
        if key:
            json = f"""list_filter(json_transform({json}, '["JSON"]'),
                lambda entry: json_extract_string(entry, {pointer(key)}) = {literal(value)})[1]"""
    return json


def read_parquet(con: Connection, table: Table, path: Path, name: str, write: Write) -> Rejects:
    """Read typed columns as text that any engine reads back: no rounding, no 1e+06."""
    source = f"read_parquet({literal(path)}, hive_partitioning = false)"
    types = {row[0]: row[1] for row in con.execute(f"describe from {source}").fetchall()}
    header = {column.strip(): column for column in types}
    found = match(table, list(header), name)
    columns = {}
    for column in table.columns:
        values = []
        if column.path and (root := column.steps[0][0]) in header and _nested(types[header[root]]):
            nested = _walk(_object({root: _name(header[root])}), column.steps)
            values.append(f"nullif({nested} ->> '$', '')")
        original = header.get(found.get(column.name))
        if original and not (column.path and _nested(types[original])):
            values.append(_typed_text(_name(original), types[original]))
        if values:
            columns[column.name] = f"coalesce({', '.join(values)})"
    used = {column.steps[0][0] for column in table.columns if column.path} | set(found.values())
    other = {n: f"to_json({_name(header[n])})" for n in header if n not in used}
    relation = f"(select *, row_number() over () as \"row number\" from {source}) as records"
    extra = f"nullif(json_merge_patch('{{}}', {_object(other)})::text, '{{}}')" if other else "null"
    write(relation, '"row number"', columns, extra)
    return []


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _nested(kind: str) -> bool:
    return kind.startswith(("STRUCT", "MAP")) or kind.endswith("]")


def _typed_text(cell: str, kind: str) -> str:
    if _nested(kind):
        return f"to_json({cell})::text"
    if kind in ("DOUBLE", "FLOAT"):
        return f"""case when {cell} = trunc({cell}) and abs({cell}) < 1e18 then {cell}::bigint::text
            when contains({cell}::text, 'e') and abs({cell}) < 1e18
                then rtrim({cell}::decimal(38, 18)::text, '0')
            else {cell}::text end"""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(make_timestamp(epoch_us({cell})), '%Y-%m-%dT%H:%M:%S.%f+00:00')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({cell}::timestamp, '%Y-%m-%d %H:%M:%S.%f')"
    return f"nullif({cell}::text, '')"
