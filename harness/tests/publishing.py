"""What the tests of publishing share: a small built warehouse, and readers in other processes."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from harness.land import land
from harness.publish import publish
from harness.tests.landing import tables

READER = Path(__file__).with_name("reader.py")
WAREHOUSE = """
create schema marts; create schema staging;
create table staging.phones as select '13812345678' as phone;
create table marts.orders as select 1 as order_id, 1.5::decimal(9, 2) as m;
create view marts.people as select 'a' as user_key, 1 as order_id;
create view marts.qa_linked_identifiers as
    select 'k' as identifier_key, 'a' as user_key, timestamp '2026-01-01' as valid_from_at;
create table marts.fct_orders as from (values ('o', 'b')) as o (order_key, user_key);
create table marts.dim_users as from (values
    ('a', 'direct', true, null),
    ('b', 'store', false, date '2026-01-01'),
    ('c', 'store', false, null)
) as u (user_key, acquisition_channel_key, is_identified, registered_date);
create table marts.dim_as_of as select 'sales' as metric_family, date '2026-01-31' as as_of_date;
create table marts.metric_catalogue as select 'order_count' as metric_name,
    'Orders' as label_en, '订单数' as label_zh, 'orders.order_id' as mart_column;
"""


class Built:
    """A data folder after a small green build, with its manifest and results."""

    def __init__(self, folder):
        self.data, self.target = folder / "data", folder / "target"
        self.target.mkdir()
        self.data.mkdir()
        self.marts = ["orders", "people"]
        names = ("model.x.orders", "model.x.people", "test.x.t")
        self.results = dict.fromkeys(names, "success")
        self.args = {"which": "build"}
        self.began = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.change(WAREHOUSE)
        land(folder / "raw", self.data, tables(), only_empty=True)

    def change(self, sql):
        with duckdb.connect(str(self.data / "omniloop.duckdb")) as con:
            con.execute(sql)

    def publish(self):
        def node(name, kind="model"):
            return {
                "resource_type": kind, "schema": "marts", "alias": name,
                "description": f"{name}: it's 订单", "config": {
                    "materialized": "table", "meta": {"publish": name in self.marts}},
                "columns": {"order_id": {"name": "order_id", "description": "编号"}},
                "primary_key": ["order_id"],
            }
        nodes = {"model.x.orders": node("orders"), "model.x.people": node("people"),
                 "model.x.secret": node("secret"), "test.x.t": node("t", "test")}
        nodes["model.x.secret"]["config"]["materialized"] = "ephemeral"
        manifest = {"nodes": nodes, "unit_tests": {}}
        results = {
            "metadata": {"invocation_started_at": self.began}, "args": self.args,
            "results": [{"unique_id": k, "status": v} for k, v in self.results.items()],
        }
        (self.target / "manifest.json").write_text(json.dumps(manifest))
        (self.target / "run_results.json").write_text(json.dumps(results))
        return publish(self.data, self.target)


def shown(data):
    """Everything readers and the next build have of a data folder, to the byte and the file."""
    files = [path for folder in (data / "published", data / "landed" / "published")
             for path in folder.rglob("*") if path.is_file()]
    found = {path: (path.read_bytes(), path.stat().st_ino) for path in files}
    return found | {"parquet": os.readlink(data / "published" / "parquet")}


def reader(what, *arguments, wheel=None):
    """Start harness/tests/reader.py, with an older DuckDB from the folder `wheel`."""
    env = os.environ | ({"PYTHONPATH": str(wheel)} if wheel else {})
    return subprocess.Popen([sys.executable, READER, what, *map(str, arguments)], env=env,
                            stdout=subprocess.PIPE, text=True)


def read(what, *arguments, wheel=None):
    """What a reader prints, after it has ended well."""
    with reader(what, *arguments, wheel=wheel) as process:
        told = process.stdout.read()
    assert process.returncode == 0
    return json.loads(told)
