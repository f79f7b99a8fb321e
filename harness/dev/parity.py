"""Builds the landed files on Postgres as well and compares every mart with DuckDB's, row by row."""

import os
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from harness import dbt_plugin
from harness.dev.postgres import cursor, environment, load, postgres
from harness.dev.postgres import settings as postgres_settings

PROJECT = Path(__file__).parents[2]
Marts = dict[str, tuple[list[str], list[tuple[str, ...]]]]  # columns and sorted rows, by name


def build(
    project: Path, host: str, target_path: Path, *arguments: str, user: str = "postgres"
) -> bool:
    """Run `dbt build` on Postgres, in this process, and say whether all of it succeeded."""
    settings = {
        "DBT_TARGET": "postgres",
        "DBT_TARGET_PATH": str(target_path),
        **postgres_settings(host, user),
        "PGOPTIONS": dbt_plugin.postgres_options(),
    }
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    with environment(**settings):
        return dbtRunner().invoke(["--quiet", "build", *folders, *arguments]).success


def duckdb_marts(path: Path) -> Marts:
    """Read every mart of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return _marts(connection)


def postgres_marts(host: str) -> Marts:
    """Read every mart in Postgres."""
    with cursor(host) as postgres_cursor:
        return _marts(postgres_cursor)


def _marts(reader) -> Marts:
    reader.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where table_schema in ('marts', 'activation') order by 1, ordinal_position"
    )
    columns: dict[str, list[str]] = {}
    for mart, column in reader.fetchall():
        columns.setdefault(mart, []).append(column)
    marts = {}
    for mart, names in columns.items():
        reader.execute(f"select {', '.join(names)} from {mart}")
        marts[mart] = names, sorted(tuple(map(_text, row)) for row in reader.fetchall())
    return marts


def _text(value: object) -> str:
    """Text of a value that does not depend on how an engine types it."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, float):
        return format(value, ".9g")
    return str(value)


def differences(left: Marts, right: Marts, ignore: tuple[str, ...] = ()) -> list[str]:
    """Say where two sets of marts differ, with the first rows that only one of them has."""
    found = []
    for mart in sorted((left.keys() | right.keys()) - set(ignore)):
        if mart not in left or mart not in right:
            found.append(f"{mart}: only on the {'left' if mart in left else 'right'}")
        elif left[mart][0] != right[mart][0]:
            found.append(f"{mart}: columns {left[mart][0]} and {right[mart][0]}")
        elif left[mart][1] != right[mart][1]:
            found.append(_different_rows(mart, *left[mart], right[mart][1]))
    return found


def _different_rows(mart: str, names: list[str], left: list[tuple], right: list[tuple]) -> str:
    only_left = sorted((Counter(left) - Counter(right)).elements())
    only_right = sorted((Counter(right) - Counter(left)).elements())
    lines = [
        f"{mart}: {len(left)} and {len(right)} rows, {len(only_left)} only on the left,"
        f" {len(only_right)} only on the right; columns {' | '.join(names)}"
    ]
    for mark, rows in (("<", only_left), (">", only_right)):
        lines += [f"  {mark} {' | '.join(row)}" for row in rows[:3]]
    return "\n".join(lines)


def main() -> int:
    """Compare the DuckDB build under OMNILOOP_DATA with a fresh build on Postgres."""
    data = Path(os.environ.get("OMNILOOP_DATA", "data")).absolute()
    with postgres() as host:
        load(PROJECT, data / "landed", host)
        if not build(PROJECT, host, PROJECT / "target" / "postgres"):
            return 1
        left, right = duckdb_marts(data / "omniloop.duckdb"), postgres_marts(host)
    found = differences(left, right)
    print("\n".join(found) or f"{len(left)} marts are equal on DuckDB and Postgres")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
