"""Writing: SQL spellings of identifiers and money, and exact CSV, NDJSON and Parquet files."""

import gzip
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb
import numpy as np

from .settings import Columns, Run, days_of

MACROS = """
create macro yuan(amount) as
    case when amount < 0 then '-' else '' end
    || (abs(amount) // 100)::bigint || '.' || lpad((abs(amount) % 100)::varchar, 2, '0');
create macro utc(seconds) as make_timestamp(seconds::bigint * 1000000);
create macro local_time(seconds) as utc(seconds + 28800);
create macro iso_local(seconds) as strftime(local_time(seconds), '%Y-%m-%dT%H:%M:%S+08:00');
create macro iso_utc(seconds) as strftime(utc(seconds), '%Y-%m-%dT%H:%M:%SZ');
create macro iso_time(seconds, is_utc) as
    case when is_utc then iso_utc(seconds) else iso_local(seconds) end;
create macro wall_clock(seconds) as strftime(local_time(seconds), '%Y-%m-%d %H:%M:%S');
create macro half_year(seconds) as
    year(local_time(seconds)) || 'H' || case when month(local_time(seconds)) <= 6 then 1 else 2 end;
create macro order_id(number) as (5410000000000 + number)::bigint::varchar;
create macro order_name(number) as '#' || (100001 + number)::bigint;
create macro tmall_order_id(number) as (2180000000000000000 + number * 1000003)::bigint::varchar;
create macro delivery_order_id(number) as (301000000000000000 + number * 10007)::bigint::varchar;
create macro buyer_nick(no) as case when no % 3 = 0 then 'tb' || (10000000 + no) else
    list_value('晴天', '小鹿', '阿布', '糖果', '清风', '木子', '海边', 'Lucky', 'momo', 'Echo')[
        no % 10 + 1]
    || list_value('的猫', '_', '爱逛街', '2019', '妈妈')[no // 10 % 5 + 1] || no end;
create macro delivery_user_text(no) as (2300000000 + no)::bigint::varchar;
create macro virtual_phone(number) as
    (17010000000 + number * 7919 % 89999999)::bigint || ','
    || lpad((number * 37 % 10000)::varchar, 4, '0');
create macro device_text(no) as case when no >= 0 then substr(md5('device:' || no), 1, 16) end;
create macro wechat_text(prefix, no) as
    prefix || replace(replace(rtrim(to_base64(unhex(md5(prefix || no))), '='), '+', '-'), '/', '_');
create macro mini_openid(no) as wechat_text('oM4zK5', no);
create macro official_openid(no) as wechat_text('oF9tB1', no);
create macro unionid_text(no) as case when no >= 0 then wechat_text('o6_bmj', no) end;
create macro line_id(number, line) as (13770000000000 + number * 10 + line)::bigint::varchar;
create macro refund_id(number) as (890000000000 + number)::bigint::varchar;
create macro customer_text(no) as (7000000000 + no)::bigint::varchar;
create macro member_text(no) as lpad((no + 20000)::varchar, 10, '0');
create macro cookie_text(cookie) as
    (cookie % 9000000000 + 1000000000) || '.' || ((cookie // 9000000000) % 90000000 + 1690000000);
create macro email_text(no) as
    list_value('li', 'wang', 'zhang', 'liu', 'chen', 'yang', 'zhao', 'huang', 'zhou', 'wu')[
        no % 10 + 1]
    || list_value('.wei', '.fang', '_na', 'min', 'jing', '.lei', 'jun', 'yan')[no // 10 % 8 + 1]
    || no || list_value('@qq.com', '@163.com', '@126.com', '@gmail.com', '@outlook.com')[
        no % 5 + 1];
create macro written_email(no, style) as case style
    when 1 then upper(email_text(no)) when 2 then ' ' || email_text(no) || ' '
    else email_text(no) end;
create macro spell_phone(p, style) as case style
    when 1 then '+86' || p
    when 2 then '86-' || p
    when 3 then p[1:3] || ' ' || p[4:7] || ' ' || p[8:11]
    when 4 then '+86 ' || p[1:3] || '-' || p[4:7] || '-' || p[8:11]
    when 5 then translate(p, '0123456789', '０１２３４５６７８９')
    when 6 then p[1:3] || '****' || p[8:11]
    when 7 then p[1] || '.' || p[2:3] || 'E+10'
    when 8 then '13800138000'
    else p end;
create macro written_phone(number, style) as
    case when number > 0 then spell_phone(number::varchar, style) end;
create macro usable_phone(number, style) as
    case when number > 0 and style not in (6, 7, 8) then '+86' || number end;
"""


@dataclass
class Quirks:
    """Peculiarities of files, by (built table, file): headers, one more column, column order.

    renamed: header by column; extra: SQL of an undeclared column; reversed: files whose columns
    stand the other way round; encodings: where not UTF-8.
    """

    renamed: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    extra: dict[tuple[str, str], str] = field(default_factory=dict)
    reversed: set[tuple[str, str]] = field(default_factory=set)
    encodings: dict[tuple[str, str], str] = field(default_factory=dict)


