"""The marts of a small retailer equal what pandas makes of the facts; no wrong cell passes."""

import shutil

import duckdb
import pandas as pd
import pytest
from rich.console import Console

from harness import fit
from harness.dev import recompute
from harness.dev.recomputation.facts import Facts
from harness.dev.workshop import NO_TESTS, simulate


@pytest.fixture(scope="module")
def data(quick, tmp_path_factory):
    data = quick.use("small")
    # Over a year, so that every horizon has passed and some customers have lapsed.
    quick.land(simulate(tmp_path_factory.mktemp("recompute"), people=200, days=520))
    quick.succeed("build", "--no-write-json", *NO_TESTS)
    # So few customers are not fitted otherwise; what they are expected to do is to be compared too.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "CUSTOMERS", 20)
        patch.setattr(fit, "REPEATERS", 5)
        assert fit.fit(quick.data, Console(quiet=True))
    quick.succeed("build", "--no-write-json", *NO_TESTS, "--select", "source:fitted.parameters+")
    return data


@pytest.fixture(scope="module")
def facts(data):
    with duckdb.connect(str(data / "omniloop.duckdb"), read_only=True) as connection:
        yield Facts(connection)


def test_nothing_differs(data):
    compared = recompute.recompute(data / "omniloop.duckdb")
    assert not [str(line) for line in compared if line.differences]
    empty = {line.mart for line in compared if line.column == "(rows)" and not line.rows}
    assert not empty, "these have nothing to compare"


@pytest.mark.parametrize("mart", recompute.MARTS)
def test_one_wrong_cell_of_any_column_is_noticed(facts, mart):
    how, types = recompute.MARTS[mart], facts.types(mart)
    found = how.found(facts) if how.found else facts.table(mart)
    expected = how.recompute(facts)
    for name in [name for name in found if name in expected and name not in how.key]:
        changed = found.copy()
        place = changed.index[changed[name].notna()][:1]
        if len(place):
            changed.loc[place, name] = _another(changed.loc[place[0], name], types[name])
        else:  # a channel of so small a shop may never have spent a year ago
            changed.loc[changed.index[0], name] = 1.0
        lines = recompute.differences(mart, expected, changed, types)
        assert {line.column: line.differences for line in lines if line.differences} == {name: 1}
    lines = recompute.differences(mart, expected, found.iloc[1:], types)
    assert {line.column: line.differences for line in lines if line.differences} == {"(rows)": 1}


def _another(value, kind):
    """The value nearest to this one that is not the same."""
    if kind == "VARCHAR":
        return value + "!"
    if kind == "BOOLEAN":
        return not value
    if kind == "DATE":
        return value + pd.Timedelta(days=1)
    # Credit and rates may be off by half of what they show, orders a year ahead by a millionth.
    if kind == "DECIMAL(18,6)":
        return value + 3e-6 * max(1, abs(value))
    return value + {"DECIMAL(18,4)": 1e-4, "DECIMAL(18,9)": 3}.get(kind, 1)


def test_a_changed_mart_fails_the_command(data, tmp_path, monkeypatch, capsys):
    shutil.copy(data / "omniloop.duckdb", tmp_path)
    monkeypatch.setenv("OMNILOOP_DATA", str(tmp_path))
    assert recompute.main(["ltv_cohorts"]) == 0
    with duckdb.connect(str(tmp_path / "omniloop.duckdb")) as connection:
        connection.execute(
            "update marts.ltv_cohorts set net_revenue_amount = net_revenue_amount + 0.01"
            " where ltv_cohort_key = (select min(ltv_cohort_key) from marts.ltv_cohorts"
            " where net_revenue_amount is not null)"
        )
    assert recompute.main(["ltv_cohorts", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert "ltv_cohorts.net_revenue_amount" in said and "1 differences" in said
