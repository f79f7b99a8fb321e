"""`omniloop check identity --truth DIR`: who was taken for whom, against a simulator's truth.

DIR is what harness/dev/simulate.py writes. Pairs of records are counted, over all and over orders:

    precision  pairs under one user_key that are one person / all pairs under one user_key
    recall     pairs of one person under one user_key / pairs of one person that are linkable
    ceiling    linkable pairs / all pairs of one person: what any system could reach

A pair is linkable when a chain of the person's own identifiers, seen together on accepted records,
joins the two. Weighted by revenue, a pair counts by the product of its two orders' amounts.
"""

from pathlib import Path

import duckdb
from rich.table import Table

from harness.landed import rows_of
from harness.places import sections


def identity(data: Path, truth: Path) -> dict[str, dict[str, float]]:
    """Return precision, recall and ceiling of records, orders and revenue; see the module."""
    sql = sections(Path(__file__).with_suffix(".sql"))
    connection = duckdb.connect(str(data / "omniloop.duckdb"), read_only=True)
    connection.execute(sql["records"].format(truth=truth))
    connection.execute(sql["edges"].format(truth=truth))
    connection.execute(sql["labels"])
    moved = True
    while moved:
        connection.execute(sql["spread"])
        moved = connection.execute(sql["moved"]).fetchall()[0][0]
        connection.execute("create or replace temp table label as from spread")
    connection.execute(sql["scored"].format(truth=truth))
    scores = {}
    for name, weight, where in (("records", "weight", "true"), ("orders", "weight", "is_order"),
                                ("revenue", "amount", "is_order")):
        scores[name] = rows_of(connection, sql["pairs"].format(w=weight, where=where))[0]
    return scores


def table(scores: dict[str, dict[str, float]]) -> Table:
    """The scores as a table for the screen."""
    shown = Table("pairs of", "precision", "recall of linkable", "ceiling", "together")
    for name, score in scores.items():
        shares = (f"{score[key]:.5f}" for key in ("precision", "recall", "ceiling"))
        shown.add_row(name, *shares, f"{score['pairs_together']:,.0f}")
    return shown
