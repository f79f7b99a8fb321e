"""The marts that put what was spent beside what came of it."""

import numpy as np
import pandas as pd

from .attribution import credits, to_part
from .facts import (
    CHANNEL,
    DAY,
    KIND,
    PERSON,
    Facts,
    billionths,
    crossed,
    days,
    looked_up,
    month,
    month_end,
    once,
    ratio,
    total,
)

ACQUIRED = "acquisition_channel_key"
PLACE = ["month_date", CHANNEL]
CAMPAIGN = [*PLACE, "campaign_key"]
OF_MODEL = [*PLACE, "attribution_model"]


def _spent(facts: Facts, key: list[str]) -> pd.DataFrame:
    """What ads cost and did, by some columns; NaN where the platform tells nothing."""
    names = ["impressions", "clicks", "spend", "conversions", "event_day_conversions"]
    return facts.ads.groupby(key)[[*names, "conversions_value"]].sum(min_count=1)


def _outer(key: list[str], *parts: pd.DataFrame) -> pd.DataFrame:
    """All rows that any part has, with the columns of each; parts are indexed by the key."""
    wanted = pd.concat([part.index.to_frame(index=False) for part in parts]).drop_duplicates()
    for part in parts:
        wanted = wanted.join(part, on=key)
    return wanted.reset_index(drop=True)


def _per(money: pd.Series, count: pd.Series) -> pd.Series:
    """Money of each one, of cents."""
    return ratio(money / 100, count)


@once
def credited(facts: Facts) -> pd.DataFrame:
    """Credit up to the as-of day of ROI with its month; registrations are worth nothing.

    What reports show stands once more, as the model `headline`.
    """
    found = credits(facts)
    found = found[found["conversion_date"] <= facts.as_of("roi")]
    shown = found[found["is_headline"]].assign(attribution_model="headline")
    found = pd.concat([found, shown.assign(is_for_repeat_orders=True)])
    status = facts.users.set_index(PERSON)["first_order_status"]
    is_order, is_first = found[KIND] != "registration", found[KIND] == "first_order"
    share, net = found["credit_share"], found["net_revenue_amount"].where(is_order)
    found["margin"] = found["margin_amount"].where(is_order)
    found["net"], found["first_net"] = net, net.where(is_first)
    found["costed"] = net.where(found["margin"].notna())
    found["registrations"] = share.where(~is_order, 0)
    found["new"] = share.where(is_first & (found[PERSON].map(status) == "known"), 0)
    found["firsts"] = share.where(is_first, 0)
    found["repeats"] = share.where(is_order & ~is_first, 0)
    return found.assign(month_date=month(found["conversion_date"]))


def campaign_credits(facts: Facts) -> pd.DataFrame:
    """Credit and credited money by month of the conversion, channel, campaign and model.

    A margin is the sum of those known; NaN when none is, and 0 where no order is credited. Models
    that know no repeat orders have none, not 0.
    """
    grouped = credited(facts).groupby([*CAMPAIGN, "attribution_model"])
    sums = ["registrations", "new", "firsts", "repeats", "first_net", "net", "costed"]
    found = grouped[sums].sum().join(total(grouped, "margin"))
    found["is_for_repeat_orders"] = grouped["is_for_repeat_orders"].first()
    found["credited_orders"] = found["firsts"] + found["repeats"]
    found["margin"] = found["margin"].where(found["credited_orders"] != 0, 0)
    found["repeats"] = found["repeats"].where(found["is_for_repeat_orders"])
    names = {
        "registrations": "credited_registrations",
        "new": "credited_new_customers",
        "firsts": "credited_first_orders",
        "repeats": "credited_repeat_orders",
        "first_net": "first_order_net_revenue_amount",
        "net": "net_revenue_amount",
        "margin": "margin_amount",
        "costed": "costed_net_revenue_amount",
    }
    return found.rename(columns=names).reset_index()


