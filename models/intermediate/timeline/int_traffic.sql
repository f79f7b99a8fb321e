-- One row per distinct combination of source, medium, campaign and click id, with its channel.
-- A matched ad campaign gives its own channel, so spend and visits of it meet; else the first
-- rule of channel_rules that fits; no rule = unassigned, and counted as such. A message stays in
-- its channel, also when its campaign has the name of an ad campaign: no ad was clicked.
with traffic as (
    select distinct
        {{ traffic_key('events') }} as traffic_key,
        traffic_source,
        traffic_medium,
        traffic_campaign,
        click_id_type,
        coalesce(traffic_source, '') as source_word,
        coalesce(traffic_medium, '') as medium_word,
        lower(coalesce(traffic_campaign, '')) as campaign_name,
        {{ campaign_word('traffic_campaign') }} as campaign_word
    from {{ ref('int_all__traffic') }} as events
    where coalesce(traffic_source, traffic_medium, traffic_campaign, click_id_type) is not null
),

rules as (
    select * from {{ ref('channel_rules') }}
),

names as (
    select * from {{ ref('int_campaign_names') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

messages as (
    select distinct channel_key from {{ ref('message_channels') }}
),

fitting as (
    select traffic.traffic_key, min(rules.rule_no) as rule_no
    from traffic
    inner join rules
        on
            (
                rules.source_pattern is null
                or {{ matches_rule('traffic.source_word', 'rules.source_pattern') }}
            )
            and (
                rules.medium_pattern is null
                or {{ matches_rule('traffic.medium_word', 'rules.medium_pattern') }}
            )
            and (
                rules.campaign_pattern is null
                or {{ matches_rule('traffic.campaign_name', 'rules.campaign_pattern') }}
            )
            and (
                rules.click_id_type is null
                or rules.click_id_type = coalesce(traffic.click_id_type, 'none')
            )
    group by 1
)

select
    traffic.traffic_key,
    traffic.traffic_source,
    traffic.traffic_medium,
    traffic.traffic_campaign,
    traffic.click_id_type,
    case
        when traffic.campaign_word <> ''
            then coalesce(names.campaign_key, {{ key_of(["'link'", 'traffic.campaign_word']) }})
    end as campaign_key,
    fitting.rule_no,
    coalesce(
        messages.channel_key, campaigns.channel_key, rules.channel_key, 'unassigned'
    ) as channel_key
from traffic
left join fitting on traffic.traffic_key = fitting.traffic_key
left join rules on fitting.rule_no = rules.rule_no
left join names on traffic.campaign_word = names.campaign_word
left join campaigns on names.campaign_key = campaigns.campaign_key
left join messages on rules.channel_key = messages.channel_key
