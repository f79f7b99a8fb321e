"""Messages by text, e-mail, WeChat and push, held-out recipients included, and what became of them.

What a message does to buying is nothing, in every arm: orders are drawn without looking at it.
"""

from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from .annotate import MASKED, bad_codes, write_emails, write_phones
from .files import Quirks, load, periods
from .people import app_device_at
from .settings import DAY, OFFICIAL_APP_ID, Columns, Run, days_of
from .sources import Source, Table

SMS, EMAIL, WECHAT, PUSH = range(4)
CHANNEL_NAMES = ["sms", "email", "wechat", "push"]
PLAN = (
    (5, EMAIL, "Newsletter {month}-05", 0.20, -1), (11, WECHAT, "公众号 会员召回", 0.25, -1),
    (18, SMS, "会员日短信 {month}", 0.20, 0), (19, EMAIL, "Newsletter {month}-19", 0.20, 1),
    (25, PUSH, "App 推送 {month}", 0.20, 2),
)  # fmt: skip
"""Each month: day, channel, name, share of those who can be reached, experiment (-1 = none).

The WeChat campaign has the name of an ad campaign.
"""
EXPERIMENTS = ["sms_holdout", "email_subject", "push_holdout"]
HELD_OUT_SHARE = 0.10
DELIVERED, OPENED, MACHINE_OPENED, CLICKED, BOT_CLICKED, UNSUBSCRIBED, FAILED = range(7)
ARRIVES = np.array([0.96, 0.97, 0.98, 0.85])
OPENS = np.array([0.0, 0.25, 0.30, 0.15])
CLICKS = np.array([0.05, 0.04, 0.06, 0.08])
UNSUBSCRIBES = 0.016


def calendar(run: Run) -> Columns:
    """The campaigns of the period: campaign (number), day, channel, name, share, experiment."""
    months = sorted({(day.year, day.month) for day in days_of(run)})
    rows = [
        ((date(year, month, day) - days_of(run)[0]).days, channel,
         name.format(month=f"{year}-{month:02d}"), share, experiment)
        for year, month in months for day, channel, name, share, experiment in PLAN
    ]  # fmt: skip
    rows = [row for row in rows if 0 <= row[0] < run.days]
    return {
        "campaign": np.arange(len(rows)),
        "day": np.array([row[0] for row in rows], dtype=np.int64),
        "channel": np.array([row[1] for row in rows], dtype=np.int64),
        "name": np.array([row[2] for row in rows], object),
        "share": np.array([row[3] for row in rows]),
        "experiment": np.array([row[4] for row in rows], dtype=np.int64),
    }


