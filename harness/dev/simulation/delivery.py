"""Which table goes into which file, in which order of rows and with which peculiarities."""

import duckdb

from . import crm, ga4, google_ads, pos, shop
from .files import Quirks, periods, write_csv, write_json_lines, write_parquet
from .settings import Run

ORDER_BY = {
    "shop_customers": "t_updated, person, t_copy",
    "shop_orders": "number, t_copy",
    "shop_order_lines": "number, line, t_copy",
    "shop_refunds": "number",
    "shop_refund_lines": "number, line",
    "crm_members": "t_updated, person, t_copy, member_id",
    "crm_member_identifiers": "t_updated, t_key",
    "crm_consents": "t_updated, t_key",
    "pos_tickets": "t_updated, t_row",
    "pos_ticket_lines": "t_updated, t_row, line",
}
HELD_TO_LINES = {"shop_customers", "shop_orders", "shop_order_lines", "crm_members"}
HELD_TO_LINES |= {"pos_tickets", "pos_ticket_lines"}
"""Tables whose files may get malformed lines."""


def usual_quirks(run: Run) -> Quirks:
    """Peculiarities that vendors' documents admit: encodings, other headers, more columns."""
    quirks = Quirks()
    quirks.encodings["crm_members", "2025"] = "utf-8-sig"
    quirks.encodings["crm_members", "2026"] = "gb18030"
    if run.rates["file_variation"]:
        second, last = periods(run)[:2][-1], periods(run)[-1]
        quirks.renamed["pos_tickets", second] = {"sold_at": "sale_time", "phone": "mobile"}
        quirks.renamed["shop_customers", second] = {"id": "customer_id"}
        quirks.renamed["crm_members", "2026"] = {"phone": "mobile", "region_code": "region"}
        quirks.renamed["google_ads_campaign_stats", "2026"] = {"id": "campaign_id"}
        quirks.extra["shop_orders", last] = "'/promo' as landing_site"
        quirks.extra["pos_ticket_lines", last] = "'' as cashier_note"
    return quirks


def count_malformed(con: duckdb.DuckDBPyConnection, source: str, table: str, lines: int) -> None:
    """Count lines that are no record: written, and expected to be rejected when landed."""
    if lines:
        con.execute(
            "insert into truth_counts values (?, ?, 'malformed_line', ?, 0, ?)",
            [source, table, lines, lines],
        )


def write_chunk(
    con: duckdb.DuckDBPyConnection, run: Run, quirks: Quirks, suffix: str
) -> None:
    """Write the delivered files of one chunk of people; suffix sets its files apart."""
    raw, share = run.out / "raw", run.rates["line_malformed"]
    for source, tables in (("shop", shop.COLUMNS), ("crm", crm.COLUMNS), ("pos", pos.COLUMNS)):
        for table, columns in tables.items():
            built = f"{source}_{table}"
            lines = write_csv(
                con, built, raw / source / table, columns, ORDER_BY[built], suffix, quirks,
                malformed_share=share if built in HELD_TO_LINES else 0,
            )  # fmt: skip
            count_malformed(con, source, table, lines)
    folder, order = raw / "ga4", "t_updated, t_row"
    lines = write_json_lines(
        con, "ga4_events", folder / "events", ga4.EVENT_RECORD, order, suffix, share
    )
    count_malformed(con, "ga4", "events", lines)
    order += ", item_index"
    write_json_lines(con, "ga4_event_items", folder / "event_items", ga4.ITEM_RECORD, order, suffix)


def write_google_ads(con: duckdb.DuckDBPyConnection, run: Run, quirks: Quirks) -> None:
    """Write the ad statistics as CSV and the two histories as Parquet."""
    folder, columns = run.out / "raw" / "google_ads", google_ads.COLUMNS
    table, order = "campaign_stats", "campaign, day, network, device, t_copy"
    write_csv(
        con, f"google_ads_{table}", folder / table, columns[table], order, quirks=quirks
    )
    for table in ("campaign_history", "account_history"):
        query = f"select {', '.join(columns[table])} from google_ads_{table}"
        write_parquet(con, f"{query} order by id, updated_at", folder / f"{table}.parquet")
