"""The dashboard for Superset, and what the notes for BI tools show, without Superset.

What a browser sees of it is in bi_superset.py, which `make test-bi` runs.
"""

import os
import re
import subprocess
import sys
import uuid

import duckdb
import pytest
import yaml

from harness.contract import ROOT

BI = ROOT / "examples" / "bi"
CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")


def read(folder):
    return {path.stem: yaml.safe_load(path.read_text("utf-8"))
            for path in sorted((BI / "superset" / folder).rglob("*.yaml"))}


DATASETS, CHARTS = read("datasets"), read("charts")
DATABASE, = read("databases").values()
DASHBOARD, = read("dashboards").values()
BY_UUID = {each["uuid"]: each for each in DATASETS.values()}


def contract():
    """Every mart column as the project declares it: (mart, column) to (type, description)."""
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "models").rglob("*.md"))
    docs = {name: text.strip() for name, text in
            re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", texts, re.S)}
    return {
        (model["name"], column["name"]): (column["data_type"], re.sub(
            r"{{ doc\('(\w+)'\) }}", lambda found: docs[found[1]], column["description"]))
        for path in (ROOT / "models" / "marts").rglob("*__models.yml")
        for model in yaml.safe_load(path.read_text("utf-8"))["models"]
        for column in model["columns"]}


CONTRACT = contract()


@pytest.fixture
def marts():
    """The marts as the contract has them, with no row."""
    tables = {}
    for (mart, column), (data_type, _) in CONTRACT.items():
        tables.setdefault(mart, []).append(f"{column} {data_type}")
    with duckdb.connect() as con:
        con.execute("create schema marts; create table marts.published_version as select "
                    "'demo' as origin, timestamp '2026-01-01' as published_at")
        for mart, columns in tables.items():
            con.execute(f"create table marts.{mart} ({', '.join(columns)})")
        yield con


def add(marts, table, *rows):
    """Add rows of a mart; what they do not say is null."""
    for row in rows:
        names, values = ", ".join(row), ", ".join("?" * len(row))
        marts.execute(f"insert into marts.{table} ({names}) values ({values})", [*row.values()])


def asked(marts, dataset, metric, where="true", by="1"):
    """What a metric of a dataset says, as Superset asks: over the dataset's query."""
    expression, = (each["expression"] for each in DATASETS[dataset]["metrics"]
                   if each["metric_name"] == metric)
    sql = f"select {expression} from ({DATASETS[dataset]['sql']}) as d where {where} group by {by}"
    return [value for value, in marts.execute(f"{sql} order by {by}").fetchall()]


@pytest.mark.parametrize("name", DATASETS)
def test_columns_and_metrics_stand_on_the_contract(marts, name):
    dataset = DATASETS[name]
    found = marts.execute(f"describe ({dataset['sql']})").fetchall()
    said = {each["column_name"]: each["type"] for each in dataset["columns"]}
    assert list(said.items()) == [(column, kind) for column, kind, *_ in found]
    for metric in dataset["metrics"]:
        asked(marts, name, metric["metric_name"], by=dataset["columns"][0]["column_name"])


def test_descriptions_are_the_comments_of_the_marts():
    own = {"channel", "sales_channel", "is_month_over", "origin", "published_at"}
    marts = {name: re.findall(r"marts\.(\w+) as", dataset["sql"])[0]
             for name, dataset in DATASETS.items()}
    for name, dataset in DATASETS.items():
        for column in dataset["columns"]:
            if column["column_name"] not in own:
                place = marts[name], column["column_name"]
                assert column["description"] == CONTRACT[place][1], place


def test_everything_has_a_chinese_and_an_english_name():
    names = [each["slice_name"] for each in CHARTS.values()] + [DASHBOARD["dashboard_title"]]
    for dataset in DATASETS.values():
        names += [each["verbose_name"] for each in dataset["columns"] + dataset["metrics"]]
    assert [name for name in names if not (CHINESE.search(name) and ENGLISH.search(name))] == []


def named(value):
    """Every metric and column that the settings of a chart name."""
    for key in ("metric", "x", "y", "size", "metrics", "metrics_b", "timeseries_limit_metric"):
        for each in [value[key]] if isinstance(value.get(key), str) else value.get(key) or []:
            yield "metrics", each
    for key in ("x_axis", "groupby", "groupby_b", "entity", "series", "all_columns"):
        for each in [value[key]] if isinstance(value.get(key), str) else value.get(key) or []:
            yield "columns", each
    for each in value.get("adhoc_filters", []) + value.get("adhoc_filters_b", []):
        yield "columns", each["subject"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_asks_for_what_its_dataset_has(name):
    chart = CHARTS[name]
    dataset = BY_UUID[chart["dataset_uuid"]]
    has = {"metrics": {each["metric_name"] for each in dataset["metrics"]},
           "columns": {each["column_name"] for each in dataset["columns"]}}
    asks = list(named(chart["params"]))
    assert asks and [(kind, each) for kind, each in asks if each not in has[kind]] == []
    assert chart["viz_type"] == chart["params"]["viz_type"]


def test_the_dashboard_shows_every_chart_and_ids_are_their_own():
    shown = [part["meta"]["uuid"] for part in DASHBOARD["position"].values()
             if isinstance(part, dict) and part["type"] == "CHART"]
    assert sorted(shown) == sorted(each["uuid"] for each in CHARTS.values())
    filters = DASHBOARD["metadata"]["native_filter_configuration"]
    for target in (target for each in filters for target in each["targets"]):
        columns = BY_UUID[target["datasetUuid"]]["columns"]
        assert target["column"]["name"] in {each["column_name"] for each in columns}
    assert {each["database_uuid"] for each in DATASETS.values()} == {DATABASE["uuid"]}
    ids = [each["uuid"] for each in (*DATASETS.values(), *CHARTS.values(), DATABASE, DASHBOARD)]
    assert len(ids) == len({uuid.UUID(each) for each in ids})


def test_rates_are_sums_divided_by_sums(marts):
    add(marts, "dim_channels",
        *({"channel_key": key, "channel_name": key, "channel_name_zh": "渠道"} for key in "ab"))
    small = {"acquisition_channel_key": "a", "mature_90d_customers": 10, "repeat_90d_customers": 1,
             "cac_spend_amount": 100, "cac_customers": 1, "margin_90d_amount": 10,
             "km_median_days": 5, "new_customers": 10}
    large = {"acquisition_channel_key": "b", "mature_90d_customers": 90,
             "repeat_90d_customers": 90, "cac_spend_amount": 0, "cac_customers": 9,
             "margin_90d_amount": 990, "km_median_days": 7, "new_customers": 90}
    everybody = {key: (small[key] + large[key]) for key in small} | {
        "acquisition_channel_key": "all"}
    add(marts, "channel_quality", small, large, everybody)
    one = "acquisition_channel_key"
    for metric, each, total in (("repeat_90d_rate", [.1, 1], .91), ("cac", [100, None], 10),
                                ("ltv_margin_90d", [1, 11], 10), ("ltv_cac", [.01, None], 1),
                                ("repurchase_cycle_days", [5, 7], None)):
        assert asked(marts, "channel_quality", metric, by=one) == each, metric
        assert asked(marts, "channel_quality", metric, by="()") == [total], metric
    assert asked(marts, "channel_quality", "new_customers", by="()") == [100]
    add(marts, "user_retention", *(
        {"acquisition_channel_key": key, "cohort_customers": cohort, "retained_customers": kept,
         "is_complete": kept is not None}
        for key, cohort, kept in (("a", 10, 1), ("b", 30, 9), ("b", 50, None), ("all", 40, 40))))
    assert asked(marts, "user_retention", "retention_rate", by="()") == [.25]
    add(marts, "channel_roi", *(
        {"acquisition_channel_key": key, "spend": spend, "cash_net_revenue_amount": revenue,
         "cash_margin_amount": revenue / 2, "month_date": f"2026-{month}-01"}
        for key, month, spend, revenue in (("a", "01", 100, 300), ("a", "02", 300, 300),
                                           ("b", "02", 0, 200))))
    add(marts, "dim_as_of", {"metric_family": "roi", "as_of_date": "2026-02-27"})
    assert asked(marts, "channel_roi", "roas", by="channel") == [1.5, None]
    assert asked(marts, "channel_roi", "roas", by="()") == [2]
    assert asked(marts, "channel_roi", "roi", by="()") == [0]
    assert asked(marts, "channel_roi", "spend", "is_month_over", by="()") == [100]


def test_what_is_not_known_yet_or_cannot_be_added_is_blank(marts):
    add(marts, "dim_channels",
        {"channel_key": "a", "channel_name": "a", "channel_name_zh": "渠道"})
    add(marts, "repeat_rate", *(
        {"acquisition_channel_key": "a", "cohort_month_date": f"2026-{month}-01",
         "horizon_days": 90, "new_customers": 10, "mature_customers": mature,
         "repeat_customers": repeat} for month, mature, repeat in (("01", 10, 4), ("02", 5, 1),
                                                                   ("03", 0, None))))
    month = "cohort_month_date"
    assert asked(marts, "repeat_rate", "whole_cohort_repeat_rate", by=month) == [.4, None, None]
    assert asked(marts, "repeat_rate", "repeat_rate", by="()") == [5 / 15]
    add(marts, "active_users", *(
        {"sales_channel_key": key, "activity_date": f"2026-01-0{day}", "active_users_1d": users,
         "active_users_28d": 10}
        for key, day, users in (("a", 1, 1), ("all", 1, 2), ("all", 2, 4))))
    day, everybody = "activity_date", "sales_channel_key = 'all'"
    assert asked(marts, "active_users", "active_users_1d", everybody, by=day) == [2, 4]
    assert asked(marts, "active_users", "active_users_1d", by="()") == [None]
    assert asked(marts, "active_users", "stickiness", everybody, by="()") == [.3]


@pytest.fixture
def published(marts, tmp_path):
    """A published file in the place where the notes look for it, of two channels and two months."""
    add(marts, "dim_channels", {"channel_key": "a", "channel_name": "Store",
                                "channel_name_zh": "门店"})
    add(marts, "dim_as_of", {"metric_family": "roi", "as_of_date": "2026-02-28"})
    add(marts, "channel_roi", *(
        {"acquisition_channel_key": "a", "month_date": f"2026-0{month}-01", "spend": spend,
         "cash_net_revenue_amount": revenue, "cash_new_customers": 1}
        for month, spend, revenue in ((1, 100, 300), (2, 300, 300))))
    path = tmp_path / "data" / "published" / "omniloop.duckdb"
    path.parent.mkdir(parents=True)
    marts.execute(f"attach '{path}' as new (storage_version 'v1.0.0'); copy from database memory "
                  "to new; detach new")
    return path


def connect(path):
    """Open a published file as Superset does."""
    return duckdb.connect(str(path), **DATABASE["extra"]["engine_params"]["connect_args"])


def test_the_connection_reads_the_marts_and_no_other_file(published, tmp_path):
    with connect(published) as con:
        assert con.execute("select sum(spend) from marts.channel_roi").fetchone() == (400,)
        for sql in ("select * from read_text('/etc/passwd')", f"copy (select 1) to '{tmp_path}/x'",
                    f"attach '{tmp_path}/y.duckdb' as y", "set enable_external_access = true",
                    "delete from marts.channel_roi", "install httpfs"):
            with pytest.raises(duckdb.Error, match="disabled|locked|read-only"):
                con.execute(sql)


def test_a_new_version_shows_once_the_old_one_is_closed(published):
    spend = "select sum(spend) from marts.channel_roi"
    with connect(published) as old:
        assert old.execute(spend).fetchone() == (400,)
        new = published.with_name(".new")
        new.write_bytes(published.read_bytes())
        with duckdb.connect(str(new)) as con:
            con.execute("update marts.channel_roi set spend = 2 * spend")
        os.replace(new, published)
        with connect(published) as same:  # while one is open, all others of the process share it
            assert same.execute(spend).fetchone() == (400,)
    with connect(published) as con:
        assert con.execute(spend).fetchone() == (800,)


@pytest.mark.parametrize("notes", ["README.md", "README.zh-CN.md"])
def test_the_notes_show_python_that_runs(published, notes):
    """Each piece stands for itself, and what it prints is the figure of the mart."""
    pieces = re.findall(r"```python\n(.*?)```", (BI / notes).read_text("utf-8"), re.S)
    assert len(pieces) >= 2
    for piece in pieces:
        ran = subprocess.run([sys.executable, "-c", piece], cwd=published.parents[2],
                             capture_output=True, text=True, encoding="utf-8", check=False)
        assert ran.returncode == 0, ran.stderr
        assert re.search(r"\b1\.5\b", ran.stdout), ran.stdout
    sheet = published.parents[2] / "channel_roi.csv"
    assert sheet.read_bytes().startswith("\ufeff".encode()) and "门店" in sheet.read_text("utf-8")


def test_both_notes_tell_the_same():
    english, chinese = ((BI / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    for what in (r"```\w*\n.*?```", r"(?m)^#+", r"(?m)^\| \*\*([\w ]+)\*\*"):
        assert re.findall(what, english, re.S) == re.findall(what, chinese, re.S)


def test_superset_opens_the_file_with_the_settings_of_read_only_sql():
    config = DATABASE["extra"]["engine_params"]["connect_args"]["config"]
    script = (BI / "read_only.sql").read_text()
    assert dict(re.findall(r"(?m)^set (\w+) = (\w+);", script)) == {
        name: str(value).lower() for name, value in config.items()
    }
