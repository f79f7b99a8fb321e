"""Each source alone, each source missing, and one more source: all build green.

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from harness.contract import read_tables
from harness.dev.workshop import NO_TESTS, REPO

SOURCES = sorted({table.source for table in read_tables().values() if table.is_delivered})
KIOSK = Path(__file__).with_name("kiosk")
WITHOUT_UNIT_TESTS = ("--no-write-json", "--exclude-resource-type", "unit_test")
# What tests say of one source's own staging does not hang on the others.
FROM_INTERMEDIATE_ON = (*WITHOUT_UNIT_TESTS, "--exclude", "path:models/staging,resource_type:test")


@pytest.fixture(scope="module")
def nothing(quick):
    """A warehouse of nothing delivered, built with data tests; gives its folder and their SQL."""
    data = quick.use("nothing_delivered")
    quick.land(data / "raw", only_empty=True)
    quick.succeed("build", *FROM_INTERMEDIATE_ON)
    tests = quick.tests()
    assert tests, "no data test was run"
    return data, tests


def build(workshop, exports, nothing, sources):
    """Land what these sources deliver, build anew all that hangs on it, test it; give the marts.

    All else stays as it is when nothing is delivered. DuckDB runs the SQL of the data tests as dbt
    compiled it, in an eighth of the time.
    """
    empty, tests = nothing
    data = workshop.folder / "datas" / "delivered"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(empty, data)
    workshop.use(data.name)
    for path in exports.iterdir():
        if path.is_dir() and path.name in sources:
            shutil.copytree(path, data / "raw" / path.name, copy_function=os.link)
    workshop.land(data / "raw")
    delivered = [f"source:{source}+" for source in ("landing", *sources)]
    workshop.succeed("run", "--no-write-json", "--full-refresh", "--select", *delivered)
    found = workshop.found(tests)
    assert not found, found
    return workshop.marts()


def reconciled(marts):
    """The sources that source_reconciliation knows records of."""
    columns, rows = marts["marts.source_reconciliation"]
    return {row[columns.index("source_name")] for row in rows}


def test_the_simulated_retailer_delivers_every_source(exports):
    assert {path.name for path in exports.iterdir() if path.is_dir()} == {*SOURCES}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_alone_builds_green(quick, exports, nothing, source):
    assert reconciled(build(quick, exports, nothing, [source])) == {source}


@pytest.mark.parametrize("number", range(8), ids=lambda number: "_".join(SOURCES[number::8]))
def test_missing_sources_leave_the_others_green(quick, exports, nothing, number):
    others = [other for other in SOURCES if other not in SOURCES[number::8]]
    assert reconciled(build(quick, exports, nothing, others)) == {*others}


def test_duckdb_finds_with_the_data_tests_what_dbt_finds(quick):
    """Channels stand twice, and what they are compared with mostly is not there."""
    quick.land(quick.use("twice") / "raw", only_empty=True)
    quick.succeed("build", *NO_TESTS, "--select", "+dim_channels")
    with duckdb.connect(str(quick.data / "omniloop.duckdb")) as connection:
        connection.execute("insert into marts.dim_channels from marts.dim_channels")
    assert not quick.dbt("test", *WITHOUT_UNIT_TESTS, "--select", "dim_channels")[0]
    tests = quick.tests()
    told = {one.node.name: str(one.status) for one in quick.results if one.node.name in tests}
    assert {*told.values()} == {"pass", "fail", "error"}
    assert quick.found(tests).keys() == {name for name, status in told.items() if status != "pass"}


def recipe():
    """The files that README's recipe for a new source names."""
    section = (REPO / "README.md").read_text("utf-8").split("## To add a source")[1]
    section = section.split("\n## ")[0]
    return {path for path in re.findall(r"`([^`]+)`", section) if re.match("(models|seeds)/", path)}


def files_of(folder):
    """The files below a folder, as paths in the project."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


SALES = """\
sale_no,sold_at,mobile,sku,quantity,unit_price
K1,2026-06-01T10:00:00+08:00,{phone},HF0001,2,3.50
K2,2026-06-02T10:00:00+08:00,{phone},HF0001,1,3.50
K3,2026-06-02T11:00:00+08:00,,HF0001,1,none
"""


# The last test here: the copy has the new source from then on.
def test_the_recipe_of_the_readme_adds_a_source(quick):
    new, appended = files_of(KIOSK / "new"), files_of(KIOSK / "appended")
    assert recipe() == new | appended

    shutil.copytree(KIOSK / "new", quick.project, dirs_exist_ok=True)
    for path in appended:
        with open(quick.project / path, "a", encoding="utf-8") as file:
            file.write((KIOSK / "appended" / path).read_text("utf-8"))

    raw = quick.use("kiosk") / "raw"
    (raw / "kiosk").mkdir(parents=True)
    (raw / "kiosk" / "sales.csv").write_text(SALES.format(phone="139 8642 7531"), "utf-8")
    (raw / "crm").mkdir()
    members = "member_id,phone,registered_at\nM1,13986427531,2026-05-01T10:00:00+08:00\n"
    (raw / "crm" / "members.csv").write_text(members, "utf-8")
    quick.land(raw)
    quick.succeed("build", *WITHOUT_UNIT_TESTS)
    quick.succeed("test", "--no-write-json", "--select", "base_kiosk__sales,test_type:unit")
    marts = quick.marts()

    def rows(mart, *names):
        columns, found = marts[f"marts.{mart}"]
        return sorted(tuple(row[columns.index(name)] for name in names) for row in found)

    orders = rows("fct_orders", "source_name", "order_id", "order_status", "net_revenue_amount")
    assert [order[1:3] for order in orders] == [("K1", "valid"), ("K2", "valid")]
    assert [order[3] for order in orders] == ["7", "3.5"]
    assert len({*rows("fct_orders", "user_key")}) == 1, "both sales are one member's"
    assert rows("dim_users", "purchase_count", "is_member")[-1] == ("2", "True")
    rejects = rows("rejected_records", "source_name", "record_no", "reject_reasons")
    assert rejects == [("kiosk", "3", "unit_price:not_a_number")]
    money = rows("source_reconciliation", "source_name", "raw_records", "accepted_records",
                 "mart_amount")
    assert [row for row in money if row[0] == "kiosk"] == [("kiosk", "3", "2", "10.5")]
