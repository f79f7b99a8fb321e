"""The field tables: which columns every source table declares, and how a header meets them."""

import difflib
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
READING = 2  # raise it when files must be landed again because landing reads them differently
TECHNICAL = {
    "_extra": "text", "_file": "text", "_file_sha256": "text",
    "_record_no": "bigint", "_loaded_at": "timestamp", "_load_no": "bigint",
}
STEP = re.compile(r"([^.\[\]]+)(?:\[([^=\]]+)=([^\]]+)\])?(?:\.|$)")


class Refused(Exception):
    """A file that cannot be landed; the message says why, without values of its records."""


@dataclass(frozen=True)
class Column:
    """One declared column."""

    name: str
    data_type: str
    meta: dict  # required, aliases, path, unit, time_zone, pii

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names it is read from."""
        return tuple(map(str, self.meta.get("aliases") or ()))

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """The path as (field, selector key, selector value); no selector is two empty texts."""
        return STEP.findall(self.meta.get("path") or "")

    @property
    def root(self) -> str | None:
        """The top-level name that the path begins with."""
        return self.steps[0][0] if self.steps else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names the column is read from, the best first; a plain path is also a flat name."""
        flat = [".".join(step[0] for step in self.steps)] * (not any(s[1] for s in self.steps))
        return (self.name, *self.aliases, *filter(None, flat))


@dataclass(frozen=True)
class Table:
    """One declared table; delivered as files, or filled by the harness."""

    source: str
    name: str
    is_delivered: bool
    columns: tuple[Column, ...]
    opened: tuple[tuple[str, "Table"], ...] = ()  # list columns, and the tables of their elements

    @property
    def schema(self) -> dict[str, str]:
        """Columns and types of its Parquet files."""
        declared = {column.name: column.data_type for column in self.columns}
        return declared | TECHNICAL if self.is_delivered else declared

    @property
    def contract_sha256(self) -> str:
        """Hash of all that decides how a file is read."""
        read = [[c.name, c.aliases, c.steps, bool(c.meta.get("required"))] for c in self.columns]
        lists = [[cell, table.name, table.contract_sha256] for cell, table in self.opened]
        return hashlib.sha256(json.dumps([READING, read, *lists]).encode()).hexdigest()


def read_tables(models: Path = ROOT / "models") -> dict[tuple[str, str], Table]:
    """Read every source below `models`; those of `staging` are delivered as files."""
    tables, opened = {}, {}
    for path in sorted(models.rglob("*.yml")):
        text, is_delivered = path.read_text("utf-8"), "staging" in path.relative_to(models).parts
        listed = yaml.safe_load(text)["sources"] if re.search(r"(?m)^sources:", text) else []
        for source in listed:
            for table in source["tables"]:
                key = (source["name"], table["name"])
                columns = tuple(_column(column) for column in table["columns"])
                tables[key] = Table(*key, is_delivered, columns)
                if place := _meta(table).get("opened_from"):
                    opened[key] = place.split(".")
    for (source, name), (parent, cell) in opened.items():
        above, opening = tables[source, parent], (cell, tables[source, name])
        tables[source, parent] = replace(above, opened=(*above.opened, opening))
    return tables


def _column(entry: dict) -> Column:
    return Column(entry["name"], entry.get("data_type", "text"), _meta(entry))


def _meta(entry: dict) -> dict:
    return (entry.get("config") or {}).get("meta") or {}


def match(table: Table, header: list[str], file: str) -> dict[str, str]:
    """Give each declared column the header name it is read from, or refuse the file."""
    if twice := [name for name, times in Counter(header).items() if name and times > 1]:
        raise Refused(f"file:duplicate_column: {file} has {shown(twice)} more than once")
    found = {column.name: column.name for column in table.columns if column.name in header}
    for column in table.columns:
        free = [name for name in header if name not in found.values()]
        for wanted in column.names if column.name not in found else ():
            alike = [name for name in free if name.lower() == wanted.lower()]
            if alike:
                found[column.name] = wanted if wanted in alike else alike[0]
                break
    read = found.keys() | {column.name for column in table.columns if column.root in header}
    missing = [c for c in table.columns if c.meta.get("required") and c.name not in read]
    if missing and not found:
        raise Refused(f"file:no_header: {file} names no column of {table.source}.{table.name} in "
                      f"its first record; it needs {', '.join(c.name for c in missing)}")
    if missing:
        needs = (c.name + f" (also read from {', '.join(c.aliases)})" * bool(c.aliases)
                 for c in missing)
        raise Refused(f"file:missing_column: {file} lacks {'; '.join(needs)}; "
                      f"it has {shown(header)}")
    return found


def shown(names: list[str]) -> str:
    """Header names fit for a log: a name that looks like a value is not repeated."""
    kept = ("***" if re.search(r"@|\d{5}|1\d{2}\*", name) else name[:60] for name in names[:50])
    return ", ".join(kept)


def near(name: str, known: list[str]) -> str:
    """A hint that names what was probably meant."""
    close = difflib.get_close_matches(name, known, 3, 0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"
