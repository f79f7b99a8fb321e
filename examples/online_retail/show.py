"""Prints what the queries of an SQL file give, each under the comment that stands above it.

    python examples/online_retail/show.py FILE.sql

Reads the warehouse of the example, in OMNILOOP_DATA or data/example.
"""

import os
import re
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"


def queries(file: Path) -> list[tuple[str, str]]:
    """Split a file into (comment, query)."""
    found = re.findall(r"((?:^--.*\n)+)([^;]+);", file.read_text("utf-8"), re.MULTILINE)
    return [(re.sub(r"^-- ?", "", text, flags=re.MULTILINE).strip(), sql) for text, sql in found]


def warehouse() -> duckdb.DuckDBPyConnection:
    """Open the warehouse of the example to read."""
    folder = Path(os.environ.get("OMNILOOP_DATA", EXAMPLE))
    return duckdb.connect(str(folder / "omniloop.duckdb"), read_only=True)


def main(file: Path) -> None:
    """Print every query's comment and rows."""
    console = Console(highlight=False, width=max(Console().width, 120))  # no digit is cut off
    con = warehouse()
    for comment, sql in queries(file):
        relation = con.sql(sql)
        grid = Table(box=box.SIMPLE_HEAD)
        for name, kind in zip(relation.columns, relation.types, strict=True):
            side = "left" if kind in ("VARCHAR", "DATE") else "right"
            grid.add_column(name.replace("_", " "), justify=side)
        for row in relation.fetchall():
            grid.add_row(*map(_text, row))
        console.print(f"\n{comment}", markup=False)
        console.print(grid)


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if type(value) in (int, Decimal) else str(value)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
