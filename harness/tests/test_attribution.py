"""The fitted attribution models against numpy, on DuckDB and on Postgres.

Removal effects are compared with what is left when a channel is really removed, and solved anew;
added chances, less the base, with numpy's least squares on the journeys one by one.
"""

import numpy as np
import pandas as pd
import pytest

from harness.dev.effects import EffectsProject
from harness.dev.postgres import copy, cursor, environment, execute, postgres

# The last one is never seen.
CHANNELS = [f"channel_{number:02d}" for number in range(12)]
SEEN = CHANNELS[:-1]
CLOSER, LOSER = SEEN[0], SEEN[1]  # leads straight to a conversion; straight to nothing
BASE = 0.01  # base_conversion_rate of the project
MONTHS = pd.period_range("2025-01", "2026-03", freq="M")
NO_CELLS = pd.DataFrame({
    name: pd.Series(dtype=kind) for name, kind in
    (("system_no", "int64"), ("row_no", "int64"), ("column_no", "int64"), ("cell_value", float))
})  # fmt: skip


def random_journeys(count, seed):
    """Touches of journeys over 15 months whose channels differ in what they add."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        kind = ("registration", "first_order")[number % 2]
        path = list(rng.choice(SEEN[2:], 1 + rng.poisson(1.8)))
        chance = 0.05 + sum(0.02 * SEEN.index(channel) for channel in path)
        is_converted = bool(rng.random() < chance)
        if rng.random() < 0.2:
            is_converted = bool(rng.random() < 0.5)
            path += [CLOSER if is_converted else LOSER]
        ended = MONTHS[rng.integers(len(MONTHS))].to_timestamp()
        ended += pd.Timedelta(days=int(rng.integers(28)))
        for touch_no, channel in enumerate(path, 1):
            rows.append((kind, f"j{number}", channel, touch_no, len(path), is_converted, ended))
    names = ["conversion_type", "journey_key", "channel_key", "touch_no", "touch_count"]
    journeys = pd.DataFrame(rows, columns=[*names, "is_converted", "ended_date"])
    journeys["ended_date"] = journeys["ended_date"].dt.date
    return journeys


JOURNEYS = random_journeys(3000, 1)


def fit(project, journeys, cells=NO_CELLS):
    """All models on given journeys; effects by version, and the solved systems."""
    project.write(journeys, cells)
    project.run()
    key = ["conversion_type", "version_month_date", "attribution_model", "channel_key"]
    effects = project.table("int_channel_effects").sort_values(key).reset_index(drop=True)
    effects["version_month_date"] = pd.to_datetime(effects["version_month_date"])
    return effects.drop(columns="channel_effect_key")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return EffectsProject(tmp_path_factory.mktemp("effects") / "project")


@pytest.fixture(scope="module")
def effects(project):
    return fit(project, JOURNEYS)


def of_version(kind, month):
    """Journeys of the 12 months up to a month, each a list of channels and whether it converted."""
    ended = pd.PeriodIndex(pd.to_datetime(JOURNEYS["ended_date"]), freq="M")
    chosen = JOURNEYS[
        (JOURNEYS["conversion_type"] == kind) & (ended <= month) & (ended > month - 12)
    ].sort_values(["journey_key", "touch_no"])
    grouped = chosen.groupby("journey_key")
    return [(list(g["channel_key"]), bool(g["is_converted"].iloc[0])) for _, g in grouped]


def conversion_chance(journeys, removed=None):
    """Chance of a conversion from the start of the chain; whoever comes to `removed` is lost."""
    names = ["(start)", *SEEN, "(conversion)", "(nothing)"]
    counts = np.zeros((len(names), len(names)))
    for path, is_converted in journeys:
        path = [channel for n, channel in enumerate(path) if n == 0 or path[n - 1] != channel]
        states = ["(start)", *path, "(conversion)" if is_converted else "(nothing)"]
        for here, there in zip(states, states[1:], strict=False):
            counts[names.index(here), names.index(there)] += 1
    out = counts.sum(axis=1, keepdims=True)
    chances = np.divide(counts, out, out=np.zeros_like(counts), where=out > 0)
    if removed:
        chances[:, names.index(removed)] = 0
    inner = len(names) - 2
    solved = np.linalg.solve(np.eye(inner) - chances[:inner, :inner], chances[:inner, inner])
    return solved[0]


VERSIONS = [("registration", MONTHS[0]), ("first_order", MONTHS[11]), ("first_order", MONTHS[14])]


def found(effects, model, kind, month):
    """Effects of one version by channel."""
    chosen = effects[
        (effects["attribution_model"] == model)
        & (effects["conversion_type"] == kind)
        & (effects["version_month_date"] == month.to_timestamp())
    ]
    return dict(zip(chosen["channel_key"], chosen["effect"], strict=True))


@pytest.mark.parametrize("kind, month", VERSIONS)
def test_removal_effects_are_what_removing_does(effects, kind, month):
    journeys = of_version(kind, month)
    whole = conversion_chance(journeys)
    got = found(effects, "markov", kind, month)
    seen = {channel for path, _ in journeys for channel in path}
    assert set(got) == seen and CHANNELS[-1] not in got
    for channel in seen:
        expected = 1 - conversion_chance(journeys, channel) / whole
        assert got[channel] == pytest.approx(expected, abs=1e-9), channel
    assert got.get(LOSER, 0) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind, month", VERSIONS)
def test_added_chances_are_those_of_least_squares(effects, kind, month):
    journeys = of_version(kind, month)
    seen = sorted({channel for path, _ in journeys for channel in path})
    design = np.array([[float(path.count(channel)) for channel in seen] for path, _ in journeys])
    outcome = np.array([is_converted - BASE for _, is_converted in journeys])
    expected = np.linalg.lstsq(design, outcome, rcond=None)[0]
    got = found(effects, "data_driven", kind, month)
    assert set(got) == set(seen)
    for channel, coefficient in zip(seen, expected, strict=True):
        assert got[channel] == pytest.approx(max(coefficient, 0), abs=1e-9), channel


def test_later_journeys_move_no_closed_month(project, effects):
    until = MONTHS[9].end_time.date()
    before = fit(project, JOURNEYS[JOURNEYS["ended_date"] <= until])
    closed = effects[effects["version_month_date"] <= MONTHS[9].end_time]
    pd.testing.assert_frame_equal(before, closed.reset_index(drop=True), check_exact=True)


def test_the_order_of_rows_means_nothing(project, effects):
    shuffled = JOURNEYS.sample(frac=1, random_state=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(fit(project, shuffled), effects, check_exact=True)


def test_without_journeys_there_are_no_effects(project):
    assert len(fit(project, JOURNEYS.iloc[:0])) == 0


def test_where_all_converted_touches_have_all_but_the_base(project):
    alike = JOURNEYS[JOURNEYS["touch_count"] == 1].assign(is_converted=True, channel_key="only")
    got = fit(project, alike)
    hazards = got[got["attribution_model"] == "data_driven"]
    assert len(hazards)
    np.testing.assert_allclose(hazards["effect"], 1 - BASE, rtol=0, atol=1e-9)
    assert (got[got["attribution_model"] == "markov"]["effect"] == 1).all()


def cells_of(system_no, matrix, numbers=None):
    """Cells of a matrix whose first row and column are carried along."""
    rows, columns = np.indices(matrix.shape)
    numbers = np.arange(len(matrix)) if numbers is None else numbers
    return pd.DataFrame({
        "system_no": system_no, "row_no": numbers[rows.ravel()],
        "column_no": numbers[columns.ravel()], "cell_value": matrix.ravel(),
    })  # fmt: skip


def chain(seed, size):
    """A chain of states that may stay where they are, bordered by its way in and its way out."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.full(size + 2, 0.5), size + 1)
    chances[3, 1:-2] = 0  # state 3 leads only out
    chances[3] /= chances[3].sum()
    chances[5, 5] += 1  # state 5 mostly stays
    chances[5] /= chances[5].sum()
    matrix = np.empty((size + 1, size + 1))
    matrix[:, 1:] = -chances[:, 1:-1]
    matrix[1:, 1:] += np.eye(size)
    matrix[:, 0] = chances[:, -1]
    return matrix


