"""Every knob of the simulated retailer: the run, the calendar and one table of dirt rates."""

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray]
"""A table as named arrays of one length."""

LAST_DAY = date(2026, 6, 30)
CHUNK_PEOPLE = 50_000
DAY = 86_400
SHANGHAI_OFFSET = 8 * 3_600
CNY_PER_USD = 7.1

STREAM_ID = "3471002210"
APP_ID = "com.omniloop.mall"
MINI_APP_ID = "wx3b1d0a7c5e2f4960"
OFFICIAL_APP_ID = "wx8f27c6d1a05be394"
TABLET_COOKIE = "1990000001.1700000001"
TABLET_STORE = 4
COUNTER_STORE = 2
COUNTER_PHONE = 13_905_517_236

# One row per kind of dirt: rates at noise none, default, hard. A rate is the share of the
# records (or people, where the name says people) that get it.
NOISE: dict[str, tuple[float, float, float]] = {
    # phones and e-mails as people write them
    "phone_prefixed": (0, 0.06, 0.10),  # +86, 86-
    "phone_spaced": (0, 0.05, 0.08),  # blanks and dashes
    "phone_full_width": (0, 0.01, 0.03),
    "phone_masked": (0, 0.02, 0.08),  # 138****1234
    "phone_scientific": (0, 0.005, 0.02),  # 1.38E+10
    "phone_placeholder": (0, 0.005, 0.02),  # 13800138000
    "phone_typo": (0, 0.004, 0.015),
    "email_untidy": (0, 0.05, 0.10),  # upper case, blanks
    # people whose identifiers are not theirs alone or not theirs for ever
    "people_household": (0, 0.02, 0.05),  # use a partner's phone
    "people_recycled": (0, 0.003, 0.01),  # got a number somebody gave up
    "people_new_phone": (0, 0.02, 0.05),
    "counter_phone": (0, 0.45, 0.60),  # tickets of one store with the clerk's number
    "tablet_login": (0, 0.25, 0.40),  # orders of one store that log in on its tablet
    "cookie_expires": (0, 1, 1),
    "people_new_device": (0, 0.10, 0.15),  # app users who get another phone
    "device_sold": (0, 0.02, 0.05),  # app users whose phone was somebody else's before
    "unionid_missing": (0, 0.15, 0.30),  # people whose accounts the open platform does not join
    "people_refollow": (0, 0.20, 0.30),  # of those who left the official account, come back
    "device_refused": (0, 0.02, 0.05),  # phones that give zeros for their id
    "clock_off": (0, 0.03, 0.06),  # phones whose clock is hours to years off
    # what the app and the mini program do
    "app_woken": (0, 0.50, 1.0),  # starts in the background, per user of the app
    "app_offline": (0, 0.03, 0.06),  # events sent hours or days later
    "event_id_missing": (0, 0.10, 0.20),  # phones with an older SDK, visits of an older log
    "query_lost": (0, 0.15, 0.30),  # ad visits of the mini program without what the link said
    # what the web shop does
    "guest_order": (0, 0.10, 0.20),
    "untracked_session": (0, 0.03, 0.10),
    "gclid_missing": (0, 0.08, 0.25),
    "utm_misspelt": (0, 0.06, 0.15),
    "utm_unmatched": (0, 0.02, 0.05),
    # what happens to orders
    "order_cancelled": (0, 0.03, 0.05),
    "order_unpaid": (0, 0.02, 0.03),
    "order_test": (0, 0.002, 0.004),
    "people_staff": (0, 0.004, 0.008),
    "click_and_collect": (0, 0.05, 0.08),  # rung again at a till
    "delivery_rung": (0, 0.30, 0.50),  # delivery orders rung again at the store's till
    "refund_before_order": (0, 0.01, 0.03),
    "refund_without_order": (0, 0.04, 0.10),  # to be found by customer and item
    "refund_orphan": (0, 0.01, 0.02),  # cannot be found
    "refund_without_lines": (0, 0.06, 0.10),  # goodwill, total only
    "refund_total_missing": (0, 0.10, 0.20),  # total or currency left empty
    "return_without_ticket": (0, 0.30, 0.45),
    # the marketplace's export
    "nick_untidy": (0, 0.05, 0.10),  # case and blanks of a buyer's name
    "nick_masked": (0, 0.01, 0.03),  # t**5
    "marketplace_phone_masked": (0, 0.60, 0.80),
    "refund_refused": (0, 0.02, 0.04),  # asked for, never paid
    # the delivery platform's log
    "virtual_phone_plain": (0, 0.15, 0.30),  # without its extension, so it looks like anybody's
    "list_broken": (0, 0.01, 0.03),  # lists of items cut off
    "refund_pending": (0, 0.30, 0.50),  # delivered first before it was paid
    # the books
    "cost_unknown": (0, 0.03, 0.06),  # products
    "bad_cost": (0, 0.01, 0.03),
    # messages, answers and experiments
    "message_phone_masked": (0, 0.05, 0.10),
    "message_lost": (0, 0.003, 0.01),  # whose events are delivered all the same
    "message_machine_open": (0, 0.30, 0.40),  # e-mails opened by mail privacy protection
    "message_bot_click": (0, 0.02, 0.05),  # of those, followed by a scanner
    "message_clock_behind": (0, 0.03, 0.06),  # clicks before the carrier's receipt
    "feedback_anonymous": (0, 0.08, 0.15),
    "score_decimal": (0, 0.10, 0.20),  # 10.0
    "exposure_repeated": (0, 0.20, 0.30),
    "arm_contaminated": (0, 0.01, 0.03),  # units put into both arms
    # delivery
    "row_resent": (0, 0.04, 0.08),  # a newer version in a later file
    "row_stale": (0, 0.004, 0.01),  # an older version arrives last
    "event_resent": (0, 0.01, 0.03),  # exact copy in another file
    "event_late": (0, 0.01, 0.03),  # delivered with a later month
    "stats_restated": (0, 0.05, 0.10),
    "stats_subtotal": (0, 0.01, 0.03),  # campaigns' days with a subtotal among their ads
    "stats_twice": (0, 0.10, 0.20),  # last share of the days, delivered by campaign as well
    "line_malformed": (0, 0.0003, 0.001),  # extra lines that are no record
    "file_variation": (0, 1, 1),  # alias headers, undeclared columns
    "product_name_awkward": (0, 1, 1),  # commas, quotes, new lines
    # values that no rule can accept (the row is expected to be rejected)
    "bad_order": (0, 0.002, 0.006),
    "bad_line": (0, 0.001, 0.004),
    "bad_ticket": (0, 0.001, 0.004),
    "bad_event": (0, 0.0005, 0.002),
    "bad_member": (0, 0.001, 0.003),
    "bad_stat": (0, 0.002, 0.006),
    "bad_message": (0, 0.001, 0.004),  # and events of messages
    "bad_response": (0, 0.005, 0.02),
    "bad_assignment": (0, 0.002, 0.006),
    # hidden faults of the seed, see faults.py
    "hidden_faults": (0, 3, 3),
}
LEVELS = ("none", "default", "hard")
SCENARIOS = ("usual", "move")
"""What happens; see story.py."""
SPENDS = ("usual", "varied", "following")
"""How the spend of channels moves: see catalogue.wishes."""


