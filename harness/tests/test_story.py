"""The whole story: one channel brings many, one brings those who stay, and a budget moves.

A simulated business (harness/dev/simulation/story.py) moves most of its short video budget to paid
search in half of the regions. The project must see before the move what either channel brings,
and after it what the move did, which the simulator knows.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from harness.dev.simulation import catalogue, story
from harness.dev.simulation.settings import DAY, Run
from harness.dev.workshop import NO_TESTS, REPO, Workshop

OPTIONS = "--scenario move --people 40000 --days 540 --seed 1 --noise none --out"
NOT_NEEDED = ("messaging", "feedback", "experiments")
MARTS = ("strategy_effects", "channel_cohorts", "repeat_rate", "repurchase_cycle", "dim_stores")
CHEAP, LOYAL = story.FROM, story.TO
# Whole months before the move, from where new customers are known to be new.
BEFORE = "{month} >= date '2025-05-01' and {month} < date '2025-10-01'"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The business built as far as the story needs; a workshop, and the folder of the truth."""
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
    workshop.succeed("build", *NO_TESTS, "--select", *(f"+{mart}" for mart in MARTS))
    return workshop, out / "truth"


def rows(told, query):
    """Rows of a query over the warehouse; {truth} is the folder of the truth."""
    workshop, truth = told
    with duckdb.connect(str(workshop.data / "omniloop.duckdb"), read_only=True) as con:
        return con.execute(query.replace("{truth}", str(truth))).fetchall()


def by_channel(told, query):
    """Figures of the two channels by the first column."""
    return {row[0]: row[1:] for row in rows(told, query) if row[0] in (CHEAP, LOYAL)}


def test_the_cheap_channel_brings_many_who_are_worth_little(told):
    before = BEFORE.format(month="month_date")
    found = by_channel(told, f"""
        select acquisition_channel_key, sum(new_customers), sum(spend) / sum(new_customers),
            sum(margin_amount) / sum(mature_customers), sum(margin_amount) / sum(spend)
        from marts.channel_cohorts where horizon_days = 180 and {before} group by 1""")
    (many, cheap, poor, little), (few, dear, rich, much) = found[CHEAP], found[LOYAL]
    assert many > 1.5 * few and 1.2 * cheap < dear
    assert 2 * poor < rich and little < much


def test_who_comes_by_the_dear_channel_comes_back(told):
    before = BEFORE.format(month="cohort_month_date")
    found = by_channel(told, f"""
        select acquisition_channel_key, sum(repeat_customers) / sum(mature_customers)
        from marts.repeat_rate where horizon_days = 90 and {before} group by 1""")
    assert found[CHEAP][0] < 0.25 and found[LOYAL][0] > 0.6


def test_and_does_so_every_three_weeks(told):
    found = by_channel(told, """
        select acquisition_channel_key, returned_median_days, km_median_days
        from marts.repurchase_cycle where category_name = 'all' and gap_type = 'repeat'""")
    assert abs(found[LOYAL][0] - 21) <= 2 and abs(found[LOYAL][1] - 21) <= 5
    first = by_channel(told, """
        select acquisition_channel_key, km_median_days
        from marts.repurchase_cycle where category_name = 'all' and gap_type = 'first_to_second'""")
    # Of the cheap channel's customers fewer than half ever come back.
    assert first[CHEAP][0] is None and first[LOYAL][0] < 60


def test_the_move_did_what_it_truly_did(told):
    found = rows(told, """
        select outcome_name, evidence_status, daily_effect_lower, daily_effect_upper,
            true_effects.daily_effect
        from marts.strategy_effects
        left join '{truth}/strategy.parquet' as true_effects using (change_name, outcome_name)""")
    assert len(found) == 5
    for outcome, status, lower, upper, true in found:
        assert status == "causal"
        assert true is None or lower <= true <= upper, outcome
    bounds = {outcome: (lower, upper) for outcome, _, lower, upper, _ in found}
    # Fewer new customers, and more of everything that counts.
    assert bounds["new_customers"][1] < 0
    for outcome in ("repeat_purchases", "valid_orders", "net_revenue", "margin"):
        assert bounds[outcome][0] > 0, outcome


def test_the_project_works_it_out_another_way(told):
    succeeded, said = told[0].dbt(
        "test", "--exclude-resource-type", "unit_test", "--select", "strategy_effects",
        "strategy_changes", "strategy_change_units")  # fmt: skip
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
    workshop, _ = told
    units = workshop.project / "seeds/strategy_change_units.csv"
    right = units.read_text()
    units.write_text(f"{right}{story.CHANGE_NAME},上海滩,control\nno_change,上海,treated\n")
    succeeded, said = workshop.dbt(
        "build", "--select", "strategy_change_units", "--exclude-resource-type", "unit_test")
    units.write_text(right)
    assert not succeeded
    assert (f"seeds/strategy_change_units.csv, row of {story.CHANGE_NAME} and 上海滩, column unit: "
            "is no region of the warehouse") in said
    assert ("seeds/strategy_change_units.csv, row of no_change and 上海, column change_name: "
            "is not listed in seeds/strategy_changes.csv") in said