CREDIT = ["credited_registrations", "credited_new_customers", "credited_first_orders",
          "credited_orders"]  # fmt: skip
MONEY = ["net_revenue_amount", "costed_net_revenue_amount"]


def campaign_performance(facts: Facts) -> pd.DataFrame:
    """Ads of a month and campaign beside what the headline model credits; all of either are in."""
    kept = campaign_credits(facts)
    kept = kept[kept["attribution_model"] == "headline"].set_index(CAMPAIGN)
    kept = kept[[*CREDIT, *MONEY, "margin_amount"]]
    kept["is_credited"] = True
    found = _outer(CAMPAIGN, _spent(facts, CAMPAIGN), kept)
    found[["spend", *CREDIT, *MONEY]] = found[["spend", *CREDIT, *MONEY]].fillna(0)
    found["margin_amount"] = found["margin_amount"].where(found["is_credited"].notna(), 0)
    names = ["campaign_key", "platform", "campaign_name", "is_advertised"]
    found = found.merge(facts.table("dim_campaigns")[names], on="campaign_key", how="left")
    spend, net, margin = found["spend"], found["net_revenue_amount"], found["margin_amount"]
    clicks = found["clicks"]
    found["click_rate"] = ratio(clicks, found["impressions"])
    found["cpc_amount"] = _per(spend, clicks)
    found["cpm_amount"] = _per(1000 * spend, found["impressions"])
    found["orders_per_click"] = ratio(billionths(found["credited_orders"]), clicks)
    for name, of in (
        ("cost_per_registration_amount", "credited_registrations"),
        ("cac_amount", "credited_new_customers"),
    ):
        found[name] = _per(spend, billionths(found[of])).where(spend > 0)
    found["cac_amount"] = found["cac_amount"].where(_all_known(found))
    found["cost_coverage_share"] = ratio(found["costed_net_revenue_amount"], net)
    found["roas"], found["roi"] = ratio(net, spend), ratio(margin - spend, spend)
    return found


def _all_known(found: pd.DataFrame) -> pd.Series:
    """Whether all whose first order is credited are known to be new."""
    return found["credited_first_orders"] <= found["credited_new_customers"]


@once
def cohort_values(facts: Facts) -> pd.DataFrame:
    """What each new customer brought in on the days before first purchase + horizon.

    A margin is the sum of those known, NaN when none is; `costed` is the revenue it is known for.
    """
    new = facts.customers[facts.customers["is_new"]]
    new = crossed(new, "horizon_days", facts.horizons)
    bought = new.merge(facts.orders, on=PERSON)
    bought = bought[days(bought["order_date"] - bought["first_date"]) < bought["horizon_days"]]
    is_costed = bought["margin_amount"].notna()
    bought["costed"] = bought["net_revenue_amount"].where(is_costed, 0)
    grouped = bought.groupby([PERSON, "horizon_days"])
    sums = grouped[["net_revenue_amount", "costed"]].sum().join(total(grouped, "margin_amount"))
    found = new.join(sums, on=[PERSON, "horizon_days"])
    return found.rename(columns={"cohort_month_date": "month_date"})


def _mature(found: pd.DataFrame, last: pd.Timestamp) -> pd.Series:
    return month_end(found["month_date"]) + found["horizon_days"] * DAY <= last


