"""What people do: touches, orders, baskets and refunds, as plain arrays without any dirt.

Times are seconds since 1970 UTC; money is integer fen (CNY) or cent (USD) of the order's currency.
"""

import numpy as np
from numpy.typing import NDArray

from . import story
from .catalogue import (
    CAMPAIGN_CHANNEL,
    CHANNEL,
    CHANNELS,
    DELIVERY,
    MALL,
    PRODUCTS,
    STORE,
    TMALL,
    TYPES,
    channels,
    season,
)
from .people import LATER_TOUCHES, midnight, pick_campaign
from .settings import DAY, Columns, Run, promotion_windows

NONE = -1
"""No channel."""
BASE_CHANCE = 0.30
"""Chance to buy without any touch selling."""
MEAN_GAP = {"one_off": 60, "d45": 45, "d21": 21}
DROP_OUT = {"one_off": 0.90, "d45": 0.25, "d21": 0.12}
TASTE = {"one_off": 1.5, "d45": 1.0, "d21": 1.15}
"""Exponent of the price rank: above 1 leans to the cheap half of the assortment."""
REFUND_SHARE, PARTIAL_SHARE, REFUND_LAG_DAYS = 0.06, 0.20, 5.0
PULL_FORWARD = 0.30
FREE_SHIPPING_FROM = 9_900
SHIPPING = 1_000
DELIVERY_FEES = [300, 400, 500, 600, 900]
COMMISSION = (0.15, 0.23)
"""Share of a delivery order that the platform keeps, least and most."""


def take(columns: Columns, rows: NDArray) -> Columns:
    """Rows of a table by mask or index."""
    return {name: values[rows] for name, values in columns.items()}


