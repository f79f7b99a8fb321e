"""The marts about people, each from the days on which somebody did or bought something."""

import numpy as np
import pandas as pd

from .facts import (
    DAY,
    PERSON,
    Facts,
    crossed,
    days,
    everywhere,
    month,
    month_end,
    next_month,
    ratio,
    total,
)

CHANNEL = "acquisition_channel_key"
COHORT = ["cohort_month_date", CHANNEL]


def active_days(facts: Facts) -> pd.DataFrame:
    """Days on which a known person gave an active signal, by sales channel and in `all`.

    Whoever only registered that day may stand on a list that is older than all other records.
    """
    events = facts.events[facts.events["is_active_signal"]]
    events = everywhere(events.assign(is_recorded=events["stage"] != "register"),
                        "sales_channel_key")  # fmt: skip
    key = [PERSON, "sales_channel_key", "event_date"]
    found = events.groupby(key)["is_recorded"].any().reset_index()
    return found[found[PERSON].isin(facts.users[PERSON])]


def active_users(facts: Facts) -> pd.DataFrame:
    """People seen in the 1, 7 and 28 days up to each day, from a table of people by days.

    New: seen for the first time. Lapsed: no more among those of 28 days. Reactivated: among them
    again. Returning: seen, and among them the day before. Unknown in the first 90 days on which
    more than registrations was recorded.
    """
    known = facts.users.set_index(PERSON)["is_identified"]
    last = facts.as_of("activity")
    channels = active_days(facts).groupby("sales_channel_key")
    parts = [_active_in(name, rows, known, last, facts) for name, rows in channels]
    return pd.concat([part for part in parts if part is not None]) if parts else pd.DataFrame()


def _active_in(name, rows, known, last, facts) -> pd.DataFrame | None:
    first = rows["event_date"].min()
    if pd.isna(last) or first > last:
        return None
    people, codes = np.unique(rows[PERSON], return_inverse=True)
    span = int((last - first) / DAY) + 1
    places = (rows["event_date"] - first) // DAY
    seen = np.zeros((len(people), span), dtype=bool)
    inside = (places < span).to_numpy()
    seen[codes[inside], places[inside]] = True
    runs = np.cumsum(seen, axis=1, dtype=np.int32)
    active = {}
    for window in (1, 7, 28):
        until = np.pad(runs[:, : max(span - window, 0)], ((0, 0), (min(window, span), 0)))
        active[window] = runs > until
    before = np.pad(active[28][:, :-1], ((0, 0), (1, 0)))
    is_first = seen & (runs == 1)
    is_known = known.loc[people].to_numpy()
    found = pd.DataFrame({
        "sales_channel_key": name,
        "activity_date": pd.date_range(first, last, unit="us"),
    })  # fmt: skip
    for window, table in active.items():
        found[f"active_users_{window}d"] = table[is_known].sum(axis=0)
        found[f"visitors_{window}d"] = table.sum(axis=0)
    moves = {
        "new": is_first,
        "returning": seen & before,
        "reactivated": seen & ~before & ~is_first,
        "lapsed": before & ~active[28],
    }
    recorded = rows.loc[rows["is_recorded"] & (rows["event_date"] <= last), "event_date"].min()
    begun = first if pd.isna(recorded) else recorded
    is_old = found["activity_date"] > begun + DAY * facts.settings["newness_lookback_days"]
    for move, table in moves.items():
        found[f"{move}_users_1d"] = pd.Series(table[is_known].sum(axis=0)).where(is_old)
    found["stickiness_rate"] = ratio(found["active_users_1d"], found["active_users_28d"])
    return found


def user_retention(facts: Facts) -> pd.DataFrame:
    """The share of a month's new customers who bought, or were active, in a later month.

    Rolling: in that month or any later one so far. Null until the month has passed.
    """
    bought = facts.purchases[[PERSON, "purchase_date"]].set_axis([PERSON, "day"], axis=1)
    seen = active_days(facts)
    seen = seen[seen["sales_channel_key"] == "all"][[PERSON, "event_date"]]
    seen = seen.set_axis([PERSON, "day"], axis=1)
    ends = {"buying": facts.as_of("orders"), "active": facts.as_of("orders", "activity")}
    parts = [
        _retained(facts, kind, rows, ends[kind]) for kind, rows in
        (("buying", bought), ("active", seen)) if pd.notna(ends[kind])
    ]  # fmt: skip
    return pd.concat(parts) if parts else pd.DataFrame()


