"""Gives database sessions the pads of the identifier hash, so that the secret never is in SQL.

The secret stands in DBT_ENV_SECRET_OMNILOOP (dbt also scrubs variables of that prefix from its
logs). Without it the demo secret is used, which anyone can read here: `production` refuses it.
"""

import hashlib
import os
import sys

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

DEMO = "omniloop-demo-secret-not-for-production"


def pads(secret: str) -> tuple[str, str]:
    """Return the inner and outer HMAC-SHA256 pads of a secret as hex."""
    key = secret.encode()
    key = hashlib.sha256(key).digest() if len(key) > 64 else key
    key = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in key).hex(), bytes(b ^ 0x5C for b in key).hex()


def postgres_options() -> str:
    """PGOPTIONS that give a Postgres session the pads, where DuckDB gets them from the plugin."""
    inner, outer = pads(os.environ.get("DBT_ENV_SECRET_OMNILOOP") or DEMO)
    return f"-c omniloop.hmac_inner={inner} -c omniloop.hmac_outer={outer}"


class Plugin(BasePlugin):
    """Sets the session variables hmac_inner and hmac_outer on every cursor."""

    def initialize(self, plugin_config):
        """Read the secret from the environment; production refuses a missing or known one."""
        secret = os.environ.get("DBT_ENV_SECRET_OMNILOOP", "")
        if plugin_config.get("production") and (len(secret) < 32 or secret == DEMO):
            raise DbtRuntimeError(
                "production needs DBT_ENV_SECRET_OMNILOOP, a secret of 32 characters or more"
            )
        self.inner, self.outer = pads(secret or DEMO)

    def configure_cursor(self, cursor):
        """Set the pads on a cursor; session variables are lost in a copy."""
        cursor.execute(f"set variable hmac_inner = '{self.inner}'")
        cursor.execute(f"set variable hmac_outer = '{self.outer}'")


if __name__ == "__main__":
    if "DBT_ENV_SECRET_OMNILOOP" not in os.environ:
        sys.exit("set DBT_ENV_SECRET_OMNILOOP, the secret that identifiers are hashed with")
    print(postgres_options())
