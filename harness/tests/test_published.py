"""What readers get of a whole build: with an older DuckDB, as Parquet, and no more than that."""

import json
import shutil
import subprocess
import sys

import duckdb
import pytest

from harness.dev.workshop import REPO
from harness.tests.publishing import read

READ_ONLY = REPO / "examples" / "bi" / "read_only.sql"
REFUSED = """
from read_csv('/etc/passwd')
from read_text('/etc/passwd')
from read_blob('/etc/passwd')
from glob('/etc/*')
from sniff_csv('/etc/passwd')
from '{parquet}/dim_dates.parquet'
from 'https://example.com/dates.parquet'
from parquet_metadata('{parquet}/dim_dates.parquet')
copy marts.dim_dates to '{out}/dates.csv'
copy marts.dim_dates to '{out}/dates.parquet'
export database '{out}'
import database '{out}'
attach '{work}' as work (read_only)
attach '{out}/new.duckdb' as new
install httpfs
install httpfs from community
load httpfs
load '{out}/any.duckdb_extension'
set enable_external_access = true
reset enable_external_access
pragma enable_external_access = true
set lock_configuration = false
reset lock_configuration
set temp_directory = '{out}'
set home_directory = '{out}'
set log_query_path = '{out}/queries.log'
set profiling_output = '{out}/profile.json'
call enable_logging(storage = 'file', storage_path = '{out}')
create persistent secret s (type s3)
create table marts.mine as select 1
insert into marts.dim_channels from marts.dim_channels
drop table marts.dim_dates
"""


@pytest.fixture(scope="module")
def published(omniloop_built):
    return omniloop_built / "published"


@pytest.fixture(scope="module")
def wheel(request):
    """The folder of an older DuckDB by its version; kept until `make clean`."""
    def folder(version):
        goal = request.config.cache.mkdir("wheels") / f"duckdb-{version}"
        if not goal.exists():
            new = goal.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
            subprocess.run([*command, str(new), f"duckdb=={version}"], check=True)
            new.rename(goal)
        return goal

    return folder


@pytest.mark.parametrize("version", ["1.0.0", "1.1.3"])
def test_older_drivers_read_every_table_and_comment(published, wheel, version):
    file = published / "omniloop.duckdb"
    now, *told = read("whole", file)
    older, *told_older = read("whole", file, wheel=wheel(version))
    assert (now, older) == (duckdb.__version__, version)
    assert told_older == told
    tables, columns, rows, [[*money]] = told
    assert len(tables) == len(rows) > 60 and money
    assert all(comment for _, comment in tables)
    assert "复购率" in json.dumps([comment for *_, comment in columns] + tables, ensure_ascii=False)


def test_parquet_holds_the_rows_of_the_file_and_its_schema_is_told(published):
    folder = published / "parquet"
    told = json.loads((folder / "schema.json").read_text("utf-8"))
    file, tables = published / "omniloop.duckdb", told.pop("tables")
    assert {path.name for path in folder.iterdir()} == {
        "schema.json", *(table["file"] for table in tables)}
    with duckdb.connect() as con:
        con.execute(f"attach '{file}' as file (read_only)")
        listed = con.execute("select schema_name, table_name, comment from duckdb_tables()")
        comments = {row[:2]: row[2] for row in listed.fetchall()}
        assert {(table["schema"], table["name"]) for table in tables} == {*comments}
        for table in tables:
            place, path = (table["schema"], table["name"]), folder / table["file"]
            mart = "file.{}.{}".format(*place)
            described = con.execute(f"describe from '{path}'").fetchall()
            assert described == con.execute(f"describe from {mart}").fetchall()
            columns = [(column["name"], column["type"]) for column in table["columns"]]
            assert columns == [row[:2] for row in described]
            rows = con.execute(f"from {mart}").fetchall()
            assert con.execute(f"from '{path}'").fetchall() == rows
            key = ", ".join(table["primary_key"]) or "origin"
            counted = con.execute(f"select count(distinct ({key})) from '{path}'").fetchone()
            assert counted[0] == table["row_count"] == len(rows), mart
            assert table["description"] == comments[place]
            codecs = con.execute(f"select distinct compression from parquet_metadata('{path}')")
            assert {*codecs.fetchall()} <= {("ZSTD",)}
        at = con.execute("select * replace (strftime(published_at, '%Y-%m-%dT%H:%M:%S.%fZ') as"
                         " published_at) from file.marts.published_version")
        version = dict(zip([column[0] for column in at.description], at.fetchone(), strict=True))
        as_of = con.execute("select metric_family, as_of_date::text from file.marts.dim_as_of")
        assert told == version | {"as_of": dict(as_of.fetchall())}
    assert told["test_count"] > 1000


def test_columns_are_told_with_the_names_that_people_use(published):
    told = json.loads((published / "parquet" / "schema.json").read_text("utf-8"))
    tables = {table["name"]: table for table in told["tables"]}
    with duckdb.connect(str(published / "omniloop.duckdb"), read_only=True) as con:
        metrics = con.execute("""
            select mart_column, metric_name, label_en, label_zh from marts.metric_catalogue
            where mart_column not like '% / %'  -- a ratio of two is in neither""").fetchall()
    assert len(metrics) > 50
    for place, *names in metrics:
        table, name = place.split(".")
        column = next(each for each in tables[table]["columns"] if each["name"] == name)
        assert dict(zip(("name", "label", "label_zh"), names, strict=True)) in column["metrics"]
        assert column["description"]
    assert tables["dim_users"]["primary_key"] == ["user_key"]


@pytest.mark.parametrize("how", ["sql", "properties"])
@pytest.mark.parametrize("version", ["1.1.3", duckdb.__version__])
def test_the_settings_for_readers_leave_them_the_marts_only(
    published, wheel, tmp_path, version, how
):
    file, out = published / "omniloop.duckdb", tmp_path / "out"
    out.mkdir()
    places = {"out": out, "work": published.parent / file.name, "parquet": published / "parquet"}
    queries = REFUSED.format(**places).strip().splitlines()
    folder = None if version == duckdb.__version__ else wheel(version)
    rows, errors = read("refused", file, READ_ONLY, how, *queries, wheel=folder)
    assert rows[0][0] > 100
    assert [query for query in queries if errors[query] is None] == []
    assert not [query for query, error in errors.items() if "syntax error" in error]
    assert [*out.iterdir()] == []
