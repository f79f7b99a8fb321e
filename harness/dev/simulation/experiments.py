"""Who was put into which arm of the messages' experiments, and lift tests of the paid channels.

A lift test finds what its channel truly caused, but for an error within its standard error.
"""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .annotate import bad_codes
from .catalogue import CAMPAIGN_CHANNEL, CAMPAIGN_PLATFORM, CHANNELS
from .files import load
from .messaging import EXPERIMENTS
from .people import app_device_at
from .settings import DAY, Columns, Run, days_of
from .sources import Source, Table

FIRST, AGAIN, OTHER_ARM, RESENT = range(4)
LEAST_ERROR, ERROR_SHARE = 2.0, 0.08
MEAN_FIRST_ORDER = 118
"""CNY a first order is worth, as the tests assume."""
Z95 = 1.959964


def draw_assignments(rng: np.random.Generator, run: Run, people: Columns, sent: Columns) -> Columns:
    """One row per exposure: person, experiment, arm, at, copy; the first message puts one there.

    copy: FIRST, the same arm seen again, another arm later, or the first row sent again.
    """
    rows = np.flatnonzero(sent["experiment"] >= 0)
    key = sent["person"][rows] * len(EXPERIMENTS) + sent["experiment"][rows]
    first = rows[np.unique(key, return_index=True)[1]]
    count, rates = len(first), run.rates
    at = sent["at"][first] - rng.integers(60, 3_600, count)
    bad = bad_codes(rng, rates["bad_assignment"], 3, count)
    draw = rng.random((3, count)) < np.array(
        [[rates["exposure_repeated"]], [rates["arm_contaminated"]], [rates["event_resent"]]]
    )
    draw &= bad == 0
    later = at + rng.integers(DAY, 40 * DAY, (2, count))
    draw[:2] &= later < run.end
    picked = [np.arange(count), *(np.flatnonzero(chosen) for chosen in draw)]
    when = [at, later[0][picked[1]], later[1][picked[2]], at[picked[3]]]
    row = np.concatenate(picked)
    copy = np.repeat([FIRST, AGAIN, OTHER_ARM, RESENT], [len(part) for part in picked])
    arm, at, person = sent["arm"][first][row], np.concatenate(when), sent["person"][first][row]
    device_at = sent["at"][first][row]
    return {
        "row": row,
        "copy": copy,
        "person": person,
        "experiment": sent["experiment"][first][row],
        "arm": np.where(copy == OTHER_ARM, 1 - arm, arm),
        "at": at,
        "device": app_device_at(people, person, device_at),
        "bad": np.where(copy == FIRST, bad[row], 0),
    }


