"""The fixed world: products, stores, places, surfaces, channels, campaigns and their spend."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import story
from .settings import CNY_PER_USD, DAY, Columns, Run, promotion_windows

CATEGORIES = {
    "HF": "护肤", "CZ": "彩妆", "GH": "个护", "MY": "母婴",
    "JJ": "家居", "SP": "食品", "FS": "服饰", "SM": "数码配件",
}  # fmt: skip
PRODUCTS = 200
STYLES = ["清润", "轻享", "经典", "晨光", "山野", "简物", "青禾", "暖阳"]
THINGS = ["套装", "礼盒", "小样", "组合", "家庭装", "旅行装", "限定款"]
STORES = ["S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08"]
PLACES = ["mall", "store", "tmall", "delivery"]
MALL, STORE, TMALL, DELIVERY = range(4)
SURFACES = ["web", "app", "mini_program"]
WEB, APP, MINI_PROGRAM = range(3)
REGIONS = ["上海", "北京", "广东", "浙江", "江苏", "四川", "湖北", "山东", "福建", "陕西"]


@dataclass(frozen=True)
class Channel:
    """One acquisition channel: who comes, how likely a touch sells, what kind of buyer it brings.

    share and late_share: of first and of later touches; hazard: chance that one touch sells;
    mix: shares of the types one_off, d45, d21; source, medium: what the web page reports.
    """

    name: str
    share: float
    late_share: float
    hazard: float
    mix: tuple[float, float, float]
    source: str | None
    medium: str | None


CHANNELS = [
    Channel("paid_search", 0.14, 0.13, 0.22, (0.45, 0.40, 0.15), "google", "cpc"),
    Channel("display", 0.06, 0.05, 0.07, (0.80, 0.15, 0.05), "google", "display"),
    Channel("paid_video", 0.05, 0.04, 0.09, (0.70, 0.22, 0.08), "youtube", "cpv"),
    Channel("organic_search", 0.12, 0.17, 0.20, (0.40, 0.40, 0.20), "baidu", "organic"),
    Channel("direct", 0.09, 0.38, 0.24, (0.30, 0.35, 0.35), None, None),
    Channel("referral", 0.06, 0.06, 0.20, (0.30, 0.30, 0.40), "smzdm.com", "referral"),
    Channel("organic_social", 0.08, 0.08, 0.12, (0.65, 0.27, 0.08), "xiaohongshu", "social"),
    Channel("store", 0.15, 0.00, 0.45, (0.30, 0.35, 0.35), None, None),
    Channel("paid_social", 0.11, 0.05, 0.10, (0.72, 0.20, 0.08), "facebook", "paid_social"),
    Channel("short_video", 0.14, 0.04, 0.15, (0.90, 0.08, 0.02), "douyin", "cpc"),
]
HALF_SATURATION = 2.0
"""Adstock at which a channel brings half of whom it can."""
CHANNEL = {channel.name: number for number, channel in enumerate(CHANNELS)}
TYPES = ["one_off", "d45", "d21"]
SOCIAL_CAMPAIGNS = ["kol_spring_seeding", "xhs_notes_daily", "brand_day_live"]


@dataclass(frozen=True)
class Account:
    """One account of an advertising platform, its currency and its days' zone."""

    platform: str
    id: str
    name: str
    currency: str
    zone: str


@dataclass(frozen=True)
class Campaign:
    """One campaign of a platform; cost_per_click in CNY, weight = its size within its channel."""

    id: str
    account: int
    name: str
    channel: str
    kind: str
    weight: float
    cost_per_click: float

    @property
    def platform(self) -> str:
        """Platform of the campaign's account."""
        return ACCOUNTS[self.account].platform


