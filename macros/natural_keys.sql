{# Natural keys of tables whose vendor gives no id of its own: the parts that make a row unique. #}
{% macro joined_key(parts) %}{% for part in parts %}coalesce({{ clean(part) }}, ''){{ " || ':' || " if not loop.last }}{% endfor %}{% endmacro %}
{% macro ga4_event_id() %}{{ joined_key(['stream_id', 'user_pseudo_id', 'event_timestamp', 'event_name', 'event_bundle_sequence_id', 'batch_event_index']) }}{% endmacro %}
{% macro ga4_item_id() %}{{ joined_key(['user_pseudo_id', 'event_timestamp', 'event_name', 'item_index']) }}{% endmacro %}
{% macro google_ads_stat_id() %}{{ joined_key(['customer_id', 'id', 'date', 'ad_network_type', 'device']) }}{% endmacro %}
{% macro google_ads_version_id() %}{{ joined_key(['id', 'updated_at']) }}{% endmacro %}
{% macro pos_ticket_id() %}{{ joined_key(['store_id', 'ticket_no']) }}{% endmacro %}
{% macro pos_line_id() %}{{ joined_key(['store_id', 'ticket_no', 'line_no']) }}{% endmacro %}
{% macro binding_key_of() %}md5({{ joined_key(['member_id', 'identifier_type', 'namespace', 'identifier_value']) }}){% endmacro %}
{% macro consent_key_of() %}{{ joined_key(['member_id', 'purpose', 'recipient', 'changed_at']) }}{% endmacro %}

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
