"""Google Ads: daily statistics per campaign, network and device, and the two history tables."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .behaviour import take
from .catalogue import ACCOUNTS, CAMPAIGNS, CLICKS_SEEN_SHARE, NETWORKS
from .faults import renamed_campaigns
from .files import load
from .settings import CNY_PER_USD, DAY, Columns, Run, days_of, zone_offset

DEVICES = {"MOBILE": 0.64, "DESKTOP": 0.28, "TABLET": 0.08}
FIRST_NETWORK_SHARE = 0.9
CLICK_RATE = {"SEARCH": 0.045, "DISPLAY": 0.006, "VIDEO": 0.012}
OVER_CLAIM = 1.3
CLAIM_DAYS = 30


def account_day(run: Run, campaign: NDArray, at: NDArray) -> NDArray[np.int64]:
    """Day in the zone of the campaign's account, 0 = first business day of the period."""
    account = np.array([entry.account for entry in CAMPAIGNS])[campaign]
    offset = np.zeros(len(at), dtype=np.int64)
    for number, (_, _, _, zone) in enumerate(ACCOUNTS):
        rows = account == number
        offset[rows] = zone_offset(at[rows], zone)
    return (at + offset) // DAY - (run.start + 8 * 3_600) // DAY


def tally(run: Run, campaign: NDArray, at: NDArray, weight: NDArray) -> NDArray[np.float64]:
    """Sum of weights per campaign and account day."""
    day = account_day(run, campaign, at).clip(0, run.days - 1)
    cells = campaign * run.days + day
    return np.bincount(cells, weight, len(CAMPAIGNS) * run.days).reshape(-1, run.days)


def paid_results(run: Run, sessions: Columns, orders: Columns) -> Columns:
    """Web clicks, web orders and their value (CNY) per campaign and day of the last click."""
    clicks = take(sessions, sessions["campaign"] >= 0)
    clicks = take(clicks, np.lexsort((clicks["at"], clicks["person"])))
    ones = np.ones(len(clicks["at"]))
    inside = clicks["at"] >= run.start
    campaign, at = clicks["campaign"][inside], clicks["at"][inside]
    result = {"clicks": tally(run, campaign, at, ones[inside])}
    online = (orders["store"] < 0) & ~orders["is_unpaid"]
    bought = take(orders, online & (orders["at"] >= run.start))
    span = np.int64(1) << 34
    click_key = clicks["person"] * span + clicks["at"]
    last = np.searchsorted(click_key, bought["person"] * span + bought["at"]) - 1
    found = last >= 0
    bought, last = take(bought, found), last[found]
    same = clicks["person"][last] == bought["person"]
    same &= bought["at"] - clicks["at"][last] < CLAIM_DAYS * DAY
    same &= clicks["at"][last] >= run.start
    bought, last = take(bought, same), last[same]
    value = bought["net"] / 100 * np.where(bought["is_usd"], CNY_PER_USD, 1)
    campaign, at = clicks["campaign"][last], clicks["at"][last]
    result["conversions"] = tally(run, campaign, at, np.ones(len(at)))
    result["value"] = tally(run, campaign, at, value)
    return result


def draw_stats(run: Run, budget: NDArray[np.float64], results: Columns) -> Columns:
    """One row per campaign, day, network and device with clicks, impressions, cost and claims."""
    rng = run.random("google_ads")
    device_share = np.array(list(DEVICES.values()))
    parts: list[Columns] = []
    unseen = (1 - CLICKS_SEEN_SHARE) / CLICKS_SEEN_SHARE
    for number, campaign in enumerate(CAMPAIGNS):
        networks = NETWORKS[campaign.kind]
        share = [1.0] if len(networks) == 1 else [FIRST_NETWORK_SHARE, 1 - FIRST_NETWORK_SHARE]
        cell_share = np.outer(share, device_share).ravel()
        seen = results["clicks"][number].astype(np.int64)
        clicks = rng.multinomial(seen + rng.poisson(seen * unseen + 0.5), cell_share)
        rate = 1 / CURRENCY_RATE[ACCOUNTS[campaign.account][2]]
        noise = rng.uniform(0.9, 1.1, clicks.shape) * (clicks + 0.2)
        part = noise / noise.sum(axis=1, keepdims=True)
        cost = budget[number][:, None] * part * rate
        claim = clicks / clicks.sum(axis=1, keepdims=True).clip(1) * OVER_CLAIM
        wobble = rng.normal(1, 0.08, clicks.shape[0]).clip(0.6)[:, None]
        shape = clicks.shape
        unclicked = rng.poisson((clicks + 0.3) / CLICK_RATE[campaign.kind])
        parts.append({
            "campaign": np.full(shape, number).ravel(),
            "day": np.repeat(np.arange(run.days), shape[1]),
            "network": np.tile(np.repeat(np.array(networks, object), 3), run.days),
            "device": np.tile(np.array(list(DEVICES) * len(networks), object), run.days),
            "clicks": clicks.ravel(),
            "impressions": (clicks + unclicked).ravel(),
            "cost_micros": (cost * 1_000_000).round().astype(np.int64).ravel(),
            "conversions": (results["conversions"][number][:, None] * claim * wobble).ravel(),
            "value": (results["value"][number][:, None] * claim * wobble * rate).ravel(),
        })  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