@once
def channel_cohorts(facts: Facts) -> pd.DataFrame:
    """A channel's spend of a month beside the new customers it won then and what they brought in.

    Values are known once the horizon of the whole month has passed. Who won nobody is in. Spend
    that may have won people not known to be new compares with nothing.
    """
    last, key = facts.as_of("roi"), ["month_date", ACQUIRED]
    spent = _spent(facts, PLACE)[["spend"]].rename_axis(key)
    won = facts.users.set_index(PERSON)[ACQUIRED]
    orders = facts.orders[facts.orders["order_date"] <= last]
    orders = pd.DataFrame({
        "month_date": month(orders["order_date"]), ACQUIRED: orders[PERSON].map(won)
    }).drop_duplicates().set_index(key)  # fmt: skip
    found = crossed(_outer(key, spent, orders), "horizon_days", facts.horizons)
    values = cohort_values(facts)
    values = values[values["first_date"] <= last]
    grouped = values.groupby([*key, "horizon_days"])
    sums = grouped[["net_revenue_amount", "costed"]].sum()
    sums = sums.join(total(grouped, "margin_amount"))
    found = found.join(sums.assign(new_customers=grouped.size()), on=[*key, "horizon_days"])
    others = facts.customers[~facts.customers["is_new"] & (facts.customers["first_date"] <= last)]
    others = others.groupby(["cohort_month_date", ACQUIRED]).size().rename_axis(key)
    found = found.join(others.rename("truncated_customers"), on=key)
    is_won = found["new_customers"].notna()
    fill = ["spend", "new_customers", "truncated_customers", "net_revenue_amount", "costed"]
    found[fill] = found[fill].fillna(0)
    found["margin_amount"] = found["margin_amount"].where(is_won, 0)
    found["is_mature"] = _mature(found, last)
    for name in ("net_revenue_amount", "margin_amount", "costed"):
        found[name] = found[name].where(found["is_mature"])
    spend, new = found["spend"], found["new_customers"]
    net, margin = found["net_revenue_amount"], found["margin_amount"]
    found["mature_customers"] = new.where(found["is_mature"])
    spend = spend.where(found["truncated_customers"] == 0)
    found["cac_amount"] = _per(spend, new).where(spend > 0)
    found["cost_coverage_share"] = ratio(found["costed"], net)
    found["ltv_amount"], found["ltv_margin_amount"] = _per(net, new), _per(margin, new)
    found["ltv_cac_ratio"] = ratio(margin, spend).where(new > 0)
    found["roas"], found["roi"] = ratio(net, spend), ratio(margin - spend, spend)
    return found


def channel_roi(facts: Facts) -> pd.DataFrame:
    """Spend of a month and channel beside the orders of that month by those whom it ever won.

    And its cohorts at each horizon, and what platforms claim.
    """
    last, key = facts.as_of("roi"), ["month_date", ACQUIRED]
    cohorts = channel_cohorts(facts)
    found = cohorts.drop_duplicates(key).set_index(key)
    found = found[["spend", "new_customers", "cac_amount", "truncated_customers"]]
    found = found.rename(
        columns={"new_customers": "cash_new_customers", "cac_amount": "cash_cac_amount"}
    )
    won = facts.users.set_index(PERSON)[ACQUIRED]
    orders = facts.orders[facts.orders["order_date"] <= last].copy()
    orders["month_date"], orders[ACQUIRED] = month(orders["order_date"]), orders[PERSON].map(won)
    is_costed = orders["margin_amount"].notna()
    orders["costed"] = orders["net_revenue_amount"].where(is_costed, 0)
    grouped = orders.groupby(key)
    found["cash_orders"] = grouped.size()
    found["cash_net_revenue_amount"] = grouped["net_revenue_amount"].sum()
    found["cash_margin_amount"] = total(grouped, "margin_amount")
    found["costed"] = grouped["costed"].sum()
    is_bought = found["cash_orders"].notna()
    fill = ["cash_orders", "cash_net_revenue_amount", "costed"]
    found[fill] = found[fill].fillna(0)
    found["cash_margin_amount"] = found["cash_margin_amount"].where(is_bought, 0)
    net, margin, spend = (
        found[name] for name in ("cash_net_revenue_amount", "cash_margin_amount", "spend")
    )
    found["cash_cost_coverage_share"] = ratio(found["costed"], net)
    found["cash_roas"], found["cash_roi"] = ratio(net, spend), ratio(margin - spend, spend)
    claims = _spent(facts, PLACE).rename_axis(key)
    found["claimed_conversions"] = claims["conversions"].reindex(found.index)
    found["claimed_amount"] = claims["conversions_value"].reindex(found.index)
    found["claimed_roas"] = ratio(found["claimed_amount"], spend)
    names = {
        "mature_customers": "customers",
        **{name: name for name in ("net_revenue_amount", "margin_amount", "cost_coverage_share")},
        "roas": "roas",
        "roi": "roi",
    }
    for horizon, rows in cohorts.groupby("horizon_days"):
        rows = rows.set_index(key)
        for name, called in names.items():
            found[f"cohort_{horizon}_{called}"] = rows[name]
        found[f"is_mature_{horizon}"] = rows["is_mature"]
    return found.reset_index()


