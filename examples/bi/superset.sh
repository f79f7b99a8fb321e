#!/usr/bin/env bash
# Serves the dashboard of examples/bi/superset over the published marts, on this machine only.
# Users and sessions are kept in data/superset; the dashboard is imported anew at each start.
#     bash examples/bi/superset.sh [published file]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

data=${OMNILOOP_DATA:-data}
port=${SUPERSET_PORT:-8088}
bin=${SUPERSET_BIN:-.venv-bi/bin}
published=${1:-$data/published/omniloop.duckdb}
[ -e "$published" ] || published=${1:-$data/demo/published/omniloop.duckdb}
[ -e "$published" ] || { echo "$published is missing: run make build first"; exit 1; }
[ -x "$bin/superset" ] || { echo "Superset is not installed: run make .venv-bi/.ok first"; exit 1; }

umask 077
export SUPERSET_HOME
SUPERSET_HOME=$(realpath -m "$data/superset")
mkdir -p "$SUPERSET_HOME"
for secret in secret_key password; do
    [ -s "$SUPERSET_HOME/$secret" ] ||
        "$bin/python" -c 'import secrets; print(secrets.token_hex(24))' > "$SUPERSET_HOME/$secret"
done
SUPERSET_SECRET_KEY=$(cat "$SUPERSET_HOME/secret_key")
export SUPERSET_SECRET_KEY
export SUPERSET_CONFIG_PATH=examples/bi/superset_config.py

superset() {
    "$bin/superset" "$@" >> "$SUPERSET_HOME/log" 2>&1 ||
        { tail -n 20 "$SUPERSET_HOME/log"; exit 1; }
}

if [ ! -e "$SUPERSET_HOME/.ok" ]; then
    echo "Preparing $SUPERSET_HOME"
    superset db upgrade
    superset fab create-admin --username admin --firstname Omni --lastname Loop \
        --email admin@localhost --password "$(cat "$SUPERSET_HOME/password")"
    superset init
    touch "$SUPERSET_HOME/.ok"
fi

# The folder is imported with the path of the file it is to read.
bundle=$SUPERSET_HOME/bundle
rm -rf "$bundle" && cp -r examples/bi/superset "$bundle"
sed -i "s|^sqlalchemy_uri:.*|sqlalchemy_uri: duckdb:///$(realpath "$published")|" \
    "$bundle/databases/omniloop.yaml"
superset import-directory --overwrite "$bundle"

echo "http://127.0.0.1:$port/superset/dashboard/channels-and-customers/ reads $published"
echo "Log in as admin; the password is in $SUPERSET_HOME/password"
exec "$bin/gunicorn" --bind "127.0.0.1:$port" --workers 1 --worker-class gthread --threads 8 \
    --timeout 120 --log-level warning "superset.app:create_app()" 2>> "$SUPERSET_HOME/log"
