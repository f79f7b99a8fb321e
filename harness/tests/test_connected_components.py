"""The materialization `connected_components` against scipy, on DuckDB and on Postgres."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from harness.dev.postgres import copy, cursor, environment, execute, postgres

REPO = Path(__file__).parents[2]
MILLION = 1_000_000


def random_graph(nodes, edges, seed):
    return np.random.default_rng(seed).integers(0, nodes, (edges, 2))


def chain(ids):
    return np.column_stack([ids[:-1], ids[1:]])


ORDERED = np.arange(MILLION)
SHUFFLED = np.random.default_rng(7).permutation(MILLION)
SMALL = random_graph(300, 200, 1)
GRAPHS = {
    "empty": np.empty((0, 2), dtype=np.int64),
    "only_loops": np.array([[5, 5], [9, 9], [5, 5]]),
    "one_edge": np.array([[8, 3]]),
    "loops_and_duplicates": np.concatenate([SMALL, SMALL, SMALL[:, ::-1], SMALL[:, [0, 0]]]),
    "sparse": random_graph(20_000, 5_000, 2),
    "critical": random_graph(20_000, 10_000, 3),
    "dense": random_graph(2_000, 40_000, 4),
    "near_2_to_60": 2**60 - 1 - random_graph(5_000, 4_000, 5),
    "negative_and_zero": random_graph(50, 40, 6) - 25,
    "ordered_chain": chain(ORDERED),
    "random_chain": chain(SHUFFLED),
    "short_chain": chain(SHUFFLED[:50_000]),
    "star": np.column_stack([np.full(MILLION - 1, 12), np.delete(ORDERED, 12)]),
    "two_million_random_links": random_graph(MILLION, 2 * MILLION, 8),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one model, the repo's macro and nothing else."""
    path = tmp_path_factory.mktemp("graph")
    for folder in ("models", "macros"):
        (path / folder).mkdir()
    shutil.copytree(REPO / "macros/materializations", path / "macros/materializations")
    (path / "dbt_project.yml").write_text(
        "{name: tiny, profile: tiny, flags: {send_anonymous_usage_stats: false}}"
    )
    (path / "profiles.yml").write_text(
        "tiny:\n"
        "  target: duckdb\n"
        "  outputs:\n"
        f"    duckdb: {{type: duckdb, path: '{path}/graph.duckdb', threads: 1}}\n"
        "    postgres: {type: postgres, host: \"{{ env_var('GRAPH_PG_HOST', '') }}\", port: 5432,\n"
        "      user: postgres, password: '', dbname: postgres, schema: public, threads: 1}\n"
    )
    (path / "models/components.sql").write_text(
        "{{ config(materialized='connected_components') }}\n"
        "select node_a, node_b from {{ var('edges') }}"
    )
    return path


def run_dbt(project, target="duckdb"):
    """Run the model once and return the number of rounds it logged."""
    edges = "edges" if target == "postgres" else f"'{project}/edges.parquet'"
    messages = []
    dbt = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)])
    result = dbt.invoke(
        ["--quiet", "run", "--target", target, "--project-dir", str(project)]
        + ["--profiles-dir", str(project), "--target-path", str(project / "target" / target)]
        + ["--vars", json.dumps({"edges": edges})]
    )
    DuckDBConnectionManager.close_all_connections()
    assert result.success, "\n".join(messages[-20:])
    return int(re.search(r"contracted in (\d+) rounds", "\n".join(messages))[1])


def write_edges(project, edges):
    frame = pd.DataFrame(edges, columns=["node_a", "node_b"], dtype="int64")  # noqa: F841
    duckdb.sql(f"copy (from frame) to '{project}/edges.parquet'")


def build(project, edges):
    """Components of the edges by the materialization on DuckDB, and its rounds."""
    write_edges(project, edges)
    rounds = run_dbt(project)
    with duckdb.connect(f"{project}/graph.duckdb", read_only=True) as connection:
        tables = connection.sql("select table_name from duckdb_tables()").fetchall()
        assert tables == [("components",)], "temporary or backup tables are left"
        return connection.sql("from components order by node_id").fetchnumpy(), rounds


def expected(edges):
    """Components by scipy: each node with the smallest node of its component."""
    nodes, ends = np.unique(edges, return_inverse=True)
    ends = ends.reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (len(nodes), len(nodes)))
    count, labels = connected_components(graph, directed=False) if len(nodes) else (0, [])
    smallest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(smallest, labels, nodes)
    return nodes, smallest[labels]


@pytest.mark.parametrize("name", GRAPHS)
def test_components_are_those_of_scipy(project, name):
    got, rounds = build(project, GRAPHS[name])
    nodes, components = expected(GRAPHS[name])
    assert np.array_equal(got["node_id"], nodes)
    assert np.array_equal(got["component_id"], components)
    assert rounds <= 30
    print(f"{name}: {len(nodes)} nodes, {rounds} rounds")


def test_shuffling_rows_and_ends_changes_nothing(project):
    edges = GRAPHS["critical"]
    before = build(project, edges)
    shuffled = np.random.default_rng(9).permutation(edges)
    shuffled[::2] = shuffled[::2, ::-1]
    after = build(project, shuffled)
    assert before[1] == after[1]
    for column in ("node_id", "component_id"):
        assert np.array_equal(before[0][column], after[0][column])


def test_edges_without_one_end_link_nothing(project):
    duckdb.sql(
        "copy (from (values (1, 2), (null, 2), (3, null), (null, null)) t(node_a, node_b))"
        f" to '{project}/edges.parquet'"
    )
    run_dbt(project)
    with duckdb.connect(f"{project}/graph.duckdb", read_only=True) as connection:
        rows = connection.sql("from components order by node_id").fetchall()
    assert rows == [(1, 1), (2, 1), (3, 3)]


def test_postgres_gives_the_same_in_the_same_rounds(project):
    names = ("empty", "loops_and_duplicates", "critical", "near_2_to_60", "short_chain")
    with postgres() as host, environment(GRAPH_PG_HOST=host):
        execute(host, "create table edges (node_a bigint, node_b bigint)")
        for name in names:
            components, rounds = build(project, GRAPHS[name])
            execute(host, "truncate edges")
            copy(host, f"from '{project}/edges.parquet'", "edges")
            assert run_dbt(project, "postgres") == rounds
            with cursor(host) as postgres_cursor:
                postgres_cursor.execute("select * from components order by node_id")
                rows = np.array(postgres_cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
            assert np.array_equal(rows[:, 0], components["node_id"])
            assert np.array_equal(rows[:, 1], components["component_id"])
