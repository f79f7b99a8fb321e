"""Behaviours that are stated of the metrics, each shown on the marts of a business of a few people.

A business is written as its exports, built once, and its marts are compared with figures worked out
by hand. Tea costs 40.00 a piece and sells for 100.00 unless a test says otherwise. History begins
on 1 January 2025, so customers are new from 2 April on; the as-of day is 31 December.

* nobody met a channel before buying: `test_a_journey_without_a_touch_is_nobodys_doing`
* one channel was met once: `test_a_journey_of_one_touch_is_that_touchs_doing`
* a refund after the window: `test_a_refund_after_the_window_restates_the_cohort`
* bought in the second of the touch: `test_a_touch_in_the_second_of_the_purchase_counts`
* spend and no touch: `test_spend_without_a_touch_is_spend_that_brought_nobody`
* a cohort of one: `test_a_cohort_of_one_has_every_figure`
* one channel only: `test_with_one_channel_every_figure_is_the_figure_of_all`
* all money zero: `test_without_any_money_there_are_counts_and_no_ratios`
* two currencies: `test_two_currencies_meet_in_the_reporting_currency`
* a history that begins mid-life: `test_history_that_begins_mid_life_has_no_new_customers` and
  `test_the_first_new_customer_comes_a_day_after_the_lookback`
* an empty warehouse, in test_builds.py:
  `test_a_fresh_copy_with_nothing_delivered_builds_green_and_empty`

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import csv
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from harness.dev import recompute
from harness.dev.workshop import NO_TESTS, Workshop

READ = ("+path:models/marts/core", "+path:models/marts/users", "+path:models/marts/marketing",
        "path:seeds")
AS_OF = "{as_of_date: 2025-12-31}"
MODELS = {"first", "last", "last_non_direct", "linear", "position", "time_decay", "shapley",
          "markov", "data_driven"}  # fmt: skip
HORIZONS = (7, 30, 90, 180, 365)


class Business:
    """The exports of a business, written record by record, and its marts once it is built."""

    def __init__(self):
        self.rows, self.file, self.con = {}, None, None

    def add(self, table, **row):
        self.rows.setdefault(table, []).append(row)

    def order(self, customer, at, price="100.00", pieces=1, currency="CNY", **order):
        """An order of tea, paid, named by its customer and day."""
        number = f"{customer}-{at[:10]}"
        self.add(
            "shop/orders", id=number, customer_id=customer, created_at=f"{at}+08:00",
            financial_status="paid", test="false", currency=currency, taxes_included="true",
        )  # fmt: skip
        self.add("shop/order_lines", id=f"{number}-1", order_id=number, sku="tea", name="Tea",
                 quantity=pieces, price=price)  # fmt: skip

    def refund(self, order, at, amount):
        """One piece of an order is paid back and does not return to the shelf."""
        number = f"{order}-refund"
        self.add("shop/refunds", id=number, order_id=order, created_at=f"{at}+08:00",
                 currency="CNY")  # fmt: skip
        self.add("shop/refund_lines", id=number, refund_id=number, order_line_id=f"{order}-1",
                 quantity=1, subtotal=amount, restock_type="no_restock")  # fmt: skip

    def visit(self, customer, at, source="gdt"):
        """A customer opens the mini program by a paid link."""
        moment = datetime.fromisoformat(f"{at}+08:00")
        self.add(
            "wechat/mini_program_events", event_id=f"{customer}-{at}", appid="wx1",
            openid=f"o_{customer}", customer_id=customer, event_name="launch",
            event_time=int(moment.timestamp()), utm_source=source, utm_medium="cpc",
        )  # fmt: skip

    def tencent(self, day, fen):
        """A day of Tencent Ads, whose channel is paid_social."""
        self.add("tencent_ads/daily_reports", date=day, account_id="21", campaign_id="22",
                 campaign_name="Moments", view_count=1000, valid_click_count=10,
                 cost=fen)  # fmt: skip

    def google(self, day, account, currency, amount):
        """A day of an account of Google Ads, whose channel is display."""
        self.add("google_ads/campaign_stats", customer_id=account, id=f"{account}0", date=day,
                 impressions=500, clicks=5, cost_micros=amount * 1_000_000)  # fmt: skip
        self.add("google_ads/campaign_history", id=f"{account}0", customer_id=account,
                 name=f"Banner {currency}", advertising_channel_type="DISPLAY", status="ENABLED",
                 updated_at="2025-01-01T00:00:00Z")  # fmt: skip
        self.add("google_ads/account_history", id=account, currency_code=currency,
                 time_zone="Asia/Shanghai", updated_at="2025-01-01T00:00:00Z")  # fmt: skip

    def build(self, workshop, name):
        """Land and build it; its marts can be read from now on."""
        self.add("erp/products", sku="tea", product_name="Tea", category_name="Drinks")
        self.add("erp/product_costs", sku="tea", unit_cost="40.00", currency="CNY",
                 valid_from="2024-01-01")  # fmt: skip
        data = workshop.use(name)
        for table, rows in self.rows.items():
            path = data / "raw" / f"{table}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "w", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)
        workshop.land(data / "raw")
        workshop.succeed("build", "--no-write-json", *NO_TESTS, "--vars", AS_OF,
                         "--select", *READ)  # fmt: skip
        self.file = data / "omniloop.duckdb"
        self.con = duckdb.connect(str(self.file), read_only=True)

    def all(self, mart, **where):
        """The rows of a mart that have these values, as dicts."""
        condition = " and ".join(f"{name} = ?" for name in where) or "true"
        found = self.con.execute(
            f"select * from marts.{mart} where {condition}", list(where.values())
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, mart, **where):
        """The only row of a mart that has these values."""
        rows = self.all(mart, **where)
        assert len(rows) == 1, (mart, where, rows)
        return rows[0]

    def person(self, customer):
        """The key of whoever placed this customer's orders."""
        keys = {row["user_key"] for row in self.all("fct_orders")
                if row["order_id"].split("-")[0] == customer}  # fmt: skip
        assert len(keys) == 1, (customer, keys)
        return keys.pop()

    def credits(self, customer, kind="first_order"):
        """Share and money that each model gives each channel for a conversion."""
        rows = self.all("fct_attribution", user_key=self.person(customer), conversion_type=kind)
        found = {}
        for row in rows:
            part = found.setdefault(row["attribution_model"], {})
            part[row["channel_key"]] = (row["credit_share"], row["net_revenue_amount"])
        assert found.keys() == (MODELS if kind != "repeat_order" else found.keys())
        return found


