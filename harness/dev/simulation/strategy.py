"""Who comes otherwise once the budget of the scenario `move` has moved, and what that truly did."""

import csv

import duckdb
import numpy as np
from numpy.typing import NDArray

from . import story
from .annotate import buy, draw_members
from .behaviour import take
from .catalogue import (
    CAMPAIGN_CHANNEL,
    CHANNEL,
    HALF_SATURATION,
    channels,
    products,
    season,
    spend,
)
from .files import load, write_parquet
from .people import NEVER, draw_people
from .settings import CHUNK_PEOPLE, CNY_PER_USD, DAY, SHANGHAI_OFFSET, Columns, Run

TRIED = 100
"""Chunks of people, none of them in the run, whom the truth is averaged over."""
OUTCOMES = ("net_revenue", "valid_orders", "new_customers", "repeat_purchases")


def shares_moved(run: Run) -> tuple[float, float]:
    """Share of the source's people who no longer come by it, and of these who come by the target.

    Both follow the channels' curves, from spend before the change.
    """
    costs, _ = spend(run)
    costs = costs[:, : (story.changed_at(run) - run.start) // DAY]
    source, target = (costs[CAMPAIGN_CHANNEL == CHANNEL[name]].sum()
                      for name in (story.FROM, story.TO))  # fmt: skip
    level = 1 + story.MOVED_SHARE * source / target
    halves = [story.HALF_SATURATIONS.get(name, HALF_SATURATION) for name in (story.FROM, story.TO)]
    lost = 1 - story.response(1 - story.MOVED_SHARE, halves[0])
    won = story.response(level, halves[1]) - 1
    return lost, won * story.SHARES[story.TO] / (lost * story.SHARES[story.FROM])


def move_people(run: Run, people: Columns) -> NDArray[np.int64]:
    """Let some of the treated regions' people come by the target or never; gives their rows."""
    if not story.is_told(run):
        return np.arange(0)
    rng, size = run.random("move", int(people["person_id"][0])), len(people["person"])
    lost, won = shares_moved(run)
    moved = (people["channel"] == CHANNEL[story.FROM]) & (people["region"] % 2 == 0)
    moved &= (people["first_at"] >= story.changed_at(run)) & (rng.random(size) < lost)
    comes = moved & (rng.random(size) < won)
    people["channel"][comes] = CHANNEL[story.TO]
    mix = np.cumsum(channels(run)[CHANNEL[story.TO]].mix)
    people["kind"][comes] = (rng.random(size)[:, None] > mix[:2]).sum(axis=1)[comes]
    people["first_at"][moved & ~comes] = run.end + DAY
    return np.flatnonzero(moved)


def outcomes(run: Run, part: str, people: Columns) -> NDArray[np.float64]:
    """What people whose region is known do in the days compared: a sum for each of OUTCOMES."""
    _, volume = spend(run)
    people = people | {"person": np.arange(len(people["person"]))}
    _, orders, _, _ = buy(run, part, people, volume, products(False))
    members = draw_members(run.random("members", part), run, people, orders) < NEVER
    left_out = orders["is_test"] | orders["is_staff"] | orders["is_cancelled"] | orders["is_unpaid"]
    valid = ~left_out & (orders["net"] > orders["refunded"]) & members[orders["person"]]
    orders = take(orders, valid & (orders["at"] >= run.start))
    day = (orders["at"] + SHANGHAI_OFFSET) // DAY
    span = np.int64(1) << 20
    purchases, row = np.unique(orders["person"] * span + day, return_index=True)
    is_first = np.diff(purchases // span, prepend=-1) > 0
    after = orders["at"] >= story.changed_at(run)
    after &= orders["at"] < story.changed_at(run) + story.POST_DAYS * DAY
    money = (orders["net"] - orders["refunded"]) / 100
    money *= np.where(orders["is_usd"], CNY_PER_USD, 1)
    first, again = is_first & after[row], ~is_first & after[row]
    return np.array([money[after].sum(), after.sum(), first.sum(), again.sum()])


def true_effects(run: Run) -> Columns:
    """Expected difference that the moved people make, per treated region and day, with its error.

    Everybody else does the same in both worlds, so only they are let live twice.
    """
    _, volume = spend(run)
    seasons = season(run)
    found = []
    for number in range(TRIED):
        ids = np.arange(CHUNK_PEOPLE) + (number + 100) * CHUNK_PEOPLE
        people = draw_people(run, ids, volume, seasons)
        usual = {name: values.copy() for name, values in people.items()}
        rows = move_people(run, people)
        with_it = outcomes(run, f"with {number}", take(people, rows))
        found.append(with_it - outcomes(run, f"without {number}", take(usual, rows)))
    treated = len(story.REGIONS) * story.TREATED_SHARE
    found = np.array(found) * run.people / CHUNK_PEOPLE / treated / story.POST_DAYS
    return {
        "outcome_name": np.array(OUTCOMES, object),
        "daily_effect": found.mean(axis=0),
        "standard_error": found.std(axis=0, ddof=1) / np.sqrt(TRIED),
    }


def write_truth(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Write the true effects, and the rows for the project's seeds."""
    if not story.is_told(run):
        return
    load(con, {"strategy": true_effects(run)})
    query = f"select '{story.CHANGE_NAME}' as change_name, * from strategy"
    write_parquet(con, query, run.out / "truth" / "strategy.parquet")
    names = ("change_name,change_name_zh,unit_type,changed_date,pre_days,post_days,owner,"
             "description").split(",")  # fmt: skip
    change = (story.CHANGE_NAME, "预算转向搜索", "region", story.CHANGED_DATE, story.PRE_DAYS,
              story.POST_DAYS, "Marketing team", "Demo: short video's budget moved to paid search "
              "in half of the regions first")  # fmt: skip
    units = [
        (story.CHANGE_NAME, region, "control" if number % 2 else "treated")
        for number, region in enumerate(story.REGIONS)
    ]
    tables = {
        "strategy_changes": [names, change],
        "strategy_change_units": [("change_name", "unit", "arm"), *units],
    }
    (run.out / "seeds").mkdir(exist_ok=True)
    for name, rows in tables.items():
        with open(run.out / "seeds" / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
