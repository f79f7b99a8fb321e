"""Facts as frames, and the few words all recomputed marts share.

Money is in cents and credit in billionths: whole numbers in float64, so sums are exact and nulls
are NaN. Rates are plain numbers. Days are datetime64, times are UTC.
"""

from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import yaml

PROJECT = Path(__file__).parents[3]
KIND, CHANNEL, PERSON = "conversion_type", "channel_key", "user_key"
DAY = pd.Timedelta(days=1)
# Fitted parameters and the results of tests are given from outside, like seeds; no mart holds them.
READ = """(table_schema in ('marts', 'seeds', 'fitted')
    or table_schema = 'staging' and table_name = 'stg_experiments__results')"""


class Facts:
    """Facts, dimensions and seeds of one warehouse, read when first asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection, self.kept = connection, {}
        self.settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]

    @cached_property
    def schemas(self) -> dict[str, str]:
        """The schema of each mart and seed, and of what the marts of predictions are given."""
        sql = (
            "select table_name, table_schema from information_schema.tables"
            f" where {READ}"
        )
        return dict(self.connection.execute(sql).fetchall())

    def types(self, name: str) -> dict[str, str]:
        """The types of the columns of such a table."""
        sql = (
            "select column_name, data_type from information_schema.columns"
            f" where {READ} and table_name = ? order by ordinal_position"
        )
        return dict(self.connection.execute(sql, [name]).fetchall())

    def table(self, name: str, columns: str = "*") -> pd.DataFrame:
        """Such a table with its money in cents and its credit in billionths."""
        types, schema = self.types(name), self.schemas[name]
        frame = self.connection.execute(f"select {columns} from {schema}.{name}").df()
        for column in frame:
            kind = types[column]
            if kind == "DECIMAL(18,2)":
                frame[column] = np.round(frame[column].astype(float) * 100)
            elif kind == "DECIMAL(18,9)":
                frame[column] = np.round(frame[column].astype(float) * 1e9)
            elif kind.startswith("DECIMAL"):
                frame[column] = frame[column].astype(float)
            elif kind == "DATE":
                frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
            elif kind == "TIMESTAMP":
                frame[column] = frame[column].astype("datetime64[us]")
        return frame

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing ever happened, so that no mart has a row."""
        return self.events.empty and self.ads.empty

    def as_of(self, *families: str) -> pd.Timestamp:
        """The earliest day up to which these metric families are complete; NaT if one is not."""
        days = self.table("dim_as_of").set_index("metric_family")["as_of_date"]
        found = days.reindex(list(families))
        return pd.NaT if found.isna().any() else found.min()

    @cached_property
    def horizons(self) -> list[int]:
        """The horizons in days."""
        return sorted(self.table("horizons")["horizon_days"])

    @cached_property
    def users(self) -> pd.DataFrame:
        """Everybody, one row per `user_key`."""
        return self.table("dim_users")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Valid orders, those of nobody known among them."""
        names = "order_key, user_key, sales_channel_key, net_revenue_amount, margin_amount,"
        orders = self.table("fct_orders", f"{names} is_valid, order_date, ordered_at")
        return orders[orders["is_valid"]].drop(columns="is_valid").reset_index(drop=True)

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events of known people, with what seeds/event_types.csv says of them."""
        names = "event_key, user_key, sales_channel_key, event_type, event_date, occurred_at"
        events = self.table("fct_events", names)
        kinds = self.table("event_types")[["event_type", "stage", "is_active_signal", "initiator"]]
        return events[events[PERSON] != "unknown"].merge(kinds, on="event_type")

    @cached_property
    def touches(self) -> pd.DataFrame:
        """The touches of known people in the order of time, with their channel's lookback."""
        names = "touchpoint_key, user_key, channel_key, campaign_key, touch_date, touched_at"
        touches = self.table("fct_touchpoints", names)
        touches = touches[touches[PERSON] != "unknown"]
        days = self.table("channels").set_index(CHANNEL)["lookback_days"]
        touches["lookback"] = pd.to_timedelta(touches[CHANNEL].map(days).fillna(30), unit="D")
        return touches.sort_values(["touched_at", "touchpoint_key"]).reset_index(drop=True)

    @cached_property
    def ads(self) -> pd.DataFrame:
        """Ad campaigns by day up to the as-of day of ROI, with `month_date`."""
        ads = self.table("fct_ad_performance")
        ads = ads[ads["date_day"] <= self.as_of("roi")]
        return ads.assign(month_date=month(ads["date_day"]))

    @cached_property
    def purchases(self) -> pd.DataFrame:
        """Purchases: the valid orders of a person and day, numbered from 1 by person.

        Time and sales channel are those of the first order; the margin is NaN unless that of all is
        known.
        """
        orders = self.orders[self.orders[PERSON] != "unknown"]
        orders = orders.sort_values(["ordered_at", "order_key"])
        grouped = orders.groupby([PERSON, "order_date"], sort=True)
        found = grouped.agg(
            sales_channel_key=("sales_channel_key", "first"),
            purchased_at=("ordered_at", "first"),
            order_count=("order_key", "size"),
            known=("margin_amount", "count"),
            net_revenue_amount=("net_revenue_amount", "sum"),
            margin_amount=("margin_amount", "sum"),
        ).reset_index()
        partial = found["known"] < found["order_count"]
        found["margin_amount"] = found["margin_amount"].mask(partial)
        found["purchase_number"] = found.groupby(PERSON).cumcount() + 1
        return found.rename(columns={"order_date": "purchase_date"}).drop(columns="known")

    @cached_property
    def customers(self) -> pd.DataFrame:
        """People with a purchase: the days of the first and second, month, status and channel."""
        days = self.purchases.pivot_table(
            index=PERSON, columns="purchase_number", values="purchase_date", aggfunc="first"
        ).reindex(columns=[1, 2])
        days = days.astype("datetime64[us]").set_axis(["first_date", "second_date"], axis=1)
        known = self.users[[PERSON, "acquisition_channel_key", "first_order_status"]]
        found = days.reset_index().merge(known, on=PERSON)
        found["is_new"] = found["first_order_status"] == "known"
        return found.assign(cohort_month_date=month(found["first_date"]))


