"""Conversions, journeys and credit, from touches and purchases alone."""

import numpy as np
import pandas as pd

from .facts import CHANNEL, DAY, KIND, PERSON, Facts, looked_up, month, once, ratio, total

CONVERSION = [KIND, PERSON, "conversion_date"]
PART = [*CONVERSION, CHANNEL, "campaign_key"]
FITTED = ("registration", "first_order")  # what markov and data_driven are fitted for
WHOLE = 1e12  # weights are whole numbers of so many parts, so that their sums are exact


@once
def conversions(facts: Facts) -> pd.DataFrame:
    """A person's first registration, if identified, and each purchase, first or later."""
    identified = facts.users[facts.users["is_identified"]][PERSON]
    signed = facts.events[facts.events["event_type"] == "registration"]
    signed = signed.sort_values(["occurred_at", "event_key"]).drop_duplicates(PERSON)
    signed = signed[signed[PERSON].isin(identified)].rename(
        columns={"event_date": "conversion_date", "occurred_at": "converted_at"}
    )
    signed = signed.assign(conversion_type="registration", net_revenue_amount=0.0,
                           margin_amount=0.0)  # fmt: skip
    bought = facts.purchases.rename(
        columns={"purchase_date": "conversion_date", "purchased_at": "converted_at"}
    )
    is_first = bought["purchase_number"] == 1
    bought["conversion_type"] = np.where(is_first, "first_order", "repeat_order")
    names = [*CONVERSION, "sales_channel_key", "net_revenue_amount", "margin_amount"]
    names = [*names, "converted_at"]
    return pd.concat([signed[names], bought[names]], ignore_index=True)


@once
def journeys(facts: Facts) -> pd.DataFrame:
    """Touches that may have led to a conversion: each to the next one of its type, if remembered.

    Numbered in the order of time; a touch in the very second of the conversion counts.
    """
    parts = []
    for kind, rows in conversions(facts).groupby(KIND):
        rows = rows.sort_values("converted_at")
        met = pd.merge_asof(
            facts.touches, rows.drop(columns=KIND), by=PERSON, left_on="touched_at",
            right_on="converted_at", direction="forward",
        )  # fmt: skip
        met = met[met["converted_at"].notna()].assign(conversion_type=kind)
        parts.append(met[met["converted_at"] - met["touched_at"] < met["lookback"]])
    if not parts:
        return pd.DataFrame(columns=[*PART, "touched_at", "converted_at", "touch_no", "touches"])
    found = pd.concat(parts, ignore_index=True)
    found = found.sort_values([*CONVERSION, "touched_at", "touchpoint_key"])
    grouped = found.groupby(CONVERSION)
    found["touch_no"] = grouped.cumcount() + 1
    return found.assign(touches=grouped["touch_no"].transform("size"))


@once
def forgotten(facts: Facts) -> pd.DataFrame:
    """Touches of journeys that led nowhere, by type of conversion.

    A journey goes on as long as one of its touches is remembered, and ends when none is. It is here
    once that day has come, unless its person has converted before, in it or before it.
    """
    touches = facts.touches.sort_values([PERSON, "touched_at", "touchpoint_key"])
    touches["until"] = touches["touched_at"] + touches["lookback"]
    longest = touches["until"].astype("int64").groupby(touches[PERSON]).cummax()
    before = longest.groupby(touches[PERSON]).shift(1)
    is_start = ~(before > touches["touched_at"].astype("int64"))
    touches["journey_no"] = is_start.groupby(touches[PERSON]).cumsum()
    journey = [PERSON, "journey_no"]
    touches["ended_at"] = touches.groupby(journey)["until"].transform("max")
    zone = facts.settings["reporting_time_zone"]
    ended = touches["ended_at"].dt.tz_localize("UTC").dt.tz_convert(zone)
    touches["ended_date"] = ended.dt.tz_localize(None).dt.floor("D")
    touches = touches[touches["ended_date"] <= facts.as_of("activity")]
    parts = []
    for kind in FITTED:
        done = conversions(facts)
        done = done[done[KIND] == kind].set_index(PERSON)["converted_at"]
        is_lost = ~(looked_up(touches[PERSON], done) < touches["ended_at"])
        parts.append(touches[is_lost].assign(conversion_type=kind))
    found = pd.concat(parts)
    found["touch_no"] = found.groupby([KIND, *journey]).cumcount() + 1
    return found


