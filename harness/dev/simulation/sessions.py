"""Web sessions and their events: who browsed when, on which cookie, logged in or not."""

import numpy as np
from numpy.typing import NDArray

from .behaviour import take
from .catalogue import CHANNEL, CHANNELS, PRODUCTS
from .people import NEVER, pick_campaign
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
COOKIE_LIFE_DAYS = 60.0


def mixed(number: NDArray[np.int64], salt: int) -> NDArray[np.uint64]:
    """A well mixed 64-bit number for each number (splitmix64), the same on every machine."""
    value = number.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def returning_channels(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Channels by which people come back."""
    late = np.array([channel.late_share for channel in CHANNELS])
    return rng.choice(len(CHANNELS), size, p=late / late.sum())


def draw_sessions(
    rng: np.random.Generator,
    run: Run,
    people: Columns,
    touches: Columns,
    orders: Columns,
    volume: NDArray[np.float64],
) -> Columns:
    """One row per web session in time order: person, at, channel, campaign, order, is_tablet."""
    selling = np.full(len(touches["at"]), -1)
    with_touch = np.flatnonzero(orders["touch"] >= 0)
    online = with_touch[orders["store"][with_touch] < 0]
    selling[orders["touch"][online]] = online
    rows = np.flatnonzero(touches["channel"] != CHANNEL["store"])
    from_touches = {
        "person": touches["person"][rows],
        "at": touches["at"][rows],
        "channel": touches["channel"][rows],
        "order": selling[rows],
    }
    alone = np.flatnonzero((orders["touch"] < 0) & (orders["store"] < 0))
    from_orders = {
        "person": orders["person"][alone],
        "at": orders["at"][alone] - rng.integers(240, 1_500, len(alone)),
        "channel": returning_channels(rng, len(alone)),
        "order": alone,
    }
    visits = rng.poisson(BROWSING_PER_ORDER, len(orders["at"]))
    again = np.repeat(np.arange(len(visits)), visits)
    pause = rng.exponential(15 * DAY, len(again)).astype(np.int64) + 3_600
    browsing = {
        "person": orders["person"][again],
        "at": orders["at"][again] + pause,
        "channel": returning_channels(rng, len(again)),
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
    rng: np.random.Generator, orders: Columns, sessions: Columns, account_at: NDArray[np.int64]
) -> None:
    """Mark sessions that begin logged in and those in which the person logs in."""
    size = len(sessions["at"])
    has_account = account_at[sessions["person"]] <= sessions["at"]
    ordered = sessions["order"] >= 0
    guest = ordered & orders["is_guest"][sessions["order"]]
    may = has_account & ~guest & ~sessions["signs_up"]
    sessions["is_logged_in"] = may & (rng.random(size) < STAYS_LOGGED_IN) & ~sessions["is_tablet"]
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


def draw_events(rng: np.random.Generator, sessions: Columns) -> Columns:
    """One row per event: session, event (number in EVENTS), index, at_us, knows_user, product."""
    size = len(sessions["at"])
    buys = sessions["order"] >= 0
    happens = np.zeros((size, len(EVENTS)), dtype=bool)
    happens[:, :2] = True
    happens[:, VIEW] = buys | (rng.random(size) < 0.6)
    happens[:, SIGN_UP] = sessions["signs_up"]
    happens[:, LOGIN] = sessions["logs_in"]
    happens[:, CART] = buys | (happens[:, VIEW] & (rng.random(size) < 0.25))
    happens[:, CHECKOUT] = buys | (happens[:, CART] & (rng.random(size) < 0.3))
    happens[:, PURCHASE] = buys
    session, event = np.nonzero(happens)
    index = (np.cumsum(happens, axis=1) - 1)[session, event]
    pace = rng.integers(8, 32, size)[session] * event * 1_000_000
    at_us = sessions["at"][session] * 1_000_000 + pace + rng.integers(0, 1_000_000, len(event))
    identifies = sessions["signs_up"] | sessions["logs_in"]
    since = np.where(sessions["signs_up"], SIGN_UP, LOGIN)
    knows = sessions["is_logged_in"][session] | (identifies[session] & (event >= since[session]))
    liked = (PRODUCTS * rng.random(size)).astype(np.int64)
    return {
        "session": session,
        "event": event,
        "index": index,
        "at_us": at_us,
        "knows_user": knows,
        "product": liked[session],
    }