def swept(matrix):
    """What sweeping all but the first row and column gives, by numpy."""
    inverse = np.linalg.inv(matrix[1:, 1:])
    out = np.empty_like(matrix)
    out[1:, 1:] = inverse
    out[1:, 0] = inverse @ matrix[1:, 0]
    out[0, 1:] = -matrix[0, 1:] @ inverse
    out[0, 0] = matrix[0, 0] - matrix[0, 1:] @ inverse @ matrix[1:, 0]
    return out


def solved(project, *systems):
    """Swept matrices, by number of system."""
    project.write(JOURNEYS.iloc[:0], pd.concat(systems))
    project.run()
    table = project.table("solved")
    return {
        number: part.pivot(index="row_no", columns="column_no", values="cell_value").to_numpy()
        for number, part in table.groupby("system_no")
    }


def test_systems_of_any_size_are_solved_at_once(project):
    matrices = {number: chain(number, size) for number, size in ((1, 12), (2, 7), (7, 14))}
    got = solved(project, *(cells_of(number, matrix) for number, matrix in matrices.items()))
    for number, matrix in matrices.items():
        np.testing.assert_allclose(got[number], swept(matrix), rtol=0, atol=1e-9)


def test_an_unknown_that_others_tell_is_taken_out(project):
    rng = np.random.default_rng(4)
    design = rng.normal(size=(50, 4))
    design[:, 3] = design[:, 0] + design[:, 1]
    design /= np.linalg.norm(design, axis=0)
    outcome = rng.normal(size=50)
    matrix = np.zeros((5, 5))
    matrix[1:, 1:], matrix[1:, 0] = design.T @ design, design.T @ outcome
    matrix[0, 1:] = matrix[1:, 0]
    got = solved(project, cells_of(1, matrix))[1]
    assert got[4].tolist() == [0] * 5 and got[:, 4].tolist() == [0] * 5
    expected = np.linalg.lstsq(design[:, :3], outcome, rcond=None)[0]
    np.testing.assert_allclose(got[1:4, 0], expected, rtol=0, atol=1e-9)


def test_postgres_fits_the_same(project, effects):
    project.write(JOURNEYS, NO_CELLS)
    with postgres() as host, environment(EFFECTS_PG_HOST=host):
        execute(
            host,
            "create table journeys (conversion_type text, journey_key text, channel_key text,"
            " touch_no bigint, touch_count bigint, is_converted boolean, ended_date date)",
            "create table cells (system_no bigint, row_no bigint, column_no bigint,"
            " cell_value double precision)",
        )
        copy(host, f"from '{project.path}/journeys.parquet'", "journeys")
        project.run("postgres")
        with cursor(host) as rows:
            rows.execute(
                "select channel_key, effect, touch_count, converted_touch_count"
                " from int_channel_effects"
                " order by conversion_type, version_month_date, attribution_model, channel_key"
            )
            got = rows.fetchall()
    assert [row[0] for row in got] == list(effects["channel_key"])
    np.testing.assert_allclose([row[1] for row in got], effects["effect"], rtol=0, atol=1e-9)
    assert [row[2] for row in got] == list(effects["touch_count"])
