-- One row per source table and currency: what was delivered, what became of it, what the marts hold.
-- raw = accepted + superseded + rejected, in records and money; accepted money = placed + unplaced,
-- and what rounding to the cent did stands in a column of its own.
with delivered as (
    select * from {{ ref('qa_records_delivered') }}
),

judged as (
    select * from {{ ref('qa_records_judged') }}
),

placed as (
    select * from {{ ref('qa_money_placed') }}
),

malformed as (
    select source_name, table_name, count(*) as malformed_records from {{ source('landing', 'rejects') }} group by 1, 2
)

select
    {{ key_of(['delivered.source_name', 'delivered.table_name', 'delivered.currency_code']) }} as source_reconciliation_key,
    delivered.source_name,
    delivered.table_name,
    delivered.currency_code,
    cast(delivered.raw_records as bigint) as raw_records,
    cast(judged.accepted_records as bigint) as accepted_records,
    cast(judged.superseded_records as bigint) as superseded_records,
    cast(judged.rejected_records as bigint) as rejected_records,
    cast(0 as bigint) as erased_records,
    cast(case when delivered.currency_code = max(delivered.currency_code) over (partition by delivered.source_name, delivered.table_name) then coalesce(malformed.malformed_records, 0) else 0 end as bigint) as malformed_records,
    cast(judged.records_without_person as bigint) as records_without_person,
    cast(delivered.raw_amount as decimal(28, 6)) as raw_original_amount,
    cast(judged.accepted_amount as decimal(28, 6)) as accepted_original_amount,
    cast(judged.superseded_amount as decimal(28, 6)) as superseded_original_amount,
    cast(judged.rejected_amount as decimal(28, 6)) as rejected_original_amount,
    cast(placed.placed_amount as decimal(28, 6)) as placed_original_amount,
    cast(case when placed.placed_amount is not null or delivered.table_name in ('order_lines', 'refund_lines', 'ticket_lines', 'campaign_stats') then coalesce(judged.accepted_amount, 0) - coalesce(placed.placed_amount, 0) end as decimal(28, 6)) as unplaced_original_amount,
    cast(placed.mart_amount as decimal(18, 2)) as mart_amount,
    cast(placed.mart_amount - placed.converted_amount as decimal(28, 6)) as rounding_difference_amount
from delivered
left join judged
    on
        delivered.source_name = judged.source_name
        and delivered.table_name = judged.table_name
        and delivered.currency_code = judged.currency_code
left join placed
    on
        delivered.source_name = placed.source_name
        and delivered.table_name = placed.table_name
        and delivered.currency_code = placed.currency_code
left join malformed on delivered.source_name = malformed.source_name and delivered.table_name = malformed.table_name
