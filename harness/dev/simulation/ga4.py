"""Web analytics: events and their items, shaped as the BigQuery export of Google Analytics 4."""

import duckdb
import numpy as np

from .annotate import bad_codes
from .behaviour import take
from .catalogue import CAMPAIGNS, SOCIAL_CAMPAIGNS
from .files import load
from .sessions import EVENTS, draw_events
from .settings import STREAM_ID, TABLET_COOKIE, Columns, Run

EXACT, LOWER, SPACED, TYPO, UNMATCHED = range(5)


def spell_campaigns(rng: np.random.Generator, run: Run, sessions: Columns) -> None:
    """Add to each session how its utm_campaign is spelt and whether it carries a click id."""
    size, rates = len(sessions["at"]), run.rates
    spelling, draw = np.full(size, EXACT), rng.random(size)
    misspelt = draw < rates["utm_misspelt"]
    spelling[misspelt] = rng.integers(LOWER, TYPO + 1, misspelt.sum())
    spelling[(draw >= 1 - rates["utm_unmatched"])] = UNMATCHED
    sessions["spelling"] = spelling
    sessions["has_gclid"] = rng.random(size) >= rates["gclid_missing"]
    sessions["social"] = rng.integers(0, len(SOCIAL_CAMPAIGNS), size)


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
create or replace table session_facts as
select s.row as session, s.person, p.person_id, s.is_tablet, s.at, s."order",
    case when s.is_tablet then '{tablet}' else cookie_text(s.cookie) end as user_pseudo_id,
    customer_text(p.customer_no) as customer,
    case ch.name
        when 'organic_search'
            then list_value('baidu', 'baidu', 'google', 'bing')[(s.cookie % 4)::int + 1]
        when 'referral' then list_value('smzdm.com', 'zhihu.com')[(s.cookie % 2)::int + 1]
        when 'organic_social' then list_value('xiaohongshu', 'weibo')[(s.cookie % 2)::int + 1]
        else ch.source end as source,
    ch.medium,
    case
        when c.id is null and ch.name <> 'organic_social' then null
        when c.id is null then social.name
        when s.spelling = 1 then lower(c.name)
        when s.spelling = 2 then ' ' || replace(c.name, ' ', '  ') || ' '
        when s.spelling = 3 then substr(c.name, 1, 5) || substr(c.name, 7)
        when s.spelling = 4 then 'promo_' || (s.row % 3 + 1)
        else c.name end as campaign,
    case when c.id is not null and s.has_gclid then 'Cj0KCQ' || printf('%016x', s.cookie)
        || printf('%08x', s.at) end as gclid,
    c.id as campaign_id, c.name as campaign_name, s.spelling,
    case when s.is_tablet then 'tablet' when s.device = 0 and p.person_id % 10 < 7 then 'mobile'
        when s.device = 2 then 'tablet' else 'desktop' end as device_category
from sessions as s join people as p using (person) join channels as ch on ch.channel = s.channel
left join campaigns as c on c.campaign = s.campaign left join social on social.social = s.social;

