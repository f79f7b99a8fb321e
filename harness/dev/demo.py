"""The demo: what `omniloop build` reads when there is nothing of one's own."""

import os
import subprocess
import sys
from pathlib import Path

import yaml
from rich.console import Console

from harness import landed, places
from harness.contract import ROOT
from harness.land import delivered
from harness.publish import origin

DEMO = Path("data/demo")


def choose(console: Console, given: str) -> None:
    """With nothing of one's own to read, take the demo, wholly under its own folder."""
    data, raw = places.folder("data"), DEMO / "raw"
    has_landed = landed.load_files(data / "landed") and origin(data) == "own"
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
    has_tables = (project | (yaml.safe_load(given or "{}") or {})).get("source_schemas")
    if delivered(places.folder("raw")) or has_landed or has_tables:
        return
    console.print(f"No file in {places.folder('raw')}: this builds the demo.", soft_wrap=True)
    os.environ.setdefault("OMNILOOP_DATA", str(DEMO))
    os.environ["OMNILOOP_RAW"] = str(raw)
    if not delivered(raw):
        console.print(f"Simulating a retailer into {DEMO}.")
        command = "-m harness.dev.simulate --people 20000 --days 400 --seed 7 --noise default --out"
        subprocess.run([sys.executable, *command.split(), str(DEMO)], check=True)
