"""What readers of the published copy do, each in a process of its own, with a DuckDB of any age.

    python reader.py again FOLDER          read two marts and their version until killed
    python reader.py whole FILE            read every table and comment
    python reader.py refused FILE SQL HOW QUERY...
        ask under the settings of an SQL file, run as `sql` or given as `properties`
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import duckdb

VERSIONED = ("select sum(m)::int from {orders}", "select sum(order_id)::int from {people}",
             "select strftime(published_at, '%Y-%m-%dT%H:%M:%S.%fZ') from {published_version}")


def again(published: str) -> None:
    """Print a line per round: what the marts say in the file, and what they say as Parquet."""
    names, link = ("orders", "people", "published_version"), Path(published) / "parquet"
    tables = {name: f"marts.{name}" for name in names}
    while True:
        with duckdb.connect(f"{published}/omniloop.duckdb", read_only=True) as con:
            file = [con.execute(query.format(**tables)).fetchone()[0] for query in VERSIONED]
        version = link.resolve()
        files = {name: f"'{version}/{name}.parquet'" for name in names}
        parquet = [duckdb.sql(query.format(**files)).fetchall()[0][0] for query in VERSIONED]
        parquet.append(json.loads((version / "schema.json").read_text("utf-8"))["published_at"])
        print(json.dumps([file, parquet]), flush=True)
        time.sleep(0.01)


def whole(file: str) -> None:
    """Print the version of DuckDB, and for each table its columns, comments, and rows as a hash."""
    with duckdb.connect(file, read_only=True) as con:
        tables = con.execute("select schema_name || '.' || table_name, comment "
                             "from duckdb_tables() order by 1").fetchall()
        columns = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type, comment "
            "from duckdb_columns() where not internal order by 1, column_index").fetchall()
        rows = {}
        for table, _ in tables:
            found = con.execute(f"from {table}").fetchall()
            digest = hashlib.sha256(repr(sorted(map(repr, found))).encode()).hexdigest()
            rows[table] = [len(found), digest]
        money = con.execute("select sum(columns('.*amount$'))::text from marts.fct_orders")
        told = [duckdb.__version__, tables, columns, rows, money.fetchall()]
    print(json.dumps(told))


def refused(file: str, sql: str, how: str, *queries: str) -> None:
    """Print rows of a mart as a second connection counts them, and the error of each query."""
    lines = Path(sql).read_text("utf-8")
    told = dict(line[4:-1].split(" = ") for line in lines.splitlines() if line.startswith("set "))
    options = {"read_only": True, "config": told if how == "properties" else {}}
    first, answers = duckdb.connect(file, **options), {}
    if how == "sql":
        first.execute(lines)
    con = duckdb.connect(file, **options)
    for query in queries:
        try:
            con.execute(query).fetchall()
            answers[query] = None
        except duckdb.Error as error:
            answers[query] = str(error)
    print(json.dumps([con.execute("select count(*) from marts.dim_dates").fetchall(), answers]))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
