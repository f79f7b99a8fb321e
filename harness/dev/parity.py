"""Builds the landed files on other engines and compares every mart with DuckDB's, row by row."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from harness import dbt_plugin
from harness.dev import spark
from harness.dev.postgres import cursor, environment, load, postgres
from harness.dev.postgres import settings as postgres_settings

PROJECT = Path(__file__).parents[2]
SCHEMAS = ("marts", "activation")
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


def spark_marts(port: int, schemas: tuple[str, ...] = SCHEMAS) -> Marts:
    """Read every mart in Spark, which has no information schema."""
    marts = {}
    with spark.cursor(port) as reader:
        for schema in schemas:
            reader.execute(f"show tables in {schema}")
            for _, name, _ in reader.fetchall():
                reader.execute(f"select * from {schema}.{name}")
                columns = [column[0] for column in reader.description]
                rows = sorted(tuple(map(_text, row)) for row in reader.fetchall())
                marts[f"{schema}.{name}"] = columns, rows
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


def built_on(engine: str, project: Path, data: Path) -> Marts:
    """Give the marts of an engine: DuckDB's as they stand, the others' freshly built."""
    target = project / "target" / engine
    if engine == "duckdb":
        return duckdb_marts(data / "omniloop.duckdb")
    if engine == "postgres":
        with postgres() as host:
            load(project, data / "landed", host)
            if build(project, host, target):
                return postgres_marts(host)
    if engine == "spark":
        with tempfile.TemporaryDirectory() as folder, spark.spark(Path(folder)) as port:
            spark.load(project, data / "landed", port)
            if build_on_spark(project, port, target):
                return spark_marts(port)
    raise SystemExit(f"the build on {engine} failed; its reasons stand in logs/dbt.log")


def main() -> int:
    """Compare the marts of the first engine with those of each other one."""
    parser = argparse.ArgumentParser(description=__doc__)
    told = "of duckdb (as built under OMNILOOP_DATA), postgres and spark"
    parser.add_argument("--targets", default="duckdb,postgres", help=told)
    first, *others = parser.parse_args().targets.split(",")
    data = Path(os.environ.get("OMNILOOP_DATA", "data")).absolute()
    left, found = built_on(first, PROJECT, data), []
    for other in others:
        told = differences(left, built_on(other, PROJECT, data))
        print("\n".join(told) or f"{len(left)} marts are equal on {first} and {other}")
        found += told
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
