"""`omniloop export`: writes the contacts of each ready audience into a file for its destination."""

import argparse
import csv
import os
from pathlib import Path

import duckdb
from rich.table import Column, Table

from .places import beside, commit, folder, literal, locked, screen
from .publish import origin, published_nodes

AUDIENCES = """select audience_name, destination, audience_status, member_users, minimum_size
from activation.act_audiences order by 1"""
CONTACTS = """select distinct contact_value, file_header from restricted_exports.export_{}
where audience_name = {} order by 1"""  # an order that tells nothing of people
DAYS = """select max(as_of_date)::text, (select max(decided_date)::text from marts.user_consents)
from activation.act_audiences"""


def export(data: Path, target: Path) -> tuple[tuple[str, str], list[tuple]]:
    """Write a file per ready audience, after a full green build only; remove all other files.

    Gives the as-of day and that of the latest consent, and for each audience its name, destination,
    status, members, minimum size, and contacts written.
    """
    work, told, files = data / "omniloop.duckdb", [], set()
    published_nodes(work, target)
    with duckdb.connect(str(work), read_only=True) as con:
        for name, destination, status, *sizes in con.execute(AUDIENCES).fetchall():
            query, rows = CONTACTS.format(destination, literal(name)), []
            if status == "ready" and (rows := con.execute(query).fetchall()):
                path = data / "exports" / destination / f"{name}.csv"
                _write(path, [rows[0][1:], *(row[:1] for row in rows)])
                files.add(path)
            told.append((name, destination, status, *sizes, len(rows)))
        days = con.execute(DAYS).fetchone()
    for path in set(data.glob("exports/*/*")) - files:
        path.unlink()
    return days, told


def _write(path: Path, rows: list[tuple]) -> None:
    """Write a file that only its owner can read, and swap it in."""
    for parent in (path.parents[1], path.parent):
        parent.mkdir(parents=True, exist_ok=True)
        parent.chmod(0o700)
    beside(path).unlink(missing_ok=True)
    handle = os.open(beside(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    commit(path)


def main(args: argparse.Namespace) -> int:
    """Run `omniloop export`; the screen shows counts, never contacts."""
    console, data = screen(), folder("data")
    with locked(data / ".build.lock", "build"):
        (as_of, decided), told = export(data, folder("target"))
    demo = "DEMO DATA, " if origin(data) == "demo" else ""
    grid = Table("audience", "destination", "status", *(Column(name, justify="right") for name in (
        "members", "minimum", "exported")), title=f"{demo}audiences as of {as_of}")
    for row in told:
        grid.add_row(*map(str, row))
    console.print(grid)
    console.print(f"Files are in {data / 'exports'}. Consents are those of the last build, up to "
                  f"{decided}: land and build before you export.", soft_wrap=True)
    return 0
