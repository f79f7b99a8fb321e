-- For each trait a band begins where the one before it ends, from 0 on, and only the last is open.
with bands as (
    select
        trait_bands.*,
        lag(to_value) over (partition by trait_name order by from_value) as previous_to_value,
        lag(band_name) over (partition by trait_name order by from_value) as previous_name,
        lead(from_value) over (partition by trait_name order by from_value) as next_from_value
    from {{ ref('trait_bands') }} as trait_bands
)

select
    'trait_bands' as seed_name,
    'row of ' || trait_name || ' ' || band_name as seed_row,
    'from_value' as column_name,
    from_value || ' does not follow the band before' as problem
from bands
where
    (previous_name is null and from_value <> 0)
    or (previous_name is not null and coalesce(from_value <> previous_to_value, true))
union all
select
    'trait_bands',
    'row of ' || trait_name || ' ' || band_name,
    'to_value',
    to_value || ' ends the last band, which must be open'
from bands
where next_from_value is null and to_value is not null