def _retained(facts, kind, rows, last) -> pd.DataFrame:
    months = facts.table("dim_dates", "distinct month_date")
    customers = everywhere(facts.customers[facts.customers["first_date"] <= last], CHANNEL)
    sizes = customers.groupby(COHORT)["is_new"].agg(
        cohort_customers="sum", truncated_customers=lambda flags: (~flags).sum()
    )
    ages = sizes.reset_index().merge(months, how="cross")
    ages = ages[(ages["month_date"] >= ages["cohort_month_date"]) & (ages["month_date"] <= last)]
    seen = customers[customers["is_new"]].merge(rows[rows["day"] <= last], on=PERSON)
    seen = seen[seen["day"] >= seen["cohort_month_date"]]
    seen = seen.assign(month_date=month(seen["day"]))
    seen = seen.drop_duplicates([PERSON, CHANNEL, "month_date"])
    retained = seen.groupby([*COHORT, "month_date"]).size().rename("retained_customers")
    newest = seen.groupby([*COHORT, PERSON])["month_date"].max().reset_index()
    lasting = ages.merge(newest, on=COHORT, suffixes=("", "_last"))
    lasting = lasting[lasting["month_date_last"] >= lasting["month_date"]]
    lasting = lasting.groupby([*COHORT, "month_date"]).size().rename("rolling_retained_customers")
    found = ages.join(retained, on=[*COHORT, "month_date"])
    found = found.join(lasting, on=[*COHORT, "month_date"])
    found["is_complete"] = (next_month(found["month_date"]) <= last + DAY) & (
        found["cohort_customers"] > 0
    )
    for column, rate in (
        ("retained_customers", "retention_rate"),
        ("rolling_retained_customers", "rolling_retention_rate"),
    ):
        found[column] = found[column].fillna(0).where(found["is_complete"])
        found[rate] = ratio(found[column], found["cohort_customers"])
    found["age_months"] = 12 * (
        found["month_date"].dt.year - found["cohort_month_date"].dt.year
    ) + (found["month_date"].dt.month - found["cohort_month_date"].dt.month)
    return found.assign(retention_type=kind)


def _aged(facts: Facts) -> pd.DataFrame:
    last = facts.as_of("orders")
    aged = facts.customers[facts.customers["first_date"] <= last]
    aged = crossed(aged, "horizon_days", facts.horizons)
    aged["is_old"] = aged["first_date"] + aged["horizon_days"] * DAY <= last
    aged["new_customers"] = aged["is_new"]
    aged["mature_customers"] = aged["is_new"] & aged["is_old"]
    aged["truncated_customers"] = ~aged["is_new"]
    return aged


COUNTS = ["new_customers", "mature_customers", "truncated_customers"]


def repeat_rate(facts: Facts) -> pd.DataFrame:
    """The share of new customers, old enough, whose second purchase came within the horizon."""
    aged = _aged(facts)
    gap = days(aged["second_date"] - aged["first_date"])
    aged["repeat_customers"] = aged["mature_customers"] & (gap <= aged["horizon_days"])
    grouped = aged.groupby([*COHORT, "horizon_days"])
    found = grouped[[*COUNTS, "repeat_customers"]].sum().reset_index()
    found["repeat_rate"] = ratio(found["repeat_customers"], found["mature_customers"])
    found["repeat_customers"] = found["repeat_customers"].where(found["mature_customers"] > 0)
    return found.assign(is_mature=_is_mature(found, facts))


def _is_mature(found, facts):
    is_over = month_end(found["cohort_month_date"]) <= facts.as_of("orders")
    is_whole = found["new_customers"] == found["mature_customers"]
    return is_over & (found["new_customers"] > 0) & is_whole


def ltv_cohorts(facts: Facts) -> pd.DataFrame:
    """What new customers, old enough, brought in on the days before first purchase + horizon."""
    aged, key = _aged(facts), [*COHORT, "horizon_days"]
    found = aged.groupby(key)[COUNTS].sum().reset_index()
    bought = aged[aged["mature_customers"]].merge(facts.orders, on=PERSON)
    bought = bought[days(bought["order_date"] - bought["first_date"]) < bought["horizon_days"]]
    costed = bought["net_revenue_amount"].where(bought["margin_amount"].notna())
    grouped = bought.assign(costed=costed).groupby(key)
    for column in ("net_revenue_amount", "margin_amount", "costed"):
        found = found.join(total(grouped, column), on=key)
    found["ltv_amount"] = ratio(found["net_revenue_amount"] / 100, found["mature_customers"])
    found["ltv_margin_amount"] = ratio(found["margin_amount"] / 100, found["mature_customers"])
    found["cost_coverage_share"] = ratio(found["costed"].fillna(0), found["net_revenue_amount"])
    return found.assign(is_mature=_is_mature(found, facts))


