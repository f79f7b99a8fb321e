"""WeChat: followers of the official account as snapshots, and the log of the mini program."""

import duckdb
import numpy as np

from .annotate import MASKED, PLAIN, bad_codes
from .app import chance
from .behaviour import take
from .catalogue import MINI_PROGRAM
from .files import Quirks, load
from .people import NEVER, phone_at
from .sessions import LOGIN, SIGN_UP, draw_events
from .settings import DAY, MINI_APP_ID, OFFICIAL_APP_ID, Columns, Run
from .sources import Source, Table

NAMES = [
    "launch", "page_view", "view_item", "sign_up", "login", "add_to_cart", "begin_checkout",
    "purchase", "get_phone_number",
]  # fmt: skip
GRANT = 8
GRANTS, TELLS = 0.6, 0.8
"""Share of logins that grant the phone number; of unfollowers whose message was kept."""


def follower_states(rng: np.random.Generator, run: Run, people: Columns) -> Columns:
    """One row per delivered state: person, at (of the snapshot), follows, since, left, copy, bad.

    since and left are -1 where the state does not tell them. The clean feed is one snapshot.
    """
    rates = run.rates
    person = np.flatnonzero(people["follow_at"] < NEVER)
    followed, left = people["follow_at"][person], people["unfollow_at"][person]
    size = len(person)
    back = left + rng.exponential(30 * DAY, size).astype(np.int64) + 3_600
    returns = (left < NEVER) & (rng.random(size) < rates["people_refollow"]) & (back < run.end)
    back = np.where(returns, back, NEVER)
    tells = rng.random(size) < TELLS
    middle, last = run.start + run.days * DAY // 2, run.end - 1

    def snapshot(at: int, copy: int, rows: np.ndarray) -> Columns:
        came_back = back[rows] <= at
        follows = (left[rows] > at) | came_back
        since = np.where(came_back, back[rows], followed[rows])
        gone = (left[rows] <= at) & tells[rows]
        return {
            "person": person[rows],
            "at": np.full(len(rows), at),
            "follows": follows,
            "since": np.where(follows, since, -1),
            "left": np.where(gone, left[rows], -1),
            "copy": np.full(len(rows), copy),
        }

    everybody, early = np.arange(size), np.flatnonzero(followed <= middle)
    early = early if rates["row_resent"] else early[:0]
    again = np.flatnonzero(rng.random(size) < rates["row_resent"])
    stale = early[rng.random(len(early)) < rates["row_stale"] * 10]
    parts = [
        snapshot(last, 0, everybody), snapshot(middle, 1, early),
        snapshot(last, 2, again), snapshot(middle, 3, stale),
    ]  # fmt: skip
    states = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    bad = bad_codes(rng, rates["bad_member"], 3, size)
    bad[again] = 0
    states["bad"] = np.r_[bad, np.zeros(len(states["at"]) - size, dtype=np.int64)]
    return states


def draw_mini(
    rng: np.random.Generator, run: Run, people: Columns, sessions: Columns, lines: Columns
) -> Columns:
    """One row per event: session, event, index, at_s, knows_user, phone; re-sent ones at the end.

    phone is -1 but on events of who grants it; WeChat itself knows it, so it is never mistyped.
    """
    rates = run.rates
    rows = np.flatnonzero(sessions["surface"] == MINI_PROGRAM)
    events = draw_events(rng, run, sessions, rows, lines)
    person = sessions["person"][events["session"]]
    identifies = (events["event"] == SIGN_UP) | (events["event"] == LOGIN)
    grants = identifies & people["has_phone"][person] & (rng.random(len(person)) < GRANTS)
    granted = take(events, grants)
    granted["event"] = np.full(len(granted["event"]), GRANT)
    granted["knows_user"] = np.zeros(len(granted["event"]), dtype=bool)
    events = {name: np.concatenate([events[name], granted[name]]) for name in events}
    size, visit = len(events["event"]), events["session"]
    person, at = sessions["person"][visit], events["at_us"] // 1_000_000
    is_grant = events["event"] == GRANT
    events |= {
        "row": np.arange(size),
        "person": person,
        "at_s": at,
        "phone": np.where(is_grant, phone_at(people, person, at), -1),
        "phone_style": np.where(rng.random(size) < rates["phone_masked"], MASKED, PLAIN),
        "has_id": chance(visit, 21) >= rates["event_id_missing"],
        "has_query": chance(visit, 22) >= rates["query_lost"],
        "bad": bad_codes(rng, rates["bad_event"], 4, size),
        "is_late": rng.random(size) < rates["event_late"],
        "copy": np.zeros(size, dtype=np.int64),
    }
    again = (rng.random(size) < rates["event_resent"]) & (events["bad"] == 0)
    copies = take(events, again)
    copies["copy"] += 1
    return {name: np.concatenate([events[name], copies[name]]) for name in events}


