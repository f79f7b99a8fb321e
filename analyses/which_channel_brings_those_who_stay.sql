-- Which channel brings those who stay? What a customer cost, how sure it is that they come back,
-- what they are worth and what goes wrong with them. Channels with too few customers stand last.
select
    channels.channel_name,
    channels.channel_name_zh,
    quality.quality_note,
    quality.new_customers,
    quality.cac_amount,
    quality.repeat_90d_rate,
    quality.repeat_90d_low_rate,
    quality.repeat_90d_high_rate,
    quality.km_median_days as repurchase_cycle_days,
    quality.ltv_margin_90d_amount,
    {{ ratio('quality.ltv_margin_90d_amount', 'quality.cac_amount') }} as ltv_cac_ratio,
    quality.refund_rate,
    quality.lapsed_share,
    quality.bad_outcome_rate,
    quality.payback_days
from {{ ref('channel_quality') }} as quality
inner join {{ ref('dim_channels') }} as channels
    on quality.acquisition_channel_key = channels.channel_key
order by
    case when quality.quality_note = 'too_few_customers' then 1 else 0 end asc,
    quality.repeat_90d_rate desc nulls last