def user_lifetime_value(facts: Facts) -> pd.DataFrame:
    """What each customer bought up to the as-of day, and in the first 30 to 365 days once passed.

    A margin is known where that of every purchase in it is.
    """
    last = facts.as_of("orders")
    bought = facts.purchases[facts.purchases["purchase_date"] <= last].merge(
        facts.customers, on=PERSON
    )
    bought["age"] = days(bought["purchase_date"] - bought["first_date"])
    known = bought["margin_amount"].notna()
    bought["costed"] = bought["net_revenue_amount"].where(known, 0)
    grouped = bought.groupby(PERSON)
    found = grouped.agg(
        acquisition_channel_key=(CHANNEL, "first"),
        first_order_status=("first_order_status", "first"),
        purchase_count=("age", "size"),
        order_count=("order_count", "sum"),
        net_revenue_amount=("net_revenue_amount", "sum"),
        costed=("costed", "sum"),
        first_order_date=("first_date", "first"),
        last_order_date=("purchase_date", "max"),
    )
    found["margin_amount"] = _if_all_known(bought)
    found["cost_coverage_share"] = ratio(found["costed"], found["net_revenue_amount"])
    lived = days(last - found["first_order_date"]).where(found["first_order_status"] == "known")
    for horizon in (30, 90, 180, 365):
        young = bought[bought["age"] < horizon]
        sums = young.groupby(PERSON)["net_revenue_amount"].sum()
        found[f"net_revenue_{horizon}d_amount"] = sums.where(lived >= horizon)
        found[f"margin_{horizon}d_amount"] = _if_all_known(young).where(lived >= horizon)
    return found.assign(as_of_date=last).reset_index()


def _if_all_known(rows):
    return rows.groupby(PERSON)["margin_amount"].agg(lambda amounts: amounts.sum(skipna=False))


def gaps(facts: Facts) -> pd.DataFrame:
    """Days from each purchase up to the as-of day to the next one, or to the as-of day.

    The category is the one most was spent on, before refunds; of equals one that is known, then the
    first by name.
    """
    last = facts.as_of("orders")
    found = facts.purchases[facts.purchases["purchase_date"] <= last]
    found = found.sort_values([PERSON, "purchase_date"])
    found["next_date"] = found.groupby(PERSON)["purchase_date"].shift(-1)
    found["is_returned"] = found["next_date"].notna()
    ends = found["next_date"].fillna(last)
    found["gap_days"] = days(ends - found["purchase_date"])
    items = facts.table("fct_order_items", "order_key, product_key, net_amount")
    products = facts.table("dim_products", "product_key, category_name")
    spent = items.merge(products, on="product_key").merge(
        facts.orders[["order_key", PERSON, "order_date"]], on="order_key"
    )
    spent["category_name"] = spent["category_name"].replace("all", "unknown")
    key = [PERSON, "order_date", "category_name"]
    spent = spent.groupby(key)["net_amount"].sum().reset_index()
    spent["is_unknown"] = spent["category_name"] == "unknown"
    spent = spent.sort_values(
        ["net_amount", "is_unknown", "category_name"], ascending=[False, True, True]
    ).drop_duplicates(key[:2])
    spent = spent.rename(columns={"order_date": "purchase_date"})
    found = found.merge(spent[[*key[:1], "purchase_date", "category_name"]], how="left",
                        on=[PERSON, "purchase_date"])  # fmt: skip
    found["category_name"] = found["category_name"].fillna("unknown")
    known = facts.customers[[PERSON, CHANNEL, "is_new"]]
    return found.merge(known, on=PERSON)


def kaplan_meier(waits: pd.DataFrame) -> pd.DataFrame:
    """The share still waiting after each age, step by step, and Greenwood's sum.

    Waits of `gap_days` and `is_returned`; Kaplan & Meier 1958. One row per age, in order.
    """
    ages = waits.groupby("gap_days")["is_returned"].agg(["size", "sum"]).sort_index()
    at_risk, survival, greenwood, rows = len(waits), 1.0, 0.0, []
    for age, (count, ended) in zip(ages.index, ages.to_numpy(), strict=True):
        survival *= 1 - ended / at_risk
        greenwood += ended / (at_risk * (at_risk - ended)) if ended < at_risk else 0
        rows.append((age, ended, survival, greenwood))
        at_risk -= count
    return pd.DataFrame(rows, columns=["age", "ended", "survival", "greenwood"], dtype=float)


def _first_age(curve, reached):
    return curve["age"][reached].min()


