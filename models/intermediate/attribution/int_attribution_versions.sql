-- One row per type of conversion and month in which there were any: a version of the fitted models.
-- A month's conversions are shared by what journeys tell that ended in the 12 months up to it, so
-- later data never move a closed month.
with months as (
    select distinct conversion_type, {{ month_start('conversion_date') }} as version_month_date
    from {{ ref('int_conversions') }}
    where conversion_type <> 'repeat_order'
)

select
    row_number() over (order by conversion_type, version_month_date) as version_no,
    conversion_type,
    cast({{ dbt.dateadd('month', -11, 'version_month_date') }} as date) as first_month_date,
    version_month_date
from months
