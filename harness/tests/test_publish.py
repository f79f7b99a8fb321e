import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import duckdb
import pytest

from harness.cli import main
from harness.contract import read_tables
from harness.places import Stopped, locked
from harness.publish import publish
from harness.tests.landing import tables


class Built:
    """A data folder after a small green build, with its manifest and results."""

    def __init__(self, folder):
        self.data, self.target = folder / "data", folder / "target"
        self.target.mkdir()
        self.data.mkdir()
        names = ("model.x.orders", "model.x.people", "test.x.t")
        self.results = dict.fromkeys(names, "success")
        self.args = {"which": "build"}
        self.began = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        with duckdb.connect(str(self.data / "omniloop.duckdb")) as con:
            con.execute("create schema marts; create schema staging;"
                        "create table staging.phones as select '13812345678' as phone;"
                        "create table marts.orders as select 1 as order_id, 1.5::decimal(9,2) as m;"
                        "create view marts.people as select 'a' as user_key, 1 as order_id;"
                        "create view marts.qa_linked_identifiers as select 'k' as identifier_key,"
                        " 'a' as user_key, timestamp '2026-01-01' as valid_from_at;"
                        "create table marts.fct_orders as from (values ('o', 'b')) as o (order_key,"
                        " user_key);"
                        "create table marts.dim_users as from (values ('a', 'direct', true, null),"
                        " ('b', 'store', false, date '2026-01-01'), ('c', 'store', false, null))"
                        " as u (user_key, acquisition_channel_key, is_identified,"
                        " registered_date);"
                        "create table marts.dim_as_of as select 'orders' as metric_family,"
                        " date '2026-01-31' as as_of_date;"
                        "create table marts.metric_catalogue as select 'orders' as metric_name,"
                        " 'Orders' as label_en, '订单数' as label_zh,"
                        " 'orders.order_id' as mart_column")
        from harness.land import land
        land(folder / "raw", self.data, tables(), only_empty=True)

    def publish(self):
        def node(name, publish, kind="model"):
            return {
                "resource_type": kind, "schema": "marts", "alias": name,
                "description": f"{name}: it's 订单", "config": {
                    "materialized": "table", "meta": {"publish": publish}},
                "columns": {"order_id": {"name": "order_id", "description": "编号"}},
            }
        nodes = {"model.x.orders": node("orders", True), "model.x.people": node("people", True),
                 "model.x.secret": node("secret", False), "test.x.t": node("t", False, "test")}
        nodes["model.x.secret"]["config"]["materialized"] = "ephemeral"
        manifest = {"nodes": nodes, "unit_tests": {}}
        results = {
            "metadata": {"invocation_started_at": self.began}, "args": self.args,
            "results": [{"unique_id": k, "status": v} for k, v in self.results.items()],
        }
        (self.target / "manifest.json").write_text(json.dumps(manifest))
        (self.target / "run_results.json").write_text(json.dumps(results))
        return publish(self.data, self.target)


@pytest.fixture
def built(tmp_path):
    return Built(tmp_path)


def test_only_the_allow_list_is_published_as_tables_with_comments(built):
    with duckdb.connect(str(built.publish()), read_only=True) as con:
        found = con.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() order by 1")
        listed = dict(found.fetchall())
        assert list(listed) == ["marts.orders", "marts.people", "marts.published_version"]
        assert listed["marts.orders"] == "orders: it's 订单"
        assert con.execute("select comment from duckdb_columns() where column_name = 'order_id'"
                           ).fetchall() == [("编号",), ("编号",)]
        assert con.execute("from marts.orders").fetchall()[0][0] == 1
        assert con.execute("select origin, code_version <> '' from marts.published_version"
                           ).fetchall() == [("own", True)]
    assert b"13812345678" not in (built.data / "published" / "omniloop.duckdb").read_bytes()


def kept(built, table):
    path = built.data / "landed" / "published" / table / "000000.parquet"
    return sorted(duckdb.sql(f"from read_parquet('{path}')").fetchall())


def test_what_the_next_build_compares_with_is_kept_as_declared(built):
    declared = [table for table in read_tables().values() if table.source == "published"]
    built.publish()
    for table in declared:
        path = built.data / "landed" / "published" / table.name / "000000.parquet"
        names = [row[0] for row in duckdb.sql(f"describe from '{path}'").fetchall()]
        assert names == [column.name for column in table.columns]
    assert kept(built, "identifiers") == [("k", datetime(2026, 1, 1), "a")]
    assert kept(built, "orders") == [("o", "b")]
    assert kept(built, "users") == [("a", "direct", None), ("b", "store", date(2026, 1, 1))]
    with duckdb.connect(str(built.data / "omniloop.duckdb")) as con:
        con.execute("update marts.fct_orders set user_key = 'a'")
    built.results["test.x.t"] = "fail"
    refused(built, "failed")
    assert kept(built, "orders") == [("o", "b")]
    built.results["test.x.t"] = "pass"
    built.publish()
    assert kept(built, "orders") == [("o", "a")]
    assert len(kept(built, "users")) == 1


def refused(built, message):
    before = (built.data / "published" / "omniloop.duckdb").read_bytes()
    with pytest.raises(Stopped, match=message):
        built.publish()
    assert (built.data / "published" / "omniloop.duckdb").read_bytes() == before


def test_a_failed_partial_or_other_build_is_not_published(built):
    built.publish()
    built.results["test.x.t"] = "fail"
    refused(built, "failed in 1 nodes, test.x.t")
    del built.results["test.x.t"]
    refused(built, "left out 1 of 3 nodes")
    built.results["test.x.t"] = "skipped"
    refused(built, "left out 1 of 3 nodes")
    built.results["test.x.t"] = "pass"
    built.args["which"] = "generate"
    refused(built, "full `dbt build`")
    built.args["which"] = "build"
    os.utime(built.data / "omniloop.duckdb", (1, 1))
    refused(built, "another warehouse")


def test_nothing_built_says_what_to_do(tmp_path):
    with pytest.raises(Stopped, match="omniloop build"):
        publish(tmp_path, tmp_path)


def test_a_killed_publish_leaves_the_old_file_and_is_swept(built):
    goal = built.publish()
    stale = goal.with_name(".omniloop.duckdb.new")
    stale.write_bytes(b"half")
    inode = goal.stat().st_ino
    reader = duckdb.connect(str(goal), read_only=True)
    built.publish()
    assert not stale.exists() and goal.stat().st_ino != inode
    assert reader.execute("select count(*) from marts.orders").fetchone() == (1,)


def test_a_second_build_says_who_holds_the_lock(tmp_path, monkeypatch, capsys):
    code = ("import sys, time; from pathlib import Path; from harness.places import locked\n"
            "with locked(Path(sys.argv[1]), 'build'): print('held', flush=True); time.sleep(30)")
    lock = tmp_path / ".build.lock"
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Stopped, match=f"process {holder.pid} since"), locked(lock, "build"):
            pass
        monkeypatch.setenv("OMNILOOP_DATA", str(tmp_path))
        assert main(["publish"]) == 1
        assert f"process {holder.pid}" in capsys.readouterr().out
    finally:
        holder.kill()
        holder.wait()
    time.sleep(0.1)
    with locked(lock, "build"):
        pass