def has(row, **expected):
    """Whether a row has these values; complains of those it has not."""
    wrong = {name: row[name] for name, value in expected.items() if row[name] != value}
    assert not wrong, (wrong, expected)
    return True


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("stated")).without_comments()


@pytest.fixture(scope="module")
def tea(workshop):
    """A tea shop; each of its behaviours has a month or a channel of its own."""
    business = Business()
    # January to April: how much of its life history saw.
    business.order("old", "2025-01-01T10:00:00")
    business.visit("early", "2025-02-10T09:00:00")
    business.order("early", "2025-02-10T10:00:00")
    business.tencent("2025-02-10", 20_00)
    business.order("lastold", "2025-04-01T10:00:00")
    business.order("firstnew", "2025-04-02T10:00:00")
    # May: nobody's doing. The old one comes back.
    business.order("zero", "2025-05-05T10:00:00")
    business.order("old", "2025-05-10T10:00:00")
    # June: one customer of short video, back ten days later with less.
    business.visit("one", "2025-06-09T10:00:00", source="douyin")
    business.order("one", "2025-06-10T10:00:00")
    business.order("one", "2025-06-20T10:00:00", price="60.00")
    business.add("ocean_engine/report", stat_datetime="2025-06-09", advertiser_id="31",
                 campaign_id="32", campaign_name="Clips", stat_cost="64.00", show_cnt=2000,
                 click_cnt=20)  # fmt: skip
    # July: two pieces, one of them paid back in December.
    business.visit("late", "2025-07-01T09:00:00")
    business.order("late", "2025-07-01T10:00:00", pieces=2)
    business.refund("late-2025-07-01", "2025-12-01T10:00:00", "100.00")
    business.tencent("2025-07-01", 50_00)
    # August: a touch in the second of the purchase, and one a second later.
    business.visit("same", "2025-08-15T10:00:00")
    business.order("same", "2025-08-15T10:00:00")
    business.order("after", "2025-08-15T10:00:00")
    business.visit("after", "2025-08-15T10:00:01")
    business.tencent("2025-08-15", 25_00)
    # September: banners that nobody clicked, paid in dollars and in yuan.
    business.google("2025-09-10", "41", "USD", 10)
    business.google("2025-09-11", "42", "CNY", 29)
    # October: bought in dollars and in yuan.
    business.order("dollars", "2025-10-05T10:00:00", price="10.00", currency="USD")
    business.order("yuan", "2025-10-06T10:00:00", price="29.00")
    business.build(workshop, "tea")
    return business


