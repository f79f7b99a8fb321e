"""What to expect of customers by what was known on a day: by integrals, by plain counting.

The parameters of the purchase models are taken as they were fitted, all else from purchases. The
chances of customers to drop out are a beta distribution; what depends on them is its mean over that
distribution, by Gauss's quadrature, where SQL sums a series. Days of purchases are counted, time of
the models is in weeks.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .facts import DAY, PERSON, Facts, days, everywhere, month, ratio

HORIZONS = (30, 90, 180, 365)  # those that user_scores shows
NODES, WEEK, SMALL = 60, 7, 1e-12
PULL = 20  # a cell of the grid is pulled to the rate of all as if so many more were in it


def histories(facts: Facts, day: pd.Timestamp) -> pd.DataFrame:
    """Of each customer up to a day: purchases, and days of age, silence and between the ends."""
    known = facts.purchases[facts.purchases["purchase_date"] <= day]
    grouped = known.groupby(PERSON)["purchase_date"]
    found = grouped.agg(purchase_count="size", first_date="min", last_date="max")
    found["age"], found["idle"] = days(day - found["first_date"]), days(day - found["last_date"])
    return found.assign(recency=found["age"] - found["idle"])


def beta_points(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (NODES) and shares of them whose weighted mean is that over a beta distribution.

    Exact for polynomials of degree 2 NODES - 1. Golub & Welsch 1969, Math. Comp. 23:221: the
    eigenvalues of the three-term recurrence of Jacobi's polynomials.
    """
    low, high, n = a - 1, b - 1, np.arange(1, NODES)
    both = low + high
    middle = np.append(
        (low - high) / (both + 2),
        (low - high) * both / ((2 * n + both) * (2 * n + both + 2)),
    )
    # At n = 1 both ends of the fraction hold 1 + both, which may be 0.
    rest = np.where(n == 1, 1, (n + both) / np.where(n == 1, 1, 2 * n + both - 1))
    side = 4 * n * (n + low) * (n + high) * rest / ((2 * n + both) ** 2 * (2 * n + both + 1))
    found, axes = np.linalg.eigh(np.diag(middle) + np.diag(np.sqrt(side), 1)
                                 + np.diag(np.sqrt(side), -1))  # fmt: skip
    return np.maximum((1 + found) / 2, SMALL), axes[0] ** 2


@dataclass
class Fit:
    """A fitted purchase model: its day, and gamma and beta of purchases and dropping out."""

    day: pd.Timestamp
    r: float
    alpha: float
    a: float
    b: float
    first_chances: int  # MBG/NBD: one may drop out after the first purchase, too

    def alive(self, known: pd.DataFrame) -> pd.Series:
        """How likely a customer has not dropped out, who else did so after the last purchase."""
        point, share = beta_points(self.a, self.b)
        bought = self.r + known["purchase_count"] - 1
        chances = (known["purchase_count"] - 1 + self.first_chances).to_numpy()
        stay = ((1 - point) ** chances[:, None]) @ share
        gone = (point * (1 - point) ** np.maximum(chances - 1, 0)[:, None]) @ share
        waited = (self.alpha + known["age"] / WEEK) / (self.alpha + known["recency"] / WEEK)
        return 1 / (1 + np.where(chances == 0, 0, gone / stay) * waited**bought)

    def buys(self, known: pd.DataFrame, horizon: int) -> pd.Series:
        """How likely a customer buys within so many days."""
        age = self.alpha + known["age"] / WEEK
        silent = (age / (age + horizon / WEEK)) ** (self.r + known["purchase_count"] - 1)
        return self.alive(known) * (1 - silent)

    def orders(self, known: pd.DataFrame, horizon: int) -> pd.Series:
        """Purchases to expect within so many days; NaN where a young customer tells too little."""
        scale = horizon / (WEEK * self.alpha + known["age"])
        bought = self.r + known["purchase_count"] - 1
        parts = []
        for count in known["purchase_count"].unique():
            rows = known["purchase_count"] == count
            point, share = beta_points(self.a, self.b + count - 1 + self.first_chances)
            lost = np.log1p(np.outer(scale[rows], point)) * -bought[rows].to_numpy()[:, None]
            parts.append(pd.Series((-np.expm1(lost) / point) @ share, index=known.index[rows]))
        found = self.alive(known) * pd.concat(parts).reindex(known.index)
        is_told = (scale / (1 + scale) <= 0.95) & ((known["age"] >= WEEK) | (horizon <= 364))
        return found.where(is_told)


