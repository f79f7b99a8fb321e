-- One row per name under which links may carry a campaign, letters and digits only.
-- Names of all versions count, then the spellings that campaign_aliases adds.
with campaigns as (
    select platform, campaign_id, campaign_name from {{ ref('int_all__ad_campaigns') }}
),

aliases as (
    select * from {{ ref('campaign_aliases') }}
),

names as (
    select
        {{ campaign_word('campaign_name') }} as campaign_word,
        {{ key_of(['platform', 'campaign_id']) }} as campaign_key,
        2 as rank_no
    from campaigns
    union all
    select
        {{ campaign_word('utm_campaign') }},
        {{ key_of(['platform', 'campaign_id']) }},
        1
    from aliases
),

ranked as (
    select
        *,
        row_number() over (partition by campaign_word order by rank_no, campaign_key) as name_no
    from names
    where campaign_word <> ''
)

select campaign_word, campaign_key
from ranked
where name_no = 1