WECHAT = """
create or replace table wechat_followers as
select case s.copy when 0 then 'snapshot_2' when 1 then 'snapshot_1' when 2 then 'snapshot_2_again'
        else 'snapshot_late' end as file,
    '{official}' as appid, case when s.bad <> 1 then official_openid(p.openid_no) end as openid,
    case when s.bad = 2 then '?' when s.follows then '1' else '0' end as subscribe,
    case when s.bad = 3 then '4070908800' when s.since >= 0 then s.since::varchar else '0' end
        as subscribe_time,
    case when s.left >= 0 then s.left::varchar end as unsubscribe_time,
    case when s.follows then unionid_text(p.unionid_no) end as unionid,
    case when s.follows then list_value('ADD_SCENE_QR_CODE', 'ADD_SCENE_QR_CODE',
        'ADD_SCENE_SEARCH', 'ADD_SCENE_PROFILE_LINK', 'ADD_SCENE_OTHERS')[p.openid_no % 5 + 1] end
        as subscribe_scene,
    case when s.follows then '0' end as qr_scene,
    case when s.follows and p.openid_no % 5 < 2 then 'store_' || stores.store_id end
        as qr_scene_str,
    case when s.follows then '微信用户' end as nickname,
    case when s.follows and p.openid_no % 7 = 0 then '老客户 ' || p.phone end as remark,
    iso_local(s.at) as updated_at,
    p.person_id as t_person, s.at as t_updated, s.copy as t_copy,
    '{official}:' || official_openid(p.openid_no) as t_key,
    case s.bad when 1 then 'openid:missing' when 2 then 'subscribe:unknown'
        when 3 then 'subscribe_time:in_future' end as t_reject,
    official_openid(p.openid_no) as t_openid,
    case when s.follows then unionid_text(p.unionid_no) end as t_unionid
from follower_states as s join people as p using (person)
join stores on stores.store = p.home_store;

create or replace table wechat_mini_program_events as
with spelt as (
    select e.*, names.name as event_name, mini_openid(p.openid_no) as person_openid,
        case when e.has_id then md5('mini:{chunk}:' || e.row) end as event_id,
        e.has_query and e.event < 2 as is_tagged, p.unionid_no, p.phone_is_borrowed,
        v.person_id, v."order", v.customer, v.platform, v.source, v.medium,
        v.campaign as link_campaign, v.click_id, v.campaign_id, v.campaign_name, v.spelling
    from mini_drawn as e join visits as v using (session)
    join mini_names as names using (event) join people as p on p.person = e.person
)
select
    case when e.copy = 1 then 'resent'
        else strftime(local_time(e.at_s)
            + case when e.is_late then interval 1 month else interval 0 month end, '%Y-%m')
        end as file,
    '{mini}' as appid, case when e.bad <> 3 then person_openid end as openid,
    unionid_text(unionid_no) as unionid, event_id,
    case when e.bad <> 2 then event_name end as event_name,
    case e.bad when 1 then e.at_s * 1000 when 4 then 4070908800 + e.row else e.at_s end
        as event_time,
    e.index as event_sequence,
    case when platform = 'tencent_ads' then list_value(1045, 1084, 1095)[e.session % 3 + 1]
        else list_value(1089, 1089, 1001, 1104)[e.session % 4 + 1] end as scene,
    case when e.event = 2 then 'pages/product?sku=' || sku else 'pages/' || event_name end
        as page_path,
    case when is_tagged then source end as utm_source,
    case when is_tagged then medium end as utm_medium,
    case when is_tagged then link_campaign end as campaign,
    case when is_tagged and platform = 'tencent_ads' then click_id end as gdt_vid,
    case when e.knows_user then customer end as customer_id,
    written_phone(e.phone, e.phone_style) as phone,
    case when event_name = 'purchase' then order_id(o.number) end as order_id,
    e.row as t_row, nullif(e."order", -1) as t_order, e.at_s as t_updated, e.copy as t_copy,
    campaign_id as t_campaign_id, campaign_name as t_campaign_name, platform as t_platform,
    spelling as t_spelling, person_id as t_person,
    coalesce('{mini}:' || event_id,
        concat_ws(':', '{mini}', person_openid, e.at_s, event_name, e.index)) as t_key,
    case e.bad when 1 then 'event_time:not_seconds' when 2 then 'event_name:missing'
        when 3 then 'openid:missing' when 4 then 'event_time:in_future' end as t_reject,
    person_openid as t_mini_openid, unionid_text(unionid_no) as t_unionid,
    case when e.knows_user then customer end as t_customer,
    usable_phone(e.phone, e.phone_style) as t_phone, not phone_is_borrowed as t_phone_is_own
from spelt as e join products using (product) left join orders as o on o.row = e."order";
"""

