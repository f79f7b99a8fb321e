-- A metric ends after it begins and is told no sooner than its last day is over; an experiment that
-- is split is split among several arms.
select
    'effect_metrics' as seed_name,
    metric_name || ' of day ' || from_day as seed_row,
    'to_day' as column_name,
    'the days do not follow each other from 0 over from_day and to_day to mature_days' as problem
from {{ ref('effect_metrics') }}
where from_day < 0 or from_day >= to_day or to_day > mature_days
union all
select 'experiment_splits', experiment_id, 'arm', 'an experiment with one arm is not split'
from {{ ref('experiment_splits') }}
group by experiment_id
having count(*) < 2
