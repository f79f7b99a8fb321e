"""The real example: published figures, recomputed from the raw lines in plain Python."""

import csv
import hashlib
import os
import re
import runpy
import subprocess
import sys
from collections import defaultdict, deque
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from harness.contract import ROOT

FOLDER = ROOT / "examples" / "online_retail"
SOURCE = FOLDER / "invoice_lines.parquet"
BIN = str(Path(sys.executable).parent)
AS_OF = date(2010, 12, 9)
VARS = "reporting_currency: GBP, reporting_time_zone: Europe/London, as_of_date: 2010-12-09"
# A loader's tables: its own types, some columns under another name the field table knows.
LAKE = {
    "customers": "id::bigint as customer_id",
    "orders": "id as order_id, name, customer_id::bigint as customer, "
    "created_at::timestamptz as created_at, financial_status, currency, false as test",
    "order_lines": "id, order_id, sku, name as title, quantity::bigint as quantity, "
    "price::decimal(18, 3) as price",
    "refunds": "id, customer_id::bigint as customer_id, currency as currency_code, "
    "timezone('UTC', created_at::timestamptz) as created_at",
    "refund_lines": "id, refund_id, sku, quantity::bigint as quantity, "
    "subtotal::decimal(18, 3) as subtotal",
}
# What says where a record came from or who ran.
DELIVERY = {"rejected_record_key", "file_name", "record_no", "load_no"}
TOLD_BY_RUNS = {"run_log"}

