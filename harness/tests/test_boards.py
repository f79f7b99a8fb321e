"""The boards, looked at in a real browser as they lie on the disk."""

import json
import os
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

from harness import boards, places
from harness.contract import ROOT

CHARTS = {path.stem: yaml.safe_load(path.read_text("utf-8"))
          for path in (ROOT / "charts").glob("*.yml") if path.stem != "meta"}
EXPOSURES = {each["config"]["meta"]["board"]: each for each in yaml.safe_load(
    (ROOT / "models/marts/_exposures.yml").read_text("utf-8"))["exposures"]}
CHOICES = places.sections(boards.HERE / "choices.sql")
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

    def table(self):
        """The rows of the table that shows what was chosen: texts of cells by the row's name."""
        rows = self.page.eval_on_selector_all(".choices tr", """lines => lines.map(
            line => [...line.cells].map(cell => cell.textContent))""")
        return {name: cells for name, *cells in rows}

    def slide(self, number, percent):
        """Drag the slider of a channel to a change of spend."""
        self.page.locator(".channel input").nth(number).evaluate(
            "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input')); }",
            percent)

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

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


def read_tables(name):
    """The marts that the queries of a board read, and those of what is chosen on its page."""
    board = CHARTS[name]
    sql = "\n".join(query["sql"] for query in board["queries"].values())
    own = set(re.findall(r"(?:with|,)\s+(\w+) as \(", sql))
    chosen = re.findall(r"\b(?:from|join) marts\.(\w+)", CHOICES.get(name, ""))
    return set(re.findall(r"\b(?:from|join) (\w+)", sql)) - own | set(chosen)


def draw_alone(names, data, target, console):
    """Draw some boards from a published copy, as if the project had no other."""
    exposures = {name: {"name": name, "meta": EXPOSURES[name]["config"]["meta"],
                        **{key: EXPOSURES[name][key] for key in ("label", "description", "owner")},
                        "depends_on": {"nodes": ["model.omniloop.conversion_funnel"]}}
                 for name in names}
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps({"exposures": exposures, "docs": {}}))
    return boards.draw_site(data, target, "", console)


def test_each_board_is_an_exposure_that_names_what_it_reads():
    assert EXPOSURES.keys() == CHARTS.keys()
    assert CHOICES.keys() <= CHARTS.keys()
    for name in CHARTS:
        said = re.findall(r"ref\('(\w+)'\)", " ".join(EXPOSURES[name]["depends_on"]))
        assert set(said) == read_tables(name), name
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


@pytest.mark.parametrize("name", sorted(CHOICES.keys() - {"budget"}))
def test_every_choice_shows_rows_of_its_own(site, browser, name):
    opened = Opened(browser, site / f"{name}.html", 390)
    shown = set()
    for number, pick in enumerate(opened.page.locator(".choices select").all()):
        for option in pick.locator("option").all_text_contents():
            pick.select_option(option)
            shown.add((number, json.dumps(opened.table())))
            assert len(opened.table()) > 1, option
            assert opened.overflow() <= 0, option
    assert len(shown) > opened.page.locator(".choices select").count(), "no choice changes anything"
    assert opened.complaints == []


def test_what_is_chosen_is_the_marts_numbers(site, marts, browser):
    """Immature cells are blank, and a ratio that has no base is a dash."""
    funnel = Opened(browser, site / "funnel.html", 1400)
    key, channel, visitors, base, people = marts.execute("""
        select f.channel_key, max(c.channel_name_zh || ' ' || c.channel_name),
            sum(f.step_count) filter (where f.step_name = 'visitor'),
            sum(f.base_count) filter (where f.step_name = 'register'),
            sum(f.step_count) filter (where f.step_name = 'register')
        from conversion_funnel as f join dim_channels as c using (channel_key)
        where f.is_mature group by 1 order by 3 desc limit 1""").fetchone()
    funnel.page.select_option(".choices select", channel)
    assert funnel.table()["全部 All"][:2] == [f"{visitors:,}", f"{100 * people / base:.1f}"]
    youngest, = marts.execute("""select strftime(max(month_date), '%Y-%m') from conversion_funnel
        where channel_key = ? and step_name = 'visitor' and is_mature""", [key]).fetchone()
    assert funnel.table()[youngest][-1] == ""
    overview = Opened(browser, site / "overview.html", 1400)
    overview.page.select_option(".choices select", "ROAS, x")
    assert set(overview.table()["门店 Store"]) == {"—"}
    attribution = Opened(browser, site / "attribution.html", 1400)
    attribution.page.select_option(".choices select", "linear")
    _, *rows = attribution.table().values()
    orders = float(attribution.card("first_orders"))
    assert sum(float(row[0]) for row in rows) == pytest.approx(orders, abs=0.5)


