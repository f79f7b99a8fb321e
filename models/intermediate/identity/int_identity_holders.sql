-- One row per identifier that may stand for several people, and holder of it: a value of a unique
-- type seen with it. Only identifiers with several holders of one class, by their first such class.
-- Holders are numbered by their first observation; one that begins before an earlier one's last
-- overlaps it.
with links as (
    select * from {{ ref('int_identity_links') }}
),

types as (
    select * from {{ ref('identifier_types') }} where max_persons_per_value > 1
),

unique_values as (
    select * from {{ ref('int_identity_unique_values') }}
),

ends as (
    select node_a as node_id, type_a as identifier_type, node_b as other_id, first_at, last_at
    from links
    union all
    select node_b, type_b, node_a, first_at, last_at from links
),

holders as (
    select
        ends.node_id,
        ends.identifier_type,
        unique_values.class_no,
        unique_values.holder_node_id,
        coalesce(min(ends.first_at), timestamp '1970-01-01 00:00:00') as first_at,
        coalesce(max(ends.last_at), timestamp '9999-12-31 00:00:00') as last_at
    from ends
    inner join types on ends.identifier_type = types.identifier_type
    inner join unique_values on ends.other_id = unique_values.node_id
    group by 1, 2, 3, 4
),

counted as (
    select *, count(*) over (partition by node_id, class_no) as holder_count from holders
),

chosen as (
    select *, min(class_no) over (partition by node_id) as first_class_no
    from counted
    where holder_count > 1
)

select
    node_id,
    identifier_type,
    holder_node_id,
    cast(holder_count as bigint) as holder_count,
    first_at,
    last_at,
    cast(
        row_number() over (
            partition by node_id order by first_at, last_at, holder_node_id
        ) - 1 as bigint
    ) as episode_no,
    coalesce(
        first_at <= max(last_at) over (
            partition by node_id
            order by first_at, last_at, holder_node_id
            rows between unbounded preceding and 1 preceding
        ), false
    ) as is_overlap
from chosen
where class_no = first_class_no
