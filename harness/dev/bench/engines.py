"""Seconds of each stage on each engine, for one, four and sixteen times the people; and parity.

    python -m harness.dev.bench.engines --out DIR [--people 1250 5000 20000]
        [--targets postgres,spark] [--set name=value ...]

The same exports are landed once and built on every engine, without tests; then every mart is
compared with DuckDB's, which is built first. A stage's seconds are those of its models, two of
which run at a time; `elapsed` is the whole build, without reading the project. --set gives Spark's
server other settings than those for small data in harness/dev/spark.py.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from harness.dev import parity
from harness.dev.postgres import environment
from harness.dev.workshop import NO_TESTS, Workshop, simulate

STAGES = ("seeds", "staging", "intermediate", "marts", "activation")


def stage_seconds(target: Path) -> Counter[str]:
    """Seconds of a build by stage, from dbt's artifacts."""
    nodes = json.loads((target / "manifest.json").read_text("utf-8"))["nodes"]
    ran = json.loads((target / "run_results.json").read_text("utf-8"))
    seconds: Counter[str] = Counter(elapsed=ran["elapsed_time"])
    for one in ran["results"]:
        if one["unique_id"] in nodes:
            seconds[nodes[one["unique_id"]]["schema"]] += one["execution_time"]
    return seconds


def main() -> int:
    """Build each size on each engine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist")
    parser.add_argument("--people", type=int, nargs="+", default=[1250, 5000, 20000])
    parser.add_argument("--targets", default="postgres,spark", help="beside duckdb")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    args = parser.parse_args()
    shop, found = Workshop(args.out).without_comments(), []
    settings = dict(each.split("=", 1) for each in args.set)
    print(f"{'people':>8} {'engine':<9}" + "".join(f"{name:>14}" for name in (*STAGES, "elapsed")))
    for people in args.people:
        data, raw = shop.use(str(people)), simulate(args.out / "raw" / str(people), people)
        shop.land(raw)
        for engine in ("duckdb", *args.targets.split(",")):
            target = args.out / "targets" / f"{people}_{engine}"
            with environment(OMNILOOP_DATA=str(data)):
                if engine == "duckdb":
                    shop.succeed("build", "--target-path", str(target), *NO_TESTS)
                    marts = built = shop.marts()
                else:
                    built = parity.built_on(
                        engine, shop.project, data, target, *NO_TESTS, **settings)
            seconds = stage_seconds(target)
            cells = (f"{seconds[stage]:>14.1f}" for stage in (*STAGES, "elapsed"))
            print(f"{people:>8} {engine:<9}" + "".join(cells), flush=True)
            told = parity.differences(marts, built)
            print("\n".join(told), end="\n" * bool(told))
            found += told
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
