#!/usr/bin/env bash
# Invoice lines to marts and figures: run.sh [SOURCE]; without one, the small copy in this folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(realpath "${1:-$here/invoice_lines.parquet}")
export OMNILOOP_DATA=${OMNILOOP_DATA:-$here/../../data/example}
mkdir -p "$OMNILOOP_DATA"
OMNILOOP_DATA=$(cd "$OMNILOOP_DATA" && pwd)
export OMNILOOP_RAW=$OMNILOOP_DATA/raw
export DBT_TARGET_PATH=$OMNILOOP_DATA/target DBT_LOG_PATH=$OMNILOOP_DATA/logs
cd "$here/../.."
export PATH=$PWD/.venv/bin:$PATH

stamp=$(cat "$source" "$here/make_exports.py" | cksum)
if [ -e "$OMNILOOP_DATA/landed" ] && [ "$stamp" != "$(cat "$OMNILOOP_DATA/stamp" 2>&1)" ]; then
    echo "$OMNILOOP_DATA holds other data: remove it, or set OMNILOOP_DATA to another folder" >&2
    exit 1
fi
echo "$stamp" > "$OMNILOOP_DATA/stamp"

python "$here/make_exports.py" "$source" "$OMNILOOP_RAW"
omniloop land
echo "dbt build, for a minute or so ..."
dbt --quiet build --exclude-resource-type unit_test --vars \
    '{reporting_currency: GBP, reporting_time_zone: Europe/London, as_of_date: 2010-12-09}'
python "$here/show.py" "$here/figures.sql"
echo "How raw lines become these figures: python examples/online_retail/show.py" \
    "examples/online_retail/path_to_figures.sql"