ACCOUNTS = [
    Account("google_ads", "6412087733", "Omniloop Mall CN", "CNY", "Asia/Shanghai"),
    Account("google_ads", "9035512478", "Omniloop Mall Overseas", "USD", "America/Los_Angeles"),
    Account("meta_ads", "1184203377561920", "Omniloop Social", "USD", "America/Los_Angeles"),
    Account("ocean_engine", "1795530217889802", "Omniloop 短视频", "CNY", "Asia/Shanghai"),
    Account("tencent_ads", "27418803", "Omniloop 微信", "CNY", "Asia/Shanghai"),
]
CAMPAIGNS = [
    Campaign("20831001", 0, "Brand Search CN", "paid_search", "SEARCH", 1.6, 6.0),
    Campaign("20831002", 0, "Generic Search Skincare", "paid_search", "SEARCH", 1.2, 22.0),
    Campaign("20831003", 0, "Generic Search Home", "paid_search", "SEARCH", 0.8, 18.0),
    Campaign("20831004", 0, "Competitor Search", "paid_search", "SEARCH", 0.5, 28.0),
    Campaign("20831005", 0, "Display Prospecting", "display", "DISPLAY", 1.3, 8.0),
    Campaign("20831006", 0, "Display Remarketing", "display", "DISPLAY", 0.8, 10.0),
    Campaign("20831007", 0, "Video Brand Film", "paid_video", "VIDEO", 1.0, 8.0),
    Campaign("20831008", 0, "Video 618 and 1111", "paid_video", "VIDEO", 0.6, 7.0),
    Campaign("20832001", 1, "Overseas Brand Search", "paid_search", "SEARCH", 0.5, 15.0),
    Campaign("20832002", 1, "Overseas Generic Search", "paid_search", "SEARCH", 0.4, 30.0),
    Campaign("20832003", 1, "Overseas Display", "display", "DISPLAY", 0.4, 12.0),
    Campaign("20832004", 1, "Overseas Video", "paid_video", "VIDEO", 0.3, 10.0),
    Campaign("120210044871550101", 2, "Meta Prospecting", "paid_social", "SOCIAL", 1.0, 9.0),
    Campaign("120210044871550102", 2, "Meta Retargeting", "paid_social", "SOCIAL", 0.6, 13.0),
    Campaign("120210044871550103", 2, "Meta Brand Reach", "paid_social", "SOCIAL", 0.4, 7.0),
    Campaign("1795531006244865", 3, "抖音 新客引流", "short_video", "FEED", 1.4, 8.0),
    Campaign("1795531006244881", 3, "抖音 直播间加热", "short_video", "FEED", 1.0, 10.0),
    Campaign("1795531006244907", 3, "抖音 618 爆款", "short_video", "FEED", 0.6, 9.0),
    Campaign("15200331001", 4, "朋友圈 拉新", "paid_social", "SOCIAL", 0.8, 8.0),
    Campaign("15200331002", 4, "公众号 会员召回", "paid_social", "SOCIAL", 0.5, 10.0),
]
CAMPAIGN_CHANNEL = np.array([CHANNEL[campaign.channel] for campaign in CAMPAIGNS])
CAMPAIGN_PLATFORM = np.array([campaign.platform for campaign in CAMPAIGNS])
PLATFORMS = sorted({account.platform for account in ACCOUNTS})
CURRENCY_RATE = {"CNY": 1.0, "USD": CNY_PER_USD}
CLICK_RATE = {"SEARCH": 0.045, "DISPLAY": 0.006, "VIDEO": 0.012, "SOCIAL": 0.011, "FEED": 0.02}
"""Clicks per impression of each kind of campaign."""
NETWORKS = {"SEARCH": ["SEARCH", "CONTENT"], "DISPLAY": ["CONTENT"], "VIDEO": ["YOUTUBE"]}
LATER_VISITS = 2.5
"""Later touches and returning visits per person, used to scale budgets."""
CLICKS_SEEN_SHARE = 0.8
"""Share of the platform's clicks that reach web analytics."""


def channels(run: Run) -> list[Channel]:
    """The channels of a run; the scenario `move` changes two of them."""
    if not story.is_told(run):
        return CHANNELS
    rest = sum(channel.share for channel in CHANNELS if channel.name not in story.SHARES)
    left = 1 - sum(story.SHARES.values())
    return [
        replace(
            channel,
            share=story.SHARES.get(channel.name, channel.share / rest * left),
            late_share=story.LATE_SHARES.get(channel.name, channel.late_share),
            hazard=story.HAZARDS.get(channel.name, channel.hazard),
            mix=story.MIXES.get(channel.name, channel.mix),
        )
        for channel in CHANNELS
    ]


def regions(run: Run) -> list[str]:
    """The regions people live in."""
    return story.REGIONS if story.is_told(run) else REGIONS


def products(awkward: bool) -> Columns:
    """The assortment, cheapest first: sku, name, category, price_fen, price_cent (USD)."""
    rng = np.random.default_rng(20_260_630)
    price = np.sort(np.round(np.exp(rng.normal(4.2, 0.8, PRODUCTS))).clip(9, 1_999))
    codes = [list(CATEGORIES)[number] for number in rng.integers(0, len(CATEGORIES), PRODUCTS)]
    names = [
        f"{STYLES[number % 8]}{CATEGORIES[code]}{THINGS[number % 7]}{number:03d}"
        for number, code in enumerate(codes)
    ]
    if awkward:
        for number in range(5, PRODUCTS, 25):
            names[number] += ', 大号 "L"'
        for number in range(12, PRODUCTS, 50):
            names[number] += "\n新包装"
    return {
        "product": np.arange(PRODUCTS),
        "sku": np.array([f"{code}{number:04d}" for number, code in enumerate(codes)], object),
        "name": np.array(names, object),
        "category": np.array([CATEGORIES[code] for code in codes], object),
        "price_fen": (price * 100 - 10 * (np.arange(PRODUCTS) % 3)).astype(np.int64),
        "price_cent": (np.round(price / CNY_PER_USD, 1) * 100).clip(100).astype(np.int64),
    }


def season(run: Run) -> NDArray[np.float64]:
    """Traffic of each day relative to 1: weekends, a slow year wave, 618 and 11.11 at 2.2."""
    day = np.arange(run.days)
    moments = run.start + day * DAY
    factor = 1 + 0.10 * np.sin(2 * np.pi * moments / (365 * DAY)) + 0.15 * (day % 7 >= 5)
    for start, end in promotion_windows(run):
        factor[(moments >= start) & (moments < end)] *= 2.2
    return factor


