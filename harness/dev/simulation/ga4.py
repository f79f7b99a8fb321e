"""Web analytics: events and their items, shaped as the BigQuery export of Google Analytics 4."""

import duckdb
import numpy as np

from .annotate import bad_codes
from .behaviour import take
from .catalogue import WEB
from .files import json_line, load, quoted
from .sessions import draw_events
from .settings import STREAM_ID, TABLET_COOKIE, Columns, Run
from .sources import Source, Table


def deliveries(rng: np.random.Generator, run: Run, events: Columns) -> Columns:
    """Add bad code and lateness to events; returns them with re-sent copies at the end."""
    size, rates = len(events["at_us"]), run.rates
    events["row"] = np.arange(size)
    events["bad"] = bad_codes(rng, rates["bad_event"], 3, size)
    events["is_late"] = rng.random(size) < rates["event_late"]
    events["copy"] = np.zeros(size, dtype=np.int64)
    again = (rng.random(size) < rates["event_resent"]) & (events["bad"] == 0)
    copies = take(events, again)
    copies["copy"] += 1
    return {name: np.concatenate([events[name], copies[name]]) for name in events}


GA4 = """
create or replace table ga4_events as
select
    case when e.copy = 1 then 'resent'
        else strftime(local_time(e.at_us // 1000000)
            + case when e.is_late then interval 1 month else interval 0 month end, '%Y-%m')
        end as file,
    case when e.bad = 1 then 4070908800000000 + e.row
        when e.bad = 3 then null else e.at_us end as event_timestamp,
    case when e.bad <> 2 then names.event_name end as event_name,
    user_pseudo_id, case when e.knows_user then s.customer end as user_id,
    {stream} as stream_id, 'WEB' as platform,
    {bundle} + e.session as event_bundle_sequence_id, e.index as batch_event_index,
    'https://mall.omniloop.example/' || case
        when e.event < 2 then '' when e.event < 3 then 'products/' || sku
        when e.event < 5 then 'account' else 'checkout' end as page_location,
    s.at as ga_session_id,
    case when e.event < 2 then s.source end as source,
    case when e.event < 2 then s.medium end as medium,
    case when e.event < 2 then s.campaign end as campaign,
    case when e.event < 2 and s.platform = 'google_ads' then s.click_id end as gclid,
    s.device_category,
    case when names.event_name = 'purchase' then order_id(o.number) end as transaction_id,
    e.row as t_row, e.event as t_event, e.product as t_product, s."order" as t_order,
    s.campaign_id as t_campaign_id, s.campaign_name as t_campaign_name,
    s.spelling as t_spelling, s.platform as t_platform,
    s.person_id as t_person, e.at_us as t_updated, e.copy as t_copy,
    concat_ws(':', {stream}, user_pseudo_id, e.at_us, names.event_name, {bundle} + e.session,
        e.index) as t_key,
    case e.bad when 1 then 'event_timestamp:in_future' when 2 then 'event_name:missing'
        when 3 then 'event_timestamp:missing' end as t_reject,
    user_pseudo_id as t_cookie, not s.is_tablet as t_cookie_is_own,
    case when e.knows_user then s.customer end as t_customer
from events as e
join (
    select *, case when is_tablet then '{tablet}' else cookie_text(cookie) end as user_pseudo_id
    from visits
) as s using (session) join event_names as names using (event)
join products using (product) left join orders as o on o.row = s."order";

create or replace table ga4_event_items as
select e.file, e.event_timestamp, e.event_name, e.user_pseudo_id,
    coalesce(l.line - 1, 0) as item_index, sku as item_id, products.name as item_name,
    category as item_category, price_fen / 100 as price, coalesce(l.quantity, 1) as quantity,
    t_person, t_updated, t_copy, t_key || ':' || item_index as t_key, t_reject
from ga4_events as e
left join lines as l on l."order" = e.t_order and e.t_event in (6, 7)
join products on products.product = coalesce(l.product, e.t_product)
where t_reject is null and e.t_event in (2, 5, 6, 7);
"""

EVENT_RECORD = json_line({
    "event_timestamp": "event_timestamp",
    "event_name": quoted("event_name"),
    "user_pseudo_id": quoted("user_pseudo_id"),
    "user_id": quoted("user_id"),
    "stream_id": quoted("stream_id"),
    "platform": quoted("platform"),
    "event_bundle_sequence_id": "event_bundle_sequence_id",
    "batch_event_index": "batch_event_index",
    "event_params": [
        {
            "key": "'\"page_location\"'",
            "value": {"string_value": quoted("page_location"), "int_value": "null"},
        },
        {
            "key": "'\"ga_session_id\"'",
            "value": {"string_value": "null", "int_value": "ga_session_id"},
        },
    ],
    "collected_traffic_source": {
        "manual_source": quoted("source"),
        "manual_medium": quoted("medium"),
        "manual_campaign_name": quoted("campaign"),
        "gclid": quoted("gclid"),
    },
    "device": {"category": quoted("device_category")},
    "ecommerce": {"transaction_id": quoted("transaction_id")},
})  # fmt: skip
ITEM_RECORD = """{
    event_timestamp: event_timestamp, event_name: event_name, user_pseudo_id: user_pseudo_id,
    item_index: item_index, item_id: item_id, item_name: item_name, item_category: item_category,
    price: price, quantity: quantity}"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables ga4_events and ga4_event_items from the web visits of the period."""
    rng, sessions = run.random("ga4", chunk), world["sessions"]
    on_web = np.flatnonzero((sessions["surface"] == WEB) & sessions["is_tracked"])
    events = draw_events(rng, run, sessions, on_web, world["lines"])
    events = take(events, np.argsort(events["at_us"], kind="stable"))
    load(con, {"events": deliveries(rng, run, events)})
    con.execute(GA4.format(
        tablet=TABLET_COOKIE, stream=f"'{STREAM_ID}'", bundle=1 + chunk * 100_000_000
    ))  # fmt: skip


TABLES = (
    Table("events", (), "", "ndjson", EVENT_RECORD, may_break=True, is_record=True),
    Table("event_items", (), "", "ndjson", ITEM_RECORD),
)
SOURCE = Source("ga4", TABLES, build, campaigns_seen="ga4_events")
