"""The expressions of macros/statistics/effects.sql against scipy and published figures."""

from contextlib import contextmanager

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness.dev.postgres import cursor, postgres
from harness.dev.workshop import REPO

JINJA = jinja2.Environment()
JINJA.globals["as_double"] = "cast({} as double precision)".format
MACROS = JINJA.from_string((REPO / "macros/statistics/effects.sql").read_text())
SQL = MACROS.module


@contextmanager
def duckdb_cursor():
    """A cursor on an empty DuckDB."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def told(request):
    """Evaluates expressions over rows of named numbers (dicts) -> array (rows, expressions)."""

    def evaluate(reader, expressions, rows):
        values = ", ".join(f"({', '.join(map(str, row.values()))})" for row in rows)
        names, columns = ", ".join(rows[0]), ", ".join(expressions)
        reader.execute(f"select {columns} from (values {values}) as t ({names})")
        return np.array(reader.fetchall(), dtype=float)

    if request.param == "duckdb":
        with duckdb_cursor() as reader:
            yield lambda expressions, rows: evaluate(reader, expressions, rows)
    else:
        with postgres() as host, cursor(host) as reader:
            yield lambda expressions, rows: evaluate(reader, expressions, rows)


def groups(seed):
    """What two groups of people spent (two arrays, cents), and what they spent before."""
    rng = np.random.default_rng(seed)
    drawn = []
    for count in rng.integers(2, 60, 2):
        before = np.round(rng.lognormal(3, 1, count), 2)
        drawn.append((np.round(before * 0.6 + rng.lognormal(3, 0.8, count), 2), before))
    return drawn


def sums(measured, before, prefix=""):
    """Size, sums, and sums of squares and products of one group, as the columns of a row."""
    return {
        f"{prefix}n": len(measured),
        f"{prefix}s": f"{measured.sum():.2f}",
        f"{prefix}ss": f"{(measured**2).sum():.4f}",
        f"{prefix}b": f"{before.sum():.2f}",
        f"{prefix}bb": f"{(before**2).sum():.4f}",
        f"{prefix}sb": f"{(measured * before).sum():.4f}",
    }


PAIRS = [groups(seed) for seed in range(25)]
ROWS = [sums(*ours) | sums(*theirs, "c") for ours, theirs in PAIRS]
V, CV = SQL.sample_variance("n", "s", "ss"), SQL.sample_variance("cn", "cs", "css")


def test_welch_equals_scipy(told):
    expressions = (
        SQL.welch_standard_error(V, "n", CV, "cn"),
        SQL.welch_df(V, "n", CV, "cn"),
        f"(s / n - cs / cn) - {SQL.welch_margin(V, 'n', CV, 'cn')}",
        f"s / n + {SQL.mean_margin(V, 'n')}",
    )
    for row, (ours, theirs) in zip(told(expressions, ROWS), PAIRS, strict=True):
        test = stats.ttest_ind(ours[0], theirs[0], equal_var=False)
        difference = ours[0].mean() - theirs[0].mean()
        assert row[0] == pytest.approx(difference / test.statistic, rel=1e-9)
        assert row[1] == pytest.approx(test.df, rel=1e-9)
        if test.df > 9:
            assert row[2] == pytest.approx(test.confidence_interval(0.95).low, abs=5e-4 * row[0])
        if len(ours[0]) > 9:
            error = stats.sem(ours[0])
            high = stats.t.interval(0.95, len(ours[0]) - 1, ours[0].mean(), error)[1]
            assert row[3] == pytest.approx(high, abs=5e-4 * error)


def test_t_quantile_equals_scipy(told):
    days = [{"df": df} for df in (3, 5, 9, 28, 100.5, 4000)]
    found = told([SQL.t_quantile_975("df")], days)[:, 0]
    wanted = stats.t.ppf(0.975, [row["df"] for row in days])
    assert np.abs(found - wanted)[2:].max() < 5e-4
    assert np.abs(found - wanted).max() < 0.03


def test_groups_of_one_and_none_have_no_interval(told):
    rows = [{"v": "null::float8", "n": 1}, {"v": "null::float8", "n": 0}]
    expressions = (SQL.welch_margin("v", "n", "4.0", "9"), SQL.mean_margin("v", "n"))
    assert np.isnan(told(expressions, rows)).all()
    none = told(
        [SQL.wilson_lower("k", "n"), SQL.newcombe_upper("k", "n", "1", "2")], [{"k": 0, "n": 0}]
    )
    assert np.isnan(none).all()


def test_groups_that_do_not_vary_are_certain(told):
    assert told([SQL.welch_margin("v", "n", "0", "9")], [{"v": 0, "n": 5}]).tolist() == [[0]]


def test_wilson_equals_scipy(told):
    counts = [(0, 1), (0, 40), (1, 1), (3, 7), (122, 21306), (9, 9)]
    rows = [{"k": k, "n": n} for k, n in counts]
    for row, (k, n) in zip(
        told([SQL.wilson_lower("k", "n"), SQL.wilson_upper("k", "n")], rows), counts, strict=True
    ):
        interval = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert row == pytest.approx([interval.low, interval.high], abs=1e-12)


def test_newcombe_equals_published_intervals(told):
    """Newcombe 1998, table II, method 10; the last is the mailing of 21,307 and 21,306 people."""
    published = [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (10, 10, 0, 10, 0.6075, 1.0000),
        (267, 21307, 122, 21306, 0.00501, 0.00864),
    ]
    names = ("k", "n", "ck", "cn")
    rows = [dict(zip(names, row[:4], strict=True)) for row in published]
    expressions = [SQL.newcombe_lower(*names), SQL.newcombe_upper(*names)]
    found = told(expressions, rows)
    np.testing.assert_allclose(found, [row[4:] for row in published], rtol=0, atol=5.1e-5)
    np.testing.assert_allclose(found[-1], published[-1][4:], rtol=0, atol=5.1e-6)


def test_cuped_equals_numpy(told):
    covariance = SQL.sample_covariance("n", "s", "b", "sb")
    control_covariance = SQL.sample_covariance("cn", "cs", "cb", "csb")
    before, control_before = (
        SQL.sample_variance("n", "b", "bb"),
        SQL.sample_variance("cn", "cb", "cbb"),
    )
    theta = SQL.cuped_theta(covariance, before, "n", control_covariance, control_before, "cn")
    expressions = (
        theta,
        SQL.cuped_effect("(s / n - cs / cn)", theta, "b / n", "cb / cn"),
        SQL.cuped_variance(V, theta, covariance, before),
    )
    for row, (ours, theirs) in zip(told(expressions, ROWS), PAIRS, strict=True):
        measured, earlier = (
            np.concatenate([ours[part] - ours[part].mean(), theirs[part] - theirs[part].mean()])
            for part in (0, 1)
        )
        slope = (measured * earlier).sum() / (earlier**2).sum()
        adjusted = [group[0] - slope * group[1] for group in (ours, theirs)]
        wanted = [slope, adjusted[0].mean() - adjusted[1].mean(), adjusted[0].var(ddof=1)]
        assert row == pytest.approx(wanted, rel=1e-7, abs=1e-7)


def test_sample_ratio_equals_scipy(told):
    counts = [(500, 500, 0.5), (560, 440, 0.5), (903, 97, 0.9), (860, 140, 0.9)]
    rows = [dict(zip(("n", "cn", "share"), row, strict=True)) for row in counts]
    names = ("n", "cn", "share")
    mismatch = f"case when {SQL.is_sample_ratio_mismatch(*names)} then 1 else 0 end"
    found = told([SQL.sample_ratio_chi_square(*names), mismatch], rows)
    for row, (n, cn, share) in zip(found, counts, strict=True):
        test = stats.chisquare([n, cn], [(n + cn) * share, (n + cn) * (1 - share)])
        assert row[0] == pytest.approx(test.statistic, rel=1e-9)
        assert row[1] == (test.pvalue < 0.001)


def simulated_arms(repetitions, size):
    """Arms of 300 repetitions: what people spend (many nothing), 2 more in treatment on average."""
    rng = np.random.default_rng(11)
    shape = (repetitions, size)
    before = np.where(rng.random(shape) < 0.5, rng.lognormal(3, 0.7, shape), 0)
    treated = rng.random(shape) < 0.8
    spent = 0.7 * before + np.where(rng.random(shape) < 0.4, rng.lognormal(3, 0.7, shape), 0)
    return pd.DataFrame(
        {
            "repetition": np.repeat(np.arange(repetitions), size),
            "treated": treated.ravel(),
            "x": before.ravel().round(2),
            "y": (spent + np.where(treated, 2.0, 0.0)).ravel().round(2),
            "bought": (rng.random(shape) < np.where(treated, 0.16, 0.11)).astype(int).ravel(),
        }
    )


def test_intervals_cover_the_truth():
    """Welch, CUPED and Newcombe on 300 simulated campaigns of a known effect, in one query."""
    arms = simulated_arms(300, 500)
    moments = ", ".join(
        f"{f} filter ({'not ' * (not side)}treated) as {'c' * (not side)}{name}"
        for side in (True, False)
        for name, f in {
            "n": "count(*)",
            "s": "sum(y)",
            "ss": "sum(y * y)",
            "b": "sum(x)",
            "bb": "sum(x * x)",
            "sb": "sum(x * y)",
            "k": "sum(bought)",
        }.items()
    )
    covariance = SQL.sample_covariance("n", "s", "b", "sb")
    control_covariance = SQL.sample_covariance("cn", "cs", "cb", "csb")
    query = f"""
        with sums as (select repetition, {moments} from arms group by all),
        means as (select *, s / n - cs / cn as d, b / n - cb / cn as before, {V} as v, {CV} as cv,
            {covariance} as vxy, {control_covariance} as cvxy,
            {SQL.sample_variance("n", "b", "bb")} as vx,
            {SQL.sample_variance("cn", "cb", "cbb")} as cvx from sums),
        slopes as (select *, {SQL.cuped_theta("vxy", "vx", "n", "cvxy", "cvx", "cn")} as theta
            from means),
        adjusted as (select *, {SQL.cuped_effect("d", "theta", "before", "0")} as a,
            {SQL.cuped_variance("v", "theta", "vxy", "vx")} as av,
            {SQL.cuped_variance("cv", "theta", "cvxy", "cvx")} as acv from slopes),
        bounds as (select *, {SQL.welch_margin("v", "n", "cv", "cn")} as m,
            {SQL.welch_margin("av", "n", "acv", "cn")} as am,
            {SQL.newcombe_lower("k", "n", "ck", "cn")} as low,
            {SQL.newcombe_upper("k", "n", "ck", "cn")} as high from adjusted)
        select avg((2 between d - m and d + m)::int), avg((2 between a - am and a + am)::int),
            avg((0.05 between low and high)::int), avg(am) / avg(m) from bounds"""
    with duckdb_cursor() as reader:
        reader.register("arms", arms)
        ((welch, cuped, newcombe, width),) = reader.execute(query).fetchall()
    assert 0.92 <= welch <= 0.98
    assert 0.92 <= cuped <= 0.98
    assert 0.92 <= newcombe <= 0.98
    assert width < 0.9  # knowing what was before makes the interval shorter
