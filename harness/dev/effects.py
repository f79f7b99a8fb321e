"""A project with some models of attribution and nothing else, for their tests and benches."""

import json
import shutil
from pathlib import Path

import duckdb
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from .workshop import REPO

# What they read is given: journeys touch by touch, and cells of linear systems.
GIVEN = {
    "int_journeys_ended": "select conversion_type, journey_key, channel_key, touch_no, touch_count,"
    " cast(is_converted as boolean) as is_converted, cast(ended_date as date) as ended_date"
    " from {{ var('journeys') }}",
    "int_conversions": "select conversion_type, ended_date as conversion_date"
    " from {{ ref('int_journeys_ended') }} where is_converted",
    "solved": "select * from {{ swept_systems(var('cells'), 14) }} as solved",
}
OURS = (
    "int_attribution_versions",
    "int_channel_transitions",
    "int_channel_moments",
    "int_removal_effects",
    "int_channel_hazards",
    "int_channel_effects",
)


class EffectsProject:
    """Writes journeys and systems to files or finds them in Postgres, fits, reads effects."""

    def __init__(
        self, path: Path, ours: tuple[str, ...] = OURS, given: dict[str, str] | None = None
    ):
        self.path = path
        (path / "models").mkdir(parents=True)
        shutil.copytree(REPO / "macros/statistics", path / "macros/statistics")
        for name in ("expressions", "types", "attribution", "budget"):
            shutil.copy(REPO / f"macros/{name}.sql", path / "macros")
        for name in ours:
            (file,) = REPO.glob(f"models/*/*/{name}.sql")
            shutil.copy(file, path / "models")
        for name, sql in (given or GIVEN).items():
            (path / f"models/{name}.sql").write_text(sql)
        (path / "dbt_project.yml").write_text(
            "{name: tiny, profile: tiny, flags: {send_anonymous_usage_stats: false},\n"
            " models: {+materialized: table}, vars: {attribution_channel_limit: 13,\n"
            "  attribution_half_life_days: 7, base_conversion_rate: 0.01,\n"
            "  reporting_time_zone: Asia/Shanghai, newness_lookback_days: 0,\n"
            "  budget_weeks: 104, budget_value_days: 90, budget_move_limit: 0.3}}"
        )
        (path / "profiles.yml").write_text(
            "tiny:\n"
            "  target: duckdb\n"
            "  outputs:\n"
            f"    duckdb: {{type: duckdb, path: '{path}/effects.duckdb', threads: 1}}\n"
            "    postgres: {type: postgres, host: \"{{ env_var('EFFECTS_PG_HOST', '') }}\",\n"
            "      port: 5432, user: postgres, password: '', dbname: postgres, schema: public,\n"
            "      threads: 1}\n"
        )

    def write(self, journeys: pd.DataFrame, cells: pd.DataFrame) -> None:
        """Journeys of conversion_type, journey_key, channel_key, touch_no, touch_count,
        is_converted, ended_date; cells of system_no, row_no, column_no, cell_value."""
        self.give(journeys=journeys, cells=cells)

    def give(self, **tables: pd.DataFrame) -> None:
        """Tables that the given models read as vars of their names."""
        for name, given in tables.items():  # noqa: B007
            duckdb.sql(f"copy (from given) to '{self.path}/{name}.parquet'")

    def run(self, target: str = "duckdb") -> None:
        """Run all models."""
        where = "{name}" if target == "postgres" else f"'{self.path}/{{name}}.parquet'"
        names = [path.stem for path in self.path.glob("*.parquet")]
        tables = {name: where.format(name=name) for name in names}
        messages = []
        dbt = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)])
        path = str(self.path)
        result = dbt.invoke(
            ["--quiet", "run", "--target", target, "--project-dir", path, "--profiles-dir", path]
            + ["--target-path", f"{path}/target/{target}", "--vars", json.dumps(tables)]
        )
        DuckDBConnectionManager.close_all_connections()
        assert result.success, "\n".join(messages[-20:])

    def table(self, name: str) -> pd.DataFrame:
        """A table that the last run on DuckDB made."""
        with duckdb.connect(f"{self.path}/effects.duckdb", read_only=True) as connection:
            return connection.sql(f"from {name}").df()
