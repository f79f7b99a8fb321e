"""Whole builds of small exports: fresh copy, both engines, plain tables, the `omniloop` command.

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from harness.contract import read_tables
from harness.dev import parity
from harness.dev.postgres import environment, load, postgres
from harness.dev.workshop import NO_TESTS, Workshop, assert_equal


@pytest.fixture(scope="module")
def built(quick, exports):
    """The exports landed at once and built with all data tests; gives the marts."""
    quick.use("at_once")
    quick.land(exports)
    quick.succeed("build", "--no-write-json", "--exclude-resource-type", "unit_test")
    return quick.marts()


def test_a_fresh_copy_with_nothing_delivered_builds_green_and_empty(tmp_path, monkeypatch):
    project = Workshop(tmp_path).project
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OMNILOOP_", "DBT_"))}
    run = {"cwd": project, "env": env | {"PYTHONPATH": str(project)}, "check": True}
    subprocess.run([sys.executable, "-m", "harness.cli", "land", "--empty"], **run)
    subprocess.run([Path(sys.executable).with_name("dbt"), "--quiet", "build"], **run)
    monkeypatch.chdir(project)
    marts = parity.duckdb_marts(project / "data" / "omniloop.duckdb")
    facts = {name: len(rows) for name, (_, rows) in marts.items() if ".fct_" in name}
    assert facts and not any(facts.values()), facts
    metrics = {
        f"marts.{path.stem}" for folder in ("users", "marketing")
        for path in (project / "models" / "marts" / folder).glob("*.sql")
    }  # fmt: skip
    filled = {name: marts[name][1] for name in metrics if marts[name][1]}
    assert len(metrics) > 20 and not filled


def test_nothing_landed_says_what_to_do(quick):
    quick.use("nothing")
    succeeded, said = quick.dbt("build", "--no-write-json")
    assert not succeeded
    assert "run `omniloop land` first" in said


def test_all_data_tests_pass_on_duckdb(built):
    assert len(built["marts.fct_orders"][1]) > 100


def test_postgres_gives_the_same_marts(shop, quick, built):
    data = quick.use("at_once")
    with postgres() as host, environment(OMNILOOP_DATA=str(data)):
        load(shop.project, data / "landed", host)
        assert parity.build(shop.project, host, shop.folder / "target_postgres")
        assert_equal(built, parity.postgres_marts(host))


def test_bare_dbt_build_equals_omniloop_build(built, omniloop_built):
    marts = parity.duckdb_marts(omniloop_built / "omniloop.duckdb")
    assert_equal(built, marts, ignore=("marts.run_log",))


def test_a_loaders_tables_give_the_same_marts(quick, exports, built):
    """The exports as plain tables, without anything that landing adds."""
    landed_files = quick.use("at_once") / "landed"
    data = quick.use("tables")
    quick.land(exports, only_empty=True)
    # The lines that landing could not read are in no table; both sides know of them.
    rejects = "landing/rejects/000000.parquet"
    shutil.copyfile(landed_files / rejects, data / "landed" / rejects)
    tables = [
        table for table in read_tables(quick.project / "models").values() if table.is_delivered
    ]
    with duckdb.connect(str(data / "omniloop.duckdb")) as connection:
        for table in tables:
            names = [column.name for column in table.columns]
            # Which rows are subtotals shows only beside the rows read with them, so a loader of ad
            # reports says what it read together.
            if table.source in ("ocean_engine", "tencent_ads"):
                names.append("_load_no")
            columns = ", ".join(names)
            files = f"{landed_files}/{table.source}/{table.name}/*.parquet"
            connection.execute(f"create schema if not exists lake_{table.source}")
            connection.execute(
                f"create table lake_{table.source}.{table.name} as select {columns} from "
                f"read_parquet('{files}', union_by_name = true) order by _load_no, _record_no"
            )
    schemas = {table.source: f"lake_{table.source}" for table in tables}
    # Of its own, because dbt reads the project anew for other variables.
    target = ("--no-write-json", "--target-path", str(quick.folder / "target_tables"))
    quick.succeed("build", "--vars", json.dumps({"source_schemas": schemas}), *target, *NO_TESTS)
    # Which file and record a figure came from only landing knows.
    traced = {name for name, (columns, _) in built.items() if {"file_name", "load_no"} & {*columns}}
    assert traced
    assert_equal(built, quick.marts(), ignore=tuple(traced))