def test_a_journey_without_a_touch_is_nobodys_doing(tea):
    assert tea.credits("zero") == {model: {"unattributed": (1, 100)} for model in MODELS}
    # The person is won by where they bought.
    row = tea.one("channel_roi", month_date="2025-05-01", acquisition_channel_key="own_mall")
    assert has(row, spend=0, cash_new_customers=1, cash_orders=2, cash_net_revenue_amount=200,
               cash_roas=None, cash_roi=None, cash_cac_amount=None)  # fmt: skip
    row = tea.one("campaign_performance", month_date="2025-05-01", channel_key="unattributed")
    assert has(row, campaign_key="unknown", credited_new_customers=1, credited_orders=2,
               net_revenue_amount=200, roas=None, cac_amount=None)  # fmt: skip
    assert not tea.all("conversion_funnel", month_date="2025-05-01")


def test_a_journey_of_one_touch_is_that_touchs_doing(tea):
    found = tea.credits("one")
    added = found.pop("data_driven")
    assert found == {model: {"short_video": (1, 100)} for model in MODELS - {"data_driven"}}
    # All who met short video bought, so a touch adds all but the base.
    assert added == {"short_video": (Decimal("0.99"), 99), "base": (Decimal("0.01"), 1)}
    row = tea.one("campaign_performance", month_date="2025-06-01", channel_key="short_video",
                  campaign_key="unknown")  # fmt: skip
    assert has(row, credited_new_customers=1, credited_orders=2, net_revenue_amount=160)


def test_a_cohort_of_one_has_every_figure(tea):
    june = {"acquisition_channel_key": "short_video"}
    row = tea.one("channel_roi", month_date="2025-06-01", **june)
    assert has(row, spend=64, cash_new_customers=1, cash_orders=2, cash_net_revenue_amount=160,
               cash_margin_amount=80, cash_cac_amount=64, cash_roas=2.5, cash_roi=0.25,
               cohort_7_customers=1, cohort_7_net_revenue_amount=100, cohort_7_roas=1.5625,
               cohort_7_roi=-0.0625, cohort_30_net_revenue_amount=160, cohort_30_roas=2.5,
               cohort_180_roi=0.25, cohort_365_customers=None, cohort_365_roas=None,
               is_mature_180=True, is_mature_365=False)  # fmt: skip
    row = tea.one("channel_payback", **june)
    # 60.00 on the first day is less than 64.00; 80.00 ten days later is more.
    assert has(row, cac_amount=64, payback_days=10, payback_ratio=1.25, is_paid_back=True,
               observed_days=184)  # fmt: skip
    for days, back in ((7, 0), (30, 1), (90, 1), (180, 1)):
        row = tea.one("repeat_rate", horizon_days=days, **june)
        assert has(row, new_customers=1, mature_customers=1, repeat_customers=back,
                   repeat_rate=back, is_mature=True)  # fmt: skip
        row = tea.one("ltv_cohorts", horizon_days=days, **june)
        assert has(row, ltv_amount=160 if back else 100, ltv_margin_amount=80 if back else 60)
    row = tea.one("repeat_rate", horizon_days=365, **june)
    assert has(row, new_customers=1, mature_customers=0, repeat_rate=None, is_mature=False)
    for month, kept in (("2025-06-01", 1), ("2025-07-01", 0)):
        row = tea.one("user_retention", month_date=month, retention_type="buying", **june)
        assert has(row, cohort_customers=1, retention_rate=kept)
    row = tea.one("repurchase_cycle", gap_type="first_to_second", category_name="all", **june)
    assert has(row, gaps=1, returned_gaps=1, km_median_days=10, returned_median_days=10,
               km_median_high_days=None, survival_90d_rate=0)  # fmt: skip
    key = tea.person("one")
    row = tea.one("user_lifetime_value", user_key=key)
    assert has(row, purchase_count=2, net_revenue_amount=160, margin_amount=80,
               net_revenue_30d_amount=160, net_revenue_365d_amount=None)  # fmt: skip
    row = tea.one("user_scores", user_key=key)
    assert has(row, score_status="no_fit", purchase_count=2, expected_orders_90=None,
               churn_probability=None)  # fmt: skip
    # Last bought 194 days before the as-of day; the default thresholds hold for so few.
    row = tea.one("user_lifecycle", user_key=key, is_current=True)
    assert has(row, lifecycle_stage="lapsed", threshold_origin="default")


