"""Ocean Engine 巨量引擎: reports by campaign, day and ad, from the console and the interface."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .faults import renamed_campaigns
from .files import Quirks, load
from .platforms import draw_readings, platform_days, split_days
from .settings import LAST_DAY, Columns, Run, days_of
from .sources import Source, Table

ADS = 2
HEADERS = {
    "stat_datetime": "时间-天", "advertiser_id": "账户ID", "campaign_id": "项目ID",
    "campaign_name": "项目名称", "ad_id": "单元ID", "stat_cost": "消耗(元)", "show_cnt": "展示数",
    "click_cnt": "点击数", "attribution_convert_cnt": "转化数(计费时间)", "convert_cnt": "转化数",
    "attribution_wechat_pay_30d_amount": "微信内首次付费金额(计费时间)",
}  # fmt: skip
"""The console's headers; the names of the columns are the interface's."""

# Copy 1 is an earlier reading, copy 0 the last; kind 0 an ad, 1 a subtotal of the campaign among
# its ads, 2 the campaign in an export of its own, 3 the line below all others.
REPORT = """
create or replace table ocean_engine_report as
with read as (
    select *, 0 as copy from ocean_engine_rows
    union all
    select * replace (spend * 97 // 100 as spend, greatest(conversions - 1, 0) as conversions),
        1 as copy
    from ocean_engine_rows where is_restated
), filed as (
    select *, (date '{first}' + day::int) as date,
        year(date) || case when copy = 0 and is_restated then '_restated' else '' end as file
    from read
), listed as (
    select 0 as kind, file, campaign, date, day, part, copy, bad, is_twice, clicks, impressions,
        spend, value, conversions, converted
    from filed
    union all
    select 1, year(date)::varchar, campaign, date, day, null, 0, 0, is_twice, sum(clicks),
        sum(impressions), sum(spend), sum(value), sum(conversions), sum(converted)
    from filed where has_subtotal and regexp_matches(file, '^....$') group by all
    union all
    select 2, 'by_campaign', campaign, date, day, null, 0, 0, true, sum(clicks),
        sum(impressions), sum(spend), sum(value), sum(conversions), sum(converted)
    from filed where is_twice and copy = 0 group by all
    union all
    select 3, file, null, null, null, null, 0, 0, false, sum(clicks), sum(impressions),
        sum(spend), sum(value), sum(conversions), sum(converted)
    from filed where {has_totals} and regexp_matches(file, '^....$') and file < '{last_year}'
    group by file
), spelt as (
    select l.*, regexp_matches(file, '^....$') and file < '{last_year}' as by_console,
        c.account_id, c.id, coalesce(r.name, c.name) as name,
        (c.id::bigint + 1000003 * (l.part + 1))::varchar as ad,
        day = max(day) over (partition by file) as is_newest
    from listed as l left join campaigns as c using (campaign)
    left join renamed as r on r.campaign = l.campaign and {start} + l.day * 86400 >= r.at
)
select file,
    case when kind = 3 then '合计' when bad = 1 then '2026-02-30' when by_console
        then strftime(date, '%Y-%m-%d') else strftime(date, '%Y-%m-%d 00:00:00') end
        as stat_datetime,
    case when kind = 3 then '-' when by_console then account_id || chr(9) else account_id end
        as advertiser_id,
    case when kind = 3 then '-' when bad = 2 then '1.79553E+15'
        when by_console then id || chr(9) else id end as campaign_id,
    case when kind = 3 then '-' else name end as campaign_name,
    case when part is not null then case when by_console then ad || chr(9) else ad end
        when kind = 1 and by_console or kind = 3 then '-' when kind = 1 then '0' end as ad_id,
    case when bad = 3 then '1.2万' when bad = 4 then yuan(spend) || '00000004'
        when by_console then grouped_yuan(spend) else yuan(spend) || '0000' end as stat_cost,
    counted(impressions, by_console) as show_cnt,
    counted(clicks, by_console) as click_cnt,
    -- What comes back to the newest day is not known yet.
    case when is_newest then '-' else counted(conversions, by_console) end
        as attribution_convert_cnt,
    counted(converted, by_console) as convert_cnt,
    case when is_newest then '-' when by_console then grouped_yuan(value) else yuan(value) end
        as attribution_wechat_pay_30d_amount,
    case when impressions > 0 then printf('%.2f%%', 100.0 * clicks / impressions) else '-' end
        as ctr,
    coalesce(day, 999999) as day_no, campaign, coalesce(part, 99) as part_no, kind,
    null::bigint as t_person, case when kind = 2 then 1 else 0 end as t_updated, copy as t_copy,
    concat_ws(':', id, day, case when not is_twice then part end) as t_key,
    case when kind = 3 then 'advertiser_id:missing;campaign_id:missing;stat_datetime:not_a_date'
        when kind = 1 then 'record:subtotal' when bad = 1 then 'stat_datetime:not_a_date'
        when bad = 2 then 'campaign_id:not_an_id' when bad = 3 then 'stat_cost:not_a_number'
        when bad = 4 then 'stat_cost:more_than_6_decimals' end as t_reject
from spelt;
"""

MACROS = """
create or replace macro grouped_yuan(amount) as
    format('{:,}', (amount // 100)::bigint) || '.' || lpad((amount % 100)::varchar, 2, '0');
create or replace macro counted(number, by_console) as case when not by_console
    then number::bigint::varchar when number = 0 then '-' else format('{:,}', number::bigint) end;
"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill ocean_engine_report from the spend plan and the clicks that reached the mall."""
    days = platform_days(run, "ocean_engine", budget, results)
    rows = split_days(run.random("ocean_engine"), days, ADS)
    rows = draw_readings(run, "ocean_engine readings", rows, ADS, 4)
    load(con, {"ocean_engine_rows": rows, "renamed": renamed_campaigns(run)})
    con.execute(MACROS)
    con.execute(REPORT.format(
        first=days_of(run)[0].isoformat(), start=run.start, last_year=LAST_DAY.year,
        has_totals=bool(run.rates["file_variation"]),
    ))  # fmt: skip


def quirks(run: Run, found: Quirks) -> None:
    """Console exports have Chinese headers and bytes, and rates among the counts."""
    for year in {str(day.year) for day in days_of(run)} - {str(LAST_DAY.year)}:
        found.renamed["ocean_engine_report", year] = HEADERS
        found.encodings["ocean_engine_report", year] = "gb18030"
        found.extra["ocean_engine_report", year] = 'ctr as "点击率%"'


TABLES = (
    Table(
        "report", tuple(HEADERS), "day_no, campaign, part_no, kind, t_copy", may_break=True,
        once=True,
    ),
)  # fmt: skip
SOURCE = Source("ocean_engine", TABLES, build_once=build, quirks=quirks)
