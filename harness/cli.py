"""The `omniloop` command."""

import argparse
import os
import sys
from pathlib import Path

from .contract import ROOT


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and run one command."""
    parser = argparse.ArgumentParser(prog="omniloop", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    land = commands.add_parser("land", help="read delivered exports into numbered Parquet files")
    land.add_argument("--empty", action="store_true", help="only make every table exist, empty")
    args = parser.parse_args(argv)
    _at_root()
    if args.command == "land":
        from . import land as command
    return command.main(args)


def _at_root() -> None:
    """Work from the project's folder, where dbt does; folders given relative to here stay meant."""
    if Path.cwd() != ROOT:
        for name in ("OMNILOOP_RAW", "OMNILOOP_DATA"):
            if name in os.environ:
                os.environ[name] = str(Path(os.environ[name]).resolve())
        os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(main())