def test_a_refund_after_the_window_restates_the_cohort(tea):
    july = {"acquisition_channel_key": "paid_social"}
    row = tea.one("channel_roi", month_date="2025-07-01", **july)
    # 200.00 came in and 100.00 went back; both pieces cost 40.00, as none can be sold again.
    assert has(row, spend=50, cash_orders=1, cash_net_revenue_amount=100, cash_margin_amount=20,
               cash_roas=2, cash_roi=Decimal("-0.6"))  # fmt: skip
    for days in (7, 30, 90):
        row = tea.one("channel_cohorts", month_date="2025-07-01", horizon_days=days, **july)
        assert has(row, is_mature=True, new_customers=1, net_revenue_amount=100, margin_amount=20,
                   ltv_amount=100, roas=2, roi=Decimal("-0.6"))  # fmt: skip
    for days in (7, 30, 90, 180):
        row = tea.one("ltv_cohorts", cohort_month_date="2025-07-01", horizon_days=days, **july)
        assert has(row, net_revenue_amount=100, ltv_amount=100, ltv_margin_amount=20)
    row = tea.one("channel_payback", month_date="2025-07-01", **july)
    assert has(row, payback_ratio=Decimal("0.4"), payback_days=None, is_paid_back=False)
    row = tea.one("user_lifetime_value", user_key=tea.person("late"))
    assert has(row, net_revenue_amount=100, net_revenue_30d_amount=100, margin_180d_amount=20)
    for model, parts in tea.credits("late").items():
        assert sum(money for _, money in parts.values()) == 100, model
    # Nothing is taken from the month in which it was paid back.
    assert not tea.all("channel_roi", month_date="2025-12-01")


def test_a_touch_in_the_second_of_the_purchase_counts(tea):
    for customer, channel in (("same", "paid_social"), ("after", "unattributed")):
        found = tea.credits(customer)
        found.pop("data_driven")
        assert found == {model: {channel: (1, 100)} for model in MODELS - {"data_driven"}}
    for channel, spend, cac in (("paid_social", 25, 25), ("own_mall", 0, None)):
        row = tea.one("channel_roi", month_date="2025-08-01", acquisition_channel_key=channel)
        assert has(row, spend=spend, cash_new_customers=1, cash_net_revenue_amount=100,
                   cash_cac_amount=cac)  # fmt: skip
    row = tea.one("channel_roi_by_model", month_date="2025-08-01", channel_key="paid_social",
                  attribution_model="last_non_direct")  # fmt: skip
    assert has(row, credited_new_customers=1, roas=4, cac_amount=25)
    # The funnel knows days: both came for the first time, and bought, on one of them.
    for step in ("visitor", "first_order"):
        row = tea.one("conversion_funnel", month_date="2025-08-01", channel_key="paid_social",
                      step_name=step)  # fmt: skip
        assert has(row, base_count=2, step_count=2, step_ratio=1)
    for channel in ("own_mall", "mini_program", "all"):
        row = tea.one("active_users", activity_date="2025-08-15", sales_channel_key=channel)
        assert has(row, active_users_1d=2, visitors_1d=2)


