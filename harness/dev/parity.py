"""Builds the landed files on Postgres as well and compares every mart with DuckDB's, row by row."""

import os
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from harness import dbt_plugin
from harness.dev.postgres import connect, environment, load, postgres

PROJECT = Path(__file__).parents[2]


def build(project: Path, host: str, *arguments: str) -> None:
    """Run `dbt build` on Postgres, in this process."""
    inner, outer = dbt_plugin.pads(os.environ.get("DBT_ENV_SECRET_OMNILOOP") or dbt_plugin.DEMO)
    settings = {
        "DBT_TARGET": "postgres",
        "DBT_TARGET_PATH": str(project / "target" / "postgres"),
        "OMNILOOP_PG_HOST": host,
        "OMNILOOP_PG_USER": "postgres",
        "OMNILOOP_PG_DATABASE": "postgres",
        "PGOPTIONS": f"-c omniloop.hmac_inner={inner} -c omniloop.hmac_outer={outer}",
    }
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    with environment(**settings):
        if not dbtRunner().invoke(["--quiet", "build", *folders, *arguments]).success:
            raise SystemExit("dbt build failed on Postgres")


def normal(value: object) -> str:
    """Text of a value that does not depend on how an engine types it."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, float):
        return format(value, ".9g")
    return str(value)


def duckdb_marts(path: Path, schemas: tuple[str, ...] = ("marts", "activation")) -> dict:
    """Columns and sorted rows of every mart in a DuckDB file, by name."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return _marts(connection, schemas)


def postgres_marts(host: str, schemas: tuple[str, ...] = ("marts", "activation")) -> dict:
    """Columns and sorted rows of every mart in Postgres, by name."""
    with connect(host) as connection:
        return _marts(connection.cursor(), schemas)


def _marts(cursor, schemas: tuple[str, ...]) -> dict:
    places = ", ".join(f"'{schema}'" for schema in schemas)
    cursor.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        f" where table_schema in ({places}) order by 1, ordinal_position"
    )
    columns: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        columns.setdefault(table, []).append(column)
    marts = {}
    for table, names in columns.items():
        cursor.execute(f"select {', '.join(names)} from {table}")
        rows = [tuple(map(normal, row)) for row in cursor.fetchall()]
        marts[table] = (names, sorted(rows))
    return marts


def differences(left: dict, right: dict, ignore: tuple[str, ...] = ()) -> list[str]:
    """Say where two sets of marts differ, with the first rows that only one of them has."""
    found = []
    for table in sorted((left.keys() | right.keys()) - set(ignore)):
        if table not in left or table not in right:
            found.append(f"{table}: only on the {'left' if table in left else 'right'}")
        elif left[table][0] != right[table][0]:
            found.append(f"{table}: columns {left[table][0]} and {right[table][0]}")
        elif left[table][1] != right[table][1]:
            found.append(_different_rows(table, *left[table], right[table][1]))
    return found


def _different_rows(table: str, names: list[str], left: list[tuple], right: list[tuple]) -> str:
    only_left, only_right = _minus(left, right), _minus(right, left)
    lines = [
        f"{table}: {len(left)} and {len(right)} rows, {len(only_left)} only on the left,"
        f" {len(only_right)} only on the right; columns {', '.join(names)}"
    ]
    for mark, rows in (("<", only_left), (">", only_right)):
        lines += [f"  {mark} {' | '.join(row)}" for row in rows[:3]]
    return "\n".join(lines)


def _minus(rows: list[tuple], others: list[tuple]) -> list[tuple]:
    rest = Counter(rows)
    rest.subtract(Counter(others))
    return sorted((+rest).elements())


def main() -> None:
    """Compare the DuckDB build under OMNILOOP_DATA with a fresh build on Postgres."""
    data = Path(os.environ.get("OMNILOOP_DATA", "data")).absolute()
    with postgres() as host:
        load(PROJECT, data / "landed", host)
        build(PROJECT, host)
        left, right = duckdb_marts(data / "omniloop.duckdb"), postgres_marts(host)
    found = differences(left, right)
    print("\n".join(found) or f"{len(left)} marts are equal on DuckDB and Postgres")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
