"""Recommended budgets scored on the simulator's truth, on several seeds, the worst quoted.

    python -m harness.dev.budget_scores --out DIR --people 120000 --seeds 1 2 3 4 5

For each seed: simulate with spend that varies by itself and with spend that follows demand, land,
build what budgets need. The score of advice is its true gain, as a share of the largest gain that
moves of 30 % at the same total could have. Advice ought to be refused where spend follows demand.
A run's folder is removed once it is scored. DIR/budget_scores.json keeps all figures; a run that
stands there already is not made again.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np

from harness.dev.simulation import budget_truth
from harness.dev.workshop import NO_TESTS, Workshop

GOAL = 0.7
ADVICE = """
select channel_key, recommendation_status, current_daily_spend_amount::double as current,
    recommended_daily_spend_amount::double as recommended, marginal_roi::double as marginal_roi,
    demand_r_squared::double as followed
from marts.budget_recommendations order by channel_key
"""


def score(data: Path) -> dict:
    """What the advice in a data folder is worth by the truth beside it.

    gain_share: true gain as a share of the largest (None without advice); rank_correlation of
    marginal returns; total_difference in CNY a day; largest_move as a share; by channel the
    statuses and the share of spend's movement that demand explains.
    """
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as con:
        advice = con.execute(ADVICE).fetchnumpy()
    query = f"from '{data}/truth/budget.parquet' order by channel_name"
    truth = duckdb.sql(query).fetchnumpy()
    assert list(truth["channel_name"]) == list(advice["channel_key"]), "channels differ"
    current = np.asarray(advice["current"])
    advised = np.asarray(advice["recommendation_status"]) == "recommended"
    split = np.where(advised, np.ma.filled(advice["recommended"], 0), current)
    best = budget_truth.best_spend(truth, current)

    def gain(spend: np.ndarray) -> float:
        moved = budget_truth.true_value(truth, spend) - budget_truth.true_value(truth, current)
        return float(moved.sum())

    marginal = truth["top_value"] * truth["half"] / (current + truth["half"]) ** 2
    told = np.ma.filled(advice["marginal_roi"], np.nan)
    ranks = [np.argsort(np.argsort(values[advised])) for values in (marginal, told)]
    return {
        "gain_share": gain(split) / gain(best) if advised.any() else None,
        "rank_correlation": float(np.corrcoef(*ranks)[0, 1]) if advised.sum() > 2 else None,
        "total_difference": float(split.sum() - current.sum()),
        "largest_move": float(np.abs(split / current - 1).max()),
        "statuses": dict(zip(truth["channel_name"], advice["recommendation_status"], strict=True)),
        "followed": dict(zip(truth["channel_name"], map(float, advice["followed"]), strict=True)),
    }


def run(workshop: Workshop, people: int, seed: int, spend: str) -> dict:
    """Score one simulated retailer."""
    data = workshop.use(f"{spend}_{seed}")
    options = f"--people {people} --days 500 --seed {seed} --spend {spend} --out".split()
    subprocess.run([sys.executable, "-m", "harness.dev.simulate", *options, str(data)], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    workshop.land(data / "raw")
    workshop.succeed("build", *NO_TESTS, "--select", "+budget_recommendations")
    scored = score(data)
    shutil.rmtree(data.resolve())
    return scored


def main() -> int:
    """Score all, then show the worst beside the goals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=120_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--spend", nargs="+", default=["varied", "following"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "budget_scores.json"
    scores = json.loads(kept.read_text()) if kept.exists() else {}
    shutil.rmtree(args.out / "project", ignore_errors=True)
    workshop = Workshop(args.out).without_comments()
    for spend in args.spend:
        for seed in args.seeds:
            name = f"{spend} {args.people} {seed}"
            if name not in scores:
                scores[name] = run(workshop, args.people, seed, spend)
                kept.write_text(json.dumps(scores, indent=1) + "\n")
            print(name, scores[name], flush=True)
    found = {spend: [scores[f"{spend} {args.people} {seed}"] for seed in args.seeds]
             for spend in args.spend}  # fmt: skip
    shares = [each["gain_share"] or 0 for each in found.get("varied", [])]
    refused = sum(
        sum(status == "endogenous_spend" for status in each["statuses"].values()) >= 3
        for each in found.get("following", [])
    )
    differences = [abs(each["total_difference"]) for runs in found.values() for each in runs]
    if shares:
        print(f"varied: worst share of the possible gain {min(shares):.3f} (goal {GOAL})")
    if "following" in found:
        print(f"following: {refused} of {len(found['following'])} refused for most channels")
    print(f"totals kept within {max(differences):.2f} a day")
    return 0


if __name__ == "__main__":
    sys.exit(main())