def channel_payback(facts: Facts) -> pd.DataFrame:
    """The first age, in days, at which all margin of a month's new customers covers the spend.

    Ages count from each one's first purchase; only those that the whole month has reached. Unknown
    where some customers are not known to be new.
    """
    key = ["month_date", ACQUIRED]
    found = channel_cohorts(facts).drop_duplicates(key)
    found = found[(found["new_customers"] > 0) | (found["spend"] > 0)]
    names = [*key, "spend", "new_customers", "cac_amount", "truncated_customers"]
    found = found[names].reset_index(drop=True)
    lived = days(facts.as_of("roi") - month_end(found["month_date"]))
    found["observed_days"] = lived.where(lived >= 0)
    new = facts.customers[facts.customers["is_new"]]
    new = new.rename(columns={"cohort_month_date": "month_date"})
    bought = new.merge(facts.orders, on=PERSON)
    bought = bought.merge(found[[*key, "spend", "observed_days"]], on=key)
    bought["age"] = days(bought["order_date"] - bought["first_date"])
    bought = bought[bought["age"] <= bought["observed_days"]]
    is_costed = bought["margin_amount"].notna()
    bought["costed"] = bought["net_revenue_amount"].where(is_costed, 0)
    grouped = bought.groupby(key)
    sums = grouped[["net_revenue_amount", "costed"]].sum().join(total(grouped, "margin_amount"))
    found = found.join(sums, on=key)
    ages = bought.groupby([*key, "spend", "age"])["margin_amount"].sum().reset_index()
    ages["so_far"] = ages.groupby(key)["margin_amount"].cumsum()
    paid = ages[(ages["spend"] > 0) & (ages["so_far"] >= ages["spend"])]
    found = found.join(paid.groupby(key)["age"].min().rename("payback_days"), on=key)
    found["cost_coverage_share"] = ratio(found["costed"], found["net_revenue_amount"])
    is_known = found["truncated_customers"] == 0
    found["payback_days"] = found["payback_days"].where(is_known)
    found["payback_ratio"] = ratio(found["margin_amount"], found["spend"].where(is_known))
    return found.assign(is_paid_back=found["payback_days"].notna())


def channel_roi_by_model(facts: Facts) -> pd.DataFrame:
    """Spend of a month and channel beside what each model credits to it.

    Ratios over all orders only where the model knows repeat orders.
    """
    models = facts.table("attribution_models")[["attribution_model", "is_for_repeat_orders"]]
    models.loc[len(models)] = ["headline", True]
    spent = _spent(facts, PLACE)[["spend"]].reset_index()
    kept = campaign_credits(facts)
    kept["margin_amount"] = kept["margin_amount"].where(kept["credited_orders"] != 0)
    grouped = kept.groupby(OF_MODEL)
    sums = grouped[[*CREDIT, *MONEY, "first_order_net_revenue_amount"]].sum()
    sums = sums.join(total(grouped, "margin_amount")).assign(is_credited=True)
    every = spent[PLACE].merge(models[["attribution_model"]], how="cross").set_index(OF_MODEL)
    found = _outer(OF_MODEL, every, sums).merge(spent, on=PLACE, how="left")
    found = found.merge(models, on="attribution_model")
    fill = ["spend", *CREDIT, *MONEY, "first_order_net_revenue_amount"]
    found[fill] = found[fill].fillna(0)
    found["margin_amount"] = found["margin_amount"].where(found["credited_orders"] != 0, 0)
    spend, net, margin = found["spend"], found["net_revenue_amount"], found["margin_amount"]
    new = billionths(found["credited_new_customers"])
    found["cac_amount"] = _per(spend, new).where((spend > 0) & _all_known(found))
    found["first_order_roas"] = ratio(found["first_order_net_revenue_amount"], spend)
    found["cost_coverage_share"] = ratio(found["costed_net_revenue_amount"], net)
    is_whole = found["is_for_repeat_orders"]
    found["roas"] = ratio(net, spend).where(is_whole)
    found["roi"] = ratio(margin - spend, spend).where(is_whole)
    return found