# The figures that README.md of the example publishes for the small copy.
LITERAL = {
    "delivered": (51979, 2940, 508, 1077, 428, 10623, Decimal("865718.771")),
    "judged": [
        ("order_lines", 50147, 546, 209, Decimal("933156.811"), Decimal("2698.18"),
         Decimal("-44031.79"), 0, Decimal("933156.81"), Decimal("-0.001")),
        ("refund_lines", 1073, 3, 1, Decimal("-26463.45"), Decimal("-14.55"),
         Decimal("373.57"), 0, Decimal("-26463.45"), 0),
    ],
    "rejected": [
        ("price:negative", 1),
        ("quantity:not_positive", 208),
        ("quantity:not_positive;subtotal:negative", 1),
    ],
    "refunds": (14563, 1063, Decimal("13228.81"), Decimal("13234.64")),
    "net_revenue": (Decimal("919928.00"),),
    "as_delivered": (1936, 418, 40334, Decimal("788232.781")),
    "valid": (2108, 1931, 418),
    "repeat_of_valid": (418, 340, 164),
    "new_and_truncated": (241, 177),
    "active_users": (3, 48, 160),
    "repeat_and_ltv": [
        (7, 7, 239, Decimal("104536.62")),
        (30, 30, 220, Decimal("104694.53")),
        (90, 55, 163, Decimal("106576.61")),
        (180, 65, 108, Decimal("115179.92")),
        (365, None, 0, None),
    ],
    "repeat_path": [(340, 164), (163, 55)],
    "printed": ("0.018750", "0.337423", "653.844233", "772,361.32", "933,156.811"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the example twice: from exports by landing, and from a loader's tables."""
    landed, lake = (tmp_path_factory.mktemp(name) for name in ("landed", "lake"))
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "OMNILOOP_DATA": str(landed)}
    make = FOLDER / "make_exports.py"
    subprocess.run([sys.executable, make, SOURCE, lake / "raw"], check=True)
    with duckdb.connect(str(lake / "omniloop.duckdb")) as con:
        con.execute("create schema lake; set TimeZone = 'UTC'")
        for table, columns in LAKE.items():
            file = lake / "raw" / "shop" / f"{table}.csv"
            con.execute(
                f"create table lake.{table} as select {columns} from read_csv('{file}', "
                "all_varchar = true)"
            )
    builds = [
        (["bash", FOLDER / "run.sh"], env),
        (
            [*"dbt --quiet build --exclude-resource-type test unit_test --vars".split(),
             f"{{{VARS}, source_schemas: {{shop: lake}}}}"],
            env | {"OMNILOOP_DATA": str(lake), "DBT_TARGET_PATH": str(lake / "target"),
                   "DBT_LOG_PATH": str(lake / "logs")},
        ),
    ]
    runs = [
        subprocess.Popen(command, env=each, cwd=ROOT, text=True, stdout=-1, stderr=-2)
        for command, each in builds
    ]
    outputs = [run.communicate()[0] for run in runs]
    for run, output in zip(runs, outputs, strict=True):
        assert run.returncode == 0, output
    con, lake_con = (
        duckdb.connect(str(folder / "omniloop.duckdb"), read_only=True)
        for folder in (landed, lake)
    )
    yield SimpleNamespace(con=con, lake=lake_con, raw=landed / "raw", output=outputs[0])
    con.close()
    lake_con.close()


def rows(built, sql: str) -> list[tuple]:
    return built.con.sql(sql).fetchall()


def one(built, sql: str) -> tuple:
    (row,) = rows(built, sql)
    return row


# What should come out, in plain Python from the raw lines.


def key(*parts: str) -> str:
    return hashlib.md5("|".join(parts).encode()).hexdigest()


def cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.fixture(scope="module")
def raw(built) -> SimpleNamespace:
    """The lines of the file beside the id that make_exports.py gave each, in the same order."""
    lines = duckdb.sql(
        'select Invoice, trim(StockCode), Quantity, InvoiceDate, Price, "Customer ID" '
        f"from read_parquet('{SOURCE}')"
    ).fetchall()
    ids = {}
    for table in ("order_lines", "refund_lines"):
        with open(built.raw / "shop" / f"{table}.csv", newline="") as file:
            ids[table] = [row["id"] for row in csv.DictReader(file)]
    given = {table: iter(each) for table, each in ids.items()}
    shaped = []
    for invoice, item, pieces, time, price, customer in lines:
        table = "refund_lines" if invoice.startswith("C") else "order_lines"
        (line,) = islice(given[table], 1)
        buyer = None if customer is None else int(customer)
        shaped.append((table, line, invoice, item, pieces, time, Decimal(str(price)), buyer))
    assert not any(list(each) for each in given.values())
    return SimpleNamespace(lines=shaped)


@pytest.fixture(scope="module")
def expected(raw) -> SimpleNamespace:
    """Judge, match first in first out, and measure, independently of every model."""
    opened: dict[str, str] = {}
    for _, _, invoice, _, _, time, _, _ in raw.lines:
        opened[invoice] = min(opened.get(invoice, time), time)
    sold, returned, queues = {}, {}, defaultdict(list)
    for table, line, invoice, item, pieces, _, price, buyer in raw.lines:
        sign = -1 if table == "refund_lines" else 1
        if sign * pieces <= 0 or price < 0:
            continue  # rejected; a second copy of the same id changes nothing below
        line_key = key("shop", table, line)
        known = returned if sign < 0 else sold
        if line_key not in known and buyer is not None:
            # Of one minute purchases come first, then the smaller refund.
            step = (opened[invoice], max(0, -pieces), line_key, abs(pieces))
            queues[buyer, item].append(step)
        known[line_key] = (invoice, buyer, abs(pieces), cents(abs(pieces) * price))

    matched, orphans = {}, {}
    for steps in queues.values():
        stock = deque()
        for _, refunded, line_key, pieces in sorted(steps):
            if not refunded:
                stock.append([line_key, pieces])
                continue
            while pieces and stock:
                taken = min(pieces, stock[0][1])
                matched[line_key, stock[0][0]] = taken
                pieces -= taken
                stock[0][1] -= taken
                if not stock[0][1]:
                    stock.popleft()
            if pieces:
                orphans[line_key] = pieces
    orphans |= {line: each[2] for line, each in returned.items() if each[1] is None}

    given = defaultdict(list)
    for line_key, sold_key in matched:
        given[line_key].append(sold_key)
    refunds, orphan_cents = defaultdict(int), 0
    for line_key, (_, _, pieces, money) in returned.items():
        before = upto = 0
        for sold_key in sorted(given[line_key]):
            upto = before + matched[line_key, sold_key]
            part = share(money, upto, pieces) - share(money, before, pieces)
            refunds[sold[sold_key][0]] += part
            before = upto
        orphan_cents += money - share(money, before, pieces)
    values, buyers = defaultdict(int), {}
    for invoice, buyer, _, money in sold.values():
        values[invoice] += money
        buyers[invoice] = buyer
    net = {
        invoice: value - refunds[invoice] for invoice, value in values.items()
        if value > 0 and refunds[invoice] < value
    }
    days = defaultdict(lambda: defaultdict(int))
    for invoice, money in net.items():
        if buyers[invoice] is not None:
            days[buyers[invoice]][date.fromisoformat(opened[invoice][:10])] += money
    began = min(date.fromisoformat(time[:10]) for i, time in opened.items() if i[0] != "C")
    return SimpleNamespace(
        matched=matched, orphans=orphans, orphan_cents=orphan_cents, net=net, days=days,
        known={b for b, each in days.items() if min(each) > began + timedelta(90)},
    )


def share(total: int, weight: int, weight_sum: int) -> int:
    return (2 * total * weight + weight_sum) // (2 * weight_sum)


def test_copy_is_the_sample_that_trim_makes(tmp_path):
    subprocess.run([sys.executable, FOLDER / "trim.py", SOURCE, tmp_path / "again"], check=True)
    ours, again = (
        duckdb.sql(f"select * from read_parquet('{file}')").fetchall()
        for file in (SOURCE, tmp_path / "again")
    )
    assert ours == again
    assert SOURCE.stat().st_size < 1_500_000


def test_exports_say_their_offset_and_csv_gives_the_same_as_parquet(built, tmp_path):
    csv_source = tmp_path / "lines.csv"
    duckdb.sql(f"from read_parquet('{SOURCE}')").write_csv(str(csv_source))
    command = [sys.executable, FOLDER / "make_exports.py", csv_source, tmp_path]
    subprocess.run(command, check=True)
    for file in (tmp_path / "shop").iterdir():
        assert file.read_bytes() == (built.raw / "shop" / file.name).read_bytes()
    with open(tmp_path / "shop" / "orders.csv", newline="") as file:
        times = [each["created_at"] for each in csv.DictReader(file)]
    assert {time[19:] for time in times if "2010-03-28" <= time < "2010-10-31"} == {"+01"}
    assert {time[19:] for time in times if not "2010-03-28" <= time < "2010-10-31"} == {"+00"}


def test_delivered_records_and_money_are_those_of_the_file(built):
    (file,) = duckdb.sql(f"""
        select count(*), count(distinct Invoice),
            count(distinct Invoice) filter (Invoice like 'C%'), count(*) filter (Invoice like 'C%'),
            count(distinct "Customer ID"), count(*) - count("Customer ID"),
            sum(Quantity * Price::decimal(18, 3))
        from read_parquet('{SOURCE}')
    """).fetchall()
    found = one(built, """
        select
            sum(raw_records) filter (table_name like '%_lines'),
            sum(raw_records) filter (table_name in ('orders', 'refunds')),
            sum(raw_records) filter (table_name = 'refunds'),
            sum(raw_records) filter (table_name = 'refund_lines'),
            sum(raw_records) filter (table_name = 'customers'),
            sum(records_without_person) filter (table_name like '%_lines'),
            sum(raw_original_amount)
        from marts.source_reconciliation where source_name = 'shop'
    """)
    assert found == file == LITERAL["delivered"]


def test_accepted_superseded_rejected_placed(built):
    assert rows(built, """
        select table_name, accepted_records, superseded_records, rejected_records,
            accepted_original_amount, superseded_original_amount, rejected_original_amount,
            unplaced_original_amount, mart_amount, rounding_difference_amount
        from marts.source_reconciliation
        where source_name = 'shop' and table_name like '%_lines' order by 1
    """) == LITERAL["judged"]
    assert rows(built, """
        select reject_reasons, count(*) from marts.rejected_records group by 1 order by 1
    """) == LITERAL["rejected"]


def test_refunds_find_their_purchases_first_in_first_out(built, expected):
    found = rows(built, "select * from intermediate.int_refund_queues")
    assert {(refund, item): pieces for refund, item, pieces in found} == expected.matched
    assert len(found) == len(expected.matched)
    orphans = dict(rows(built, """
        with queues as (
            select refund_item_key, sum(piece_count)::bigint as matched_count
            from intermediate.int_refund_queues group by 1
        )
        select refunds.refund_item_key, refunds.piece_count - coalesce(queues.matched_count, 0)
        from intermediate.int_refund_items as refunds
        left join queues on refunds.refund_item_key = queues.refund_item_key
        where refunds.piece_count > coalesce(queues.matched_count, 0)
    """))
    assert orphans == expected.orphans
    money = one(built, """
        select sum(refund_amount) filter (match_rule <> 'orphan'),
            sum(refund_amount) filter (match_rule = 'orphan') from intermediate.int_refunds_matched
    """)
    assert cents(money[1]) == expected.orphan_cents
    assert (sum(expected.matched.values()), sum(orphans.values()), *money) == LITERAL["refunds"]


def test_net_revenue_is_that_of_the_lines(built, expected):
    found = one(built, "select sum(net_revenue_amount) from marts.fct_orders")
    assert cents(found[0]) == sum(expected.net.values())
    assert found == LITERAL["net_revenue"]


def test_orders_of_free_items_only_are_no_purchases(built, expected):
    found = one(built, """
        select count(*), count(*) filter (user_key <> 'unknown'),
            count(distinct user_key) filter (user_key <> 'unknown')
        from marts.fct_orders where is_valid
    """)
    assert found[0] == len(expected.net)
    assert found[2] == len(expected.days)
    assert found == LITERAL["valid"]
    assert walked(built)[6][1][1:4] == LITERAL["repeat_of_valid"]
    assert one(built, """
        select sum(new_customers), sum(truncated_customers) from marts.repeat_rate
        where horizon_days = 90
    """) == LITERAL["new_and_truncated"]


def test_active_users(built, raw):
    seen = defaultdict(set)
    for table, _, _, _, _, time, _, buyer in raw.lines:
        if table == "order_lines" and buyer is not None:
            seen[date.fromisoformat(time[:10])].add(buyer)
    active = tuple(
        len(set().union(*(seen[AS_OF - timedelta(age)] for age in range(days))))
        for days in (1, 7, 28)
    )
    found = one(built, f"""
        select active_users_1d, active_users_7d, active_users_28d from marts.active_users
        where sales_channel_key = 'all' and activity_date = '{AS_OF}'
    """)
    assert found == active == LITERAL["active_users"]


def test_repeat_rate_and_ltv(built, expected):
    found = rows(built, """
        select repeat_rate.horizon_days, sum(repeat_customers), sum(mature_customers), ltv.amount
        from marts.repeat_rate
        inner join (
            select horizon_days, sum(net_revenue_amount) as amount from marts.ltv_cohorts group by 1
        ) as ltv on repeat_rate.horizon_days = ltv.horizon_days
        group by all order by 1
    """)
    for horizon, repeating, mature, amount in found:
        old = [
            (min(expected.days[buyer]), expected.days[buyer]) for buyer in expected.known
            if min(expected.days[buyer]) + timedelta(horizon) <= AS_OF
        ]
        assert len(old) == mature
        back = [
            1 for first, days in old
            if any(0 < (day - first).days <= horizon for day in days)
        ]
        assert len(back) == (repeating or 0)
        worth = sum(
            money for first, days in old for day, money in days.items()
            if (day - first).days < horizon
        )
        assert worth == cents(amount or Decimal(0))
    assert found == LITERAL["repeat_and_ltv"]


def test_spend_is_unknown_so_roi_is_empty(built):
    assert one(built, """
        select sum(spend), count(cash_roas), sum(cash_net_revenue_amount) from marts.channel_roi
    """) == (0, 0, *LITERAL["net_revenue"])


def test_run_prints_the_figures(built):
    figures = ("ACTIVE USERS", "REPEAT RATE", "LTV", "CHANNEL ROI", "RECONCILIATION")
    for text in (*figures, *LITERAL["printed"]):
        assert text in built.output


def walked(built) -> dict[int, list[tuple]]:
    """What the queries of path_to_figures.sql give, by step."""
    queries = runpy.run_path(str(FOLDER / "show.py"))["queries"]
    return {
        int(re.match(r"STEP (\d+)", comment)[1]): rows(built, sql)
        for comment, sql in queries(FOLDER / "path_to_figures.sql")
    }


def test_path_to_figures_ends_in_the_marts(built):
    path = walked(built)
    assert path[1] == [LITERAL["delivered"][:6]]
    money = [amount for _, _, amount in path[2]]
    assert sum(money[:4]) == money[4] and sum(money[4:7]) == money[7]
    assert (money[7],) == LITERAL["net_revenue"]
    assert path[6][2][1:] == path[6][3][1:]
    assert path[4][0][1:] == LITERAL["as_delivered"]
    assert [path[6][step][2:4] for step in (0, 2)] == LITERAL["repeat_path"]
    assert {row[0] for row in path[7]} >= {"matched to a purchase", "orphan: names no customer"}


def test_a_loaders_tables_give_the_same_marts(built):
    tables = rows(built, """
        select table_name, list(column_name order by ordinal_position)
        from information_schema.columns where table_schema = 'marts' group by 1 order by 1
    """)
    assert len(tables) > 20
    for table, columns in tables:
        if table in TOLD_BY_RUNS:
            continue
        listed = ", ".join(f'"{each}"' for each in columns if each not in DELIVERY)
        query = f"select {listed} from marts.{table}"
        hashed = f"select hash(mart), count(*) from ({query}) as mart group by 1"
        ours, theirs = (dict(con.sql(hashed).fetchall()) for con in (built.con, built.lake))
        assert ours == theirs, table
