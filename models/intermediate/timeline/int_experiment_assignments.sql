-- One row per unit and arm it was put into, with its person and whether it counts.
-- Of a person's arms in one experiment the first counts, never the newest; a second arm stays as a
-- row, and all rows of the person are marked contaminated. A unit nobody is known by counts alone.
with assignments as (
    select
        {{ key_of(["'experiments'", "'assignments'", 'assignment_key']) }} as record_key,
        *
    from {{ ref('stg_experiments__assignments') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

owned as (
    select
        assignments.*,
        coalesce(people.user_key, 'unknown') as user_key,
        coalesce(
            people.user_key,
            {{ key_of([
                'assignments.unit_type', 'assignments.namespace',
                'coalesce(assignments.unit_id, assignments.assignment_key)'
            ]) }}
        ) as subject_key
    from assignments
    left join people on assignments.record_key = people.record_key
),

arms as (
    select experiment_id, subject_key, count(distinct arm) as arm_count
    from owned
    group by 1, 2
),

ranked as (
    select
        *,
        row_number() over (
            partition by experiment_id, subject_key order by assigned_at, arm, assignment_key
        ) as assignment_no
    from owned
)

select
    ranked.assignment_key,
    ranked.user_key,
    ranked.experiment_id,
    ranked.unit_type,
    ranked.arm,
    ranked.is_control,
    ranked.assignment_no = 1 as is_counted,
    arms.arm_count > 1 as is_contaminated,
    ranked.assigned_at,
    ranked.load_no
from ranked
inner join arms
    on ranked.experiment_id = arms.experiment_id and ranked.subject_key = arms.subject_key