def channel_cohorts_by_model(facts: Facts) -> pd.DataFrame:
    """What a month's new customers brought in within 90 and 365 days, shared by model.

    Each customer's value is shared as the first order was, to the cent, in the order of channels
    and campaigns.
    """
    last = facts.as_of("roi")
    shares = credited(facts)
    shares = shares[shares[KIND] == "first_order"]
    shares = shares.sort_values([PERSON, "attribution_model", CHANNEL, "campaign_key"])
    until = shares.groupby([PERSON, "attribution_model"])["credit_share"].cumsum()
    shares = shares.assign(until=until, before=until - shares["credit_share"])
    values = cohort_values(facts)
    values = values[values["horizon_days"].isin([90, 365])]
    sums = ["net_revenue_amount", "margin_amount", "costed"]
    names = [PERSON, CHANNEL, "attribution_model", "credit_share", "until", "before"]
    parts = shares[names].merge(
        values[[PERSON, "month_date", "horizon_days", "is_new", *sums]], on=PERSON
    )
    for name in sums:
        parts[name] = to_part(parts[name], parts["before"], parts["until"])
    key = [*OF_MODEL, "horizon_days"]
    grouped = parts.groupby(key)
    shared = grouped[["credit_share", "net_revenue_amount", "costed"]].sum()
    shared = shared.join(total(grouped, "margin_amount")).assign(is_credited=True)
    found = channel_roi_by_model(facts)
    found["new_spend"] = found["spend"].where(_all_known(found))
    found = found[[*OF_MODEL, "spend", "new_spend"]]
    found = crossed(found, "horizon_days", [h for h in facts.horizons if h in (90, 365)])
    found = found.join(shared, on=key)
    found["is_mature"] = _mature(found, last)
    found["margin_amount"] = found["margin_amount"].where(found["is_credited"].notna(), 0)
    fill = ["credit_share", "net_revenue_amount", "costed"]
    found[fill] = found[fill].fillna(0)
    for name in sums:
        found[name] = found[name].where(found["is_mature"])
    spend, net, margin = found["new_spend"], found["net_revenue_amount"], found["margin_amount"]
    found["credited_new_customers"] = found["credit_share"]
    found["cost_coverage_share"] = ratio(found["costed"], net)
    found["ltv_cac_ratio"] = ratio(margin, spend).where(found["credit_share"] > 0)
    found["roas"], found["roi"] = ratio(net, spend), ratio(margin - spend, spend)
    return found


