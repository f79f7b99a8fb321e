"""Tencent Ads 腾讯广告: rows of the report interface by day and adgroup, money in 分."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .faults import renamed_campaigns
from .files import load
from .platforms import draw_readings, platform_days, split_days
from .settings import Columns, Run, days_of
from .sources import Source, Table

ADGROUPS = 2

# Copy 1 is an earlier reading, copy 0 the last; kind 0 an adgroup, 1 a subtotal of the campaign
# among its adgroups, 2 the campaign in a report of its own.
REPORTS = """
create or replace table tencent_ads_daily_reports as
with read as (
    select *, 0 as copy from tencent_ads_rows
    union all
    select * replace (spend * 97 // 100 as spend, greatest(conversions - 1, 0) as conversions),
        1 as copy
    from tencent_ads_rows where is_restated
), filed as (
    select *, (date '{first}' + day::int) as date,
        year(date) || case when copy = 0 and is_restated then '_restated' else '' end as file
    from read
), listed as (
    select 0 as kind, file, campaign, date, day, part, copy, bad, is_twice, clicks, impressions,
        spend, value, conversions
    from filed
    union all
    select 1, year(date)::varchar, campaign, date, day, null, 0, 0, is_twice, sum(clicks),
        sum(impressions), sum(spend), sum(value), sum(conversions)
    from filed where has_subtotal and regexp_matches(file, '^....$') group by all
    union all
    select 2, 'by_campaign', campaign, date, day, null, 0, 0, true, sum(clicks),
        sum(impressions), sum(spend), sum(value), sum(conversions)
    from filed where is_twice and copy = 0 group by all
)
select file,
    case when bad = 1 then '2026-02-30' else strftime(date, '%Y-%m-%d') end as date,
    case when bad = 2 then '2.74188E+7' else c.account_id end as account_id,
    c.id as campaign_id, coalesce(r.name, c.name) as campaign_name,
    (c.id::bigint * 10 + part)::varchar as adgroup_id,
    coalesce(r.name, c.name) || ' ' || list_value('女', '男')[part + 1] as adgroup_name,
    impressions::bigint as view_count, clicks::bigint as valid_click_count,
    -- Clicks on the picture alone, which are not the clicks that are paid for.
    (clicks // 2)::bigint as click_image_count,
    case bad when 3 then yuan(spend) when 4 then null else spend::bigint::varchar end as cost,
    case when clicks > 0 then (spend // clicks)::bigint end as cpc,
    conversions::bigint as conversions_count, value::bigint as order_amount,
    l.day, l.campaign, coalesce(l.part, 99) as part_no, l.kind,
    null::bigint as t_person, case when l.kind = 2 then 1 else 0 end as t_updated, copy as t_copy,
    concat_ws(':', c.id, day, case when not is_twice then part end) as t_key,
    case when l.kind = 1 then 'record:subtotal'
        else list_value('date:not_a_date', 'account_id:not_an_id', 'cost:not_whole_fen',
            'cost:missing')[bad] end as t_reject
from listed as l join campaigns as c using (campaign)
left join renamed as r on r.campaign = l.campaign and {start} + l.day * 86400 >= r.at;
"""

RECORD = """{date: date, account_id: account_id::json, campaign_id: campaign_id::bigint,
    campaign_name: campaign_name, adgroup_id: adgroup_id::bigint, adgroup_name: adgroup_name,
    view_count: view_count, valid_click_count: valid_click_count,
    click_image_count: click_image_count, cost: cost::json, cpc: cpc,
    conversions_count: conversions_count, order_amount: order_amount}"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill tencent_ads_daily_reports from the spend plan and the clicks that reached the mall."""
    days = platform_days(run, "tencent_ads", budget, results)
    rows = split_days(run.random("tencent_ads"), days, ADGROUPS)
    rows = draw_readings(run, "tencent_ads readings", rows, ADGROUPS, 4)
    load(con, {"tencent_ads_rows": rows, "renamed": renamed_campaigns(run)})
    con.execute(REPORTS.format(first=days_of(run)[0].isoformat(), start=run.start))


TABLES = (
    Table(
        "daily_reports", (), "day, campaign, part_no, kind, t_copy", "ndjson", RECORD,
        may_break=True, once=True,
    ),
)  # fmt: skip
SOURCE = Source("tencent_ads", TABLES, build_once=build)
