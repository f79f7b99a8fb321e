-- One row per name under which links may carry a campaign, letters and digits only, and channel.
-- Names of all versions count. A name of campaigns in several channels says which only beside the
-- link's own channel; a spelling that campaign_aliases lists is decided.
with campaigns as (
    select * from {{ ref('int_ad_campaigns') }}
),

versions as (
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
    from versions
    union all
    select
        {{ campaign_word('utm_campaign') }},
        {{ key_of(['platform', 'campaign_id']) }},
        1
    from aliases
),

ranked as (
    select
        names.campaign_word,
        names.campaign_key,
        campaigns.channel_key,
        rank() over (partition by names.campaign_word order by names.rank_no) as rank_no,
        row_number() over (
            partition by names.campaign_word, campaigns.channel_key
            order by names.rank_no, names.campaign_key
        ) as name_no
    from names
    inner join campaigns on names.campaign_key = campaigns.campaign_key
    where names.campaign_word <> ''
)

select
    campaign_word,
    campaign_key,
    channel_key,
    count(*) over (partition by campaign_word) = 1 as is_one_channel
from ranked
where rank_no = 1 and name_no = 1
