"""What a source tells the simulator: how its tables are built, written, judged and truly meant."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .files import Quirks
from .settings import Run


@dataclass(frozen=True)
class Table:
    """One delivered table: built as <source>_<name>, written to raw/<source>/<name>.

    columns: what a CSV or Parquet file holds, in order. The built table has besides: file (name
    without suffix), t_key, t_updated, t_copy, t_reject, and for tables of a person t_person.
    """

    name: str
    columns: tuple[str, ...] = ()
    order_by: str = "t_updated, t_key, t_copy"
    """Order of the rows of a file; empty: as built, which large tables do best in time order."""
    format: str = "csv"
    """csv, ndjson (gzipped), parquet (one file, once for the run), or opened: its rows stand in a
    list of another table's records, so it is counted but has no file."""
    record: str = ""
    """SQL of an NDJSON line: a struct ({...}), or text (files.json_line, which is faster)."""
    may_break: bool = False
    """Its files get lines that are no record, at noise line_malformed."""
    is_record: bool = False
    """Its accepted rows are records of a person: truth records and identifiers."""
    once: bool = False
    """Built by Source.build_once, for the whole run, not per chunk of people."""


@dataclass(frozen=True)
class Source:
    """One feed: builders of its tables and the SQL of its truth; see the package's docstring."""

    name: str
    tables: tuple[Table, ...]
    build: Callable[..., None] | None = None
    """build(con, run, chunk, people, world) fills the tables of one chunk of people."""
    build_once: Callable[..., None] | None = None
    """build_once(con, run, budget, results) fills the tables with `once`."""
    quirks: Callable[[Run, Quirks], None] | None = None
    """Adds the peculiarities of its files."""
    identifiers: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Columns of its built tables that hold identifiers, beyond truth.IDENTIFIERS."""
    bound: str = ""
    """SQL: source_name, table_name, record_id, identifier_type, namespace, value, is_own."""
    orders: str = ""
    """SQL of its sales: record_id, t_order, is_second_copy, is_rejected; one row per sale."""
    bad_lines: str = ""
    """SQL of the orders (t_order) with a rejected line."""
    refunds: str = ""
    """SQL: record_id, order_record_id, person_id, currency, amount, link."""
    campaigns_seen: str = ""
    """Built table with campaign, t_campaign_id, t_campaign_name, t_platform, t_spelling, t_copy."""
