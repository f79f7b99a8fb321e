"""The whole project on Spark: the same tables as on DuckDB, and no secret in what Spark writes.

Left out unless Spark is installed: `make test-engines` does that.
"""

import json
import re
import shutil

import pytest

from harness.dev import parity, spark
from harness.dev.postgres import environment
from harness.dev.workshop import NO_TESTS, Workshop, assert_equal, simulate
from harness.load import mount
from harness.places import Stopped

hive = pytest.importorskip("pyhive.hive", reason="`make test-engines` installs Spark")

SECRET = "a-secret-that-must-not-be-found-anywhere"
# Money and people, and what Spark computes in its own way.
GUARDS = (
    "path:tests/core", "path:tests/identity", "assert_credit_adds_up_to_all_purchases",
    "assert_credited_money_is_that_of_the_orders", "test_type:unit,int_identity_merges",
    "test_type:unit,int_removal_effects", "test_type:unit,int_channel_hazards",
)  # fmt: skip
SHOP = ("orders", "order_lines", "customers", "refunds", "refund_lines")


class Both:
    """The same steps on DuckDB and on one Spark; what each has after a step, by its name."""

    def __init__(self, shop, port):
        self.shop, self.port, self.folder = shop, port, shop.folder / "spark"
        self.target, self.found, self.written = shop.folder / "target_spark", {}, {}

    def build(self, *arguments):
        """Build on Spark."""
        return parity.build_on_spark(self.shop.project, self.port, self.target, *arguments)

    def step(self, name, schemas, *chosen, only=""):
        """Build these models on both and keep the tables of these schemas and names."""
        self.shop.succeed("build", *NO_TESTS, *chosen)
        assert self.build(*NO_TESTS, *chosen)
        duckdb = parity.duckdb_marts(self.shop.data / "omniloop.duckdb", schemas)
        self.found[name] = duckdb, parity.spark_marts(self.port, self.folder, schemas, only)
        self.written[name] = self.days_of_orders()

    def days_of_orders(self):
        """When Spark wrote each day of the shop's orders."""
        orders = self.folder / "warehouse/staging.db/base_shop__orders"
        return {path.parent.name: path.stat().st_mtime_ns for path in orders.glob("*/*.parquet")}


