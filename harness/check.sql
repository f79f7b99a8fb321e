-- What `omniloop check metrics` holds against each other. A section is named by a metric and what it
-- is cut by; `until` names the metric family whose as-of day ends the mart, where the metric's own
-- may be later. Below stand the same figures of the mart: the cuts in that order, the figure last.

-- [active_users by metric_time__day]
select activity_date, active_users_1d from marts.active_users where sales_channel_key = 'all'

-- [active_users by metric_time__day, sales_channel]
select activity_date, sales_channel_key, active_users_1d
from marts.active_users where sales_channel_key <> 'all'

-- [active_users_7d by metric_time__day]
select activity_date, active_users_7d from marts.active_users where sales_channel_key = 'all'

-- [active_users_7d by metric_time__day, sales_channel]
select activity_date, sales_channel_key, active_users_7d
from marts.active_users where sales_channel_key <> 'all'

-- [active_users_28d by metric_time__day]
select activity_date, active_users_28d from marts.active_users where sales_channel_key = 'all'

-- [active_users_28d by metric_time__day, sales_channel]
select activity_date, sales_channel_key, active_users_28d
from marts.active_users where sales_channel_key <> 'all'

-- [stickiness by metric_time__day]
select activity_date, stickiness_rate from marts.active_users where sales_channel_key = 'all'

-- [visitors by metric_time__day]
select activity_date, visitors_1d from marts.active_users where sales_channel_key = 'all'

-- [visitors_7d by metric_time__day]
select activity_date, visitors_7d from marts.active_users where sales_channel_key = 'all'

-- [visitors_28d by metric_time__day]
select activity_date, visitors_28d from marts.active_users where sales_channel_key = 'all'

-- [valid_orders by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, cash_orders from marts.channel_roi

-- [net_revenue by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, cash_net_revenue_amount from marts.channel_roi

-- [net_revenue by metric_time__day, sales_channel]
select order_date, sales_channel_key, sum(net_revenue_amount)
from marts.fct_orders
where order_date <= (select as_of_date from marts.dim_as_of where metric_family = 'orders')
group by all

-- [margin by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, cash_margin_amount from marts.channel_roi

-- [aov by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, cash_net_revenue_amount / nullif(cash_orders, 0)
from marts.channel_roi

-- [new_customers by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, new_customers
from marts.repeat_rate where horizon_days = 7

-- [new_customers by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, cash_new_customers from marts.channel_roi

-- [repeat_rate_7d by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, repeat_rate
from marts.repeat_rate where horizon_days = 7

-- [repeat_rate_30d by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, repeat_rate
from marts.repeat_rate where horizon_days = 30

-- [repeat_rate_90d by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, repeat_rate
from marts.repeat_rate where horizon_days = 90

-- [repeat_rate_180d by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, repeat_rate
from marts.repeat_rate where horizon_days = 180

-- [repeat_rate_365d by metric_time__month, acquisition_channel]
select cohort_month_date, acquisition_channel_key, repeat_rate
from marts.repeat_rate where horizon_days = 365

-- [spend by metric_time__month, acquisition_channel until roi]
select month_date, acquisition_channel_key, spend from marts.channel_roi

-- [clicks by metric_time__day, ad_performance__platform]
select date_day, platform, sum(clicks)
from marts.fct_ad_performance
where date_day <= (select as_of_date from marts.dim_as_of where metric_family = 'spend')
group by all

-- [cash_roas by metric_time__month, acquisition_channel]
select month_date, acquisition_channel_key, cash_roas from marts.channel_roi

-- [cac by metric_time__month, acquisition_channel]
-- The mart does not say it where some customers may not have been new.
select month_date, acquisition_channel_key, case when truncated_customers = 0 then cash_cac_amount
    else nullif(spend, 0) / nullif(cash_new_customers, 0) end
from marts.channel_roi

-- [impressions by metric_time__day, ad_performance__platform]
select date_day, platform, sum(impressions)
from marts.fct_ad_performance
where date_day <= (select as_of_date from marts.dim_as_of where metric_family = 'spend')
group by all

-- [impressions by metric_time__month, channel, campaign until roi]
select month_date, channel_key, campaign_key, impressions
from marts.campaign_performance where impressions is not null

-- [ctr by metric_time__month, channel, campaign until roi]
select month_date, channel_key, campaign_key, click_rate
from marts.campaign_performance where impressions is not null

-- [cpc by metric_time__month, channel, campaign until roi]
select month_date, channel_key, campaign_key, cpc_amount
from marts.campaign_performance where impressions is not null

-- [cpm by metric_time__month, channel, campaign until roi]
select month_date, channel_key, campaign_key, cpm_amount
from marts.campaign_performance where impressions is not null

-- [registrations by metric_time__month]
select month_date, sum(credited_registrations) from marts.campaign_performance group by all

-- [credited_registrations by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, credited_registrations
from marts.campaign_performance

-- [credited_new_customers by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, credited_new_customers
from marts.campaign_performance

-- [credited_orders by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, credited_orders from marts.campaign_performance

-- [credited_net_revenue by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, net_revenue_amount from marts.campaign_performance

-- [cvr by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, orders_per_click
from marts.campaign_performance where is_advertised

-- [cost_per_registration by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, cost_per_registration_amount
from marts.campaign_performance where is_advertised

-- [credited_cac by metric_time__month, channel, campaign]
-- The mart does not say it where some customers may not have been new.
select month_date, channel_key, campaign_key,
    case when credited_first_orders <= credited_new_customers then cac_amount
        else nullif(spend, 0) / nullif(credited_new_customers, 0) end
from marts.campaign_performance where is_advertised

-- [credited_roas by metric_time__month, channel, campaign]
select month_date, channel_key, campaign_key, roas
from marts.campaign_performance where is_advertised

-- [compared]
-- What only one side has must be 0 or nothing there; ratios are told to six decimals.
select count(*) as row_count, count_if(is_different) as difference_count,
    min(place || format(': metric {{}}, mart {{}}', coalesce(metric_value::text, 'nothing'),
        coalesce(mart_value::text, 'nothing'))) filter (is_different) as example
from (
    select concat_ws(', ', {keys}) as place, metric_value, mart_value,
        case when metric.is_here and mart.is_here and (metric_value is null or mart_value is null)
            then metric_value is distinct from mart_value
            else abs(coalesce(metric_value, 0)::double - coalesce(mart_value, 0)::double) > 0.000001
            end as is_different
    from (select *, true as is_here from ({metric}) as m ({keys}, metric_value)) as metric
    full join (select *, true as is_here from ({mart}) as m ({keys}, mart_value)) as mart
        using ({keys})
)
