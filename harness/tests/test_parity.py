"""What counts as the same mart on two engines."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from harness.dev.parity import _text, differences


def marts(*rows):
    return {"marts.a": (["key", "amount", "rate"], sorted(tuple(map(_text, row)) for row in rows))}


ROWS = (("a", Decimal("1.10"), 0.1), ("b", Decimal("2.00"), 123456.789), ("c", None, None))


def test_the_order_of_summing_is_no_difference():
    summed = ("b", Decimal("2"), 123456.789 * (1 + 1e-12))
    assert differences(marts(*ROWS), marts(("a", Decimal("1.1"), 0.1), summed, ROWS[2])) == []


@pytest.mark.parametrize("other", [
    ("b", Decimal("2.00"), 123456.789 * (1 + 1e-8)),
    ("b", Decimal("2.0000000001"), 123456.789),
    ("b", Decimal("2.00"), None),
    ("B", Decimal("2.00"), 123456.789),
])  # fmt: skip
def test_whatever_else_differs_is_told_with_its_row(other):
    (told,) = differences(marts(*ROWS), marts(ROWS[0], other, ROWS[2]))
    assert told.startswith("marts.a: 3 and 3 rows, 1 only on the left, 1 only on the right")
    assert "< b | 2 | 123456.789" in told


def test_a_row_more_or_less_is_a_difference():
    assert differences(marts(*ROWS), marts(*ROWS, ROWS[2]))
    assert differences(marts(*ROWS), marts(*ROWS[:2]))


def test_a_time_in_utc_is_that_time():
    assert _text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00:00"
    assert _text(datetime(2026, 1, 1)) == "2026-01-01 00:00:00"