def arms(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Arm of each person in each experiment: 0 control or a, 1 treatment or b; kept for good."""
    share = np.array([HELD_OUT_SHARE, 0.5, HELD_OUT_SHARE])
    return (rng.random((size, len(EXPERIMENTS))) >= share).astype(np.int64)


def draw_messages(rng: np.random.Generator, run: Run, people: Columns, plan: Columns) -> Columns:
    """One row per message or held-out recipient in time order: person, campaign, at, arm ..."""
    size = len(people["person"])
    arm, parts = arms(rng, size), []
    for number, day, channel in zip(plan["campaign"], plan["day"], plan["channel"], strict=True):
        at = run.start + day * DAY + 10 * 3_600
        can = [
            (people["member_at"] <= at) & people["has_phone"],
            (people["member_at"] <= at) & people["has_email"],
            (people["follow_at"] <= at) & (people["unfollow_at"] > at),
            people["app_since"] <= at,
        ][channel]
        person = np.flatnonzero(can & (rng.random(size) < plan["share"][number]))
        parts.append({
            "person": person,
            "campaign": np.full(len(person), number),
            "at": at + rng.integers(0, 7_200, len(person)),
        })  # fmt: skip
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((drawn["person"], drawn["at"]))
    drawn = {name: values[order] for name, values in drawn.items()}
    person, experiment = drawn["person"], plan["experiment"][drawn["campaign"]]
    drawn["channel"] = plan["channel"][drawn["campaign"]]
    drawn["experiment"] = experiment
    drawn["arm"] = np.where(experiment >= 0, arm[person, experiment.clip(0)], 1)
    drawn["is_control"] = (experiment >= 0) & (experiment != 1) & (drawn["arm"] == 0)
    return drawn | address(rng, run, people, drawn)


def address(rng: np.random.Generator, run: Run, people: Columns, drawn: Columns) -> Columns:
    """How each recipient is known to the tool: member id, phone, e-mail or device; and the dirt."""
    person, channel, at = drawn["person"], drawn["channel"], drawn["at"]
    size, rates = len(person), run.rates
    contact = write_phones(rng, run, people, person, at, 1.0)
    contact |= write_emails(rng, run, people, person, 1.0)
    masked = rng.random(size) < rates["message_phone_masked"]
    contact["phone_style"] = np.where(masked, MASKED, contact["phone_style"])
    contact["phone"] = np.where(channel == SMS, contact["phone"], -1)
    contact["email_no"] = np.where(channel == EMAIL, contact["email_no"], -1)
    knows_member = np.array([0.6, 0.7, 0.0, 0.5])[channel]
    return contact | {
        "has_member": (rng.random(size) < knows_member) & (people["member_at"][person] <= at),
        "device": np.where(channel == PUSH, app_device_at(people, person, at), -1),
        "bad": bad_codes(rng, rates["bad_message"], 4, size),
        "is_lost": rng.random(size) < rates["message_lost"],
        "is_late": rng.random(size) < rates["event_late"],
        "is_resent": rng.random(size) < rates["event_resent"],
    }


def draw_events(rng: np.random.Generator, run: Run, drawn: Columns) -> Columns:
    """One row per event of a message that was sent, in time order: message, kind, at; and dirt."""
    size, channel, rates = len(drawn["at"]), drawn["channel"], run.rates
    sent = ~drawn["is_control"]
    arrives = sent & (rng.random(size) < ARRIVES[channel])
    received = drawn["at"] + rng.integers(1, 120, size)
    is_mail = arrives & (channel == EMAIL)
    clicks = arrives & (rng.random(size) < CLICKS[channel])
    opens = arrives & ((rng.random(size) < OPENS[channel]) | (clicks & (channel != SMS)))
    opened = received + rng.exponential(4 * 3_600, size).astype(np.int64) + 5
    clicked = opened + rng.integers(3, 300, size)
    leaves = opens | (arrives & (channel == SMS))
    leaves &= rng.random(size) < UNSUBSCRIBES
    machine = is_mail & (rng.random(size) < rates["message_machine_open"])
    bot = machine & (rng.random(size) < rates["message_bot_click"])
    # The carrier's clock runs behind: its receipts come after the click.
    behind = clicks & (channel == SMS) & (rng.random(size) < rates["message_clock_behind"])
    kinds = (
        (DELIVERED, arrives, np.where(behind, clicked + 240, received)),
        (OPENED, opens, opened), (MACHINE_OPENED, machine, received + 2),
        (CLICKED, clicks, clicked), (BOT_CLICKED, bot, received + 3),
        (UNSUBSCRIBED, leaves, clicked + 60), (FAILED, sent & ~arrives, received),
    )  # fmt: skip
    message = np.concatenate([np.flatnonzero(happens) for _, happens, _ in kinds])
    at = np.concatenate([when[happens] for _, happens, when in kinds])
    kind = np.repeat([kind for kind, *_ in kinds], [happens.sum() for _, happens, _ in kinds])
    order = np.lexsort((kind, message, at))
    order = order[at[order] < run.end]
    events = {"message": message[order], "kind": kind[order], "at": at[order]}
    count = len(order)
    return events | {
        "row": np.arange(count),
        "bad": bad_codes(rng, rates["bad_message"], 3, count),
        "is_resent": rng.random(count) < rates["event_resent"],
    }


MESSAGING = """
create or replace macro message_id(number, channel) as
    list_value('SM', 'EM', 'WX', 'PN')[channel + 1] || (70000000000 + number)::bigint;
create or replace macro message_time(seconds, channel) as case channel
    when 0 then wall_clock(seconds) when 1 then iso_utc(seconds)
    when 2 then seconds::bigint::varchar else iso_local(seconds) end;
create or replace macro event_name(channel, kind) as (list_value(
    list_value('delivered', '', '', 'clicked', '', 'unsubscribed', 'failed'),
    list_value('Received Email', 'Opened Email', 'Opened Email', 'Clicked Email', 'Clicked Email',
        'Unsubscribed from Email Marketing', 'Bounced Email'),
    list_value('delivered', 'read', '', 'clicked', '', 'unsubscribed', 'failed'),
    list_value('delivered', 'opened', '', 'clicked', '', 'unsubscribed', 'failed')
)[channel + 1])[kind + 1];

create or replace table messaging_messages as
with copied as (
    select *, 0 as copy from message_drafts where not is_lost
    union all
    select *, 1 from message_drafts where not is_lost and is_resent and bad = 0
)
select case when copy = 1 then 'resent' when is_late then 'late' else half_year(m.at) end as file,
    case when bad <> 1 then message_id(m.number, m.channel) end as message_id,
    'C' || (1000 + c.campaign) as campaign_id, c.name as campaign_name,
    case when bad = 2 then 'fax' when m.channel = 3 then 'App Push' else upper(channels.name) end
        as channel,
    e.name as experiment_id,
    case when e.name is null then null when is_control then 'control'
        when m.experiment = 1 then list_value('A', 'B')[m.arm + 1] else 'treatment' end as arm,
    case when has_member then member_text(p.member_no) end as member_id,
    case when m.channel = 2 then official_openid(p.openid_no) end as openid,
    case when m.channel = 2 then '{official}' end as app_id,
    written_phone(m.phone, m.phone_style) as phone,
    written_email(nullif(m.email_no, -1), m.email_style) as email,
    device_text(m.device) as device_id,
    case when bad = 3 then '2026-02-30 10:00:00' when bad = 4 then '2099-01-01T10:00:00Z'
        when is_control and m.channel = 3 then null else message_time(m.at, m.channel) end
        as sent_at,
    m.number, m.at as t_updated, copy as t_copy, p.person_id as t_person,
    message_id(m.number, m.channel) as t_key,
    case bad when 1 then 'message_id:missing' when 2 then 'channel:unknown'
        when 3 then 'sent_at:not_a_timestamp' when 4 then 'sent_at:in_future' end as t_reject,
    is_control as t_is_control,
    case when has_member then member_text(p.member_no) end as t_member, true as t_member_is_own,
    usable_phone(m.phone, m.phone_style) as t_phone, m.phone_is_own as t_phone_is_own,
    email_text(nullif(m.email_no, -1)) as t_email,
    case when m.channel = 2 then official_openid(p.openid_no) end as t_openid,
    device_text(m.device) as t_device
from copied as m join people as p using (person) join message_plan as c using (campaign)
join message_channels as channels on channels.channel = m.channel
left join message_experiments as e on e.experiment = m.experiment;

create or replace table messaging_message_events as
with copied as (
    select *, 0 as copy from message_happened
    union all
    select *, 1 from message_happened where is_resent and bad = 0
), told as (
    select e.*, m.channel, m.number, message_id(m.number, m.channel) as written_id,
        event_name(m.channel, e.kind) as written_name, message_time(e.at, m.channel) as written_at,
        case when e.kind in (3, 4) then 'https://mall.example.com/m/' || m.number end as url
    from copied as e join message_drafts as m on m.row = e.message
)
select case when copy = 1 then 'resent' else half_year(told.at) end as file,
    case when channel > 0 then 'E' || {chunk} || '-' || "row" end as event_id,
    case when bad <> 1 then written_id end as message_id,
    case when bad = 2 then 'Viewed Product' else written_name end as event_name,
    case when bad = 3 then '2099' || substr(iso_utc(told.at), 5) else written_at end as occurred_at,
    case when kind = 2 then 'true' when kind = 1 and channel = 1 then 'false' end as machine_open,
    case when kind = 4 then 'true' when kind = 3 and channel = 1 then 'false' end
        as is_suspected_bot_click,
    case when kind = 6 then list_value('MOBILE_NOT_ON_SERVICE', 'Hard', 'user block',
        'invalid_token')[channel + 1] end as reason_code,
    url, kind as t_kind, "row" as t_row, told.at as t_updated, copy as t_copy,
    coalesce('E' || {chunk} || '-' || case when channel > 0 then "row" end,
        md5(concat_ws(':', written_id, written_name, written_at, coalesce(url, '')))) as t_key,
    written_id as t_message,
    case bad when 1 then 'message_id:missing' when 2 then 'event_name:unknown'
        when 3 then 'occurred_at:in_future' end as t_reject
from told;

insert into truth_messages
with happened as (
    select t_message, bool_or(t_kind in (0, 1, 2, 3, 4)) as is_delivered,
        bool_or(t_kind = 1) as is_opened, bool_or(t_kind = 3) as is_clicked,
        bool_or(t_kind = 5) as is_unsubscribed
    from messaging_message_events where t_reject is null group by t_message
)
select m.campaign_name, channels.name, coalesce(lower(m.arm), 'none'), count(*),
    count(*) filter (not m.t_is_control), count(*) filter (h.is_delivered),
    count(*) filter (h.is_opened), count(*) filter (h.is_clicked),
    count(*) filter (h.is_unsubscribed)
from messaging_messages as m
join message_drafts as d on d.number = m.number
join message_channels as channels on channels.channel = d.channel
left join happened as h on h.t_message = m.t_key
where m.t_reject is null and m.t_copy = 0 group by all order by all;
"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables messaging_*; world["messages"] tells the experiments who was in which arm."""
    rng, plan = run.random("messaging", chunk), calendar(run)
    drawn = draw_messages(rng, run, people, plan)
    drawn["row"] = np.arange(len(drawn["at"]))
    drawn["number"] = chunk * 20_000_000 + drawn["row"]
    world["messages"] = drawn
    load(con, {
        "message_drafts": drawn,
        "message_plan": plan,
        "message_happened": draw_events(rng, run, drawn),
        "message_channels": {
            "channel": np.arange(len(CHANNEL_NAMES)), "name": np.array(CHANNEL_NAMES, object),
        },
        "message_experiments": {
            "experiment": np.arange(len(EXPERIMENTS)), "name": np.array(EXPERIMENTS, object),
        },
    })  # fmt: skip
    con.execute(MESSAGING.format(chunk=chunk, official=OFFICIAL_APP_ID))


def quirks(run: Run, found: Quirks) -> None:
    """Other headers in some files."""
    if run.rates["file_variation"]:
        last = periods(run)[-1]
        found.renamed["messaging_messages", last] = {"phone": "手机号", "sent_at": "发送时间"}
        found.renamed["messaging_message_events", last] = {"machine_open": "apple_privacy_open"}


TABLES = (
    Table("messages", (
        "message_id", "campaign_id", "campaign_name", "channel", "experiment_id", "arm",
        "member_id", "openid", "app_id", "phone", "email", "device_id", "sent_at",
    ), "t_updated, number, t_copy", may_break=True, is_record=True),
    Table("message_events", (
        "event_id", "message_id", "event_name", "occurred_at", "machine_open",
        "is_suspected_bot_click", "reason_code", "url",
    ), "t_updated, t_row, t_copy", may_break=True),
)  # fmt: skip
SOURCE = Source(
    "messaging", TABLES, build, quirks=quirks,
    identifiers={"t_openid": ("openid", OFFICIAL_APP_ID, "")},
)  # fmt: skip
