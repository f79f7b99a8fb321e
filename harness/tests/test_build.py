import json
from types import SimpleNamespace

import duckdb
import pytest

from harness import build, cli
from harness.land import land
from harness.places import explained
from harness.tests.landing import Shop, tables


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNILOOP_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("OMNILOOP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(build, "DEMO", tmp_path / "demo")
    return Shop(tmp_path)


def chosen(monkeypatch, given=""):
    asked = []
    monkeypatch.setattr(build.subprocess, "run", lambda command, check: asked.append(command))
    build._choose_demo(build.places.screen(), given)
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


def test_what_is_built_again_takes_the_place_of_what_was_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    told = tmp_path / "run_results.json"

    def run(**status):
        rows = [{"unique_id": name, "status": each} for name, each in status.items()]
        told.write_text(json.dumps({"args": {"which": "build"}, "results": rows, "of": len(rows)}))
        return [SimpleNamespace(node=SimpleNamespace(unique_id=row["unique_id"]), **row)
                for row in rows]

    first = run(orders="success", scores="success", people="success")
    monkeypatch.setattr(build, "_dbt", lambda command, console: run(scores="error"))
    results = build._again(first, ["build"], None)
    expected = {"orders": "success", "scores": "error", "people": "success"}
    assert {one.unique_id: one.status for one in results} == expected
    kept = json.loads(told.read_text())
    assert {one["unique_id"]: one["status"] for one in kept["results"]} == expected
    assert kept["of"] == 3


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
        done = build.subprocess.run(
            [build.sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "has the warehouse open" in explained(done.stderr)


@pytest.mark.parametrize("argv", [["nothing"], ["land", "--what"], []])
def test_an_unknown_command_is_refused(argv):
    with pytest.raises(SystemExit):
        cli.main(argv)
