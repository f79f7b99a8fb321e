"""Which table goes into which file, in which order of rows and with which peculiarities."""

from collections.abc import Iterable

import duckdb

from .files import Quirks, write_csv, write_json_lines, write_parquet
from .settings import Run
from .sources import Source, Table


def usual_quirks(run: Run, sources: Iterable[Source]) -> Quirks:
    """Peculiarities that vendors' documents admit: encodings, other headers, more columns."""
    quirks = Quirks()
    for source in sources:
        if source.quirks:
            source.quirks(run, quirks)
    return quirks


def count_malformed(con: duckdb.DuckDBPyConnection, source: str, table: str, lines: int) -> None:
    """Count lines that are no record: written, and expected to be rejected when landed."""
    if lines:
        con.execute(
            "insert into truth_counts values (?, ?, 'malformed_line', ?, 0, ?)",
            [source, table, lines, lines],
        )


def write_table(
    con: duckdb.DuckDBPyConnection, run: Run, source: str, table: Table, quirks: Quirks, suffix: str
) -> None:
    """Write the files of one built table; suffix sets those of a chunk apart."""
    folder, built = run.out / "raw" / source, f"{source}_{table.name}"
    share, lines = run.rates["line_malformed"] if table.may_break else 0.0, 0
    if table.format == "csv":
        lines = write_csv(
            con, built, folder / table.name, list(table.columns), table.order_by, suffix, quirks,
            malformed_share=share,
        )  # fmt: skip
    elif table.format == "ndjson":
        lines = write_json_lines(
            con, built, folder / table.name, table.record, table.order_by, suffix, share
        )
    else:
        query = f"select {', '.join(table.columns)} from {built} order by {table.order_by}"
        write_parquet(con, query, folder / f"{table.name}.parquet")
    count_malformed(con, source, table.name, lines)


def write_tables(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    sources: Iterable[Source],
    quirks: Quirks,
    suffix: str = "",
    once: bool = False,
) -> None:
    """Write the delivered files of one chunk of people, or (once) those of the whole run."""
    for source in sources:
        for table in source.tables:
            if table.once == once and table.format != "opened":
                write_table(con, run, source.name, table, quirks, suffix)
