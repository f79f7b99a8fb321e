"""The dashboard in a real Superset, looked at in a real browser: `make test-bi`.

Not named test_*, because Superset takes a gigabyte and some minutes; the quick part is test_bi.py.
"""

import os
import shutil
import socket
import subprocess
import time

import duckdb
import pytest
import requests
from playwright.sync_api import sync_playwright

from harness.contract import ROOT
from harness.tests.test_bi import CHARTS, DASHBOARD, DATABASE, DATASETS

BIN = ROOT / ".venv-bi" / "bin"
SPENT = "select sum(spend) as spend from marts.channel_roi"


class Superset:
    """A served Superset over a copy of a published file, and its address as its owner."""

    def __init__(self, published, folder):
        self.published = folder / "published" / "omniloop.duckdb"
        self.published.parent.mkdir()
        shutil.copy(published, self.published)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.home, self.said = folder / "superset", folder / "said"
        env = os.environ | {"OMNILOOP_DATA": str(folder), "SUPERSET_PORT": self.url[17:]}
        with self.said.open("w") as said:
            self.server = subprocess.Popen(["bash", ROOT / "examples/bi/superset.sh"], env=env,
                                           stdout=said, stderr=said)
        self.asking = requests.Session()
        while not self.answers():
            assert self.server.poll() is None, self.said.read_text()
            time.sleep(1)
        self.password = (self.home / "password").read_text().strip()
        login = {"username": "admin", "password": self.password, "provider": "db"}
        self.asking.headers["Authorization"] = "Bearer " + self.ask(
            "post", "security/login", json=login)["access_token"]
        self.asking.headers["X-CSRFToken"] = self.ask("get", "security/csrf_token/")["result"]
        self.asking.headers["Referer"] = self.url

    def answers(self):
        try:
            return self.asking.get(f"{self.url}/health", timeout=60).ok
        except requests.ConnectionError:
            return False

    def ask(self, method, path, **what):
        """What the API says; an error is what it says, too."""
        return self.asking.request(method, f"{self.url}/api/v1/{path}", timeout=60, **what).json()

    def listed(self, kind):
        found = self.ask("get", f"{kind}/?q=(page_size:100)")["result"]
        return {each["id"]: each for each in found}

    def sql(self, sql):
        """What SQL Lab answers: rows, or errors."""
        database, = self.listed("database")
        return self.ask("post", "sqllab/execute/", json={
            "database_id": database, "sql": sql, "runAsync": False, "schema": "marts"})


@pytest.fixture(scope="module")
def superset(omniloop_built, tmp_path_factory):
    served = Superset(omniloop_built / "published" / "omniloop.duckdb",
                      tmp_path_factory.mktemp("bi"))
    yield served
    served.server.terminate()
    served.server.wait()


@pytest.fixture(scope="module")
def marts(omniloop_built):
    with duckdb.connect(str(omniloop_built / "published" / "omniloop.duckdb"), True) as con:
        con.execute("use omniloop.marts")
        yield con


class Opened:
    """The dashboard as a browser shows it, and what each chart was answered."""

    def __init__(self, page, superset, chosen=""):
        self.answers, self.outside = {}, []
        charts = {key: each["slice_name"] for key, each in superset.listed("chart").items()}
        def note(response):
            if not response.url.startswith((superset.url, "data:", "blob:")):
                self.outside.append(response.url)
            if "/api/v1/chart/data?" in response.url:
                key = int(response.url.split("slice_id%22%3A")[1].split("%7D")[0])
                assert response.ok, (charts[key], response.text())
                self.answers[charts[key]] = response.json()["result"]
        page.on("response", note)
        page.goto(f"{superset.url}/superset/dashboard/{DASHBOARD['slug']}/{chosen}")
        page.wait_for_load_state("networkidle", timeout=120_000)
        page.wait_for_timeout(3000)
        self.page = page

    def answer(self, chart, query=0):
        return self.answers[CHARTS[chart]["slice_name"]][query]["data"]


@pytest.fixture(scope="module")
def context(superset):
    """A browser that is logged in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"),
                                             args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1500, "height": 3300})
        page = context.new_page()
        page.goto(f"{superset.url}/login/")
        page.fill("#username", "admin")
        page.fill("#password", superset.password)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        yield context


@pytest.fixture(scope="module")
def opened(context, superset):
    return Opened(context.new_page(), superset)


def test_every_chart_is_answered_and_drawn(opened, tmp_path_factory):
    opened.page.screenshot(path=tmp_path_factory.getbasetemp() / "dashboard.png")
    assert opened.answers.keys() == {each["slice_name"] for each in CHARTS.values()}
    for name, queries in opened.answers.items():
        for query in queries:
            assert query["status"] == "success" and query["rowcount"] > 0, (name, query)
    drawn = opened.page.query_selector_all("[data-test-viz-type]")
    assert len(drawn) == len(CHARTS)
    for each in drawn:
        assert each.query_selector("canvas, table tbody tr, .header-line"), each.inner_text()
    assert not opened.page.query_selector_all("[role=alert]")
    assert "DEMO DATA" in opened.page.inner_text("body")
    assert opened.outside == []


def test_totals_are_the_marts(opened, marts):
    """Rows that a chart adds up give the mart's own row for everybody; so do months and revenue."""
    total, = opened.answer("channel_quality", query=1)
    names = {"new_customers": "new_customers", "cac": "cac_amount", "refund_rate": "refund_rate",
             "repeat_90d_rate": "repeat_90d_rate", "ltv_margin_90d": "ltv_margin_90d_amount",
             "churn_risk": "churn_risk", "lapsed_share": "lapsed_share"}
    everybody = marts.execute(f"select {', '.join(names.values())} from channel_quality "
                              "where acquisition_channel_key = 'all'").fetchone()
    for metric, value in zip(names, everybody, strict=True):
        expected = None if value is None else pytest.approx(float(value), abs=1e-6)
        assert total[metric] == expected, metric
    revenue = [row["net_revenue"] for row in opened.answer("net_revenue")]
    summed, = marts.execute(
        "select sum(cash_net_revenue_amount) from channel_roi, dim_as_of "
        "where metric_family = 'roi' and last_day(month_date) <= as_of_date").fetchone()
    assert sum(revenue) == pytest.approx(float(summed)) and summed > 0
    latest, = marts.execute("select active_users_28d from active_users where sales_channel_key = "
                            "'all' order by activity_date desc limit 1").fetchone()
    assert opened.answer("active_users")[-1]["active_users_28d"] == latest
    card = opened.page.locator(".dashboard-component-chart-holder", has_text="28 日活跃 Active in")
    assert card.locator(".header-line").first.inner_text() == f"{latest:,}"


