-- One row per day to look ahead from and cell of purchases x days since the last: who bought.
-- Trained on the horizon just before that day: how many of those who stood in the cell when it
-- began had bought when it ended. A cell is pulled to the rate of all as if 20 of them were in it.
with requests as (
    select * from {{ ref('int_score_requests') }} where score_name = 'rf_grid'
),

frequencies as (
    select * from {{ ref('propensity_cells') }} where cell_axis = 'frequency'
),

recencies as (
    select * from {{ ref('propensity_cells') }} where cell_axis = 'recency'
),

histories as (
    select * from {{ ref('int_score_histories') }}
),

trained as (
    select
        requests.origin_date,
        began.purchase_count,
        began.idle_days,
        case when ended.last_purchase_date > began.origin_date then 1 else 0 end as is_buyer
    from requests
    inner join histories as ended on requests.origin_date = ended.origin_date
    inner join histories as began
        on
            ended.user_key = began.user_key
            and began.origin_date = {{ add_days('requests.origin_date', '-requests.horizon_days') }}
),

base_rates as (
    select origin_date, avg({{ as_double('is_buyer') }}) as base_rate from trained group by 1
),

cells as (
    select
        requests.origin_date,
        requests.horizon_days,
        frequencies.cell_no as frequency_no,
        recencies.cell_no as recency_no,
        frequencies.cell_name || ', ' || recencies.cell_name as cell_name,
        frequencies.from_value as from_purchases,
        coalesce(frequencies.to_value, 1000000) as to_purchases,
        recencies.from_value as from_idle_days,
        coalesce(recencies.to_value, 1000000) as to_idle_days
    from requests
    cross join frequencies
    cross join recencies
),

counted as (
    select
        cells.origin_date,
        cells.frequency_no,
        cells.recency_no,
        count(*) as customers,
        sum(trained.is_buyer) as buyers
    from trained
    inner join cells
        on
            trained.origin_date = cells.origin_date
            and trained.purchase_count between cells.from_purchases and cells.to_purchases
            and trained.idle_days between cells.from_idle_days and cells.to_idle_days
    group by 1, 2, 3
)

select
    {{ key_of(['cells.origin_date', 'cells.frequency_no', 'cells.recency_no']) }} as cell_key,
    cells.cell_name,
    cells.horizon_days,
    cast(cells.from_purchases as bigint) as from_purchases,
    cast(cells.to_purchases as bigint) as to_purchases,
    cast(cells.from_idle_days as bigint) as from_idle_days,
    cast(cells.to_idle_days as bigint) as to_idle_days,
    cast(coalesce(counted.customers, 0) as bigint) as customers,
    cast(coalesce(counted.buyers, 0) as bigint) as buyers,
    (coalesce(counted.buyers, 0) + 20 * base_rates.base_rate)
    / (coalesce(counted.customers, 0) + 20) as purchase_probability,
    cells.origin_date
from cells
inner join base_rates on cells.origin_date = base_rates.origin_date
left join counted
    on
        cells.origin_date = counted.origin_date
        and cells.frequency_no = counted.frequency_no
        and cells.recency_no = counted.recency_no