def divide(path):
    """Make two files of a CSV file; an order's versions may fall into both."""
    header, *lines = path.read_bytes().splitlines(keepends=True)
    for name, part in (("a", lines[: len(lines) // 2]), ("b", lines[len(lines) // 2 :])):
        path.with_stem(name).write_bytes(b"".join([header, *part]))
    path.unlink()


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """Two sources without their later orders, then all there is, then without the first orders.

    Few days, because Spark opens a file for each.
    """
    shop = Workshop(tmp_path_factory.mktemp("engines")).without_comments()
    exports = simulate(shop.folder / "exports", people=600, days=60)
    data, folder, first = shop.use("both"), shop.folder / "spark", shop.folder / "first"
    (folder / "events").mkdir(parents=True)
    for table in ("orders", "order_lines"):
        divide(exports / "shop" / table / "2026H1.csv")
    for source in ("crm", "shop"):
        shutil.copytree(exports / source, first / source, ignore=shutil.ignore_patterns("b.csv"))
    shutil.copy(exports / "DEMO_DATA.txt", first)
    events = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"{folder}/events",
              "spark.eventLog.compress": "false", "spark.log.level": "INFO"}  # fmt: skip
    staging = ("--select", "+staging.crm", "+staging.shop")
    with environment(DBT_ENV_SECRET_OMNILOOP=SECRET, OMNILOOP_DATA=str(data)):
        shop.land(first)
        with spark.spark(folder, events) as port:
            both = Both(shop, port)
            spark.load(shop.project, data / "landed", port)
            both.step("first", ("staging",), *staging)
            shop.land(exports)
            both.step("all", parity.SCHEMAS)
            tests = ("--resource-type", "test", "--resource-type", "unit_test")
            assert both.build(*tests, "--select", *GUARDS)
            sorted((data / "landed/shop/orders").glob("*.parquet"))[1].unlink()
            both.step("less", ("staging", "intermediate"), *staging, "+int_identity_components",
                      only="shop|crm|int_ident")
            yield both


def test_spark_gives_the_same_marts(engines):
    duckdb, marts = engines.found["all"]
    assert len(marts["marts.fct_orders"][1]) > 100
    assert_equal(duckdb, marts)


@pytest.mark.parametrize("step", ["first", "less"])
def test_a_later_delivery_changes_tables_on_spark_as_on_duckdb(engines, step):
    """Rows of new, changed and removed files, in tables of which Spark writes whole days."""
    duckdb, tables = engines.found[step]
    built = {name: table for name, table in duckdb.items() if name in tables}
    assert len(built["staging.base_shop__orders"][1]) > 0
    assert step == "first" or len(built["intermediate.int_identity_components"][1]) > 0
    assert_equal(built, tables)


def test_spark_writes_only_the_days_that_change(engines):
    """New files add days, a file that is gone takes its days with it, the others stay untouched.

    But for the day that two files share, and the one of orders without a time.
    """
    first, everything, less = (engines.written[step] for step in ("first", "all", "less"))
    assert 10 < len(first) < len(everything) - 10 and len(less) < len(everything) - 10
    assert len(first.items() - everything.items()) < 4
    assert len(less.items() - everything.items()) < 4
    assert engines.build(*NO_TESTS, "--select", "base_shop__orders")  # nothing new
    assert engines.days_of_orders() == less


def test_a_run_that_was_killed_is_made_good_by_the_next(engines):
    """It was overwriting partitions: one is missing, and the mark of such a run stands."""
    table = "staging.base_tmall__orders"
    with spark.cursor(engines.port) as session:
        session.execute(f"select cast(max(_day) as string), count(*) from {table}")
        (day, count), = session.fetchall()
        session.execute(f"alter table {table} drop partition (_day = '{day}')")
        mark = "('omniloop.fingerprint' = 'unfinished')"
        session.execute(f"alter table {table} set tblproperties {mark}")
        assert engines.build(*NO_TESTS, "--select", "base_tmall__orders")
        session.execute(f"select cast(max(_day) as string), count(*) from {table}")
        assert session.fetchall() == [(day, count)]


def test_a_loaders_tables_are_read_by_their_types_on_spark(engines):
    """Its own types, and one column by another name that the field table knows."""
    names = {table: f"lake.{table}" for table in SHOP}
    views = [f"staging.stg_shop__{table}" for table in SHOP]
    before = engines.found["less"][1]
    with spark.cursor(engines.port) as session:
        session.execute("create schema lake")
        for table, copy in names.items():
            session.execute(f"create table {copy} as select * from shop.{table}")
            session.execute(f"drop table shop.{table}")
        session.execute("create table lake.typed as select * except (created_at, total_price),"
                        " cast(created_at as timestamp) as Created_At,"
                        " cast(total_price as decimal(10, 2)) as total_price from lake.orders")
        session.execute("drop table lake.orders")
        session.execute("alter table lake.typed rename to lake.orders")
    given = ("--vars", json.dumps({"source_schemas": {"shop": "lake"}}))
    assert engines.build(*NO_TESTS, *given, "--select", *(view.split(".")[1] for view in views))
    found = parity.spark_marts(engines.port, engines.folder, ("staging",))
    assert len(found[views[0]][1]) > 20
    assert_equal({view: before[view] for view in views}, {view: found[view] for view in views})


def test_spark_brings_at_most_a_megabyte_to_its_driver(engines):
    """What the settings of every build here promise is refused."""
    with spark.cursor(engines.port) as session:
        session.execute("select count(*) from range(1000000)")
        with pytest.raises(hive.OperationalError, match="maxResultSize"):
            session.execute("select id, uuid() from range(100000)")
            session.fetchall()


def test_without_a_server_loading_says_what_to_set(tmp_path):
    nowhere = {"OMNILOOP_SPARK_HOST": "127.0.0.1", "OMNILOOP_SPARK_PORT": "9"}
    with environment(**nowhere), pytest.raises(Stopped, match="answers at 127.0.0.1:9"):
        mount(tmp_path, {})


def test_the_secret_is_in_nothing_that_spark_or_dbt_writes(engines):
    needle = re.compile("|".join((SECRET, SECRET.encode().hex())).encode(), re.IGNORECASE)
    roots = (engines.folder, engines.target, engines.shop.project / "logs")
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    events = b"".join(path.read_bytes() for path in files if "events" in path.parts)
    assert b"DBT_ENV_SECRET_OMNILOOP" in events  # its name is in the plans that were logged
    assert not [path for path in files if needle.search(path.read_bytes())]
