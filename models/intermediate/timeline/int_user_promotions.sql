-- One row per person and promotion bought in, with all promotions joined until then.
-- Bought in is a purchase on one of the promotion's days, whatever was bought.
with purchases as (
    select * from {{ ref('int_purchases') }}
),

promotions as (
    select
        promotion_name || ' ' || cast(extract(year from from_date) as {{ dbt.type_string() }})
            as promotion_name,
        from_date,
        to_date
    from {{ ref('promotions') }}
),

joined as (
    select
        purchases.user_key,
        promotions.promotion_name,
        min(purchases.purchase_date) as joined_date
    from purchases
    inner join promotions
        on purchases.purchase_date between promotions.from_date and promotions.to_date
    group by 1, 2
),

numbered as (
    select
        *,
        row_number() over (
            partition by user_key order by joined_date, promotion_name
        ) as promotion_number
    from joined
)

select
    numbered.user_key,
    numbered.promotion_name,
    numbered.promotion_number,
    {{ joined_in_order(
        'earlier.promotion_name', ', ', 'earlier.promotion_number'
    ) }} as promotion_names,
    numbered.joined_date
from numbered
inner join numbered as earlier
    on
        numbered.user_key = earlier.user_key
        and numbered.promotion_number >= earlier.promotion_number
group by 1, 2, 3, 5
