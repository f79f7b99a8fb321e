"""Meta ads: daily reports per ad, what Meta claims by kind of action, and the three histories."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .files import Quirks, load
from .platforms import platform_days
from .settings import Columns, Run, days_of
from .sources import Source, Table

AD_NAMES = (
    ("Carousel", "Video 15s", "Story"), ("Carousel", "Collection"), ("Video", "Reel", "Story"),
)  # fmt: skip
"""Ads of each campaign of the platform, in the order of the catalogue."""
AD_WEIGHTS = (0.5, 0.3, 0.2)
PIXEL_SHARE = 0.9
"""Share of the purchases that the pixel of the web page saw; the app reports the others."""

CLAIMS_PER_DAY = 8
"""Kinds of action of a day with purchases, one of which is spoilt on a spoilt day."""


def draw_ads(run: Run, budget: NDArray[np.float64], results: Columns) -> Columns:
    """One row per ad and day: clicks, impressions, spend and purchase value in cents, purchases.

    The ads of a campaign share its day to the cent. The last ad of each is paused for a third of
    the period: its days cost nothing and are reported all the same.
    """
    rng = run.random("meta_ads")
    days = platform_days(run, "meta_ads", budget, results)
    parts: list[Columns] = []
    for place, number in enumerate(np.unique(days["campaign"])):
        day = {name: values[days["campaign"] == number] for name, values in days.items()}
        count = len(AD_NAMES[place])
        weight = rng.uniform(0.8, 1.2, (run.days, count)) * AD_WEIGHTS[:count]
        weight[run.days // 3 : run.days * 2 // 3, -1] = 0
        share = weight / weight.sum(axis=1, keepdims=True)
        until = np.minimum(np.cumsum(share, axis=1), 1)
        until[:, -1] = 1
        spend = np.diff((until * day["spend"][:, None]).round().astype(np.int64), prepend=0)
        clicks = rng.multinomial(day["clicks"], share)
        unclicked = rng.multinomial(day["impressions"] - day["clicks"], share)
        so_far = np.cumsum(share * day["conversions"][:, None], axis=0).round()
        purchases = np.diff(so_far.astype(np.int64), axis=0, prepend=0)
        worth = np.cumsum(share * day["value"][:, None] * 100, axis=0).round().astype(np.int64)
        worth = np.maximum.accumulate(np.where(purchases > 0, worth, 0), axis=0)
        parts.append({
            "campaign": np.full(share.shape, number).ravel(),
            "ad": (np.full(share.shape, place * 10) + np.arange(count)).ravel(),
            "day": np.repeat(day["day"], count),
            "clicks": clicks.ravel(),
            "impressions": (clicks + unclicked).ravel(),
            "spend": spend.ravel(),
            "purchases": purchases.ravel(),
            "pixel": rng.binomial(purchases, PIXEL_SHARE).ravel(),
            "worth": np.diff(worth, axis=0, prepend=0).ravel(),
        })  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


ADS = """
create or replace macro meta_ad_id(ad) as (120210044871560000 + ad * 7)::bigint::varchar;
create or replace macro meta_day(day) as strftime(date '{first}' + day::int, '%Y-%m-%d');
create or replace macro meta_time(seconds) as strftime(utc(seconds), '%Y-%m-%d %H:%M:%S') || '.193';
create or replace macro meta_count(n) as n::bigint || '.0';
create or replace macro meta_read_at(day, late) as
    {start} + (day + case when late then 8 else 1 end) * 86400 + 72000 + day % 60;

