-- One row per conversion, channel and campaign of its journey, with its weight in each model.
-- Weights matter only against each other. One more row holds the base of `data_driven`, and one
-- stands for a conversion without any touch.
with touches as (
    select * from {{ ref('int_journey_touches') }}
),

conversions as (
    select * from {{ ref('int_conversions') }}
),

parts as (
    select
        conversion_key,
        channel_key,
        campaign_key,
        touch_count as journey_touch_count,
        cast(count(*) as double precision) as touch_count,
        min(touch_no) as first_touch_no,
        max(touch_no) as last_touch_no,
        sum({{ decayed_weight('touched_at', 'converted_at') }}) as time_decay_weight
    from touches
    group by 1, 2, 3, 4
),

measured as (
    select
        *,
        coalesce(
            max(case when channel_key <> 'direct' then last_touch_no end)
                over (partition by conversion_key),
            journey_touch_count
        ) as headline_touch_no,
        sum(touch_count) over (partition by conversion_key, channel_key) as channel_touch_count
    from parts
)

select
    conversion_key,
    channel_key,
    campaign_key,
    cast(touch_count as bigint) as touch_count,
    first_touch_no,
    case when first_touch_no = 1 then 1 else 0 end as first_weight,
    case when last_touch_no = journey_touch_count then 1 else 0 end as last_weight,
    case when last_touch_no = headline_touch_no then 1 else 0 end as last_non_direct_weight,
    touch_count as linear_weight,
    -- 40 to 20 over the n - 2 between to 40, all times 5 (n - 2); 1 or 2 touches share alike
    case
        when journey_touch_count <= 2 then touch_count
        else
            touch_count
            + case when first_touch_no = 1 then 2 * journey_touch_count - 5 else 0 end
            + case
                when last_touch_no = journey_touch_count then 2 * journey_touch_count - 5 else 0
            end
    end as position_weight,
    time_decay_weight,
    {{ whole_weight('touch_count / channel_touch_count') }} as shapley_weight
from measured
union all
select
    conversions.conversion_key,
    'unattributed',
    'unknown',
    0,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1
from conversions
left join parts on conversions.conversion_key = parts.conversion_key
where parts.conversion_key is null
