"""The `omniloop` command: from dropped exports to published marts."""

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from .contract import ROOT
from .places import FOLDERS, Stopped, explained, screen


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and run one command."""
    parser = argparse.ArgumentParser(prog="omniloop", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    land = commands.add_parser("land", help="read delivered exports into numbered Parquet files")
    land.add_argument("--empty", action="store_true", help="only make every table exist, empty")
    commands.add_parser("load", help="give Postgres or Spark what has landed")
    commands.add_parser("fit", help="find the parameters of the purchase models")
    commands.add_parser("publish", help="copy the marts into the file that BI tools read")
    commands.add_parser("export", help="write the contacts of ready audiences for destinations")
    build = commands.add_parser("build", help="land, build, test, publish and document everything")
    build.add_argument("--vars", default="", help="dbt variables as YAML, e.g. '{as_of_date: ..}'")
    build.add_argument("--full-refresh", action="store_true", help="build every table anew")
    check = commands.add_parser("check", help="compare a built warehouse with what is known")
    checks = check.add_subparsers(dest="what", required=True)
    checks.add_parser("metrics", help="each metric of the semantic layer equals its mart")
    identity = checks.add_parser("identity", help="who was taken for whom")
    identity.add_argument("--truth", required=True, type=Path, help="the simulator's truth folder")
    args = parser.parse_args(argv)
    _at_root()
    try:
        return importlib.import_module(f"harness.{args.command}").main(args)
    except (Stopped, OSError, duckdb.Error, subprocess.CalledProcessError) as error:
        line = f"omniloop {args.command}: {explained(error)}"
        screen().print(line, markup=False, highlight=False, soft_wrap=True)
        return 1


def _at_root() -> None:
    """Work from the project's folder, where dbt does; folders given relative to here stay meant."""
    if Path.cwd() != ROOT:
        for name in {name for name, _ in FOLDERS.values()} & os.environ.keys():
            os.environ[name] = str(Path(os.environ[name]).resolve())
        os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(main())
