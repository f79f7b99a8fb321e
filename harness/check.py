"""Checks of a built warehouse against what is known to be true.

`omniloop check identity --truth DIR` scores who was taken for whom against a simulator's truth:
DIR is what harness/dev/simulate.py writes. Pairs of records are counted, over all and over orders:

    precision  pairs under one user_key that are one person / all pairs under one user_key
    recall     pairs of one person under one user_key / pairs of one person that are linkable
    ceiling    linkable pairs / all pairs of one person: what any system could reach

A pair is linkable when a chain of the person's own identifiers, seen together on accepted records,
joins the two. Weighted by revenue, a pair counts by the product of its two orders' amounts."""

import argparse
import json
from pathlib import Path

import duckdb
from rich.table import Table

from .landed import rows_of
from .places import folder, screen, sections


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


def main(args: argparse.Namespace) -> int:
    """Run `omniloop check`; metrics that differ from their marts fail it."""
    if args.what == "identity":
        found, failed = identity(folder("data"), args.truth), False
        table = Table("pairs of", "precision", "recall of linkable", "ceiling", "together")
        for name, score in found.items():
            shares = (f"{score[key]:.5f}" for key in ("precision", "recall", "ceiling"))
            table.add_row(name, *shares, f"{score['pairs_together']:,.0f}")
    else:
        from .check_metrics import compare  # a second, which nothing else should wait for
        found = compare(folder("data"), folder("target"))
        failed = any(row["difference_count"] for row in found)
        table = Table("metric", "cut by", "rows", "differences", "for example")
        for row in found:
            table.add_row(*(str(value) if value is not None else "" for value in row.values()))
    report = folder("data") / "reports" / f"{args.what}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    screen().print(table, f"written to {report}")
    return int(failed)