def once(function: Callable[[Facts], pd.DataFrame]) -> Callable[[Facts], pd.DataFrame]:
    """Work a function of facts out once, and keep its frame with them; nobody may change it."""

    @wraps(function)
    def kept(facts: Facts) -> pd.DataFrame:
        if function not in facts.kept:
            facts.kept[function] = function(facts)
        return facts.kept[function]

    return kept


def month(days: pd.Series) -> pd.Series:
    """The first day of the month of each day."""
    return pd.Series(
        days.to_numpy().astype("datetime64[M]").astype("datetime64[us]"), index=days.index
    )


def month_end(months: pd.Series) -> pd.Series:
    """The last day of each month, given by its first."""
    return next_month(months) - DAY


def next_month(months: pd.Series) -> pd.Series:
    """The first day of the month after each, given by its first."""
    after = months.to_numpy().astype("datetime64[M]") + 1
    return pd.Series(after.astype("datetime64[us]"), index=months.index)


def days(spans: pd.Series) -> pd.Series:
    """Whole days of spans between days; NaN where there is none."""
    return spans / DAY


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """A quotient, NaN where there is nothing to divide by."""
    return numerator / denominator.where(denominator != 0)


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, missing where there is none; map would lose the type of no values."""
    return values.reindex(keys).set_axis(keys.index)


def billionths(shares: pd.Series) -> pd.Series:
    """Credit in billionths as the number that rates are taken of; less than a millionth is none."""
    return shares.where(shares >= 1000, 0) / 1e9


def total(grouped, column: str) -> pd.Series:
    """The sum of what is known in each group; NaN where nothing is."""
    return grouped[column].sum(min_count=1)


def everywhere(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Each row for its own value of a column, and once more for `all`."""
    return pd.concat([frame, frame.assign(**{column: "all"})], ignore_index=True)


def crossed(frame: pd.DataFrame, column: str, values: list) -> pd.DataFrame:
    """Each row once for each of the values, which stand in a new column."""
    return frame.merge(pd.DataFrame({column: values}), how="cross")