def group_starts(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of the first row of each run of equal values."""
    return np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]]) if len(groups) else groups[:0]


def cumulated(values: NDArray, groups: NDArray[np.int64]) -> NDArray:
    """Running sum that starts anew with each run of equal group values."""
    total = np.cumsum(values)
    starts = group_starts(groups)
    before = np.r_[total[:0].dtype.type(0), total][starts]
    return total - np.repeat(before, np.diff(np.r_[starts, len(values)]))


def draw_touches(
    rng: np.random.Generator, run: Run, people: Columns, volume: NDArray[np.float64]
) -> Columns:
    """One row per contact in time order per person: person, at, channel, campaign (-1 = none)."""
    often, touches = 1.0, people["touches"]
    if run.spend != "usual" and not story.is_told(run):  # as on the day of the most; others thin
        often = later_likelihood(run, volume).sum(axis=0).max()
        touches = touches + rng.poisson(LATER_TOUCHES * (often - 1), len(touches))
    person = np.repeat(people["person"], touches)
    is_first = np.r_[True, person[1:] != person[:-1]]
    gap = np.where(is_first, 0.0, rng.exponential(4 * DAY / often, len(person)))
    at = people["first_at"][person] + cumulated(gap, person).astype(np.int64)
    later_channel = later_channels(rng, run, (at - run.start) // DAY, volume)
    channel = np.where(is_first, people["channel"][person], later_channel)
    made = channel != NONE
    person, at, channel = person[made], at[made], channel[made]
    campaign = pick_campaign(rng, channel, (at - run.start) // DAY, volume)
    return {"person": person, "at": at, "channel": channel, "campaign": campaign}


def later_likelihood(run: Run, volume: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely a later touch is of each channel, [channel, day]; 1 in all on a usual day.

    Unless spend is usual it moves paid channels like first contacts, each by its own spend alone.
    """
    late = np.array([channel.late_share for channel in channels(run)])
    likely = np.repeat((late / late.sum())[:, None], run.days, axis=1)
    if run.spend != "usual":
        for number in np.unique(CAMPAIGN_CHANNEL):
            pull = volume[CAMPAIGN_CHANNEL == number].sum(axis=0) / season(run)
            likely[number] *= pull / pull.mean()
    return likely


def later_channels(
    rng: np.random.Generator, run: Run, day: NDArray[np.int64], volume: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Channels of later touches; NONE where less was spent than on the day of the most touches."""
    if run.spend == "usual":
        late = later_likelihood(run, volume)[:, 0]
        return rng.choice(len(CHANNELS), len(day), p=late)
    likely = later_likelihood(run, volume)
    if story.is_told(run):  # there people come back as often, whatever is spent
        until = np.cumsum(likely, axis=0) / likely.sum(axis=0)
        return (rng.random(len(day)) > until[:-1, day.clip(0, run.days - 1)]).sum(axis=0)
    until = np.cumsum(likely, axis=0)
    until /= until[-1].max()
    channel = (rng.random(len(day)) > until[:, day.clip(0, run.days - 1)]).sum(axis=0)
    return np.where(channel == len(CHANNELS), NONE, channel)


def first_orders(
    rng: np.random.Generator, run: Run, people: Columns, touches: Columns
) -> Columns:
    """One row per buyer: person, at, touch (the one that sold, -1 = none did)."""
    hazard = np.array([channel.hazard for channel in channels(run)])[touches["channel"]]
    sold = np.flatnonzero(rng.random(len(hazard)) < hazard)
    buyer, first = np.unique(touches["person"][sold], return_index=True)
    size = len(people["person"])
    touch, at = np.full(size, -1), np.full(size, np.iinfo(np.int64).max)
    touch[buyer] = sold[first]
    at[buyer] = touches["at"][sold[first]] + rng.integers(240, 1_500, len(buyer))
    anyway = rng.random(size) < BASE_CHANCE
    base_at = people["first_at"] + rng.exponential(10 * DAY, size).astype(np.int64)
    earlier = anyway & (base_at < at)
    touch[earlier], at[earlier] = -1, base_at[earlier]
    buyers = np.flatnonzero(at < np.iinfo(np.int64).max)
    return {"person": buyers, "at": at[buyers], "touch": touch[buyers]}


def channel_effects(run: Run, people: Columns, touches: Columns) -> Columns:
    """What the touches of the period truly caused, per channel: touches and first orders.

    caused_types splits the first orders by the people's type, [channel, type].
    The chance to buy is 1 - (1 - base) * product over channels of (1 - hazard) ^ touches; a
    channel's effect is that chance less the chance without its touches, summed over people who
    first came in the period.
    """
    size = len(people["person"])
    inside = (touches["at"] >= run.start) & (touches["at"] < run.end)
    inside &= people["first_at"][touches["person"]] >= run.start
    cells = touches["person"][inside] * len(CHANNELS) + touches["channel"][inside]
    count = np.bincount(cells, minlength=size * len(CHANNELS)).reshape(size, -1)
    survival = count * np.log1p([-channel.hazard for channel in channels(run)])
    total = survival.sum(axis=1, keepdims=True)
    caused = (1 - BASE_CHANCE) * (np.exp(total - survival) - np.exp(total))
    kinds = np.eye(len(TYPES))[people["kind"]]
    return {
        "touches": count.sum(axis=0), "caused": caused.sum(axis=0), "caused_types": caused.T @ kinds
    }  # fmt: skip


def repeat_orders(
    rng: np.random.Generator, run: Run, people: Columns, first: Columns
) -> list[Columns]:
    """Later orders, one table per rank: Gamma gaps, drop-out after each order, pull-forward."""
    mean_gap = np.array([MEAN_GAP[name] for name in TYPES]) * DAY
    drop_out = np.array([DROP_OUT[name] for name in TYPES])
    windows = promotion_windows(run)
    waves, last = [], first
    while len(last["person"]):
        kind = people["kind"][last["person"]]
        stays = rng.random(len(kind)) >= drop_out[kind]
        due = last["at"] + rng.gamma(4, mean_gap[kind] / 4).astype(np.int64)
        pulled, spot = rng.random(len(kind)) < PULL_FORWARD, rng.random(len(kind))
        for start, end in windows:
            moved = start + ((end - start) * spot).astype(np.int64)
            fits = (due >= end) & (due < end + 21 * DAY) & (last["at"] < moved) & pulled
            due = np.where(fits, moved, due)
        keep = stays & (due < run.end)
        last = {"person": last["person"][keep], "at": due[keep]}
        last["touch"] = np.full(len(last["at"]), -1)
        waves.append(last)
    return waves


def draw_orders(rng: np.random.Generator, run: Run, people: Columns, touches: Columns) -> Columns:
    """One row per purchase in time order, also before the period: person, at, rank, touch, place.

    store is the store's number for a sale at a till, from_store the one that fulfils a delivery,
    else -1; stores sell and deliver from 10 to 22 o'clock.
    """
    first = first_orders(rng, run, people, touches)
    first = take(first, first["at"] < run.end)
    waves = [first, *repeat_orders(rng, run, people, first)]
    orders = {name: np.concatenate([wave[name] for wave in waves]) for name in first}
    orders["rank"] = np.repeat(np.arange(len(waves)), [len(wave["at"]) for wave in waves])
    size = len(orders["at"])
    by_store_touch = touches["channel"][orders["touch"]] == CHANNEL["store"]
    person = orders["person"]
    in_store = rng.random(size) < people["prefers_store"][person]
    in_store |= (orders["touch"] >= 0) & by_store_touch
    visits_home = rng.random(size) < 0.85
    other = rng.integers(0, people["home_store"].max() + 1, size)
    store = np.where(visits_home, people["home_store"][person], other)
    orders["place"] = np.where(in_store, STORE, MALL)
    draw = rng.random(size)
    tmall, delivery = people["prefers_tmall"][person], people["prefers_delivery"][person]
    orders["place"][~in_store & (draw < tmall)] = TMALL
    orders["place"][~in_store & (draw >= tmall) & (draw < tmall + delivery)] = DELIVERY
    orders["store"] = np.where(in_store, store, -1)
    orders["from_store"] = np.where(orders["place"] == DELIVERY, store, -1)
    by_hours = in_store | (orders["place"] == DELIVERY)
    opening = midnight(orders["at"]) + 10 * 3_600 + rng.integers(0, 12 * 3_600, size)
    after = (orders["touch"] >= 0) & ~by_store_touch & (opening <= orders["at"])
    orders["at"] = np.where(by_hours, opening + DAY * after, orders["at"])
    order = np.lexsort((orders["person"], orders["at"]))
    return take(take(orders, order), orders["at"][order] < run.end)


def draw_lines(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns, prices: Columns
) -> Columns:
    """One row per basket line in order of orders: order, line, product, quantity, price, discount.

    price is of one piece, discount of the whole line, both in the order's currency.
    """
    lines = 1 + rng.poisson(0.6, len(orders["at"])).clip(0, 4)
    order = np.repeat(np.arange(len(lines)), lines)
    taste = np.array([TASTE[name] for name in TYPES])[people["kind"][orders["person"][order]]]
    product = (PRODUCTS * rng.random(len(order)) ** taste).astype(np.int64)
    quantity = rng.choice([1, 2, 3], len(order), p=[0.86, 0.11, 0.03])
    usd = orders["is_usd"][order]
    price = np.where(usd, prices["price_cent"][product], prices["price_fen"][product])
    reduced = np.where(rng.random(len(order)) < 0.2, rng.integers(5, 31, len(order)), 0)
    return {
        "order": order,
        "line": cumulated(np.ones(len(order), dtype=np.int64), order),
        "product": product,
        "quantity": quantity,
        "price": price,
        "discount": price * quantity * reduced // 100,
    }


def share_out(
    amount: NDArray[np.int64], weight: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Split an amount per order over its lines pro rata; the parts sum to the amount exactly."""
    total = np.bincount(order, weight, len(amount)).astype(np.int64)[order].clip(1)
    until = amount[order] * cumulated(weight, order) // total
    starts = group_starts(order)
    before = np.r_[0, until[:-1]]
    before[starts] = 0
    return until - before


def price_orders(rng: np.random.Generator, run: Run, orders: Columns, lines: Columns) -> None:
    """Add the money of each order and line: items, discounts, shipping, commission, line net."""
    size = len(orders["at"])
    gross = lines["price"] * lines["quantity"]
    orders["gross"] = np.bincount(lines["order"], gross, size).astype(np.int64)
    line_discount = np.bincount(lines["order"], lines["discount"], size).astype(np.int64)
    in_promotion = np.zeros(size, dtype=bool)
    for start, end in promotion_windows(run):
        in_promotion |= (orders["at"] >= start) & (orders["at"] < end)
    has_voucher = rng.random(size) < np.where(in_promotion, 0.65, 0.20)
    percent = np.where(in_promotion, rng.integers(12, 26, size), rng.integers(3, 16, size))
    place = orders["place"]
    remaining = orders["gross"] - line_discount
    voucher = np.where(has_voucher & (place != STORE), remaining * percent // 100, 0)
    orders["voucher"] = voucher
    orders["discount"] = line_discount + voucher
    orders["net"] = orders["gross"] - orders["discount"]
    charged = np.isin(place, (MALL, TMALL)) & (orders["net"] < FREE_SHIPPING_FROM)
    orders["shipping"] = np.where(charged & ~orders["is_usd"], SHIPPING, 0)
    is_delivery = place == DELIVERY
    orders["shipping"][is_delivery] = rng.choice(DELIVERY_FEES, is_delivery.sum())
    orders["commission_share"] = np.where(is_delivery, rng.uniform(*COMMISSION, size), 0.0)
    orders["commission"] = (orders["net"] * orders["commission_share"]).round().astype(np.int64)
    line_net = gross - lines["discount"]
    lines["net"] = line_net - share_out(voucher, line_net, lines["order"])


def draw_refunds(rng: np.random.Generator, run: Run, orders: Columns, lines: Columns) -> Columns:
    """One row per refunded line in order of orders: order, line_row, at, amount, is_full.

    Delivery orders are cancelled, never refunded.
    """
    size, takes_back = len(orders["at"]), orders["place"] != DELIVERY
    refunded = (rng.random(size) < REFUND_SHARE) & ~orders["is_unpaid"] & takes_back
    partial = rng.random(size) < PARTIAL_SHARE
    lag = rng.exponential(REFUND_LAG_DAYS * DAY, size).astype(np.int64) + 3_600
    at = orders["at"] + lag
    paid_back = orders["is_cancelled"] & ~orders["is_unpaid"] & takes_back
    at = np.where(paid_back, orders["cancelled_at"] + 600, at)
    in_store = orders["place"] == STORE
    opening = midnight(at) + 11 * 3_600 + rng.integers(0, 10 * 3_600, size)
    at = np.where(in_store, np.maximum(opening, orders["at"] + 600), at)
    refunded = (refunded | paid_back) & (at < run.end)
    partial &= ~paid_back
    rows = refunded[lines["order"]] & (~partial[lines["order"]] | (lines["line"] == 1))
    rows = np.flatnonzero(rows & (lines["net"] > 0))
    order = lines["order"][rows]
    return {
        "order": order,
        "line_row": rows,
        "at": at[order],
        "amount": lines["net"][rows],
        "is_full": ~partial[order],
    }