def conversion_funnel(facts: Facts) -> pd.DataFrame:
    """Impressions, clicks and visits of a month and channel, and the people who first came then.

    Of people who had not bought before, each step counts those whose window has passed: who had
    registered, considered (from the first visit on), bought, bought again by its end. Purchases are
    unknown where some of them may have bought before history began.
    """
    last = facts.as_of("roi", "activity")
    steps = facts.table("funnel_steps").set_index("step_name")
    visits = facts.touches.drop_duplicates(PERSON)
    customers = facts.customers.set_index(PERSON)
    visits = visits.assign(
        first_order=visits[PERSON].map(customers["first_date"]),
        repeat_order=visits[PERSON].map(customers["second_date"]),
        visitor=visits["touch_date"],
        is_truncated=visits[PERSON].map(customers["is_new"]).eq(False),
    )
    own = facts.events[facts.events["initiator"] == "person"]
    signed = own[own["stage"] == "register"].groupby(PERSON)["event_date"].min()
    looked = own[own["stage"] == "consider"].merge(visits[[PERSON, "touched_at"]], on=PERSON)
    looked = looked[looked["occurred_at"] >= looked["touched_at"]]
    looked = looked.groupby(PERSON)["event_date"].min()
    visits["register"] = looked_up(visits[PERSON], signed)
    visits["consider"] = looked_up(visits[PERSON], looked)
    is_ours = ~(visits["first_order"] < visits["touch_date"]) & (visits["touch_date"] <= last)
    visits = visits[is_ours].assign(month_date=month(visits.loc[is_ours, "touch_date"]))
    parts = []
    for name in steps.index[steps["unit"] == "person"]:
        ends = visits["touch_date"] + DAY * int(steps.at[name, "window_days"])
        is_old = ends <= last
        part = visits[PLACE].assign(base_count=is_old, step_count=is_old & (visits[name] <= ends))
        part["others"] = is_old & visits["is_truncated"] & name.endswith("_order")
        part = part.groupby(PLACE)[["base_count", "step_count", "others"]].sum().reset_index()
        is_known = (part["base_count"] > 0) & (part["others"] == 0)
        part["step_count"] = part["step_count"].where(is_known)
        parts.append(part.assign(step_name=name))
    sessions = facts.table("fct_sessions", "channel_key, session_date")
    sessions = sessions[sessions["session_date"] <= last]
    sessions = sessions.assign(month_date=month(sessions["session_date"])).groupby(PLACE)
    ads = facts.ads[facts.ads["date_day"] <= last].groupby(PLACE)[["impressions", "clicks"]]
    counts = _outer(PLACE, ads.sum(min_count=1), sessions.size().to_frame("visits"))
    counts["visits"] = counts["visits"].fillna(0)
    for name, base, reached in (
        ("impression", None, "impressions"),
        ("click", "impressions", "clicks"),
        ("visit", "clicks", "visits"),
    ):
        part = counts[PLACE].assign(step_count=counts[reached], step_name=name)
        part["base_count"] = counts[base] if base else np.nan
        parts.append(part[part["step_count"].notna()])
    found = pd.concat(parts, ignore_index=True).join(
        steps.rename(columns={"step_no": "step_number"})[["step_number", "unit", "window_days"]],
        on="step_name",
    )
    found["step_ratio"] = ratio(found["step_count"], found["base_count"])
    ends = month_end(found["month_date"]) + found["window_days"].fillna(0) * DAY
    return found.assign(is_mature=ends <= last)


def _sixth(share: pd.Series) -> pd.Series:
    return np.floor(share * 1e6 + 0.5) / 1e6


