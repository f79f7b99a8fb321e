"""A copy of the project that tests may build in, and small exports to build from."""

import gc
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from harness import dbt_plugin, land
from harness.contract import read_tables
from harness.dev import parity
from harness.dev.postgres import environment

REPO = Path(__file__).parents[2]
UNLOGGED = ("--log-level", "none", "--log-level-file", "none")
NO_TESTS = parity.NO_TESTS


class Workshop:
    """A fresh copy of the project, and one data folder at a time for it to work on.

    The data folder is a link that always has the same name, because dbt parses the project anew
    when the path of its database changes.
    """

    def __init__(self, folder: Path):
        self.folder, self.project = folder, folder / "project"
        self.data = folder / "data"
        self.results = []
        listed = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        for name in subprocess.check_output(listed, cwd=REPO, text=True).split("\0"):
            if (REPO / name).is_file():
                (self.project / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPO / name, self.project / name)

    def without_comments(self) -> "Workshop":
        """Leave out the comments on tables, which take a third of a small build."""
        settings = self.project / "dbt_project.yml"
        said, comments = settings.read_text(), "+persist_docs: {relation: true, columns: true}"
        assert comments in said
        settings.write_text(said.replace(comments, ""))
        return self

    def use(self, name: str) -> Path:
        """Work on the data folder of that name from now on."""
        target = self.folder / "datas" / name
        target.mkdir(parents=True, exist_ok=True)
        self.data.unlink(missing_ok=True)
        self.data.symlink_to(target)
        return target

    def land(self, raw: Path, only_empty: bool = False) -> land.Report:
        """Land what stands in a raw folder."""
        return land.land(raw, self.data, read_tables(self.project / "models"), only_empty)

    def dbt(self, *arguments: str) -> tuple[bool, str]:
        """Run dbt; give whether it succeeded, and what it said.

        Nothing is logged: what dbt says is here already. Nor is memory searched for garbage while
        dbt runs: among all that it keeps that takes a tenth of a small build.
        """
        said = []
        runner = dbtRunner(callbacks=[lambda event: said.append(event.info.msg)])
        folders = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        with environment(OMNILOOP_DATA=str(self.data)):
            gc.disable()
            try:
                result = runner.invoke([*UNLOGGED, *arguments, *folders])
            finally:
                gc.enable()
        DuckDBConnectionManager.close_all_connections()
        self.results = getattr(result.result, "results", [])
        return result.success, "\n".join([*said[-60:], str(result.exception or "")])

    def succeed(self, *arguments: str) -> None:
        """Run dbt, which must succeed."""
        succeeded, said = self.dbt(*arguments)
        assert succeeded, said

    def tests(self) -> dict[str, str]:
        """The SQL that counts what each data test of the last run finds, but for mere warnings."""
        nodes = [one.node for one in self.results if one.node.resource_type == "test"]
        return {
            node.name: f"select {node.config.fail_calc} from (\n{node.compiled_code}\n) as found"
            for node in nodes if node.config.severity.lower() == "error"
        }  # fmt: skip

    def found(self, tests: dict[str, str]) -> dict[str, int | str]:
        """What data tests find in the warehouse as it stands: how much, or why they cannot run."""
        found = {}
        with duckdb.connect(str(self.data / "omniloop.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            dbt_plugin.Plugin("omniloop", {}).configure_cursor(connection)  # one test hashes
            for name, sql in tests.items():
                try:
                    found[name] = connection.execute(sql).fetchone()[0]
                except duckdb.Error as error:
                    found[name] = str(error)
        return {name: told for name, told in found.items() if told}

    def marts(self) -> parity.Marts:
        """Every mart as it stands."""
        return parity.duckdb_marts(self.data / "omniloop.duckdb")


def simulate(out: Path, people: int = 300, days: int = 200) -> Path:
    """Write the exports of a small simulated retailer; give their folder."""
    options = f"--people {people} --days {days} --seed 3 --out".split() + [str(out)]
    subprocess.run([sys.executable, "-m", "harness.dev.simulate", *options], check=True, cwd=REPO)
    return out / "raw"


def assert_equal(left: parity.Marts, right: parity.Marts, ignore: tuple[str, ...] = ()) -> None:
    """Fail with the rows in which two sets of marts differ."""
    found = parity.differences(left, right, ignore)
    assert not found, "\n".join(found)