def test_spend_without_a_touch_is_spend_that_brought_nobody(tea):
    display = {"acquisition_channel_key": "display"}
    row = tea.one("channel_roi", **display)
    assert has(row, month_date=date(2025, 9, 1), spend=100, cash_new_customers=0, cash_orders=0,
               cash_net_revenue_amount=0, cash_margin_amount=0, cash_roas=0, cash_roi=-1,
               cash_cac_amount=None, cohort_90_customers=0, cohort_90_roas=0, cohort_90_roi=-1,
               cohort_180_roas=None)  # fmt: skip
    row = tea.one("channel_payback", **display)
    assert has(row, new_customers=0, cac_amount=None, payback_days=None, is_paid_back=False)
    rows = tea.all("channel_roi_by_model", channel_key="display")
    assert {row["attribution_model"] for row in rows} == MODELS | {"headline"}
    for row in rows:
        assert has(row, spend=100, credited_orders=0, cac_amount=None, first_order_roas=0)
    rows = tea.all("campaign_performance", channel_key="display")
    assert sorted(row["spend"] for row in rows) == [29, 71]
    for row in rows:
        assert has(row, clicks=5, credited_orders=0, roas=0, roi=-1, cac_amount=None)
    rows = tea.all("spend_coverage", channel_key="display")
    assert {(row["finding"], row["touch_count"]) for row in rows} == {("spend_without_touches", 0)}
    for step, base, count in (("impression", None, 1000), ("click", 1000, 10), ("visit", 10, 0)):
        row = tea.one("conversion_funnel", channel_key="display", step_name=step)
        assert has(row, base_count=base, step_count=count)
    assert len(tea.all("conversion_funnel", channel_key="display")) == 3
    assert not tea.all("repeat_rate", **display) and not tea.all("ltv_cohorts", **display)


def test_two_currencies_meet_in_the_reporting_currency(tea):
    # 10.00 dollars are 71.00 yuan, of orders and of spend alike.
    october = {"acquisition_channel_key": "own_mall"}
    row = tea.one("channel_roi", month_date="2025-10-01", **october)
    assert has(row, cash_new_customers=2, cash_orders=2, cash_net_revenue_amount=100,
               cash_margin_amount=20, cohort_30_net_revenue_amount=100)  # fmt: skip
    row = tea.one("ltv_cohorts", cohort_month_date="2025-10-01", horizon_days=30, **october)
    assert has(row, net_revenue_amount=100, ltv_amount=50, ltv_margin_amount=10)
    for customer, money, margin in (("dollars", 71, 31), ("yuan", 29, -11)):
        row = tea.one("user_lifetime_value", user_key=tea.person(customer))
        assert has(row, net_revenue_amount=money, margin_amount=margin)
        assert {tuple(parts.values()) for parts in tea.credits(customer).values()} == {
            ((1, money),)
        }
    row = tea.one("channel_roi", month_date="2025-09-01", acquisition_channel_key="display")
    assert has(row, spend=100)


