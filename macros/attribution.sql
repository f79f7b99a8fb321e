{#
    Expressions of attribution. Weights of touches are whole numbers held in double precision: their
    sums are exact whatever the order of rows, so shares are the same on every engine and in every build.
#}

{# seconds that a channel is remembered for; `channels` is the seed, left joined #}
{% macro lookback_seconds() %}(coalesce(channels.lookback_days, 30) * 86400){% endmacro %}

{# a weight between 0 and about a million as a whole number of billionths of a thousandth #}
{% macro whole_weight(weight) %}floor({{ as_double(1000000000000) }} * {{ weight }} + {{ as_double(0.5) }}){% endmacro %}

{# 1 at the conversion, half for each half-life before it, and never nothing #}
{% macro decayed_weight(touched_at, converted_at) %}greatest({{ whole_weight('power(' ~ as_double(0.5) ~ ', ' ~ as_double(seconds_between(touched_at, converted_at)) ~ ' / ' ~ var('attribution_half_life_days') * 86400 ~ ')') }}, 1){% endmacro %}

{# the weight that a model gives; `weights` is int_journey_weights #}
{% macro model_weight(attribution_model) %}cast(case {{ attribution_model }}
            when 'first' then weights.first_weight
            when 'last' then weights.last_weight
            when 'last_non_direct' then weights.last_non_direct_weight
            when 'linear' then weights.linear_weight
            when 'position' then weights.position_weight
            when 'time_decay' then weights.time_decay_weight
            when 'shapley' then weights.shapley_weight
            when 'markov' then weights.markov_weight
            when 'data_driven' then weights.data_driven_weight
        end as {{ type_double() }}){% endmacro %}

{# the part of a sum of weights up to here as decimal(18, 9), rounded half up; 1 at the end of the sum #}
{% macro share_of(weight, total) %}cast(cast(floor({{ weight }} / {{ total }} * 1000000000 + {{ as_double(0.5) }}) as bigint) * cast(0.000000001 as decimal(9, 9)) as decimal(18, 9)){% endmacro %}

{# money that falls between two running shares, to the cent: such parts add up to all of it, also when it is negative #}
{% macro amount_between(amount, share_before, share_until) %}cast({{ to_cents(amount ~ ' * ' ~ share_until) }} - {{ to_cents(amount ~ ' * ' ~ share_before) }} as decimal(18, 2)){% endmacro %}

{# texts of a group in one, in order #}
{% macro joined_in_order(text, separator, order_by) %}{{ return(adapter.dispatch('joined_in_order')(text, separator, order_by)) }}{% endmacro %}
{% macro default__joined_in_order(text, separator, order_by) %}string_agg({{ text }}, '{{ separator }}' order by {{ order_by }}){% endmacro %}
{% macro spark__joined_in_order(text, separator, order_by) %}listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }}){% endmacro %}
