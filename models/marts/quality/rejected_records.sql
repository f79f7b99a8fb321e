-- One row per delivered record that was not accepted, with every reason; no values.
-- A record that could not be read at all has its line number; ad rows without a currency come from
-- the timeline, which alone knows the accounts.
with judged as (
    select * from {{ ref('qa_records_judged') }}
),

ads as (
    select * from {{ ref('int_ad_performance') }}
),

rejected as (
    select source_name, table_name, file_name, abs(record_no) as record_no, load_no, reject_reasons
    from judged
    where row_status = 'rejected'
    union all
    select platform, table_name, file_name, record_no, load_no, reject_reasons
    from ads
    where row_status = 'rejected'
)

select
    {{ key_of([
        'source_name', 'table_name', 'load_no', 'record_no', 'reject_reasons', 'file_name'
    ]) }} as rejected_record_key,
    source_name,
    table_name,
    file_name,
    record_no,
    load_no,
    reject_reasons
from rejected
