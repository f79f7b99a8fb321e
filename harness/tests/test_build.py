import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest

from harness import build, cli
from harness.dev import demo
from harness.land import land
from harness.places import explained
from harness.tests.landing import Shop, tables


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNILOOP_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("OMNILOOP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(demo, "DEMO", tmp_path / "demo")
    return Shop(tmp_path)


def chosen(monkeypatch, given=""):
    asked = []
    monkeypatch.setattr(demo.subprocess, "run", lambda command, check: asked.append(command))
    demo.choose(build.places.screen(), given)
    return asked, str(build.places.folder("raw")), str(build.places.folder("data"))


def test_the_demo_is_taken_only_when_nothing_was_dropped_or_landed(shop, monkeypatch, tmp_path):
    path = shop.put("shop/orders.csv", "id,amount\n1,2\n")
    assert chosen(monkeypatch) == ([], str(shop.raw), str(shop.data))
    shop.land()
    path.unlink()
    assert chosen(monkeypatch) == ([], str(shop.raw), str(shop.data))
    monkeypatch.setenv("OMNILOOP_DATA", str(tmp_path / "other"))
    assert chosen(monkeypatch, "{source_schemas: {shop: lake.shop}}")[0] == []
    asked, raw, data = chosen(monkeypatch)
    assert asked[0][1:3] == ["-m", "harness.dev.simulate"]
    assert (raw, data) == (str(tmp_path / "demo" / "raw"), str(tmp_path / "other"))
    monkeypatch.delenv("OMNILOOP_DATA")
    monkeypatch.chdir((tmp_path / "elsewhere").mkdir() or tmp_path / "elsewhere")
    assert chosen(monkeypatch)[2] == str(tmp_path / "demo")


def test_each_run_is_added_to_the_runs(shop):
    land(shop.raw, shop.data, tables(), only_empty=True)
    for failed in (0, 2):
        build._log(shop.data, tables(), build.datetime.now(build.UTC), [], failed, 3)
    assert shop.rows("run_status, failed_count, load_count, origin", "runs/builds") == [
        ("succeeded", 0, 3, "own"), ("failed", 2, 3, "own")]


@pytest.mark.parametrize(("status", "left"), [("success", "the whole build"), ("error", "a part")])
def test_what_the_build_told_stays_unless_dbt_fails_after_it(tmp_path, monkeypatch, status, left):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    told = tmp_path / "run_results.json"
    told.write_text("the whole build")

    def run(command, console):
        told.write_text("a part")
        return [SimpleNamespace(status=status)]

    monkeypatch.setattr(build, "_dbt", run)
    assert build._beside(["build"], None)[0].status == status
    assert told.read_text() == left


def test_errors_are_one_line_without_values():
    message = """Runtime Error in model x (models/x.sql)
  Conversion Error: Could not convert string '13812345678' of a@b.cn to INT32
  compiled code at target/x.sql"""
    assert explained(message) == "Conversion Error: Could not convert string *** of *** to INT32"
    parsing = "Parsing Error\n  Invalid test config given in models/x.yml:\n\tmore"
    assert explained(parsing) == "Parsing Error Invalid test config given in models/x.yml:"
    lock = "IO Error: Could not set lock on file x: Conflicting lock is held in y (PID 12)"
    assert "process 12 has the warehouse open" in explained(lock)


def test_a_warehouse_open_elsewhere_is_explained(shop, tmp_path):
    path = tmp_path / "w.duckdb"
    duckdb.connect(str(path)).close()
    code = f"import duckdb; duckdb.connect({str(path)!r})"
    with duckdb.connect(str(path)):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "has the warehouse open" in explained(done.stderr)


@pytest.mark.parametrize("argv", [["nothing"], ["land", "--what"], []])
def test_an_unknown_command_is_refused(argv):
    with pytest.raises(SystemExit):
        cli.main(argv)
