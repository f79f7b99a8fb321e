-- One row per channel: where sales happen and where attention is won.
-- A source is a feed, a channel is where business happens; the words are never mixed.
select
    channel_key,
    channel_name,
    channel_name_zh,
    channel_role,
    is_paid,
    cast(lookback_days as bigint) as lookback_days
from {{ ref('channels') }}
