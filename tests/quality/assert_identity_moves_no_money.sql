-- However people are told apart, the net revenue of all channels together stays the same.
select sum(value_before) as value_before, sum(value_after) as value_after
from {{ ref('identity_restatement') }}
where metric_name = 'net_revenue'
having sum(value_before) <> sum(value_after)
