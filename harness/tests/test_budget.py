"""Recommended budgets against panels whose truth is known, and the truth against its own laws."""

import numpy as np
import pandas as pd
import pytest

from harness.dev import panel as panels
from harness.dev.panel import CHANNELS, TABLES, PanelProject
from harness.dev.postgres import copy, cursor, environment, execute, postgres
from harness.dev.simulation import budget_truth, catalogue
from harness.dev.simulation.settings import Run

SEEDS = (1, 2, 3, 4, 5, 6)


@pytest.fixture(scope="module")
def advise(tmp_path_factory):
    """Gives a panel and the recommendations for it; each panel is run once."""
    project, kept = PanelProject(tmp_path_factory.mktemp("panel") / "project"), {}

    def advised(seed, spending="varied"):
        if (seed, spending) not in kept:
            panel = panels.draw(seed, spending)
            kept[seed, spending] = panel, project.advise(panel)
        return kept[seed, spending]

    return advised


def numbers(advice, column):
    return advice[column].astype(float).to_numpy()


@pytest.mark.parametrize("seed", SEEDS)
def test_advice_has_most_of_the_possible_gain(advise, seed):
    panel, advice = advise(seed)
    assert set(advice["recommendation_status"]) == {"recommended"}
    spend = numbers(advice, "recommended_daily_spend_amount")
    assert panel.gain(spend) >= 0.7 * panel.gain(panel.best())
    told, true = pd.Series(numbers(advice, "marginal_roi")), pd.Series(panel.marginal())
    assert told.corr(true, method="spearman") >= 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_and_bounds_are_kept(advise, seed):
    panel, advice = advise(seed)
    spend = numbers(advice, "recommended_daily_spend_amount")
    assert abs(spend.sum() - panel.current.sum()) <= 0.01 * len(CHANNELS)
    assert (np.abs(spend / panel.current - 1) <= panels.MOVE_LIMIT + 1e-4).all()
    assert abs(numbers(advice, "expected_daily_gain_amount").sum()) > 0


def test_intervals_hold_the_truth_as_often_as_they_say(advise):
    held = []
    for seed in SEEDS:
        panel, advice = advise(seed)
        true = panel.marginal() - 1
        low, high = (numbers(advice, f"marginal_roi_{end}") for end in ("lower", "upper"))
        held += list((low <= true) & (true <= high))
    assert np.mean(held) >= 0.6, "a power curve's intervals are narrow where the truth is a Hill's"


@pytest.mark.parametrize("seed", (1, 2, 3))
@pytest.mark.parametrize(
    ("spending", "status"), [("following", "endogenous_spend"), ("flat", "insufficient_variation")]
)
def test_spend_that_teaches_nothing_gets_no_advice(advise, seed, spending, status):
    _, advice = advise(seed, spending)
    assert (advice["recommendation_status"] == status).sum() >= 4
    silent = advice["recommendation_status"] != "recommended"
    assert advice.loc[silent, "recommended_daily_spend_amount"].isna().all()


def test_postgres_recommends_the_same(tmp_path):
    project = PanelProject(tmp_path / "project")
    told = project.advise(panels.draw(1))
    with postgres() as host, environment(EFFECTS_PG_HOST=host):
        for name in TABLES:
            execute(host, f"create table given_{name} ({project.types(name)})")
            copy(host, f"from '{project.path}/{name}.parquet'", f"given_{name}")
        project.run("postgres")
        with cursor(host) as rows:
            rows.execute("select recommendation_status, recommended_daily_spend_amount,"
                         " marginal_roi from budget_recommendations order by channel_key")
            got = rows.fetchall()
    assert [row[0] for row in got] == list(told["recommendation_status"])
    for place, column in ((1, "recommended_daily_spend_amount"), (2, "marginal_roi")):
        found = [float(row[place]) for row in got]
        np.testing.assert_allclose(found, numbers(told, column), rtol=0, atol=0.011)


@pytest.fixture(scope="module")
def truth():
    """The simulator's curves of a run whose touches caused ten first orders a channel."""
    run = Run(1_000, 400, 3, "none", None, spend="varied")
    caused = np.full((len(catalogue.CHANNELS), len(catalogue.TYPES)), 10 / 3)
    totals = {"caused": caused.sum(axis=1), "caused_types": caused,
              "type_buyers": np.array([4, 4, 4]), "type_value": np.array([400.0, 800.0, 1200.0])}
    budget, _ = catalogue.spend(run)
    return budget_truth.curves(run, budget, totals)


def test_true_curves_give_back_what_was_caused(truth):
    # near the mean of spend a day is worth a share of ten first orders at 200 CNY each
    a_day = budget_truth.true_value(truth, truth["current_spend"])
    assert np.allclose(truth["top_value"] / truth["top_first_orders"], 200)
    assert (a_day > 0.3 * 2_000 / 400).all() and (a_day < 3 * 2_000 / 400).all()


def test_no_split_is_worth_more_than_the_best(truth):
    current = truth["current_spend"]
    best = truth["best_spend"]
    assert abs(best.sum() - current.sum()) < 1e-6 * current.sum()
    most = budget_truth.true_value(truth, best).sum()
    rng = np.random.default_rng(1)
    for _ in range(500):
        split = current * rng.uniform(0.7, 1.3, len(current))
        split *= current.sum() / split.sum()
        if (np.abs(split / current - 1) <= 0.3).all():
            assert budget_truth.true_value(truth, split).sum() <= most + 1e-9


@pytest.mark.parametrize(("spend", "low", "high"), [("varied", 0, 0.15), ("following", 0.8, 1)])
def test_spend_goes_with_demand_only_where_it_is_told_to(spend, low, high):
    run = Run(1_000, 700, 5, "none", None, spend=spend)
    budget, _ = catalogue.spend(run)
    weeks = run.days // 7
    weekly = [np.log(day[: weeks * 7].reshape(weeks, 7).sum(axis=1)) for day in
              [*budget, catalogue.season(run)]]  # fmt: skip
    for campaign in weekly[:-1]:
        assert low <= np.corrcoef(campaign, weekly[-1])[0, 1] ** 2 <= high
