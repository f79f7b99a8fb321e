"""Who the people are: type, first contact, habits, surfaces, and the identifiers they own."""

import numpy as np
from numpy.typing import NDArray

from .catalogue import CAMPAIGN_CHANNEL, CHANNELS, STORES, channels, regions
from .settings import DAY, SHANGHAI_OFFSET, Columns, Run

NEVER = np.int64(1) << 40
OLD_SHARE, OLD_DAYS = 0.25, 300
"""Share of people whose first contact lies before the period, and how long before at most."""
TMALL_SHARE, DELIVERY_SHARE = 0.20, 0.12
"""Shares of people who buy on tmall and by delivery at all."""
APP_SHARE, MINI_SHARE = 0.35, 0.40
"""Share of members with the app, and of people who use the mini program."""
LATER_TOUCHES = 1.6
"""Touches after the first one, on average."""
PHONE_PREFIXES = np.array(
    [130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 150, 151, 152, 153, 155, 156, 157, 158, 159]
    + [180, 181, 182, 183, 185, 186, 187, 188, 189, 191, 198, 199]
)
HOUR_WEIGHTS = np.array([2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 6, 5, 5, 5, 5, 6, 8, 10, 11, 9, 5])


def scatter(number: NDArray[np.int64], modulus: int, shift: int = 0) -> NDArray[np.int64]:
    """A one-to-one reordering of 0..modulus-1 (a prime), so that numbers tell nothing."""
    return (number * 48_271 + shift) % modulus


