"""What advertising platforms see and claim, by campaign and day, in no vendor's shape yet."""

import numpy as np
from numpy.typing import NDArray

from .behaviour import take
from .catalogue import (
    ACCOUNTS,
    CAMPAIGN_PLATFORM,
    CAMPAIGNS,
    CLICK_RATE,
    CLICKS_SEEN_SHARE,
    CURRENCY_RATE,
    MALL,
    PLATFORMS,
)
from .settings import CNY_PER_USD, DAY, SHANGHAI_OFFSET, Columns, Run, zone_offset

OVER_CLAIM = 1.3
CLAIM_DAYS = 30


def account_day(run: Run, campaign: NDArray, at: NDArray) -> NDArray[np.int64]:
    """Day in the zone of the campaign's account, 0 = first business day of the period."""
    account = np.array([entry.account for entry in CAMPAIGNS])[campaign]
    offset = np.zeros(len(at), dtype=np.int64)
    for number, entry in enumerate(ACCOUNTS):
        rows = account == number
        offset[rows] = zone_offset(at[rows], entry.zone)
    return (at + offset) // DAY - (run.start + SHANGHAI_OFFSET) // DAY


def tally(run: Run, campaign: NDArray, at: NDArray, weight: NDArray) -> NDArray[np.float64]:
    """Sum of weights per campaign and account day."""
    day = account_day(run, campaign, at).clip(0, run.days - 1)
    cells = campaign * run.days + day
    return np.bincount(cells, weight, len(CAMPAIGNS) * run.days).reshape(-1, run.days)


def paid_results(run: Run, sessions: Columns, orders: Columns) -> Columns:
    """What the campaigns' clicks led to in the mall, each an array [campaign, day].

    clicks; conversions and value (CNY) on the day of the click; converted, converted_value on the
    day of the order. Each platform claims an order for its own last click within CLAIM_DAYS,
    whatever the person clicked elsewhere.
    """
    names = ("person", "at", "campaign")
    clicks = take({name: sessions[name] for name in names}, sessions["campaign"] >= 0)
    span = np.int64(1) << 34
    key = clicks["person"] * span + clicks["at"]
    by_key = np.argsort(key, kind="stable")
    clicks, key = take(clicks, by_key), key[by_key]
    inside = clicks["at"] >= run.start
    campaign, at = clicks["campaign"][inside], clicks["at"][inside]
    result = {"clicks": tally(run, campaign, at, np.ones(len(at)))}
    paid = (orders["place"] == MALL) & ~orders["is_unpaid"] & (orders["at"] >= run.start)
    names = ("person", "at", "net", "is_usd")
    bought = take({name: orders[name] for name in names}, paid)
    bought_key = bought["person"] * span + bought["at"]
    value = bought["net"] / 100 * np.where(bought["is_usd"], CNY_PER_USD, 1)
    order, click = [], []
    for platform in PLATFORMS:
        own = np.flatnonzero(CAMPAIGN_PLATFORM[clicks["campaign"]] == platform)
        last = np.searchsorted(key[own], bought_key) - 1
        found = np.flatnonzero(last >= 0)
        last = own[last[found]]
        same = clicks["person"][last] == bought["person"][found]
        same &= bought["at"][found] - clicks["at"][last] < CLAIM_DAYS * DAY
        same &= clicks["at"][last] >= run.start
        order.append(found[same])
        click.append(last[same])
    bought_row, last = np.concatenate(order), np.concatenate(click)
    campaign, value, ones = clicks["campaign"][last], value[bought_row], np.ones(len(last))
    at = clicks["at"][last]
    result["conversions"] = tally(run, campaign, at, ones)
    result["value"] = tally(run, campaign, at, value)
    at = bought["at"][bought_row]
    result["converted"] = tally(run, campaign, at, ones)
    result["converted_value"] = tally(run, campaign, at, value)
    return result


