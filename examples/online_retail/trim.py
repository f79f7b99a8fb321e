"""Makes the small copy `invoice_lines.parquet` from the full file, the same bytes every time.

    python examples/online_retail/trim.py SOURCE OUT

A tenth of the customers with all their lines, and a tenth of the invoices that name no customer.
Whole customers, because repeat purchases and returns need all of a customer's history. SALT is the
first number whose sample holds the rare lines too: a bad-debt adjustment, the one cancellation
with a positive quantity, an order of free items only, and a price of three decimals.
"""

import sys
from pathlib import Path

import duckdb

SALT = 399
SAMPLE = """
    select * from read_parquet({source})
    where ('0x' || left(md5('{salt}:' || coalesce("Customer ID"::bigint::varchar, "Invoice")), 8))
        ::bigint % 10 = 0
"""


def trim(source: Path, out: Path) -> None:
    """Write the sample, its rows in the order of the full file."""
    con = duckdb.connect(config={"threads": 1})
    sample = con.sql(SAMPLE.format(source="'" + str(source).replace("'", "''") + "'", salt=SALT))
    sample.write_parquet(str(out), compression="zstd")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    trim(Path(sys.argv[1]), Path(sys.argv[2]))
