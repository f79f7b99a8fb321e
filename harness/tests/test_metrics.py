"""The semantic layer: its metrics exist, equal their marts, and a changed definition is noticed.

A small retailer is built once. Definitions are then changed in the copy of the project.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import yaml

from harness import check, cli
from harness.check import compare
from harness.dev.workshop import NO_TESTS, Workshop, simulate

INDEPENDENT = {
    "active_users", "active_users_7d", "active_users_28d", "stickiness", "visitors", "visitors_7d",
    "visitors_28d", "valid_orders", "net_revenue", "margin", "aov", "new_customers", "spend",
    "clicks", "cash_roas", "cac", "repeat_rate_7d", "repeat_rate_30d", "repeat_rate_90d",
    "repeat_rate_180d", "repeat_rate_365d", "impressions", "ctr", "cpc", "cpm", "registrations",
    "credited_registrations", "credited_new_customers", "credited_orders", "credited_net_revenue",
    "cvr", "cost_per_registration", "credited_cac", "credited_roas",
}
HANDED_ON = 11 + 72
READ = ("+path:models/semantic", "+path:models/marts/users", "+path:models/marts/marketing",
        "+act_audiences", "+metric_catalogue")

# What metrics hand on is at the grain of the mart what stands there, and nothing of what is young.
COHORT = ("select month_date, acquisition_channel_key, {} from marts.channel_cohorts"
          " where is_mature and truncated_customers = 0 and horizon_days = {}")
KEPT = ("select age_months, sum(retained_customers) / sum(cohort_customers)"
        " from marts.user_retention where retention_type = '{}' and age_months > 0 and is_complete"
        " and acquisition_channel_key = 'all' group by all")
BACK = "select month_date, {} from marts.win_back where acquisition_channel_key = 'all'"
STEP = ("select month_date, channel_key, {} from marts.conversion_funnel"
        " where step_name = '{}' and base_count > 0")
MONTHLY, CHANNEL = "metric_time__month, acquisition_channel", "metric_time__month, channel"
SAID_BY_MARTS = {
    **{f"{name}_{days}d by {MONTHLY}": COHORT.format(column, days) for days in (90, 365)
       for name, column in (("cohort_roas", "roas"), ("cohort_roi", "roi"),
                            ("ltv_cac", "ltv_cac_ratio"), ("cohort_spend", "spend"))},
    f"payback_ratio by {MONTHLY}": """
        select month_date, acquisition_channel_key, payback_ratio from marts.channel_payback
        where spend > 0 and observed_days is not null
            and truncated_customers = 0""",
    f"paid_back_months by {MONTHLY}": """
        select month_date, acquisition_channel_key, payback_days is not null
        from marts.channel_payback where spend > 0 and observed_days is not null
            and truncated_customers = 0""",
    f"payback_spend by {MONTHLY}": """
        select month_date, acquisition_channel_key, spend from marts.channel_payback
        where spend > 0 and observed_days is not null
            and truncated_customers = 0""",
    **{f"{kind}_retention by retention__age_months": KEPT.format(kind)
       for kind in ("buying", "active")},
    f"buying_customer_months by {MONTHLY}, retention__age_months": """
        select cohort_month_date, acquisition_channel_key, age_months, cohort_customers
        from marts.user_retention where retention_type = 'buying' and age_months > 0
            and is_complete and acquisition_channel_key <> 'all'""",
    **{f"{name} by metric_time__month": BACK.format(name) for name in (
        "win_back_rate", "recalled_win_back_rate", "unrecalled_win_back_rate",
        "won_back_customers")},
    f"lapsed_customers by {MONTHLY}": """
        select month_date, acquisition_channel_key, lapsed_customers from marts.win_back
        where acquisition_channel_key <> 'all'""",
    "purchase_gaps by metric_time__day": """
        select as_of_date, gaps from marts.repurchase_cycle, marts.dim_as_of
        where acquisition_channel_key = 'all' and category_name = 'all' and gap_type = 'all'
            and metric_family = 'orders'""",
    "customers_at_start by metric_time__month": """
        select month_date,
            (select count(*) from marts.dim_users where first_order_date < month_date)
        from marts.dim_dates where date_day = month_date and date_day <= (
            select as_of_date from marts.dim_as_of where metric_family = 'orders')""",
    "expected_revenue_90d by metric_time__day": """
        select as_of_date, sum(expected_revenue_90_amount) from marts.user_scores group by all""",
    "mean_churn_probability by metric_time__day": """
        select as_of_date, avg(churn_probability) from marts.user_scores group by all""",
    **{f"funnel_{step}_rate by {CHANNEL}": STEP.format("step_ratio", step)
       for step in ("register", "consider", "first_order", "repeat_order")},
    f"visits_per_click by {CHANNEL}": STEP.format("step_ratio", "visit"),
    f"funnel_visitors by {CHANNEL}": STEP.format("step_count", "visitor"),
    f"claimed_per_credited_order by {CHANNEL}, campaign": """
        select month_date, channel_key, campaign_key, claimed_per_credited_order
        from marts.platform_claims""",
    "overlapping_orders by metric_time__month": """
        select month_date, sum(touched_orders) - sum(deduplicated_orders)
        from marts.platform_claims group by all""",
    f"matched_spend by {CHANNEL}, campaign": """
        select month_date, channel_key, campaign_key, spend from marts.spend_coverage
        where finding = 'matched'""",
}


class Semantics(Workshop):
    """A built copy of the project whose semantic layer may be changed and changed back."""

    @property
    def target(self) -> Path:
        return self.project / "target"

    @contextmanager
    def changed(self, *changes):
        """Replace a text in files of models/semantic, each as (file, old, new)."""
        kept = {path: path.read_text() for path in (self.project / "models/semantic").iterdir()}
        try:
            for name, old, new in changes:
                path = self.project / "models/semantic" / name
                assert old in (text := path.read_text()), (name, old)
                path.write_text(text.replace(old, new))
            self.succeed("parse")
            yield
        finally:
            for path, text in kept.items():
                path.write_text(text)
            self.succeed("parse")

    def differing(self) -> set[str]:
        """Metrics that the check complains of."""
        rows = compare(self.data, self.target)
        return {row["metric"] for row in rows if row["difference_count"]}


@pytest.fixture(scope="module")
def semantics(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DBT_TARGET_PATH", "DBT_TARGET"):
            patch.delenv(name, raising=False)
        shop = Semantics(tmp_path_factory.mktemp("metrics")).without_comments()
        shop.use("data")
        shop.land(simulate(tmp_path_factory.mktemp("exports")))
        shop.succeed("build", *NO_TESTS, "--select", *READ)
        yield shop


def manifest(shop, name):
    return json.loads((shop.target / f"{name}.json").read_text("utf-8"))


def test_every_metric_that_is_written_exists(semantics):
    """YAML in a form that dbt does not know parses without an error and without an effect."""
    files = (semantics.project / "models" / "semantic").glob("*.yml")
    read = [yaml.safe_load(path.read_text("utf-8")) for path in files]
    written = [each["name"] for part in read for each in part.get("metrics", [])]
    found = manifest(semantics, "semantic_manifest")
    assert sorted(written) == sorted(each["name"] for each in found["metrics"])
    assert len(written) == len(INDEPENDENT) + HANDED_ON
    assert len(found["semantic_models"]) == 21
    assert len(found["project_configuration"]["time_spines"]) == 1


def test_every_independent_metric_equals_its_mart(semantics):
    rows = compare(semantics.data, semantics.target)
    assert not [row for row in rows if row["difference_count"]]
    assert {row["metric"] for row in rows} == INDEPENDENT
    assert all(row["row_count"] for row in rows)


def test_what_is_handed_on_is_what_the_mart_says(semantics, monkeypatch):
    compared = {"compared": check.sections(Path(check.__file__).with_suffix(".sql"))["compared"]}
    monkeypatch.setattr(check, "sections", lambda path: SAID_BY_MARTS | compared)
    rows = [row for row in compare(semantics.data, semantics.target) if row["cut_by"]]
    assert not [row for row in rows if row["difference_count"]]
    assert len(rows) == len(SAID_BY_MARTS)


def test_a_changed_definition_is_noticed(semantics):
    valid = "{{ Dimension('order__is_valid') }}\n      and "
    until = "{{ TimeDimension('order__order_date', 'DAY') }}\n      <= {{ TimeDimension('orders_"
    changes = (
        ("metrics_people.yml", "      and {{ Dimension('user__is_identified') }}\n", ""),
        ("metrics_people.yml", "window: 28 days", "window: 27 days"),
        ("metrics_sales.yml", f"{valid}{until}", until),
        ("metrics_sales.yml", "window: 31 days", "window: 11 days"),
        ("metrics_marketing.yml", "          {{ Dimension('ad_performance__is_paid_for') }}\n"
         "          and {{ TimeDimension('ad_performance__date_day', 'DAY') }}\n"
         "          <= {{ TimeDimension('roi_family__as_of_date', 'DAY') }}\n",
         "          {{ Dimension('ad_performance__platform') }} <> 'google_ads'\n"),
        ("metrics_marketing.yml",
         "      and {{ Dimension('user__first_order_status') }} = 'known'\n", ""),
        ("metrics_marketing.yml", "expr: 1000 * spend", "expr: 100 * spend"),
    )
    with semantics.changed(*changes):
        assert semantics.differing() == {
            "active_users", "active_users_7d", "active_users_28d", "stickiness", "visitors_28d",
            "valid_orders", "aov", "repeat_rate_30d", "cash_roas", "cac", "cpm",
            "credited_new_customers", "credited_cac"}
    assert not semantics.differing()


def test_a_metric_that_runs_past_its_as_of_day_is_noticed(semantics):
    change = ("orders_family__as_of_date', 'DAY') }}\n    config",
              "orders_family__as_of_date', 'DAY') }} + interval '400' day\n    config")
    with semantics.changed(("metrics_sales.yml", *change)):
        assert {"net_revenue", "new_customers"} <= semantics.differing()


def test_a_changed_mart_is_noticed_to_the_cent(semantics):
    with duckdb.connect(str(semantics.data / "omniloop.duckdb")) as con:
        one = ("update marts.channel_roi set cash_net_revenue_amount = cash_net_revenue_amount + {}"
               " where channel_roi_key = (select min(channel_roi_key) from marts.channel_roi"
               " where cash_orders > 0)")
        con.execute(one.format("0.01"))
    rows = compare(semantics.data, semantics.target)
    with duckdb.connect(str(semantics.data / "omniloop.duckdb")) as con:
        con.execute(one.format("-0.01"))
    wrong = {row["metric"]: row for row in rows if row["difference_count"]}
    assert wrong["net_revenue"]["difference_count"] == 1
    assert re.search(r"^20.*: metric [\d.]+, mart [\d.]+$", wrong["net_revenue"]["example"])


def test_a_metric_in_no_list_or_in_both_fails(semantics):
    stray = """
  - name: stray_orders
    label: Stray orders
    type: simple
    type_params: {measure: orders}