def fitted(facts: Facts, model: str, day: pd.Timestamp, is_of_today: bool = False) -> Fit | None:
    """The newest fit of a model for a day that came to an end; for today an older one will do."""
    rows = facts.table("parameters")
    rows = rows[rows["is_converged"] & (rows["model_name"] == model)]
    names = ["r", "alpha", "a", "b"]
    wide = rows.pivot_table(
        index=["as_of_date", "fitted_at", "data_hash"], columns="parameter_name",
        values="parameter_value",
    ).reindex(columns=names).dropna().reset_index()  # fmt: skip
    wide = wide[(wide["as_of_date"] == day) | (is_of_today & (wide["as_of_date"] < day))]
    if wide.empty:
        return None
    last = wide.sort_values(["as_of_date", "fitted_at", "data_hash"]).iloc[-1]
    return Fit(last["as_of_date"], *last[names], first_chances=int(model == "mbg_nbd"))


def purchase_values(facts: Facts, day: pd.Timestamp) -> pd.Series:
    """What a purchase of each customer is worth: own mean and that of all, by Buhlmann 1967.

    Purchases above the 99th percentile count as that. Variances of the classes in unequal numbers.
    """
    known = facts.purchases[facts.purchases["purchase_date"] <= day]
    amounts = known["net_revenue_amount"] / 100
    amounts = amounts.clip(upper=np.quantile(amounts, 0.99))
    own = amounts.groupby(known[PERSON])
    count, mean, whole = own.size(), own.mean(), amounts.mean()
    if len(amounts) == len(count):  # nobody bought twice
        return mean * 0 + whole
    within = ((amounts - own.transform("mean")) ** 2).sum() / (len(amounts) - len(count))
    spare = len(amounts) - (count**2).sum() / len(amounts)
    between = (count * (mean - whole) ** 2).sum() - (len(count) - 1) * within
    if spare == 0 or between <= 0:
        return mean * 0 + whole
    belief = count / (count + within * spare / between)
    return belief * mean + (1 - belief) * whole


def grid(facts: Facts, day: pd.Timestamp, known: pd.DataFrame) -> pd.DataFrame:
    """The cell of each customer by purchases and silence, and how many of such have bought.

    Those who stood in it one churn horizon before the day, and had bought when it came.
    """
    began = day - facts.settings["churn_horizon_days"] * DAY
    before = histories(facts, began)
    dates = facts.purchases["purchase_date"]
    buyers = facts.purchases.loc[(dates > began) & (dates <= day), PERSON]
    before["is_buyer"] = before.index.isin(buyers)
    cells = facts.table("propensity_cells").sort_values("from_value")
    named = []
    for rows in (before, known):
        places = []
        for axis, column in (("frequency", "purchase_count"), ("recency", "idle")):
            of_axis = cells[cells["cell_axis"] == axis]
            place = np.searchsorted(of_axis["from_value"], rows[column], side="right") - 1
            places.append(of_axis["cell_name"].to_numpy()[place])
        named.append(pd.Series([f"{f}, {r}" for f, r in zip(*places, strict=True)], rows.index))
    counted = before.groupby(named[0])["is_buyer"].agg(["size", "sum"])
    found = counted.reindex(named[1]).fillna(0).set_axis(known.index)
    found = found.assign(cell_name=named[1])
    found["rate"] = (found["sum"] + PULL * before["is_buyer"].mean()) / (found["size"] + PULL)
    return found


