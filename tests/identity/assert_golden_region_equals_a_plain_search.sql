-- A person's region is the one statement that no other statement of the same person beats, whatever
-- the rule; searched for here from what the sources say, without ranking.
with statements as (
    select
        people.user_key,
        said.attribute_value as region_code,
        said.source_name,
        said.table_name,
        said.said_at
    from {{ ref('int_all__attributes') }} as said
    inner join {{ ref('int_record_people') }} as people on said.record_key = people.record_key
    where said.attribute_name = 'region_code' and said.attribute_value is not null
),

repeated as (
    select user_key, region_code, count(*) as times_said from statements group by 1, 2
),

trusted as (
    select * from {{ ref('statement_sources') }} where attribute_name = 'region_code'
),

rules as (
    select * from {{ ref('survivorship') }} where attribute_name = 'region_code'
),

-- By the rule first: a higher merit wins.
measured as (
    select
        statements.user_key,
        statements.region_code,
        statements.source_name,
        trusted.source_order,
        case rules.rule
            when 'most_recent' then 0
            when 'verified_first' then case when trusted.is_verified then 1 else 0 end
            when 'source_priority' then -1 * trusted.source_order
            when 'most_frequent' then repeated.times_said
        end as merit,
        coalesce(statements.said_at, cast('1900-01-01' as timestamp)) as heard_at
    from statements
    cross join rules
    inner join trusted
        on
            statements.source_name = trusted.source_name
            and statements.table_name = trusted.table_name
    inner join repeated
        on
            statements.user_key = repeated.user_key
            and statements.region_code = repeated.region_code
),

searched as (
    select distinct user_key, region_code, source_name
    from measured
    where not exists (
        select 1
        from measured as better
        where
            better.user_key = measured.user_key
            and (
                better.merit > measured.merit
                or (
                    better.merit = measured.merit
                    and (
                        better.heard_at > measured.heard_at
                        or (
                            better.heard_at = measured.heard_at
                            and (
                                better.source_order < measured.source_order
                                or (
                                    better.source_order = measured.source_order
                                    and better.region_code < measured.region_code
                                )
                            )
                        )
                    )
                )
            )
    )
),

told as (
    select user_key, region_code, region_source_name as source_name
    from {{ ref('dim_users') }}
    where region_code <> 'unknown' or region_source_name <> 'unknown'
)

select
    coalesce(searched.user_key, told.user_key) as user_key,
    searched.region_code as searched_region_code,
    told.region_code as told_region_code
from searched
full join told on searched.user_key = told.user_key
where
    searched.region_code is distinct from told.region_code
    or searched.source_name is distinct from told.source_name