def test_one_channel_can_be_chosen(context, superset, marts):
    name, revenue = marts.execute(
        "select channel_name_zh || ' ' || channel_name, sum(cash_net_revenue_amount) "
        "from channel_roi join dim_channels on acquisition_channel_key = channel_key join dim_as_of"
        " on metric_family = 'roi' and last_day(month_date) <= as_of_date "
        "group by all order by 2 desc limit 1").fetchone()
    chosen = ("?native_filters=(NATIVE_FILTER-channel:(extraFormData:(filters:!((col:channel,op:IN,"
              f"val:!('{name}')))),filterState:(value:!('{name}')),id:NATIVE_FILTER-channel,"
              "ownState:()))")
    opened = Opened(context.new_page(), superset, chosen)
    assert [row["channel"] for row in opened.answer("channel_quality")] == [name]
    found = sum(row["net_revenue"] or 0 for row in opened.answer("net_revenue"))
    assert found == pytest.approx(float(revenue)) and revenue > 0
    everybody, = marts.execute("select count(*) from active_users where sales_channel_key = 'all'"
                               ).fetchone()
    assert len(opened.answer("active_users_trend")) == everybody


def test_columns_are_explained_by_the_comments_of_the_marts(superset, marts):
    comments = dict(marts.execute("select table_name || '.' || column_name, comment from "
                                  "duckdb_columns() where comment is not null").fetchall())
    key, = (key for key, each in superset.listed("dataset").items()
            if each["table_name"] == "channel_roi")
    columns = superset.ask("get", f"dataset/{key}")["result"]["columns"]
    said = {each["column_name"]: each["description"] for each in columns}
    assert said["spend"] == comments["channel_roi.spend"]
    assert len(columns) == len(DATASETS["channel_roi"]["columns"])


def test_sql_lab_reads_the_marts_and_nothing_else(superset, tmp_path):
    assert superset.sql(SPENT)["data"][0]["spend"] > 0
    for sql in ("select * from read_text('/etc/passwd')", "select * from read_csv('/etc/passwd')",
                "select * from glob('/etc/*')", "set enable_external_access = true",
                f"copy (select 1) to '{tmp_path}/x'", "delete from marts.channel_roi"):
        said = superset.sql(sql)
        assert "errors" in said and "root:" not in str(said), (sql, said)
    said = str(superset.sql("select * from read_text('/etc/passwd')"))
    assert "file system operations are disabled by configuration" in said
    assert list(tmp_path.iterdir()) == []


def test_a_new_published_version_shows_at_the_next_query(superset):
    before = superset.sql(SPENT)["data"][0]["spend"]
    new = superset.published.with_name(".omniloop.duckdb.new")
    shutil.copy(superset.published, new)
    with duckdb.connect(str(new)) as con:
        con.execute("update marts.channel_roi set spend = 2 * spend")
    os.replace(new, superset.published)
    assert superset.sql(SPENT)["data"][0]["spend"] == pytest.approx(2 * before)


def test_the_folder_zipped_is_what_superset_imports(superset, tmp_path):
    """As the notes have it, in a Superset that has none of it."""
    for kind in ("dashboard", "chart", "dataset", "database"):
        keys = ",".join(map(str, superset.listed(kind)))
        if kind == "database":
            superset.ask("delete", f"database/{keys}")
        else:
            superset.ask("delete", f"{kind}/?q=!({keys})")
        assert not superset.listed(kind)
    bundle = tmp_path / "omniloop.zip"
    subprocess.run(["python3", "-m", "zipfile", "-c", bundle, "superset/"],
                   cwd=ROOT / "examples" / "bi", check=True)
    env = os.environ | {"SUPERSET_HOME": str(superset.home),
                        "SUPERSET_CONFIG_PATH": str(ROOT / "examples/bi/superset_config.py"),
                        "SUPERSET_SECRET_KEY": (superset.home / "secret_key").read_text().strip()}
    subprocess.run([BIN / "superset", "import-dashboards", "-p", bundle, "-u", "admin"], env=env,
                   cwd=superset.published.parents[1], check=True, capture_output=True)
    found = [len(superset.listed(kind)) for kind in ("dashboard", "chart", "dataset", "database")]
    assert found == [1, len(CHARTS), len(DATASETS), 1]
    database, = superset.listed("database").values()
    assert database["database_name"] == DATABASE["database_name"]