def test_without_advice_the_simulator_says_why(site, marts, browser):
    opened = Opened(browser, site / "budget.html", 1400)
    statuses = marts.execute("select recommendation_status from budget_recommendations").fetchall()
    assert statuses and ("recommended",) not in statuses
    assert "没有可以模拟的渠道" in opened.page.inner_text(".simulator .why")
    reasons = opened.page.locator(".simulator th span").all_text_contents()
    assert len(reasons) == len(statuses)
    assert all(re.search("[\u4e00-\u9fff].*[a-z]", reason) for reason in reasons), reasons
    assert not opened.shown(".channel, .totals")


@pytest.fixture(scope="module")
def advised(site, tmp_path_factory):
    """The budget page of a copy in which two of the channels have a curve."""
    data = tmp_path_factory.mktemp("advised")
    shutil.copytree(site.parent / "published", data / "published")
    with duckdb.connect(str(data / "published" / "omniloop.duckdb")) as con:
        con.execute("use omniloop.marts")
        con.execute("""insert into budget_what_if by name
            select c.channel_key || step as budget_what_if_key, c.channel_key,
                'power' as response_model, 'margin' as value_type, step / 100 as change_share,
                c.spend * (1 + step / 100) as daily_spend_amount, 1 as expected_daily_customers,
                c.worth * sqrt(1 + step / 100) as expected_daily_value_amount,
                0.8 * c.worth * sqrt(1 + step / 100) as expected_value_lower_amount,
                1.2 * c.worth * sqrt(1 + step / 100) as expected_value_upper_amount,
                0.5 - step / 100 as marginal_roi, 0.4 - step / 100 as marginal_roi_lower,
                0.6 - step / 100 as marginal_roi_upper,
                step = 0 as is_current_spend, abs(step) <= 30 as is_within_limit
            from (values ('paid_search', 100, 150), ('display', 90, 20))
                as c(channel_key, spend, worth)
            cross join range(-40, 61, 10) as steps(step)""")
        con.execute("""update budget_recommendations set recommendation_status = 'recommended',
            recommendation_note = if(channel_key = 'display', 'test_first', 'clear'),
            current_daily_spend_amount = if(channel_key = 'display', 90, 100),
            recommended_daily_spend_amount = if(channel_key = 'display', 72.1, 117.9),
            expected_daily_gain_amount = 3
            where channel_key in ('paid_search', 'display')""")
        kept, = con.execute("""select sum(current_daily_spend_amount) from budget_recommendations
            where recommendation_status <> 'recommended'""").fetchone()
    assert draw_alone(["budget"], data, data / "target", Console()) == []
    return data / "site" / "budget.html", float(kept)


@pytest.mark.parametrize("width", [1400, 390])
def test_sliders_look_up_rows_and_sum_them(advised, browser, width):
    page, kept = advised
    opened = Opened(browser, page, width)
    read = opened.page.inner_text
    assert page.stat().st_size <= MEGABYTE
    assert read("#spend") == f"{190 + kept:,.0f}" and "0" in read("#spend-change")
    opened.slide(0, 20)
    assert read("#spend") == f"{210 + kept:,.0f}" and "+20" in read("#spend-change")
    worth = 150 * 1.2 ** 0.5 + 20
    assert read("#value") == f"{worth:,.0f}"
    assert f"{0.8 * worth:,.0f} … {1.2 * worth:,.0f}" in read("#value-change")
    search = ".channel >> nth=0"
    assert read(f"{search} >> .marginal") == "0.30"
    assert "0.20 … 0.40" in read(f"{search} >> .figure >> nth=2")
    assert "over the limit" not in read(search)
    opened.slide(0, 40)
    assert "over the limit" in read(search)
    assert opened.overflow() <= 0 and opened.complaints == []


