"""Whole builds of small exports that several test files look at."""

import os
import subprocess
import sys

import pytest

from harness.dev.workshop import Workshop, simulate


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("builds"))


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("quick")).without_comments()


@pytest.fixture(scope="module")
def quick(copied):
    """A copy that leaves out the comments on tables, which take a third of a small build.

    dbt reads it once for all files of tests. Each finds it right, and may change models and seeds.
    """
    right = contents(copied.project)
    yield copied
    for path in contents(copied.project).keys() - right.keys():
        path.unlink()
    for path, content in right.items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)


def contents(project):
    """The models and seeds of a project: content by path."""
    files = (path for part in ("models", "seeds") for path in (project / part).rglob("*"))
    return {path: path.read_bytes() for path in files if path.is_file()}


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="session")
def omniloop_built(shop, exports):
    """What one `omniloop build` leaves in its data folder."""
    data = shop.use("omniloop")
    env = os.environ | {"OMNILOOP_DATA": str(data), "OMNILOOP_RAW": str(exports),
                        "PYTHONPATH": str(shop.project)}
    command = [sys.executable, "-m", "harness.cli", "build"]
    subprocess.run(command, cwd=shop.project, env=env, check=True)
    return data