create or replace table meta_ads_basic_ad as
with copied as (
    select *, 0 as copy, restated as late from meta_days
    union all
    select *, 1, false from meta_days where restated and bad = 0
)
select year(date '{first}' + day::int) || case when late and bad = 0 then '_restated' else '' end
        as file,
    meta_ad_id(ad) as ad_id,
    case bad when 1 then '2026-02-30' else meta_day(day) end as date,
    c.account_id, impressions::varchar as impressions,
    nullif(case copy when 1 then greatest(clicks - 1, 0) else clicks end, 0)::varchar
        as inline_link_clicks,
    case bad when 2 then null when 3 then 'NaN' when 4 then '-0.01'
        else yuan(case copy when 1 then spend * 97 // 100 else spend end)
            || case when is_float and (day + ad) % 7 = 0 then '0000000000004' else '' end
        end as spend,
    (impressions * 9 // 10)::varchar as reach,
    meta_time(meta_read_at(day, late)) as _fivetran_synced,
    ad, day, meta_read_at(day, late) as t_updated, copy as t_copy,
    meta_ad_id(ad) || ':' || meta_day(day) as t_key,
    case bad when 1 then 'date:not_a_date' when 2 then 'spend:missing'
        when 3 then 'spend:not_a_number' when 4 then 'spend:negative' end as t_reject
from copied join campaigns as c using (campaign);

-- Meta tells of one purchase under several kinds; the widest only since the catalogue was linked.
create or replace table meta_claims as
with told as (
    select *, worth * pixel // greatest(purchases, 1) as pixel_worth,
        purchases - pixel as in_app, day >= {linked} as is_linked
    from meta_days
), kinds as (
    select ad, day, restated, bad_kind, bad_claim, unnest([
        {{k: 'add_to_cart', n: purchases * 3, cents: worth * 3}},
        {{k: 'app_custom_event.fb_mobile_purchase', n: in_app, cents: worth - pixel_worth}},
        {{k: 'link_click', n: clicks, cents: null}},
        {{k: 'offsite_conversion.fb_pixel_add_to_cart', n: purchases * 3, cents: worth * 3}},
        {{k: 'offsite_conversion.fb_pixel_purchase', n: pixel, cents: pixel_worth}},
        {{k: 'omni_purchase', n: if(is_linked, purchases, 0), cents: worth}},
        {{k: 'onsite_web_app_purchase', n: purchases, cents: worth}},
        {{k: 'onsite_web_purchase', n: pixel, cents: pixel_worth}},
        {{k: 'purchase', n: purchases, cents: worth}},
        {{k: 'web_in_store_purchase', n: if(is_linked, purchases, 0), cents: worth}}
    ]) as claim, generate_subscripts([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1) as kind_no
    from told
), claimed as (
    select ad, day, restated, claim.k as kind, claim.n as n, claim.cents as cents,
        case when kind_no = bad_kind then bad_claim else 0 end as bad
    from kinds where claim.n > 0
), copied as (
    select *, 0 as copy, restated as late from claimed
    union all
    select * replace (n * 4 // 5 as n, cents * 4 // 5 as cents), 1, false
    from claimed where restated and bad = 0 and n * 4 // 5 > 0
)
select *, row_number() over (partition by ad, day, copy order by kind) - 1 as place from copied;
"""
CLAIMS = """
create or replace table meta_ads_{table} as
select year(date '{first}' + day::int) || case when late and bad_here = 0 then '_restated' else ''
        end as file,
    substr(md5(ad || ':' || day), 1, 27) || '=' as _fivetran_id, meta_ad_id(ad) as ad_id,
    meta_day(day) as date, place::varchar as index, kind as action_type,
    case bad_here when 1 then 'NaN' when 2 then null else {write}({amount}) end as value,
    {write}({amount} // 3) as _1_d_view, {write}({amount} - {amount} // 3) as _7_d_click,
    meta_time(meta_read_at(day, late)) as _fivetran_synced,
    ad, day, meta_read_at(day, late) as t_updated, copy as t_copy,
    concat_ws(':', meta_ad_id(ad), meta_day(day), kind) as t_key,
    case bad_here when 1 then 'value:not_a_number' when 2 then 'value:missing' end as t_reject
from (select *, case when bad in ({faults}) then (bad - 1) // 2 + 1 else 0 end as bad_here
    from meta_claims)
where {amount} is not null;
"""
HISTORIES = """
create or replace table meta_ads_ad_history as
with versions as (
    select *, name || ' ' || ad_name as written, {start} - 40 * 86400 + ad * 3600 as changed
    from meta_ad_list join campaigns using (campaign)
    union all
    select *, name || ' ' || ad_name || ' (new cut)', {start} + {days} * 43200 + ad * 3600
    from meta_ad_list join campaigns using (campaign) where ad % 10 = 1
)
select year(utc(changed))::varchar as file, meta_ad_id(ad) as id,
    'act_' || account_id as account_id,
    (120210044871570000 + ad)::bigint::varchar as ad_set_id, id as campaign_id,
    (120210044871580000 + ad)::bigint::varchar as creative_id, written as name,
    strftime(utc(changed), '%Y-%m-%dT%H:%M:%S+0000') as updated_time, changed as t_updated,
    0 as t_copy, meta_ad_id(ad) || ':' || updated_time as t_key, null::varchar as t_reject
from versions;
insert into meta_ads_ad_history
select * replace ('synced_again' as file, 1 as t_copy) from meta_ads_ad_history
where {again} and campaign_id = (select min(campaign_id) from meta_ads_ad_history);

create or replace table meta_ads_campaign_history as
with versions as (
    select *, name as written, {start} - 45 * 86400 + campaign * 3600 as changed from campaigns
    union all
    select *, name, {start} + {days} * 28800 + campaign * 3600 from campaigns
    union all
    select *, name || ' always on', {start} + {days} * 57600 + campaign * 3600 from campaigns
    where kind = 'SOCIAL' and name like '% Reach'
)
select 'all' as file, id, account_id, written as name, 'OUTCOME_SALES' as objective,
    meta_time(changed) as updated_time, changed as t_updated, 0 as t_copy,
    id || ':' || updated_time as t_key, null::varchar as t_reject
from versions where platform = 'meta_ads';

create or replace table meta_ads_account_history as
select 'all' as file, 'act_' || id as id, name, meta_time({start} - 60 * 86400) as _fivetran_synced,
    {start} - 60 * 86400 as t_updated, 0 as t_copy, id as t_key, null::varchar as t_reject
from accounts where platform = 'meta_ads';
"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill the tables meta_ads_* from the spend plan and the clicks that reached the web shop."""
    days = draw_ads(run, budget, results)
    rng, size = run.random("meta_ads", "dirt"), len(days["day"])
    days["restated"] = rng.random(size) < run.rates["stats_restated"]
    chance = rng.random((2, size))
    days["bad"] = np.where(chance[0] < run.rates["bad_stat"], rng.integers(1, 5, size), 0)
    is_bad = chance[1] < run.rates["bad_stat"] * CLAIMS_PER_DAY
    days["bad_claim"] = np.where(is_bad, rng.integers(1, 5, size), 0)
    days["bad_kind"] = rng.choice((1, 5, 9), size)
    is_varied = bool(run.rates["file_variation"])
    days["is_float"] = np.full(size, is_varied)
    ads, first = np.unique(days["ad"], return_index=True)
    load(con, {
        "meta_days": days,
        "meta_ad_list": {
            "ad": ads,
            "campaign": days["campaign"][first],
            "ad_name": np.array([AD_NAMES[ad // 10][ad % 10] for ad in ads], object),
        },
    })  # fmt: skip
    first_day = days_of(run)[0].isoformat()
    con.execute(ADS.format(first=first_day, start=run.start, linked=run.days // 2))
    for table, write, amount, faults in (
        ("basic_ad_actions", "meta_count", "n", "1, 3"),
        ("basic_ad_action_values", "yuan", "cents", "2, 4"),
    ):
        con.execute(
            CLAIMS.format(table=table, first=first_day, write=write, amount=amount, faults=faults)
        )
    con.execute(HISTORIES.format(start=run.start, days=run.days, again=str(is_varied).lower()))


def quirks(run: Run, found: Quirks) -> None:
    """Another header and one more column in some files."""
    if run.rates["file_variation"]:
        found.renamed["meta_ads_basic_ad", "2026"] = {"date": "date_start"}
        found.extra["meta_ads_basic_ad_actions", "2026"] = "'' as inline"


CLAIM_COLUMNS = (
    "_fivetran_id", "ad_id", "date", "index", "_1_d_view", "_7_d_click", "_fivetran_synced",
    "action_type", "value",
)  # fmt: skip
TABLES = (
    Table("basic_ad", (
        "ad_id", "date", "account_id", "impressions", "inline_link_clicks", "spend", "reach",
        "_fivetran_synced",
    ), "ad, day, t_copy", once=True),
    Table("basic_ad_actions", CLAIM_COLUMNS, "ad, day, t_key, t_copy", once=True),
    Table("basic_ad_action_values", CLAIM_COLUMNS, "ad, day, t_key, t_copy", once=True),
    Table("ad_history", (
        "id", "account_id", "ad_set_id", "campaign_id", "creative_id", "name", "updated_time",
    ), "t_updated, id", once=True),
    Table(
        "campaign_history", ("id", "account_id", "name", "objective", "updated_time"),
        "id, updated_time", "parquet", once=True,
    ),
    Table("account_history", ("id", "name", "_fivetran_synced"), "id", "parquet", once=True),
)  # fmt: skip
SOURCE = Source("meta_ads", TABLES, build_once=build, quirks=quirks)