HAIR = 1e-9  # a curve within a hair of a limit has reached it


def repurchase_cycle(facts: Facts) -> pd.DataFrame:
    """The median gap between purchases by the Kaplan-Meier curve, and that of those who returned.

    Bounds are where survival less or plus 1.96 standard errors comes to a half.
    """
    waits = gaps(facts)
    first = waits[(waits["purchase_number"] == 1) & waits["is_new"]]
    kinds = pd.concat([
        waits.assign(gap_type="all"),
        first.assign(gap_type="first_to_second"),
        waits[waits["purchase_number"] >= 2].assign(gap_type="repeat"),
    ])  # fmt: skip
    kinds = everywhere(everywhere(kinds, CHANNEL), "category_name")
    key = [CHANNEL, "category_name", "gap_type"]
    rows = [
        dict(zip(key, values, strict=True)) | _cycle(part) for values, part in kinds.groupby(key)
    ]
    return pd.DataFrame(rows)


def _cycle(waits):
    curve = kaplan_meier(waits)
    survival, error = curve["survival"], 1.96 * np.sqrt(curve["greenwood"])
    returned = int(waits["is_returned"].sum())
    early = curve[curve["age"] <= 90]
    at_90 = early["survival"].min() if len(early) else 1.0
    variance = early["greenwood"].max() if len(early) else 0.0
    is_known = curve["age"].max() >= 90 or survival.min() == 0
    halves = (survival * (1 - error), survival * (1 + error))
    return {
        "gaps": len(waits),
        "returned_gaps": returned,
        "censored_gaps": len(waits) - returned,
        "km_median_days": _first_age(curve, survival <= 0.5 + HAIR),
        "km_median_low_days": _first_age(curve, halves[0] <= 0.5 + HAIR),
        "km_median_high_days": _first_age(curve, (survival > 0) & (halves[1] <= 0.5 + HAIR)),
        "returned_median_days": _first_age(
            curve, (curve["ended"].cumsum() * 2 >= returned) & (returned > 0)
        ),
        "survival_90d_rate": at_90 if is_known else np.nan,
        "survival_90d_standard_error": at_90 * np.sqrt(variance) if is_known else np.nan,
    }


def thresholds(facts: Facts) -> pd.DataFrame:
    """Days of silence by which half, 80 % and 90 % of those who return within the horizon have.

    By category from the second purchase on; with too few of them those of all, else the defaults.
    """
    defaults = facts.table("lifecycle_defaults").iloc[0]
    waits = gaps(facts)
    repeats = waits[waits["purchase_number"] >= 2]

    def quantiles(part):
        curve = kaplan_meier(part)
        curve = curve[curve["age"] <= defaults["horizon_days"]]
        gone = 1 - curve["survival"]
        found = [_first_age(curve, gone >= q * gone.max() - HAIR) for q in (0.5, 0.8, 0.9)]
        return curve["ended"].sum() >= defaults["minimum_gaps"], found

    pooled_fits, pooled = quantiles(repeats)
    rows = []
    for category in waits["category_name"].unique():
        fits, found = quantiles(repeats[repeats["category_name"] == category])
        if fits and category != "unknown":
            rows.append((category, "category", *found))
        elif pooled_fits:
            rows.append((category, "pooled", *pooled))
        else:
            limits = defaults[["p50_days", "p80_days", "p90_days"]]
            rows.append((category, "default", *limits))
    names = ["category_name", "threshold_origin", "p50_days", "p80_days", "p90_days"]
    return pd.DataFrame(rows, columns=names)


def measured(facts: Facts) -> pd.DataFrame:
    """Gaps with the thresholds of their category, and whether the gap before was over its p90."""
    waits = gaps(facts).merge(thresholds(facts), on="category_name")
    waits = waits.sort_values([PERSON, "purchase_date"])
    is_long = (waits["gap_days"] > waits["p90_days"]).astype(float)
    return waits.assign(is_back=is_long.groupby(waits[PERSON]).shift(1) == 1)