def platform_days(
    run: Run, platform: str, budget: NDArray[np.float64], results: Columns
) -> Columns:
    """One row per campaign of a platform and day of its account, in order of campaign and day.

    campaign (number in CAMPAIGNS), day (0 = first of the period), clicks, impressions, spend
    (fen or cent of the account's currency), conversions and value (claimed, on the day of the
    click), converted and converted_value (the same claims on the day of the order); claims are
    fractions, values in the account's currency.
    """
    rng = run.random("platform", platform)
    parts: list[Columns] = []
    unseen = (1 - CLICKS_SEEN_SHARE) / CLICKS_SEEN_SHARE
    for number in np.flatnonzero(CAMPAIGN_PLATFORM == platform):
        campaign = CAMPAIGNS[number]
        rate = 1 / CURRENCY_RATE[ACCOUNTS[campaign.account].currency]
        seen = results["clicks"][number].astype(np.int64)
        clicks = seen + rng.poisson(seen * unseen + 0.5)
        unclicked = rng.poisson((clicks + 0.3) / CLICK_RATE[campaign.kind])
        claim = rng.normal(1, 0.08, run.days).clip(0.6) * OVER_CLAIM
        parts.append({
            "campaign": np.full(run.days, number),
            "day": np.arange(run.days),
            "clicks": clicks,
            "impressions": clicks + unclicked,
            "spend": (budget[number] * rate * 100).round().astype(np.int64),
            "conversions": results["conversions"][number] * claim,
            "value": results["value"][number] * claim * rate,
            "converted": results["converted"][number] * OVER_CLAIM,
            "converted_value": results["converted_value"][number] * OVER_CLAIM * rate,
        })  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def split_days(rng: np.random.Generator, days: Columns, parts: int) -> Columns:
    """The rows of platform_days split over ads or the like, numbered by part; counts are whole.

    Spend is split to the fen, so that the parts of a day sum to it; claims are rounded first.
    """
    share = np.full(parts, 1 / parts)
    clicks = rng.multinomial(days["clicks"], share)
    unclicked = rng.multinomial(days["impressions"] - days["clicks"], share)
    weight = rng.uniform(0.7, 1.3, clicks.shape) * (clicks + 0.2)
    until = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    spend = (until * days["spend"][:, None]).round().astype(np.int64)
    value = (until * (days["value"] * 100)[:, None]).round().astype(np.int64)
    claims = {
        name: rng.multinomial(days[name].round().astype(np.int64), share).ravel()
        for name in ("conversions", "converted")
    }
    return claims | {
        "campaign": np.repeat(days["campaign"], parts),
        "day": np.repeat(days["day"], parts),
        "part": np.tile(np.arange(parts), len(days["day"])),
        "clicks": clicks.ravel(),
        "impressions": (clicks + unclicked).ravel(),
        "spend": np.diff(spend, axis=1, prepend=0).ravel(),
        "value": np.diff(value, axis=1, prepend=0).ravel(),
    }


def draw_readings(run: Run, purpose: str, rows: Columns, parts: int, faults: int) -> Columns:
    """How the rows of split_days are delivered: restated, made unreadable, with a subtotal, twice.

    bad is 0 or 1..faults; has_subtotal stands on all parts of a day none of which is bad; is_twice
    on the last days, which are delivered by campaign as well.
    """
    rng, size = run.random(purpose), len(rows["day"])
    bad = np.where(rng.random(size) < run.rates["bad_stat"], rng.integers(1, faults + 1, size), 0)
    whole = (bad.reshape(-1, parts) == 0).all(axis=1)
    subtotal = (rng.random(size // parts) < run.rates["stats_subtotal"]) & whole
    return rows | {
        "bad": bad,
        "is_restated": (rng.random(size) < run.rates["stats_restated"]) & (bad == 0),
        "has_subtotal": np.repeat(subtotal, parts),
        "is_twice": rows["day"] >= run.days * (1 - run.rates["stats_twice"]),
    }
