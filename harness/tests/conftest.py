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
