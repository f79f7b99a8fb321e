"""Answers to surveys after an order, and complaints that are settled later."""

import duckdb
import numpy as np

from .annotate import bad_codes, versions, write_emails, write_phones
from .catalogue import TYPES
from .files import Quirks, load, periods
from .settings import DAY, Columns, Run
from .sources import Source, Table

NPS, CSAT, COMPLAINT = range(3)
ANSWERS = (0.04, 0.03)
"""Shares of orders that answer an NPS survey and a satisfaction survey."""
COMPLAINS = (0.008, 0.15)
"""Shares of orders that bring a complaint: of those kept and of those given back."""
LIKES = {"one_off": 6.4, "d45": 8.0, "d21": 8.9}
"""Mean NPS score of each type of buyer."""


def draw_responses(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns
) -> Columns:
    """One row per response in order of orders: order, person, kind, at, score, settled_at ..."""
    size = len(orders["at"])
    real = (orders["at"] >= run.start) & ~orders["is_cancelled"] & ~orders["is_unpaid"]
    real &= ~orders["is_test"]
    draw, back = rng.random(size), orders["refund_state"] > 0
    complains = draw > 1 - np.where(back, COMPLAINS[1], COMPLAINS[0])
    kind = np.where(draw < ANSWERS[0], NPS, np.where(draw < sum(ANSWERS), CSAT, -1))
    kind = np.where(complains, COMPLAINT, kind)
    at = orders["at"] + rng.integers(DAY, 10 * DAY, size)
    order = np.flatnonzero(real & (kind >= 0) & (at < run.end))
    kind, at, person, count = kind[order], at[order], orders["person"][order], len(order)
    mean = np.array([LIKES[name] for name in TYPES])[people["kind"][person]]
    nps = rng.normal(mean, 1.8, count).round().clip(0, 10)
    csat = rng.normal(1 + mean * 0.42, 0.8, count).round().clip(1, 5)
    settled_at = at + rng.integers(DAY // 2, 12 * DAY, count)
    settles = (kind == COMPLAINT) & (rng.random(count) < 0.7) & (settled_at < run.end)
    return {
        "row": np.arange(count),
        "order": order,
        "person": person,
        "kind": kind,
        "at": at,
        "score": np.where(kind == NPS, nps, csat).astype(np.int64),
        "category": rng.integers(0, 5, count),
        "says_order": rng.random(count) < 0.8,
        "channel": rng.integers(0, 4, count),
        "settled_at": np.where(settles, settled_at, 0),
    }


def copies_of(rng: np.random.Generator, run: Run, people: Columns, drawn: Columns) -> Columns:
    """Delivered copies of the responses, each with what the tool knows of who gave it."""
    person, at, size, rates = drawn["person"], drawn["at"], len(drawn["at"]), run.rates
    settles = drawn["settled_at"] > 0
    final = np.where(settles, drawn["settled_at"], at + 60)
    copies = versions(rng, run, at, np.minimum(final, run.end - 1), settles)
    named = rng.random(size) >= rates["feedback_anonymous"]
    known = (people["member_at"][person] <= at) & (rng.random(size) < 0.7) & named
    contact = write_phones(rng, run, people, person, at, 0.6)
    contact |= write_emails(rng, run, people, person, 0.3)
    contact["phone"] = np.where(named & ~known, contact["phone"], -1)
    contact["email_no"] = np.where(named & ~known, contact["email_no"], -1)
    contact["has_member"] = known
    bad = bad_codes(rng, rates["bad_response"], 4, size)
    contact["bad"] = np.where((bad == 2) & (drawn["kind"] == COMPLAINT), 4, bad)
    contact["is_decimal"] = rng.random(size) < rates["score_decimal"]
    columns = {name: values[copies["row"]] for name, values in contact.items()}
    return copies | columns | {"bad": np.where(copies["is_resent"], 0, columns["bad"])}


FEEDBACK = """
create or replace table feedback_responses as
with sold as (
    select t_order, any_value(t_key) as ticket from pos_tickets
    where kind = 0 and t_reject is null group by t_order
), told as (
    select c.*, r.* exclude ("row"), r.row as response, p.person_id, p.member_no,
        o.place, o.number as order_number, sold.ticket,
        'F' || ({chunk} * 5000000 + 700000 + r.row) as id,
        r.kind = 2 and r.settled_at > 0 and c.version = 0 as is_settled
    from response_copies as c join response_drafts as r on r.row = c.row
    join people as p using (person) join orders as o on o.row = r."order"
    left join sold on sold.t_order = r."order"
)
select half_year(file_at) as file, case when bad <> 1 then id end as response_id,
    case when bad = 4 then 'poll' else list_value('NPS', 'csat', 'complaint')[kind + 1] end
        as response_type,
    case when kind = 2 then null when bad = 2 then list_value('11', '6')[kind + 1]
        else score || case when is_decimal then '.0' else '' end end as score,
    case when kind = 2 then list_value('物流太慢', 'damaged', 'Wrong item', 'service', 'price')[
        category + 1] end as category,
    case when kind <> 2 then null when is_settled then 'resolved' else 'open' end as status,
    case when says_order then case place when 0 then order_name(order_number) when 1 then ticket
        when 2 then tmall_order_id(order_number) else delivery_order_id(order_number) end end
        as order_id,
    list_value('sms', 'mini_program', 'phone', 'web')[channel + 1] as channel,
    case when has_member then member_text(member_no) end as member_id,
    written_phone(phone, phone_style) as phone,
    written_email(nullif(email_no, -1), email_style) as email,
    case when kind = 2 then list_value('等了三天, 请尽快处理', 'The box was "open"', '发错货了',
        '没人接电话', '降价不退差')[category + 1] end as comment,
    case when bad = 3 then '2026-02-30 10:00:00' else wall_clock(told.at) end as responded_at,
    case when is_settled then wall_clock(settled_at) end as resolved_at,
    wall_clock(updated_at) as updated_at,
    response, updated_at as t_updated, copy as t_copy, person_id as t_person, id as t_key,
    case bad when 1 then 'response_id:missing' when 2 then 'score:out_of_range'
        when 3 then 'responded_at:not_a_timestamp' when 4 then 'response_type:unknown' end
        as t_reject,
    case when has_member then member_text(member_no) end as t_member, true as t_member_is_own,
    usable_phone(phone, phone_style) as t_phone, phone_is_own as t_phone_is_own,
    email_text(nullif(email_no, -1)) as t_email
from told;
"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the table feedback_responses; names the tickets that pos has written."""
    rng = run.random("feedback", chunk)
    drawn = draw_responses(rng, run, people, world["orders"])
    copies = copies_of(rng, run, people, drawn)
    load(con, {"response_drafts": drawn, "response_copies": copies})
    con.execute(FEEDBACK.format(chunk=chunk))


def quirks(run: Run, found: Quirks) -> None:
    """A Chinese header and encoding in the last file."""
    if run.rates["file_variation"]:
        last = periods(run)[-1]
        found.renamed["feedback_responses", last] = {"order_id": "订单号", "status": "处理状态"}
        found.encodings["feedback_responses", last] = "gb18030"


TABLES = (
    Table("responses", (
        "response_id", "response_type", "score", "category", "status", "order_id", "channel",
        "member_id", "phone", "email", "comment", "responded_at", "resolved_at", "updated_at",
    ), "t_updated, response, t_copy", may_break=True, is_record=True),
)  # fmt: skip
SOURCE = Source("feedback", TABLES, build, quirks=quirks)
