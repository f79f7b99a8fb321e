"""The whole project on Spark: the same marts as on DuckDB, and no secret in what Spark writes.

Left out unless Spark is installed: `make test-engines` does that.
"""

import re
import shutil

import pytest

from harness.dev import parity, spark
from harness.dev.postgres import environment
from harness.dev.workshop import NO_TESTS, Workshop, assert_equal
from harness.load import mount
from harness.places import Stopped

pytest.importorskip("pyspark", reason="`make test-engines` installs Spark and runs these")

SECRET = "a-secret-that-must-not-be-found-anywhere"
# Money and people, and what Spark computes in its own way.
GUARDS = (
    "path:tests/core", "path:tests/identity", "assert_credit_adds_up_to_all_purchases",
    "assert_credited_money_is_that_of_the_orders", "test_type:unit,int_identity_merges",
    "test_type:unit,int_removal_effects", "test_type:unit,int_channel_hazards",
)  # fmt: skip


@pytest.fixture(scope="module")
def engines(tmp_path_factory, exports):
    """The same exports built on DuckDB and on Spark: the workshop, both's marts, Spark's folder."""
    shop = Workshop(tmp_path_factory.mktemp("engines")).without_comments()
    data, folder = shop.use("both"), shop.folder / "spark"
    (folder / "events").mkdir(parents=True)
    events = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"{folder}/events",
              "spark.eventLog.compress": "false", "spark.log.level": "INFO"}  # fmt: skip
    with environment(DBT_ENV_SECRET_OMNILOOP=SECRET, OMNILOOP_DATA=str(data)):
        shop.land(exports)
        shop.succeed("build", *NO_TESTS)
        with spark.spark(folder, events) as port:
            spark.load(shop.project, data / "landed", port)
            target = shop.folder / "target_spark"
            assert parity.build_on_spark(shop.project, port, target, *NO_TESTS)
            tests = ("--resource-type", "test", "--resource-type", "unit_test")
            assert parity.build_on_spark(shop.project, port, target, *tests, "--select", *GUARDS)
            marts = parity.spark_marts(port)
    return shop, marts, folder


def test_spark_gives_the_same_marts(engines):
    shop, marts, _ = engines
    assert len(marts["marts.fct_orders"][1]) > 100
    assert_equal(shop.marts(), marts)


def test_without_a_server_loading_says_what_to_set(tmp_path):
    nowhere = {"OMNILOOP_SPARK_HOST": "127.0.0.1", "OMNILOOP_SPARK_PORT": "9"}
    with environment(**nowhere), pytest.raises(Stopped, match="answers at 127.0.0.1:9"):
        mount(tmp_path, {})


def test_the_secret_is_in_nothing_that_spark_or_dbt_writes(engines):
    shop, _, folder = engines
    needle = re.compile("|".join((SECRET, SECRET.encode().hex())).encode(), re.IGNORECASE)
    roots = (folder, shop.folder / "target_spark", shop.project / "logs")
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    events = b"".join(path.read_bytes() for path in files if "events" in path.parts)
    assert b"DBT_ENV_SECRET_OMNILOOP" in events  # its name is in the plans that were logged
    assert not [path for path in files if needle.search(path.read_bytes())]


def test_a_later_delivery_changes_tables_on_spark_as_on_duckdb(exports, tmp_path):
    """Rows of new, changed and removed files, in tables that Spark can only write anew."""
    shop = Workshop(tmp_path).without_comments()
    data, folder, first = shop.use("later"), tmp_path / "spark", tmp_path / "first"
    folder.mkdir()
    later = shutil.ignore_patterns("2026*")
    for source in ("crm", "shop"):
        shutil.copytree(exports / source, first / source, ignore=later)
    shutil.copy(exports / "DEMO_DATA.txt", first)
    shop.land(first)
    only = (*NO_TESTS, "--select", "+staging.crm", "+staging.shop")
    with spark.spark(folder) as port, environment(OMNILOOP_DATA=str(data)):
        spark.load(shop.project, data / "landed", port)
        counts = []
        for step in ("first", "more", "less"):
            if step == "more":
                shop.land(exports)
            if step == "less":
                sorted((data / "landed/shop/orders").glob("*.parquet"))[1].unlink()
            shop.succeed("build", *only)
            assert parity.build_on_spark(shop.project, port, tmp_path / "target_spark", *only)
            duckdb = parity.duckdb_marts(data / "omniloop.duckdb", ("staging",))
            assert_equal(duckdb, parity.spark_marts(port, ("staging",)))
            counts.append(len(duckdb["staging.base_shop__orders"][1]))
    assert counts[0] < counts[1] > counts[2]
