"""Membership: members, the identifiers bound to them, and their consents."""

import duckdb
import numpy as np

from .annotate import bad_codes, versions, write_emails, write_phones
from .files import Quirks, load
from .people import NEVER, phone_numbers
from .settings import DAY, Columns, Run
from .sources import Source, Table

PURPOSES = [
    ("marketing", "self"), ("marketing", "google"), ("marketing", "sms"), ("analytics", "self"),
]  # fmt: skip


def member_copies(rng: np.random.Generator, run: Run, people: Columns) -> Columns:
    """Delivered copies of the members: person, version, contact, updated_at, file_at, bad."""
    person = np.flatnonzero(people["member_at"] < NEVER)
    created = people["member_at"][person]
    renewed = people["new_phone_at"][person] + 3 * DAY
    tells = (people["new_phone_at"][person] > created) & (renewed < run.end)
    tells &= rng.random(len(person)) < 0.6
    final = np.where(tells, renewed, created)
    copies = versions(rng, run, created, final, tells)
    told = copies["updated_at"]
    told = np.where((copies["version"] == 0) & ~tells[copies["row"]], created[copies["row"]], told)
    contact = write_phones(rng, run, people, person[copies["row"]], told, 0.95)
    contact |= write_emails(rng, run, people, person[copies["row"]], 0.5)
    bad = bad_codes(rng, run.rates["bad_member"], 1, len(person))
    bad = np.where(copies["is_resent"], 0, bad[copies["row"]])
    return copies | contact | {"person": person[copies["row"]], "bad": bad}


def bindings(rng: np.random.Generator, run: Run, people: Columns) -> Columns:
    """Identifiers bound to members: person, kind (0 customer, 1 second phone), phone, at.

    The second phone is the new one of people who changed, else a number used nowhere else.
    """
    is_member = people["member_at"] < NEVER
    both = is_member & (people["account_at"] < NEVER)
    linked = np.flatnonzero(both & (rng.random(len(both)) < 0.6))
    renewed = people["new_phone_at"] < run.end
    chance = np.where(renewed, 0.5, 0.04)
    second = np.flatnonzero(is_member & (rng.random(len(both)) < chance))
    linked_at = np.maximum(people["member_at"][linked], people["account_at"][linked])
    second_at = people["member_at"][second]
    second_at = np.maximum(second_at, np.where(renewed, people["new_phone_at"], 0)[second])
    person = np.concatenate([linked, second])
    at = np.concatenate([linked_at, second_at])
    at = np.minimum(at + rng.integers(60, 3 * DAY, len(at)), run.end - 1)
    spare = phone_numbers(people["person_id"][person] + 60_000_000)
    return {
        "person": person,
        "kind": np.repeat([0, 1], [len(linked), len(second)]),
        "phone": np.where(renewed[person], people["new_phone"][person], spare),
        "at": at,
    }


def consents(rng: np.random.Generator, run: Run, people: Columns) -> Columns:
    """Decisions of members: person, purpose (number), is_granted, at; some decide twice."""
    person = np.flatnonzero(people["member_at"] < NEVER)
    person = np.repeat(person, len(PURPOSES))
    purpose = np.arange(len(person)) % len(PURPOSES)
    asked = rng.random(len(person)) < np.array([0.95, 0.7, 0.8, 0.9])[purpose]
    again = asked & (rng.random(len(person)) < 0.06)
    granted = rng.random(len(person)) < np.array([0.75, 0.6, 0.55, 0.85])[purpose]
    at = people["member_at"][person]
    later = at + rng.integers(DAY, 300 * DAY, len(person))
    again &= later < run.end
    rows = np.concatenate([np.flatnonzero(asked), np.flatnonzero(again)])
    is_second = np.repeat([False, True], [asked.sum(), again.sum()])
    return {
        "person": person[rows],
        "purpose": purpose[rows],
        "is_granted": granted[rows] ^ is_second,
        "at": np.where(is_second, later[rows], at[rows]),
    }


