"""`omniloop check metrics`: what `mf query` answers is what the marts say.

A metric is defined twice: by MetricFlow over facts (models/semantic) and in a mart. Each section of
check.sql is one comparison: MetricFlow writes the SQL of its side, as `mf query --explain`
shows it, and DuckDB counts the rows that differ. A metric that stands there says `definition:
independent` of itself; one that only hands on a mart's figures says `definition: mart`.
"""

import argparse
import json
import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model import dbt_manifest_parser
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from rich.table import Table

from .dev import truth
from .landed import rows_of
from .places import Stopped, folder, screen, sections

DIALECT = SimpleNamespace(
    sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer())
TITLE = re.compile(r"(\w+) by (.+?)(?: until (\w+))?")
UNTIL = ("{{{{ TimeDimension('metric_time', 'DAY') }}}} <= "
         "(select as_of_date from marts.dim_as_of where metric_family = '{}')")


def compare(data: Path, target: Path) -> list[dict]:
    """One row per comparison: metric, cut_by, row_count, difference_count, example of one."""
    manifest, sql = target / "semantic_manifest.json", sections(Path(__file__).with_suffix(".sql"))
    if not manifest.exists():
        raise Stopped("nothing has been built: run `omniloop build`")
    text, compared, found = manifest.read_text("utf-8"), sql.pop("compared"), []
    engine = MetricFlowEngine(SemanticManifestLookup(
        dbt_manifest_parser.parse_manifest_from_dbt_generated_manifest(text)), DIALECT)
    said = {metric["name"]: ((metric["config"] or {}).get("meta") or {}).get("definition")
            for metric in json.loads(text)["metrics"]}
    should = dict.fromkeys(said, "mart")
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as con:
        for title, mart in sql.items():
            name, cut_by, family = TITLE.fullmatch(title).groups()
            should[name] = "independent"
            if name in said:
                asked = engine.explain(MetricFlowQueryRequest.create(
                    metric_names=[name], group_by_names=cut_by.split(", "),
                    where_constraints=[UNTIL.format(family)] if family else None))
                keys = ", ".join(f"key_{i}" for i in range(1 + cut_by.count(",")))
                query = compared.format(keys=keys, metric=asked.sql_statement.sql, mart=mart)
                found.append({"metric": name, "cut_by": cut_by, **rows_of(con, query)[0]})
    found += [{"metric": name, "cut_by": "", "row_count": 0, "difference_count": 1, "example":
               f"says definition: {said.get(name)}, is {is_so} by the sections of check.sql"}
              for name, is_so in should.items() if said.get(name) != is_so]
    return found


def main(args: argparse.Namespace) -> int:
    """Run `omniloop check`; a metric that differs from its mart fails it."""
    data, table = folder("data"), Table("metric", "cut by", "rows", "differences", "for example")
    if args.what == "identity":
        found, failed = truth.identity(data, args.truth), False
        table = truth.table(found)
    else:
        found = compare(data, folder("target"))
        failed = any(row["difference_count"] for row in found)
        for row in found:
            table.add_row(*("" if value is None else str(value) for value in row.values()))
    report = data / "reports" / f"{args.what}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    screen().print(table, f"written to {report}")
    return int(failed)
