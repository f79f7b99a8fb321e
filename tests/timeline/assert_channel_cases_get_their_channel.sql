-- A link whose channel is known gets it by the rules, whatever campaigns the ad platforms have.
with cases as (
    select
        source as traffic_source,
        medium as traffic_medium,
        campaign as traffic_campaign,
        click_id_type,
        expected_channel_key,
        because
    from {{ ref('channel_cases') }}
),

traffic as (
    select * from {{ ref('int_traffic') }}
),

rules as (
    select * from {{ ref('channel_rules') }}
)

select cases.*, traffic.rule_no, rules.channel_key
from cases
left join traffic on {{ traffic_key('cases') }} = traffic.traffic_key
left join rules on traffic.rule_no = rules.rule_no
where
    traffic.traffic_key is null
    or coalesce(rules.channel_key, 'unassigned') <> cases.expected_channel_key
