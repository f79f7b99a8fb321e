"""The plain attribution models against the floor: reading the touches, writing the credit once.

    python -m harness.dev.bench.attribution --out DIR [--touches 1000000] [--runs 5]

    light   2.8 touches before an order on average, one order to a person
    heavy   500 touches before each order, ten orders to a person

The models are those from touches to fct_attribution, by the SQL that dbt compiles, in one DuckDB
connection; of the fitted ones nothing is known, so they share like linear and base. CPU seconds,
medians of the runs, taken in turns.
"""

import argparse
import statistics
import sys
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from harness.dev.bench.identity import measured
from harness.dev.effects import EffectsProject
from harness.dev.workshop import REPO

OURS = ("int_journey_touches", "int_journey_weights", "fct_attribution")
GIVEN = ("channels", "attribution_models", "int_touchpoints", "int_conversions")
# An order each 30 days, with its touches in the 25 days before it.
SETUP = """
create or replace table channels as from read_csv('{seeds}/channels.csv');
create or replace table attribution_models as from read_csv('{seeds}/attribution_models.csv');
create or replace table int_channel_effects as
    select '' as conversion_type, date '2025-01-01' as version_month_date, '' as channel_key,
        '' as attribution_model, 0::double as effect limit 0;
create or replace table int_conversions as
    select md5('c' || range) as conversion_key, md5('u' || range // {orders}) as user_key,
        if(range % {orders} = 0, 'first_order', 'repeat_order') as conversion_type,
        (hash(range) % 100000 / 100)::decimal(18, 2) as net_revenue_amount,
        (hash(range) % 30000 / 100)::decimal(18, 2) as margin_amount,
        date '2025-01-01' + (range % {orders} * 30)::integer as conversion_date,
        conversion_date::timestamp as converted_at, range as order_no
    from range({count});
create or replace table int_touchpoints as
    with listed as (
        select order_no, user_key, converted_at, unnest(range({touches})) as touch_no
        from int_conversions
    ),
    drawn as (select *, hash(order_no, touch_no) as h from listed),
    marketing as (
        select channel_key, row_number() over (order by channel_key) - 1 as no
        from channels where channel_role = 'marketing' limit 12
    )
    select md5(order_no || '-' || touch_no) as touchpoint_key, user_key, channel_key,
        md5('k' || h % 60) as campaign_key,
        converted_at - (h // 720 % 2160000)::integer * interval '1 second' as touched_at
    from drawn inner join marketing on drawn.h % 12 = marketing.no;
"""
LIGHT = "[1, 1, 2, 2, 2, 3, 3, 4, 5, 5][(hash(order_no) % 10 + 1)::integer]"
FLOOR = (
    "select max(hash(int_touchpoints)) from int_touchpoints",
    "create or replace table floor as from fct_attribution",
)


def compiled(project: EffectsProject) -> dict[str, str]:
    """SQL of our models as dbt compiles it."""
    path = str(project.path)
    folders = ["--project-dir", path, "--profiles-dir", path, "--target-path", f"{path}/target"]
    assert dbtRunner().invoke(["--quiet", "compile", *folders]).success
    found = project.path.glob("target/compiled/tiny/models/*.sql")
    return {file.stem: file.read_text() for file in found if file.stem in OURS}


def main() -> int:
    """Measure both kinds of users."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist")
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    given = dict.fromkeys((*GIVEN, "int_channel_effects"), "select 1 as one")
    project = EffectsProject(args.out, OURS, given)
    models = compiled(project)
    con = duckdb.connect(f"{args.out}/effects.duckdb")
    con.execute("set threads = 2")
    for name, per_order, touches, orders in (("light", 2.8, LIGHT, 1), ("heavy", 500, "500", 10)):
        count = int(args.touches / per_order)
        con.execute(SETUP.format(
            seeds=REPO / "seeds", orders=orders, count=count, touches=touches))  # fmt: skip
        seconds: dict[str, list[float]] = {}
        for _ in range(args.runs):
            for model in OURS:
                sql = f"create or replace table {model} as {models[model]}"
                _, cpu, _ = measured(lambda sql=sql: con.execute(sql).fetchall())
                seconds.setdefault(model, []).append(cpu)
            _, cpu, _ = measured(lambda: [con.execute(sql).fetchall() for sql in FLOOR])
            seconds.setdefault("floor", []).append(cpu)
        medians = {step: statistics.median(runs) for step, runs in seconds.items()}
        rows = {
            table: con.execute(f"select count(*) from {table}").fetchall()[0][0]
            for table in ("int_touchpoints", "int_conversions", "fct_attribution")
        }
        print(f"{name}: " + ", ".join(f"{n:,} {table}" for table, n in rows.items()))
        for step, cpu in medians.items():
            print(f"  {step:<20} {cpu:>6.1f} s CPU")
        ours = sum(medians[model] for model in OURS)
        print(f"  ours / floor: {ours / medians['floor']:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
