"""Purchase models against what is published of CDNOW, spend against numpy, which fits are kept."""

from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pytest
from rich.console import Console

from harness import fit
from harness.dev.postgres import copy, cursor, execute, postgres
from harness.land import land
from harness.tests.landing import tables

REPO = Path(__file__).parents[2]
CDNOW = Path(__file__).parent / "cdnow" / "histories.csv"
BG, MBG = (0.243, 4.414, 0.793, 2.426), (0.6371, 7.310, 0.8075, 1.2284)
MBG_CDNOW = (0.52484, 6.18309, 0.89136, 1.61400)
DAY = "date '1997-09-30'"
HORIZON = 273
PREDICTIONS = {  # the tables that int_btyd_predictions reads
    "int_score_requests": f"""select unnest(['bg_nbd', 'mbg_nbd']) as score_name,
        {HORIZON}::bigint as horizon_days, {DAY} as origin_date""",
    "int_btyd_parameters": f"""select *, {DAY} as origin_date from (values
        ('bg_nbd', {', '.join(f'{p}::double' for p in BG)}, 0::double),
        ('mbg_nbd', {', '.join(f'{p}::double' for p in MBG)}, 1::double)
        ) as p (score_name, r, alpha, a, b, first_dropout_chances)""",
    "int_score_histories": f"""select {DAY} as origin_date, repeat_count, recency_days, age_days
        from {str(CDNOW)!r}""",
}


def rendered(model):
    """The SQL of a model, reading tables of its parents' names."""
    loader = jinja2.FileSystemLoader([REPO / "macros" / "statistics", REPO / "models"])
    jinja = jinja2.Environment(loader=loader)
    macros = vars(jinja.get_template("btyd.sql").module)
    macros = {name: each for name, each in macros.items() if not name.startswith("_")}
    jinja.globals |= macros | {
        "as_double": "cast({} as double precision)".format,
        "ref": lambda name: name, "source": lambda _, name: name, "key_of": lambda _: "''"}
    return jinja.get_template(f"intermediate/timeline/{model}.sql").render()


def closest(rows):
    """The largest distance from the golden columns over all customers and both models."""
    golden = {row[:3]: row[4:] for row in duckdb.sql(f"from {str(CDNOW)!r}").fetchall()}
    told = [abs(value - golden[x, t_x, t][2 * (score == "mbg_nbd") + place])
            for score, x, t_x, t, *values in rows for place, value in enumerate(values)]
    assert len(told) == 4 * len(golden)
    return max(told)


COLUMNS = "score_name, repeat_count, recency_days, age_days, alive_probability, expected_orders"


def test_each_customer_is_predicted_as_published():
    with duckdb.connect() as con:
        for name, query in PREDICTIONS.items():
            con.execute(f"create table {name} as {query}")
        query = f"select {COLUMNS} from ({rendered('int_btyd_predictions')})"
        assert closest(con.execute(query).fetchall()) < 1e-8


def test_postgres_predicts_the_same():
    with postgres() as host:
        for name, query in PREDICTIONS.items():
            described = duckdb.sql(f"describe {query}").fetchall()
            types = {"VARCHAR": "text", "DOUBLE": "double precision"}
            columns = ", ".join(f"{row[0]} {types.get(row[1], row[1])}" for row in described)
            execute(host, f"create table {name} ({columns})")
            copy(host, query, name)
        with cursor(host) as con:
            con.execute(f"select {COLUMNS} from ({rendered('int_btyd_predictions')}) as told")
            assert closest(con.fetchall()) < 1e-8


@pytest.mark.parametrize("parameters", [
    (0.3, 4, 10, 30), (1, 5, 100, 400), (0.6, 2.7, 1, 1.2), (0.5, 3, 0.4, 0.6), (0.5, 3, 3, 8),
    (128, 1000, 0.4, 0.3), (0.6, 14, 0.001, 1000)])
def test_expected_orders_equal_the_integral_over_dropout(parameters):
    """E[X] is the mean over p ~ Beta of what a customer with drop-out p still buys, at any size."""
    from scipy import integrate, stats
    r, alpha, a, b = parameters
    histories = [(0, 0, 7), (0, 0, 100), (3, 50, 80), (30, 300, 320), (1, 2, 900)]
    with duckdb.connect() as con:
        con.execute(f"create table int_score_requests as select 'mbg_nbd' as score_name, "
                    f"365::bigint as horizon_days, {DAY} as origin_date")
        con.execute(f"create table int_btyd_parameters as select 'mbg_nbd' as score_name, {DAY} as "
                    f"origin_date, {r}::double as r, {alpha}::double as alpha, {a}::double as a, "
                    f"{b}::double as b, 1::double as first_dropout_chances")
        con.execute("create table int_score_histories (repeat_count bigint, recency_days bigint, "
                    f"age_days bigint, origin_date date default ({DAY}))")
        con.executemany("insert into int_score_histories (repeat_count, recency_days, age_days) "
                        "values (?, ?, ?)", histories)
        told = con.execute("select repeat_count, age_days, alive_probability, expected_orders, "
                           f"horizon_share from ({rendered('int_btyd_predictions')})").fetchall()
    assert len(told) == len(histories)
    for x, age, alive, expected, share in told:
        if share > 0.95:
            assert expected is None
            continue
        weeks, more = 365 / 7, alpha + age / 7

        def bought(p, x=x, weeks=weeks, more=more):
            return -np.expm1(-(r + x) * np.log1p(p * weeks / more)) / p

        # By quantile, so that a beta with poles or a needle is integrated as well.
        mean = integrate.quad(
            lambda u, x=x, f=bought: f(max(stats.beta.ppf(u, a, b + x + 1), 1e-12)), 0, 1,
            limit=500, epsabs=1e-9)[0]
        assert expected == pytest.approx(alive * mean, rel=3e-6)


