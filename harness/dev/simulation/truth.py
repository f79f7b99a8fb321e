"""What is true: people, records, identifiers, orders, refunds, campaigns, faults and counts."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from .files import write_parquet
from .settings import CNY_PER_USD, STREAM_ID, Run
from .sources import Source

# Columns of truth in the built tables: type, namespace, value, is_own ('' = always).
IDENTIFIERS = {
    "t_member": ("member", "crm", "t_member_is_own"),
    "t_customer": ("customer", "shop", ""),
    "t_phone": ("phone", "", "t_phone_is_own"),
    "t_email": ("email", "", ""),
    "t_cookie": ("cookie", STREAM_ID, "t_cookie_is_own"),
    "t_buyer": ("buyer", "tmall", ""),
    "t_device": ("device", "app", ""),
    "t_unionid": ("unionid", "", ""),
}
EMPTY = """
create table truth_counts (source_name varchar, table_name varchar, reason varchar,
    rows_written bigint, rows_superseded bigint, rows_rejected bigint);
create table truth_orders (source_name varchar, record_id varchar, person_id bigint,
    currency varchar, gross_item_amount decimal(18, 2), discount_amount decimal(18, 2),
    refund_amount decimal(18, 2), is_test boolean, is_staff boolean, is_cancelled boolean,
    is_paid boolean, is_second_copy boolean, is_rejected boolean, has_rejected_lines boolean,
    shipping_amount decimal(18, 2), commission_amount decimal(18, 2));
create table truth_refunds (source_name varchar, record_id varchar, order_record_id varchar,
    person_id bigint, currency varchar, amount decimal(18, 2), link varchar);
create table truth_people (person_id bigint, type varchar, first_channel varchar,
    first_contact_at timestamp, is_member boolean, has_account boolean, is_staff boolean,
    first_order_at timestamp, orders bigint, net_revenue_cny decimal(18, 2),
    net_revenue_usd decimal(18, 2), net_revenue decimal(18, 2));
create table truth_campaigns_seen (utm_campaign varchar, campaign_id varchar,
    campaign_name varchar, platform varchar, spelling varchar, events bigint);
create table truth_messages (campaign_name varchar, channel varchar, arm varchar, messages bigint,
    sent bigint, delivered bigint, opened bigint, clicked bigint, unsubscribed bigint);
create table truth_experiments (experiment_id varchar, kind varchar, channel varchar,
    true_effect double, reported_effect double, standard_error double);
create table truth_faults (fault varchar, detail varchar, rows_touched bigint);
"""


def count_rows(con: duckdb.DuckDBPyConnection, source: str, table: str) -> None:
    """Count the rows of a built table by the reason to reject them, and its older copies.

    Of the copies of a key the one with the newest time, then of the file that comes last, counts;
    the others are noted in <built table>_older.
    """
    built = f"{source}_{table}"
    con.execute(f"""
        create or replace temp table {built}_older as select row_id from (
            select rowid as row_id, row_number() over (partition by t_key
                order by t_updated desc, file desc, t_copy desc) as place
            from {built} where t_reject is null and t_key in (
                select t_key from {built} group by t_key having count(*) > 1)
        ) where place > 1""")
    con.execute(f"""
        insert into truth_counts
        select '{source}', '{table}', t_reject, count(*),
            count(*) filter (rowid in (select row_id from {built}_older)),
            count(*) filter (t_reject is not null)
        from {built} group by t_reject order by t_reject nulls first""")


def count_tables(
    con: duckdb.DuckDBPyConnection, sources: Iterable[Source], once: bool = False
) -> None:
    """Count the rows of the built tables of a chunk, or (once) of the whole run."""
    for source in sources:
        for table in source.tables:
            if table.once == once:
                count_rows(con, source.name, table.name)


def write_records(
    con: duckdb.DuckDBPyConnection, sources: Iterable[Source], folder: Path, suffix: str
) -> None:
    """Write the accepted records of a chunk that have a person, and their usable identifiers."""
    records, identifiers = [], []
    for source in sources:
        known = IDENTIFIERS | source.identifiers
        for table in source.tables:
            if not table.is_record:
                continue
            built = f"{source.name}_{table.name}"
            accepted = f"{built} where t_reject is null and rowid not in (from {built}_older)"
            head = f"select '{source.name}' as source_name, '{table.name}' as table_name"
            head += ", t_key as record_id"
            records.append(f"{head}, t_person as person_id from {accepted}")
            columns = {name for name, *_ in con.execute(f"describe {built}").fetchall()}
            identifiers += [
                f"{head}, '{kind}' as identifier_type, '{namespace}' as namespace, "
                f"{column} as identifier_value, {is_own or 'true'} as is_own "
                f"from {accepted} and {column} is not null"
                for column, (kind, namespace, is_own) in known.items()
                if column in columns
            ]
        identifiers += [source.bound] if source.bound else []
    for name, parts in (("records", records), ("record_identifiers", identifiers)):
        path = folder / f"{name}{suffix}.parquet"
        write_parquet(con, " union all ".join(parts), path, "snappy")


ORDERS = """
insert into truth_orders
with sold as ({orders}), bad_lines as ({bad_lines})
select s.source_name, s.record_id, p.person_id, case when o.is_usd then 'USD' else 'CNY' end,
    o.gross / 100.0, o.discount / 100.0,
    case when s.is_second_copy then 0 else o.refunded / 100.0 end,
    o.is_test, o.is_staff, o.is_cancelled, not o.is_unpaid, s.is_second_copy, s.is_rejected,
    b.t_order is not null, o.shipping / 100.0, o.commission / 100.0
