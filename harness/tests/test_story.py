"""The whole story: one channel brings many, one brings those who stay, and a budget moves.

A simulated business (harness/dev/simulation/story.py) moves most of its short video budget to paid
search in half of the regions. On the day before, the project must see what either channel brings
and recommend the move; afterwards it must see what the move did, which the simulator knows.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from harness.dev.simulation import catalogue, story
from harness.dev.simulation.settings import DAY, Run
from harness.dev.workshop import NO_TESTS, REPO, Workshop

OPTIONS = "--scenario move --spend varied --people 40000 --days 540 --seed 1 --noise none --out"
NOT_NEEDED = ("messaging", "feedback", "experiments")
DAY_BEFORE = "{as_of_date: 2025-10-28}"
CHEAP, LOYAL = story.FROM, story.TO


def rows(workshop, query):
    """Rows of a query over the warehouse as dicts."""
    with duckdb.connect(str(workshop.data / "omniloop.duckdb"), read_only=True) as con:
        return con.execute(query).df().to_dict("records")


def by_channel(workshop, mart, key):
    """Rows of a mart by channel."""
    return {row[key]: row for row in rows(workshop, f"from marts.{mart}")}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The workshop after the move, the folder of the truth, and two marts of the day before it."""
    out = tmp_path_factory.mktemp("simulated")
    arguments = [sys.executable, "-m", "harness.dev.simulate", *OPTIONS.split(), str(out)]
    subprocess.run(arguments, check=True, cwd=REPO)
    for source in NOT_NEEDED:
        shutil.rmtree(out / "raw" / source)
    workshop = Workshop(tmp_path_factory.mktemp("story")).without_comments()
    workshop.use("data")
    workshop.land(out / "raw")
    for seed in (out / "seeds").iterdir():
        shutil.copy(seed, workshop.project / "seeds")
    build = ("build", "--no-write-json", *NO_TESTS, "--select")
    wanted = ("+channel_quality", "+budget_recommendations")
    workshop.succeed(*build, *wanted, "--vars", DAY_BEFORE)
    quality = by_channel(workshop, "channel_quality", "acquisition_channel_key")
    advice = by_channel(workshop, "budget_recommendations", "channel_key")
    workshop.succeed(*build, "+strategy_effects", "+dim_stores")
    return workshop, out / "truth", quality, advice


def test_the_cheap_channel_brings_many_who_are_worth_little(told):
    many, few = told[2][CHEAP], told[2][LOYAL]
    assert many["new_customers"] > 2 * few["new_customers"]
    assert 1.2 * many["cac_amount"] < few["cac_amount"]
    assert 2 * many["ltv_margin_90d_high_amount"] < 1.1 * few["ltv_margin_90d_low_amount"]


def test_who_comes_by_the_dear_channel_comes_back(told):
    many, few = told[2][CHEAP], told[2][LOYAL]
    assert many["repeat_90d_high_rate"] < 0.25 and few["repeat_90d_low_rate"] > 0.6
    assert many["quality_note"] == "fewer_come_back" and few["quality_note"] == "more_come_back"


def test_and_does_so_every_three_weeks(told):
    many, few = told[2][CHEAP], told[2][LOYAL]
    assert abs(few["returned_median_days"] - 21) <= 2 and abs(few["km_median_days"] - 21) <= 5
    assert pd.isna(many["km_median_days"])  # fewer than half ever come back


def test_the_project_recommends_the_move(told):
    many, few = told[3][CHEAP], told[3][LOYAL]
    assert many["recommendation_status"] == few["recommendation_status"] == "recommended"
    assert many["marginal_roi_upper"] < few["marginal_roi"]
    assert many["change_share"] <= -0.1 and few["change_share"] >= 0.25


def test_the_move_did_what_it_truly_did(told):
    workshop, truth = told[:2]
    found = rows(workshop, f"""
        select outcome_name, evidence_status, daily_effect_lower, daily_effect_upper,
            true_effects.daily_effect
        from marts.strategy_effects
        left join '{truth}/strategy.parquet' as true_effects using (change_name, outcome_name)""")
    assert len(found) == 5
    for each in found:
        assert each["evidence_status"] == "causal"
        if not np.isnan(each["daily_effect"]):
            is_inside = each["daily_effect_lower"] <= each["daily_effect"]
            assert is_inside and each["daily_effect"] <= each["daily_effect_upper"], each
    gains = {each["outcome_name"]: each["daily_effect_lower"] > 0 for each in found}
    # No more new customers, and more of everything that counts.
    assert gains.pop("new_customers") is False and all(gains.values())


def test_the_project_works_it_out_another_way(told):
    succeeded, said = told[0].dbt(
        "test", "--no-write-json", "--exclude-resource-type", "unit_test", "--select",
        "strategy_effects", "strategy_changes", "strategy_change_units")  # fmt: skip
    assert succeeded, said


def test_the_move_costs_nothing(monkeypatch):
    run = Run(1_000, 540, 1, "none", Path("unused"), scenario="move")
    moved, _ = catalogue.spend(run)
    monkeypatch.setattr(story, "MOVED_SHARE", 0)
    usual, _ = catalogue.spend(run)
    day = (story.changed_at(run) - run.start) // DAY
    np.testing.assert_allclose(moved.sum(axis=0), usual.sum(axis=0))
    np.testing.assert_array_equal(moved[:, :day], usual[:, :day])
    cheap = catalogue.CAMPAIGN_CHANNEL == catalogue.CHANNEL[CHEAP]
    kept = moved[cheap, day:].sum() / usual[cheap, day:].sum()
    assert kept == pytest.approx(1 - 0.9 * story.TREATED_SHARE)


def test_a_unit_that_does_not_exist_is_named(told):
    workshop = told[0]
    units = workshop.project / "seeds/strategy_change_units.csv"
    right = units.read_text()
    units.write_text(f"{right}{story.CHANGE_NAME},上海滩,control\nno_change,上海,treated\n")
    succeeded, said = workshop.dbt(
        "build", "--no-write-json", "--select", "strategy_change_units",
        "--exclude-resource-type", "unit_test")  # fmt: skip
    units.write_text(right)
    assert not succeeded
    assert (f"seeds/strategy_change_units.csv, row of {story.CHANGE_NAME} and 上海滩, column unit: "
            "is no region of the warehouse") in said
    assert ("seeds/strategy_change_units.csv, row of no_change and 上海, column change_name: "
            "is not listed in seeds/strategy_changes.csv") in said
