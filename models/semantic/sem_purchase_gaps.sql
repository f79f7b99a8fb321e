-- One row per acquisition channel and product category: the gaps between purchases as counted in
-- repurchase_cycle on its as-of day.
-- Its medians and survival rates are not here: they cannot be added up, nor divided anew.
select
    cycles.repurchase_cycle_key,
    cycles.acquisition_channel_key,
    cycles.category_name,
    cycles.gaps,
    cycles.returned_gaps,
    cycles.censored_gaps,
    as_of.as_of_date
from {{ ref('repurchase_cycle') }} as cycles
inner join {{ ref('dim_as_of') }} as as_of on as_of.metric_family = 'orders'
where
    cycles.gap_type = 'all'
    and cycles.acquisition_channel_key <> 'all'
    and cycles.category_name <> 'all'
