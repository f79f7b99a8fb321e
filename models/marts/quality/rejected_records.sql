-- One row per delivered record that was not accepted, with every reason; no values.
-- Lines that could not be read at all come from landing; ad rows without a currency from the
-- timeline.
with rejected as (
    select
        'shop' as source_name,
        'customers' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_shop__customers') }}
    where row_status = 'rejected'
    union all
    select
        'shop' as source_name,
        'orders' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_shop__orders') }}
    where row_status = 'rejected'
    union all
    select
        'shop' as source_name,
        'order_lines' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_shop__order_lines') }}
    where row_status = 'rejected'
    union all
    select
        'shop' as source_name,
        'refunds' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_shop__refunds') }}
    where row_status = 'rejected'
    union all
    select
        'shop' as source_name,
        'refund_lines' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_shop__refund_lines') }}
    where row_status = 'rejected'
    union all
    select
        'crm' as source_name,
        'members' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_crm__members') }}
    where row_status = 'rejected'
    union all
    select
        'crm' as source_name,
        'member_identifiers' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_crm__member_identifiers') }}
    where row_status = 'rejected'
    union all
    select
        'crm' as source_name,
        'consents' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_crm__consents') }}
    where row_status = 'rejected'
    union all
    select
        'ga4' as source_name,
        'events' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_ga4__events') }}
    where row_status = 'rejected'
    union all
    select
        'ga4' as source_name,
        'event_items' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_ga4__event_items') }}
    where row_status = 'rejected'
    union all
    select
        'google_ads' as source_name,
        'campaign_stats' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_google_ads__campaign_stats') }}
    where row_status = 'rejected'
    union all
    select
        'google_ads' as source_name,
        'campaign_history' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_google_ads__campaign_history') }}
    where row_status = 'rejected'
    union all
    select
        'google_ads' as source_name,
        'account_history' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_google_ads__account_history') }}
    where row_status = 'rejected'
    union all
    select
        'pos' as source_name,
        'tickets' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_pos__tickets') }}
    where row_status = 'rejected'
    union all
    select
        'pos' as source_name,
        'ticket_lines' as table_name,
        _file as file_name,
        _record_no as record_no,
        _load_no as load_no,
        reject_reasons
    from {{ ref('base_pos__ticket_lines') }}
    where row_status = 'rejected'
    union all
    select
        source_name,
        table_name,
        file_name,
        line_no,
        load_no,
        'record:' || reason
    from {{ source('landing', 'rejects') }}
    union all
    select
        'google_ads',
        'campaign_stats',
        base._file,
        base._record_no,
        base._load_no,
        ads.reject_reasons
    from {{ ref('int_ad_performance') }} as ads
    inner join {{ ref('base_google_ads__campaign_stats') }} as base
        on
            ads.stat_id = base.stat_id
            and base.row_status = 'accepted'
    where ads.row_status = 'rejected' and ads.platform = 'google_ads'
)

select
    {{ key_of([
        'source_name', 'table_name', 'load_no', 'record_no', 'reject_reasons', 'file_name'
    ]) }} as rejected_record_key,
    source_name,
    table_name,
    file_name,
    record_no,
    load_no,
    reject_reasons
from rejected
