"""Books of the business: products, what they cost by period, and stores."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .annotate import bad_codes
from .catalogue import PRODUCTS
from .files import Quirks, load
from .settings import DAY, Columns, Run
from .sources import Source, Table

COST_SHARE = (0.34, 0.56)
"""Cost of a piece as a share of its price, between these."""
OPEN, REPLACED, CORRECTED = range(3)


def draw_costs(run: Run) -> Columns:
    """One row per product and period: product, cost (fen), from_day, to_day (-1 = open), copy, bad.

    Costs change once or twice in the run; a few products have none; a few are corrected later,
    and a few rows nobody can read.
    """
    rng, rates = run.random("erp"), run.rates
    share = rng.uniform(*COST_SHARE, PRODUCTS)
    known = rng.random(PRODUCTS) >= rates["cost_unknown"]
    first = rng.integers(run.days // 5, run.days // 2, PRODUCTS)
    second = np.where(rng.random(PRODUCTS) < 0.5, first + run.days // 3, -1)
    change = rng.uniform(0.92, 1.15, (2, PRODUCTS))
    factor = np.stack([np.ones(PRODUCTS), change[0], change[0] * change[1]])
    begins = np.stack([np.full(PRODUCTS, -400), first, second])
    ends = np.stack([first - 1, np.where(second > 0, second - 1, -1), np.full(PRODUCTS, -1)])
    period, product = np.nonzero(known & (begins != -1))
    corrected = rng.random(len(product)) < rates["row_resent"]
    row = np.concatenate([np.arange(len(product)), np.flatnonzero(corrected)])
    copy = np.repeat([REPLACED, CORRECTED], [len(product), corrected.sum()])
    copy[: len(product)][~corrected] = OPEN
    wrong = np.where(copy == REPLACED, 1.3, 1.0)
    period, product = period[row], product[row]
    return {
        "product": product,
        "share": share[product] * factor[period, product] * wrong,
        "from_day": begins[period, product],
        "to_day": ends[period, product],
        "copy": copy,
        "bad": np.where(copy == OPEN, bad_codes(rng, rates["bad_cost"], 3, len(row)), 0),
        "row": np.arange(len(row)),
    }


COSTS = """
create or replace table erp_product_costs as
select 'all' as file, sku,
    case bad when 1 then '-' else '' end || case when bad = 2 then '待定' else
        printf('%.4f', round(price_fen * share, 0) / 100) end as unit_cost,
    case when bad = 3 then 'TAE' when product % 3 = 0 then 'CNY' end as currency,
    strftime(day_at(from_day), '%Y-%m-%d') as valid_from,
    case when to_day >= 0 then strftime(day_at(to_day), '%Y-%m-%d')
        when product % 2 = 0 then '9999-12-31' end as valid_to,
    wall_clock({start} + (from_day - 20 + copy * 3) * 86400) as updated_at,
    {start} + (from_day - 20 + copy * 3) * 86400 as t_updated, copy as t_copy, "row",
    sku || ':' || strftime(day_at(from_day), '%Y-%m-%d') as t_key,
    case bad when 1 then 'unit_cost:negative' when 2 then 'unit_cost:not_a_number'
        when 3 then 'currency:unknown' end as t_reject
from cost_drafts join products using (product);
"""
BOOKS = """
create or replace table erp_products as
with copies as (
    select *, unnest(case when product % 19 = 0 and {is_dirty} then [0, 1] else [1] end) as copy
    from products
)
select 'all' as file, sku, case when copy = 0 then '停用 ' || name else name end as product_name,
    category as category_name, list_value('Omni', '青禾', '晨光')[product % 3 + 1] as brand_name,
    yuan(price_fen) as list_price, wall_clock({start} - 30 * 86400 + copy * 86400) as updated_at,
    {start} - 30 * 86400 + copy * 86400 as t_updated, copy as t_copy, product, sku as t_key,
    null::varchar as t_reject
from copies;

create or replace table erp_stores as
select 'all' as file, store_id, '门店' || store_id as store_name,
    list_value('华东', '华南', '华北')[store % 3 + 1] as region_code,
    list_value('上海', '广州', '北京')[store % 3 + 1] as city_name,
    case when store % 4 = 3 then '加盟' else '直营' end as store_type,
    '20' || (15 + store) || '-0' || (store % 9 + 1) || '-01' as opening_date,
    wall_clock({start} - 30 * 86400) as updated_at, {start} - 30 * 86400 as t_updated, 0 as t_copy,
    store, store_id as t_key, null::varchar as t_reject
from stores;
"""


def build_once(
    con: duckdb.DuckDBPyConnection, run: Run, budget: NDArray[np.float64], results: Columns
) -> None:
    """Fill the tables erp_products, erp_product_costs and erp_stores."""
    load(con, {"cost_drafts": draw_costs(run)})
    noon = run.start + DAY // 2
    con.execute(f"create or replace macro day_at(day) as local_time({noon} + day * {DAY})")
    con.execute(COSTS.format(start=run.start))
    is_dirty = bool(run.rates["row_resent"])
    con.execute(BOOKS.format(start=run.start, is_dirty=is_dirty))


def quirks(run: Run, found: Quirks) -> None:
    """The headers and encoding of the books' own language."""
    if run.rates["file_variation"]:
        found.renamed["erp_product_costs", "all"] = {"sku": "存货编码", "unit_cost": "单位成本"}
        found.encodings["erp_product_costs", "all"] = "gb18030"


TABLES = (
    Table("products", (
        "sku", "product_name", "category_name", "brand_name", "list_price", "updated_at",
    ), "product, t_copy", once=True),
    Table("product_costs", (
        "sku", "unit_cost", "currency", "valid_from", "valid_to", "updated_at",
    ), '"row"', once=True),
    Table("stores", (
        "store_id", "store_name", "region_code", "city_name", "store_type", "opening_date",
        "updated_at",
    ), "store", once=True),
)  # fmt: skip
SOURCE = Source("erp", TABLES, build_once=build_once, quirks=quirks)
