"""`omniloop publish`: copies the marts that readers may see into a file of their own.

Readers open what is published only, so they never see a half-built warehouse nor block a build.
The file is written beside the old one and takes its place by one rename. The same tables as Parquet
stand in a folder per version; `parquet` is a link to the newest. The one before stays until the
next publication, so whoever follows the link once reads one version to the end.
"""

import argparse
import json
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import duckdb

from . import landed
from .contract import ROOT
from .places import Stopped, beside, commit, folder, literal, locked, screen, sections

FAILED = ("error", "fail", "runtime error")
BUILT = {"model", "seed", "snapshot", "test"}


def code_version() -> str:
    """The commit the project stands at, or the version of the package outside git."""
    command = ["git", "describe", "--always", "--dirty"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "0.1.0"


def published_nodes(work: Path, target: Path) -> tuple[list[dict], list[str]]:
    """The models on the allow-list, and the tests passed, of a full green build of this warehouse.

    Stopped when the last dbt run was no such build.
    """
    try:
        nodes = json.loads((target / "manifest.json").read_text("utf-8"))["nodes"]
        run = json.loads((target / "run_results.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Stopped("nothing has been built: run `omniloop build`") from None
    if not work.exists():
        raise Stopped(f"there is no warehouse {work}: run `omniloop build`")
    if bad := [each["unique_id"] for each in run["results"] if each["status"] in FAILED]:
        raise Stopped(f"the last build failed in {len(bad)} nodes, {bad[0]} first: mend it and "
                      "run `dbt build` again; the published file stays as it was")
    wanted = {key for key, node in nodes.items() if node["resource_type"] in BUILT
              and node["config"]["materialized"] != "ephemeral"}
    missing = wanted - {r["unique_id"] for r in run["results"] if r["status"] != "skipped"}
    if run["args"].get("which") != "build" or missing:
        raise Stopped(f"the last dbt run left out {len(missing)} of {len(wanted)} nodes: only a "
                      "full `dbt build` can be published; run it, or `omniloop build`")
    began = datetime.fromisoformat(run["metadata"]["invocation_started_at"].replace("Z", "+00:00"))
    if work.stat().st_mtime < began.timestamp():
        raise Stopped(f"the last dbt run built another warehouse than {work}: run `omniloop build` "
                      "with this OMNILOOP_DATA")
    tests = [key for key in sorted(wanted) if nodes[key]["resource_type"] == "test"]
    return [node for node in nodes.values() if node["resource_type"] == "model"
            and (node["config"].get("meta") or {}).get("publish")], tests


def publish(data: Path, target: Path) -> Path:
    """Write the published file of a data folder, its Parquet and what is kept, and swap them in."""
    work, goal = data / "omniloop.duckdb", data / "published" / "omniloop.duckdb"
    link, now = goal.with_name("parquet"), landed.now_after("")
    version = goal.with_name(".parquet") / re.sub(r"\D", "", now)
    sql, at = sections(Path(__file__).with_name("published.sql")), data / "landed" / "published"
    signature, schema = sql.pop("published_version"), sql.pop("schema")
    kept = {at / table / "000000.parquet": query for table, query in sql.items()}
    nodes, tests = published_nodes(work, target)
    beside(version).mkdir(parents=True)
    for stale in goal.parent.glob(".*.new*"):
        stale.unlink()
    shown = version.with_name(link.resolve().name)
    for old in {*version.parent.iterdir()} - {beside(version), shown}:
        shutil.rmtree(old)
    if not link.is_symlink():  # a copy that followed the link
        shutil.rmtree(link, ignore_errors=True)
    with locked(data / "landed" / ".lock", "landing", wait=True), duckdb.connect() as con:
        con.execute(f"set TimeZone = 'UTC'; attach {literal(work)} as work (read_only)")
        con.execute(f"attach {literal(beside(goal))} as new (storage_version 'v1.0.0'); begin")
        for node in nodes:
            _copy(con, node)
        facts = map(literal, (origin(data), now, code_version(), len(tests)))
        con.execute(signature.format(*facts))
        con.execute("commit; checkpoint new")
        _parquet(con, schema, nodes, beside(version))
        con.execute("detach new")
        for path, query in kept.items():
            landed.put(con, query, path)
        beside(link).symlink_to(version.relative_to(goal.parent))
        for path in (version, goal, link, *kept):  # killed here, the same changes are told again
            commit(path)
    return goal


def _copy(con: duckdb.DuckDBPyConnection, node: dict) -> None:
    """Copy one mart as a table, with what its columns mean."""
    place = f'"{node["schema"]}"."{node["alias"]}"'
    con.execute(f'create schema if not exists new."{node["schema"]}"')
    con.execute(f"create table new.{place} as from work.{place}")
    if node["description"]:
        con.execute(f"comment on table new.{place} is {literal(node['description'])}")
    for column in node["columns"].values():
        if text := column["description"]:
            con.execute(f'comment on column new.{place}."{column["name"]}" is {literal(text)}')


def _parquet(con: duckdb.DuckDBPyConnection, schema: str, nodes: list[dict], to: Path) -> None:
    """Write the published tables to a folder as Parquet, and as schema.json what a query tells.

    Keys are those that tests hold, the number of rows is that of the file.
    """
    told = landed.rows_of(con, schema)[0]
    keys = {(node["schema"], node["alias"]): node.get("primary_key") for node in nodes}
    for table in told["tables"]:
        place, path = (table["schema"], table["name"]), to / table["file"]
        copy = 'copy new."{}"."{}"'.format(*place) + f" to {literal(beside(path))}"
        table["row_count"], = con.execute(f"{copy} (format parquet, compression zstd)").fetchone()
        table["primary_key"] = keys.get(place) or []
        commit(path)
    path = to / "schema.json"
    beside(path).write_text(json.dumps(told, ensure_ascii=False, indent=1, default=str), "utf-8")
    commit(path)


def origin(data: Path) -> str:
    """Origin of what is landed, demo or own; tables of a loader are own."""
    path = data / "landed" / "landing" / "origin" / "000000.parquet"
    query = f"select origin from read_parquet({literal(path)})"
    return duckdb.sql(query).fetchall()[0][0] if path.exists() else "own"


def main(args: argparse.Namespace) -> int:
    """Run `omniloop publish`."""
    console, data = screen(), folder("data")
    with locked(data / ".build.lock", "build"):
        console.print(f"Published {publish(data, folder('target'))}", soft_wrap=True)
    return 0