def test_history_that_begins_mid_life_has_no_new_customers(tea):
    january = {"acquisition_channel_key": "own_mall"}
    row = tea.one("channel_roi", month_date="2025-01-01", **january)
    assert has(row, cash_orders=1, cash_net_revenue_amount=100, cash_new_customers=0,
               truncated_customers=1, cohort_7_customers=0)  # fmt: skip
    # What was spent on somebody who may have bought before compares with nothing.
    february = {"acquisition_channel_key": "paid_social", "month_date": "2025-02-01"}
    row = tea.one("channel_roi", **february)
    assert has(row, spend=20, cash_roas=5, cash_new_customers=0, truncated_customers=1,
               cash_cac_amount=None, cohort_7_roas=None, cohort_7_roi=None)  # fmt: skip
    row = tea.one("channel_payback", **february)
    assert has(row, cac_amount=None, payback_ratio=None, payback_days=None, is_paid_back=False)
    row = tea.one("campaign_performance", month_date="2025-02-01", spend=0)
    assert has(row, credited_new_customers=0, credited_first_orders=1, cac_amount=None)
    for days in HORIZONS:
        where = {"cohort_month_date": "2025-01-01", "horizon_days": days, **january}
        row = tea.one("repeat_rate", **where)
        assert has(row, new_customers=0, repeat_customers=None, repeat_rate=None,
                   truncated_customers=1, is_mature=False)  # fmt: skip
        assert has(tea.one("ltv_cohorts", **where), ltv_amount=None, truncated_customers=1)
    row = tea.one("user_retention", cohort_month_date="2025-01-01", month_date="2025-05-01",
                  retention_type="buying", **january)  # fmt: skip
    assert has(row, cohort_customers=0, retention_rate=None, truncated_customers=1)
    row = tea.one("user_lifetime_value", user_key=tea.person("old"))
    assert has(row, first_order_status="truncated", purchase_count=2, net_revenue_amount=200,
               net_revenue_30d_amount=None, net_revenue_180d_amount=None)  # fmt: skip
    row = tea.one("conversion_funnel", month_date="2025-02-01", channel_key="paid_social",
                  step_name="first_order")  # fmt: skip
    assert has(row, base_count=1, step_count=None, step_ratio=None)
    for day, new, back in (("2025-02-10", None, None), ("2025-05-05", 1, 0), ("2025-05-10", 0, 1)):
        row = tea.one("active_users", activity_date=day, sales_channel_key="all")
        assert has(row, active_users_1d=1, new_users_1d=new, reactivated_users_1d=back)


def test_the_first_new_customer_comes_a_day_after_the_lookback(tea):
    row = tea.one("channel_roi", month_date="2025-04-01", acquisition_channel_key="own_mall")
    assert has(row, cash_orders=2, cash_new_customers=1, truncated_customers=1,
               cohort_7_customers=1, cohort_7_net_revenue_amount=100)  # fmt: skip
    statuses = {name: tea.one("dim_users", user_key=tea.person(name))["first_order_status"]
                for name in ("lastold", "firstnew")}  # fmt: skip
    assert statuses == {"lastold": "truncated", "firstnew": "known"}


@pytest.fixture(scope="module")
def one_channel(workshop):
    """Everybody comes by paid social, and comes back by it."""
    business = Business()
    for customer, at, pieces in (
        ("old", "2025-01-01T10:00:00", 1),
        ("two", "2025-05-03T10:00:00", 1),
        ("three", "2025-05-04T10:00:00", 3),
        ("three", "2025-06-07T10:00:00", 1),
    ):
        business.visit(customer, at)
        business.order(customer, at, pieces=pieces)
    business.visit("two", "2025-05-02T10:00:00")
    business.tencent("2025-05-03", 100_00)
    business.tencent("2025-06-03", 50_00)
    business.build(workshop, "one_channel")
    return business


def test_with_one_channel_every_figure_is_the_figure_of_all(one_channel):
    may = {"month_date": "2025-05-01"}
    for name in ("old", "two", "three"):
        row = one_channel.one("dim_users", user_key=one_channel.person(name))
        assert has(row, acquisition_channel_key="paid_social")
    row = one_channel.one("channel_roi", **may)
    # 400.00 of four pieces in May; within 90 days one piece more.
    assert has(row, acquisition_channel_key="paid_social", spend=100, cash_new_customers=2,
               cash_cac_amount=50, cash_roas=4, cash_roi=Decimal("1.4"),
               cohort_30_roas=4, cohort_90_net_revenue_amount=500, cohort_90_roas=5,
               cohort_90_roi=2)  # fmt: skip
    assert {row["month_date"] for row in one_channel.all("channel_roi")} == {
        date(2025, month, 1) for month in (1, 5, 6)
    }
    whole = MODELS - {"data_driven"}
    for customer in ("old", "two", "three"):
        found = one_channel.credits(customer)
        base = found.pop("data_driven")
        assert {model: [*parts] for model, parts in found.items()} == dict.fromkeys(
            whole, ["paid_social"]
        )
        assert {share for parts in found.values() for share, _ in parts.values()} == {1}
        assert base.keys() == {"paid_social", "base"}
        assert sum(share for share, _ in base.values()) == 1
    for row in one_channel.all("channel_roi_by_model", channel_key="paid_social", **may):
        if row["attribution_model"] in whole:
            assert has(row, spend=100, credited_new_customers=2, cac_amount=50,
                       first_order_net_revenue_amount=400, first_order_roas=4)  # fmt: skip
    rows = one_channel.all("journey_paths")
    assert {row["journey_path"] for row in rows} == {"paid_social"}
    for mart, column in (
        ("user_retention", "acquisition_channel_key"),
        ("repurchase_cycle", "acquisition_channel_key"),
        ("win_back", "acquisition_channel_key"),
    ):
        rows = one_channel.all(mart)
        assert {row[column] for row in rows} == {"paid_social", "all"}
        own, of_all = (figures(rows, column, value) for value in ("paid_social", "all"))
        assert own == of_all and own, mart


