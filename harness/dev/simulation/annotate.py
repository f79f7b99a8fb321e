"""Business facts and spelling dirt drawn on top of the clean behaviour, still as arrays."""

import numpy as np
from numpy.typing import NDArray

from .behaviour import draw_lines, draw_orders, draw_refunds, draw_touches, price_orders
from .catalogue import DELIVERY, MALL, STORE
from .people import NEVER, phone_at
from .settings import DAY, Columns, Run

PLAIN, MASKED, PLACEHOLDER = 0, 6, 8
PHONE_STYLES = [
    ("phone_prefixed", (1, 2)),
    ("phone_spaced", (3, 4)),
    ("phone_full_width", (5,)),
    ("phone_masked", (6,)),
    ("phone_scientific", (7,)),
    ("phone_placeholder", (8,)),
]


def buy(
    run: Run, part: str | int, people: Columns, volume: NDArray[np.float64], prices: Columns
) -> tuple[Columns, Columns, Columns, Columns]:
    """What a part of the people does: touches, orders, lines and refunds."""
    rng = run.random("behaviour", part)
    touches = draw_touches(rng, run, people, volume)
    orders = draw_orders(rng, run, people, touches)
    flag_orders(run.random("flags", part), run, people, orders)
    lines = draw_lines(rng, run, people, orders, prices)
    price_orders(rng, run, orders, lines)
    refunds = draw_refunds(rng, run, orders, lines)
    sum_refunds(orders, refunds)
    return touches, orders, lines, refunds


