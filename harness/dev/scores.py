"""Identity scored on several seeds of the simulated retailer, the worst quoted.

    python -m harness.dev.scores --out DIR --people 100000 --seeds 1 2 3 4 5 --noise default hard

For each seed and noise: simulate, land, build what identity needs, `omniloop check identity`. A
run's folder is removed once it is scored. DIR/scores.json keeps all figures; a run that stands
there already is not made again. How the scores are counted stands in harness/check.py. Of wrong
pairs of orders it is told what their two people share, and which unique identifier each has: where
neither or only one has one of the same kind, nothing in the exports tells the two apart.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from harness import check, places
from harness.dev.workshop import NO_TESTS, Workshop

# Pairs of orders of two people under one key, by what the truth says of the two.
WRONG = """
with named as (
    select distinct person_id, identifier_type, namespace, identifier_value, is_own
    from read_parquet('{truth}/record_identifiers*.parquet')
    join read_parquet('{truth}/records*.parquet') using (source_name, table_name, record_id)
),
has as (
    select person_id, bool_or(identifier_type = 'member') as member,
        bool_or(identifier_type = 'customer') as account
    from named where is_own group by person_id
),
sides as (
    select user_key, person_id, count(*) as orders
    from record join intermediate.int_record_people using (record_key) where is_order group by all
),
wrong as (
    select a.person_id as p, b.person_id as q, sum(a.orders * b.orders) as pairs
    from sides as a join sides as b on a.user_key = b.user_key and a.person_id < b.person_id
    group by all
),
shared as (
    select a.person_id as p, b.person_id as q, bool_and(a.is_own and b.is_own) as both_own
    from named as a join named as b using (identifier_type, namespace, identifier_value)
    where a.person_id < b.person_id group by all
)
select
    case when both_own is null then 'nothing, but through others'
        when both_own then 'a phone or e-mail of both' else 'one typed for the other' end
    || '; ' || case
        when a.member and b.member or a.account and b.account then 'both have one of a kind'
        when (a.member or a.account) and (b.member or b.account) then 'one card, one account'
        when a.member or a.account or b.member or b.account then 'only one has card or account'
        else 'neither has card or account' end as sharing,
    cast(sum(pairs) as bigint) as pairs
from wrong
left join shared using (p, q)
join has as a on wrong.p = a.person_id
join has as b on wrong.q = b.person_id
group by all
order by pairs desc
"""
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
    scores = check.identity(data, data / "truth") | {"seconds": time.perf_counter() - started}
    sql = places.sections(Path(check.__file__).with_suffix(".sql"))["records"]
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as con:
        con.execute(sql.format(truth=data / "truth"))
        scores["wrong"] = dict(con.execute(WRONG.format(truth=data / "truth")).fetchall())
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