def campaign_table() -> Columns:
    """The campaigns as a table: campaign (number), id, account, account_id, name, kind, ..."""
    accounts = [ACCOUNTS[entry.account] for entry in CAMPAIGNS]
    return {
        "campaign": np.arange(len(CAMPAIGNS)),
        "account": np.array([entry.account for entry in CAMPAIGNS]),
        "id": np.array([entry.id for entry in CAMPAIGNS], object),
        "name": np.array([entry.name for entry in CAMPAIGNS], object),
        "kind": np.array([entry.kind for entry in CAMPAIGNS], object),
        "platform": np.array([account.platform for account in accounts], object),
        "account_id": np.array([account.id for account in accounts], object),
        "channel": CAMPAIGN_CHANNEL,
    }


def account_table() -> Columns:
    """The advertising accounts as a table: account (number), id, platform, name, currency, zone."""
    return {
        "account": np.arange(len(ACCOUNTS)),
        **{
            name: np.array([getattr(entry, name) for entry in ACCOUNTS], object)
            for name in ("platform", "id", "name", "currency", "zone")
        },
    }


HALF_SATURATION = 2.0
"""Adstock at which a campaign has half of its largest volume; its usual level is about 2."""
CHANNEL_HALF_SATURATION = {
    "paid_search": 0.7, "display": 1.5, "paid_social": 2.0, "paid_video": 4.0, "short_video": 5.0,
}  # fmt: skip
"""The same in runs whose spend is varied or follows demand, so that channels differ in it."""


def wishes(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Daily spend before it is priced [campaign, day], and each campaign's half-saturation.

    usual: weekly levels of each campaign, lognormal (CV .5), half of it moving with demand.
    varied: weekly levels of each channel, lognormal (CV .5), whatever the demand.
    following: demand squared, nearly nothing else.
    """
    rng, weeks = run.random("spend"), run.days // 7 + 1
    half = np.full(len(CAMPAIGNS), HALF_SATURATION)
    if run.spend == "usual":
        level = np.exp(rng.normal(-0.11, 0.47, (len(CAMPAIGNS), weeks)))
        return np.repeat(level, 7, axis=1)[:, : run.days] * (0.5 + 0.5 * season(run)), half
    half = np.array([CHANNEL_HALF_SATURATION[campaign.channel] for campaign in CAMPAIGNS])
    spread = 0.47 if run.spend == "varied" else 0.05
    level = np.exp(rng.normal(-(spread**2) / 2, spread, (len(CHANNELS), weeks)))
    daily = np.repeat(level[CAMPAIGN_CHANNEL], 7, axis=1)[:, : run.days]
    return daily * season(run) ** 2 if run.spend == "following" else daily, half


def spend(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Daily spend in CNY and the volume it drives, both [campaign, day].

    Spend moves as wishes says; volume is the Hill curve of adstocked spend (half kept to the next
    day) times the season.
    """
    daily, half = wishes(run)
    stock = np.zeros_like(daily)
    carried = np.zeros(len(CAMPAIGNS))
    for day in range(run.days):
        carried = daily[:, day] + 0.5 * carried
        stock[:, day] = carried
    weight = np.array([campaign.weight for campaign in CAMPAIGNS])[:, None]
    told = story.is_told(run)
    if told:
        halves = [story.HALF_SATURATIONS.get(c.channel, HALF_SATURATION) for c in CAMPAIGNS]
        half = np.array(halves)
    volume = weight * stock / (stock + half[:, None]) * season(run)
    per_person = np.array([0.75 * c.share + LATER_VISITS * c.late_share for c in channels(run)])
    in_channel = np.bincount(CAMPAIGN_CHANNEL, volume.sum(axis=1), len(CHANNELS))
    share = (per_person / in_channel.clip(1e-9))[CAMPAIGN_CHANNEL] * volume.sum(axis=1)
    clicks = run.people * share
    price = np.array([campaign.cost_per_click for campaign in CAMPAIGNS])
    budget = clicks / CLICKS_SEEN_SHARE * price
    costs = daily / daily.sum(axis=1, keepdims=True) * budget[:, None]
    if told:
        move_spend(run, costs)
    return costs, volume


def move_spend(run: Run, costs: NDArray[np.float64]) -> None:
    """Give spend in CNY [campaign, day] the prices of the story, and move it from its day on."""
    for name, factor in story.PRICES.items():
        costs[CAMPAIGN_CHANNEL == CHANNEL[name]] *= factor
    after = slice((story.changed_at(run) - run.start) // DAY, None)
    source = CAMPAIGN_CHANNEL == CHANNEL[story.FROM]
    target = CAMPAIGN_CHANNEL == CHANNEL[story.TO]
    moved = costs[source, after] * story.MOVED_SHARE * story.TREATED_SHARE
    costs[source, after] -= moved
    costs[target, after] *= 1 + moved.sum(axis=0) / costs[target, after].sum(axis=0)
