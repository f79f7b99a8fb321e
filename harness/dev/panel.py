"""The models of the budget over a drawn panel of daily spend and customers whose truth is known.

Five channels answer to adstocked spend by Hill curves, times a demand that all channels share.
Spend is varied (weekly levels, CV .5, whatever the demand), flat (CV .05), or following (demand
squared, nearly nothing else).
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .effects import EffectsProject
from .workshop import REPO

CHANNELS = [f"channel_{letter}" for letter in "abcde"]
OURS = (
    "response_weeks", "response_adstocks", "response_power_fits", "response_hill_fits",
    "response_values", "response_curves", "budget_what_if", "budget_moves",
    "budget_recommendations",
)  # fmt: skip
TABLES = (
    "dim_as_of", "dim_channels", "dim_dates", "dim_users", "fct_ad_performance", "fct_attribution",
    "int_cohort_values", "int_journey_touches", "attribution_calibration",
    "calibration_coverage",
)  # fmt: skip
EMPTY = {
    "int_journey_touches": "conversion_key varchar, channel_key varchar, touched_at timestamp,"
    " conversion_type varchar",
    "attribution_calibration": "channel_key varchar, campaign_id varchar, conversion_type varchar,"
    " incremental_conversions double, credited_conversions double, standard_error double,"
    " test_weight double, attribution_model varchar, compared_until_date date",
    "calibration_coverage": "attribution_model varchar, is_headline boolean",
}
DECIMALS = {"spend": 2, "credit_share": 9, "net_revenue_amount": 2, "margin_amount": 2,
            "costed_net_revenue_amount": 2}  # fmt: skip
MOVE_LIMIT, CURRENT_DAYS = 0.3, 28
SPREAD = {"varied": 0.47, "flat": 0.05, "following": 0.05}


@dataclass(frozen=True)
class Panel:
    """What was drawn: spend and customers [channel, day], and each channel's true curve."""

    spend: NDArray[np.float64]
    customers: NDArray[np.int64]
    unpaid: NDArray[np.int64]
    top: NDArray[np.float64]
    half: NDArray[np.float64]
    shape: NDArray[np.float64]
    worth: NDArray[np.float64]

    @property
    def current(self) -> NDArray[np.float64]:
        """Mean daily spend of the last four weeks."""
        return self.spend[:, -CURRENT_DAYS:].mean(axis=1)

    def value(self, spend: NDArray[np.float64]) -> NDArray[np.float64]:
        """True value a day of each channel at a daily spend."""
        full = spend**self.shape / (self.half**self.shape + spend**self.shape)
        return self.worth * self.top * full

    def marginal(self) -> NDArray[np.float64]:
        """True value of one more unit of money a day in each channel."""
        step = self.current * 1e-4
        return (self.value(self.current + step) - self.value(self.current - step)) / step / 2

    def gain(self, spend: NDArray[np.float64]) -> float:
        """True gain a day of a split over today's."""
        return float(self.value(spend).sum() - self.value(self.current).sum())

    def best(self, steps: int = 3_000) -> NDArray[np.float64]:
        """The best split within the limit, step by step from the lowest spend allowed."""
        spend, step = self.current * (1 - MOVE_LIMIT), self.current * 2 * MOVE_LIMIT / steps
        left = self.current.sum() - spend.sum()
        while left > 1e-9:
            returns = (self.value(spend + step) - self.value(spend)) / step
            returns[spend > self.current * (1 + MOVE_LIMIT) - step / 2] = -1
            chosen = returns.argmax()
            taken = min(step[chosen], left)
            spend[chosen] += taken
            left -= taken
        return spend