def stages_on(waits: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Everybody's stage on a day, by the days since the last purchase up to it.

    Up to p50 days: returned if the gap before that purchase was over its p90, new if it was the
    first of a new customer, else active. Up to p80 cooling, up to p90 at risk, then lapsed.
    """
    waits = waits[waits["purchase_date"] <= day].drop_duplicates(PERSON, keep="last")
    silent = days(day - waits["purchase_date"])
    is_new = (waits["purchase_number"] == 1) & waits["is_new"]
    waits["lifecycle_stage"] = np.select(
        [
            silent > waits["p90_days"],
            silent > waits["p80_days"],
            silent > waits["p50_days"],
            waits["is_back"],
            is_new,
        ],
        ["lapsed", "at_risk", "cooling", "returned", "new"],
        "active",
    )
    waits["last_purchase_date"] = waits["purchase_date"]
    return waits.assign(sampled_date=day)


def sampled_days(facts: Facts) -> pd.DatetimeIndex:
    """Twelve days from the first purchase to the as-of day."""
    last = facts.as_of("orders")
    if pd.isna(last) or facts.purchases.empty:
        return pd.DatetimeIndex([])
    return pd.date_range(facts.purchases["purchase_date"].min(), last, 12).floor("D").as_unit("us")


def user_lifecycle(facts: Facts) -> pd.DataFrame:
    """Everybody's stage on each of the sampled days, with the days it holds from and to.

    It ends with the next purchase or when the silence is too long for it, if that day has come.
    """
    chosen, last = sampled_days(facts), facts.as_of("orders")
    if not len(chosen):
        return pd.DataFrame()
    waits = measured(facts)
    found = pd.concat([stages_on(waits, day) for day in chosen], ignore_index=True)
    limits = {"cooling": ("p50_days", "p80_days"), "at_risk": ("p80_days", "p90_days")}
    bought, stage = found["purchase_date"], found["lifecycle_stage"]
    found["valid_from_date"] = bought
    found["valid_to_date"] = bought + (found["p50_days"] + 1) * DAY
    for name, (low, high) in limits.items():
        found.loc[stage == name, "valid_from_date"] = bought + (found[low] + 1) * DAY
        found.loc[stage == name, "valid_to_date"] = bought + (found[high] + 1) * DAY
    found.loc[stage == "lapsed", "valid_from_date"] = bought + (found["p90_days"] + 1) * DAY
    found.loc[stage == "lapsed", "valid_to_date"] = pd.NaT
    ends = found[["valid_to_date", "next_date"]].min(axis=1)
    found["valid_to_date"] = ends.where(ends <= last)
    return found.assign(is_current=found["valid_to_date"].isna())


def win_back(facts: Facts) -> pd.DataFrame:
    """Of those lapsed when a month began, the share who bought in it; recalled ones and others.

    Recalled: a message was sent to them in the month, not later than that purchase.
    """
    last, last_message = facts.as_of("orders"), facts.as_of("orders", "messages")
    months = facts.table("dim_dates", "distinct month_date")["month_date"]
    months = months[months <= last].sort_values()
    messages = facts.table("fct_messages", "user_key, is_sent, scheduled_date")
    messages = messages[messages["is_sent"]].assign(month_date=month(messages["scheduled_date"]))
    sent = messages.groupby([PERSON, "month_date"])["scheduled_date"].min().rename("sent_date")
    if not len(months):
        return pd.DataFrame()
    waits = measured(facts)
    lapsed = pd.concat([stages_on(waits, day - DAY).assign(month_date=day) for day in months])
    lapsed = lapsed[lapsed["lifecycle_stage"] == "lapsed"].join(sent, on=[PERSON, "month_date"])
    lapsed["won"] = lapsed["next_date"] < next_month(lapsed["month_date"])
    lapsed["recalled"] = lapsed["sent_date"].notna() & ~(lapsed["sent_date"] > lapsed["next_date"])
    lapsed["recalled_won"] = lapsed["won"] & lapsed["recalled"]
    lapsed = everywhere(lapsed, CHANNEL)
    grouped = lapsed.groupby(["month_date", CHANNEL])
    found = grouped[["won", "recalled", "recalled_won"]].sum()
    found["lapsed_customers"] = grouped.size()
    found = found.reset_index()
    after = next_month(found["month_date"])
    found["is_complete"] = after <= last + DAY
    has_messages = after <= last_message + DAY
    found["won_back_customers"] = found["won"].where(found["is_complete"])
    found["recalled_customers"] = found["recalled"].where(has_messages)
    found["recalled_won_back_customers"] = found["recalled_won"].where(has_messages)
    found["unrecalled_customers"] = found["lapsed_customers"] - found["recalled_customers"]
    others = found["won"] - found["recalled_won"]
    found["unrecalled_won_back_customers"] = others.where(has_messages)
    for won, of in (
        ("won_back", "lapsed"),
        ("recalled_won_back", "recalled"),
        ("unrecalled_won_back", "unrecalled"),
    ):
        rate = won.replace("won", "win") + "_rate"
        found[rate] = ratio(found[f"{won}_customers"], found[f"{of}_customers"])
    return found
