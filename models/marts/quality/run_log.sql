-- One row per run of `omniloop build`, with what it loaded and whether it succeeded.
select
    run_id as run_log_key,
    origin,
    code_version,
    run_status,
    model_count,
    test_count,
    failed_count,
    load_count,
    started_at,
    finished_at
from {{ source('runs', 'builds') }}
