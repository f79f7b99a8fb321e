"""The list of deliberate faults is whole and fits the project; `make test-mutations` tries them."""

import fnmatch
import json
import re

import pytest

from harness.dev import mutations
from harness.dev.workshop import REPO

FAULTS = mutations.read()
REQUIRED = {
    "dropped filter",
    "inner for left join",
    "union for union all",
    "doubled join",
    "event-time watermark",
    "refund sign",
    "rounding",
    "swapped columns",
    "current_date for dim_as_of",
    "missing null guard",
    "off-by-one window",
    "immature cohort as zero",
    "credit not summing to one",
    ">= for > at the previous conversion",
    "direct as non-direct",
    "spend without conversions dropped",
    "truncated counted as new",
    "wrong currency rate day",
    "time zone dropped",
    "limit on shared phones removed",
    "episode boundary shifted",
    "key not hashed by namespace",
    "censoring dropped",
}


def stems(pattern):
    return {path.stem for folder in ("models", "seeds") for path in (REPO / folder).rglob(pattern)}


def test_the_list_holds_every_kind_of_fault_and_each_once():
    assert len(FAULTS) >= 20
    assert REQUIRED <= {fault.kind for fault in FAULTS}
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_one_change_of_its_file(fault):
    right = (REPO / fault.file).read_text()
    wrong = fault.applied(right)
    assert wrong != right and fault.new in wrong
    with pytest.raises(ValueError):
        fault.applied(right.replace(fault.old, ""))


def test_what_is_built_and_tested_exists():
    words = "\n".join(path.read_text() for path in (REPO / "models").rglob("*unit_tests.yml"))
    named = set(re.findall(r"^  - name: (\w+)$", words, re.MULTILINE))
    named |= {path.stem for path in (REPO / "tests").rglob("*.sql")}
    built = stems("*.sql") | stems("*.csv")
    for fault in FAULTS:
        assert fault.tests and set(fault.build) <= built, fault
        assert not fault.deliveries or fault.build, fault
        for name in fault.tests:
            assert fnmatch.filter(named, name), name


def test_only_a_test_that_found_something_is_red(tmp_path):
    became = {
        "unit_test.omniloop.int_orders.int_orders__a": "fail",
        "test.omniloop.unique_int_orders_order_key.0a1b": "pass",
        "model.omniloop.int_orders": "error",
    }
    results = [{"unique_id": name, "status": status} for name, status in became.items()]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    assert mutations.told(tmp_path) == {
        "int_orders__a": "fail",
        "unique_int_orders_order_key": "pass",
        "int_orders": "error",
    }


def test_late_records_are_held_back_whole(tmp_path):
    lines = [b"id\n", *[b"%d\n" % number for number in range(12)]]
    (tmp_path / "orders.csv").write_bytes(b"".join(lines))
    late = mutations.hold_back(tmp_path)
    assert late == {"orders.csv": b"id\n0\n5\n10\n"}
    assert (tmp_path / "orders.csv").read_bytes().split() == b"id 1 2 3 4 6 7 8 9 11".split()