@once
def ended(facts: Facts) -> pd.DataFrame:
    """Touches of all journeys that ended up to the as-of day, whether they converted, and when."""
    won = journeys(facts).assign(is_converted=True)
    won["journey"] = won.groupby(CONVERSION).ngroup()
    won = won[won["conversion_date"] <= facts.as_of("activity")]
    won["month_date"] = month(won["conversion_date"])
    lost = forgotten(facts).assign(is_converted=False)
    lost["journey"] = -1 - lost.groupby([KIND, PERSON, "journey_no"]).ngroup()
    lost["month_date"] = month(lost["ended_date"])
    names = [KIND, "journey", "touch_no", CHANNEL, "is_converted", "month_date", "touched_at"]
    both = pd.concat([won[names], lost[names]]).sort_values(["journey", "touch_no"])
    return both.reset_index(drop=True)


def removal_effects(paths: pd.DataFrame) -> dict[str, float]:
    """The part of the chain's conversions that is lost when all who come to a channel are.

    Each channel is removed and the chain of channels solved anew. Repeats in a row are one step.
    """
    before = paths.groupby("journey")[CHANNEL].shift(1)
    steps = paths[before != paths[CHANNEL]]
    came = steps.groupby("journey")[CHANNEL].shift(1).fillna("(start)")
    last = steps.drop_duplicates("journey", keep="last")
    out = np.where(last["is_converted"], "(conversion)", "(nothing)")
    counts = pd.concat([
        pd.DataFrame({"from": came, "to": steps[CHANNEL]}),
        pd.DataFrame({"from": last[CHANNEL], "to": out}),
    ]).value_counts()  # fmt: skip
    channels = sorted(steps[CHANNEL].unique())
    states = ["(start)", *channels, "(conversion)", "(nothing)"]
    table = counts.unstack(fill_value=0).reindex(index=states, columns=states, fill_value=0)
    table = table.to_numpy(dtype=float)
    chances = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    inner = len(channels) + 1

    def conversion_chance(chances):
        left = np.eye(inner) - chances[:inner, :inner]
        return np.linalg.solve(left, chances[:inner, inner])[0]

    whole, effects = conversion_chance(chances), {}
    for place, channel in enumerate(channels, 1):
        without = chances.copy()
        without[:, place] = 0
        effects[channel] = min(max(1 - conversion_chance(without) / whole, 0), 1) if whole else 0
    return effects


def added_chances(paths: pd.DataFrame, base: float) -> dict[str, float]:
    """What one touch of a channel adds to the chance of a conversion, never less than nothing.

    Least squares of converted or not, less the base, on touches by channel. A channel whose touches
    are told by those of the channels before it in the alphabet adds nothing.
    """
    table = paths.groupby(["journey", CHANNEL]).size().unstack(fill_value=0).sort_index(axis=1)
    outcome = paths.groupby("journey")["is_converted"].first().reindex(table.index) - base
    design, kept = table.to_numpy(dtype=float), []
    for place in range(design.shape[1]):
        column, others = design[:, place], design[:, kept]
        rest = column - others @ np.linalg.lstsq(others, column)[0] if kept else column
        if rest @ rest > 1e-9 * (column @ column):
            kept.append(place)
    fitted = np.zeros(design.shape[1])
    fitted[kept] = np.linalg.lstsq(design[:, kept], outcome.to_numpy(dtype=float))[0]
    return dict(zip(table.columns, np.maximum(fitted, 0), strict=True))


@once
def effects(facts: Facts) -> pd.DataFrame:
    """Of each type, month with conversions and channel: removal effect and added chance.

    Of the journeys that ended in the 12 months up to it.
    """
    base, paths, done = facts.settings["base_conversion_rate"], ended(facts), conversions(facts)
    names = [KIND, "version_month", CHANNEL, "removal", "hazard"]
    rows = []
    for kind in FITTED:
        months = month(done.loc[done[KIND] == kind, "conversion_date"]).unique()
        of_kind = paths[paths[KIND] == kind]
        for last in months:
            first = last - pd.DateOffset(months=11)
            chosen = of_kind[of_kind["month_date"].between(first, last)]
            if chosen.empty:
                continue
            removed, added = removal_effects(chosen), added_chances(chosen, base)
            rows += [(kind, last, channel, removed[channel], added[channel]) for channel in added]
    found = pd.DataFrame(rows, columns=names)
    return found.astype({"version_month": "datetime64[us]", "removal": float, "hazard": float})


def _whole(weight):
    return np.floor(WHOLE * weight + 0.5)


