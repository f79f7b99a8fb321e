-- What did identity change since the last publication: which metrics moved, and by how many people?
with changes as (
    select
        count(*) as changed_keys,
        sum(case when change_type = 'merged' then 1 else 0 end) as merged_keys,
        sum(case when change_type = 'split' then 1 else 0 end) as split_keys,
        sum(order_count) as orders_under_another_key
    from {{ ref('user_key_changes') }}
)

select
    restated.metric_name,
    channels.channel_name,
    channels.channel_name_zh,
    restated.value_before,
    restated.value_after,
    restated.value_difference,
    changes.changed_keys,
    changes.merged_keys,
    changes.split_keys,
    changes.orders_under_another_key
from {{ ref('identity_restatement') }} as restated
inner join {{ ref('dim_channels') }} as channels
    on restated.acquisition_channel_key = channels.channel_key
cross join changes
where restated.value_difference <> 0
order by restated.metric_name asc, abs(restated.value_difference) desc nulls last
