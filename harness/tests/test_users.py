"""Kaplan-Meier in SQL against numpy, on DuckDB and Postgres, in a project of its models alone."""

import csv
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from numpy.typing import NDArray

from harness.dev.postgres import cursor, environment, postgres
from harness.dev.workshop import REPO

CURVES = """
with tallied as (
    select category_name, gap_days, count(*) as gap_count,
        count(case when is_returned then 1 end) as ended
    from {{ ref('int_purchase_gaps') }}
    group by 1, 2
),
at_risk as (
    select *, sum(gap_count) over (partition by category_name order by gap_days desc) as at_risk
    from tallied
)
select category_name, gap_days,
    {{ km_survival('ended', 'at_risk', 'ages') }} as survival,
    {{ km_greenwood('ended', 'at_risk', 'ages') }} as greenwood
from at_risk
window ages as (partition by category_name order by gap_days)
"""
DEFAULTS = {"p50_days": 1, "p80_days": 2, "p90_days": 3, "horizon_days": 120, "minimum_gaps": 50}


@dataclass
class Curve:
    """A Kaplan-Meier curve over its ages: days (n,), exact survival, and Greenwood's sums (n,)."""

    days: NDArray
    survival: list[Fraction]
    greenwood: NDArray

    def first_day(self, reached) -> int | None:
        """The first age at which a condition on (survival, standard error) holds, in days."""
        errors = [
            float(s) * float(g) ** 0.5 for s, g in zip(self.survival, self.greenwood, strict=True)
        ]
        places = zip(self.days, self.survival, errors, strict=True)
        return next((int(day) for day, s, error in places if reached(s, error)), None)


def kaplan_meier(gaps: NDArray) -> Curve:
    """The curve of gaps (n, 2): days and whether ended; Kaplan & Meier 1958, Greenwood 1926."""
    days = np.unique(gaps[:, 0])
    at_risk = np.array([(gaps[:, 0] >= day).sum() for day in days])
    ended = np.array([((gaps[:, 0] == day) & (gaps[:, 1] == 1)).sum() for day in days])
    survival, left = [], Fraction(1)
    for d, n in zip(ended.tolist(), at_risk.tolist(), strict=True):
        left *= 1 - Fraction(d, n)
        survival.append(left)
    lost = np.where(ended < at_risk, ended / (at_risk * np.maximum(at_risk - ended, 1)), 0)
    return Curve(days, survival, np.cumsum(lost))


def random_gaps(seed: int, count: int, most_days: int, cut_off: int) -> NDArray:
    """Gaps (count, 2) of a random length, cut off at a random day of their own."""
    rng = np.random.default_rng(seed)
    lengths = np.ceil(rng.gamma(2, most_days / 4, count)).astype(int)
    limits = rng.integers(0, cut_off, count)
    return np.column_stack([np.minimum(lengths, limits), lengths <= limits])


GAPS = {
    "few": random_gaps(1, 7, 60, 90),
    "many_ties": random_gaps(2, 900, 12, 40),
    "long": random_gaps(3, 700, 90, 400),
    "mostly_open": random_gaps(4, 300, 300, 120),
    "all_open": np.array([[0, 0], [3, 0], [95, 0]]),
    "all_back": np.array([[5, 1], [5, 1], [9, 1], [20, 1]]),
    "last_one_back": np.array([[4, 0], [6, 1], [8, 0], [100, 1]]),
    "one_open": np.array([[0, 0]]),
    "one_back": np.array([[11, 1]]),
    # 3/4 * 2/3 is one half exactly, and by logarithms a little more.
    "exactly_one_half": np.array([[1, 1], [2, 1], [3, 0], [4, 0]]),
}