@once
def weights(facts: Facts) -> pd.DataFrame:
    """The weight in each model of each channel and campaign of each journey, in long form.

    first, last: the touch at that end. last_non_direct: the last that is not direct, if any is not.
    linear: each touch alike. position: 40 % to each end and 20 % to those between. time_decay: half
    for each half-life before the conversion. shapley: each channel of the journey alike. markov: by
    removal effect. data_driven: by added chance, beside the base.
    """
    rows = journeys(facts).copy()
    rows["month"] = month(rows["conversion_date"])
    known = effects(facts).rename(columns={"version_month": "month"})
    rows = rows.merge(known, on=[KIND, "month", CHANNEL], how="left")
    rows[["removal", "hazard"]] = rows[["removal", "hazard"]].fillna(0)
    count, place = rows["touches"], rows["touch_no"]
    is_end = (place == 1).astype(int) + (place == count)
    voiced = place.where(rows[CHANNEL] != "direct")
    by = [rows[name] for name in CONVERSION]
    chosen = voiced.groupby(by).transform("max").fillna(count)
    of_channel = rows.groupby([*CONVERSION, CHANNEL])["touch_no"].transform("size")
    age = (rows["converted_at"] - rows["touched_at"]).dt.total_seconds() // 1
    half_life = facts.settings["attribution_half_life_days"] * 86400
    rows["first"] = (place == 1).astype(float)
    rows["last"] = (place == count).astype(float)
    rows["last_non_direct"] = (place == chosen).astype(float)
    rows["linear"] = 1.0
    # 2 (n - 2) to 1 is 40 % to 20 % / (n - 2).
    rows["position"] = np.where(count > 2, np.where(is_end > 0, 2.0 * (count - 2), 1.0), 1.0)
    rows["time_decay"] = np.maximum(_whole(0.5 ** (age / half_life)), 1)
    rows["shapley"] = 1 / of_channel
    missed = rows["removal"].groupby(by).transform("max") > 0
    rows["markov"] = np.where(missed, rows["removal"] / of_channel, 1 / WHOLE)
    rows["data_driven"] = rows["hazard"]
    models = list(facts.table("attribution_models")["attribution_model"])
    grouped = rows.groupby(PART)
    parts = grouped[models].sum()
    for model in {"shapley", "markov", "data_driven"} & set(models):
        parts[model] = _whole(parts[model])
    parts["place"], parts["touch_count"] = grouped["touch_no"].min(), grouped.size()
    parts = parts.reset_index()
    base = rows.groupby(CONVERSION)["touches"].first().reset_index()
    base = base.assign(channel_key="base", campaign_key="unknown", touch_count=0,
                       place=base["touches"] + 1)  # fmt: skip
    base["data_driven"] = max(_whole(facts.settings["base_conversion_rate"]), 1)
    bare = conversions(facts)[CONVERSION].merge(base[CONVERSION], how="left", indicator=True)
    bare = bare[bare["_merge"] == "left_only"][CONVERSION].assign(
        channel_key="unattributed", campaign_key="unknown", touch_count=0, place=1
    )
    bare[models] = 1.0
    names = [*PART, "touch_count", "place", *models]
    found = pd.concat([part.reindex(columns=names) for part in (parts, base, bare)])
    found = found.melt(names[:-len(models)], models, "attribution_model", "weight")
    return found[found["weight"] > 0]


@once
def headlines(facts: Facts) -> pd.DataFrame:
    """The model that reports show by type of conversion and month, and the tests' part of spend.

    A lift test speaks for its campaigns for a year from the month after it ended, if its error is
    at most half of what data_driven credits them with in its days.
    """
    default = facts.table("attribution_models").set_index("is_headline")
    default = default.loc[True, "attribution_model"]
    found = conversions(facts)[[KIND, "conversion_date"]]
    found = found.assign(month_date=month(found["conversion_date"]))
    found = found[[KIND, "month_date"]].drop_duplicates()
    shares = weights(facts)
    shares = shares[shares["attribution_model"] == "data_driven"]
    shares = shares.assign(
        share=shares["weight"] / shares.groupby(CONVERSION)["weight"].transform("sum")
    )
    tests = facts.table("attribution_calibration")
    tests = tests[tests["attribution_model"] == "data_driven"]
    places = facts.table("dim_campaigns")
    ads = facts.table("fct_ad_performance", "channel_key, campaign_key, spend, date_day")
    spoken = []
    for test in tests[tests["standard_error"].notna()].itertuples():
        chosen = places[
            places["platform"].isin([test.platform] if test.platform != "all" else places.platform)
            & places["campaign_id"].isin(
                [test.campaign_id] if test.campaign_id != "all" else places.campaign_id
            )
        ]["campaign_key"]
        credit = shares[
            (shares[KIND] == test.conversion_type)
            & (shares[CHANNEL] == test.channel_key)
            & shares["campaign_key"].isin(chosen)
            & shares["conversion_date"].between(test.started_date, test.ended_date)
        ]["share"].sum()
        if test.conversion_type != "repeat_order" and credit >= 2 * test.standard_error:
            spoken.append((test, set(chosen)))
    rows = []
    for kind, day in found.itertuples(index=False):
        since = day - pd.DateOffset(months=12)
        year = ads[(ads["date_day"] >= since) & (ads["date_day"] < day)]
        is_told = pd.Series(False, index=year.index)
        for test, campaigns in spoken:
            if test.conversion_type == kind and since <= test.ended_date < day:
                is_told |= (year[CHANNEL] == test.channel_key) & year["campaign_key"].isin(
                    campaigns
                )
        told = year["spend"][is_told].sum()
        rows.append("data_driven" if 0 < told and 2 * told >= year["spend"].sum() else default)
    return found.assign(headline=rows)


