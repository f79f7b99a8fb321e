-- Credit by each plain rule equals its formula, computed touch by touch and then added up.
with touches as (
    select
        *,
        {{ as_double('touch_count') }} as n,
        {{ as_double('count(*) over (partition by conversion_key, channel_key)') }}
            as channel_touch_count,
        case
            when touch_count <= 2 then 1 / {{ as_double('touch_count') }}
            when touch_no in (1, touch_count) then 0.4
            else 0.2 / {{ as_double('touch_count - 2') }}
        end as position_share,
        row_number() over (
            partition by conversion_key, channel_key order by touch_no
        ) as sight_no,
        row_number() over (
            partition by conversion_key
            order by case when channel_key = 'direct' then 1 else 0 end, touch_no desc
        ) as choice_no,
        exp(
            -{{ as_double(seconds_between('touched_at', 'converted_at')) }}
            / 86400 / {{ var('attribution_half_life_days') }} * ln({{ as_double('2') }})
        ) as decay
    from {{ ref('int_journey_touches') }}
),

wholes as (
    select
        conversion_key,
        sum(decay) as decay,
        sum(case when sight_no = 1 then 1 else 0 end) as channel_count
    from touches
    group by 1
),

rules as (
    select attribution_model from {{ ref('attribution_models') }}
    where attribution_model not in ('markov', 'data_driven')
),

shares as (
    select
        touches.conversion_key,
        touches.channel_key,
        touches.campaign_key,
        rules.attribution_model,
        sum(case rules.attribution_model
            when 'first' then case when touches.touch_no = 1 then 1 else 0 end
            when 'last' then case when touches.touch_no = touches.touch_count then 1 else 0 end
            when 'last_non_direct' then case when touches.choice_no = 1 then 1 else 0 end
            when 'linear' then 1 / touches.n
            when 'position' then touches.position_share
            when 'time_decay' then touches.decay / wholes.decay
            when 'shapley' then 1 / (wholes.channel_count * touches.channel_touch_count)
        end) as share
    from touches
    inner join wholes on touches.conversion_key = wholes.conversion_key
    cross join rules
    where touches.conversion_type <> 'repeat_order' or rules.attribution_model <> 'shapley'
    group by 1, 2, 3, 4
),

credits as (
    select * from {{ ref('fct_attribution') }}
    where attribution_model not in ('markov', 'data_driven') and channel_key <> 'unattributed'
)

select
    coalesce(shares.conversion_key, credits.conversion_key) as conversion_key,
    coalesce(shares.attribution_model, credits.attribution_model) as attribution_model,
    shares.share,
    credits.credit_share
from (select * from shares where share > 0) as shares
full join credits
    on
        shares.conversion_key = credits.conversion_key
        and shares.channel_key = credits.channel_key
        and shares.campaign_key = credits.campaign_key
        and shares.attribution_model = credits.attribution_model
where
    abs(coalesce(shares.share, 0) - {{ as_double('coalesce(credits.credit_share, 0)') }})
    > 0.000000002