def write_project(path: Path) -> None:
    """A dbt project of the models that use the curve, over gaps written as seeds."""
    for folder in ("models", "macros", "seeds"):
        (path / folder).mkdir(parents=True)
    for name in ("expressions.sql", "types.sql", "statistics/kaplan_meier.sql"):
        shutil.copy(REPO / "macros" / name, path / "macros")
    for name in ("marts/users/repurchase_cycle", "intermediate/timeline/int_lifecycle_thresholds"):
        shutil.copy(REPO / f"models/{name}.sql", path / "models")
    (path / "models/curves.sql").write_text(CURVES)
    (path / "dbt_project.yml").write_text(
        "{name: tiny, profile: tiny, flags: {send_anonymous_usage_stats: false},"
        " seeds: {+column_types: {is_returned: boolean}}}"
    )
    (path / "profiles.yml").write_text(
        "tiny:\n  target: duckdb\n  outputs:\n"
        f"    duckdb: {{type: duckdb, path: '{path}/tiny.duckdb', threads: 1}}\n"
        "    postgres: {type: postgres, host: \"{{ env_var('TINY_PG_HOST', '') }}\", port: 5432,"
        " user: postgres, password: '', dbname: postgres, schema: public, threads: 1}\n"
    )
    with open(path / "seeds/int_purchase_gaps.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("user_key category_name purchase_number gap_days is_returned".split())
        for name, gaps in GAPS.items():
            writer.writerows(["u1", name, 2, int(days), bool(ended)] for days, ended in gaps)
    (path / "seeds/dim_users.csv").write_text(
        "user_key,acquisition_channel_key,first_order_status\nu1,store,known\n"
    )
    (path / "seeds/lifecycle_defaults.csv").write_text(
        ",".join(DEFAULTS) + "\n" + ",".join(map(str, DEFAULTS.values())) + "\n"
    )


def run(path: Path, target: str) -> None:
    folders = ["--project-dir", str(path), "--profiles-dir", str(path)]
    options = ["--target", target, "--target-path", f"{path}/target/{target}"]
    result = dbtRunner().invoke(["--quiet", "build", *folders, *options])
    DuckDBConnectionManager.close_all_connections()
    assert result.success


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def rows(request, tmp_path_factory):
    """All rows of a built table, as dictionaries, by the engine of the parameter."""
    path = tmp_path_factory.mktemp("users") / "project"
    write_project(path)

    def read(reader, table):
        reader.execute(f"select * from {table}")
        names = [column[0] for column in reader.description]
        return [dict(zip(names, row, strict=True)) for row in reader.fetchall()]

    if request.param == "duckdb":
        run(path, "duckdb")
        with duckdb.connect(f"{path}/tiny.duckdb", read_only=True) as connection:
            yield lambda table: read(connection, table)
    else:
        with postgres() as host, environment(TINY_PG_HOST=host):
            run(path, "postgres")
            with cursor(host) as reader:
                yield lambda table: read(reader, table)


@pytest.mark.parametrize("name", GAPS)
def test_curve_equals_numpy(rows, name):
    curve = kaplan_meier(GAPS[name])
    found = sorted(
        (row["gap_days"], row["survival"], row["greenwood"])
        for row in rows("curves")
        if row["category_name"] == name
    )
    days, survival, greenwood = np.array(found, dtype=float).T
    assert days.tolist() == curve.days.tolist()
    np.testing.assert_allclose(survival, [float(s) for s in curve.survival], rtol=0, atol=1e-12)
    np.testing.assert_allclose(greenwood, curve.greenwood, rtol=0, atol=1e-12)
    assert [s == 0 for s in survival] == [s == 0 for s in curve.survival]


@pytest.mark.parametrize("name", [*GAPS, "all"])
def test_cycle_equals_numpy(rows, name):
    gaps = np.concatenate(list(GAPS.values())) if name == "all" else GAPS[name]
    curve, half = kaplan_meier(gaps), Fraction(1, 2)
    (row,) = [
        row
        for row in rows("repurchase_cycle")
        if (row["acquisition_channel_key"], row["category_name"], row["gap_type"])
        == ("store", name, "repeat")
    ]
    ended = np.sort(gaps[gaps[:, 1] == 1, 0])
    assert (row["gaps"], row["returned_gaps"]) == (len(gaps), len(ended))
    assert row["censored_gaps"] == len(gaps) - len(ended)
    assert row["km_median_days"] == curve.first_day(lambda s, _: s <= half)
    assert row["km_median_low_days"] == curve.first_day(lambda s, e: s - 1.96 * e <= 0.5)
    assert row["km_median_high_days"] == curve.first_day(lambda s, e: 0 < s <= 0.5 - 1.96 * e)
    assert row["returned_median_days"] == (ended[(len(ended) - 1) // 2] if len(ended) else None)
    if gaps[:, 0].max() < 90 and curve.survival[-1] > 0:
        assert row["survival_90d_rate"] is None and row["survival_90d_standard_error"] is None
    else:
        reached = (curve.days <= 90).sum()
        survival = float(curve.survival[reached - 1]) if reached else 1
        error = survival * (curve.greenwood[reached - 1] if reached else 0) ** 0.5
        assert float(row["survival_90d_rate"]) == pytest.approx(survival, abs=6e-7)
        assert float(row["survival_90d_standard_error"]) == pytest.approx(error, abs=6e-7)


@pytest.mark.parametrize("name", GAPS)
def test_thresholds_equal_numpy(rows, name):
    pooled = np.concatenate(list(GAPS.values()))
    horizon, minimum = DEFAULTS["horizon_days"], DEFAULTS["minimum_gaps"]

    def returned(gaps):
        return int(((gaps[:, 0] <= horizon) & (gaps[:, 1] == 1)).sum())

    own = returned(GAPS[name]) >= minimum
    curve = kaplan_meier(GAPS[name] if own else pooled)
    within = [s for day, s in zip(curve.days, curve.survival, strict=True) if day <= horizon]
    (row,) = [row for row in rows("int_lifecycle_thresholds") if row["category_name"] == name]
    assert row["threshold_origin"] == ("category" if own else "pooled")
    assert row["returned_count"] == returned(GAPS[name])
    for column, share in (("p50_days", 5), ("p80_days", 8), ("p90_days", 9)):
        reached = (1 - within[-1]) * Fraction(share, 10)
        assert row[column] == curve.first_day(lambda s, _, reached=reached: 1 - s >= reached)
