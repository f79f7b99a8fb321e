"""Whole builds of small exports: every way to the same files gives the same marts.

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from harness import land, landed
from harness.contract import read_tables
from harness.dev import parity
from harness.dev.postgres import environment, load, postgres

REPO = Path(__file__).parents[2]
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class Workshop:
    """A fresh copy of the project, and one data folder at a time for it to work on.

    The data folder is a link that always has the same name, because dbt parses the project anew
    when the path of its database changes.
    """

    def __init__(self, folder: Path):
        self.folder, self.project = folder, folder / "project"
        self.data = folder / "data"
        listed = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        for name in subprocess.check_output(listed, cwd=REPO, text=True).split("\0"):
            if (REPO / name).is_file():
                (self.project / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPO / name, self.project / name)

    def use(self, name: str) -> Path:
        """Work on the data folder of that name from now on."""
        target = self.folder / "datas" / name
        target.mkdir(parents=True, exist_ok=True)
        self.data.unlink(missing_ok=True)
        self.data.symlink_to(target)
        return target

    def land(self, raw: Path, only_empty: bool = False) -> land.Report:
        """Land what stands in a raw folder."""
        return land.land(raw, self.data, read_tables(self.project / "models"), only_empty)

    def dbt(self, *arguments: str) -> tuple[bool, str]:
        """Run dbt; give whether it succeeded, and what it said."""
        said = []
        runner = dbtRunner(callbacks=[lambda event: said.append(event.info.msg)])
        folders = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        with environment(OMNILOOP_DATA=str(self.data)):
            result = runner.invoke(["--quiet", "--log-level-file", "none", *arguments, *folders])
        DuckDBConnectionManager.close_all_connections()
        return result.success, "\n".join([*said[-60:], str(result.exception or "")])

    def succeed(self, *arguments: str) -> None:
        """Run dbt, which must succeed."""
        succeeded, said = self.dbt(*arguments)
        assert succeeded, said

    def marts(self) -> parity.Marts:
        """Every mart as it stands."""
        return parity.duckdb_marts(self.data / "omniloop.duckdb")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("builds"))


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """The exports of a small simulated retailer."""
    out = tmp_path_factory.mktemp("exports")
    options = ["--people", "300", "--days", "200", "--seed", "3", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "harness.dev.simulate", *options], check=True, cwd=REPO)
    return out / "raw"


@pytest.fixture(scope="module")
def built(shop, exports):
    """The exports landed at once and built with all tests; gives the marts."""
    shop.use("at_once")
    shop.land(exports)
    shop.succeed("build")
    return shop.marts()


def assert_equal(left, right, ignore=()):
    found = parity.differences(left, right, ignore)
    assert not found, "\n".join(found)


def test_a_fresh_copy_with_nothing_delivered_builds_green_and_empty(tmp_path):
    project = Workshop(tmp_path).project
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OMNILOOP_", "DBT_"))}
    run = {"cwd": project, "env": env | {"PYTHONPATH": str(project)}, "check": True}
    subprocess.run([sys.executable, "-m", "harness.cli", "land", "--empty"], **run)
    subprocess.run([Path(sys.executable).with_name("dbt"), "--quiet", "build"], **run)
    marts = parity.duckdb_marts(project / "data" / "omniloop.duckdb")
    facts = {name: len(rows) for name, (_, rows) in marts.items() if ".fct_" in name}
    assert facts and not any(facts.values()), facts


def test_nothing_landed_says_what_to_do(shop):
    shop.use("nothing")
    succeeded, said = shop.dbt("build")
    assert not succeeded
    assert "run `omniloop land` first" in said


def test_all_tests_pass_on_duckdb(built):
    assert len(built["marts.fct_orders"][1]) > 100


def test_postgres_gives_the_same_marts(shop, built):
    data = shop.use("at_once")
    with postgres() as host, environment(OMNILOOP_DATA=str(data)):
        load(shop.project, data / "landed", host)
        assert parity.build(shop.project, host, shop.folder / "target_postgres")
        assert_equal(built, parity.postgres_marts(host))


def test_bare_dbt_build_equals_omniloop_build(shop, exports, built):
    data = shop.use("omniloop")
    env = os.environ | {"OMNILOOP_DATA": str(data), "OMNILOOP_RAW": str(exports)}
    command = [sys.executable, "-m", "harness.cli", "build"]
    env["PYTHONPATH"] = str(shop.project)
    subprocess.run(command, cwd=shop.project, env=env, check=True)
    assert_equal(built, shop.marts(), ignore=("marts.run_log",))


def test_a_loaders_tables_give_the_same_marts(shop, exports, built):
    """The exports as plain tables, without anything that landing adds."""
    landed_files = shop.use("at_once") / "landed"
    data = shop.use("tables")
    shop.land(exports, only_empty=True)
    tables = [
        table for table in read_tables(shop.project / "models").values() if table.is_delivered
    ]
    with duckdb.connect(str(data / "omniloop.duckdb")) as connection:
        for table in tables:
            columns = ", ".join(column.name for column in table.columns)
            files = f"{landed_files}/{table.source}/{table.name}/*.parquet"
            connection.execute(f"create schema if not exists lake_{table.source}")
            connection.execute(
                f"create table lake_{table.source}.{table.name} as select {columns} from "
                f"read_parquet('{files}', union_by_name = true) order by _load_no, _record_no"
            )
    schemas = {table.source: f"lake_{table.source}" for table in tables}
    shop.succeed("build", "--vars", json.dumps({"source_schemas": schemas}), *NO_TESTS)
    # Which file and line a record came from, and what could not be read, only landing knows.
    assert_equal(built, shop.marts(), ignore=("marts.rejected_records",))


# ---- Deliveries: whatever comes in whatever order, the marts are those of a build from nothing.


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A copy that leaves out the comments on tables, which take a third of a small build."""
    workshop = Workshop(tmp_path_factory.mktemp("deliveries"))
    settings = workshop.project / "dbt_project.yml"
    said, comments = settings.read_text(), "+persist_docs: {relation: true, columns: true}"
    assert comments in said
    settings.write_text(said.replace(comments, ""))
    return workshop


