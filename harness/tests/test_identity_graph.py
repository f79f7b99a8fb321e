"""The materialization `identity_graph` against scipy and Kruskal, on DuckDB and on Postgres."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from harness.dev.graph import GraphProject
from harness.dev.postgres import copy, cursor, environment, execute, postgres

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
    return GraphProject(tmp_path_factory.mktemp("graph") / "project")


def build(project, *graph, options=("--full-refresh",)):
    """People of a graph by the materialization on DuckDB, and the rounds it took."""
    project.write(*graph)
    rounds = project.run("duckdb", *options)
    return project.people(), rounds


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
    assert np.array_equal(got["person_node"], components)
    assert rounds[0] <= 30
    print(f"{name}: {len(nodes)} nodes, {rounds[0]} rounds")


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
    project.write(np.empty((0, 2), dtype=np.int64))
    duckdb.sql(
        "copy (select *, 1 as priority, 1 as observation_count, null::timestamp as first_at"
        " from (values (1, 2), (null, 2), (3, null), (null, null)) t(node_a, node_b))"
        f" to '{project.path}/edges.parquet'"
    )
    project.run("duckdb", "--full-refresh")
    with duckdb.connect(f"{project.path}/graph.duckdb", read_only=True) as connection:
        rows = connection.sql("select node_id, component_id from people order by 1").fetchall()
    assert rows == [(1, 1), (2, 1), (3, 3)]


def random_conflicts(seed):
    """A graph of up to 400 nodes with strengths that tie and up to three classes of exclusives."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 400))
    edges = np.sort(rng.integers(0, size, (int(size * rng.uniform(0.5, 3)), 2)))
    edges = np.unique(edges[edges[:, 0] < edges[:, 1]], axis=0)
    edges = np.concatenate([edges, np.repeat(rng.integers(0, size, (3, 1)), 2, axis=1)])  # loops
    edges = np.unique(edges, axis=0)
    strengths = np.column_stack([rng.integers(1, 4, len(edges)), rng.integers(1, 3, len(edges))])
    chosen = np.flatnonzero(rng.random(size) < rng.uniform(0.02, 0.6))
    return edges, strengths, np.column_stack([chosen, rng.integers(-1, 2, len(chosen))])


def kruskal(edges, strengths, exclusives):
    """Each node's person by the definition: strongest first, class by class, refusing joins.

    Within what the classes before have left connected, an edge that would put two nodes of the
    class into one person is refused; the rest of a part then belongs to nobody else.
    """
    nodes = np.unique(edges)
    part = dict(zip(nodes.tolist(), expected(edges)[1].tolist(), strict=True))
    order = np.lexsort((edges[:, 1], edges[:, 0], -strengths[:, 1], strengths[:, 0]))
    held = [(int(node), int(number)) for node, number in exclusives if int(node) in part]
    while True:
        counts = {}
        for node, number in held:
            counts.setdefault((part[node], number), []).append(node)
        todo = {}
        for (where, _), members in sorted(counts.items()):
            if len(members) > 1:
                todo.setdefault(where, members)
        if not todo:
            break
        root = {node: node for node in part if part[node] in todo}
        seeded = {node for members in todo.values() for node in members}

        def find(node, root=root):
            while root[node] != node:
                node = root[node]
            return node

        for a, b in edges[order].tolist():
            if a in root and b in root and part[a] == part[b]:
                x, y = find(a), find(b)
                if x != y and not (x in seeded and y in seeded):
                    x, y = (y, x) if y in seeded else (x, y)
                    root[y] = x
        part |= {node: find(node) for node in list(root)}
    smallest = {}
    for node, where in part.items():
        smallest[where] = min(smallest.get(where, node), node)
    return np.array([smallest[part[node]] for node in nodes.tolist()])


@pytest.mark.parametrize("seed", range(12))
def test_the_cut_is_that_of_kruskal(project, seed):
    graph = random_conflicts(seed)
    got, rounds = build(project, *graph)
    assert np.array_equal(got["person_node"], kruskal(*graph))
    assert max(rounds) <= 30
    held = pd.DataFrame(graph[2], columns=["node_id", "class_no"])
    held = held.merge(pd.DataFrame(got)[["node_id", "person_node"]])
    assert not held.duplicated(["person_node", "class_no"]).any()