CURRENCY_RATE = {"CNY": 1.0, "USD": CNY_PER_USD}

STATS = """
create or replace table google_ads_campaign_stats as
with copied as (
    select s.*, 0 as copy from stats as s
    union all
    select s.*, 1 as copy from stats as s where restated and bad = 0
)
select strftime(date '{first}' + day::int, '%Y') || case when copy = 0 and restated and bad = 0
        then '_restated' else '' end as file,
    a.id as customer_id, c.id as id,
    case bad when 1 then '2026-02-30' when 2 then null
        else strftime(date '{first}' + day::int, '%Y-%m-%d') end as date,
    network as ad_network_type, device, impressions::varchar as impressions,
    case when copy = 1 then greatest(clicks - 1, 0) else clicks end::varchar as clicks,
    case bad when 3 then 'NaN' else
        (case when copy = 1 then cost_micros * 97 // 100 else cost_micros end)::varchar end
        as cost_micros,
    printf('%.2f', conversions) as conversions, printf('%.2f', value) as conversions_value,
    iso_utc({start} + (day + case when copy = 0 and restated then 8 else 1 end) * 86400 + 72000)
        as _fivetran_synced,
    campaign, day, network, null::bigint as t_person, _fivetran_synced as t_updated, copy as t_copy,
    concat_ws(':', a.id, c.id, day, network, device) as t_key,
    case bad when 1 then 'date:not_a_date' when 2 then 'date:missing'
        when 3 then 'cost_micros:not_a_number' end as t_reject
from copied join campaign_list as c using (campaign) join accounts as a using (account);

create or replace table google_ads_campaign_history as
with named as (
    select campaign, name, {start} - 40 * 86400 + campaign * 3600 as changed from campaign_list
    union all
    select campaign, name, r.at from renamed as r
)
select 'all' as file, c.id as id, a.id as customer_id, n.name as name,
    c.kind as advertising_channel_type, 'ENABLED' as status, iso_utc(changed) as updated_at,
    campaign, null::bigint as t_person, updated_at as t_updated, 0 as t_copy,
    c.id || ':' || updated_at as t_key, null::varchar as t_reject
from named as n join campaign_list as c using (campaign) join accounts as a using (account);

create or replace table google_ads_account_history as
select 'all' as file, id, name as descriptive_name, currency as currency_code, zone as time_zone,
    iso_utc({start} - 60 * 86400) as updated_at, account,
    null::bigint as t_person, updated_at as t_updated, 0 as t_copy, id as t_key,
    null::varchar as t_reject
from accounts;
"""

COLUMNS = {
    "campaign_stats": [
        "customer_id", "id", "date", "ad_network_type", "device", "impressions", "clicks",
        "cost_micros", "conversions", "conversions_value", "_fivetran_synced",
    ],
    "campaign_history": [
        "id", "customer_id", "name", "advertising_channel_type", "status", "updated_at",
    ],
    "account_history": ["id", "descriptive_name", "currency_code", "time_zone", "updated_at"],
}  # fmt: skip


def build_google_ads(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill the tables google_ads_* from the spend plan and the clicks that reached the web shop."""
    stats = draw_stats(run, budget, results)
    rng = run.random("restated")
    size = len(stats["day"])
    stats["restated"] = rng.random(size) < run.rates["stats_restated"]
    bad = rng.random(size) < run.rates["bad_stat"]
    stats["bad"] = np.where(bad, rng.integers(1, 4, size), 0)
    load(con, {
        "stats": stats,
        "accounts": {
            "account": np.arange(len(ACCOUNTS)),
            **{
                name: np.array([account[place] for account in ACCOUNTS], object)
                for place, name in enumerate(("id", "name", "currency", "zone"))
            },
        },
        "renamed": renamed_campaigns(run),
        "campaign_list": {
            "campaign": np.arange(len(CAMPAIGNS)),
            "account": np.array([entry.account for entry in CAMPAIGNS]),
            "id": np.array([entry.id for entry in CAMPAIGNS], object),
            "name": np.array([entry.name for entry in CAMPAIGNS], object),
            "kind": np.array([entry.kind for entry in CAMPAIGNS], object),
        },
    })  # fmt: skip
    con.execute(STATS.format(first=days_of(run)[0].isoformat(), start=run.start))
