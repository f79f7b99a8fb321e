"""A project with one identity_graph and nothing else, for its tests and its bench."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from numpy.typing import NDArray

from .workshop import REPO


class GraphProject:
    """Writes a graph to files or finds it in Postgres, runs the materialization, reads people."""

    def __init__(self, path: Path):
        self.path = path
        for folder in ("models", "macros"):
            (path / folder).mkdir(parents=True)
        shutil.copytree(REPO / "macros/materializations", path / "macros/materializations")
        (path / "dbt_project.yml").write_text(
            "{name: tiny, profile: tiny, flags: {send_anonymous_usage_stats: false}}"
        )
        (path / "profiles.yml").write_text(
            "tiny:\n"
            "  target: duckdb\n"
            "  outputs:\n"
            f"    duckdb: {{type: duckdb, path: '{path}/graph.duckdb', threads: 1,\n"
            "      settings: {memory_limit: 8GB}}\n"
            "    postgres: {type: postgres, host: \"{{ env_var('GRAPH_PG_HOST', '') }}\",\n"
            "      port: 5432, user: postgres, password: '', dbname: postgres, schema: public,\n"
            "      threads: 1}\n"
        )
        (path / "models/exclusives.sql").write_text(
            "select graph_node, class_no from {{ var('held') }}"
        )
        (path / "models/people.sql").write_text(
            "{{ config(materialized='identity_graph', exclusives='exclusives') }}\n"
            "-- depends_on: {{ ref('exclusives') }}\n"
            "select node_a, node_b, priority, observation_count, first_at from {{ var('edges') }}"
        )

    def write(
        self, edges: NDArray, strengths: NDArray | None = None, exclusives: NDArray | None = None
    ) -> None:
        """Edges (n, 2), their priority and observations (n, 2; all alike when not given), and
        exclusives (m, 2) as graph_node and class_no."""
        frame = pd.DataFrame(edges, columns=["node_a", "node_b"], dtype="int64")
        strengths = np.ones((len(edges), 2), dtype=np.int64) if strengths is None else strengths
        frame["priority"], frame["observation_count"] = strengths[:, 0], strengths[:, 1]
        nodes = np.empty((0, 2)) if exclusives is None else exclusives
        held = pd.DataFrame(nodes, columns=["graph_node", "class_no"], dtype="int64")  # noqa: F841
        duckdb.sql(
            "copy (select *, timestamp '2026-01-01' as first_at from frame)"
            f" to '{self.path}/edges.parquet'"
        )
        duckdb.sql(f"copy (from held) to '{self.path}/held.parquet'")

    def run(self, target: str = "duckdb", *options: str) -> list[int]:
        """Run the models once; give the rounds that contraction and each cut took."""
        where = "{name}" if target == "postgres" else f"'{self.path}/{{name}}.parquet'"
        tables = {name: where.format(name=name) for name in ("edges", "held")}
        messages = []
        dbt = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)])
        path = str(self.path)
        result = dbt.invoke(
            ["--quiet", "run", "--target", target, "--project-dir", path, "--profiles-dir", path]
            + ["--target-path", f"{path}/target/{target}", "--vars", json.dumps(tables), *options]
        )
        DuckDBConnectionManager.close_all_connections()
        assert result.success, "\n".join(messages[-20:])
        found = re.findall(r"(?:contracted|cut \d+) in (\d+) rounds", "\n".join(messages))
        return [int(number) for number in found]

    def people(self) -> dict[str, NDArray]:
        """node_id, component_id and person_node in the order of nodes."""
        with duckdb.connect(f"{self.path}/graph.duckdb", read_only=True) as connection:
            tables = connection.sql("select table_name from duckdb_tables() order by 1").fetchall()
            assert tables == [("people",), ("people_edges",)], "temporary tables are left"
            return connection.sql("from people order by node_id").fetchnumpy()