def test_shuffling_changes_no_cut(project):
    edges, strengths, exclusives = random_conflicts(3)
    rng = np.random.default_rng(1)
    before = build(project, edges, strengths, exclusives)[0]
    order = rng.permutation(len(edges))
    after = build(project, edges[order], strengths[order], rng.permutation(exclusives))[0]
    assert np.array_equal(before["person_node"], after["person_node"])


@pytest.mark.parametrize("seed", range(20, 24))
def test_an_increment_equals_a_rebuild(project, seed):
    """Edges come, go and change strength; what was built before is never seen in the result."""
    edges, strengths, exclusives = random_conflicts(seed)
    rng = np.random.default_rng(seed)
    build(project, edges[::2], strengths[::2], exclusives)
    for _ in range(3):
        kept = rng.random(len(edges)) < 0.9
        changed = strengths.copy()
        changed[rng.random(len(edges)) < 0.05, 1] += 1
        graph = edges[kept], changed[kept], exclusives
        increment, _ = build(project, *graph, options=())
        assert np.array_equal(increment["node_id"], np.unique(edges[kept]))
        assert np.array_equal(increment["component_id"], expected(edges[kept])[1])
        assert np.array_equal(increment["person_node"], kruskal(*graph))


def test_an_increment_redoes_only_the_components_it_meets(project):
    """A hundred pairs; one gets a third node. Rows of the others are not written again."""
    pairs = np.arange(200).reshape(-1, 2)
    build(project, pairs)
    with duckdb.connect(f"{project.path}/graph.duckdb") as connection:
        connection.execute("update people set component_id = -1 where node_id >= 10")
    got, _ = build(project, np.concatenate([pairs, [[3, 1000]]]), options=())
    assert (got["component_id"] == -1).sum() == 190
    assert got["component_id"][got["node_id"] == 1000] == 2


WORST = {
    # 1 M nodes in a row, every tenth exclusive; a star of exclusives; many rounds of choices.
    "chain": (chain(ORDERED), np.column_stack([ORDERED[::10], np.ones(100_000, dtype=np.int64)])),
    "star": (GRAPHS["star"], np.column_stack([ORDERED[::10], np.ones(100_000, dtype=np.int64)])),
}


@pytest.mark.parametrize("name", WORST)
def test_worst_cases_stay_below_thirty_rounds(project, name):
    edges, exclusives = WORST[name]
    got, rounds = build(project, edges, None, exclusives)
    assert max(rounds) <= 30
    assert len(np.unique(got["person_node"])) == 100_000
    print(f"{name}: {rounds} rounds")


def test_postgres_gives_the_same_in_the_same_rounds(project):
    graphs = [(GRAPHS[name],) for name in (
        "empty", "loops_and_duplicates", "critical", "near_2_to_60", "short_chain")]
    graphs += [random_conflicts(1), random_conflicts(2)]
    with postgres() as host, environment(GRAPH_PG_HOST=host):
        execute(host, "create table edges (node_a bigint, node_b bigint, priority bigint,"
                      " observation_count bigint, first_at timestamp)")
        execute(host, "create table held (graph_node bigint, class_no bigint)")
        for graph in graphs:
            people, rounds = build(project, *graph)
            for table in ("edges", "held"):
                execute(host, f"truncate {table}")
                copy(host, f"from '{project.path}/{table}.parquet'", table)
            assert project.run("postgres", "--full-refresh") == rounds
            execute(host, "create or replace view reader as select * from people")
            # What reads the table does not keep it from being built anew.
            assert project.run("postgres", "--full-refresh") == rounds
            assert project.run("postgres") == [1]  # nothing changed
            with cursor(host) as postgres_cursor:
                postgres_cursor.execute("select * from people order by node_id")
                rows = np.array(postgres_cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
            for number, column in enumerate(("node_id", "component_id", "person_node")):
                assert np.array_equal(rows[:, number], people[column])