"""
    with semantics.changed(
        ("metrics_marts.yml", "metrics:\n", f"metrics:{stray}"),
        ("metrics_sales.yml", "        label_zh: 毛利\n", "        label_zh: 毛利\n"
                              "        definition: mart\n"),
        ("metrics_marketing.yml", "  - name: ctr\n", "  - name: taps\n"),
    ):
        rows = compare(semantics.data, semantics.target)
        wrong = {row["metric"]: row["example"] for row in rows if row["difference_count"]}
    assert wrong.keys() == {"stray_orders", "margin", "ctr", "taps"}
    assert wrong["stray_orders"] == ("says definition: None, is mart by the sections of "
                                     "check.sql")


def test_the_command_reports_and_fails(semantics, monkeypatch):
    monkeypatch.chdir(semantics.project)
    monkeypatch.setenv("OMNILOOP_DATA", str(semantics.data))
    monkeypatch.setenv("DBT_TARGET_PATH", str(semantics.target))
    assert cli.main(["check", "metrics"]) == 0
    report = semantics.data / "reports" / "metrics.json"
    assert {row["metric"] for row in json.loads(report.read_text("utf-8"))} == INDEPENDENT
    with semantics.changed(("metrics_marketing.yml", "measure: clicks", "measure: impressions")):
        assert cli.main(["check", "metrics"]) == 1


def test_mf_query_answers_as_the_readme_says(semantics, tmp_path):
    command = "query --metrics net_revenue --group-by metric_time__month --quiet --csv"
    env = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    env |= {"OMNILOOP_DATA": str(semantics.data), "PYTHONPATH": str(semantics.project)}
    subprocess.run([Path(sys.executable).with_name("mf"), *command.split(), tmp_path / "out.csv"],
                   cwd=semantics.project, env=env, check=True, capture_output=True)
    with duckdb.connect(str(semantics.data / "omniloop.duckdb"), read_only=True) as con:
        assert con.execute(f"""select sum(net_revenue::decimal(18, 2)) = (
                select sum(net_revenue_amount) from marts.fct_orders where order_date <= (
                    select as_of_date from marts.dim_as_of where metric_family = 'orders'))
            from '{tmp_path / "out.csv"}'""").fetchall() == [(True,)]


def test_a_metric_without_owner_or_version_stops_the_build(semantics):
    with semantics.changed(
        ("metrics_people.yml", "        owner: Growth team (growth@example.com)\n", ""),
        ("metrics_marts.yml", "        version: \"1.1\"\n", ""),
    ):
        succeeded, said = semantics.dbt("build", "--select", "metric_catalogue")
    assert not succeeded
    assert "not_null_metric_catalogue_owner" in said
    assert "not_null_metric_catalogue_version" in said
    semantics.succeed("build", "--select", "metric_catalogue")


def test_cards_say_what_the_yaml_says(semantics):
    with duckdb.connect(str(semantics.data / "omniloop.duckdb"), read_only=True) as con:
        rows = con.execute("select metric_name, card, owner, version, label_en, label_zh"
                           " from marts.metric_catalogue").fetchall()
    assert len(rows) == len(manifest(semantics, "semantic_manifest")["metrics"])
    for name, card, owner, version, label_en, label_zh in rows:
        assert f"| Owner 负责人 | {owner} |" in card, name
        assert re.search(rf"\| Version 版本 \| {version}( \(.+\))? \|", card), name
        assert label_en.isascii(), name
        assert re.search(r"[\u4e00-\u9fff]", label_zh), name


def test_every_metric_stands_in_a_mart_column_that_exists(semantics):
    models = manifest(semantics, "manifest")["nodes"].values()
    columns = {f"{node['name']}.{column}" for node in models for column in node["columns"]}
    for metric in manifest(semantics, "semantic_manifest")["metrics"]:
        assert set(metric["config"]["meta"]["mart"].split(" / ")) <= columns, metric["name"]


def examples(shop):
    """The example query of each card, by the card's name."""
    for card in manifest(shop, "manifest")["docs"].values():
        text = card["block_contents"]
        if card["name"].startswith("metric_") and "| Formula 公式 |" in text:
            lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
            yield card["name"], "\n".join(lines)


def test_every_card_has_an_example_that_runs(semantics):
    written = dict(examples(semantics))
    described = {node["description"] for node in manifest(semantics, "manifest")["nodes"].values()}
    assert sum("| Formula 公式 |" in text for text in described) >= 24
    text = (semantics.target / "semantic_manifest.json").read_text("utf-8")
    engine = check.MetricFlowEngine(check.SemanticManifestLookup(
        check.dbt_manifest_parser.parse_manifest_from_dbt_generated_manifest(text)), check.DIALECT)
    with duckdb.connect(str(semantics.data / "omniloop.duckdb"), read_only=True) as con:
        for name, example in written.items():
            if example.startswith("mf query"):
                asked = dict(re.findall(r"--(metrics|group-by) (\S+)", example))
                example = engine.explain(check.MetricFlowQueryRequest.create(
                    metric_names=asked["metrics"].split(","),
                    group_by_names=asked["group-by"].split(","))).sql_statement.sql
            assert con.execute(example).description, name
