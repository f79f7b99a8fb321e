"""Builds the landed files on other engines and compares every mart with DuckDB's, row by row."""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import isclose
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from harness import dbt_plugin
from harness.dev import spark
from harness.dev.postgres import cursor, environment, load, postgres
from harness.dev.postgres import settings as postgres_settings

PROJECT = Path(__file__).parents[2]
SCHEMAS = ("marts", "activation")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
Marts = dict[str, tuple[list[str], list[tuple[str, ...]]]]  # columns and sorted rows, by name


def build(
    project: Path, host: str, target_path: Path, *arguments: str, user: str = "postgres"
) -> bool:
    """Run `dbt build` on Postgres, in this process, and say whether all of it succeeded."""
    settings = {
        "DBT_TARGET": "postgres",
        **postgres_settings(host, user),
        "PGOPTIONS": dbt_plugin.postgres_options(),
    }
    return _build(project, settings, target_path, *arguments)


def build_on_spark(project: Path, port: int, target_path: Path, *arguments: str) -> bool:
    """Run `dbt build` on the throw-away Spark, and say whether all of it succeeded."""
    settings = {
        "DBT_TARGET": "spark",
        "OMNILOOP_SPARK_HOST": "127.0.0.1",
        "OMNILOOP_SPARK_PORT": str(port),
    }
    return _build(project, settings, target_path, *arguments)


def _build(project: Path, settings: dict[str, str], target_path: Path, *arguments: str) -> bool:
    settings = settings | {"DBT_TARGET_PATH": str(target_path)}
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    with environment(**settings):
        return dbtRunner().invoke(["--quiet", "build", *folders, *arguments]).success


def duckdb_marts(path: Path, schemas: tuple[str, ...] = SCHEMAS) -> Marts:
    """Read every mart of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return _marts(connection, schemas)


def postgres_marts(host: str) -> Marts:
    """Read every mart in Postgres."""
    with cursor(host) as postgres_cursor:
        return _marts(postgres_cursor, SCHEMAS)


def spark_marts(
    port: int, folder: Path, schemas: tuple[str, ...] = SCHEMAS, only: str = ""
) -> Marts:
    """Read every mart in Spark by files that its tasks write, because little fits into its driver.

    folder: one that the server can write to. only: a pattern of names, all by default. `_day`,
    which only Spark's tables have, is left out.
    """
    marts = {}
    with spark.cursor(port) as session, duckdb.connect() as reader:
        reader.execute("set TimeZone = 'UTC'")
        for schema in schemas:
            session.execute(f"show tables in {schema}")
            for name in [row[1] for row in session.fetchall() if re.search(only, row[1])]:
                session.execute(f"select * from {schema}.{name} limit 0")
                columns = [column[0] for column in session.description if column[0] != "_day"]
                files = folder / "read" / schema / name
                session.execute(
                    f"insert overwrite directory '{files}' using parquet"
                    f" select {', '.join(columns)} from {schema}.{name}"
                )
                reader.execute(f"from read_parquet('{files}/*.parquet')")
                marts[f"{schema}.{name}"] = columns, _rows(reader)
    return marts


def _marts(reader, schemas: tuple[str, ...]) -> Marts:
    listed = ", ".join(f"'{schema}'" for schema in schemas)
    reader.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        f" where table_schema in ({listed}) order by 1, ordinal_position"
    )
    columns: dict[str, list[str]] = {}
    for mart, column in reader.fetchall():
        columns.setdefault(mart, []).append(column)
    marts = {}
    for mart, names in columns.items():
        reader.execute(f"select {', '.join(names)} from {mart}")
        marts[mart] = names, _rows(reader)
    return marts


def _rows(reader) -> list[tuple[str, ...]]:
    return sorted(tuple(map(_text, row)) for row in reader.fetchall())


class Statistic(str):
    """A floating number: its last digits hang on the order of summing, so it is compared apart."""


def _text(value: object) -> str:
    """Text of a value that does not depend on how an engine types it."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, float):
        return Statistic(value)
    if isinstance(value, datetime):
        return str(value.replace(tzinfo=None))  # Spark's are UTC with that zone
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
    return [told for told in found if told]


def _different_rows(mart: str, names: list[str], left: list[tuple], right: list[tuple]) -> str:
    only_left = sorted((Counter(left) - Counter(right)).elements(), key=_exact_first)
    only_right = sorted((Counter(right) - Counter(left)).elements(), key=_exact_first)
    if len(only_left) == len(only_right) and all(map(_close, only_left, only_right)):
        return ""
    lines = [
        f"{mart}: {len(left)} and {len(right)} rows, {len(only_left)} only on the left,"
        f" {len(only_right)} only on the right; columns {' | '.join(names)}"
    ]
    for mark, rows in (("<", only_left), (">", only_right)):
        lines += [f"  {mark} {' | '.join(row)}" for row in rows[:3]]
    return "\n".join(lines)


def _exact_first(row: tuple[str, ...]) -> tuple:
    """Rows by what must be equal, then by their floating numbers."""
    floats = [float(cell) for cell in row if isinstance(cell, Statistic)]
    return tuple("" if isinstance(cell, Statistic) else cell for cell in row), floats


def _close(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether two rows are equal, floating numbers to a billionth of themselves."""
    (exact_left, floats_left), (exact_right, floats_right) = _exact_first(left), _exact_first(right)
    near = partial(isclose, rel_tol=1e-9)
    return exact_left == exact_right and all(map(near, floats_left, floats_right))


def built_on(
    engine: str, project: Path, data: Path, target: Path, *arguments: str, **settings: str
) -> Marts:
    """Build what has landed on a throw-away Postgres or Spark; give its marts.

    target: a folder for dbt's artifacts. settings: of Spark's server.
    """
    if engine == "postgres":
        with postgres() as host:
            load(project, data / "landed", host)
            if build(project, host, target, *arguments):
                return postgres_marts(host)
    if engine == "spark":
        with (
            tempfile.TemporaryDirectory() as folder,
            spark.spark(Path(folder), settings) as port,
        ):
            spark.load(project, data / "landed", port)
            if build_on_spark(project, port, target, *arguments):
                return spark_marts(port, Path(folder))
    raise SystemExit(f"the build on {engine} failed; its reasons stand in logs/dbt.log")


def main() -> int:
    """Compare the marts of DuckDB with those of each other engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    told = "duckdb, whose marts stand under OMNILOOP_DATA, and of postgres and spark those to build"
    parser.add_argument("--targets", default="duckdb,postgres", help=told)
    parser.add_argument("--vars", default="{}", help="as those were built with, for dbt")
    args, found = parser.parse_args(), []
    data = Path(os.environ.get("OMNILOOP_DATA", "data")).absolute()
    marts = duckdb_marts(data / "omniloop.duckdb")
    for engine in args.targets.split(","):
        if engine == "duckdb":
            continue
        target = PROJECT / "target" / engine
        built = built_on(engine, PROJECT, data, target, *NO_TESTS, "--vars", args.vars)
        told = differences(marts, built)
        print("\n".join(told) or f"{len(marts)} marts are equal on duckdb and {engine}", flush=True)
        found += told
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