def draw(seed: int, spending: str = "varied", days: int = 371) -> Panel:
    """Draw a panel; the same seed gives the same one."""
    rng, size = np.random.default_rng([seed, 31]), len(CHANNELS)
    day = np.arange(days)
    demand = 1 + 0.2 * np.sin(2 * np.pi * day / 365) + 0.2 * (day % 7 >= 5)
    demand[(day % 180 > 100) & (day % 180 <= 118)] *= 2
    usual = rng.uniform(300, 2_000, size)
    half, shape = usual * rng.uniform(0.3, 2.5, size), rng.uniform(0.8, 1.2, size)
    kept = rng.uniform(0.1, 0.6, size)
    top, worth = rng.uniform(10, 30, size), rng.uniform(60, 180, size)
    spread = SPREAD[spending]
    level = np.exp(rng.normal(-(spread**2) / 2, spread, (size, days // 7 + 1)))
    spend = usual[:, None] * np.repeat(level, 7, axis=1)[:, :days]
    if spending == "following":
        spend = spend * demand**2
    spend = spend.round(2)
    stock = np.zeros_like(spend)
    for at in day:
        before = stock[:, at - 1] if at else 0
        stock[:, at] = (1 - kept) * spend[:, at] + kept * before
    powers = stock ** shape[:, None]
    full = powers / (half[:, None] ** shape[:, None] + powers)
    noise = np.exp(rng.normal(-0.01, 0.15, spend.shape))
    customers = rng.poisson(top[:, None] * full * demand * noise)
    return Panel(spend, customers, rng.poisson(40 * demand), top, half, shape, worth)


def tables(panel: Panel) -> dict[str, pd.DataFrame]:
    """What the models read: one person a channel and day stands for all of that day."""
    dates = pd.date_range(end="2026-06-30", periods=panel.spend.shape[1]).date
    counts = dict(zip([*CHANNELS, "organic"], [*panel.customers, panel.unpaid], strict=True))
    worth = dict(zip([*CHANNELS, "organic"], [*panel.worth, 100.0], strict=True))
    people = pd.concat([
        pd.DataFrame({"channel_key": name, "date_day": dates, "credit_share": count.astype(float)})
        for name, count in counts.items()
    ], ignore_index=True)  # fmt: skip
    people["user_key"] = people["channel_key"] + people["date_day"].astype(str)
    money = people["channel_key"].map(worth)
    users = pd.DataFrame({
        "user_key": people["user_key"], "first_order_date": people["date_day"],
        "first_order_status": "known",
    })  # fmt: skip
    return {
        "dim_as_of": pd.DataFrame({"metric_family": ["roi"], "as_of_date": [dates[-1]]}),
        "dim_channels": pd.DataFrame({
            "channel_key": list(counts), "is_paid": [name in CHANNELS for name in counts],
            "lookback_days": 0,
        }),
        "dim_dates": pd.DataFrame({"date_day": dates}),
        "dim_users": users,
        "fct_ad_performance": pd.concat([
            pd.DataFrame({"channel_key": name, "date_day": dates, "spend": spend})
            for name, spend in zip(CHANNELS, panel.spend, strict=True)
        ]),
        "fct_attribution": people[["user_key", "channel_key", "credit_share"]].assign(
            conversion_key=people["user_key"], conversion_type="first_order", is_headline=True,
            conversion_date=people["date_day"],
        ),
        "int_cohort_values": users.assign(
            horizon_days=90, net_revenue_amount=2 * money, margin_amount=money,
            costed_net_revenue_amount=2 * money,
        ),
    }  # fmt: skip


class PanelProject(EffectsProject):
    """Writes panels to files, runs the models over them and gives their tables."""

    def __init__(self, path: Path):
        where = "{{ 'given_%s' if target.type == 'postgres' else \"'%s/%s.parquet'\" }}"
        given = {name: f"select * from {where % (name, path, name)}" for name in TABLES}
        grids = [line.split(",") for line in
                 (REPO / "seeds/response_grids.csv").read_text().split()[1:]]  # fmt: skip
        given["response_grids"] = " union all ".join(
            f"select '{axis}' as grid_axis, cast({value} as decimal(18, 6)) as grid_value"
            for axis, value in grids
        )
        super().__init__(path, OURS, given)

    def write_panel(self, panel: Panel) -> None:
        """Write what the models read."""
        for name, frame in tables(panel).items():
            exact = ", ".join(
                f"cast({column} as decimal(18, {places})) as {column}"
                for column, places in DECIMALS.items() if column in frame
            )
            replaced = f" replace ({exact})" if exact else ""
            duckdb.sql(f"copy (select *{replaced} from frame) to '{self.path}/{name}.parquet'")
        for name, columns in EMPTY.items():
            with duckdb.connect() as con:
                con.execute(f"create table t ({columns})")
                con.execute(f"copy t to '{self.path}/{name}.parquet'")

    def advise(self, panel: Panel) -> pd.DataFrame:
        """Recommendations by channel, in the order of CHANNELS."""
        self.write_panel(panel)
        self.run()
        return self.table("budget_recommendations").set_index("channel_key").loc[CHANNELS]

    def types(self, name: str) -> str:
        """Columns and types of a table that the models read, for Postgres."""
        described = duckdb.sql(f"describe from '{self.path}/{name}.parquet'").fetchall()
        return ", ".join(
            f"{column} {kind.replace('DOUBLE', 'double precision').replace('TIMESTAMP_NS', 'date')}"
            for column, kind, *_ in described
        )
