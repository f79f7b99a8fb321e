import hashlib
import hmac
import subprocess
import sys

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from harness import dbt_plugin
from harness.contract import ROOT

HASH = """select sha256(unhex(getvariable('hmac_outer'))
    || unhex(sha256(unhex(getvariable('hmac_inner')) || encode(?))))"""


@pytest.mark.parametrize("secret", ["", "short", "x" * 64, "y" * 200])
def test_the_hash_in_sql_is_hmac_sha256(monkeypatch, secret):
    monkeypatch.setenv("DBT_ENV_SECRET_OMNILOOP", secret)
    con = duckdb.connect()
    dbt_plugin.Plugin("omniloop", {}).configure_cursor(con)
    key = (secret or dbt_plugin.DEMO).encode()
    assert con.execute(HASH, ["13812345678"]).fetchone()[0] == hmac.new(
        key, b"13812345678", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", ["", "x" * 31, dbt_plugin.DEMO])
def test_production_refuses_a_missing_short_or_known_secret(monkeypatch, secret):
    monkeypatch.setenv("DBT_ENV_SECRET_OMNILOOP", secret)
    with pytest.raises(DbtRuntimeError, match="DBT_ENV_SECRET_OMNILOOP") as error:
        dbt_plugin.Plugin("omniloop", {"production": True})
    assert not secret or secret not in str(error.value)


def test_production_takes_a_real_secret_and_postgres_the_same_pads(monkeypatch):
    monkeypatch.setenv("DBT_ENV_SECRET_OMNILOOP", "x" * 32)
    plugin = dbt_plugin.Plugin("omniloop", {"production": True})
    assert dbt_plugin.postgres_options() == (
        f"-c omniloop.hmac_inner={plugin.inner} -c omniloop.hmac_outer={plugin.outer}")
    assert "x" * 32 not in dbt_plugin.postgres_options()


def test_the_options_for_postgres_are_printed_only_with_a_secret(monkeypatch):
    command = [sys.executable, "-m", "harness.dbt_plugin"]
    monkeypatch.setenv("DBT_ENV_SECRET_OMNILOOP", "x" * 32)
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == dbt_plugin.postgres_options() + "\n"
    monkeypatch.delenv("DBT_ENV_SECRET_OMNILOOP")
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("set DBT_ENV_SECRET_OMNILOOP")
