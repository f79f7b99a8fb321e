"""Identity against scipy and Splink, its increments against itself, and 30 million observations.

    python -m harness.dev.bench.identity --out DIR [--links 10000000] [--observations 30000000]

    components   the graph against scipy on the same links, loading counted in both; and against
                 Splink's clustering, where `pip install splink` was done
    cut          the same links with two exclusive nodes in some components
    worst        rounds on a chain and a star of a million nodes, with and without exclusives
    increment    1 % more links against everything anew
    observations the models from int_identifier_keys to int_record_people within 8 GB: seconds of
                 each, and of a second run with 1 % more

CPU seconds are of this process and its children, wall beside. Each figure is one run: run the whole
several times on a quiet machine and take medians.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from harness.dev.graph import GraphProject
from harness.dev.workshop import NO_TESTS, Workshop

MILLION = 1_000_000
SCIPY = """
import duckdb, numpy as np, sys
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
edges = duckdb.sql(f"select node_a, node_b from '{sys.argv[1]}'").fetchnumpy()
nodes, ends = np.unique(np.concatenate([edges["node_a"], edges["node_b"]]), return_inverse=True)
half = len(ends) // 2
graph = coo_array((np.ones(half), (ends[:half], ends[half:])), (len(nodes), len(nodes)))
count, labels = connected_components(graph, directed=False)
np.savez(sys.argv[2], node=nodes, label=labels)
print(count)
"""
SPLINK = """
import duckdb, sys
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold
con = duckdb.connect()
con.execute(f"create table edges as select node_a as l, node_b as r from '{sys.argv[1]}'")
con.execute("create table nodes as select l as id from edges union select r from edges")
found = cluster_pairwise_predictions_at_threshold(
    "nodes", "edges", DuckDBAPI(con), node_id_column_name="id",
    edge_id_column_name_left="l", edge_id_column_name_right="r")
print(found.as_duckdbpyrelation().aggregate("count(distinct cluster_id)").fetchall()[0][0])
"""
# Records of people who show one or two of four identifiers, with a few shared and wrong ones.
OBSERVED = """
with records as (
    select range as r, hash(range) as h from range({first}, {records})
),
drawn as (
    select r, cast(h % {people} as bigint) as p, h // {people} % 100 as kind,
        h // {hundred} % 1000 as noise, h // {more} % 400 as day
    from records
),
listed as (
    select r, day, 'phone' as identifier_type, case when noise < 3 then (p * 7 + 1) % {people}
        else p end as value from drawn where kind < 70
    union all
    select r, day, 'member', p from drawn where kind < 40 or kind between 70 and 80
    union all
    select r, day, 'email', p from drawn where kind between 30 and 45
    union all
    select r, day, 'cookie', p * 3 + noise % 3 from drawn where kind > 45
)
select md5(cast(r as varchar)) as record_key, 'bench' as source_name, identifier_type,
    case identifier_type when 'member' then 'crm' else '' end as namespace,
    identifier_type || cast(value as varchar) as identifier_value, true as is_typed,
    timestamp '2025-01-01' + day * interval '1 day' as observed_at, 1 as first_load_no
