{# Natural keys of tables whose vendor gives no id of its own: the parts that make a row unique. #}
{% macro joined_key(parts) %}{% for part in parts %}coalesce({{ clean(part) }}, ''){{ " || ':' || " if not loop.last }}{% endfor %}{% endmacro %}
{% macro ga4_event_id() %}{{ joined_key(['stream_id', 'user_pseudo_id', 'event_timestamp', 'event_name', 'event_bundle_sequence_id', 'batch_event_index']) }}{% endmacro %}
{% macro ga4_item_id() %}{{ joined_key(['user_pseudo_id', 'event_timestamp', 'event_name', 'item_index']) }}{% endmacro %}
{% macro delivery_item_id() %}{{ joined_key(['wm_order_id_view', 'item_no']) }}{% endmacro %}
{% macro delivery_discount_id() %}{{ joined_key(['wm_order_id_view', 'discount_no']) }}{% endmacro %}
{% macro delivery_refund_item_id() %}{{ joined_key(['refund_id', 'item_no']) }}{% endmacro %}
{% macro erp_cost_id() %}{{ joined_key(['sku', 'left(trim(valid_from), 10)']) }}{% endmacro %}
{% macro google_ads_stat_id() %}{{ joined_key(['customer_id', 'id', 'date', 'ad_network_type', 'device']) }}{% endmacro %}
{% macro google_ads_version_id() %}{{ joined_key(['id', 'updated_at']) }}{% endmacro %}
{% macro meta_ads_stat_id() %}{{ joined_key(['ad_id', 'date']) }}{% endmacro %}
{% macro meta_ads_action_id() %}{{ joined_key(['ad_id', 'date', 'action_type']) }}{% endmacro %}
{% macro meta_ads_version_id() %}{{ joined_key(['id', 'updated_time']) }}{% endmacro %}
{# an account's id stands with act_ before it in some tables, without in others #}
{% macro meta_ads_account_id(text) %}{{ clean(replace_all('trim(' ~ text ~ ')', '^act_', '')) }}{% endmacro %}
{% macro pos_ticket_id() %}{{ joined_key(['store_id', 'ticket_no']) }}{% endmacro %}
{% macro pos_line_id() %}{{ joined_key(['store_id', 'ticket_no', 'line_no']) }}{% endmacro %}
{% macro app_event_id() %}case when {{ clean('event_id') }} is not null then {{ joined_key(['app_id', 'event_id']) }} else {{ joined_key(['app_id', 'device_id', 'event_time', 'event_name', 'event_sequence']) }} end{% endmacro %}
{% macro wechat_follower_id() %}{{ joined_key(['appid', 'openid']) }}{% endmacro %}
{% macro wechat_event_id() %}case when {{ clean('event_id') }} is not null then {{ joined_key(['appid', 'event_id']) }} else {{ joined_key(['appid', 'openid', 'event_time', 'event_name', 'event_sequence']) }} end{% endmacro %}
{% macro binding_key_of() %}md5({{ joined_key(['member_id', 'identifier_type', 'namespace', 'identifier_value']) }}){% endmacro %}
{% macro consent_key_of() %}{{ joined_key(['member_id', 'purpose', 'recipient', 'changed_at', 'lower(status)']) }}{% endmacro %}
{# ad reports: what rows of several grains tell of, and what may split it; Tencent's newer reports name no campaign #}
{% macro ocean_engine_day_id() %}{{ joined_key([id_text('advertiser_id'), id_text('campaign_id'), 'left(coalesce(' ~ given('stat_datetime') ~ ', ' ~ clean('stat_time_hour') ~ '), 10)']) }}{% endmacro %}
{% macro ocean_engine_splits() %}{{ return(['stat_hour', 'ad_no', 'creative_no', 'keyword_no', given('inventory'), given('province_name'), given('city_name'), given('gender'), given('age'), given('platform'), given('ac'), given('query')]) }}{% endmacro %}
{% macro tencent_ads_day_id() %}{{ joined_key([id_text('account_id'), 'left(' ~ clean('date') ~ ', 10)']) }}{% endmacro %}
{% macro tencent_ads_splits() %}{{ return(['stat_hour', 'adgroup_no', 'ad_no', 'keyword_no', given('site_set')]) }}{% endmacro %}

{# what a visit came from, as one key; and a campaign's name reduced to what typing keeps #}
{% macro traffic_key(events) %}{{ key_of([events ~ '.traffic_source', events ~ '.traffic_medium', events ~ '.traffic_campaign', events ~ '.click_id_type']) }}{% endmacro %}
{% macro campaign_word(name) %}{{ replace_all("lower(coalesce(" ~ name ~ ", ''))", '[ _.:|/+-]', '') }}{% endmacro %}

{# what Analytics writes where a campaign has no name, such as (organic) #}
{% macro is_ga4_word(name) %}{{ matches(clean(name), '^[(](not set|direct|organic|referral|ai-assistant|data deleted|other)[)]$') }}{% endmacro %}

{# Which platform's click id a page address carries; the id itself stays where it is. The first is
   of ads only; a placeholder that the platform left unfilled begins with an underscore. `clickid`
   is anybody's word, so it needs Ocean Engine's creativetype beside it. #}
{% macro ad_click_id_type(url) %}coalesce({{ first_group(url, '[?&](gclid|gbraid|wbraid|dclid|msclkid|ttclid|twclid|li_fat_id|bd_vid|gdt_vid|qz_gdt)=[A-Za-z0-9-]') }}, case when {{ matches(url, '[?&]creativetype=') }} then {{ first_group(url, '[?&](clickid)=[A-Za-z0-9-]') }} end){% endmacro %}
{% macro link_click_id_type(url) %}{{ first_group(url, '[?&](srsltid|fbclid)=[A-Za-z0-9-]') }}{% endmacro %}
{# an event of a message by its id, else by what it says #}
{% macro message_event_id() %}coalesce({{ clean('event_id') }}, md5({{ joined_key(['message_id', 'event_name', 'occurred_at', 'url']) }})){% endmacro %}
{% macro assignment_key_of() %}md5({{ joined_key(['experiment_id', 'unit_type', 'namespace', 'unit_id', 'arm']) }}){% endmacro %}
{% macro experiment_result_id() %}{{ joined_key(['experiment_id', 'metric_name', 'platform', 'channel', 'campaign_id', 'started_on', 'ended_on']) }}{% endmacro %}
