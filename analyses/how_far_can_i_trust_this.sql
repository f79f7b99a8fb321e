-- Which deliveries lost the most, and why? Records by reason beside the money that could not be placed.
select
    source_name,
    table_name,
    reject_reasons,
    count(*) as record_count
from {{ ref('rejected_records') }}
group by 1, 2, 3
order by record_count desc
