"""Effects of changes of strategy on panels whose truth is known: do the intervals keep their word?

Each panel has 30 regions, half of them treated, over 24 weeks; a region's weeks resemble the week
before (AR(1)), and regions differ in size. All panels are judged in one run of the models.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness.dev.effects import EffectsProject
from harness.dev.postgres import copy, cursor, environment, execute, postgres

UNITS, WEEKS, LIKENESS, NOISE = 30, 24, 0.6, 4.0
CHANGED = pd.Timestamp("2026-01-05")
TRUE_EFFECTS = {"helps": 5.0, "idle": 0.0}
PANELS = 200
OURS = ("int_strategy_units", "int_strategy_measures", "strategy_effects")
GIVEN = {
    "strategy_changes": "select change_name, change_name as change_name_zh, 'region' as unit_type,"
    " cast('2026-01-05' as date) as changed_date, 84 as pre_days, 84 as post_days"
    " from (select distinct change_name from {{ var('units') }}) as changes",
    "strategy_change_units": "select * from {{ var('units') }}",
    "int_strategy_panel": "select unit_type, unit, outcome_name, outcome,"
    " cast(outcome_date as date) as outcome_date from {{ var('panel') }}",
    "int_as_of": "select 'roi' as metric_family, cast('2026-12-31' as date) as as_of_date",
}
# As if each week of a region were a region of its own.
ROWS_AS_UNITS = GIVEN | {
    "int_strategy_units": """
        select change_name, 'net_revenue' as outcome_name, unit, arm, week,
            sum(case when outcome_date < changed_date then outcome else 0 end) / 7 as pre_mean,
            sum(case when outcome_date >= changed_date then outcome else 0 end) / 7 as post_mean,
            0.0e0 as placebo_change, 0.0e0 as weekly_slope, true as has_history, true as is_over,
            cast('2026-03-29' as date) as ended_date
        from (
            select changes.change_name, units.unit, units.arm, panel.outcome, panel.outcome_date,
                changes.changed_date,
                abs({{ days_between('changes.changed_date', 'panel.outcome_date') }}) % 84 as week
            from {{ ref('strategy_changes') }} as changes
            inner join {{ ref('strategy_change_units') }} as units
                on changes.change_name = units.change_name
            inner join {{ ref('int_strategy_panel') }} as panel on units.unit = panel.unit
        ) as weeks
        group by change_name, unit, arm, week""",
}


def weeks_of(rng, size):
    """Noise of weeks (size, units, weeks) that resemble the week before."""
    noise = np.empty((size, UNITS, WEEKS))
    noise[..., 0] = rng.normal(0, NOISE, (size, UNITS))
    for week in range(1, WEEKS):
        fresh = rng.normal(0, NOISE * np.sqrt(1 - LIKENESS**2), (size, UNITS))
        noise[..., week] = LIKENESS * noise[..., week - 1] + fresh
    return noise


def draw(seed, size, effect=0.0, drift=0.0):
    """Weekly outcomes (size, units, weeks); the first half of the units is treated."""
    rng = np.random.default_rng(seed)
    outcome = rng.normal(200, 40, (size, UNITS, 1)) + rng.normal(0, 1, (size, 1, WEEKS))
    outcome = outcome + weeks_of(rng, size)
    outcome[:, : UNITS // 2, WEEKS // 2 :] += effect
    outcome[:, : UNITS // 2] += drift * np.arange(WEEKS)
    return outcome.round(2)


WORLDS = {name: draw(seed, PANELS, effect)
          for seed, (name, effect) in enumerate(TRUE_EFFECTS.items())}  # fmt: skip
WORLDS["drifts"] = draw(7, 50, drift=0.8)


def tables():
    """The panel in rows, a week on its first day, and the units with their arms."""
    panel, units = [], []
    days = [(CHANGED + pd.Timedelta(weeks=week - WEEKS // 2)).date() for week in range(WEEKS)]
    for world, outcomes in WORLDS.items():
        size = len(outcomes)
        names = np.array([f"{world}_{number:03d}" for number in range(size)], object)
        keys = np.array([[f"{name}_{unit:02d}" for unit in range(UNITS)] for name in names], object)
        arms = np.where(np.arange(UNITS) < UNITS // 2, "treated", "control")
        units.append(pd.DataFrame({
            "change_name": np.repeat(names, UNITS), "unit": keys.ravel(),
            "arm": np.tile(arms, size),
        }))  # fmt: skip
        panel.append(pd.DataFrame({
            "unit_type": "region", "unit": np.repeat(keys.ravel(), WEEKS),
            "outcome_name": "net_revenue", "outcome": outcomes.ravel(),
            "outcome_date": np.tile(np.array(days, object), size * UNITS),
        }))  # fmt: skip
    return {"panel": pd.concat(panel), "units": pd.concat(units)}


def judge(folder, ours=OURS, given=GIVEN):
    """Run the models over all panels; gives the project and its effects per week by change."""
    project = EffectsProject(folder / "project", ours, given)
    project.give(**tables())
    project.run()
    return project, weekly(project.table("strategy_effects"))


def weekly(effects):
    """Effects by change, per week instead of per day, with the world they come from."""
    effects = effects.set_index("change_name").sort_index()
    effects["world"] = [name.split("_")[0] for name in effects.index]
    for name in ("daily_effect", "daily_effect_lower", "daily_effect_upper"):
        effects[name.replace("daily_", "")] = effects[name].astype(float) * 7
    return effects


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    return judge(tmp_path_factory.mktemp("strategy"))


def covering(effects, world):
    """Share of a world's panels whose interval covers the true effect."""
    own, true = effects[effects["world"] == world], TRUE_EFFECTS[world]
    return ((own["effect_lower"] <= true) & (own["effect_upper"] >= true)).mean()


