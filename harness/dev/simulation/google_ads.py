"""Google Ads: daily statistics per campaign, network and device, and the two history tables."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .catalogue import CAMPAIGNS, NETWORKS
from .faults import renamed_campaigns
from .files import Quirks, load
from .platforms import platform_days
from .settings import Columns, Run, days_of
from .sources import Source, Table

DEVICES = {"MOBILE": 0.64, "DESKTOP": 0.28, "TABLET": 0.08}
FIRST_NETWORK_SHARE = 0.9


def draw_stats(run: Run, budget: NDArray[np.float64], results: Columns) -> Columns:
    """One row per campaign, day, network and device with clicks, impressions, cost and claims."""
    rng = run.random("google_ads")
    days = platform_days(run, "google_ads", budget, results)
    device_share = np.array(list(DEVICES.values()))
    parts: list[Columns] = []
    for number in np.unique(days["campaign"]):
        rows = days["campaign"] == number
        networks = NETWORKS[CAMPAIGNS[number].kind]
        share = [1.0] if len(networks) == 1 else [FIRST_NETWORK_SHARE, 1 - FIRST_NETWORK_SHARE]
        cell_share = np.outer(share, device_share).ravel()
        clicks = rng.multinomial(days["clicks"][rows], cell_share)
        unclicked = rng.multinomial((days["impressions"] - days["clicks"])[rows], cell_share)
        noise = rng.uniform(0.9, 1.1, clicks.shape) * (clicks + 0.2)
        until = np.cumsum(noise, axis=1) / noise.sum(axis=1, keepdims=True)
        cost = (until * days["spend"][rows][:, None] * 10_000).round().astype(np.int64)
        claim = clicks / clicks.sum(axis=1, keepdims=True).clip(1)
        shape = clicks.shape
        parts.append({
            "campaign": np.full(shape, number).ravel(),
            "day": np.repeat(days["day"][rows], shape[1]),
            "network": np.tile(np.repeat(np.array(networks, object), 3), run.days),
            "device": np.tile(np.array(list(DEVICES) * len(networks), object), run.days),
            "clicks": clicks.ravel(),
            "impressions": (clicks + unclicked).ravel(),
            "cost_micros": np.diff(cost, axis=1, prepend=0).ravel(),
            "conversions": (days["conversions"][rows][:, None] * claim).ravel(),
            "value": (days["value"][rows][:, None] * claim).ravel(),
        })  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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
from copied join campaigns as c using (campaign)
join accounts as a on a.account = c.account;

create or replace table google_ads_campaign_history as
with named as (
    select campaign, name, {start} - 40 * 86400 + campaign * 3600 as changed from campaigns
    where platform = 'google_ads'
    union all
    select campaign, name, r.at from renamed as r
)
select 'all' as file, c.id as id, a.id as customer_id, n.name as name,
    c.kind as advertising_channel_type, 'ENABLED' as status, iso_utc(changed) as updated_at,
    campaign, null::bigint as t_person, updated_at as t_updated, 0 as t_copy,
    c.id || ':' || updated_at as t_key, null::varchar as t_reject
from named as n join campaigns as c using (campaign)
join accounts as a on a.account = c.account where c.platform = 'google_ads';

create or replace table google_ads_account_history as
select 'all' as file, id, name as descriptive_name, currency as currency_code, zone as time_zone,
    iso_utc({start} - 60 * 86400) as updated_at, account,
    null::bigint as t_person, updated_at as t_updated, 0 as t_copy, id as t_key,
    null::varchar as t_reject
from accounts where platform = 'google_ads';
"""

def build(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill the tables google_ads_* from the spend plan and the clicks that reached the web shop."""
    stats = draw_stats(run, budget, results)
    rng = run.random("restated")
    size = len(stats["day"])
    stats["restated"] = rng.random(size) < run.rates["stats_restated"]
    bad = rng.random(size) < run.rates["bad_stat"]
    stats["bad"] = np.where(bad, rng.integers(1, 4, size), 0)
    load(con, {"stats": stats, "renamed": renamed_campaigns(run)})
    con.execute(STATS.format(first=days_of(run)[0].isoformat(), start=run.start))


def quirks(run: Run, found: Quirks) -> None:
    """Another header in one file."""
    if run.rates["file_variation"]:
        found.renamed["google_ads_campaign_stats", "2026"] = {"id": "campaign_id"}


TABLES = (
    Table("campaign_stats", (
        "customer_id", "id", "date", "ad_network_type", "device", "impressions", "clicks",
        "cost_micros", "conversions", "conversions_value", "_fivetran_synced",
    ), "campaign, day, network, device, t_copy", once=True),
    Table(
        "campaign_history",
        ("id", "customer_id", "name", "advertising_channel_type", "status", "updated_at"),
        "id, updated_at", "parquet", once=True,
    ),
    Table(
        "account_history",
        ("id", "descriptive_name", "currency_code", "time_zone", "updated_at"),
        "id, updated_at", "parquet", once=True,
    ),
)  # fmt: skip
SOURCE = Source("google_ads", TABLES, build_once=build, quirks=quirks)
