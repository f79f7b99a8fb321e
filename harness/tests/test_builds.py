"""Whole builds of small exports: fresh copy, both engines, plain tables, the `omniloop` command.

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from psycopg2.errors import InsufficientPrivilege

from harness import build
from harness.contract import read_tables
from harness.dev import parity
from harness.dev.postgres import cursor, environment, execute, load, postgres
from harness.dev.workshop import NO_TESTS, REPO, Workshop, assert_equal
from harness.places import explained
from harness.tests.publishing import shown

ROLES, BUILDER = REPO / "examples" / "postgres" / "roles.sql", "omniloop_build"


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


@pytest.fixture(scope="module")
def on_postgres(shop, quick, built):
    """The same landing loaded and built by the role that builds, among people of the others."""
    data = quick.use("at_once")
    with postgres() as host, environment(OMNILOOP_DATA=str(data)):
        for _ in range(2):  # the script may be run again
            execute(host, ROLES.read_text())
        for role in ("bi_reader", "activation", "privacy_officer"):
            execute(host, f"create user of_{role}; grant {role} to of_{role}")
        load(shop.project, data / "landed", host, BUILDER)
        target = shop.folder / "target_postgres"
        assert parity.build(shop.project, host, target, user=BUILDER)
        yield host, json.loads((target / "manifest.json").read_text())


def test_postgres_gives_the_same_marts(built, on_postgres):
    assert_equal(built, parity.postgres_marts(on_postgres[0]))


def readable(host, role):
    """The tables and views that somebody with a role may read, by trying each."""
    with cursor(host) as asked:
        asked.execute("select schemaname || '.' || relname from pg_stat_user_tables"
                      " union all select schemaname || '.' || viewname from pg_views"
                      " where schemaname not in ('pg_catalog', 'information_schema')")  # fmt: skip
        names = {name for (name,) in asked.fetchall()}
    with cursor(host, f"of_{role}") as session:
        return {name for name in names if may(session, f"select from {name} limit 0")}, names


def may(session, statement):
    try:
        session.execute(statement)
    except InsufficientPrivilege:
        return False
    return True


def test_a_reader_of_bi_may_read_published_marts_and_nothing_else(on_postgres):
    host, manifest = on_postgres
    published = {
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["meta"].get("publish")
    }
    found, everything = readable(host, "bi_reader")
    assert found == published
    assert {"shop.orders", "intermediate.int_contact_points"} <= everything - found


def test_activation_may_read_audiences_and_exports_and_nothing_else(on_postgres):
    found, everything = readable(on_postgres[0], "activation")
    schemas = ("activation.", "restricted_exports.")
    assert found == {name for name in everything if name.startswith(schemas)}
    assert {"activation.act_audience_members", "restricted_exports.export_sms"} <= found


def test_a_privacy_officer_may_read_everything(on_postgres):
    found, everything = readable(on_postgres[0], "privacy_officer")
    assert found == everything


@pytest.mark.parametrize("role", ["bi_reader", "activation", "privacy_officer"])
def test_no_reader_may_change_anything(on_postgres, role):
    with cursor(on_postgres[0], f"of_{role}") as session:
        for statement in (
            "delete from marts.channel_roi", "update activation.act_audiences set owner = 'x'",
            "create table marts.mine (n integer)", "create table public.mine (n integer)",
            "create schema mine", "set role omniloop_build",
        ):  # fmt: skip
            assert not may(session, statement), statement


def test_grants_outlive_the_next_build(shop, quick, on_postgres):
    host, _ = on_postgres
    before = readable(host, "bi_reader")[0], readable(host, "activation")[0]
    # with what follows: Postgres drops the views over a table that is built anew
    target, chosen = shop.folder / "target_postgres", ["--select", "act_audiences+", "channel_roi+"]
    with environment(OMNILOOP_DATA=str(quick.use("at_once"))):
        assert parity.build(shop.project, host, target, *chosen, user=BUILDER)
    assert (readable(host, "bi_reader")[0], readable(host, "activation")[0]) == before


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


def test_a_failed_test_publishes_nothing(shop, omniloop_built):
    """The whole way: dbt runs the test, the command refuses, readers keep what they have."""
    before = shown(shop.use("omniloop"))
    broken = shop.project / "tests" / "assert_broken.sql"
    broken.write_text("select 1 as broken\n")
    try:
        succeeded, _ = shop.dbt("build", "--select", "assert_broken")
        command = [sys.executable, "-m", "harness.cli", "publish"]
        env = os.environ | {"OMNILOOP_DATA": str(shop.data), "PYTHONPATH": str(shop.project)}
        done = subprocess.run(
            command, cwd=shop.project, env=env, capture_output=True, text=True, check=False)
    finally:
        broken.unlink()
    assert not succeeded and done.returncode == 1
    assert "failed in 1 nodes, test.omniloop.assert_broken" in done.stdout
    assert shown(omniloop_built) == before


def test_a_failed_build_stands_in_the_next_run_log(shop):
    data = shop.use("run_log")
    shop.land(data / "raw", only_empty=True)
    for failed in (2, 0):
        build._log(data, read_tables(), datetime.now(UTC), [], failed, 3)
    shop.succeed("build", "--select", "run_log")
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as con:
        told = con.execute("select run_status, failed_count, load_count, origin,"
                           " started_at <= finished_at from marts.run_log order by started_at")
        assert told.fetchall() == [("failed", 2, 3, "own", True), ("succeeded", 0, 3, "own", True)]


def test_a_warehouse_that_another_has_open_stops_dbt_with_its_process(shop):
    data = shop.use("open")
    shop.land(data / "raw", only_empty=True)
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", code, str(data / "omniloop.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        succeeded, said = shop.dbt("build", "--select", "run_log")
        holder.communicate(b"\n")
    assert not succeeded
    assert f"process {holder.pid} has the warehouse open" in explained(said)