def test_spend_that_was_never_tried_has_no_answer(advised, browser):
    opened = Opened(browser, advised[0], 1400)
    opened.slide(0, 60)
    told, refusal = opened.page.inner_text("#value"), ".channel >> nth=0 >> .refusal"
    assert opened.page.inner_text(refusal) == ""
    opened.slide(0, 100)
    assert "没有依据" in opened.page.inner_text(refusal)
    assert opened.page.locator(".channel input").nth(0).input_value() == "60"
    assert opened.page.inner_text("#value") == told


def test_the_advice_is_one_click_away_and_keeps_the_total(advised, browser):
    opened = Opened(browser, advised[0], 1400)
    today = opened.page.inner_text("#spend")
    opened.page.click("text=建议 Advised")
    sliders = [each.input_value() for each in opened.page.locator(".channel input").all()]
    assert sliders == ["20", "-20"]  # the steps of the curves nearest to what is advised
    assert opened.page.inner_text(".channel >> nth=0 >> .spend") == "120"
    opened.page.click("text=今日 Today")
    assert opened.page.inner_text(".channel >> nth=0 >> .spend") == "100"
    assert opened.page.inner_text("#spend") == today
    assert "先做测试" in opened.page.inner_text(".channel >> nth=1")
    assert len(opened.shown(".simulator th span")) == 3


def test_columns_are_followed_to_their_sources_and_tables_join(site, browser, tmp_path):
    """`make lineage`, with the environment that these tests run in."""
    made = ["make", "--old-file", ".venv/.ok", f"BIN={Path(sys.executable).parent}", "lineage"]
    env = os.environ | {"OMNILOOP_DATA": str(site.parent), "LINEAGE": str(tmp_path)}
    subprocess.run(made, cwd=ROOT, env=env, check=True)
    told = json.loads((tmp_path / "columns" / "colibri-manifest.json").read_text("utf-8"))
    found, new = set(), {("model.omniloop.channel_roi", "spend")}
    while new:
        found |= new
        new = {(edge["source"], edge["sourceColumn"]) for edge in told["lineage"]["edges"]
               if (edge["target"], edge["targetColumn"]) in new} - found
    assert ("source.omniloop.google_ads.campaign_stats", "cost_micros") in found
    assert not [edge for edge in told["lineage"]["edges"] if edge.get("edgeType") == "filter"
                and edge["target"] == "model.omniloop.base_google_ads__campaign_stats"
                ], "an increment was followed, which asks its own table what it has"
    assert not (tmp_path / "columns" / "colibri-parsing-errors.json").exists()
    diagram = (site / "lineage" / "tables.svg").read_text("utf-8")
    for part in ("fct_orders", "dim_users", "user_key = user_key"):
        assert part in diagram, part
    for name in ("index.html", "tables.svg"):
        opened = Opened(browser, site / "lineage" / name, 1400)
        opened.page.wait_for_load_state("networkidle")
        assert {url.partition(":")[0] for url in opened.asked} <= {"file", "data", "blob"}
        assert opened.complaints == []
    page = Opened(browser, site / "lineage" / "index.html", 1400).page
    assert page.wait_for_selector("text=exposures")


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
    monkeypatch.setattr(boards, "ROOT", tmp_path)
    with (tmp_path / "said").open("w") as said:
        console = Console(file=said, width=200)
        assert draw_alone(("quality", "funnel"), data, target, console) == ["funnel"]
    assert "The board funnel could not be drawn" in (tmp_path / "said").read_text()
    assert "could not be drawn" in (data / "site" / "funnel.html").read_text("utf-8")
    assert "<svg" in (data / "site" / "quality.html").read_text("utf-8")
    assert (data / "published" / "omniloop.duckdb").read_bytes() == kept
