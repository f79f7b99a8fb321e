-- One row per source table and currency: what was delivered, what became of it, what marts hold.
-- raw = accepted + superseded + rejected + erased, in records and money; accepted money = placed +
-- unplaced, and what rounding to the cent did stands in a column of its own.
with delivered as (
    select
        source_name,
        table_name,
        currency_code,
        count(*) as raw_records,
        sum(original_amount) as raw_amount
    from {{ ref('qa_records_delivered') }}
    group by 1, 2, 3
),

judged as (
    select
        source_name,
        table_name,
        currency_code,
        count(case when row_status = 'accepted' then 1 end) as accepted_records,
        count(case when row_status = 'superseded' then 1 end) as superseded_records,
        count(case when row_status = 'rejected' then 1 end) as rejected_records,
        count(case when is_without_person then 1 end) as records_without_person,
        sum(case when row_status = 'accepted' then original_amount end) as accepted_amount,
        sum(case when row_status = 'superseded' then original_amount end) as superseded_amount,
        sum(case when row_status = 'rejected' then original_amount end) as rejected_amount
    from {{ ref('qa_records_judged') }}
    group by 1, 2, 3
),

placed as (
    select
        source_name,
        table_name,
        currency_code,
        sum(original_amount) as placed_amount,
        sum(mart_amount) as mart_amount,
        sum(mart_amount - converted_amount) as rounding_amount
    from {{ ref('qa_records_placed') }}
    group by 1, 2, 3
),

placeable as (
    select distinct source_name, table_name from {{ ref('qa_records_placed') }}
)

select
    {{ key_of([
        'delivered.source_name', 'delivered.table_name', 'delivered.currency_code'
    ]) }} as source_reconciliation_key,
    delivered.source_name,
    delivered.table_name,
    delivered.currency_code,
    cast(delivered.raw_records as bigint) as raw_records,
    cast(coalesce(judged.accepted_records, 0) as bigint) as accepted_records,
    cast(coalesce(judged.superseded_records, 0) as bigint) as superseded_records,
    cast(coalesce(judged.rejected_records, 0) as bigint) as rejected_records,
    cast(0 as bigint) as erased_records,
    cast(coalesce(judged.records_without_person, 0) as bigint) as records_without_person,
    cast(delivered.raw_amount as decimal(28, 6)) as raw_original_amount,
    cast(judged.accepted_amount as decimal(28, 6)) as accepted_original_amount,
    cast(judged.superseded_amount as decimal(28, 6)) as superseded_original_amount,
    cast(judged.rejected_amount as decimal(28, 6)) as rejected_original_amount,
    cast(placed.placed_amount as decimal(28, 6)) as placed_original_amount,
    cast(
        case
            when placeable.table_name is not null
                then coalesce(judged.accepted_amount, 0) - coalesce(placed.placed_amount, 0)
        end
        as decimal(28, 6)
    ) as unplaced_original_amount,
    cast(placed.mart_amount as decimal(18, 2)) as mart_amount,
    cast(placed.rounding_amount as decimal(28, 6)) as rounding_difference_amount
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
left join placeable
    on
        delivered.source_name = placeable.source_name
        and delivered.table_name = placeable.table_name
