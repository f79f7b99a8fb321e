"""The scenario `move`: one channel brings many, one brings those who stay, and a budget moves.

Short video is large and cheap and brings people who buy once; paid search is dearer and brings
people who come back every 21 days. From CHANGED_DATE on, in the treated half of the regions,
MOVED_SHARE of what short video cost there is spent on paid search instead. How many people come
follows each channel's Hill curve: short video has reached most whom it can reach, search has not.
"""

from datetime import date

from .settings import DAY, LAST_DAY, Run

CHANGE_NAME = "budget_to_search"
CHANGED_DATE = date(2025, 10, 29)
PRE_DAYS, POST_DAYS = 182, 238
FROM, TO = "short_video", "paid_search"
MOVED_SHARE, TREATED_SHARE = 0.9, 0.5
SHARES = {"short_video": 0.55, "paid_search": 0.20}
"""Of the first contacts; the other channels share the rest as they usually do."""
MIXES = {"short_video": (0.90, 0.08, 0.02), "paid_search": (0.15, 0.20, 0.65)}
LATE_SHARES = {"paid_search": 0.02}
"""Of later contacts: who comes by search came by it first."""
HAZARDS = {"short_video": 0.30}
"""It sells easily, once."""
PRICES = {"paid_search": 0.75}
"""Times the usual costs of clicks."""
HALF_SATURATIONS = {"paid_search": 60.0}
"""Adstock at which half of those it can reach come; 2 for the other channels."""
REGIONS = (
    "上海 北京 广东 浙江 江苏 四川 湖北 山东 福建 陕西 天津 重庆 河北 山西 辽宁 "
    "吉林 黑龙江 安徽 江西 河南 湖南 海南 贵州 云南 甘肃 青海 广西 内蒙古 宁夏 新疆"
).split()
"""The treated ones have even numbers."""


def is_told(run: Run) -> bool:
    """Whether the run tells this story."""
    return run.scenario == "move"


def changed_at(run: Run) -> int:
    """First moment after the change, seconds since 1970 UTC."""
    return run.end - ((LAST_DAY - CHANGED_DATE).days + 1) * DAY


def response(level: float, half: float) -> float:
    """People who come at a level of spend, relative to those at level 1 (adstock 2)."""
    return 2 * level / (2 * level + half) * (2 + half) / 2
