"""Checks of a built warehouse against what is known to be true.

`omniloop check identity --truth DIR` scores who was taken for whom against a simulator's truth:
DIR holds records*.parquet (source_name, table_name, record_id, person_id),
record_identifiers*.parquet (the same and identifier_type, namespace, identifier_value, is_own) and
orders.parquet (source_name, record_id, gross_item_amount). Pairs of records are counted, over all
records and over orders alone:

    precision  pairs under one user_key that are one person / all pairs under one user_key
    recall     pairs of one person under one user_key / pairs of one person that are linkable
    ceiling    linkable pairs / all pairs of one person: what any system could reach

A pair is linkable when a chain of the person's own identifiers, seen together on accepted records,
joins the two. Weighted by revenue, a pair counts by the product of its two orders' amounts.
"""

import argparse
import json
import os
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

RECORDS = """
create temp table record as
select
    md5(concat_ws('|', source_name, table_name, record_id)) as record_key,
    any_value(person_id) as person_id,
    any_value(table_name in ('orders', 'tickets')) as is_order
from read_parquet('{truth}/records*.parquet')
group by 1
having record_key in (
    select md5(concat_ws('|', 'shop', 'customers', customer_id)) from staging.stg_shop__customers
    union all select md5(concat_ws('|', 'shop', 'orders', order_id)) from staging.stg_shop__orders
    union all select md5(concat_ws('|', 'crm', 'members', member_id)) from staging.stg_crm__members
    union all select md5(concat_ws('|', 'ga4', 'events', event_id)) from staging.stg_ga4__events
    union all select md5(concat_ws('|', 'pos', 'tickets', ticket_id)) from staging.stg_pos__tickets
)
"""

EDGES = """
create temp table edge as
select distinct record.record_key, record.person_id,
    concat_ws('|', identifier_type, namespace, identifier_value) as identifier
from read_parquet('{truth}/record_identifiers*.parquet') as seen
join record
    on record.record_key = md5(concat_ws('|', source_name, table_name, record_id))
where is_own
"""

SPREAD = """
create or replace temp table spread as
select edge.record_key, min(best.label) as label
from edge
join (
    select person_id, identifier, min(label) as label from edge join label using (record_key)
    group by all
) as best using (person_id, identifier)
group by all
"""

SCORED = """
create temp table scored as
select
    record.record_key,
    record.person_id,
    coalesce(people.user_key, record.record_key) as user_key,
    coalesce(label.label, record.record_key) as island,
    record.is_order,
    cast(1 as double) as weight,
    cast(coalesce(orders.amount, 0) as double) as amount
from record
left join intermediate.int_record_people as people using (record_key)
left join label using (record_key)
left join (
    select
        md5(concat_ws('|', source_name,
            case source_name when 'pos' then 'tickets' else 'orders' end, record_id)) as record_key,
        sum(gross_item_amount) as amount
    from read_parquet('{truth}/orders.parquet') group by 1
) as orders using (record_key)
"""

PAIRS = """
with cell as (
    select user_key, person_id, island, sum({w}) as s, sum({w} * {w}) as q
    from scored where {where} group by all
),
by_user as (select sum(s) as s, sum(q) as q from cell group by user_key),
by_person as (select sum(s) as s, sum(q) as q from cell group by person_id),
by_both as (select sum(s) as s, sum(q) as q from cell group by user_key, person_id),
by_island as (select sum(s) as s, sum(q) as q from cell group by person_id, island)
select
    (select sum(s * s - q) / 2 from by_user),
    (select sum(s * s - q) / 2 from by_both),
    (select sum(s * s - q) / 2 from by_island),
    (select sum(s * s - q) / 2 from by_person),
    (select sum(s * s - q) / 2 from cell)
"""


def identity(data: Path, truth: Path) -> dict[str, dict[str, float]]:
    """Return precision, recall and ceiling of records, orders and revenue; see the module."""
    connection = duckdb.connect(str(data / "omniloop.duckdb"), read_only=True)
    connection.execute(RECORDS.format(truth=truth))
    connection.execute(EDGES.format(truth=truth))
    connection.execute(
        "create temp table label as select distinct record_key, record_key as label from edge"
    )
    while True:
        connection.execute(SPREAD)
        moved = connection.execute(
            "select count(*) from label join spread using (record_key)"
            " where label.label <> spread.label"
        ).fetchall()[0][0]
        if not moved:
            break
        connection.execute("create or replace temp table label as from spread")
    connection.execute(SCORED.format(truth=truth))
    views = {
        "records": ("weight", "true"),
        "orders": ("weight", "is_order"),
        "revenue": ("amount", "is_order"),
    }
    scores = {}
    for name, (weight, where) in views.items():
        counted = connection.execute(PAIRS.format(w=weight, where=where)).fetchall()[0]
        together, right, linkable, same, found = (value or 0 for value in counted)
        scores[name] = {
            "precision": right / together if together else 1.0,
            "recall": found / linkable if linkable else 1.0,
            "ceiling": linkable / same if same else 1.0,
            "pairs_together": together,
            "pairs_linkable": linkable,
        }
    return scores


def main(arguments: list[str]) -> int:
    """Run `omniloop check ...`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="omniloop check", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kind = kinds.add_parser("identity", help="score identity against a simulator's truth")
    kind.add_argument("--truth", required=True, type=Path)
    given = parser.parse_args(arguments)
    data = Path(os.environ.get("OMNILOOP_DATA", "data"))
    scores = identity(data, given.truth)
    reports = data / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "identity.json").write_text(json.dumps(scores, indent=2) + "\n")
    table = Table("pairs of", "precision", "recall of linkable", "ceiling", "pairs together")
    for name, score in scores.items():
        table.add_row(
            name,
            f"{score['precision']:.5f}",
            f"{score['recall']:.5f}",
            f"{score['ceiling']:.5f}",
            f"{score['pairs_together']:,.0f}",
        )
    Console().print(table)
    Console().print(f"written to {reports / 'identity.json'}")
    return 0