@pytest.fixture(scope="module")
def parts(exports, tmp_path_factory):
    """The records of every export dealt to three deliveries, as a card player would."""
    out = tmp_path_factory.mktemp("parts")
    for path in sorted(path for path in exports.rglob("*") if path.is_file()):
        source, *rest = path.relative_to(exports).parts
        for number in range(3):
            if not rest:  # the mark of demo data
                copy_to(path, out / str(number) / source)
                continue
            table = rest[0].split(".")[0]
            target = out / str(number) / source / table / f"{number}_{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                duckdb.sql(
                    "copy (select * exclude no from (select *, row_number() over () as no"
                    f" from '{path}') where no % 3 = {number}) to '{target}'"
                )
                continue
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rb") as file:
                lines = file.readlines()
            header = [lines.pop(0)] if ".csv" in path.name else []
            with opened(target, "wb") as file:
                file.writelines(header + lines[number::3])
    # One file names a column as nobody expects until the field table learns the word.
    odd = next((out / "1" / "crm" / "members").iterdir())
    odd.write_bytes(odd.read_bytes().replace(b"region_code", b"home_region", 1))
    return out


def copy_to(path, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def link_old_cookie(exports, target):
    """Deliver a log-in: the last cookie that nobody logged in on turns out to be a customer's."""
    events = [
        json.loads(line)
        for path in sorted(exports.glob("ga4/events/*.ndjson.gz"))
        for line in gzip.open(path)
        if line.startswith(b"{") and line.rstrip().endswith(b"}")
    ]
    customers = sorted({event["user_id"] for event in events if event.get("user_id")})
    known = {event["user_pseudo_id"] for event in events if event.get("user_id")}
    anonymous = [event for event in events if event["user_pseudo_id"] not in known]
    last = max(anonymous, key=lambda event: (event["event_timestamp"], event["user_pseudo_id"]))
    login = last | {"user_id": customers[0], "event_bundle_sequence_id": 990001}
    login["event_timestamp"] += 60_000_000
    target.mkdir(parents=True, exist_ok=True)
    (target / "login.ndjson").write_text(json.dumps(login) + "\n")
    return last["user_pseudo_id"]


@pytest.fixture
def clock(monkeypatch):
    """Sets the clock that landing reads."""

    def set_back(days):
        class Earlier(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) - timedelta(days=days)

        monkeypatch.setattr(landed, "datetime", Earlier)

    return set_back


@pytest.mark.parametrize("order", [*permutations("012")], ids="".join)
def test_any_order_of_deliveries_equals_a_full_refresh(quick, exports, parts, order, clock):
    first, second, third = order
    build = ("build", "--no-write-json", *NO_TESTS)
    field_table = quick.project / "models/staging/crm/_crm__sources.yml"
    field_table.write_text((REPO / "models/staging/crm/_crm__sources.yml").read_text())

    # The first part comes without its order lines, which are late.
    data = quick.folder / "datas" / "".join(order)
    snapshot = quick.folder / "datas" / f"only_{first}"
    if snapshot.exists():  # two orders begin alike
        shutil.copytree(snapshot, data)
    quick.use(data.name)
    raw = data / "raw"
    late = raw / "shop" / "order_lines"
    if not raw.exists():
        shutil.copytree(parts / first, raw)
        shutil.rmtree(late)
        quick.land(raw)
        quick.succeed(*build)
        shutil.copytree(data, snapshot)

    # The second part comes after the clock was set back; only what hangs on members is built.
    shutil.copytree(parts / second, raw, dirs_exist_ok=True)
    clock(days=400)
    quick.land(raw)
    quick.succeed(*build, "--select", "base_crm__members+")

    # The third, and with it a log-in on a cookie that was nobody's.
    shutil.copytree(parts / third, raw, dirs_exist_ok=True)
    link_old_cookie(exports, raw / "ga4" / "events")
    quick.land(raw)
    quick.succeed(*build)

    # The late file, and the members again, because the field table learned a word.
    shutil.copytree(parts / first / "shop" / "order_lines", late, dirs_exist_ok=True)
    learned = field_table.read_text().replace("aliases: [region,", "aliases: [home_region, region,")
    assert "home_region" in learned
    field_table.write_text(learned)
    assert quick.land(raw).again
    quick.succeed(*build)
    marts = quick.marts()

    (data / "omniloop.duckdb").unlink()
    quick.succeed(*build)
    assert_equal(marts, quick.marts())
