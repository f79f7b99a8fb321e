-- ACTIVE USERS on the last day: people with an order in 1, 7 and 28 days, and their ratio.
select activity_date, active_users_1d, active_users_7d, active_users_28d, stickiness_rate
from marts.active_users
where sales_channel_key = 'all'
order by activity_date desc
limit 1;

-- REPEAT RATE: new customers with a second purchase day within the horizon, of those old enough.
select
    horizon_days,
    sum(repeat_customers)::bigint as repeat_customers,
    sum(mature_customers)::bigint as mature_customers,
    cast(sum(repeat_customers)::bigint / nullif(sum(mature_customers), 0) as decimal(18, 6)) as repeat_rate,
    sum(truncated_customers)::bigint as truncated_customers
from marts.repeat_rate
group by horizon_days
order by horizon_days;

-- LTV: net revenue of new customers within the horizon, per customer old enough.
select
    horizon_days,
    sum(net_revenue_amount) as net_revenue_amount,
    sum(mature_customers)::bigint as mature_customers,
    cast(sum(net_revenue_amount)::double / nullif(sum(mature_customers), 0) as decimal(18, 6)) as ltv_amount
from marts.ltv_cohorts
group by horizon_days
order by horizon_days;

-- CHANNEL ROI: the file knows no spend, so revenue stands alone and the ratio is empty, never zero.
select
    acquisition_channel_key,
    sum(spend) as spend,
    sum(cash_orders)::bigint as cash_orders,
    sum(cash_net_revenue_amount) as cash_net_revenue_amount,
    cast(sum(cash_net_revenue_amount)::double / nullif(sum(spend), 0) as decimal(18, 6)) as cash_roas
from marts.channel_roi
group by acquisition_channel_key
order by acquisition_channel_key;

-- RECONCILIATION in records: delivered = accepted + superseded + rejected.
select table_name, raw_records, accepted_records, superseded_records, rejected_records, records_without_person
from marts.source_reconciliation
where source_name = 'shop'
order by table_name;

-- RECONCILIATION in GBP, refunds negative: accepted = in the marts, but for rounding to the cent.
select
    table_name,
    cast(raw_original_amount as decimal(18, 3)) as raw_amount,
    cast(accepted_original_amount as decimal(18, 3)) as accepted_amount,
    cast(superseded_original_amount as decimal(18, 3)) as superseded_amount,
    cast(rejected_original_amount as decimal(18, 3)) as rejected_amount,
    mart_amount,
    cast(rounding_difference_amount as decimal(18, 3)) as rounding_amount
from marts.source_reconciliation
where source_name = 'shop' and raw_original_amount is not null
order by table_name;