def flag_orders(rng: np.random.Generator, run: Run, people: Columns, orders: Columns) -> None:
    """Add currency, guest, cancelled, unpaid, test, staff and being rung again to the orders."""
    rates, size = run.rates, len(orders["at"])
    place, person = orders["place"], orders["person"]
    online, by_delivery, ordered = place == MALL, place == DELIVERY, place != STORE
    orders["is_usd"] = online & people["is_overseas"][person]
    orders["is_guest"] = online & (rng.random(size) < rates["guest_order"])
    chance = rates["order_cancelled"] * (1 + by_delivery)
    orders["is_cancelled"] = ordered & (rng.random(size) < chance)
    delay = np.where(by_delivery, rng.integers(60, 2_400, size), rng.integers(600, 2 * DAY, size))
    orders["cancelled_at"] = orders["at"] + delay
    orders["is_cancelled"] &= orders["cancelled_at"] < run.end
    unpaid = rng.random(size) < np.where(orders["is_cancelled"], 0.5, rates["order_unpaid"])
    orders["is_unpaid"] = ordered & unpaid
    orders["is_test"] = online & (rng.random(size) < rates["order_test"])
    orders["is_staff"] = people["is_staff"][person]
    valid = ordered & ~orders["is_cancelled"] & ~orders["is_unpaid"] & ~orders["is_usd"]
    collects = online & (rng.random(size) < rates["click_and_collect"]) & ~orders["is_test"]
    keyed_in = by_delivery & (rng.random(size) < rates["delivery_rung"])
    soon, later = rng.integers(60, 900, size), rng.integers(DAY // 2, 3 * DAY, size)
    orders["rung_at"] = orders["at"] + np.where(by_delivery, soon, later)
    orders["is_rung"] = valid & (collects | keyed_in) & (orders["rung_at"] < run.end)
    orders["rung_store"] = np.where(by_delivery, orders["from_store"], people["home_store"][person])


def sum_refunds(orders: Columns, refunds: Columns) -> None:
    """Add to each order what was given back, when, and whether in part (1) or in full (2)."""
    size, order = len(orders["at"]), refunds["order"]
    orders["refunded"] = np.bincount(order, refunds["amount"], size).astype(np.int64)
    orders["refunded_at"] = np.zeros(size, dtype=np.int64)
    orders["refunded_at"][order] = refunds["at"]
    orders["refund_state"] = np.zeros(size, dtype=np.int64)
    orders["refund_state"][order] = 1 + refunds["is_full"]


def spoil_lines_of_orders(
    rng: np.random.Generator, run: Run, orders: Columns, lines: Columns
) -> None:
    """Add the bad code of each line; lines that are seen twice or refunded stay good."""
    order = lines["order"]
    bad = bad_codes(rng, run.rates["bad_line"], 5, len(order))
    touched = (orders["refund_state"][order] > 0) | orders["is_rung"][order]
    lines["bad"] = np.where(touched, 0, bad)


def draw_members(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns
) -> NDArray[np.int64]:
    """When each person became a member (NEVER = not): 70 % of buyers, 20 % of the others."""
    size = len(people["person"])
    first_order_at = np.full(size, NEVER)
    np.minimum.at(first_order_at, orders["person"], orders["at"])
    buys = first_order_at < NEVER
    joins = people["member_draw"] < np.where(buys, 0.70, 0.20)
    joins |= people["is_staff"]
    at_till = first_order_at - rng.integers(60, 600, size)
    later = first_order_at + rng.exponential(25 * DAY, size).astype(np.int64)
    at_order = np.where(rng.random(size) < 0.65, at_till, later)
    alone = people["first_at"] + 600 + rng.exponential(5 * DAY, size).astype(np.int64)
    member_at = np.where(buys, at_order, alone)
    return np.where(joins & (member_at < run.end), member_at, NEVER)


def write_phones(
    rng: np.random.Generator,
    run: Run,
    people: Columns,
    person: NDArray[np.int64],
    at: NDArray[np.int64],
    given_share: float,
) -> Columns:
    """Phones as typed on records: phone (-1 = none), phone_style, phone_is_own."""
    rates, size = run.rates, len(person)
    phone = phone_at(people, person, at)
    gives = people["has_phone"][person] & (rng.random(size) < given_share)
    typo = rng.random(size) < rates["phone_typo"]
    place = 10 ** rng.integers(0, 8, size)
    digit = phone // place % 10
    wrong = phone + ((digit + rng.integers(1, 10, size)) % 10 - digit) * place
    style, draw, until = np.zeros(size, dtype=np.int64), rng.random(size), 0.0
    for name, variants in PHONE_STYLES:
        rows = (draw >= until) & (draw < until + rates[name])
        style[rows] = rng.choice(variants, rows.sum())
        until += rates[name]
    borrowed = people["phone_is_borrowed"][person]
    return {
        "phone": np.where(gives, np.where(typo, wrong, phone), -1),
        "phone_style": style,
        "phone_is_own": ~typo & ~borrowed,
    }


def write_emails(
    rng: np.random.Generator, run: Run, people: Columns, person: NDArray, given_share: float
) -> Columns:
    """E-mails as typed on records: email_no (-1 = none), email_style."""
    size = len(person)
    gives = people["has_email"][person] & (rng.random(size) < given_share)
    untidy = rng.random(size) < run.rates["email_untidy"]
    return {
        "email_no": np.where(gives, people["email_no"][person], -1),
        "email_style": np.where(untidy, rng.integers(1, 3, size), 0),
    }


def bad_codes(rng: np.random.Generator, share: float, kinds: int, size: int) -> NDArray[np.int64]:
    """0 for good rows, 1..kinds for rows made unacceptable in that way."""
    return np.where(rng.random(size) < share, rng.integers(1, kinds + 1, size), 0)


def versions(
    rng: np.random.Generator, run: Run, created: NDArray, final: NDArray, changed: NDArray
) -> Columns:
    """Delivered copies of records: row, version (0 last, 1 first), copy, updated_at, file_at.

    A changed or re-sent record has a first copy and a last one; a stale copy comes last but is
    the first version again.
    """
    rates, size = run.rates, len(created)
    resent = rng.random(size) < rates["row_resent"]
    resent |= changed & (rng.random(size) < 0.5) & (rates["row_resent"] > 0)
    touched = created + rng.integers(DAY, 20 * DAY, size)
    last = np.where(resent & ~changed, np.minimum(touched, run.end - 1), final)
    stale = np.flatnonzero(resent & (rng.random(size) < rates["row_stale"] * 10))
    first = np.flatnonzero(resent)
    row = np.concatenate([np.arange(size), first, stale])
    return {
        "row": row,
        "version": np.repeat([0, 1, 1], [size, len(first), len(stale)]),
        "copy": np.repeat([0, 1, 2], [size, len(first), len(stale)]),
        "updated_at": np.concatenate([last, created[first] + 5, created[stale] + 5]),
        "file_at": np.concatenate(
            [np.where(resent, last, created), created[first], np.full(len(stale), run.end - 1)]
        ),
        "is_resent": resent[row],
    }
