"""`omniloop build`: land, `dbt build`, fit, publish, docs, boards, one screen of results."""

import argparse
import os
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from . import landed, places
from .boards import draw_site
from .contract import ROOT, read_tables
from .dev import demo
from .fit import fit
from .land import land, show
from .places import Stopped, explained, literal, locked
from .publish import FAILED, code_version, origin, publish

QUIET = ["--quiet", "--log-level", "none"]


def main(args: argparse.Namespace) -> int:
    """Run `omniloop build`."""
    console = places.screen()
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    demo.choose(console, args.vars)
    with locked(places.folder("data") / ".build.lock", "build"):
        return _build(args, places.folder("raw"), places.folder("data"), console)


def _build(args: argparse.Namespace, raw: Path, data: Path, console: Console) -> int:
    started, tables = datetime.now(UTC), read_tables()
    report = land(raw, data, tables, console=console)
    show(report, console)
    if report.is_all_refused and not landed.load_files(data / "landed"):
        raise Stopped("no delivered file could be landed; the reasons stand above")
    if origin(data) == "demo":
        console.print("[bold reverse] DEMO DATA [/] simulated; no person in it is real.")
    elif "DBT_ENV_SECRET_OMNILOOP" not in os.environ:
        console.print("Identifiers are hashed with the demo secret, which anyone knows: "
                      "set DBT_ENV_SECRET_OMNILOOP before sharing figures.", soft_wrap=True)
    options = ["--vars", args.vars] if args.vars else []
    refresh = ["--full-refresh"] if args.full_refresh else []  # unit tests guard code, not data
    command = ["build", "--exclude", "test_type:unit", *options]
    results = _dbt([*command, *refresh], console)
    if not any(result.status in FAILED for result in results) and fit(data, console):
        again = _beside([*command, "--select", "source:fitted+"], console)
        results = list({each.node.unique_id: each for each in (*results, *again)}.values())
    failed = [result for result in results if result.status in FAILED]
    _log(data, tables, started, results, len(failed), sum(map(len, report.landed.values())))
    if failed:
        for each in failed:
            console.print(f"failed  {each.node.name}  {explained(each.message)}  "
                          f"({each.node.original_file_path})", markup=False, soft_wrap=True)
        raise Stopped(f"{len(failed)} nodes failed; nothing was published")
    goal = publish(data, places.folder("target"))
    _docs(data, options, console)
    with console.status("drawing the boards"):
        draw_site(data, places.folder("target"), args.vars, console)
    _results(goal, data, console)
    return 0


def _beside(command: list[str], console: Console) -> list:
    """Run dbt; unless it fails, what it told of the whole build before stays told."""
    told = places.folder("target") / "run_results.json"
    shutil.copyfile(told, told.with_suffix(".build"))
    results = _dbt(command, console)
    if not any(result.status in FAILED for result in results):
        os.replace(told.with_suffix(".build"), told)
    return results


def _dbt(command: list[str], console: Console) -> list:
    """Run dbt in this process with one progress bar; give its results."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    with places.bar("building", console) as progress:
        task = progress.add_task("reading the project", total=None)

        def follow(event) -> None:
            if event.info.name == "LogStartLine":
                progress.update(task, total=event.data.total)
            if event.info.name == "NodeStart":
                progress.update(task, description=event.data.node_info.node_name)
            if event.info.name == "NodeFinished":
                progress.advance(task)

        done = dbtRunner(callbacks=[follow]).invoke([*QUIET, *command])
    DuckDBConnectionManager.close_all_connections()
    if not done.result:
        raise Stopped(explained(done.exception or "dbt gave no result; see logs/dbt.log"))
    return getattr(done.result, "results", [])


def _log(
    data: Path, tables: dict, started: datetime, results: list, failed: int, loads: int
) -> None:
    """Add this run to runs.builds.

    The mart run_log shows it from the next build on: to build that mart once more would cost
    seconds and leave a partial run where publishing looks for a full one.
    """
    folder, kinds = data / "landed", [str(result.node.resource_type) for result in results]
    row = {
        "started_at": started.replace(tzinfo=None), "finished_at": landed.now_after(""),
        "run_id": str(uuid.uuid4()), "origin": origin(data), "code_version": code_version(),
        "run_status": "failed" if failed else "succeeded", "model_count": kinds.count("model"),
        "test_count": kinds.count("test") + kinds.count("unit_test"),
        "failed_count": failed, "load_count": loads,
    }
    target = folder / "runs" / "builds" / "000000.parquet"
    with locked(folder / ".lock", "landing", wait=True), landed.connect(folder) as con:
        before = f"select * from read_parquet({literal(target)})"
        landed.put_rows(con, folder, tables["runs", "builds"], [row], target, before)


def _docs(data: Path, options: list[str], console: Console) -> None:
    """One page of documentation, written again only when the project or the loads changed."""
    page, built = data / "site" / "docs" / "index.html", places.folder("target")
    parts = (path for part in ("models", "macros", "seeds") for path in (ROOT / part).rglob("*"))
    sources = (*ROOT.glob("*.yml"), *parts, *map(Path, landed.load_files(data / "landed")))
    if page.exists() and page.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    page.parent.mkdir(parents=True, exist_ok=True)
    _beside(["docs", "generate", "--static", *options], console)
    shutil.copyfile(built / "static_index.html", page)


def _results(goal: Path, data: Path, console: Console) -> None:
    """One screen: what became of the records, the figures, and where everything is."""
    title = "DEMO DATA" if origin(data) == "demo" else "Your data"
    sql = places.sections(Path(__file__).with_name("figures.sql"))
    with duckdb.connect(str(goal), read_only=True) as con:
        counts = con.execute(sql["records"]).fetchall()
        told = con.execute(sql["figures"]).fetchall()
        told += con.execute(sql["places"], {"published": str(goal), "data": str(data)}).fetchall()
    grid = Table("source", *(Column(name, justify="right") for name in (
        "records in", "accepted", "superseded", "rejected")), title=title)
    for source, *numbers in counts:
        grid.add_row(escape(source), *(f"{int(number or 0):,}" for number in numbers))
    console.print(grid)
    for line, in told:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
