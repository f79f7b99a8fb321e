"""Recomputes the marts by pandas from the facts below them and compares them cell by cell.

    OMNILOOP_DATA=data/demo python -m harness.dev.recompute [mart ...]

What each mart means stands in words in harness/dev/recomputation/, done another way than in SQL: by
tables of people and days, a chain solved anew without each channel, curves step by step. Reads the
work file only. Prints rows compared and differences of each column; fails if there is any. Money is
equal to the cent, counts and days exactly, credit within a billionth, rates and money that is only
expected within half of their last decimal.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from harness.dev.recomputation import attribution, calibration, marketing, predictions, users
from harness.dev.recomputation.facts import Facts


@dataclass
class Recomputed:
    """How to recompute a mart, and what tells its rows apart; `found` reads it other than whole.

    `tolerances` of columns stand in for those of their types.
    """

    recompute: Callable[[Facts], pd.DataFrame]
    key: tuple[str, ...]
    found: Callable[[Facts], pd.DataFrame] | None = None
    tolerances: dict[str, tuple[float, float]] = field(default_factory=dict)


def _stages(facts: Facts) -> pd.DataFrame:
    """The stretches of user_lifecycle that hold on the sampled days."""
    rows = facts.table("user_lifecycle").merge(
        pd.DataFrame({"sampled_date": users.sampled_days(facts)}), how="cross"
    )
    begun = rows["valid_from_date"] <= rows["sampled_date"]
    return rows[begun & ~(rows["valid_to_date"] <= rows["sampled_date"])]


def _buyers(facts: Facts) -> pd.DataFrame:
    """Everybody in dim_users who ever bought."""
    return facts.users[facts.users["first_order_date"].notna()]


MONTH, ACQUIRED, CHANNEL = "month_date", "acquisition_channel_key", "channel_key"
COHORT, CAMPAIGN, MODEL = "cohort_month_date", "campaign_key", "attribution_model"
# Expected money is rounded to the cent once. The series that orders are expected by promises a
# millionth of them; near its end, for the young and a year ahead, it needs that.
CENT, CENT_OF_SERIES, SERIES = (0.5, 0), (0.5, 1e-6), (5e-7, 1e-6)
MARTS = {
    "dim_users": Recomputed(attribution.customers, ("user_key",), _buyers),
    "active_users": Recomputed(users.active_users, ("sales_channel_key", "activity_date")),
    "user_retention": Recomputed(
        users.user_retention, (COHORT, ACQUIRED, "retention_type", MONTH)
    ),
    "repeat_rate": Recomputed(users.repeat_rate, (COHORT, ACQUIRED, "horizon_days")),
    "ltv_cohorts": Recomputed(users.ltv_cohorts, (COHORT, ACQUIRED, "horizon_days")),
    "user_lifetime_value": Recomputed(users.user_lifetime_value, ("user_key",)),
    "repurchase_cycle": Recomputed(
        users.repurchase_cycle, (ACQUIRED, "category_name", "gap_type")
    ),
    "user_lifecycle": Recomputed(users.user_lifecycle, ("user_key", "sampled_date"), _stages),
    "win_back": Recomputed(users.win_back, (MONTH, ACQUIRED)),
    "fct_attribution": Recomputed(
        attribution.credits,
        ("conversion_type", "user_key", "conversion_date", CHANNEL, CAMPAIGN, MODEL),
    ),
    "journey_paths": Recomputed(
        attribution.journey_paths, ("conversion_type", "path_type", "journey_path", MONTH)
    ),
    "campaign_credits": Recomputed(marketing.campaign_credits, (MONTH, CHANNEL, CAMPAIGN, MODEL)),
    "campaign_performance": Recomputed(
        marketing.campaign_performance, (MONTH, CHANNEL, CAMPAIGN)
    ),
    "channel_cohorts": Recomputed(marketing.channel_cohorts, (MONTH, ACQUIRED, "horizon_days")),
    "channel_roi": Recomputed(marketing.channel_roi, (MONTH, ACQUIRED)),
    "channel_payback": Recomputed(marketing.channel_payback, (MONTH, ACQUIRED)),
    "channel_roi_by_model": Recomputed(marketing.channel_roi_by_model, (MONTH, CHANNEL, MODEL)),
    "channel_cohorts_by_model": Recomputed(
        marketing.channel_cohorts_by_model, (MONTH, CHANNEL, MODEL, "horizon_days")
    ),
    "conversion_funnel": Recomputed(marketing.conversion_funnel, (MONTH, CHANNEL, "step_name")),
    "platform_claims": Recomputed(marketing.platform_claims, (MONTH, CAMPAIGN)),
    "spend_coverage": Recomputed(marketing.spend_coverage, (MONTH, CHANNEL, CAMPAIGN)),
    "attribution_calibration": Recomputed(
        calibration.attribution_calibration,
        ("experiment_id", "conversion_type", "platform", CHANNEL, "campaign_id", "started_date",
         "ended_date", MODEL),
    ),
    "calibration_coverage": Recomputed(calibration.calibration_coverage, (MODEL,)),
    "user_scores": Recomputed(
        predictions.user_scores, ("user_key",),
        tolerances={
            "purchase_value_amount": CENT, "expected_revenue_30_amount": CENT,
            "expected_revenue_90_amount": CENT, "expected_revenue_180_amount": CENT,
            "expected_revenue_365_amount": CENT_OF_SERIES, "expected_orders_365": SERIES,
        },
    ),
    "ltv_backtest": Recomputed(
        predictions.ltv_backtest,
        ("origin_date", "horizon_days", "score_name", "cohort_type", COHORT),
        tolerances={"predicted_revenue_amount": CENT},
    ),
    "score_calibration": Recomputed(predictions.score_calibration, ("score_name", "decile")),
}
# By type of column: how far a recomputed number may be from the mart's, in the unit it is held in.
TOLERANCES = {
    "DECIMAL(18,2)": (0, 0),
    "DECIMAL(18,9)": (1, 0),
    "DECIMAL(18,6)": (5e-7, 1e-12),
    "DECIMAL(18,4)": (1e-6, 0),
}


@dataclass
class Comparison:
    """What was compared of one column, and up to three rows in which it differs, as text."""

    mart: str
    column: str
    rows: int
    differences: int
    examples: list[str]

    def __str__(self) -> str:
        name = f"{self.mart}.{self.column}"
        lines = [f"{name:<66} {self.rows:>9,} rows {self.differences:>7,} differences"]
        return "\n".join([*lines, *(f"    {example}" for example in self.examples)])


def compare(mart: str, facts: Facts) -> list[Comparison]:
    """Recompute a mart; give what was compared, one entry for its rows and one for each column."""
    how = MARTS[mart]
    found = how.found(facts) if how.found else facts.table(mart)
    expected = found.iloc[:0] if facts.is_empty else how.recompute(facts)
    return differences(mart, expected, found, facts.types(mart))


def differences(
    mart: str, expected: pd.DataFrame, found: pd.DataFrame, types: dict[str, str]
) -> list[Comparison]:
    """Compare recomputed rows with those of the mart, whose columns have these types."""
    key = list(MARTS[mart].key)
    if expected.empty:
        expected = found.iloc[:0]
    for rows in (expected, found):
        assert not rows.duplicated(key).any(), f"{mart}: {key} does not tell its rows apart"
    shared = [name for name in found if name in expected and name not in key]
    both = expected[[*key, *shared]].merge(
        found[[*key, *shared]], on=key, how="outer", suffixes=("", " "), indicator="side"
    )
    alone = both["side"] != "both"
    sides = both["side"].map({"left_only": "recomputed", "right_only": "in the mart"})
    shown = [f"only {sides[i]}: {_row(both, key, i)}" for i in both.index[alone][:3]]
    comparisons = [Comparison(mart, "(rows)", len(both), int(alone.sum()), shown)]
    both = both[~alone]
    for name in shared:
        allowed = MARTS[mart].tolerances.get(name)
        differs = ~_same(both[name], both[f"{name} "], types[name], allowed)
        shown = [
            f"{_row(both, key, i)}: recomputed {both.at[i, name]}, mart {both.at[i, f'{name} ']}"
            for i in both.index[differs][:3]
        ]
        comparisons.append(Comparison(mart, name, len(both), int(differs.sum()), shown))
    return comparisons


def _row(frame: pd.DataFrame, key: list[str], place) -> str:
    values = (frame.at[place, name] for name in key)
    return " | ".join(str(v.date()) if isinstance(v, pd.Timestamp) else str(v) for v in values)


def _same(left: pd.Series, right: pd.Series, kind: str, allowed=None) -> np.ndarray:
    empty = left.isna().to_numpy() & right.isna().to_numpy()
    if kind in ("VARCHAR", "BOOLEAN", "DATE"):
        return empty | (left.astype(object) == right.astype(object)).fillna(False).to_numpy(bool)
    mine, theirs = (side.astype(float).to_numpy() for side in (left, right))
    absolute, relative = allowed or TOLERANCES.get(kind, (0, 0))
    return empty | (np.abs(mine - theirs) <= absolute + relative * np.abs(theirs))


def recompute(file: Path, marts: list[str] | None = None) -> list[Comparison]:
    """Compare marts of a work file, all of them unless some are named."""
    with duckdb.connect(str(file), read_only=True) as connection:
        facts = Facts(connection)
        return [line for mart in marts or MARTS for line in compare(mart, facts)]


def main(arguments: list[str] | None = None) -> int:
    """Print all comparisons; fail if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("marts", nargs="*", metavar="mart", help=f"of {', '.join(MARTS)}")
    parser.add_argument("--quiet", action="store_true", help="only what differs")
    args = parser.parse_args(arguments)
    file = Path(os.environ.get("OMNILOOP_DATA", "data")) / "omniloop.duckdb"
    found = recompute(file, args.marts)
    wrong = [line for line in found if line.differences]
    print(*(wrong if args.quiet else found), sep="\n")
    compared = sum(line.rows for line in found)
    print(f"{compared:,} cells of {len({line.mart for line in found})} marts compared,"
          f" {sum(line.differences for line in wrong):,} differ")  # fmt: skip
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
