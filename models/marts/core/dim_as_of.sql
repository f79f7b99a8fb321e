-- One row per metric family with the last business day its figures are complete for.
-- Every time-bound metric ends here; no model asks the machine for today.
select
    metric_family,
    as_of_date,
    is_set_by_hand
from {{ ref('int_as_of') }}