@pytest.mark.parametrize("world", TRUE_EFFECTS)
def test_intervals_cover_the_truth(judged, world):
    assert 0.92 <= covering(judged[1], world) <= 0.98


def test_few_idle_changes_seem_to_do_something(judged):
    assert 1 - covering(judged[1], "idle") < 0.08


def test_effects_are_found_and_are_as_large_as_they_are(judged):
    effects = judged[1][judged[1]["world"] == "helps"]
    assert (effects["effect_lower"] > 0).mean() > 0.9
    assert effects["effect"].mean() == pytest.approx(TRUE_EFFECTS["helps"], abs=0.3)


def test_arms_that_drift_apart_are_no_evidence(judged):
    shares = judged[1].groupby("world")["evidence_status"].value_counts(normalize=True)
    assert shares["drifts"].get("not_parallel", 0) > 0.9
    # Two checks at 95 % each.
    assert shares["idle"].get("causal", 0) > 0.85
    assert set(judged[1]["evidence_status"]) == {"causal", "not_parallel"}


def test_each_interval_is_that_of_scipy(judged):
    for world, outcomes in WORLDS.items():
        before, after = outcomes[..., : WEEKS // 2], outcomes[..., WEEKS // 2 :]
        moved = after.mean(axis=2) - before.mean(axis=2)
        test = stats.ttest_ind(moved[:, : UNITS // 2], moved[:, UNITS // 2 :], axis=1,
                               equal_var=False)  # fmt: skip
        interval = test.confidence_interval()
        own = judged[1][judged[1]["world"] == world]
        assert own["effect_lower"].to_numpy() == pytest.approx(interval.low, abs=1e-3)
        assert own["effect_upper"].to_numpy() == pytest.approx(interval.high, abs=1e-3)


def test_trends_are_those_of_least_squares(judged):
    outcomes = WORLDS["drifts"][..., : WEEKS // 2]
    days = np.arange(WEEKS // 2) * 7
    full = np.zeros((*outcomes.shape[:2], 84))
    full[..., days] = outcomes
    slopes = np.polynomial.polynomial.polyfit(np.arange(84), full.reshape(-1, 84).T, 1)[1]
    slopes = 7 * slopes.reshape(outcomes.shape[:2])
    expected = slopes[:, : UNITS // 2].mean(axis=1) - slopes[:, UNITS // 2 :].mean(axis=1)
    own = judged[1][judged[1]["world"] == "drifts"]["weekly_trend_difference"]
    assert own.astype(float).to_numpy() == pytest.approx(expected, abs=1e-5)


def test_weeks_taken_for_units_would_be_seen(tmp_path):
    _, effects = judge(tmp_path, OURS[1:], ROWS_AS_UNITS)
    assert 1 - covering(effects, "idle") > 0.2


def test_postgres_finds_the_same(judged):
    project, effects = judged
    with postgres() as host, environment(EFFECTS_PG_HOST=host):
        execute(
            host,
            "create table panel (unit_type text, unit text, outcome_name text,"
            " outcome double precision, outcome_date date)",
            "create table units (change_name text, unit text, arm text)",
        )
        # Ten of each world: without statistics Postgres joins row by row.
        some = "where split_part(unit, '_', 2) < '010'"
        for name in ("panel", "units"):
            copy(host, f"from '{project.path}/{name}.parquet' {some}", name)
        project.run("postgres")
        with cursor(host) as reader:
            reader.execute(
                "select change_name, evidence_status, daily_effect, daily_effect_lower,"
                " weekly_trend_upper, placebo_effect from strategy_effects order by 1")
            found = pd.DataFrame(reader.fetchall(), columns=[c.name for c in reader.description])
    found = found.set_index("change_name")
    effects = effects.loc[found.index]
    assert len(found) == 10 * len(WORLDS)
    assert list(found.pop("evidence_status")) == list(effects["evidence_status"])
    for name in found:
        expected = effects[name].astype(float).to_numpy()
        assert found[name].astype(float).to_numpy() == pytest.approx(expected, abs=2e-6)
