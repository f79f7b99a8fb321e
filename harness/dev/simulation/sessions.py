"""Visits and their events: who browsed when, on which surface and device, logged in or not."""

import numpy as np
from numpy.typing import NDArray

from .behaviour import NONE, later_channels, take
from .catalogue import (
    APP,
    CAMPAIGN_PLATFORM,
    CHANNEL,
    MALL,
    MINI_PROGRAM,
    PRODUCTS,
    SOCIAL_CAMPAIGNS,
    WEB,
)
from .people import NEVER, app_device_at, pick_campaign
from .settings import DAY, TABLET_STORE, Columns, Run

EVENTS = [
    "session_start", "page_view", "view_item", "sign_up", "login",
    "add_to_cart", "begin_checkout", "purchase",
]  # fmt: skip
VIEW, SIGN_UP, LOGIN, CART, CHECKOUT, PURCHASE = 2, 3, 4, 5, 6, 7
BROWSING_PER_ORDER = 0.6
SIGN_UP_SHARE = 0.05
STAYS_LOGGED_IN = 0.25
LOGS_IN = 0.30
APP_STAYS_LOGGED_IN = 0.70
COOKIE_LIFE_DAYS = 60.0
COMES_DIRECT = 0.45
"""Share of returning visits that app and mini program turn into direct ones."""
NOT_ON_WEB = 0.75
"""Share of the direct visits of app and mini-program users that are made there."""
ADS_IN_MINI = 0.40
"""Share of the clicks on tencent_ads that open the mini program of who uses it."""
EXACT, LOWER, SPACED, TYPO, UNMATCHED = range(5)
"""How a visit's utm_campaign is spelt."""


