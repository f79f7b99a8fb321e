"""The own app: what its SDK sends, on phones whose clocks may be hours or years off."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .annotate import bad_codes
from .behaviour import take
from .catalogue import APP
from .files import load
from .people import NEVER, app_device_at
from .sessions import PURCHASE, draw_events, mixed
from .settings import APP_ID, DAY, Columns, Run
from .sources import Source, Table

NAMES = [
    "app_start", "screen_view", "product_view", "sign_up", "login", "add_to_cart", "checkout",
    "purchase", "app_install", "app_woken",
]  # fmt: skip
INSTALL, WOKEN = 8, 9
REFUSED = "00000000-0000-0000-0000-000000000000"
"""What a system gives for the id of a phone whose owner refuses tracking."""


def chance(number: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
    """A draw from [0, 1) that belongs to each number, whoever asks."""
    return (mixed(number, salt) >> np.uint64(11)).astype(np.float64) / 2.0**53


def clock_offset(run: Run, device: NDArray[np.int64]) -> NDArray[np.int64]:
    """Milliseconds by which the clock of each phone is wrong: hours, years behind, days ahead."""
    kind, size = chance(device, 12), chance(device, 13)
    hours = np.where(size < 0.5, -1, 1) * (1 + (size * 1_000).astype(np.int64) % 12) * 3_600
    years = -(365 + (size * 7 * 365).astype(np.int64)) * DAY
    days = (1 + (size * 400).astype(np.int64)) * DAY
    offset = np.select([kind < 0.5, kind < 0.8], [hours, years], days) * 1_000
    return np.where(chance(device, 11) < run.rates["clock_off"], offset, 0)


def alone(
    run: Run, people: Columns, person: NDArray, at: NDArray, event: int, rng: np.random.Generator
) -> Columns:
    """Events of the app outside visits: installations, and starts in the background."""
    inside = (at >= run.start) & (at < run.end)
    person, at = person[inside], at[inside]
    return {
        "person": person,
        "device": app_device_at(people, person, at),
        "at_ms": at * 1_000 + rng.integers(0, 1_000, len(at)),
        "event": np.full(len(at), event),
        "index": np.zeros(len(at), dtype=np.int64),
        "order": np.full(len(at), -1),
        "knows_member": np.zeros(len(at), dtype=bool),
        "product": np.zeros(len(at), dtype=np.int64),
    }


def draw_app(
    rng: np.random.Generator, run: Run, people: Columns, sessions: Columns, lines: Columns
) -> Columns:
    """One row per event in time order: person, device, at_ms, event, index, order, knows_member."""
    events = draw_events(rng, run, sessions, np.flatnonzero(sessions["surface"] == APP), lines)
    visit = events["session"]
    person, is_purchase = sessions["person"][visit], events["event"] == PURCHASE
    is_member = people["member_at"][person] <= sessions["at"][visit]
    in_visits = {
        "person": person,
        "device": sessions["app_device"][visit],
        "at_ms": events["at_us"] // 1_000,
        "event": events["event"],
        "index": events["index"],
        "order": np.where(is_purchase, sessions["order"][visit], -1),
        "knows_member": events["knows_user"] & is_member,
        "product": events["product"],
    }
    users = np.flatnonzero(people["app_since"] < NEVER)
    since = people["app_since"][users]
    installs = alone(run, people, users, since, INSTALL, rng)
    often = rng.poisson(run.rates["app_woken"], len(users))
    later = np.repeat(since, often)
    later = later + (rng.random(len(later)) * (run.end - later)).astype(np.int64)
    woken = alone(run, people, np.repeat(users, often), later, WOKEN, rng)
    parts = [in_visits, installs, woken]
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in in_visits}
    return take(drawn, np.lexsort((drawn["event"], drawn["person"], drawn["at_ms"])))


def uploads(rng: np.random.Generator, run: Run, events: Columns) -> Columns:
    """Add clocks, upload and faults to events; returns them with the uploads sent again at the end.

    An upload that got no answer is sent again hours later with the sending time of the first try.
    """
    size, rates, device = len(events["at_ms"]), run.rates, events["device"]
    old_sdk = chance(device, 14) < rates["event_id_missing"]
    offset = np.where(old_sdk, 0, clock_offset(run, device))
    waits = rng.integers(500, 30_000, size)
    offline = rng.random(size) < rates["app_offline"]
    waits = np.where(offline, rng.integers(600, 3 * DAY, size) * 1_000, waits)
    events |= {
        "row": np.arange(size),
        "old_sdk": old_sdk,
        "refused": (chance(device, 15) < rates["device_refused"]) & ~old_sdk,
        "event_ms": events["at_ms"] + offset,
        "sent_ms": events["at_ms"] + waits + offset,
        "received_ms": events["at_ms"] + waits + rng.integers(50, 2_000, size),
        "bad": bad_codes(rng, rates["bad_event"], 6, size),
        "is_late": rng.random(size) < rates["event_late"],
        "copy": np.zeros(size, dtype=np.int64),
    }
    again = (rng.random(size) < rates["event_resent"]) & (events["bad"] == 0)
    copies = take(events, again)
    copies["copy"] += 1
    copies["received_ms"] += rng.integers(1, 30, again.sum()) * 3_600_000
    return {name: np.concatenate([events[name], copies[name]]) for name in events}


APP_EVENTS = """
create or replace table app_events as
with spelt as (
    select e.*, names.name as event_name, '{app}' as app_id,
        case when not old_sdk then md5('app:{chunk}:' || e.row) end as event_id,
        case when refused then '{refused}' else device_text(device) end as device_id,
        device // 2 % 5 < 2 as is_ios, p.person_id, p.member_no,
        case e.bad when 1 then 4070908800000 + e.row when 5 then 86400000 + e.row
            when 6 then e.received_ms + 86400000 else e.event_ms end as event_time,
        case when not old_sdk and e.bad not in (1, 5) then
            case when e.bad = 6 then e.received_ms else e.sent_ms end end as sent_at,
        case when not old_sdk and e.bad not in (1, 5) or e.bad = 6 then e.received_ms end
            as received_at
    from app_drawn as e join app_names as names using (event) join people as p using (person)
)
select
    case when e.copy = 1 then 'retries'
        else strftime(local_time(e.at_ms // 1000)
            + case when e.is_late then interval 1 month else interval 0 month end, '%Y-%m')
        end as file,
    app_id, event_id, case when e.bad <> 4 then device_id end as device_id,
    case when knows_member then member_text(member_no) end as member_id,
    case when e.bad <> 2 then event_name end as event,
    case when e.bad <> 3 then event_time end as event_time, sent_at, received_at,
    e.index as event_sequence, case when is_ios then 'iOS' else 'Android' end as os,
    case when event_name = 'product_view' then 'product/' || sku else event_name end as screen_name,
    case when is_ios then 'appstore'
        else list_value('huawei', 'xiaomi', 'oppo', 'vivo')[device // 10 % 4 + 1] end
        as install_source,
    case when not is_ios and not refused then md5('oaid:' || device) end as oaid,
    case when is_ios then case when refused then '{refused}'
        else upper(md5('idfa:' || device)) end end as idfa,
    order_id(o.number) as order_id,
    e.row as t_row, nullif(e."order", -1) as t_order, e.at_ms as t_updated, e.copy as t_copy,
    e.person_id as t_person,
    coalesce(app_id || ':' || event_id,
        concat_ws(':', app_id, device_id, event_time, event_name, e.index)) as t_key,
    case e.bad when 1 then 'event_time:in_future' when 2 then 'event_name:missing'
        when 3 then 'event_time:missing' when 4 then 'device_id:missing'
        when 5 then 'event_time:before_2000' when 6 then 'event_time:after_received' end
        as t_reject,
    case when not refused then device_id end as t_device,
    case when knows_member then member_text(member_no) end as t_member, true as t_member_is_own
from spelt as e join products using (product) left join orders as o on o.row = e."order";
"""

RECORD = """{
    app_id: app_id, event_id: event_id, device_id: device_id, member_id: member_id, event: event,
    event_time: event_time, sent_at: sent_at, received_at: received_at,
    event_sequence: event_sequence, os: os, screen_name: screen_name,
    install_source: install_source, oaid: oaid, idfa: idfa, order_id: order_id}"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the table app_events from the visits of the period that were made in the app."""
    rng = run.random("app", chunk)
    events = draw_app(rng, run, people, world["sessions"], world["lines"])
    load(con, {
        "app_drawn": uploads(rng, run, events),
        "app_names": {"event": np.arange(len(NAMES)), "name": np.array(NAMES, object)},
    })  # fmt: skip
    con.execute(APP_EVENTS.format(app=APP_ID, chunk=chunk, refused=REFUSED))


SOURCE = Source(
    "app",
    (Table("events", (), "t_updated, t_row", "ndjson", RECORD, may_break=True, is_record=True),),
    build,
    identifiers={"t_device": ("device", APP_ID, "")},
)