create or replace table ga4_events as
select
    case when e.copy = 1 then 'resent'
        else strftime(local_time(e.at_us // 1000000)
            + case when e.is_late then interval 1 month else interval 0 month end, '%Y-%m')
        end as file,
    case when e.bad = 1 then 4070908800000000 + e.row
        when e.bad = 3 then null else e.at_us end as event_timestamp,
    case when e.bad <> 2 then names.event_name end as event_name,
    s.user_pseudo_id, case when e.knows_user then s.customer end as user_id,
    {stream} as stream_id, 'WEB' as platform,
    {bundle} + e.session as event_bundle_sequence_id, e.index as batch_event_index,
    'https://mall.omniloop.example/' || case
        when e.event < 2 then '' when e.event < 3 then 'products/' || sku
        when e.event < 5 then 'account' else 'checkout' end as page_location,
    s.at as ga_session_id,
    case when e.event < 2 then s.source end as source,
    case when e.event < 2 then s.medium end as medium,
    case when e.event < 2 then s.campaign end as campaign,
    case when e.event < 2 then s.gclid end as gclid,
    s.device_category,
    case when names.event_name = 'purchase' then order_id(o.number) end as transaction_id,
    e.row as t_row, e.event as t_event, e.product as t_product, s."order" as t_order,
    s.campaign_id as t_campaign_id, s.campaign_name as t_campaign_name, s.spelling as t_spelling,
    s.person_id as t_person, e.at_us as t_updated, e.copy as t_copy,
    concat_ws(':', {stream}, s.user_pseudo_id, e.at_us, names.event_name, {bundle} + e.session,
        e.index) as t_key,
    case e.bad when 1 then 'event_timestamp:in_future' when 2 then 'event_name:missing'
        when 3 then 'event_timestamp:missing' end as t_reject,
    s.user_pseudo_id as t_cookie, not s.is_tablet as t_cookie_is_own,
    case when e.knows_user then s.customer end as t_customer
from events as e join session_facts as s using (session) join event_names as names using (event)
join products using (product) left join orders as o on o.row = s."order";

create or replace table ga4_event_items as
with items as (
    select e.*, 0 as item_index, t_product as product, 1 as quantity
    from ga4_events as e where t_event in (2, 5)
    union all
    select e.*, l.line - 1, l.product, l.quantity
    from ga4_events as e join lines as l on l."order" = e.t_order where t_event in (6, 7)
)
select file, event_timestamp, event_name, user_pseudo_id, item_index, sku as item_id,
    products.name as item_name, category as item_category, price_fen / 100 as price, quantity,
    t_row, t_person, t_updated, t_copy, t_key || ':' || item_index as t_key, t_reject
from items join products using (product)
where t_reject is null;
"""

EVENT_RECORD = """{
    event_timestamp: event_timestamp, event_name: event_name, user_pseudo_id: user_pseudo_id,
    user_id: user_id, stream_id: stream_id, platform: platform,
    event_bundle_sequence_id: event_bundle_sequence_id, batch_event_index: batch_event_index,
    event_params: [
        {key: 'page_location', value: {string_value: page_location, int_value: null::bigint}},
        {key: 'ga_session_id', value: {string_value: null::varchar, int_value: ga_session_id}}],
    collected_traffic_source: {
        manual_source: source, manual_medium: medium, manual_campaign_name: campaign, gclid: gclid},
    device: {category: device_category}, ecommerce: {transaction_id: transaction_id}}"""
ITEM_RECORD = """{
    event_timestamp: event_timestamp, event_name: event_name, user_pseudo_id: user_pseudo_id,
    item_index: item_index, item_id: item_id, item_name: item_name, item_category: item_category,
    price: price, quantity: quantity}"""


def build_ga4(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, world: dict[str, Columns]
) -> None:
    """Fill the tables ga4_events and ga4_event_items from the sessions of the period."""
    rng, sessions = run.random("ga4", chunk), world["sessions"]
    spell_campaigns(rng, run, sessions)
    sessions["row"] = np.arange(len(sessions["at"]))
    events = draw_events(rng, sessions)
    bought = sessions["order"][events["session"]]
    first_line = np.searchsorted(world["lines"]["order"], bought.clip(0))
    product = np.where(bought >= 0, world["lines"]["product"][first_line], events["product"])
    events["product"] = product
    events = take(events, events["at_us"] < run.end * 1_000_000)
    load(con, {
        "sessions": sessions,
        "events": deliveries(rng, run, events),
        "event_names": {
            "event": np.arange(len(EVENTS)), "event_name": np.array(EVENTS, object),
        },
        "campaigns": {
            "campaign": np.arange(len(CAMPAIGNS)),
            "id": np.array([campaign.id for campaign in CAMPAIGNS], object),
            "account": np.array([campaign.account for campaign in CAMPAIGNS]),
            "name": np.array([campaign.name for campaign in CAMPAIGNS], object),
            "kind": np.array([campaign.kind for campaign in CAMPAIGNS], object),
        },
        "social": {
            "social": np.arange(len(SOCIAL_CAMPAIGNS)), "name": np.array(SOCIAL_CAMPAIGNS, object),
        },
    })  # fmt: skip
    con.execute(GA4.format(
        tablet=TABLET_COOKIE, stream=f"'{STREAM_ID}'", bundle=1 + chunk * 100_000_000
    ))  # fmt: skip