RECORD = """{
    appid: appid, openid: openid, unionid: unionid, event_id: event_id, event_name: event_name,
    event_time: event_time, event_sequence: event_sequence, scene: scene, page_path: page_path,
    query: {utm_source: utm_source, utm_medium: utm_medium, utm_campaign: campaign,
        gdt_vid: gdt_vid},
    phone_info: {phoneNumber: phone}, customer_id: customer_id, order_id: order_id}"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill wechat_followers, and wechat_mini_program_events from visits of the mini program."""
    rng = run.random("wechat", chunk)
    load(con, {
        "follower_states": follower_states(rng, run, people),
        "mini_drawn": draw_mini(rng, run, people, world["sessions"], world["lines"]),
        "mini_names": {"event": np.arange(len(NAMES)), "name": np.array(NAMES, object)},
    })  # fmt: skip
    con.execute(WECHAT.format(chunk=chunk, mini=MINI_APP_ID, official=OFFICIAL_APP_ID))


def quirks(run: Run, found: Quirks) -> None:
    """Other headers in the older snapshot."""
    if run.rates["file_variation"]:
        found.renamed["wechat_followers", "snapshot_1"] = {
            "openid": "open_id", "updated_at": "synced_at",
        }  # fmt: skip


TABLES = (
    Table("followers", (
        "appid", "openid", "subscribe", "subscribe_time", "unsubscribe_time", "unionid",
        "subscribe_scene", "qr_scene", "qr_scene_str", "nickname", "remark", "updated_at",
    ), "t_updated, t_key, t_copy", is_record=True),
    Table(
        "mini_program_events", (), "t_updated, t_row", "ndjson", RECORD, may_break=True,
        is_record=True,
    ),
)  # fmt: skip
SOURCE = Source(
    "wechat",
    TABLES,
    build,
    quirks=quirks,
    identifiers={
        "t_openid": ("openid", OFFICIAL_APP_ID, ""),
        "t_mini_openid": ("openid", MINI_APP_ID, ""),
    },
    campaigns_seen="wechat_mini_program_events",
)
