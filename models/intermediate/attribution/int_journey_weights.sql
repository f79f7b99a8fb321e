-- One row per conversion, channel and campaign of its journey, with its weight in each model.
-- Weights count only against each other. One more row is the base of `data_driven`, and one stands
-- for a conversion without any touch.
with conversions as (
    select * from {{ ref('int_conversions') }}
),

effects as (
    select
        conversion_type,
        version_month_date,
        channel_key,
        max(case when attribution_model = 'markov' then effect end) as removal_effect,
        max(case when attribution_model = 'data_driven' then effect end) as hazard
    from {{ ref('int_channel_effects') }}
    group by conversion_type, version_month_date, channel_key
),

parts as (
    select
        conversion_key,
        channel_key,
        campaign_key,
        conversion_type,
        {{ month_start('conversion_date') }} as month_date,
        touch_count as journey_touch_count,
        {{ as_double('count(*)') }} as touch_count,
        min(touch_no) as first_touch_no,
        max(touch_no) as last_touch_no,
        sum({{ decayed_weight('touched_at', 'converted_at') }}) as time_decay_weight
    from {{ ref('int_journey_touches') }}
    group by
        conversion_key, channel_key, campaign_key, conversion_type, month_date, journey_touch_count
),

measured as (
    select
        parts.*,
        coalesce(effects.removal_effect, 0) as removal_effect,
        coalesce(effects.hazard, 0) as hazard,
        coalesce(max(case when parts.channel_key <> 'direct' then parts.last_touch_no end) over (
            partition by parts.conversion_key
        ), parts.journey_touch_count) as last_non_direct_no,
        max(coalesce(effects.removal_effect, 0)) over (
            partition by parts.conversion_key
        ) as largest_removal_effect,
        sum(parts.touch_count) over (
            partition by parts.conversion_key, parts.channel_key
        ) as channel_touch_count
    from parts
    left join effects
        on
            parts.conversion_type = effects.conversion_type
            and parts.month_date = effects.version_month_date
            and parts.channel_key = effects.channel_key
),

-- Position gives 40 % to each end and 20 % to the n - 2 between: 2 (n - 2) to 1. With two touches,
-- or one, all share alike.
ends as (
    select
        *,
        case when first_touch_no = 1 then 1 else 0 end as first_weight,
        case when last_touch_no = journey_touch_count then 1 else 0 end as last_weight,
        greatest(2 * journey_touch_count - 5, 0) as end_weight
    from measured
)

select
    conversion_key,
    channel_key,
    campaign_key,
    cast(touch_count as bigint) as touch_count,
    first_touch_no,
    first_weight,
    last_weight,
    case when last_touch_no = last_non_direct_no then 1 else 0 end as last_non_direct_weight,
    touch_count as linear_weight,
    touch_count + (first_weight + last_weight) * end_weight as position_weight,
    time_decay_weight,
    {{ whole_weight('touch_count / channel_touch_count') }} as shapley_weight,
    -- Where no channel of the journey was ever missed its touches share alike.
    case
        when largest_removal_effect < 0.000000001 then touch_count
        else {{ whole_weight('removal_effect * touch_count / channel_touch_count') }}
    end as markov_weight,
    {{ whole_weight('hazard * touch_count') }} as data_driven_weight
from ends
union all
select
    conversion_key,
    'base',
    'unknown',
    0,
    max(last_touch_no) + 1,
    0, 0, 0, 0, 0, 0, 0, 0,
    greatest({{ whole_weight(var('base_conversion_rate')) }}, 1)
from parts
group by conversion_key
union all
select
    conversions.conversion_key,
    'unattributed',
    'unknown',
    0,
    1,
    1, 1, 1, 1, 1, 1, 1, 1, 1
from conversions
left join parts on conversions.conversion_key = parts.conversion_key
where parts.conversion_key is null
