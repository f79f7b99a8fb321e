"""Hidden faults: things that go wrong in real feeds and that no document of the feed lists.

A seed picks three of the pool. Each is applied to the built tables of every chunk before they are
written, with the same choices (store, day, file), and says how many rows it touched. The truth
columns (t_*) follow what is then written, so that the truth stays true.
"""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np

from .catalogue import CAMPAIGN_PLATFORM, CAMPAIGNS, STORES
from .files import Quirks, periods
from .settings import DAY, Columns, Run


@dataclass(frozen=True)
class Choice:
    """What a fault hits in this run: a store, a moment, a file period and a campaign."""

    store: str
    at: int
    period: str
    campaign: int


Fault = Callable[[duckdb.DuckDBPyConnection, Choice, Quirks], tuple[str, int]]


def changed(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    """Run one update, insert or delete; give the number of rows it touched."""
    return con.execute(statement).fetchone()[0]


def till_clock_off(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """The clock of one store runs an hour ahead for a week."""
    rows = changed(con, f"""
        update pos_tickets set sold_at = wall_clock(t_updated + 3600)
        where store_id = '{choice.store}' and t_reject is null
            and t_updated between {choice.at} and {choice.at + 7 * DAY}""")
    return f"store {choice.store}, a week from {choice.at}", rows


def blanks_in_ids(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """The customer ids of one file of orders end in blanks."""
    rows = changed(con, f"""
        update shop_orders set customer_id = customer_id || '  '
        where file = '{choice.period}' and customer_id is not null""")
    return f"shop orders {choice.period}", rows


def file_delivered_twice(
    con: duckdb.DuckDBPyConnection, choice: Choice, quirks: Quirks
) -> tuple[str, int]:
    """All tickets and lines of a period come again under another name, with one more column."""
    rows = 0
    for table in ("pos_tickets", "pos_ticket_lines"):
        rows += changed(con, f"""
            insert into {table} select * replace ('{choice.period}_again' as file, 1 as t_copy)
            from {table} where file = '{choice.period}'""")
        quirks.extra[table, f"{choice.period}_again"] = "'2' as batch"
    return f"pos {choice.period}", rows


def zeros_lost(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """A spreadsheet has eaten the leading zeros of one store's member numbers in one period."""
    rows = changed(con, f"""
        update pos_tickets set member_no = ltrim(member_no, '0'), t_member = ltrim(member_no, '0'),
            t_member_is_own = false
        where file = '{choice.period}' and store_id = '{choice.store}'
            and member_no like '0%'""")
    return f"store {choice.store}, pos tickets {choice.period}", rows


def campaign_renamed(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """A campaign has a new name from a day on; links carry the new name from then."""
    campaign = CAMPAIGNS[choice.campaign]
    rows = changed(con, f"""
        update ga4_events set campaign = '{campaign.name} v2', t_campaign_name = campaign
        where t_campaign_id = '{campaign.id}' and campaign = '{campaign.name}'
            and t_updated >= {choice.at}::bigint * 1000000""")
    return f"{campaign.name} from {choice.at}", rows


def day_missing(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """The web events of one day were never delivered."""
    first, last = choice.at * 1_000_000, (choice.at + DAY) * 1_000_000
    rows = sum(
        changed(con, f"delete from {table} where t_updated >= {first} and t_updated < {last}")
        for table in ("ga4_events", "ga4_event_items")
    )
    return f"the day that begins at {choice.at}", rows


def columns_moved(
    con: duckdb.DuckDBPyConnection, choice: Choice, quirks: Quirks
) -> tuple[str, int]:
    """The columns of one file of order lines stand in another order, under the right headers."""
    quirks.reversed.add(("shop_order_lines", choice.period))
    query = f"select count(*) from shop_order_lines where file = '{choice.period}'"
    return f"shop order_lines {choice.period}", con.execute(query).fetchone()[0]


def members_merged(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """Some members get a second card whose number their later tickets carry."""
    chosen = f"t_person % 97 = 5 and t_updated < {choice.at}"
    rows = changed(con, f"""
        insert into crm_members select distinct on (t_key) * replace (
            '9' || substr(t_key, 2) as member_id, '9' || substr(t_key, 2) as t_key,
            '9' || substr(t_key, 2) as t_member, iso_local({choice.at}) as updated_at,
            iso_local({choice.at}) as registered_at, {choice.at} as t_updated, '2026' as file)
        from crm_members where {chosen} and t_reject is null order by t_key, t_copy""")
    rows += changed(con, f"""
        update pos_tickets set member_no = '9' || substr(member_no, 2),
            t_member = '9' || substr(t_member, 2)
        where t_updated >= {choice.at} and member_no in (
            select t_key from crm_members where {chosen})""")
    return f"from {choice.at}", rows


def store_code_small(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """One store is written in small letters in one period."""
    rows = sum(
        changed(con, f"""
            update {table} set store_id = lower(store_id),
                t_key = lower(store_id) || substr(t_key, length(store_id) + 1)
            where store_id = '{choice.store}' and file = '{choice.period}'""")
        for table in ("pos_tickets", "pos_ticket_lines")
    )
    return f"store {choice.store}, {choice.period}", rows


def zone_mislabelled(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """For three days orders carry the local time but call it UTC."""
    rows = changed(con, f"""
        update shop_orders set created_at = strftime(local_time(o.at), '%Y-%m-%dT%H:%M:%SZ')
        from orders as o where o.row = t_order and shop_orders.t_reject is null
            and o.at between {choice.at} and {choice.at + 3 * DAY}""")
    return f"three days from {choice.at}", rows


def currency_small(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """One file of orders writes the currency in small letters."""
    rows = changed(con, f"""
        update shop_orders set currency = lower(currency)
        where file = '{choice.period}' and t_reject is null""")
    return f"shop orders {choice.period}", rows


def traffic_lost(con: duckdb.DuckDBPyConnection, choice: Choice, _: Quirks) -> tuple[str, int]:
    """For ten days a consent banner strips where visits came from."""
    rows = changed(con, f"""
        update ga4_events set source = null, medium = null, campaign = null, gclid = null
        where source is not null and t_updated between {choice.at}::bigint * 1000000
            and {choice.at + 10 * DAY}::bigint * 1000000""")
    return f"ten days from {choice.at}", rows


def phones_as_numbers(con: duckdb.DuckDBPyConnection, _: Choice, __: Quirks) -> tuple[str, int]:
    """A spreadsheet has made decimals of the phones of the newer file of members."""
    rows = changed(con, """
        update crm_members set phone = phone || '.0', t_phone = null
        where file = '2026' and regexp_matches(phone, '^1[0-9]{10}$')""")
    return "crm members 2026", rows


POOL: list[Fault] = [
    till_clock_off, blanks_in_ids, file_delivered_twice, zeros_lost, campaign_renamed, day_missing,
    columns_moved, members_merged, store_code_small, zone_mislabelled, currency_small,
    traffic_lost, phones_as_numbers,
]  # fmt: skip


def picked(run: Run) -> list[tuple[Fault, Choice]]:
    """The faults of this seed and what each hits; none at noise none."""
    rng, count = run.random("faults"), int(run.rates["hidden_faults"])
    numbers = np.sort(rng.choice(len(POOL), count, replace=False))
    halves = periods(run)
    return [
        (
            POOL[number],
            Choice(
                store=STORES[rng.integers(len(STORES))],
                at=run.start + int(rng.integers(run.days // 4, run.days * 3 // 4)) * DAY,
                period=halves[min(len(halves) - 1, int(rng.integers(1, 3)))],
                campaign=int(rng.choice(np.flatnonzero(CAMPAIGN_PLATFORM == "google_ads"))),
            ),
        )
        for number in numbers
    ]


def apply_faults(con: duckdb.DuckDBPyConnection, run: Run, quirks: Quirks) -> None:
    """Apply the picked faults to the built tables of a chunk and note them in truth_faults."""
    for fault, choice in picked(run):
        detail, rows = fault(con, choice, quirks)
        con.execute("insert into truth_faults values (?, ?, ?)", [fault.__name__, detail, rows])


def renamed_campaigns(run: Run) -> Columns:
    """Later versions of campaigns that a picked fault renames: campaign, name, at."""
    renamed = [choice for fault, choice in picked(run) if fault is campaign_renamed]
    return {
        "campaign": np.array([choice.campaign for choice in renamed], dtype=np.int64),
        "name": np.array([CAMPAIGNS[choice.campaign].name + " v2" for choice in renamed], object),
        "at": np.array([choice.at for choice in renamed], dtype=np.int64),
    }
