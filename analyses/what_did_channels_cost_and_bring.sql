-- What did each paid channel cost, what came back in cash, and what do the platforms claim?
select
    channels.channel_name,
    channels.channel_name_zh,
    sum(roi.spend) as spend,
    sum(roi.cash_new_customers) as new_customers,
    sum(roi.cash_net_revenue_amount) as cash_net_revenue_amount,
    sum(roi.claimed_amount) as claimed_amount,
    {{ ratio('sum(roi.cash_net_revenue_amount)', 'sum(roi.spend)') }} as cash_roas,
    {{ ratio('sum(roi.claimed_amount)', 'sum(roi.spend)') }} as claimed_roas
from {{ ref('channel_roi') }} as roi
inner join {{ ref('dim_channels') }} as channels on roi.acquisition_channel_key = channels.channel_key
where channels.is_paid
group by 1, 2
order by spend desc