class Warehouse:
    """A data folder whose work file holds what `fit` reads."""

    def __init__(self, folder):
        self.data = folder / "data"
        land(folder / "raw", self.data, tables(), only_empty=True)
        self.hold(f"select *, unnest(range(customers)) from {str(CDNOW)!r}")

    def hold(self, histories, status="known", requests=("bg_nbd", "mbg_nbd")):
        with duckdb.connect(str(self.data / "omniloop.duckdb")) as con:
            con.execute("create schema if not exists intermediate; use intermediate")
            con.execute(f"""create or replace table int_score_histories as
                select *, md5(row_number() over ()::text) as user_key,
                    {status!r} as first_order_status, {DAY} as origin_date from ({histories})""")
            con.execute(f"""create or replace table int_score_requests as select
                unnest({list(requests)}) as score_name, {DAY} as origin_date, 'score' as
                request_type""")

    def fit(self):
        return fit.fit(self.data, Console(quiet=True))

    def rows(self, query):
        with duckdb.connect() as con:
            con.execute(f"create view parameters as from read_parquet('{self.data}/landed/fitted/"
                        "parameters/*.parquet')")
            con.execute(f"attach '{self.data}/omniloop.duckdb' as work (read_only)")
            con.execute("create view int_score_requests as from "
                        "work.intermediate.int_score_requests")
            con.execute(f"create view in_force as {rendered('int_btyd_parameters')}")
            return con.execute(query).fetchall()


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path)


def test_the_fit_is_the_published_one(warehouse):
    assert warehouse.fit()
    found = {row[0]: row[1:] for row in warehouse.rows(
        "select score_name, r, alpha, a, b, log_likelihood from in_force join parameters on "
        "score_name = model_name and parameter_name = 'r' and customer_count = 2357")}
    assert found["bg_nbd"][:4] == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.005)
    assert found["bg_nbd"][4] == pytest.approx(-9582.4, abs=0.05)
    # The likelihood of MBG/NBD at its top, as Lifetimes finds it.
    assert found["mbg_nbd"][:4] == pytest.approx(MBG_CDNOW, rel=0.005)


def test_known_histories_are_not_fitted_again(warehouse):
    assert warehouse.fit()
    before = warehouse.rows("from parameters order by all")
    assert not warehouse.fit()
    assert warehouse.rows("from parameters order by all") == before


def test_a_failed_fit_is_told_and_the_good_one_stays_in_force(warehouse, monkeypatch):
    warehouse.fit()
    good = warehouse.rows("from in_force order by all")
    warehouse.hold(f"from {str(CDNOW)!r}")
    monkeypatch.setattr(fit, "SECONDS", -1)
    assert warehouse.fit()
    assert warehouse.rows("select is_converged, count(*) from parameters group by 1 order by 1") \
        == [(False, 8), (True, 8)]
    assert len(good) == 2 and warehouse.rows("from in_force order by all") == good
    monkeypatch.undo()
    warehouse.hold(f"from {str(CDNOW)!r} where age_days > 200")
    warehouse.fit()
    assert warehouse.rows("from in_force order by all") != good


def test_too_few_customers_are_not_fitted(warehouse):
    warehouse.hold(f"from {str(CDNOW)!r} limit {fit.CUSTOMERS - 1}")
    assert not warehouse.fit()
    warehouse.hold(f"from {str(CDNOW)!r} where repeat_count = 0")
    assert not warehouse.fit()
    # Whose first purchase may be older than history says nothing of how customers begin.
    warehouse.hold(f"from {str(CDNOW)!r}", status="truncated")
    assert not warehouse.fit()
    assert warehouse.rows("from parameters") == warehouse.rows("from in_force") == []


def test_a_top_beyond_the_limits_is_found_at_them():
    def height(places):
        return -np.square(places - np.array([8, 1, 0, -8])).sum(1) / 100
    place, _, steep, is_top = fit.climb(height)
    assert is_top and steep < fit.FLAT
    assert place == pytest.approx([fit.LIMIT, 1, 0, -fit.LIMIT], abs=1e-6)


def test_what_a_purchase_is_worth_equals_numpy():
    rng = np.random.default_rng(3)
    users = rng.integers(0, 80, 400)
    amounts = np.round(np.exp(rng.normal(3 + users % 7 / 5, 0.6)), 2)
    amounts[5] = 100_000
    rows = [(f"u{user}", float(amount)) for user, amount in zip(users, amounts, strict=True)]
    with duckdb.connect() as con:
        con.execute(f"create table int_score_requests as select 'score' as request_type, "
                    f"'bg_nbd' as score_name, {DAY} as origin_date")
        con.execute("create table int_purchases (user_key text, net_revenue_amount decimal(18, 2), "
                    "purchase_date date default (date '1997-01-01'))")
        con.executemany("insert into int_purchases (user_key, net_revenue_amount) values (?, ?)",
                        rows)
        told = dict(con.execute(f"select user_key, purchase_value from "
                                f"({rendered('int_spend_values')})").fetchall())
    capped = np.minimum(amounts, np.quantile(amounts, 0.99))
    own = {user: capped[users == user] for user in set(users.tolist())}
    n, means = np.array([len(v) for v in own.values()]), np.array([v.mean() for v in own.values()])
    within = sum(((v - v.mean()) ** 2).sum() for v in own.values()) / (n.sum() - len(n))
    mean = capped.mean()
    between = ((n * (means - mean) ** 2).sum() - (len(n) - 1) * within) / (
        n.sum() - (n**2).sum() / n.sum())
    expected = mean + n / (n + within / between) * (means - mean)
    assert [told[f"u{user}"] for user in own] == pytest.approx(expected.tolist(), rel=1e-12)