from sold as s join orders as o on o.row = s.t_order join people as p using (person)
left join bad_lines as b on b.source_name = s.source_name and b.t_order = s.t_order
order by s.source_name, s.record_id;

insert into truth_people
with valid as (
    select person_id, count(*) as orders,
        sum(gross_item_amount - discount_amount - refund_amount) filter (currency = 'CNY') as cny,
        sum(gross_item_amount - discount_amount - refund_amount) filter (currency = 'USD') as usd
    from truth_orders
    where is_paid and not (is_test or is_staff or is_cancelled or is_second_copy)
    group by person_id
), first_orders as (select person, min(orders.at) as at from orders group by person)
select p.person_id, types.name, channels.name, utc(p.first_at), p.member_at < {end},
    p.account_at < {end}, p.is_staff, utc(f.at), coalesce(v.orders, 0), coalesce(v.cny, 0),
    coalesce(v.usd, 0), coalesce(v.cny, 0) + round(coalesce(v.usd, 0) * {rate}, 2)
from people as p join types using (kind) join channels using (channel)
left join valid as v using (person_id) left join first_orders as f using (person)
order by p.person_id;
"""
CAMPAIGNS_SEEN = """
insert into truth_campaigns_seen
select campaign, t_campaign_id, t_campaign_name, t_platform,
    case when t_campaign_id is null then 'other_platform'
        else list_value('exact', 'lower_case', 'spaces', 'typo', 'no_match')[t_spelling + 1] end,
    count(*)
from {built} where campaign is not null and t_copy = 0 group by all order by all
"""


def record_orders(
    con: duckdb.DuckDBPyConnection, run: Run, sources: Iterable[Source]
) -> None:
    """Add the true money of a chunk's orders, refunds and people, and the campaigns it saw."""
    def united(attribute: str) -> str:
        return " union all ".join(
            f"select '{source.name}' as source_name, * from ({getattr(source, attribute)})"
            for source in sources if getattr(source, attribute)
        )  # fmt: skip

    con.execute(ORDERS.format(
        orders=united("orders"), bad_lines=united("bad_lines"), end=run.end, rate=CNY_PER_USD
    ))  # fmt: skip
    con.execute(f"insert into truth_refunds {united('refunds')} order by source_name, record_id")
    for source in sources:
        if source.campaigns_seen:
            con.execute(CAMPAIGNS_SEEN.format(built=source.campaigns_seen))


TABLES = ("people", "orders", "refunds", "campaigns_seen", "messages", "faults", "counts")
"""Tables that each chunk fills (truth_<name>) and keep_parts hands over."""


def keep_parts(con: duckdb.DuckDBPyConnection, folder: Path, suffix: str) -> None:
    """Write what a chunk knows into parts that write_truth unites."""
    for name in TABLES:
        write_parquet(con, f"from truth_{name}", folder / f"{name}{suffix}.parquet")


def write_truth(con: duckdb.DuckDBPyConnection, folder: Path, parts: Path) -> None:
    """Write the truth tables of the whole run as Parquet in a fixed order of rows."""
    for name in TABLES:
        files = sorted(str(path) for path in parts.glob(f"{name}*.parquet"))
        con.execute(f"create view all_{name} as from read_parquet({files})")
    con.execute("insert into truth_counts from all_counts")
    queries = {
        "people": "from all_people order by person_id",
        "orders": "from all_orders",
        "refunds": "from all_refunds",
        "campaigns": "select utm_campaign, campaign_id, campaign_name, platform, spelling, "
        "sum(events)::bigint as events from all_campaigns_seen group by 1, 2, 3, 4, 5 "
        "order by 1, 2 nulls first, 5",
        "channels": "select * exclude (channel) from channel_effects order by channel",
        "messages": "select campaign_name, channel, arm, sum(messages)::bigint as messages, "
        "sum(sent)::bigint as sent, sum(delivered)::bigint as delivered, sum(opened)::bigint as "
        "opened, sum(clicked)::bigint as clicked, sum(unsubscribed)::bigint as unsubscribed "
        "from all_messages group by 1, 2, 3 order by 1, 2, 3",
        "experiments": "from truth_experiments order by experiment_id",
        "faults": "select fault, detail, sum(rows_touched)::bigint as rows_touched "
        "from all_faults group by 1, 2 order by 1, 2",
        "counts": "select source_name, table_name, reason, sum(rows_written)::bigint as "
        "rows_written, sum(rows_superseded)::bigint as rows_superseded, "
        "sum(rows_rejected)::bigint as rows_rejected from truth_counts group by 1, 2, 3 "
        "order by 1, 2, 3 nulls first",
    }
    for name, query in queries.items():
        write_parquet(con, query, folder / f"{name}.parquet")