def mixed(number: NDArray[np.int64], salt: int) -> NDArray[np.uint64]:
    """A well mixed 64-bit number for each number (splitmix64), the same on every machine."""
    value = number.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def returning_channels(
    rng: np.random.Generator,
    run: Run,
    people: Columns,
    visits: tuple[NDArray[np.int64], NDArray[np.int64]],
    volume: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Channels by which people come back: directly where nothing else leads them here, and more
    often so for users of app and mini program.

    visits: the person and the moment of each.
    """
    person, at = visits
    channel = later_channels(rng, run, (at - run.start) // DAY, volume)
    channel = np.where(channel == NONE, CHANNEL["direct"], channel)
    uses = np.minimum(people["app_since"], people["mini_since"])[person] <= at
    return np.where(uses & (rng.random(len(person)) < COMES_DIRECT), CHANNEL["direct"], channel)


def draw_sessions(
    rng: np.random.Generator,
    run: Run,
    people: Columns,
    touches: Columns,
    orders: Columns,
    volume: NDArray[np.float64],
) -> Columns:
    """One row per visit in time order: person, at, channel, campaign, order, is_tablet.

    order is the row of the mall order placed in the visit, -1 = none.
    """
    selling = np.full(len(touches["at"]), -1)
    with_touch = np.flatnonzero(orders["touch"] >= 0)
    online = with_touch[orders["place"][with_touch] == MALL]
    selling[orders["touch"][online]] = online
    rows = np.flatnonzero(touches["channel"] != CHANNEL["store"])
    from_touches = {
        "person": touches["person"][rows],
        "at": touches["at"][rows],
        "channel": touches["channel"][rows],
        "order": selling[rows],
    }
    alone = np.flatnonzero((orders["touch"] < 0) & (orders["place"] == MALL))
    person, at = orders["person"][alone], orders["at"][alone]
    at = at - rng.integers(240, 1_500, len(alone))
    from_orders = {
        "person": person,
        "at": at,
        "channel": returning_channels(rng, run, people, (person, at), volume),
        "order": alone,
    }
    visits = rng.poisson(BROWSING_PER_ORDER, len(orders["at"]))
    again = np.repeat(np.arange(len(visits)), visits)
    pause = rng.exponential(15 * DAY, len(again)).astype(np.int64) + 3_600
    person, at = orders["person"][again], orders["at"][again] + pause
    browsing = {
        "person": person,
        "at": at,
        "channel": returning_channels(rng, run, people, (person, at), volume),
        "order": np.full(len(again), -1),
    }
    at_tablet = orders["store"] == TABLET_STORE
    at_tablet &= rng.random(len(at_tablet)) < run.rates["tablet_login"]
    rows = np.flatnonzero(at_tablet)
    on_tablet = {
        "person": orders["person"][rows],
        "at": orders["at"][rows] - rng.integers(300, 1_800, len(rows)),
        "channel": np.full(len(rows), CHANNEL["direct"]),
        "order": np.full(len(rows), -1),
    }
    parts = [from_touches, from_orders, browsing, on_tablet]
    sessions = {name: np.concatenate([part[name] for part in parts]) for name in from_touches}
    sessions["is_tablet"] = np.repeat([False, False, False, True], [len(p["at"]) for p in parts])
    order = np.lexsort((sessions["order"], sessions["person"], sessions["at"]))
    sessions = take(sessions, order)
    day = (sessions["at"] - run.start) // DAY
    sessions["campaign"] = pick_campaign(rng, sessions["channel"], day, volume)
    return take(sessions, sessions["at"] < run.end)


def choose_surfaces(
    rng: np.random.Generator, people: Columns, orders: Columns, sessions: Columns
) -> None:
    """Add surface (0 web, 1 app, 2 mini program) and app_device (-1 = not the app) of each visit.

    Guests and the tablet are on the web; only direct visits are made elsewhere, and clicks on
    tencent_ads, which open the mini program.
    """
    person, at, size = sessions["person"], sessions["at"], len(sessions["at"])
    guest = (sessions["order"] >= 0) & orders["is_guest"][sessions["order"]]
    may = ~guest & ~sessions["is_tablet"]
    has_app, has_mini = people["app_since"][person] <= at, people["mini_since"][person] <= at
    direct = may & (sessions["channel"] == CHANNEL["direct"]) & (rng.random(size) < NOT_ON_WEB)
    coin = rng.random(size)
    on_app = direct & has_app & (~has_mini | (coin < 0.6))
    on_mini = direct & has_mini & ~on_app
    from_ads = CAMPAIGN_PLATFORM[sessions["campaign"]] == "tencent_ads"
    from_ads &= sessions["campaign"] >= 0
    on_mini |= may & from_ads & has_mini & (coin < ADS_IN_MINI)
    sessions["surface"] = np.select([on_app, on_mini], [APP, MINI_PROGRAM], WEB)
    sessions["app_device"] = np.where(on_app, app_device_at(people, person, at), -1)


def spell_campaigns(rng: np.random.Generator, run: Run, sessions: Columns) -> None:
    """Add to each visit how its utm_campaign is spelt and whether it carries a click id."""
    size, rates = len(sessions["at"]), run.rates
    spelling, draw = np.full(size, EXACT), rng.random(size)
    misspelt = draw < rates["utm_misspelt"]
    spelling[misspelt] = rng.integers(LOWER, TYPO + 1, misspelt.sum())
    spelling[(draw >= 1 - rates["utm_unmatched"])] = UNMATCHED
    sessions["spelling"] = spelling
    sessions["has_click_id"] = rng.random(size) >= rates["gclid_missing"]
    sessions["social"] = rng.integers(0, len(SOCIAL_CAMPAIGNS), size)


def open_accounts(
    rng: np.random.Generator, people: Columns, orders: Columns, sessions: Columns
) -> NDArray[np.int64]:
    """Moment each person opens a shop account (NEVER = none); marks sign_up sessions.

    The first order that is not a guest's opens one, a few visitors sign up without buying.
    """
    size = len(people["person"])
    ordered = sessions["order"] >= 0
    guest = orders["is_guest"][sessions["order"]] & ordered
    idle = ~ordered & ~sessions["is_tablet"] & (rng.random(len(ordered)) < SIGN_UP_SHARE)
    opens = np.flatnonzero((ordered & ~guest) | idle)
    person, first = np.unique(sessions["person"][opens], return_index=True)
    account_at = np.full(size, NEVER)
    account_at[person] = sessions["at"][opens[first]] + 60
    sessions["signs_up"] = np.zeros(len(ordered), dtype=bool)
    sessions["signs_up"][opens[first]] = True
    return account_at


def log_in(
    rng: np.random.Generator, people: Columns, orders: Columns, sessions: Columns
) -> None:
    """Mark visits that begin logged in and those in which the person logs in.

    The app knows members (people["member_at"]), the web shop accounts (people["account_at"]).
    """
    size, person = len(sessions["at"]), sessions["person"]
    on_app = sessions["surface"] == APP
    known_at = np.where(on_app, people["member_at"][person], people["account_at"][person])
    ordered = sessions["order"] >= 0
    guest = ordered & orders["is_guest"][sessions["order"]]
    may = (known_at <= sessions["at"]) & ~guest & ~(sessions["signs_up"] & ~on_app)
    stays = rng.random(size) < np.where(on_app, APP_STAYS_LOGGED_IN, STAYS_LOGGED_IN)
    sessions["is_logged_in"] = may & stays & ~sessions["is_tablet"]
    wants = ordered | sessions["is_tablet"] | (rng.random(size) < LOGS_IN)
    sessions["logs_in"] = may & ~sessions["is_logged_in"] & wants


def choose_cookies(
    rng: np.random.Generator, run: Run, people: Columns, sessions: Columns
) -> None:
    """Add device (0 = main) and cookie (a 64-bit number) of each session."""
    person = sessions["person"]
    count = people["devices"][person]
    device = np.where(rng.random(len(person)) < 0.7, 0, rng.integers(0, 3, len(person)) % count)
    key = people["person_id"][person] * 4 + device
    chance = (mixed(key, 1) >> np.uint64(11)).astype(np.float64) / 2.0**53
    life = np.maximum(3.0, -COOKIE_LIFE_DAYS * np.log1p(-chance)) * DAY
    age = (sessions["at"] - people["first_at"][person]).clip(0)
    generation = (age // life).astype(np.int64) if run.rates["cookie_expires"] else 0
    sessions["device"] = device
    sessions["cookie"] = mixed(key * 4_096 + generation, 2)


def draw_events(
    rng: np.random.Generator, run: Run, sessions: Columns, rows: NDArray[np.int64], lines: Columns
) -> Columns:
    """One row per event of the given visits, up to the end of the period.

    session (row of the visit), event (number in EVENTS), index, at_us, knows_user, product.
    """
    visits = take(sessions, rows)
    size = len(rows)
    buys = visits["order"] >= 0
    happens = np.zeros((size, len(EVENTS)), dtype=bool)
    happens[:, :2] = True
    happens[:, VIEW] = buys | (rng.random(size) < 0.6)
    happens[:, SIGN_UP] = visits["signs_up"]
    happens[:, LOGIN] = visits["logs_in"]
    happens[:, CART] = buys | (happens[:, VIEW] & (rng.random(size) < 0.25))
    happens[:, CHECKOUT] = buys | (happens[:, CART] & (rng.random(size) < 0.3))
    happens[:, PURCHASE] = buys
    visit, event = np.nonzero(happens)
    index = (np.cumsum(happens, axis=1) - 1)[visit, event]
    pace = rng.integers(8, 32, size)[visit] * event * 1_000_000
    at_us = visits["at"][visit] * 1_000_000 + pace + rng.integers(0, 1_000_000, len(event))
    identifies = visits["signs_up"] | visits["logs_in"]
    since = np.where(visits["signs_up"], SIGN_UP, LOGIN)
    knows = visits["is_logged_in"][visit] | (identifies[visit] & (event >= since[visit]))
    liked = (PRODUCTS * rng.random(size)).astype(np.int64)
    first_line = np.searchsorted(lines["order"], visits["order"].clip(0))
    liked = np.where(buys, lines["product"][first_line], liked)
    events = {
        "session": rows[visit],
        "event": event,
        "index": index,
        "at_us": at_us,
        "knows_user": knows,
        "product": liked[visit],
    }
    return take(events, at_us < run.end * 1_000_000)


VISITS = """
create or replace table visits as
select s.row as session, s.person, p.person_id, s.surface, s.is_tablet, s.at, s."order",
    s.app_device, s.cookie, customer_text(p.customer_no) as customer, ch.name as channel_name,
    case
        when c.platform = 'meta_ads'
            then list_value('facebook', 'instagram')[(s.cookie % 2)::int + 1]
        when c.platform = 'tencent_ads'
            then list_value('wechat', 'wechat', 'gdt')[(s.cookie % 3)::int + 1]
        when ch.name = 'organic_search'
            then list_value('baidu', 'baidu', 'google', 'bing')[(s.cookie % 4)::int + 1]
        when ch.name = 'referral'
            then list_value('smzdm.com', 'zhihu.com')[(s.cookie % 2)::int + 1]
        when ch.name = 'organic_social'
            then list_value('xiaohongshu', 'weibo')[(s.cookie % 2)::int + 1]
        else ch.source end as source,
    case when c.platform = 'tencent_ads' then 'cpc' else ch.medium end as medium,
    case
        when c.id is null and ch.name <> 'organic_social' then null
        when c.id is null then social.name
        when s.spelling = 1 then lower(c.name)
        when s.spelling = 2 then ' ' || replace(c.name, ' ', '  ') || ' '
        when s.spelling = 3 then substr(c.name, 1, 5) || substr(c.name, 7)
        when s.spelling = 4 then 'promo_' || (s.row % 3 + 1)
        else c.name end as campaign,
    case when c.id is not null and s.has_click_id then
        case c.platform when 'google_ads' then 'Cj0KCQ' when 'meta_ads' then 'IwAR0'
            when 'ocean_engine' then 'E.C.P.' else 'wx0' end
        || printf('%016x', s.cookie) || printf('%08x', s.at) end as click_id,
    c.platform, c.id as campaign_id, c.name as campaign_name, s.spelling,
    case when s.surface <> 0 then 'mobile' when s.is_tablet then 'tablet'
        when s.device = 0 and p.person_id % 10 < 7 then 'mobile'
        when s.device = 2 then 'tablet' else 'desktop' end as device_category
from sessions as s join people as p using (person) join channels as ch on ch.channel = s.channel
left join campaigns as c on c.campaign = s.campaign left join social on social.social = s.social;
"""
