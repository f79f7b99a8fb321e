-- One row per product and stretch of days, with the cost of one piece on those days.
-- Where delivered periods overlap the record written last counts: by change, then load, then start.
with costs as (
    select
        *,
        coalesce({{ add_days('valid_to_date', 1) }}, cast('9999-12-31' as date)) as valid_until_date
    from {{ ref('stg_erp__product_costs') }}
),

bounds as (
    select sku, valid_from_date as from_date from costs
    union
    select sku, valid_until_date from costs
),

stretches as (
    select
        sku,
        from_date,
        lead(from_date) over (partition by sku order by from_date) as until_date
    from bounds
),

ranked as (
    select
        stretches.sku,
        stretches.from_date,
        stretches.until_date,
        costs.unit_cost_original_amount,
        costs.currency_code,
        row_number() over (
            partition by stretches.sku, stretches.from_date
            order by
                costs.changed_at desc nulls last, costs.load_no desc,
                costs.valid_from_date desc, costs.product_cost_id desc
        ) as cost_no
    from stretches
    inner join costs
        on
            stretches.sku = costs.sku
            and stretches.from_date >= costs.valid_from_date
            and stretches.from_date < costs.valid_until_date
)

select
    {{ key_of(['sku', 'from_date']) }} as product_cost_key,
    sku,
    unit_cost_original_amount,
    currency_code,
    from_date as valid_from_date,
    until_date as valid_to_date
from ranked
where cost_no = 1
