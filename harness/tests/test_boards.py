"""The boards, looked at in a real browser as they lie on the disk."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from playwright.sync_api import sync_playwright
from rich.console import Console

from harness import boards
from harness.contract import ROOT

CHARTS = {path.stem: yaml.safe_load(path.read_text("utf-8"))
          for path in (ROOT / "charts").glob("*.yml") if path.stem != "meta"}
EXPOSURES = {each["config"]["meta"]["board"]: each for each in yaml.safe_load(
    (ROOT / "models/marts/_exposures.yml").read_text("utf-8"))["exposures"]}
PAGES = [*CHARTS, "index", "metrics"]
DCT = Path(sys.executable).with_name("dct")
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def site(omniloop_built):
    return omniloop_built / "site"


@pytest.fixture(scope="module")
def marts(omniloop_built):
    with duckdb.connect(str(omniloop_built / "published" / "omniloop.duckdb"), True) as con:
        con.execute("use omniloop.marts")
        yield con


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        # Debian's Chromium where there is one, else the one that Playwright fetched.
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"),
                                         args=["--no-sandbox"])


class Opened:
    """A page as a browser shows it, with what it asked for and complained of."""

    def __init__(self, browser, path, width):
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text)
                     if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.resolve().as_uri())

    def shown(self, selector):
        return [each for each in self.page.query_selector_all(selector) if each.is_visible()]

    def card(self, chart):
        """The figure of a card, as it reads."""
        part, = self.shown(f".wide [data-chart-id={chart}]")
        return part.query_selector("text").text_content().strip()


def as_shown(value):
    """A number of a card: three digits and k from a thousand on."""
    value = float(value)
    for size, letter in ((1e9, "bn"), (1e6, "mn"), (1e3, "k")):
        if abs(value) >= size:
            return f"{float(f'{value / size:.3g}'):g}{letter}"
    return f"{float(f'{value:.3g}'):g}"


def read_tables(board):
    """The marts that the queries of a board read."""
    sql = "\n".join(query["sql"] for query in board["queries"].values())
    own = set(re.findall(r"(?:with|,)\s+(\w+) as \(", sql))
    return set(re.findall(r"\b(?:from|join) (\w+)", sql)) - own


def test_each_board_is_an_exposure_that_names_what_it_reads():
    assert EXPOSURES.keys() == CHARTS.keys()
    for name, board in CHARTS.items():
        said = re.findall(r"ref\('(\w+)'\)", " ".join(EXPOSURES[name]["depends_on"]))
        assert set(said) == read_tables(board), name
        assert EXPOSURES[name]["url"] == f"site/{name}.html"


def test_a_column_leads_to_the_boards_that_would_break():
    asked = subprocess.run([DCT, "impact", "spend", "--table", "channel_roi", "--json"], cwd=ROOT,
                           capture_output=True, text=True, check=True)
    told = json.loads(asked.stdout)
    assert "charts/overview.yml" in asked.stdout
    assert not told.get("indeterminate"), told


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_whole_without_asking_anybody(site, browser, name):
    path = site / f"{name}.html"
    assert path.stat().st_size <= MEGABYTE
    for width in (1400, 390):
        opened = Opened(browser, path, width)
        assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
        assert opened.complaints == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        assert opened.page.wait_for_function(paint).json_value() <= 2000
        if name in CHARTS:
            assert opened.shown(".missing") == []
            drawn = {each.get_attribute("data-chart-id") for each in opened.shown(".dbt-chart")
                     if each.bounding_box()["width"] > 50 and each.query_selector("text")}
            charts = CHARTS[name]["charts"]
            assert drawn | {each for each in charts if "visible" in charts[each]} == charts.keys()
        opened.page.close()


def test_a_card_without_a_figure_shows_a_dash():
    card = "<body><svg><text><tspan font-size='24'></tspan></text></svg></body>"
    assert boards._drawing(card, "wide") == (
        "<svg><text><tspan font-size='24'>—</tspan></text></svg>")


def test_cards_are_the_marts_numbers(site, marts, browser):
    month = """(select date_trunc('month', as_of_date + 1) - interval 1 month
        from dim_as_of where metric_family = 'roi')"""
    overview = Opened(browser, site / "overview.html", 1400)
    for card, sql in {
        "net_revenue": "select sum(net_revenue_amount) from fct_orders where is_valid and "
                       f"date_trunc('month', order_date) = {month}",
        "spend": "select sum(spend) from fct_ad_performance "
                 f"where date_trunc('month', date_day) = {month}",
        "active_users": "select active_users_28d from active_users where sales_channel_key = 'all' "
                        "order by activity_date desc limit 1",
    }.items():
        value, = marts.execute(sql).fetchone()
        assert overview.card(card) == as_shown(value), card
    quality = Opened(browser, site / "quality.html", 1400)
    delivered, = marts.execute("select sum(accepted_records + superseded_records + "
                               "rejected_records + erased_records) from source_reconciliation"
                               ).fetchone()
    assert quality.card("delivered") == f"{delivered:,}"


def test_pages_say_what_their_figures_mean(site, marts, browser):
    as_of, = marts.execute(
        "select as_of_date::text from dim_as_of where metric_family = 'roi'").fetchone()
    for name in CHARTS:
        text = Opened(browser, site / f"{name}.html", 1400).page.inner_text("body")
        for fact in ("DEMO DATA", EXPOSURES[name]["label"], "Asia/Shanghai", "CNY", as_of,
                     "退款 Refunds", "期间 Period", "负责人 Owner"):
            assert fact in text, (name, fact)


def test_links_lead_somewhere(site, browser):
    cards = Opened(browser, site / "metrics.html", 1400)
    anchors = {each.get_attribute("id") for each in cards.page.query_selector_all("[id]")}
    for name in PAGES:
        for link in Opened(browser, site / f"{name}.html", 1400).page.query_selector_all("a"):
            place, _, anchor = link.get_attribute("href").partition("#")
            assert (site / place).is_file(), (name, place)
            assert not anchor or anchor in anchors, (name, anchor)


def test_metric_cards_are_found_by_chinese_english_synonym_and_owner(site, marts, browser):
    opened = Opened(browser, site / "metrics.html", 1400)
    metrics = marts.execute("select metric_name from metric_catalogue").fetchall()
    text = opened.page.text_content("main")
    assert [name for name, in metrics if name not in text] == []
    everything = len(opened.shown("section"))
    for word, card in (("复购率", "repeat_rate"), ("repeat rate", "repeat_rate"),
                       ("回购率", "repeat_rate"), ("growth team", "active_users")):
        opened.page.fill("#search", word)
        found = {each.get_attribute("id") for each in opened.shown("section")}
        assert card in found and len(found) < everything, word


def test_a_board_that_fails_is_told_and_the_rest_is_drawn(site, tmp_path, monkeypatch):
    """The published copy and the other boards stay."""
    data, target = tmp_path / "data", tmp_path / "target"
    shutil.copytree(site.parent / "published", data / "published")
    kept = (data / "published" / "omniloop.duckdb").read_bytes()
    shutil.copytree(ROOT / "charts", tmp_path / "charts")
    for name in ("dbt_charts.yml", "dbt_project.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    board = tmp_path / "charts" / "funnel.yml"
    board.write_text(board.read_text("utf-8").replace("f.step_count", "f.no_such_column"), "utf-8")
    target.mkdir()
    exposures = {name: {"name": name, "meta": EXPOSURES[name]["config"]["meta"],
                        **{key: EXPOSURES[name][key] for key in ("label", "description", "owner")},
                        "depends_on": {"nodes": ["model.omniloop.conversion_funnel"]}}
                 for name in ("quality", "funnel")}
    (target / "manifest.json").write_text(json.dumps({"exposures": exposures, "docs": {}}))
    monkeypatch.setattr(boards, "ROOT", tmp_path)
    with (tmp_path / "said").open("w") as said:
        assert boards.draw_site(data, target, "", Console(file=said, width=200)) == ["funnel"]
    assert "The board funnel could not be drawn" in (tmp_path / "said").read_text()
    assert "could not be drawn" in (data / "site" / "funnel.html").read_text("utf-8")
    assert "<svg" in (data / "site" / "quality.html").read_text("utf-8")
    assert (data / "published" / "omniloop.duckdb").read_bytes() == kept
