"""Turns the invoice lines of Online Retail II into `shop` exports, as a shop would deliver them.

    python examples/online_retail/make_exports.py SOURCE OUT

SOURCE is a Parquet or CSV file with the columns Invoice, StockCode, Description, Quantity,
InvoiceDate, Price, Customer ID, Country. The rules are explained in README.md beside this file.
"""

import sys
from pathlib import Path

import duckdb

# Invoice times are the shop's wall clock; the session's zone gives each its own offset (+00, +01).
LINES = """
    create temp table lines as
    select
        "Invoice"::varchar as invoice,
        "StockCode"::varchar as sku,
        "Description"::varchar as name,
        "Quantity"::double::bigint as quantity,
        "InvoiceDate"::timestamp as wall_clock,
        "Price"::double::varchar as price,
        "Customer ID"::double::bigint::varchar as customer_id,
        "Country"::varchar as country,
        starts_with(invoice, 'C') as is_refund,
        md5(concat_ws('|', invoice, coalesce(sku, ''), coalesce(name, ''), quantity, wall_clock,
            price, coalesce(customer_id, ''), coalesce(country, ''))) as id
    from {source}
"""
INVOICES = """
    select invoice as id, any_value(customer_id) as customer_id, 'GBP' as currency,
        strftime(min(wall_clock)::timestamptz, '%Y-%m-%dT%H:%M:%S%z') as created_at
"""
EXPORTS = {
    "customers": """
        select distinct customer_id as id from lines where customer_id is not null order by id
    """,
    "orders": f"""
        {INVOICES}, 'paid' as financial_status, invoice as name
        from lines where not is_refund group by invoice order by id
    """,
    "order_lines": """
        select id, invoice as order_id, sku, name, quantity, price
        from lines where not is_refund order by rowid
    """,
    "refunds": f"{INVOICES} from lines where is_refund group by invoice order by id",
    "refund_lines": """
        select id, invoice as refund_id, sku, -quantity as quantity,
            -quantity * price::decimal(18, 6) as subtotal
        from lines where is_refund order by rowid
    """,
}


def make(source: Path, out: Path) -> None:
    """Write the five exports below OUT/shop."""
    reader = "read_csv(?, all_varchar = true)" if source.suffix == ".csv" else "read_parquet(?)"
    con = duckdb.connect()
    con.execute("set TimeZone = 'Europe/London'")
    con.execute(LINES.format(source=reader), [str(source)])
    (out / "shop").mkdir(parents=True, exist_ok=True)
    for table, query in EXPORTS.items():
        con.sql(query).write_csv(str(out / "shop" / f"{table}.csv"), header=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), Path(sys.argv[2]))