def user_scores(facts: Facts) -> pd.DataFrame:
    """What to expect of each customer from the as-of day on, and how likely they are lost."""
    day, horizon = facts.as_of("orders"), facts.settings["churn_horizon_days"]
    known = histories(facts, day)
    if known.empty:
        return pd.DataFrame()
    worth = purchase_values(facts, day)
    orders = fitted(facts, facts.settings["expected_orders_model"], day, is_of_today=True)
    churn = fitted(facts, "mbg_nbd", day, is_of_today=True)
    found = pd.DataFrame({
        "purchase_count": known["purchase_count"],
        "purchase_value_amount": 100 * worth,
        "first_purchase_date": known["first_date"],
        "last_purchase_date": known["last_date"],
    })  # fmt: skip
    for ahead in HORIZONS:
        expected = orders.orders(known, ahead) if orders else np.nan
        found[f"expected_orders_{ahead}"] = expected
        found[f"expected_revenue_{ahead}_amount"] = 100 * expected * worth
    found["p_alive"] = churn.alive(known) if churn else np.nan
    found["churn_probability"] = 1 - churn.buys(known, horizon) if churn else np.nan
    is_young = found["expected_orders_365"].isna()
    found["score_status"] = np.where(is_young, "too_young", "scored")
    if not (orders and churn):
        found["score_status"] = "no_fit"
    cells = grid(facts, day, known)
    found["purchase_propensity"] = cells["rate"]
    found["score_reason"] = [
        f"{name}: {buyers:.0f} of {customers:.0f} bought within {horizon} days"
        for name, buyers, customers in zip(
            cells["cell_name"], cells["sum"], cells["size"], strict=True
        )
    ]
    found["score_reason"] = found["score_reason"].where(cells["rate"].notna())
    found["fit_date"] = orders.day if orders else pd.NaT
    found = found.assign(churn_horizon_days=horizon, as_of_date=day)
    return found.reset_index()