ASSIGNMENTS = """
create or replace table experiments_assignments as
with told as (
    select a.*, p.person_id, e.name as experiment_name,
        case when a.experiment = 2 then 'device' else 'member' end as kind,
        case when a.experiment = 2 then device_text(a.device) else member_text(p.member_no) end
            as unit,
        case when a.experiment = 1 then list_value('A', 'B')[a.arm + 1]
            else list_value('control', 'treatment')[a.arm + 1] end as arm_name
    from assignment_drafts as a join people as p using (person)
    join message_experiments as e using (experiment)
)
select case when copy = 3 then 'resent' else half_year(told.at) end as file,
    experiment_name as experiment_id, unit as unit_id,
    case when bad = 1 then 'visitor' else kind end as unit_type,
    case when bad <> 3 then arm_name end as arm,
    case when bad <> 2 then iso_time(told.at, experiment = 1) end as assigned_at,
    "row" as t_row, -told.at as t_updated, copy as t_copy, person_id as t_person,
    md5(concat_ws(':', experiment_name, kind, '', unit, arm_name)) as t_key,
    case bad when 1 then 'unit_type:unknown' when 2 then 'assigned_at:missing'
        when 3 then 'arm:missing' end as t_reject,
    case when kind = 'member' then unit end as t_member, true as t_member_is_own,
    case when kind = 'device' then unit end as t_device
from told;
"""
RESULTS = """
create or replace table experiments_results as
with copied as (
    select *, 0 as copy from lift_tests
    union all
    select *, 1 from lift_tests where has_older
    union all
    select *, 2 from lift_tests where has_bad
), told as (
    select *, 'lift_' || channel_name as experiment_id,
        case when copy = 1 then effect * 0.7 else effect end as found,
        case when copy = 2 then '{middle}' else '{first}' end as began,
        case when copy = 1 then {end} - 86400 else {end} + 3 * 86400 end as told_at
    from copied
)
select 'all' as file, experiment_id, 'first_order' as metric_name, platform,
    channel_name as channel, began as started_on, '{last}' as ended_on, yuan(spend) as spend,
    'CNY' as currency, printf('%.3f', found) as incremental_conversions,
    printf('%.2f', found * {worth}) as incremental_value,
    case when copy = 2 then '0' when not says_interval then printf('%.4f', error) end
        as standard_error,
    case when says_interval then printf('%.4f', found - {z} * error) end as lower_bound,
    case when says_interval then printf('%.4f', found + {z} * error) end as upper_bound,
    case when says_interval then '95%' end as confidence_level,
    iso_local(told_at) as updated_at, told_at as t_updated, copy as t_copy,
    concat_ws(':', experiment_id, 'first_order', coalesce(platform, ''), channel_name, '', began,
        '{last}') as t_key,
    case when copy = 2 then 'standard_error:not_positive' end as t_reject
from told;

insert into truth_experiments
select name, 'messages', null, 0, null, null from unnest([{experiments}]) as held(name)
union all
select 'lift_' || channel_name, 'lift_test', channel_name, caused, round(effect, 3),
    round(error, 4) from lift_tests
order by all;
"""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the table experiments_assignments from the messages of the chunk."""
    rng = run.random("experiments", chunk)
    drawn = draw_assignments(rng, run, people, world["messages"])
    load(con, {"assignment_drafts": drawn})
    con.execute(ASSIGNMENTS)


def build_once(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill the table experiments_results from what the channels truly caused."""
    rng = run.random("experiments")
    tested = np.unique(CAMPAIGN_CHANNEL)
    caused = results["caused"][tested].round(3)
    error = np.maximum(LEAST_ERROR, caused * ERROR_SHARE).round(4)
    platforms = [sorted(set(CAMPAIGN_PLATFORM[CAMPAIGN_CHANNEL == number])) for number in tested]
    spend = [budget[CAMPAIGN_CHANNEL == number].sum() * 100 for number in tested]
    is_dirty = np.full(len(tested), run.rates["bad_assignment"] > 0)
    load(con, {"lift_tests": {
        "channel_name": np.array([CHANNELS[number].name for number in tested], object),
        "platform": np.array([p[0] if len(p) == 1 else None for p in platforms], object),
        "spend": np.array(spend).round().astype(np.int64),
        "caused": caused,
        "effect": caused + rng.uniform(-0.9, 0.9, len(tested)) * error,
        "error": error,
        "says_interval": np.arange(len(tested)) % 2 == 1,
        "has_older": is_dirty & (np.arange(len(tested)) < 2),
        "has_bad": is_dirty & (np.arange(len(tested)) == 2),
    }})  # fmt: skip
    days = days_of(run)
    con.execute(RESULTS.format(
        first=days[0], middle=days[len(days) // 2], last=days[-1], end=run.end, z=Z95,
        worth=MEAN_FIRST_ORDER, experiments=", ".join(f"'{name}'" for name in EXPERIMENTS),
    ))  # fmt: skip


TABLES = (
    Table("assignments", (
        "experiment_id", "unit_id", "unit_type", "arm", "assigned_at",
    ), "t_updated desc, t_row, t_copy", is_record=True),
    Table("results", (
        "experiment_id", "metric_name", "platform", "channel", "started_on", "ended_on", "spend",
        "currency", "incremental_conversions", "incremental_value", "standard_error",
        "lower_bound", "upper_bound", "confidence_level", "updated_at",
    ), once=True),
)  # fmt: skip
SOURCE = Source("experiments", TABLES, build, build_once)