def to_part(amount: pd.Series, before: pd.Series, until: pd.Series) -> pd.Series:
    """Cents that fall between two running shares (billionths): each rounded half away from zero."""

    def rounded(share):
        whole = amount.fillna(0).to_numpy().astype(np.int64) * share.to_numpy().astype(np.int64)
        size, rest = np.divmod(np.abs(whole), 10**9)
        return np.sign(whole) * (size + (rest >= 5 * 10**8))

    parts = pd.Series((rounded(until) - rounded(before)).astype(float), index=amount.index)
    return parts.where(amount.notna())


@once
def credits(facts: Facts) -> pd.DataFrame:
    """What each model credits: running sums of weights, rounded, in the order of first touches."""
    models = facts.table("attribution_models")
    models = models[["attribution_model", "is_for_repeat_orders"]]
    found = weights(facts).merge(models, on="attribution_model")
    found["month_date"] = month(found["conversion_date"])
    found = found.merge(headlines(facts), on=[KIND, "month_date"]).drop(columns="month_date")
    found["is_headline"] = found["attribution_model"] == found["headline"]
    found = found[found["is_for_repeat_orders"] | (found[KIND] != "repeat_order")]
    key = [*CONVERSION, "attribution_model"]
    found = found.sort_values([*key, "place"])
    grouped = found.groupby(key)["weight"]
    until = grouped.cumsum() / grouped.transform("sum")
    until = np.floor(until * 1e9 + 0.5)
    before = until.groupby([found[name] for name in key]).shift(1).fillna(0)
    money = conversions(facts)[[*CONVERSION, "net_revenue_amount", "margin_amount"]]
    found = found.assign(before=before, until=until).merge(money, on=CONVERSION, how="left")
    found["credit_share"] = found["until"] - found["before"]
    for amount in ("net_revenue_amount", "margin_amount"):
        found[amount] = to_part(found[amount], found["before"], found["until"])
    return found