from listed
"""


def measured(work: Callable[[], object]) -> tuple[object, float, float]:
    """What the work gives, its CPU seconds (children included) and its wall seconds."""
    def cpu() -> float:
        usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    began, at = cpu(), time.perf_counter()
    result = work()
    return result, cpu() - began, time.perf_counter() - at


def tell(name: str, cpu: float, wall: float, note: str = "") -> None:
    """One line of the report."""
    print(f"{name:<34} {cpu:>8.1f} s CPU {wall:>8.1f} s wall  {note}", flush=True)


def links(count: int) -> NDArray:
    """Links as identity has them: people of a few identifiers, 1.5 nodes to a link."""
    rng = np.random.default_rng(1)
    person = rng.integers(0, count // 3, count)
    ends = person[:, None] * 5 + rng.integers(0, 5, (count, 2))
    wrong = rng.random(count) < 0.01
    ends[wrong, 1] = rng.integers(0, count // 3 * 5, wrong.sum())
    ends = np.sort(ends)
    return np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)


def outside(code: str, *arguments: Path) -> str:
    """Run another way of doing it in a process of its own; give what it prints last."""
    command = [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or [done.stderr.strip().splitlines()[-1]])[-1]


def graph_against_others(project: GraphProject, count: int) -> None:
    """Components, cut and increment on one graph, beside scipy and Splink."""
    edges = links(count)
    print(f"{len(edges):,} links, {len(np.unique(edges)):,} nodes")
    file = project.path / "edges.parquet"
    project.write(edges)
    rounds, cpu, wall = measured(lambda: project.run("duckdb", "--full-refresh"))
    ours = cpu, wall
    found = len(np.unique(project.people()["component_id"]))
    tell("components, dbt included", cpu, wall, f"{rounds} rounds, {found:,} components")
    for name, code in (("scipy", SCIPY), ("splink", SPLINK)):
        said, cpu, wall = measured(lambda code=code: outside(code, file, project.path / "out.npz"))
        ratios = f"{ours[0] / cpu:.2f} CPU, {ours[1] / wall:.2f} wall"
        tell(name, cpu, wall, f"{said} components; ours / {name}: {ratios}")
    held = np.unique(edges)[::5]
    held = np.column_stack([held, np.ones(len(held), dtype=np.int64)])
    project.write(edges, None, held)
    rounds, full, wall = measured(lambda: project.run("duckdb", "--full-refresh"))
    tell("with the cut", full, wall, f"{rounds} rounds")
    _, empty, wall = measured(lambda: project.run())
    tell("again, nothing new", empty, wall, f"{empty / full:.3f} of full")
    fresh = np.random.default_rng(2).integers(0, edges.max(), (len(edges) // 100, 2))
    project.write(np.unique(np.concatenate([edges, np.sort(fresh)]), axis=0), None, held)
    _, cpu, wall = measured(lambda: project.run())
    tell("1 % more links", cpu, wall, f"{cpu / full:.3f} of full")


def worst_cases(project: GraphProject) -> None:
    """Rounds on shapes that are hard."""
    ordered = np.arange(MILLION)
    shuffled = np.random.default_rng(7).permutation(MILLION)
    shapes = {
        "chain, ordered": np.column_stack([ordered[:-1], ordered[1:]]),
        "chain, random": np.column_stack([shuffled[:-1], shuffled[1:]]),
        "star": np.column_stack([np.full(MILLION - 1, 12), np.delete(ordered, 12)]),
    }
    held = np.column_stack([ordered[::10], np.ones(MILLION // 10, dtype=np.int64)])
    for name, edges in shapes.items():
        project.write(edges, None, held)
        rounds, cpu, wall = measured(lambda: project.run("duckdb", "--full-refresh"))
        tell(f"{name}, 1 M, every tenth exclusive", cpu, wall, f"{rounds} rounds")


def observations(folder: Path, count: int) -> None:
    """The models of identity on made-up observations, and again with 1 % more."""
    workshop = Workshop(folder).without_comments()
    workshop.use("data")
    profiles = workshop.project / "profiles.yml"
    assert "settings: {TimeZone" in profiles.read_text()
    limited = profiles.read_text().replace("settings: {", "settings: {memory_limit: 7GB, ", 1)
    profiles.write_text(limited)
    workshop.land(folder / "nothing", only_empty=True)
    model = workshop.project / "models/intermediate/identity/int_record_identifiers.sql"
    records, people = int(count / 1.8), count // 9
    select = ["int_record_identifiers+,+int_record_people", "rejected_links"]
    workshop.succeed("build", *NO_TESTS, "--select", "+int_record_people", "+rejected_links")
    for name, until in (("observations", records), ("1 % more", records + records // 100)):
        model.write_text(OBSERVED.format(
            first=0, records=until, people=people, hundred=100 * people, more=100_000 * people))
        _, cpu, wall = measured(
            lambda: workshop.succeed("build", *NO_TESTS, "--select", *select))  # fmt: skip
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        with duckdb.connect(workshop.data / "omniloop.duckdb", read_only=True) as con:
            seen, keys = con.execute(
                "select (select count(*) from intermediate.int_identity_observations),"
                " (select count(*) from intermediate.int_identity_people)").fetchone()
        tell(name, cpu, wall, f"{seen:,} observations, {keys:,} people, peak {peak:.1f} GB")


def main() -> int:
    """Measure what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="an empty folder to work in")
    parser.add_argument("--links", type=int, default=10_000_000)
    parser.add_argument("--observations", type=int, default=30_000_000)
    args = parser.parse_args()
    project = GraphProject(args.out / "graph")
    if args.links:
        graph_against_others(project, args.links)
        worst_cases(project)
    if args.observations:
        observations(args.out / "observations", args.observations)
    return 0


if __name__ == "__main__":
    sys.exit(main())
