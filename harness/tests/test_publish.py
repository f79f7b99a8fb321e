import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date, datetime

import duckdb
import pytest

from harness.cli import main
from harness.contract import read_tables
from harness.places import Stopped, locked
from harness.publish import publish
from harness.tests.publishing import Built, reader, shown


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
        assert con.execute("select origin, code_version <> '', test_count"
                           " from marts.published_version").fetchall() == [("own", True, 1)]
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
    before = shown(built.data)
    assert len(before) >= 9
    with pytest.raises(Stopped, match=message):
        built.publish()
    assert shown(built.data) == before


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


def test_a_killed_publish_leaves_the_old_version_and_is_swept(built):
    goal = built.publish()
    link, inode = goal.with_name("parquet"), goal.stat().st_ino
    half = link.resolve().with_name("20260101000000000000")
    half.mkdir()
    stale = [goal.with_name(".omniloop.duckdb.new"), goal.with_name(".omniloop.duckdb.new.wal"),
             half / ".orders.parquet.new", half / "people.parquet", link.with_name(".parquet.new")]
    for path in stale[:-1]:
        path.write_bytes(b"half")
    stale[-1].symlink_to(half)
    with duckdb.connect(str(goal), read_only=True) as con:
        built.publish()
        assert con.execute("select count(*) from marts.orders").fetchone() == (1,)
    assert goal.stat().st_ino != inode
    assert not half.exists() and not any(path.is_symlink() or path.exists() for path in stale)


def test_the_version_before_stays_until_the_next_publication(built):
    link = built.publish().with_name("parquet")
    first = link.resolve()
    built.marts = ["orders"]
    built.publish()
    second = link.resolve()
    names = ["orders.parquet", "published_version.parquet", "schema.json"]
    assert sorted(os.listdir(link)) == names
    assert sorted(os.listdir(first)) == sorted([*names, "people.parquet"])
    built.publish()
    assert not first.exists() and second.exists()
    assert len(os.listdir(second.parent)) == 2


def test_a_copy_that_followed_the_link_can_be_published_into(built):
    link = built.publish().with_name("parquet")
    copy = shutil.copytree(link, link.with_name("copy"))
    link.unlink()
    copy.rename(link)
    built.publish()
    assert link.is_symlink() and (link / "schema.json").exists()


def test_readers_see_one_whole_version_during_twenty_publications(built):
    """Two processes read file and Parquet over and over; both get to see every version."""
    def publish(number):
        built.change(f"""
            update marts.orders set m = {number};
            create or replace view marts.people as
                select 'a' as user_key, {number} as order_id""")
        schema = built.publish().with_name("parquet") / "schema.json"
        return json.loads(schema.read_text("utf-8"))["published_at"]

    numbers = {publish(0): 0}
    readers = [reader("again", built.data / "published") for _ in range(2)]
    try:
        for number in range(1, 21):
            numbers[now := publish(number)] = number
            for process in readers:
                file = parquet = ()
                while not (now in file and now in parquet):
                    line = process.stdout.readline()
                    assert line, f"a reader failed while version {number} was published"
                    file, parquet = json.loads(line)
                    for orders, people, *at in (file, parquet):
                        assert {numbers[each] for each in at} == {orders} == {people}, line
    finally:
        for process in readers:
            process.kill()
            process.communicate()
    assert len(numbers) == 21


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


def test_a_warehouse_that_dbt_has_open_is_said_with_its_process(built, monkeypatch, capsys):
    built.publish()
    before = shown(built.data)
    monkeypatch.setenv("OMNILOOP_DATA", str(built.data))
    monkeypatch.setenv("DBT_TARGET_PATH", str(built.target))
    code = ("import sys, time, duckdb; con = duckdb.connect(sys.argv[1])\n"
            "print('held', flush=True); time.sleep(30)")
    work = str(built.data / "omniloop.duckdb")
    holder = subprocess.Popen([sys.executable, "-c", code, work], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        assert main(["publish"]) == 1
        assert f"process {holder.pid} has the warehouse open" in capsys.readouterr().out
    finally:
        holder.kill()
        holder.wait()
    assert shown(built.data) == before
