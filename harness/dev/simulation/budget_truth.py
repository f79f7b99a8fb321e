"""The true curve of each paid channel: the value that its daily spend causes, and the best split.

A channel's first orders a day are top * spend / (spend + half) at the mean of demand; they are
worth what buyers of their types bring in within VALUE_DAYS. Money in CNY.
"""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .catalogue import CAMPAIGN_CHANNEL, CAMPAIGNS, CHANNELS, TYPES, season, wishes
from .files import load, write_parquet
from .settings import CNY_PER_USD, DAY, Columns, Run

VALUE_DAYS = 90
CURRENT_DAYS = 28
MOVE_LIMIT = 0.3
KEPT = 0.5
"""Adstock that is left the next day."""


def type_values(run: Run, people: Columns, orders: Columns) -> Columns:
    """Buyers of each type who have been customers for VALUE_DAYS, and the net CNY of that time."""
    first = orders["rank"] == 0
    since = np.full(len(people["person"]), run.end)
    since[orders["person"][first]] = orders["at"][first]
    old = (since >= run.start) & (since < run.end - VALUE_DAYS * DAY)
    person = orders["person"]
    counts = old[person] & (orders["at"] < since[person] + VALUE_DAYS * DAY)
    counts &= ~(orders["is_unpaid"] | orders["is_cancelled"] | orders["is_test"])
    money = (orders["net"] - orders["refunded"]) / 100
    money = money * np.where(orders["is_usd"], CNY_PER_USD, 1) * counts
    return {
        "type_buyers": np.bincount(people["kind"][old], minlength=len(TYPES)),
        "type_value": np.bincount(people["kind"][person], money, len(TYPES)),
    }


def curves(run: Run, budget: NDArray[np.float64], totals: Columns) -> Columns:
    """One row per paid channel: current daily spend, half, top value a day and what follows.

    budget: CNY [campaign, day]; totals: caused_types [channel, type], type_buyers, type_value.
    """
    daily, half = wishes(run)
    weight = np.array([campaign.weight for campaign in CAMPAIGNS])
    stock = np.zeros_like(daily)
    for day in range(run.days):
        stock[:, day] = daily[:, day] + (KEPT * stock[:, day - 1] if day else 0)
    pull = weight[:, None] * stock / (stock + half[:, None]) * season(run)
    worth = totals["type_value"] / totals["type_buyers"].clip(1)
    paid = np.unique(CAMPAIGN_CHANNEL)
    own = CAMPAIGN_CHANNEL[None, :] == paid[:, None]
    share = (own @ weight) / (own @ pull.sum(axis=1)) * season(run).mean()
    first = np.array([np.flatnonzero(row)[0] for row in own])
    table = {
        "channel_name": np.array([CHANNELS[number].name for number in paid], object),
        "current_spend": own @ budget[:, -CURRENT_DAYS:].mean(axis=1),
        "half": half[first] * (1 - KEPT) * (own @ budget.sum(axis=1)) / daily[first].sum(axis=1),
        "top_first_orders": totals["caused"][paid] * share,
        "top_value": totals["caused_types"][paid] @ worth * share,
    }
    current = table["current_spend"]
    table["marginal_value"] = table["top_value"] * table["half"] / (current + table["half"]) ** 2
    table["best_spend"] = best_spend(table, current)
    return table


def true_value(table: Columns, spend: NDArray[np.float64]) -> NDArray[np.float64]:
    """Value a day, CNY, of each channel at a daily spend."""
    return table["top_value"] * spend / (spend + table["half"])


def best_spend(table: Columns, current: NDArray[np.float64]) -> NDArray[np.float64]:
    """The split of the same total within MOVE_LIMIT of each channel that is worth the most.

    Marginal values fall, so at the best they are alike in all channels that are at no bound.
    """
    low, high = np.log(1e-12), np.log((table["top_value"] / table["half"]).max() * 10)
    for _ in range(200):
        middle = (low + high) / 2
        wanted = np.sqrt(table["top_value"] * table["half"] / np.exp(middle)) - table["half"]
        spend = wanted.clip(current * (1 - MOVE_LIMIT), current * (1 + MOVE_LIMIT))
        low, high = (middle, high) if spend.sum() > current.sum() else (low, middle)
    return spend


def write(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], totals: Columns
) -> None:
    """Write the curves as the truth's table budget."""
    load(con, {"true_budget": curves(run, budget, totals)})
    write_parquet(con, "from true_budget order by channel_name",
                  run.out / "truth" / "budget.parquet")  # fmt: skip