def figures(rows, column, value):
    """The rows of one value of a column, without it and without the key of the row, in order."""
    chosen = [row for row in rows if row[column] == value]
    kept = [[row[name] for name in list(row)[1:] if name != column] for row in chosen]
    return sorted(kept, key=str)


@pytest.fixture(scope="module")
def free(workshop):
    """Tea is given away, or paid back at once, and the ads cost nothing."""
    business = Business()
    business.order("old", "2025-01-01T10:00:00", price="0.00")
    for customer, price in (("gift", "0.00"), ("back", "100.00")):
        business.visit(customer, "2025-05-03T09:00:00")
        business.order(customer, "2025-05-03T10:00:00", price=price)
    business.refund("back-2025-05-03", "2025-05-04T10:00:00", "100.00")
    business.tencent("2025-05-03", 0)
    business.build(workshop, "free")
    return business


def test_without_any_money_there_are_counts_and_no_ratios(free):
    row = free.one("channel_roi")
    assert has(row, acquisition_channel_key="paid_social", month_date=date(2025, 5, 1), spend=0,
               cash_new_customers=0, cash_orders=0, cash_net_revenue_amount=0,
               cash_margin_amount=0, cash_cac_amount=None)  # fmt: skip
    ratios = [name for name in row if name.endswith(("_roas", "_roi", "_share"))]
    assert len(ratios) == 3 + 3 * len(HORIZONS) + 1 and not any(row[name] for name in ratios)
    assert {row[name] for name in ratios} == {None}
    row = free.one("campaign_performance")
    assert has(row, clicks=10, spend=0, click_rate=Decimal("0.01"), cpc_amount=0, cpm_amount=0,
               credited_orders=0, roas=None, roi=None, cac_amount=None)  # fmt: skip
    for row in free.all("channel_cohorts"):
        assert has(row, spend=0, new_customers=0, ltv_amount=None, roas=None, roi=None)
    for row in free.all("channel_roi_by_model"):
        assert has(row, net_revenue_amount=0, first_order_roas=None, roas=None, roi=None)
    # Who got tea for nothing was there, and is no customer.
    for step, count in (("visitor", 2), ("first_order", 0)):
        row = free.one("conversion_funnel", channel_key="paid_social", step_name=step)
        assert has(row, base_count=2, step_count=count)
    row = free.one("active_users", activity_date="2025-05-03", sales_channel_key="all")
    assert has(row, active_users_1d=2)
    assert {row["is_valid"] for row in free.all("fct_orders")} == {False}
    for mart in ("fct_attribution", "channel_payback", "repeat_rate", "ltv_cohorts", "win_back",
                 "user_retention", "repurchase_cycle", "user_lifetime_value", "user_lifecycle",
                 "user_scores", "ltv_backtest", "score_calibration"):  # fmt: skip
        assert not free.all(mart), mart


# Where nobody ever bought there is nothing to calculate from.
@pytest.mark.parametrize("business", ["tea", "one_channel"])
def test_a_second_calculation_of_every_mart_says_the_same(request, business):
    compared = recompute.recompute(request.getfixturevalue(business).file)
    assert not [str(line) for line in compared if line.differences]
