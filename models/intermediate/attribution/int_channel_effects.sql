-- One row per version, channel and fitted attribution model with the channel's effect.
-- `markov`: the removal effect; `data_driven`: what one touch adds to the chance of a conversion.
with effects as (
    select version_no, channel_key, 'markov' as attribution_model, removal_effect as effect
    from {{ ref('int_removal_effects') }}
    union all
    select version_no, channel_key, 'data_driven', hazard from {{ ref('int_channel_hazards') }}
),

versions as (
    select * from {{ ref('int_attribution_versions') }}
),

counts as (
    select
        versions.version_no,
        moments.term_a as channel_key,
        sum(case when moments.term_b = '(all)' then moments.moment else 0 end) as touch_count,
        sum(
            case when moments.term_b = '(converted)' then moments.moment else 0 end
        ) as converted_touch_count
    from versions
    inner join {{ ref('int_channel_moments') }} as moments
        on
            versions.conversion_type = moments.conversion_type
            and moments.month_date >= versions.first_month_date
            and moments.month_date <= versions.version_month_date
    group by 1, 2
)

select
    {{ key_of([
        'versions.conversion_type', 'versions.version_month_date', 'effects.channel_key',
        'effects.attribution_model'
    ]) }} as channel_effect_key,
    effects.channel_key,
    versions.conversion_type,
    effects.attribution_model,
    effects.effect,
    cast(counts.touch_count as bigint) as touch_count,
    cast(counts.converted_touch_count as bigint) as converted_touch_count,
    versions.version_month_date
from effects
inner join versions on effects.version_no = versions.version_no
inner join counts
    on effects.version_no = counts.version_no and effects.channel_key = counts.channel_key