def periods(run: Run) -> list[str]:
    """Names of the half-years of a run, as the macro half_year gives them, in order."""
    return sorted({f"{day.year}H{1 if day.month <= 6 else 2}" for day in days_of(run)})


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with one thread (fixed order and bytes) and the spelling macros."""
    con = duckdb.connect()
    con.execute("set threads = 1; set TimeZone = 'UTC'; set memory_limit = '2GB'")
    con.execute("set enable_progress_bar = false")
    con.execute(MACROS)
    return con


def load(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Columns]) -> None:
    """Copy arrays into DuckDB tables of the given names, replacing older ones."""
    for name, columns in tables.items():
        con.register("_arrays", columns)
        con.execute(f"create or replace table {name} as select * from _arrays")
        con.unregister("_arrays")


def spoil_lines(path: Path, count: int) -> None:
    """Add lines that are no record: every other one too short or too long."""
    content = path.read_bytes()
    text = np.frombuffer(content, np.uint8)
    starts = np.flatnonzero(text[:-1] == ord("\n")) + 1
    starts = starts[1:][STARTS_A_RECORD[text[starts[1:]]]]
    cells = content[: content.index(b"\n")].count(b",")
    parts, done = [], 0
    for number in range(count):
        start = starts[(number + 1) * len(starts) // (count + 1)]
        junk = b"truncated,li\n" if number % 2 == 0 else b"too long" + b",x" * (cells + 3) + b"\n"
        parts += [content[done:start], junk]
        done = start
    path.write_bytes(b"".join([*parts, content[done:]]))


STARTS_A_RECORD = np.array([chr(code).isalnum() and code < 128 for code in range(256)])


def ordered(order_by: str) -> str:
    """The order by clause, none where rows stay as they were built."""
    return f"order by {order_by}" if order_by else ""


def write_csv(
    con: duckdb.DuckDBPyConnection,
    table: str,
    folder: Path,
    columns: list[str],
    order_by: str,
    suffix: str = "",
    quirks: Quirks | None = None,
    malformed_share: float = 0.0,
) -> int:
    """Write one CSV per value of `file`; returns the number of malformed lines added.

    order_by may be empty: the rows are written as they were built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    quirks, malformed = quirks or Quirks(), 0
    files = con.execute(f"select file, count(*) from {table} group by file order by file")
    for file, rows in files.fetchall():
        headers = quirks.renamed.get((table, file), {})
        cells = [f'{column} as "{headers.get(column, column)}"' for column in columns]
        cells = cells[::-1] if (table, file) in quirks.reversed else cells
        cells += [quirks.extra[table, file]] if (table, file) in quirks.extra else []
        path = folder / f"{file}{suffix}.csv"
        con.execute(
            f"copy (select {', '.join(cells)} from {table} where file = '{file}' "
            f"{ordered(order_by)}) to '{path}' (format csv, header true, delimiter ',')"
        )
        if malformed_share and rows > 10:
            count = max(1, round(malformed_share * rows))
            spoil_lines(path, count)
            malformed += count
        if (table, file) in quirks.encodings:
            text = path.read_bytes().decode("utf-8")
            path.write_bytes(text.encode(quirks.encodings[table, file]))
    return malformed


Json = str | Mapping[str, "Json"] | list["Json"]
"""Shape of a JSON line; its leaves are SQL of JSON text (a number, quoted(...)), null if null."""


def quoted(column: str) -> str:
    """SQL of the JSON text of a column of plain text without quotes or backslashes."""
    return f"'\"' || {column} || '\"'"


def json_line(shape: Json) -> str:
    """SQL of the text of a JSON line, the same as to_json gives, in a third of its time."""
    def parts(value: Json) -> Iterator[tuple[bool, str]]:
        if isinstance(value, str):
            yield True, f"coalesce(({value})::varchar, 'null')"
            return
        is_object = isinstance(value, Mapping)
        yield False, "{" if is_object else "["
        for number, member in enumerate(value):
            yield False, ("," if number else "") + (f'"{member}":' if is_object else "")
            yield from parts(value[member] if is_object else member)
        yield False, "}" if is_object else "]"

    cells: list[str] = []
    for is_sql, run in groupby(parts(shape), key=itemgetter(0)):
        texts = [text for _, text in run]
        cells += texts if is_sql else ["'" + "".join(texts) + "'"]
    return f"concat({', '.join(cells)})"


def write_json_lines(
    con: duckdb.DuckDBPyConnection,
    table: str,
    folder: Path,
    record: str,
    order_by: str,
    suffix: str = "",
    malformed_share: float = 0.0,
) -> int:
    """Write one gzipped NDJSON file per value of `file`; record is SQL of a struct or of text.

    Returns the number of broken lines added at the end of files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = con.execute(f"select file, count(*) from {table} group by file order by file")
    malformed = 0
    line = f"to_json({record})::varchar" if record.startswith("{") else record
    for file, rows in files.fetchall():
        plain = folder / f"{file}{suffix}.ndjson"
        con.execute(
            f"copy (select {line} from {table} where file = '{file}' "
            f"{ordered(order_by)}) to '{plain}' (format csv, header false, quote '', escape '', "
            "delimiter E'\\x1f')"
        )
        count = max(1, round(malformed_share * rows)) if malformed_share and rows > 10 else 0
        compress(plain, b'{"event_name": "page_view", "event_par\n' * count)
        malformed += count
    return malformed


def compress(plain: Path, tail: bytes) -> None:
    """Replace a file by its gzip with a tail; no time and no name inside, so equal bytes."""
    with plain.open("rb") as source, Path(f"{plain}.gz").open("wb") as target:
        with gzip.GzipFile("", "wb", compresslevel=2, fileobj=target, mtime=0) as packed:
            shutil.copyfileobj(source, packed, 1 << 20)
            packed.write(tail)
    plain.unlink()


def write_parquet(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, compression: str = "zstd"
) -> None:
    """Write the result of an ordered query as one Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy ({query}) to '{path}' (format parquet, compression {compression})")
