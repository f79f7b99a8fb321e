-- One row per distinct combination of source, medium, campaign and click id, with its channel.
-- A matched ad campaign gives its own channel, so spend and visits of it meet; else the first
-- rule of channel_rules that fits; no rule = unassigned, and counted as such. A message stays in
-- its channel and is of no ad campaign, whatever its campaign is called: no ad was clicked. The
-- links of channel_cases stand here too, so that a test can compare.
with links as (
    select traffic_source, traffic_medium, traffic_campaign, click_id_type
    from {{ ref('int_all__traffic') }}
    where coalesce(traffic_source, traffic_medium, traffic_campaign, click_id_type) is not null
    union
    select source, medium, campaign, click_id_type from {{ ref('channel_cases') }}
),

traffic as (
    select
        {{ traffic_key('links') }} as traffic_key,
        traffic_source,
        traffic_medium,
        traffic_campaign,
        click_id_type,
        lower(coalesce(traffic_source, '')) as source_word,
        lower(coalesce(traffic_medium, '')) as medium_word,
        lower(coalesce(traffic_campaign, '')) as campaign_name,
        {{ campaign_word('traffic_campaign') }} as campaign_word
    from links
),

rules as (
    select * from {{ ref('channel_rules') }}
),

sites as (
    select * from {{ ref('traffic_sites') }}
),

names as (
    select * from {{ ref('int_campaign_names') }}
),

messages as (
    select distinct channel_key from {{ ref('message_channels') }}
),

-- Each word meets each pattern once, however many links it stands in.
source_kinds as (
    select distinct sources.source_word, sites.site_kind
    from (select distinct source_word from traffic) as sources
    inner join sites on sources.source_word like sites.traffic_source
),

source_fits as (
    select sources.source_word, rules.rule_no
    from (select distinct source_word from traffic) as sources
    inner join rules
        on
            rules.source_pattern is null
            or {{ matches_rule('sources.source_word', 'rules.source_pattern') }}
    left join source_kinds
        on
            sources.source_word = source_kinds.source_word
            and rules.site_kind = source_kinds.site_kind
    where rules.site_kind is null or source_kinds.site_kind is not null
),

medium_fits as (
    select mediums.medium_word, rules.rule_no
    from (select distinct medium_word from traffic) as mediums
    inner join rules
        on
            rules.medium_pattern is null
            or {{ matches_rule('mediums.medium_word', 'rules.medium_pattern') }}
),

fitting as (
    select traffic.traffic_key, min(rules.rule_no) as rule_no
    from traffic
    inner join source_fits on traffic.source_word = source_fits.source_word
    inner join medium_fits
        on
            traffic.medium_word = medium_fits.medium_word
            and source_fits.rule_no = medium_fits.rule_no
    inner join rules on source_fits.rule_no = rules.rule_no
    where
        (
            rules.campaign_pattern is null
            or {{ matches_rule('traffic.campaign_name', 'rules.campaign_pattern') }}
        )
        and coalesce(rules.click_id_type, '') in ('', coalesce(traffic.click_id_type, 'none'))
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
    coalesce(names.channel_key, rules.channel_key, 'unassigned') as channel_key
from traffic
left join fitting on traffic.traffic_key = fitting.traffic_key
left join rules on fitting.rule_no = rules.rule_no
left join messages on rules.channel_key = messages.channel_key
left join names
    on
        traffic.campaign_word = names.campaign_word
        and (names.is_one_channel or names.channel_key = rules.channel_key)
        and messages.channel_key is null