def platform_claims(facts: Facts) -> pd.DataFrame:
    """What a platform claims for a campaign beside the purchases whose buyer it had touched.

    Touched within the lookback before the purchase; a purchase that several campaigns touched is
    divided among them, and shared when they are of several platforms.
    """
    last, key = facts.as_of("roi"), ["month_date", "campaign_key"]
    campaigns = facts.table("dim_campaigns")
    campaigns = campaigns[campaigns["is_advertised"]][["campaign_key", CHANNEL, "platform"]]
    purchases = facts.purchases[facts.purchases["purchase_date"] <= last]
    names = [PERSON, "purchase_date", "purchased_at", "net_revenue_amount"]
    touches = facts.touches.drop(columns=CHANNEL).merge(campaigns, on="campaign_key")
    met = touches.merge(purchases[names], on=PERSON)
    waited = met["purchased_at"] - met["touched_at"]
    met = met[(waited >= pd.Timedelta(0)) & (waited < met["lookback"])]
    purchase = [PERSON, "purchase_date"]
    met = met.drop_duplicates([*purchase, "campaign_key"])
    grouped = met.groupby(purchase)
    met["shared_orders"] = grouped["platform"].transform("nunique") > 1
    place, of = grouped["campaign_key"].rank(), grouped["campaign_key"].transform("size")
    met["part"] = _sixth(place / of) - _sixth((place - 1) / of)
    met["month_date"] = month(met["purchase_date"])
    grouped = met.groupby(key)
    touched = grouped[["shared_orders", "part"]].sum()
    touched["touched_orders"] = grouped.size()
    touched["touched_net_revenue_amount"] = grouped["net_revenue_amount"].sum()
    kept = campaign_credits(facts)
    kept = kept[(kept["attribution_model"] == "headline") & (kept["credited_orders"] != 0)]
    kept = kept[kept["campaign_key"].isin(campaigns["campaign_key"])].groupby(key)
    kept = kept[["credited_orders", "net_revenue_amount"]].sum()
    found = _outer(key, _spent(facts, key), kept, touched)
    spend, claimed = found["spend"].copy(), found["conversions"]
    found["claimed_per_credited_order"] = ratio(claimed, billionths(found["credited_orders"]))
    found["shared_order_share"] = ratio(found["shared_orders"], found["touched_orders"])
    found["claimed_roas"] = ratio(found["conversions_value"], spend)
    found["credited_roas"] = ratio(found["net_revenue_amount"].fillna(0), spend)
    found = found.rename(columns={
        "conversions": "claimed_conversions",
        "event_day_conversions": "claimed_event_day_conversions",
        "conversions_value": "claimed_amount",
        "part": "deduplicated_orders",
        "net_revenue_amount": "credited_net_revenue_amount",
    })  # fmt: skip
    fill = [*touched.columns.drop("part"), "deduplicated_orders", "spend", "credited_orders"]
    fill = [*fill, "credited_net_revenue_amount"]
    found[fill] = found[fill].fillna(0)
    return found.merge(campaigns, on="campaign_key")


def spend_coverage(facts: Facts) -> pd.DataFrame:
    """Whether spend of a month, channel and campaign and touches of paid channels meet."""
    last = facts.as_of("roi", "activity")
    ads = facts.ads[facts.ads["date_day"] <= last].groupby(CAMPAIGN)[["clicks", "spend"]].sum()
    channels = facts.table("dim_channels").set_index(CHANNEL)["is_paid"]
    names = "touchpoint_key, user_key, channel_key, campaign_key, touch_date"
    touches = facts.table("fct_touchpoints", names)
    touches = touches[touches[CHANNEL].map(channels).eq(True) & (touches["touch_date"] <= last)]
    grouped = touches.assign(month_date=month(touches["touch_date"])).groupby(CAMPAIGN)
    touched = grouped[PERSON].nunique().to_frame("touched_people")
    found = _outer(CAMPAIGN, ads, touched.assign(touch_count=grouped.size()))
    found = found.fillna({"clicks": 0, "spend": 0, "touched_people": 0, "touch_count": 0})
    campaigns = facts.table("dim_campaigns")[["campaign_key", "platform", "campaign_name"]]
    found = found.merge(campaigns, on="campaign_key", how="left")
    found = found.fillna({"platform": "unknown", "campaign_name": "Unknown"})
    spent, seen = found["spend"] != 0, found["touch_count"] > 0
    found["finding"] = np.select(
        [
            spent & seen,
            spent,
            ~seen,
            found["platform"] == "unmatched",
            found["platform"] == "unknown",
        ],
        ["matched", "spend_without_touches", "neither", "unmatched_campaign",
         "touches_without_campaign"],
        "touches_without_spend",
    )  # fmt: skip
    found["touches_per_click"] = ratio(found["touch_count"], found["clicks"])
    return found
