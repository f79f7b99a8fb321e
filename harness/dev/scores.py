"""Identity scored on several seeds of the simulated retailer, the worst quoted.

    python -m harness.dev.scores --out DIR --people 100000 --seeds 1 2 3 4 5 --noise default hard

For each seed and noise: simulate, land, build what identity needs, `omniloop check identity`. A
run's folder is removed once it is scored. DIR/scores.json keeps all figures; a run that stands
there already is not made again. How the scores are counted stands in harness/dev/truth.py. Of wrong
pairs of orders it is told what their two people share, and what unique identifier each has.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from harness import places
from harness.dev import truth
from harness.dev.workshop import NO_TESTS, Workshop

GOALS = {"default": (0.999, 0.98), "hard": (0.99, 0.95)}


def run(workshop: Workshop, people: int, seed: int, noise: str) -> dict:
    """Score one simulated retailer."""
    data = workshop.use(f"{noise}_{seed}")
    options = f"--people {people} --days 400 --seed {seed} --noise {noise} --out".split()
    subprocess.run([sys.executable, "-m", "harness.dev.simulate", *options, str(data)], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    workshop.land(data / "raw")
    started = time.perf_counter()
    workshop.succeed("build", *NO_TESTS, "--select", "+int_record_people")
    scores = truth.identity(data, data / "truth") | {"seconds": time.perf_counter() - started}
    sql = places.sections(Path(truth.__file__).with_suffix(".sql"))
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as con:
        con.execute(sql["records"].format(truth=data / "truth"))
        scores["wrong"] = dict(con.execute(sql["wrong"].format(truth=data / "truth")).fetchall())
    shutil.rmtree(data.resolve())
    return scores


def main() -> int:
    """Score all, then show the worst of each noise beside its goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--noise", nargs="+", default=["default", "hard"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "scores.json"
    scores = json.loads(kept.read_text()) if kept.exists() else {}
    shutil.rmtree(args.out / "project", ignore_errors=True)
    workshop = Workshop(args.out).without_comments()
    for noise in args.noise:
        for seed in args.seeds:
            name = f"{noise} {args.people} {seed}"
            if name not in scores:
                scores[name] = run(workshop, args.people, seed, noise)
                kept.write_text(json.dumps(scores, indent=1) + "\n")
            print(name, {kind: {key: round(score[key], 5) for key in ("precision", "recall")}
                         for kind, score in scores[name].items() if "precision" in str(score)},
                  scores[name].get("wrong"), flush=True)
    print(f"{'worst of ' + str(len(args.seeds)):<22} {'precision':>10} {'recall':>8}")
    for noise in args.noise:
        for kind in ("records", "orders", "revenue"):
            found = [scores[f"{noise} {args.people} {seed}"][kind] for seed in args.seeds]
            worst = [min(each[key] for each in found) for key in ("precision", "recall")]
            goals = GOALS.get(noise, ("", ""))
            print(f"{noise + ' ' + kind:<22} {worst[0]:>10.5f} {worst[1]:>8.5f}   goals {goals}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
