"""Deliberate faults, one at a time in a copy of the project: each must turn a named test red.

    python -m harness.dev.mutations [--only WORD] [--keep DIR]

harness/dev/mutations.yml lists them: which text of which file becomes which, which models are built
then and which tests are run. `deliveries: true` builds the models twice, the second time after some
orders that were late. First everything runs without a fault, and must be green. Tells of each fault
which tests turned red; the exit code is 1 when any fault survives.
"""

import argparse
import fnmatch
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from harness.dev.workshop import NO_TESTS, Workshop, simulate

LIST = Path(__file__).with_suffix(".yml")
LATE = Path("shop/orders")


@dataclass(frozen=True)
class Fault:
    """One fault: `old` stands exactly once in `file` and becomes `new`."""

    name: str
    kind: str
    file: str
    old: str
    new: str
    tests: list[str]
    build: list[str] = field(default_factory=list)
    deliveries: bool = False

    def applied(self, text: str) -> str:
        """The text of the file with the fault in it; ValueError when it does not fit."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.file} does not hold once: {self.old}")
        return text.replace(self.old, self.new)


def read() -> list[Fault]:
    """All faults of the list, in its order."""
    return [Fault(**one) for one in yaml.safe_load(LIST.read_text())]


def told(target: Path) -> dict[str, str]:
    """What became of each test and model of the last dbt run, by name: pass, fail, error, ..."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    parts = [(one["unique_id"].split("."), one["status"]) for one in results]
    return {part[3 if part[0] == "unit_test" else 2]: status for part, status in parts}


class Bench:
    """A copy of the project, and a small simulated retailer built once, some of its orders late."""

    def __init__(self, folder: Path):
        self.workshop = Workshop(folder).without_comments()
        self.target = folder / "target"
        raw = simulate(folder / "exports")
        late = hold_back(raw / LATE)
        early = self.workshop.use("early").resolve()
        self.workshop.land(raw)
        self.workshop.succeed("build", "--target-path", str(self.target), *NO_TESTS)
        shutil.copy(early / "omniloop.duckdb", folder / "built.duckdb")
        second = self.workshop.use("late").resolve()
        shutil.copytree(early / "landed", second / "landed", dirs_exist_ok=True)
        for name, lines in late.items():
            (raw / LATE / f"late_{name}").write_bytes(lines)
        self.workshop.land(raw)
        self.early, self.late, self.built = early, second, folder / "built.duckdb"

    def run(self, build: list[str], tests: list[str], deliveries: bool) -> dict[str, str]:
        """Build and test from the state as built; give what `told` gives."""
        self.workshop.use(self.early.name)
        if not build:  # unit tests bring their own rows, and dbt builds none without its model
            return self.dbt("test", *tests)
        shutil.copy(self.built, self.early / "omniloop.duckdb")
        if deliveries:
            self.dbt("build", *build)
            self.workshop.use(self.late.name)
            shutil.copy(self.early / "omniloop.duckdb", self.late / "omniloop.duckdb")
        return self.dbt("build", *build, *tests)

    def dbt(self, command: str, *names: str) -> dict[str, str]:
        """Run dbt on these and no more."""
        results = self.target / "run_results.json"
        results.unlink(missing_ok=True)
        options = ["--target-path", str(self.target), "--log-level", "none"]
        only = ["--indirect-selection", "empty", "--select", *names]
        _, said = self.workshop.dbt(command, *options, *only)
        if not results.exists():
            raise RuntimeError(said)
        return told(self.target)

    def tried(self, fault: Fault) -> dict[str, str]:
        """Build and test with the fault in the copy, which is right again afterwards."""
        path = self.workshop.project / fault.file
        right = path.read_text()
        path.write_text(fault.applied(right))
        try:
            return self.run(fault.build, fault.tests, fault.deliveries)
        finally:
            path.write_text(right)


def hold_back(folder: Path) -> dict[str, bytes]:
    """Take every fifth record out of the CSV files of a folder; give them by name of file."""
    late = {}
    for path in sorted(folder.glob("*.csv")):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        late[path.name] = b"".join([header, *lines[::5]])
        del lines[::5]
        path.write_bytes(b"".join([header, *lines]))
    return late


def control(bench: Bench, faults: list[Fault]) -> list[str]:
    """What is wrong without any fault: tests that are red or are none, models that do not build."""
    wrong = []
    for kind in sorted({(bool(fault.build), fault.deliveries) for fault in faults}):
        of = [fault for fault in faults if (bool(fault.build), fault.deliveries) == kind]
        build = sorted({name for fault in of for name in fault.build})
        tests = sorted({name for fault in of for name in fault.tests})
        became = bench.run(build, tests, kind[1])
        passed = [name for name, status in became.items() if status == "pass"]
        wrong += [name for name, status in became.items() if status not in ("pass", "success")]
        wrong += [name for name in tests if not fnmatch.filter(passed, name)]
    return wrong


def main() -> int:
    """Try all faults and print the list."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="faults whose name, kind or file has this word")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    args = parser.parse_args()
    faults = [one for one in read() if args.only in f"{one.name} {one.kind} {one.file}"]
    folder = args.keep or Path(tempfile.mkdtemp(prefix="mutations"))
    started, survived = time.perf_counter(), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder)
        wrong = control(bench, faults)
        if wrong:
            print("Without any fault these are wrong already:", *wrong)
            return 1
        for number, fault in enumerate(faults, 1):
            became = bench.tried(fault)
            red = sorted(name for name, status in became.items() if status == "fail")
            broken = sorted(name for name, status in became.items() if status == "error")
            survived += not red
            print(f"{number:3}  {fault.kind}: {fault.name}\n     {fault.file}")
            for name in red or ["none, it SURVIVED"]:
                print(f"       red: {name}", flush=True)
            for name in broken:
                print(f"       does not run: {name}", flush=True)
    finally:
        if not args.keep:
            shutil.rmtree(folder)
    print(f"{len(faults)} faults, {survived} survived, {time.perf_counter() - started:.0f} s")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
