"""What lift tests say was caused, beside what each attribution model credits for the same days."""

from fractions import Fraction

import numpy as np
import pandas as pd

from .attribution import credits, headlines
from .facts import CHANNEL, DAY, KIND, Facts, billionths, days, once, ratio

KINDS = {  # what a test may call what it counted, as a metric
    "registration": ("registration", "registrations", "sign_up"),
    "first_order": ("first_order", "first_orders", "new_customers"),
    "repeat_order": ("repeat_order", "repeat_orders"),
    "order": ("order", "orders", "purchase", "purchases"),
}


def _millionths(numbers: pd.Series) -> pd.Series:
    """Numbers rounded half up to six decimals, as they are told."""
    return np.floor(numbers * 1e6 + 0.5) / 1e6


def _billionths(numbers: pd.Series) -> pd.Series:
    """Numbers rounded half up to nine decimals, as quotients are taken of them."""
    return np.floor(numbers * 1e9 + 0.5) / 1e9


@once
def results(facts: Facts) -> pd.DataFrame:
    """Results of tests begun by the as-of day, those still running in proportion to their days."""
    found, last = facts.table("stg_experiments__results"), facts.as_of("roi")
    found = found[found["started_date"] <= last].reset_index(drop=True)
    found["compared_until_date"] = found["ended_date"].clip(upper=last)
    found["period_days"] = days(found["ended_date"] - found["started_date"]) + 1
    found["compared_days"] = days(found["compared_until_date"] - found["started_date"]) + 1
    part = found["compared_days"] / found["period_days"]
    found["incremental_conversions"] = _millionths(found["conversion_count"] * part)
    found["standard_error"] = _millionths(found["standard_error"] * part)
    kinds = {word: kind for kind, words in KINDS.items() for word in words}
    found[KIND] = found["metric_name"].fillna("order").map(kinds).fillna("other")
    found["tested_spend_amount"] = [_spent(facts, row) for row in found.itertuples()]
    return found


def _spent(facts: Facts, row) -> float:
    """The spend of a result for its days so far, in cents, at the rate of its first day."""
    home, rates = facts.settings["reporting_currency"], facts.table("exchange_rates")
    rates = rates[(rates["from_currency"] == row.currency_code) & (rates["to_currency"] == home)]
    rates = rates.sort_values("valid_from_date")
    past = rates[rates["valid_from_date"] <= row.started_date]
    if pd.isna(row.spend_original_amount) or (row.currency_code != home and rates.empty):
        return np.nan
    rate = 1.0
    if row.currency_code != home:  # days before the first rate use the first
        rate = past["rate"].iat[-1] if len(past) else rates["rate"].iat[0]
    exact = Fraction(str(row.spend_original_amount)) * Fraction(str(rate))
    exact *= Fraction(int(row.compared_days), int(row.period_days))
    return float((exact * 100 + Fraction(1, 2)) // 1)


def _tested(result, campaigns: pd.DataFrame) -> pd.Series:
    """Which campaigns a result speaks of: those of its platform and number, if it names any."""
    is_tested = campaigns["platform"].notna()
    for name in ("platform", "campaign_id"):
        told = getattr(result, name)
        if not pd.isna(told):
            is_tested &= campaigns[name] == told
    return is_tested & campaigns["campaign_id"].notna()


@once
def attribution_calibration(facts: Facts) -> pd.DataFrame:
    """Each result beside each model, and the two blended: the more precise weighs more.

    The model's standard deviation is half of what it credits. Weight is of six decimals.
    """
    models, campaigns = facts.table("attribution_models"), facts.table("dim_campaigns")
    given, rows = credits(facts), []
    for result in results(facts).itertuples():
        keys = campaigns.loc[_tested(result, campaigns), "campaign_key"]
        kinds = [result.conversion_type]
        if result.conversion_type == "order":
            kinds = ["first_order", "repeat_order"]
        chosen = given[
            (given[CHANNEL] == result.channel_key)
            & given["campaign_key"].isin(keys)
            & given["conversion_date"].between(result.started_date, result.compared_until_date)
            & given[KIND].isin(kinds)
        ]
        sums = chosen.groupby("attribution_model")["credit_share"].sum()
        for model in models.itertuples():
            credit = sums.get(model.attribution_model, 0)
            rows.append(result._asdict() | {
                "attribution_model": model.attribution_model,
                "credited_conversions": credit,
                "calibration_status": _status(result, model, credit),
            })  # fmt: skip
    found = pd.DataFrame(rows)
    if found.empty:
        return found
    compared = found["calibration_status"] == "compared"
    test, model = found["standard_error"] ** 2, (found["credited_conversions"] / 1e9) ** 2 / 4
    weight = _millionths(ratio(_billionths(model), _billionths(model + test))).where(compared)
    caused, credit = found["incremental_conversions"], found["credited_conversions"] / 1e9
    found["test_weight"] = weight
    found["calibrated_conversions"] = weight * caused + (1 - weight) * credit
    found["calibrated_standard_error"] = np.sqrt(weight) * found["standard_error"]
    found["caused_per_credited"] = ratio(caused, billionths(found["credited_conversions"]))
    is_told = ~found["calibration_status"].isin(["unknown_metric", "not_credited_by_model"])
    found["credited_conversions"] = found["credited_conversions"].where(is_told)
    for name in ("platform", "campaign_id"):
        found[name] = found[name].fillna("all")
    return found.drop(columns=["Index", "metric_name", "load_no"])


def _status(result, model, credit: float) -> str:
    if result.conversion_type == "other":
        return "unknown_metric"
    if result.conversion_type in ("order", "repeat_order") and not model.is_for_repeat_orders:
        return "not_credited_by_model"
    if pd.isna(result.standard_error):
        return "no_standard_error"
    return "compared" if credit else "nothing_credited"


def calibration_coverage(facts: Facts) -> pd.DataFrame:
    """How much of the spend of the last 365 days tests of that time speak for, by model.

    A test speaks for a model if it weighs at least as much.
    """
    began, campaigns = facts.as_of("roi") - 365 * DAY, facts.table("dim_campaigns")
    ads, told = facts.ads[facts.ads["date_day"] > began], attribution_calibration(facts)
    if ads.empty:
        return pd.DataFrame()
    rows, shown = [], headlines(facts)
    shown = shown[shown[KIND] == "first_order"].sort_values("month_date")["headline"].tail(1)
    for model in facts.table("attribution_models").itertuples():
        is_covered = pd.Series(False, index=ads.index)
        if len(told):
            speaking = told[
                (told["attribution_model"] == model.attribution_model)
                & (told["test_weight"] >= 0.5)
                & (told["compared_until_date"] > began)
            ]
            for result in speaking.replace("all", None).itertuples():
                keys = campaigns.loc[_tested(result, campaigns), "campaign_key"]
                is_covered |= ads["campaign_key"].isin(keys) & (ads[CHANNEL] == result.channel_key)
        is_shown = model.attribution_model in list(shown)
        told_spend = ads.loc[is_covered, "spend"].sum()
        rows.append((model.attribution_model, is_shown, ads["spend"].sum(), told_spend))
    names = ["attribution_model", "is_headline", "spend", "covered_spend_amount"]
    found = pd.DataFrame(rows, columns=names)
    found["covered_spend_share"] = ratio(found["covered_spend_amount"], found["spend"])
    half = 2 * found["covered_spend_amount"] >= found["spend"]
    return found.assign(is_covering_half=half & (found["spend"] > 0))
