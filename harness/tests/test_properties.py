"""Laws that hold on any input, tried on random small ones: the compiled SQL of the models, run in
memory on tables of random people, touches, orders and sign-ups, with ties in time, money of nothing
and less than nothing, and rows in any order.
"""

import re
import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import duckdb
import pandas as pd
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.dev.workshop import REPO

# In the order in which they read each other; what else they read is given.
PEOPLE = (
    "int_active_days", "int_purchases", "int_new_customers", "int_purchase_gaps",
    "int_lifecycle_thresholds", "active_users", "user_retention", "repeat_rate", "ltv_cohorts",
    "user_lifetime_value", "repurchase_cycle", "user_lifecycle",
)  # fmt: skip
VALUES = ("int_purchases", "int_new_customers", "ltv_cohorts", "user_lifetime_value")
CREDIT = (
    "int_purchases", "int_conversions", "int_journey_touches", "int_journeys_without_conversion",
    "int_journey_weights", "fct_attribution",
)  # fmt: skip
MONEY = "decimal(18, 2)"
GIVEN = {
    "int_touchpoints": "touchpoint_key text, session_key text, user_key text, channel_key text,"
    " campaign_key text, touched_at timestamp, touch_date date",
    "int_events_identified": "event_key text, user_key text, sales_channel_key text,"
    " event_type text, event_date date, occurred_at timestamp",
    "int_orders_identified": "order_key text, user_key text, sales_channel_key text,"
    f" purchase_number bigint, net_revenue_amount {MONEY}, is_valid boolean, order_date date,"
    " ordered_at timestamp",
    "int_order_margins": f"order_key text, margin_amount {MONEY}",
    "fct_orders": f"order_key text, user_key text, net_revenue_amount {MONEY},"
    f" margin_amount {MONEY}, is_valid boolean, order_date date",
    "int_people": "user_key text, is_identified boolean, first_order_status text,"
    " first_order_date date",
    "dim_users": "user_key text, acquisition_channel_key text, first_order_status text,"
    " is_identified boolean",
    "int_purchase_categories": "purchase_key text, category_name text",
    "int_channel_effects": "channel_key text, conversion_type text, attribution_model text,"
    " effect double, version_month_date date",
    "int_headlines": "conversion_type text, month_date date, attribution_model text",
    "int_as_of": "metric_family text, as_of_date date",
    "dim_as_of": "metric_family text, as_of_date date",
    "dim_dates": "date_day date, month_date date",
}
SEEDS = ("channels", "attribution_models", "horizons", "event_types", "lifecycle_defaults")
START = datetime(2025, 1, 1)
LAST_DATE = date(2026, 6, 30)
CHANNELS = ("direct", "paid_search", "short_video", "email")
TRIES = settings(
    max_examples=30, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


class Models:
    """Compiled models over given tables in memory."""

    def __init__(self, folder):
        (folder / "models").mkdir()
        shutil.copytree(REPO / "macros", folder / "macros")
        self.files = {}
        for name in {*PEOPLE, *CREDIT}:
            (file,) = REPO.glob(f"models/*/*/{name}.sql")
            self.files[name] = shutil.copy(file, folder / "models")
        for name in {*GIVEN, *SEEDS}:
            (folder / f"models/{name}.sql").write_text("select 1 as one")
        project = {
            "name": "laws", "profile": "laws", "vars": self.variables(),
            "flags": {"send_anonymous_usage_stats": False},
        }  # fmt: skip
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
        output = {"type": "duckdb", "path": str(folder / "laws.duckdb"), "threads": 1}
        profile = {"laws": {"target": "duckdb", "outputs": {"duckdb": output}}}
        (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
        where = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
        where += ["--target-path", str(folder / "target")]
        result = dbtRunner().invoke(["--quiet", "--log-level-file", "none", "compile", *where])
        DuckDBConnectionManager.close_all_connections()
        assert result.success, result.exception
        compiled = folder / "target/compiled/laws/models"
        self.sql = {name: (compiled / f"{name}.sql").read_text() for name in self.files}
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("attach ':memory:' as laws; use laws.main")
        for name in SEEDS:
            self.con.execute(f"create table {name} as from '{REPO / 'seeds' / name}.csv'")
        for name, columns in GIVEN.items():
            self.con.execute(f"create table {name} ({columns})")
        days = f"generate_series(date '{START.date()}', date '{LAST_DATE}', interval 1 day)"
        self.con.execute(
            "insert into dim_dates select day, date_trunc('month', day)"
            f" from (select unnest({days}) as day)"
        )

    @staticmethod
    def variables():
        return yaml.safe_load((REPO / "dbt_project.yml").read_text())["vars"]

    def run(self, names, world, order=None):
        """Fill the given tables with a world, build the models, and give them all as row lists."""
        for name, rows in world.tables().items():
            columns = [column.split()[0] for column in re.split(r", (?=[a-z])", GIVEN[name])]
            self.con.execute(f"delete from {name}")
            rows = order(rows) if order else rows
            if rows:
                marks = ", ".join("?" for _ in columns)
                values = ", ".join(f"({marks})" for _ in rows)
                cells = [row.get(column) for row in rows for column in columns]
                self.con.execute(f"insert into {name} values {values}", cells)
        found = {}
        for name in names:
            self.con.execute(f"create or replace table {name} as {self.sql[name]}")
            cursor = self.con.execute(f"from {name}")
            columns = [column[0] for column in cursor.description]
            found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return found


class World:
    """Random people with touches, orders and sign-ups; times in half days, so that they tie."""

    def __init__(self, touches, orders, signs, people, effects, categories):
        self.touches, self.orders, self.signs = touches, orders, signs
        self.people, self.effects, self.categories = people, effects, categories

    def tables(self):
        """Rows of every given table but the days."""
        as_of = [
            {"metric_family": name, "as_of_date": LAST_DATE - timedelta(days=late)}
            for name, late in (("orders", 40), ("activity", 60), ("roi", 40))
        ]
        orders = [
            {
                "order_key": f"o{number:03d}", "user_key": person, "sales_channel_key": place,
                "net_revenue_amount": money, "margin_amount": margin, "is_valid": True,
                "order_date": business_date(at), "ordered_at": at,
            }
            for number, (person, at, place, money, margin) in enumerate(self.orders)
        ]  # fmt: skip
        dates = {name: sorted({o["order_date"] for o in orders if o["user_key"] == name})
                 for name in self.people}  # fmt: skip
        for row in orders:
            row["purchase_number"] = 1 + dates[row["user_key"]].index(row["order_date"])
        people = [
            {
                "user_key": name, "is_identified": is_identified,
                "first_order_status": status if dates[name] else "none",
                "first_order_date": min(dates[name], default=None),
                "acquisition_channel_key": channel,
            }
            for name, (is_identified, status, channel) in self.people.items()
        ]  # fmt: skip
        events = [("registration", *sign) for sign in self.signs]
        events += [("order", person, at, place) for person, at, place, _, _ in self.orders]
        purchases = sorted({(row["user_key"], row["order_date"]) for row in orders})
        keys = [duckdb_key(*purchase) for purchase in purchases]
        return {
            "int_touchpoints": [
                {
                    "touchpoint_key": f"t{number:03d}", "user_key": person, "channel_key": channel,
                    "campaign_key": campaign, "touched_at": at, "touch_date": business_date(at),
                }
                for number, (person, at, channel, campaign) in enumerate(self.touches)
            ],
            "int_events_identified": [
                {
                    "event_key": f"e{number:03d}", "user_key": person, "sales_channel_key": place,
                    "event_type": kind, "event_date": business_date(at), "occurred_at": at,
                }
                for number, (kind, person, at, place) in enumerate(events)
            ],
            "int_orders_identified": orders,
            "int_order_margins": orders,
            "fct_orders": orders,
            "int_people": people,
            "dim_users": people,
            "int_purchase_categories": [
                {"purchase_key": key, "category_name": name}
                for key, name in zip(keys, self.categories, strict=False)
            ],
            "int_channel_effects": [
                {
                    "channel_key": channel, "conversion_type": kind, "attribution_model": model,
                    "effect": effect, "version_month_date": month.date(),
                }
                for (channel, kind, model), effect in self.effects.items()
                for month in pd.date_range(START, LAST_DATE, freq="MS")
            ],
            "int_as_of": as_of,
            "dim_as_of": as_of,
        }  # fmt: skip


def duckdb_key(*parts):
    """The key that the models give a purchase."""
    return duckdb.sql(f"select md5(concat_ws('|', '{parts[0]}', '{parts[1]}'))").fetchall()[0][0]


def business_date(at):
    """The day in Shanghai of a UTC time."""
    return (at.replace(tzinfo=UTC) + timedelta(hours=8)).date()


NAMES = st.sampled_from(("ann", "bob", "eve"))
TIMES = st.integers(0, 1000).map(lambda halves: START + timedelta(hours=12 * halves))
# Often the same few times, exactly a lookback apart.
CLOSE = st.sampled_from([START + timedelta(days=300 + n, seconds=s)
                         for n in (0, 1, 29, 30, 31, 60) for s in (0, 1)])  # fmt: skip
WHEN = st.one_of(CLOSE, CLOSE, TIMES)
PLACES = st.sampled_from(("store", "own_mall"))


def cents(least):
    return st.one_of(st.sampled_from((0, 1, 3, 100)), st.integers(least, 10**7)).map(
        lambda amount: Decimal(amount).scaleb(-2)
    )


@st.composite
def worlds(draw, least_money=-(10**6)):
    """A world of three people; money from `least_money` cents on, margins sometimes unknown."""
    touch = st.tuples(NAMES, WHEN, st.sampled_from(CHANNELS), st.sampled_from(("c1", "unknown")))
    money = cents(least_money)
    order = st.tuples(NAMES, WHEN, PLACES, money, st.one_of(st.none(), money))
    effect = st.one_of(st.just(0.0), st.floats(1e-6, 1))
    fitted = st.dictionaries(
        st.tuples(
            st.sampled_from(CHANNELS),
            st.sampled_from(("registration", "first_order")),
            st.sampled_from(("markov", "data_driven")),
        ),
        effect,
    )
    person = st.tuples(
        st.booleans(), st.sampled_from(("known", "truncated")), st.sampled_from(CHANNELS)
    )
    # Some twins of one person and second, which only their keys tell apart.
    touches = draw(st.lists(touch, min_size=8, max_size=25))
    touches += [(*twin[:2], *draw(touch)[2:]) for twin in touches[:4]]
    orders = draw(st.lists(order, min_size=6, max_size=15))
    orders += [(*twin[:2], *draw(order)[2:]) for twin in orders[:3]]
    signs = draw(st.lists(st.tuples(NAMES, WHEN, PLACES), min_size=2, max_size=4))
    signs += [(*twin[:2], draw(PLACES)) for twin in signs]
    return World(
        touches,
        orders,
        signs,
        {name: draw(person) for name in ("ann", "bob", "eve")},
        draw(fitted),
        draw(st.lists(st.sampled_from(("tea", "cups")), max_size=15)),
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    found = Models(tmp_path_factory.mktemp("laws"))
    yield found
    found.con.close()


def test_credit_is_conserved_and_touches_keep_to_their_time(models):
    @TRIES
    @given(worlds())
    def holds(world):
        found = models.run(CREDIT, world)
        _credit_is_conserved(found)
        _journeys_are_those_of_a_plain_search(found, world)

    holds()


def _credit_is_conserved(found):
    modelled = {"registration": 9, "first_order": 9, "repeat_order": 6}
    rows = {}
    for row in found["fct_attribution"]:
        assert 0 <= row["credit_share"] <= 1
        rows.setdefault((row["conversion_key"], row["attribution_model"]), []).append(row)
    models_seen = Counter(key for key, _ in rows)
    for conversion in found["int_conversions"]:
        assert models_seen[conversion["conversion_key"]] == modelled[conversion["conversion_type"]]
    conversions = {row["conversion_key"]: row for row in found["int_conversions"]}
    for (key, model), parts in rows.items():
        assert sum(part["credit_share"] for part in parts) == 1, model
        for amount in ("net_revenue_amount", "margin_amount"):
            if conversions[key][amount] is None:
                assert all(part[amount] is None for part in parts), model
            else:
                assert sum(part[amount] for part in parts) == conversions[key][amount], model


def _journeys_are_those_of_a_plain_search(found, world):
    expected = set()
    for number, (person, at, _, _) in enumerate(world.touches):
        later = {}
        for row in found["int_conversions"]:
            if row["user_key"] == person and row["converted_at"] >= at:
                kind = row["conversion_type"]
                later[kind] = min(later.get(kind, datetime.max), row["converted_at"])
        expected |= {(f"t{number:03d}", kind, when) for kind, when in later.items()
                     if when - at < timedelta(days=30)}  # fmt: skip
    touches = [(row["touchpoint_key"], row["conversion_type"], row["converted_at"])
               for row in found["int_journey_touches"]]  # fmt: skip
    assert Counter(touches) == Counter(expected)
    led = {touch[:2] for touch in touches}
    lost = [(row["touchpoint_key"], row["conversion_type"])
            for row in found["int_journeys_without_conversion"]]  # fmt: skip
    assert len(lost) == len(set(lost)) and not led & set(lost)


def test_rates_are_parts_and_people_are_counted_once(models):
    @TRIES
    @given(worlds())
    def holds(world):
        found = models.run(PEOPLE, world)
        _rates_are_between_0_and_1(found)
        _windows_hold_shorter_ones(found["active_users"])
        _retention_begins_whole(found["user_retention"])
        _stages_leave_no_gap(found["user_lifecycle"])

    holds()


def _rates_are_between_0_and_1(found):
    for name in ("active_users", "user_retention", "repeat_rate", "repurchase_cycle"):
        for row in found[name]:
            for column, value in row.items():
                if column.endswith("_rate") and value is not None:
                    assert 0 <= value <= 1, (name, column)


def _windows_hold_shorter_ones(rows):
    for row in rows:
        for kind in ("active_users", "visitors"):
            assert row[f"{kind}_1d"] <= row[f"{kind}_7d"] <= row[f"{kind}_28d"]
        assert row["visitors_28d"] <= 3  # there is nobody else
        assert all(row[f"active_users_{days}d"] <= row[f"visitors_{days}d"] for days in (1, 7, 28))


def _retention_begins_whole(rows):
    cohorts = {}
    for row in rows:
        key = row["cohort_month_date"], row["acquisition_channel_key"], row["retention_type"]
        cohorts.setdefault(key, []).append(row)
        if row["is_complete"] and row["retention_type"] == "buying" and not row["age_months"]:
            assert row["retention_rate"] == row["rolling_retention_rate"] == 1
    for months in cohorts.values():
        known = [row for row in sorted(months, key=lambda row: row["age_months"])
                 if row["is_complete"]]  # fmt: skip
        assert [row["age_months"] for row in known] == list(range(len(known)))
        for row, after in pairwise(known):
            assert row["rolling_retained_customers"] >= after["rolling_retained_customers"]
        assert all(row["retained_customers"] <= row["rolling_retained_customers"] for row in known)


def _stages_leave_no_gap(rows):
    people = {}
    for row in rows:
        people.setdefault(row["user_key"], []).append(row)
    for stretches in people.values():
        stretches.sort(key=lambda row: row["valid_from_date"])
        for row, after in pairwise(stretches):
            assert row["valid_from_date"] < row["valid_to_date"] == after["valid_from_date"]
        assert stretches[-1]["valid_to_date"] is None and stretches[-1]["is_current"]


def test_value_never_falls_with_age_while_nobody_pays_back(models):
    @TRIES
    @given(worlds(least_money=0))
    def holds(world):
        found = models.run(VALUES, world)
        curves = {}
        for row in sorted(found["ltv_cohorts"], key=lambda row: row["horizon_days"]):
            key = row["cohort_month_date"], row["acquisition_channel_key"]
            curves.setdefault(key, []).append(row)
            share = row["cost_coverage_share"]
            assert share is None or 0 <= share <= 1
        for curve in curves.values():
            mature = [row for row in curve if row["is_mature"]]
            for row, older in pairwise(mature):
                assert row["net_revenue_amount"] <= older["net_revenue_amount"]
                assert row["ltv_amount"] <= older["ltv_amount"]
            assert all(row["mature_customers"] <= row["new_customers"] for row in curve)
        for row in found["user_lifetime_value"]:
            values = [row[f"net_revenue_{days}d_amount"] for days in (30, 90, 180, 365)]
            values = [value for value in values if value is not None]
            assert values == sorted(values)
            assert all(value <= row["net_revenue_amount"] for value in values)

    holds()


@pytest.mark.parametrize("names", [PEOPLE, CREDIT], ids=["people", "credit"])
def test_the_order_of_rows_means_nothing(models, names):
    @settings(TRIES, max_examples=20)
    @given(worlds(), st.randoms(use_true_random=False))
    def holds(world, random):
        once = models.run(names, world)
        again = models.run(names, world, order=lambda rows: random.sample(rows, len(rows)))
        for name in names:
            assert Counter(map(_text, once[name])) == Counter(map(_text, again[name])), name

    holds()


def _text(row):
    """A row as text; of a double as many digits as engines agree on."""
    return tuple(format(v, ".9g") if isinstance(v, float) else str(v) for v in row.values())