def phone_numbers(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Eleven-digit mobile numbers, one of its own for each owner number below 99 million."""
    prefix = PHONE_PREFIXES[owner % len(PHONE_PREFIXES)].astype(np.int64)
    return prefix * 100_000_000 + scatter(owner, 99_999_989, 31_415_926)


def time_of_day(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Seconds after Shanghai midnight, busiest in the evening."""
    hour = rng.choice(24, size, p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
    return hour * 3_600 + rng.integers(0, 3_600, size)


def local_day(at: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
    """Business day of a moment, 0 = first day of the period."""
    return (at - run.start) // DAY


def pick_campaign(
    rng: np.random.Generator,
    channel: NDArray[np.int64],
    day: NDArray[np.int64],
    volume: NDArray[np.float64],
) -> NDArray[np.int64]:
    """A campaign for each paid touch by the volumes of its day; -1 for unpaid channels."""
    day = day.clip(0, volume.shape[1] - 1)
    picked = np.full(len(channel), -1)
    for number in np.unique(CAMPAIGN_CHANNEL):
        rows = np.flatnonzero(channel == number)
        own = np.flatnonzero(CAMPAIGN_CHANNEL == number)
        until = np.cumsum(volume[own], axis=0)
        draw = rng.random(len(rows)) * until[-1, day[rows]]
        picked[rows] = own[(draw[None, :] > until[:-1, day[rows]]).sum(axis=0)]
    return picked


def first_contact(
    rng: np.random.Generator,
    run: Run,
    channel: NDArray[np.int64],
    volume: NDArray[np.float64],
    season: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Moment of each person's first contact: spend moves the paid channels, season the others."""
    day = np.empty(len(channel), dtype=np.int64)
    for number in range(len(CHANNELS)):
        rows = channel == number
        own = CAMPAIGN_CHANNEL == number
        weight = volume[own].sum(axis=0) if own.any() else season
        until = np.cumsum(weight / weight.sum())
        day[rows] = np.searchsorted(until[:-1], rng.random(rows.sum()), side="right")
    old = rng.random(len(channel)) < OLD_SHARE
    day[old] = -rng.integers(1, OLD_DAYS + 1, old.sum())
    return run.start + day * DAY + time_of_day(rng, len(channel))


def draw_people(
    run: Run, ids: NDArray[np.int64], volume: NDArray[np.float64], season: NDArray[np.float64]
) -> Columns:
    """One row per person of a chunk; ids are the person ids, all times seconds since 1970."""
    rng, rates, size = run.random("people", int(ids[0])), run.rates, len(ids)
    channel = rng.choice(len(CHANNELS), size, p=[channel.share for channel in channels(run)])
    mixes = np.cumsum([entry.mix for entry in channels(run)], axis=1)
    kind = (rng.random(size)[:, None] > mixes[channel][:, :2]).sum(axis=1)
    at = first_contact(rng, run, channel, volume, season)
    from_store = np.array([entry.name == "store" for entry in CHANNELS])[channel]
    prefers_store = np.where(from_store, rng.beta(6, 2, size), rng.beta(1.2, 4, size))
    phone = phone_numbers(ids)
    borrows = (rng.random(size) < rates["people_household"] * 2) & (ids % 2 == 1)
    borrows[0] = False
    phone[borrows] = phone[np.flatnonzero(borrows) - 1]
    changes = (rng.random(size) < rates["people_new_phone"]) & ~borrows
    changed_at = rng.integers(run.start, run.end, size)
    return {
        "person": np.arange(size),
        "person_id": ids,
        "channel": channel,
        "kind": kind,
        "first_at": at,
        "touches": 1 + rng.poisson(LATER_TOUCHES, size),
        "prefers_store": prefers_store,
        "home_store": rng.integers(0, len(STORES), size),
        "is_overseas": rng.random(size) < 0.04,
        "region": rng.integers(0, len(regions(run)), size),
        "birth_day": rng.integers(-12_000, 9_000, size),
        "devices": rng.integers(1, 4, size),
        "email_no": scatter(ids, 9_999_991, 271_828),
        "phone": phone,
        "phone_is_borrowed": borrows,
        "new_phone": phone_numbers(ids + 40_000_000),
        "new_phone_at": np.where(changes, changed_at, NEVER),
        "has_phone": rng.random(size) < 0.85,
        "has_email": rng.random(size) < 0.65,
        "member_draw": rng.random(size),
        "is_staff": rng.random(size) < rates["people_staff"],
        "prefers_tmall": taste(rng, size, TMALL_SHARE),
        "prefers_delivery": taste(rng, size, DELIVERY_SHARE),
    }


def taste(rng: np.random.Generator, size: int, share: float) -> NDArray[np.float64]:
    """Chance of each person to buy in a place: 0 for most, about a half for a share of people."""
    return np.where(rng.random(size) < share, rng.beta(3, 3, size), 0.0)


def number_people(people: Columns) -> None:
    """Add the numbers behind the ids that systems give to people."""
    ids = people["person_id"]
    people["member_no"] = scatter(ids, 9_999_973, 161_803)
    people["customer_no"] = scatter(ids, 9_999_943, 577_215)
    people["buyer_no"] = scatter(ids, 9_999_937, 141_421)
    people["delivery_user_no"] = scatter(ids, 9_999_931, 173_205)
    people["openid_no"] = scatter(ids, 9_999_929, 223_606)


def draw_surfaces(rng: np.random.Generator, run: Run, people: Columns) -> None:
    """Add when people have the app, the mini program and the official account, and on what phone.

    Some get another phone later; some phones were used by somebody else before.
    """
    size, rates = len(people["person"]), run.rates
    first, member = people["first_at"], people["member_at"]
    has_app = (member < NEVER) & (rng.random(size) < APP_SHARE)
    early = rng.random(size) < 0.3
    before = np.maximum(first, member - rng.exponential(10 * DAY, size).astype(np.int64))
    after = member + rng.exponential(20 * DAY, size).astype(np.int64)
    since = np.where(early, before, after)
    people["app_since"] = np.where(has_app & (since < run.end), since, NEVER)
    uses_mini = rng.random(size) < MINI_SHARE
    since = first + rng.exponential(15 * DAY, size).astype(np.int64)
    people["mini_since"] = np.where(uses_mini & (since < run.end), since, NEVER)
    follows = rng.random(size) < np.where(uses_mini, 0.5, 0.12)
    since = first + rng.exponential(40 * DAY, size).astype(np.int64)
    people["follow_at"] = np.where(follows & (since < run.end), since, NEVER)
    until = since + rng.exponential(250 * DAY, size).astype(np.int64) + 3_600
    leaves = (rng.random(size) < 0.35) & (people["follow_at"] < NEVER) & (until < run.end)
    people["unfollow_at"] = np.where(leaves, until, NEVER)
    unjoined = rng.random(size) < rates["unionid_missing"]
    people["unionid_no"] = np.where(unjoined, -1, people["openid_no"])
    people["app_device"] = people["person_id"] * 2
    people["new_app_device"] = people["person_id"] * 2 + 1
    renewed = people["app_since"] + rng.exponential(200 * DAY, size).astype(np.int64) + DAY
    renews = (rng.random(size) < rates["people_new_device"] * 2) & (renewed < run.end)
    people["new_app_device_at"] = np.where(renews, renewed, NEVER)
    sell_devices(run, people)


def sell_devices(run: Run, people: Columns) -> None:
    """Give old phones of app users who renewed to people who start the app a week or more later."""
    users = int((people["app_since"] < NEVER).sum())
    wanted = int(round(run.rates["device_sold"] * users))
    sold = np.flatnonzero(people["new_app_device_at"] < run.end - 14 * DAY)
    sold = sold[np.argsort(people["new_app_device_at"][sold], kind="stable")][:wanted]
    free = (people["app_since"] < NEVER) & (people["new_app_device_at"] == NEVER)
    buyers = np.flatnonzero(free)
    buyers = buyers[np.argsort(people["app_since"][buyers], kind="stable")][::-1][: len(sold)]
    sold = sold[: len(buyers)]
    fits = people["new_app_device_at"][sold] + 7 * DAY < people["app_since"][buyers]
    people["app_device"][buyers[fits]] = people["app_device"][sold[fits]]


def app_device_at(people: Columns, person: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray:
    """The phone on which each person uses the app at each moment."""
    renewed = at >= people["new_app_device_at"][person]
    return np.where(renewed, people["new_app_device"][person], people["app_device"][person])


def recycle_phones(
    run: Run, people: Columns, first_seen: NDArray[np.int64], last_seen: NDArray[np.int64]
) -> int:
    """Give numbers of people who have gone to people who come 60 days later; returns how many.

    The former holder is never seen again, so both may call the number theirs, one after the other.
    """
    wanted = int(round(run.rates["people_recycled"] * len(first_seen)))
    unchanged = (people["new_phone_at"] == NEVER) & ~people["phone_is_borrowed"]
    lent = np.zeros(len(first_seen), dtype=bool)
    lent[np.flatnonzero(people["phone_is_borrowed"]) - 1] = True
    free = unchanged & ~lent & people["has_phone"]
    gone = np.flatnonzero(free & (last_seen > 0) & (last_seen < run.start + run.days * DAY // 3))
    new = np.flatnonzero(free & (first_seen > run.start + run.days * DAY // 2))
    count = min(wanted, len(gone), len(new))
    gone, new = gone[:count], new[-count:] if count else new[:0]
    fits = last_seen[gone] + 60 * DAY < first_seen[new]
    people["phone"][new[fits]] = people["phone"][gone[fits]]
    return int(fits.sum())


def phone_at(people: Columns, person: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray:
    """The number each person uses at each moment."""
    renewed = at >= people["new_phone_at"][person]
    return np.where(renewed, people["new_phone"][person], people["phone"][person])


def midnight(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shanghai midnight before each moment, seconds since 1970."""
    return (at + SHANGHAI_OFFSET) // DAY * DAY - SHANGHAI_OFFSET