def score_calibration(facts: Facts) -> pd.DataFrame:
    """Who should have bought in the last churn horizon, by tenths of each score, and who did."""
    last, horizon = facts.as_of("orders"), facts.settings["churn_horizon_days"]
    day = last - horizon * DAY
    known = histories(facts, day)
    if known.empty:
        return pd.DataFrame()
    dates = facts.purchases["purchase_date"]
    did = facts.purchases.loc[(dates > day) & (dates <= last), PERSON]
    parts = []
    for score in ("bg_nbd", "mbg_nbd", "rf_grid"):
        fit = fitted(facts, score, day)
        if score != "rf_grid" and fit is None:
            continue
        told = grid(facts, day, known)["rate"] if score == "rf_grid" else fit.buys(known, horizon)
        rows = pd.DataFrame({"told": told, "did": known.index.isin(did)}).dropna()
        if rows.empty:
            continue
        # Where one stands among all, equal to nine decimals sharing the last place.
        place = rows["told"].round(9).rank(method="max").astype(int)
        rows["decile"] = -(-10 * place // len(rows))
        rows["wrong"] = (rows["told"] - rows["did"]) ** 2
        found = rows.groupby("decile").agg(
            customers=("did", "size"),
            predicted_buyers=("told", "sum"),
            actual_buyers=("did", "sum"),
        )
        found["brier_score"] = rows["wrong"].mean()
        missed = (found["predicted_buyers"] - found["actual_buyers"]).abs().sum()
        found["expected_calibration_error"] = missed / len(rows)
        parts.append(found.reset_index().assign(score_name=score))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if found.empty:
        return found
    found["predicted_purchase_rate"] = ratio(found["predicted_buyers"], found["customers"])
    found["actual_purchase_rate"] = ratio(found["actual_buyers"], found["customers"])
    return found.assign(horizon_days=horizon, origin_date=day)


def repeat_curve(facts: Facts, day: pd.Timestamp) -> tuple[float, float] | None:
    """Level and slope of repeat purchases per customer and week of age, from the fifth week on.

    A line through the logarithms, each week weighing its repeats; a customer tells of the weeks
    lived to the end.
    """
    known = histories(facts, day)
    lived = known["age"] // WEEK
    bought = facts.purchases[facts.purchases["purchase_date"] <= day]
    first = bought[PERSON].map(known["first_date"])
    week = days(bought["purchase_date"] - first) // WEEK
    is_repeat = (bought["purchase_date"] > first) & (week < bought[PERSON].map(lived)) & (week >= 4)
    repeats = week[is_repeat].value_counts().sort_index()
    if len(repeats) < 8:
        return None
    customers = np.array([(lived > number).sum() for number in repeats.index])
    age = np.log(repeats.index.to_numpy() + 0.5)
    slope = np.polyfit(age, np.log(repeats / customers), 1, w=np.sqrt(repeats))[0]
    return repeats.sum() / (customers * np.exp(slope * age)).sum(), slope


def curve_orders(curve: tuple[float, float], known: pd.DataFrame, horizon: int) -> pd.Series:
    """Purchases of a customer of each age within so many days: the area under the curve."""
    level, slope = curve
    age, points = known["age"].to_numpy() / WEEK, np.polynomial.legendre.leggauss(NODES)
    start, end = np.maximum(age, 4), age + horizon / WEEK
    at = (start + end)[:, None] / 2 + np.outer(end - start, points[0]) / 2
    area = (at**slope) @ points[1] * (end - start) / 2
    early = np.maximum(4 - age, 0) * 4**slope
    return pd.Series(level * (area + early), index=known.index)


def ltv_backtest(facts: Facts) -> pd.DataFrame:
    """Orders and revenue predicted on past days, every thirtieth since 2000, and what came."""
    last = facts.as_of("orders")
    bought = facts.purchases[facts.purchases["purchase_date"] <= last]
    zero = pd.Timestamp("2000-01-01").as_unit("us")
    recent = bought.loc[bought["purchase_date"] >= last - 730 * DAY, "purchase_date"]
    steps = days(recent - zero) // 30
    parts = []
    for day in (zero + step * 30 * DAY for step in sorted(steps[steps >= 0].unique())):
        ahead = [h for h in facts.horizons if h >= 90 and day + h * DAY <= last]
        if not ahead or day < bought["purchase_date"].min():
            continue
        known, worth = histories(facts, day), purchase_values(facts, day)
        curve = repeat_curve(facts, day)
        fits = {model: fitted(facts, model, day) for model in ("bg_nbd", "mbg_nbd")}
        for horizon in ahead:
            dates = bought["purchase_date"]
            came = bought[(dates > day) & (dates <= day + horizon * DAY)].groupby(PERSON)
            came = came["net_revenue_amount"].agg(["size", "sum"]).reindex(known.index).fillna(0)
            told = {model: fit.orders(known, horizon) for model, fit in fits.items() if fit}
            if curve:
                told["curve"] = curve_orders(curve, known, horizon)
            for score in ("bg_nbd", "mbg_nbd", "curve"):
                rows = pd.DataFrame({
                    "first_date": known["first_date"], "told": told.get(score, np.nan),
                    "came": came["size"], "came_money": came["sum"],
                })  # fmt: skip
                rows["told_money"] = 100 * rows["told"] * worth
                parts.append(rows.assign(score_name=score, horizon_days=horizon, origin_date=day))
    return _backtested(pd.concat(parts)) if parts else pd.DataFrame()


def _backtested(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers summed by cohort, those without a prediction on neither side."""
    rows["cohort"] = month(rows["first_date"]).astype(str)
    rows = everywhere(rows, "cohort")
    is_told = rows["told"].notna()
    rows["told_count"] = is_told.astype(int)
    for name in ("came", "came_money"):
        rows[name] = rows[name].where(is_told)
    rows["missed"] = (rows["told"] - rows["came"]).abs()
    rows["missed_money"] = (rows["told_money"] - rows["came_money"]).abs()
    grouped = rows.groupby(["score_name", "horizon_days", "origin_date", "cohort"])
    names = ["told", "came", "told_money", "came_money", "missed", "missed_money"]
    sums = grouped[names].sum(min_count=1)
    sums["customers"], sums["told_count"] = grouped.size(), grouped["told_count"].sum()
    sums = sums.reset_index()
    bias = ratio(sums["told_money"] - sums["came_money"], sums["came_money"])
    return pd.DataFrame({
        "score_name": sums["score_name"],
        "horizon_days": sums["horizon_days"],
        "origin_date": sums["origin_date"],
        "cohort_type": np.where(sums["cohort"] == "all", "all", "month"),
        "cohort_month_date": pd.to_datetime(sums["cohort"].replace("all", None)),
        "backtest_status": np.where(sums["told_count"] > 0, "predicted", "no_fit"),
        "customers": sums["customers"],
        "predicted_customers": sums["told_count"],
        "predicted_orders": sums["told"],
        "actual_orders": sums["came"],
        "orders_bias": ratio(sums["told"] - sums["came"], sums["came"]),
        "orders_mae": ratio(sums["missed"], sums["told_count"]),
        "predicted_revenue_amount": sums["told_money"],
        "actual_revenue_amount": sums["came_money"],
        "revenue_bias": bias,
        "revenue_mae_amount": ratio(sums["missed_money"] / 100, sums["told_count"]),
        "is_bias_large": bias.abs() > 0.2,
    })  # fmt: skip