CRM = """
create or replace table crm_members as
select case when file_at < {cut} then '2025' else '2026' end as file,
    case when bad = 0 then member_text(p.member_no) end as member_id,
    written_phone(c.phone, c.phone_style) as phone,
    written_email(nullif(c.email_no, -1), c.email_style) as email,
    iso_local(p.member_at) as registered_at, iso_local(c.updated_at) as updated_at,
    regions.name as region_code,
    strftime(date '1990-01-01' + p.birth_day::int, '%Y-%m-%d') as birth_date,
    case when p.is_staff then 'true' else 'false' end as is_staff,
    p.person, c.updated_at as t_updated, c.copy as t_copy, p.person_id as t_person,
    member_text(p.member_no) as t_key, case when bad = 1 then 'member_id:missing' end as t_reject,
    member_text(p.member_no) as t_member, true as t_member_is_own,
    usable_phone(c.phone, c.phone_style) as t_phone, c.phone_is_own as t_phone_is_own,
    email_text(nullif(c.email_no, -1)) as t_email
from member_copies as c join people as p using (person) join regions using (region);

create or replace table crm_member_identifiers as
select 'all' as file, member_text(p.member_no) as member_id,
    case when b.kind = 0 then 'customer' else 'phone' end as identifier_type,
    case when b.kind = 0 then 'shop' else '' end as namespace,
    case when b.kind = 0 then customer_text(p.customer_no) else b.phone::varchar end
        as identifier_value,
    iso_local(b.at) as bound_at,
    b.at, b.at as t_updated, 0 as t_copy, p.person_id as t_person,
    concat_ws(':', member_id, identifier_type, namespace, identifier_value) as t_key,
    null::varchar as t_reject, member_id as t_member, true as t_member_is_own,
    case when b.kind = 0 then customer_text(p.customer_no) end as t_customer,
    case when b.kind = 1 then '+86' || b.phone end as t_phone, true as t_phone_is_own
from bindings as b join people as p using (person);

create or replace table crm_consents as
select 'all' as file, member_text(p.member_no) as member_id, purposes.purpose_name as purpose,
    purposes.recipient, case when c.is_granted then 'granted' else 'denied' end as status,
    iso_local(c.at) as changed_at,
    c.at, c.at as t_updated, 0 as t_copy, p.person_id as t_person,
    concat_ws(':', member_id, purpose_name, recipient, c.at) as t_key, null::varchar as t_reject
from consents as c join people as p using (person) join purposes using (purpose);
"""

def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables crm_*; members come in one file up to mid-period and one after."""
    rng = run.random("crm", chunk)
    load(con, {
        "member_copies": member_copies(rng, run, people),
        "bindings": bindings(rng, run, people),
        "consents": consents(rng, run, people),
        "purposes": {
            "purpose": np.arange(len(PURPOSES)),
            "purpose_name": np.array([purpose for purpose, _ in PURPOSES], object),
            "recipient": np.array([recipient for _, recipient in PURPOSES], object),
        },
    })  # fmt: skip
    con.execute(CRM.format(cut=run.start + run.days * DAY // 2))


def quirks(run: Run, found: Quirks) -> None:
    """A byte order mark, another encoding and other headers."""
    found.encodings["crm_members", "2025"] = "utf-8-sig"
    found.encodings["crm_members", "2026"] = "gb18030"
    if run.rates["file_variation"]:
        found.renamed["crm_members", "2026"] = {"phone": "mobile", "region_code": "region"}


TABLES = (
    Table("members", (
        "member_id", "phone", "email", "registered_at", "updated_at", "region_code", "birth_date",
        "is_staff",
    ), "t_updated, person, t_copy, member_id", may_break=True, is_record=True),
    Table(
        "member_identifiers",
        ("member_id", "identifier_type", "namespace", "identifier_value", "bound_at"),
        "t_updated, t_key",
    ),
    Table(
        "consents", ("member_id", "purpose", "recipient", "status", "changed_at"),
        "t_updated, t_key",
    ),
)  # fmt: skip
BOUND = """
select 'crm' as source_name, 'members' as table_name, member_id as record_id,
    identifier_type, namespace, coalesce(t_customer, t_phone) as identifier_value, true as is_own
from crm_member_identifiers where member_id in (select t_member from crm_members)"""
"""What the membership system binds to a member counts as seen on the member's record."""
SOURCE = Source("crm", TABLES, build, quirks=quirks, bound=BOUND)
