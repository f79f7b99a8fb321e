"""A throw-away Spark of one machine with its Thrift server, over what has landed.

It is the way to a real cluster too: dbt speaks to the same server there.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from harness.contract import read_tables
from harness.dbt_plugin import DEMO
from harness.dev.postgres import environment
from harness.load import mount

SECONDS = 180  # that the server may take to start
# A small machine with small data: to interpret a query takes less than to compile it, and one task
# less than two. Tables are known to this server only. Whatever would bring more than a megabyte to
# the driver fails, so nothing larger is broadcast either; Parquet is a fifth of its rows and less.
SETTINGS = {
    "spark.driver.maxResultSize": "1m",
    "spark.sql.autoBroadcastJoinThreshold": "64k",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.extraJavaOptions":
        "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
    # A table of many days is many small files: one task for all, listed without a job.
    "spark.sql.files.openCostInBytes": "16k",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
    "spark.ui.enabled": "false",
    # What no page shows need not be kept: a thousand plans fill the driver.
    "spark.sql.ui.retainedExecutions": "5",
    "spark.ui.retainedJobs": "5",
    "spark.ui.retainedStages": "5",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.log.level": "WARN",
}


@contextmanager
def spark(folder: Path, settings: dict[str, str] | None = None) -> Iterator[int]:
    """Run a Thrift server that keeps all it writes in a folder, and yield its port.

    Raises RuntimeError with the end of the server's log when it does not come up.
    """
    import pyspark  # only here, because only requirements-spark.txt has it

    home, log = Path(pyspark.__file__).parent, folder / "server.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        "spark.local.dir": f"{folder}/local",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
    }
    given = SETTINGS | places | (settings or {})
    command = [
        home / "bin" / "spark-submit", "--master", "local[2]",
        "--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
        *(part for name, value in given.items() for part in ("--conf", f"{name}={value}")),
        "spark-internal", "--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1",
        "--hiveconf", f"hive.server2.thrift.port={port}",
    ]  # fmt: skip
    secret = os.environ.get("DBT_ENV_SECRET_OMNILOOP") or DEMO
    env = os.environ | {"SPARK_HOME": str(home), "DBT_ENV_SECRET_OMNILOOP": secret}
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=env, cwd=folder, stdout=out, stderr=out)
    try:
        _wait(server, port, log)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen, port: int, log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    said = log.read_text("utf-8", "replace")[-2000:]
    raise RuntimeError(f"Spark's Thrift server did not start; it needs Java 17. It said: {said}")


@contextmanager
def cursor(port: int) -> Iterator:
    """Open a cursor in the throw-away Spark."""
    from pyhive import hive

    with closing(hive.connect("127.0.0.1", port, username="omniloop")) as connection:
        yield connection.cursor()


def load(project: Path, landed: Path, port: int) -> None:
    """Make every declared source a table over its landed Parquet files."""
    with environment(OMNILOOP_SPARK_HOST="127.0.0.1", OMNILOOP_SPARK_PORT=str(port)):
        mount(landed.parent, read_tables(project / "models"))