def customers(facts: Facts) -> pd.DataFrame:
    """Buyers: what they bought, whether known to be new, and the channel that won them.

    New: the first order, or the registration, came more than 90 days after the first accepted order
    of the sources of that first day (the latest of them). Won by what the headline of the month
    gives most for the first order; of equals, and where it gives nothing, by the last touch that is
    not direct; else by the place of sale.
    """
    orders = facts.orders[facts.orders[PERSON] != "unknown"]
    grouped = orders.groupby(PERSON)
    found = pd.DataFrame({
        "order_count": grouped.size(),
        "purchase_count": grouped["order_date"].nunique(),
        "net_revenue_amount": grouped["net_revenue_amount"].sum(),
        "first_order_date": grouped["order_date"].min(),
        "last_order_date": grouped["order_date"].max(),
    })  # fmt: skip
    names = "order_key, source_name, order_status, order_date"
    every = facts.table("fct_orders", names)
    starts = every[~every["order_status"].str.startswith("order:")]
    starts = starts.groupby("source_name")["order_date"].min()
    sources = orders.merge(every[["order_key", "source_name"]], on="order_key")
    sources = sources[sources["order_date"] == sources[PERSON].map(found["first_order_date"])]
    begun = sources["source_name"].map(starts).groupby(sources[PERSON]).max()
    limit = begun + DAY * facts.settings["newness_lookback_days"]
    signed = facts.events[facts.events["event_type"] == "registration"]
    signed = signed.groupby(PERSON)["event_date"].min().reindex(found.index)
    is_new = (found["first_order_date"] > limit) | (signed > limit)
    found["first_order_status"] = np.where(is_new, "known", "truncated")
    firsts = conversions(facts)
    firsts = firsts[firsts[KIND] == "first_order"].set_index(PERSON)
    touches = journeys(facts)
    touches = touches[touches[KIND] == "first_order"]
    touches = touches.assign(is_voiced=touches[CHANNEL] != "direct")
    winners = touches.sort_values(["is_voiced", "touch_no"]).drop_duplicates(PERSON, keep="last")
    winners = winners.set_index(PERSON)[[CHANNEL, "campaign_key"]]
    shown = weights(facts)
    shown = shown[(shown[KIND] == "first_order") & (shown["touch_count"] > 0)]
    shown = shown.assign(month_date=month(shown["conversion_date"]))
    shown = shown.merge(headlines(facts), on=[KIND, "month_date"])
    last = shown[shown["attribution_model"] == "last_non_direct"][[*PART, "weight"]]
    shown = shown[shown["attribution_model"] == shown["headline"]]
    shown = shown.merge(last, on=PART, how="left", suffixes=("", "_last"))
    shown = shown.fillna({"weight_last": 0})
    shown = shown.sort_values(["weight", "weight_last", "place"], ascending=[False, False, True])
    shown = shown.drop_duplicates(PERSON).set_index(PERSON)[[CHANNEL, "campaign_key"]]
    winners = shown.combine_first(winners)
    found["acquisition_channel_key"] = (
        winners[CHANNEL].reindex(found.index).fillna(firsts["sales_channel_key"])
    )
    campaigns = winners["campaign_key"].reindex(found.index)
    found["acquisition_campaign_key"] = campaigns.fillna("unknown")
    return found.rename_axis(PERSON).reset_index()


def _told(steps: pd.DataFrame) -> pd.Series:
    """Channels in order as one text by journey; of more than 20 the first and the last 10."""

    def text(channels):
        names = list(channels)
        return " > ".join(names if len(names) <= 20 else [*names[:10], "...", *names[-10:]])

    return steps.groupby("journey", sort=False)[CHANNEL].agg(text)


def journey_paths(facts: Facts) -> pd.DataFrame:
    """Conversions and journeys that led nowhere by month and path of channels, told in two ways.

    Collapsed: repeats in a row are one step. Unique: each channel at first sight.
    """
    rows = ended(facts)
    if rows.empty and conversions(facts).empty:
        return pd.DataFrame()
    before = rows.groupby("journey")[CHANNEL].shift(1)
    ways = {
        "collapsed": rows[rows[CHANNEL] != before],
        "unique": rows.drop_duplicates(["journey", CHANNEL]),
    }
    heads = rows.drop_duplicates("journey").set_index("journey")
    touched = journeys(facts).assign(journey=lambda frame: frame.groupby(CONVERSION).ngroup())
    touched = touched.drop_duplicates("journey")[[*CONVERSION, "journey"]]
    won = conversions(facts).merge(touched, on=CONVERSION, how="left")
    won = won[won["conversion_date"] <= facts.as_of("activity")]
    won["month_date"] = month(won["conversion_date"])
    since = won["converted_at"] - won["journey"].map(heads["touched_at"])
    won["journey_days"] = since // DAY
    won = won.assign(conversion_count=1, lost=0, touched=won["journey"].notna().astype(int))
    lost = heads[~heads["is_converted"]].reset_index()
    lost = lost.assign(conversion_count=0, lost=1, touched=0, net_revenue_amount=0.0)
    names = [KIND, "month_date", "journey", "conversion_count", "lost", "touched"]
    names = [*names, "net_revenue_amount", "journey_days"]
    both = pd.concat([won[names], lost.reindex(columns=names)], ignore_index=True)
    parts = []
    for way, steps in ways.items():
        path = both["journey"].map(_told(steps)).fillna("unattributed")
        parts.append(both.assign(path_type=way, journey_path=path))
    key = [KIND, "path_type", "journey_path", "month_date"]
    grouped = pd.concat(parts).groupby(key)
    found = grouped[["conversion_count", "lost", "touched", "net_revenue_amount"]].sum()
    found["journey_days"] = total(grouped, "journey_days")
    found = found.reset_index()
    is_told = (found[KIND] != "repeat_order") & (found["journey_path"] != "unattributed")
    found["lost_journey_count"] = found["lost"].where(is_told)
    count = found["conversion_count"]
    found["conversion_rate"] = ratio(count, count + found["lost_journey_count"])
    found["mean_journey_length"] = ratio(found["journey_days"], found["touched"])
    return found