@dataclass(frozen=True)
class Run:
    """What to simulate: people, days, seed, level of dirt, target folder, spend and story."""

    people: int
    days: int
    seed: int
    noise: str
    out: Path
    chunk_people: int = CHUNK_PEOPLE
    spend: str = SPENDS[0]
    scenario: str = SCENARIOS[0]

    @property
    def start(self) -> int:
        """First moment of the period: Shanghai midnight, seconds since 1970 UTC."""
        first = LAST_DAY - timedelta(days=self.days - 1)
        moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
        return int(moment.timestamp()) - SHANGHAI_OFFSET

    @property
    def end(self) -> int:
        """Moment after the period, seconds since 1970 UTC."""
        return self.start + self.days * DAY

    @property
    def rates(self) -> dict[str, float]:
        """Dirt rates of this run's level by name."""
        return {name: by_level[LEVELS.index(self.noise)] for name, by_level in NOISE.items()}

    def random(self, *purpose: str | int) -> np.random.Generator:
        """A generator of its own for each purpose, so that parts do not disturb each other."""
        words = [zlib.crc32(str(part).encode()) for part in purpose]
        return np.random.default_rng([self.seed, *words])


def days_of(run: Run) -> list[date]:
    """The business days of the period in order."""
    return [LAST_DAY - timedelta(days=run.days - 1 - number) for number in range(run.days)]


def promotion_windows(run: Run) -> list[tuple[int, int]]:
    """618 (June 1-18) and 11.11 (November 1-11) as [start, end) in seconds, any year near."""
    windows = []
    for year in range(days_of(run)[0].year - 1, LAST_DAY.year + 1):
        for month, days in ((6, 18), (11, 11)):
            moment = datetime(year, month, 1, tzinfo=UTC)
            start = int(moment.timestamp()) - SHANGHAI_OFFSET
            windows.append((start, start + days * DAY))
    return windows


@cache
def hourly_offsets(zone: str, block: int) -> NDArray[np.int64]:
    """Seconds east of UTC of a zone at each hour of a block of HOURS since 1970."""
    tz = ZoneInfo(zone)
    return np.array([
        int(datetime.fromtimestamp(hour * 3_600, tz).utcoffset().total_seconds())
        for hour in range(block * HOURS, (block + 1) * HOURS)
    ])  # fmt: skip


HOURS = 1_000


def zone_offset(at: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Seconds east of UTC of a zone at each moment (seconds since 1970)."""
    if not len(at):
        return at
    first, last = int(at.min()) // 3_600 // HOURS, int(at.max()) // 3_600 // HOURS
    offsets = np.concatenate([hourly_offsets(zone, block) for block in range(first, last + 1)])
    return offsets[at // 3_600 - first * HOURS]
