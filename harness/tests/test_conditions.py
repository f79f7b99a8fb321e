"""Wrong conditions in seeds are refused by line and word before anything is loaded."""

import duckdb
import pytest

from harness.dev import parity
from harness.dev.postgres import cursor, postgres

HEAD = ("tag_name,version,version_from_date,tag_name_zh,tag_group,condition,value_column,"
        "valid_days,owner,description")
# Conditions of wrong words, and what is said of each after its line.
WORDS = [
    ("purchase_cnt >= 3", "'purchase_cnt' is no column of user_tag_inputs and no word of "
     "conditions; the nearest column is purchase_count"),
    ("purchase_count >= 3; drop table x", '";" may not stand in a condition'),
    ("purchase_count >= 3 -- all", '"--" may not stand in a condition'),
    ("(select 1) = 1", "'select' is no column"),
    ("purchase_count >= random()", "'random' is no column"),
    ("net_revenue_amount / purchase_count > 9", "'/' divides whole numbers differently"),
    ("(purchase_count >= 3", "'(' is never closed"),
    ("true) or (true", "')' closes nothing"),
    ("lifecycle_stage = 'new", '"\'" may not stand in a condition'),
    ("lifecycle_stage = 'a\\b'", '"\'" may not stand in a condition'),
]
# What only the engine knows: a condition, and where it stumbles.
TYPES = [
    ("purchase_count + 1", "is not true or false but of type"),
    ("true, false", "is not true or false but of type"),
    ("purchase_count >= and 3", 'syntax error at or near "and"'),
    ("purchase_count > 'many'", "many"),
    ("is null", "syntax error"),
]
RIGHT = [
    "purchase_count >= 3 and coalesce(margin_amount, 0) > 100.50",
    "lifecycle_stage in ('new', 'it''s -- text; select') or promotion_names like '%618%'",
    "last_purchase_date between date '2026-01-01' and date '2026-06-18' or not refund_share > 0.5",
    "case when purchase_count = 0 then active_day_count >= 3 else false end",
]


@pytest.fixture(scope="module")
def workshop(quick):
    """A copy of the project on a database where nothing has been built."""
    quick.land(quick.use("conditions") / "raw", only_empty=True)
    return quick


def write(workshop, *conditions, value_column=""):
    """Give the rules these conditions, one in a line."""
    lines = [f'tag_{number},1,2026-01-01,,value,"{condition}",{value_column},,crm,none'
             for number, condition in enumerate(conditions)]
    (workshop.project / "seeds/tag_rules.csv").write_text("\n".join([HEAD, *lines]) + "\n")


def seed(workshop):
    return workshop.dbt("seed", "--no-write-json", "-s", "tag_rules")


def test_right_conditions_are_loaded_before_the_model_is_built(workshop):
    write(workshop, *RIGHT)
    succeeded, said = seed(workshop)
    assert succeeded, said
    with duckdb.connect(str(workshop.data / "omniloop.duckdb"), read_only=True) as con:
        loaded = con.execute("select condition from seeds.tag_rules order by tag_name").fetchall()
        models = "select count(*) from duckdb_tables() where table_name = 'user_tag_inputs'"
        assert con.execute(models).fetchone() == (0,)
    assert loaded == [(condition,) for condition in RIGHT]


def test_words_that_are_no_condition_are_named(workshop):
    write(workshop, *(condition for condition, _ in WORDS))
    succeeded, said = seed(workshop)
    assert not succeeded
    for line, (_, told) in enumerate(WORDS, start=2):
        place = f"seeds/tag_rules.csv, line {line} (tag_name tag_{line - 2}), column condition: "
        assert place + told in said, said


def test_a_value_column_that_is_none_is_named(workshop):
    write(workshop, "true", value_column="preferred_categry")
    succeeded, said = seed(workshop)
    assert not succeeded
    assert ("'preferred_categry' is no column of user_tag_inputs; "
            "the nearest is preferred_category_name") in said


@pytest.mark.parametrize(("condition", "told"), TYPES)
def test_what_is_not_true_or_false_is_named(workshop, condition, told):
    write(workshop, "true", condition, "true")
    succeeded, said = seed(workshop)
    assert not succeeded
    assert told in said and "seeds/tag_rules.csv, line 3, column condition" in said, said


def test_postgres_refuses_the_same(workshop, tmp_path):
    only = ("-s", "tag_rules", "--exclude-resource-type", "test")
    with postgres() as host:
        for condition, _ in TYPES[1:4]:
            write(workshop, "true", condition)
            assert not parity.build(workshop.project, host, tmp_path, *only)
        write(workshop, *RIGHT)
        assert parity.build(workshop.project, host, tmp_path, *only)
        with cursor(host) as con:
            con.execute("select condition from seeds.tag_rules order by tag_name")
            assert con.fetchall() == [(condition,) for condition in RIGHT]
