"""The delivery platform: orders with lines and discounts inside, and refunds, 美团外卖-shaped."""

import duckdb
import numpy as np

from .annotate import bad_codes, versions
from .catalogue import DELIVERY
from .files import json_line, load, quoted
from .settings import Columns, Run
from .sources import Source, Table

READY_WITHIN = 3_600
"""Seconds after which an order is delivered."""
CASH_SHARE, FEE_REDUCED, PLATFORM_SHARE = 0.02, 0.20, 0.40
"""Orders paid on delivery; with a cut fee; vouchers that the platform tops up."""


def order_copies(rng: np.random.Generator, run: Run, orders: Columns) -> Columns:
    """Delivered states of the platform's orders of the period: order, version, dirt and fees."""
    rates = run.rates
    rows = np.flatnonzero((orders["place"] == DELIVERY) & (orders["at"] >= run.start))
    created, size = orders["at"][rows], len(rows)
    ready = created + rng.integers(READY_WITHIN // 2, READY_WITHIN, size)
    final = np.where(orders["is_cancelled"][rows], orders["cancelled_at"][rows], ready)
    final = np.minimum(final, run.end - 1)
    copies = versions(rng, run, created, final, np.ones(size, dtype=bool))
    paid = ~orders["is_unpaid"][rows] & ~orders["is_cancelled"][rows]
    drawn = {
        "is_plain": rng.random(size) < rates["virtual_phone_plain"],
        "is_cash": paid & (rng.random(size) < CASH_SHARE),
        "fee_off": np.where(rng.random(size) < FEE_REDUCED, 100, 0),
        "topped_up": rng.random(size) < PLATFORM_SHARE,
        "is_padded": rng.random(size) < 0.5,
        "is_float": (rng.random(size) < 0.1) & (rates["row_resent"] > 0),
        "bad": bad_codes(rng, rates["bad_order"], 4, size),
        "is_broken": (rng.random(size) < rates["list_broken"]) & ~orders["is_rung"][rows],
        "asks_back": paid & (rng.random(size) < rates["refund_refused"]),
    }
    copies |= {name: values[copies["row"]] for name, values in drawn.items()}
    alone = ~copies["is_resent"]
    return copies | {
        "order": rows[copies["row"]],
        "bad": np.where(alone, copies["bad"], 0),
        "is_broken": copies["is_broken"] & alone,
    }


ORDERS = """
create or replace table delivery_states as
select c.*, o.number, o.person, half_year(file_at) as file, delivery_order_id(o.number) as id,
    case when c.version = 1 then case when o.is_unpaid then '1' else '2' end
        when o.is_cancelled then '9' when o.is_unpaid then '1' else '8' end as state,
    o.at, o.from_store, o.voucher, o.discount - o.voucher as line_discount, o.net, o.shipping,
    o.commission, 50 * (o.number % 3) as bag
from delivery_copies as c
join orders as o on o.row = c."order";

create or replace table delivery_order_items as
with drawn as (
    select s.file, s.id, s.updated_at, s.copy, s.person, s."order", s.is_broken, l.line, l.row,
        l.product, l.quantity, l.price, case when s.is_resent then 0 else l.bad end as code
    from delivery_states as s join lines as l on l."order" = s."order"
)
select file, id, copy, is_broken, line,
    concat('{{"app_food_code":"', sku, '","box_num":', quantity, ',"box_price":0.5,"cart_id":0,',
        '"food_discount":1,"food_name":', to_json(name), ',"price":', case code
            when 2 then '"abc"' when 3 then '"NaN"' when 4 then '-' || yuan(price)
            when 5 then '"1,' || lpad(yuan(price % 100000), 6, '0') || '"' else yuan(price) end,
        ',"quantity":', case when code = 1 then 'null' else quantity::varchar end,
        ',"sku_id":"', sku, '","unit":"件"}}') as element,
    "order" as t_order, updated_at as t_updated, copy as t_copy, id || ':' || (line - 1) as t_key,
    case code when 1 then 'quantity:missing' when 2 then 'price:not_a_number'
        when 3 then 'price:not_a_number' when 4 then 'price:negative'
        when 5 then 'price:not_a_number' end as t_reject
from drawn join products using (product);

create or replace table delivery_order_discounts as
with drawn as (
    select *, unnest([
        {{k: 17, shop: line_discount, platform: 0, says: '折扣商品'}},
        {{k: 2, shop: voucher, platform: if(topped_up, voucher // 2, 0), says: '满减优惠'}},
        {{k: 25, shop: fee_off, platform: 0, says: '减配送费' || yuan(fee_off) || '元'}}
    ]) as part
    from delivery_states
), placed as (
    select *, part.shop + part.platform as cents,
        row_number() over (partition by id, copy order by part.k) - 1 as place
    from drawn where part.shop > 0
)
select file, id, copy, place,
    concat('{{"act_detail_id":', number * 10 + place, ',"mt_charge":', yuan(part.platform),
        ',"poi_charge":', yuan(part.shop), ',"reduce_fee":', yuan(cents), ',"remark":"',
        part.says, '","type":', part.k, '}}') as element,
    cents - part.shop as platform_cents, "order" as t_order, updated_at as t_updated,
    copy as t_copy, id || ':' || place as t_key, null::varchar as t_reject
from placed;

create or replace table delivery_orders as
with items as (
    select id, copy, string_agg(element, ',' order by line) as detail
    from delivery_order_items group by id, copy
), discounts as (
    select id, copy, string_agg(element, ',' order by place) as extras,
        sum(platform_cents) as platform_cents
    from delivery_order_discounts group by id, copy
)
select s.file, s.id, case bad when 1 then '50' else state end as status,
    case bad when 2 then '4070908800' when 4 then 'null' else s.at::varchar end as ctime,
    updated_at::varchar as utime, store_id, case when is_cash then '1' else '2' end as pay_type,
    delivery_user_text(p.delivery_user_no) as user_no,
    case when is_plain then split_part(virtual_phone(number % 7), ',', 1)
        else replace(virtual_phone(number), ',', '_') end as phone,
    case bad when 3 then '"12,00"' else yuan(net + s.shipping + bag - fee_off
        - coalesce(platform_cents, 0)) || case when is_float then '0000000000004' else '' end
        end as total,
    yuan(s.shipping) as shipping, yuan(bag) as bag,
    concat('{{"foodShareFeeChargeByPoi":', s.commission, ',"logisticsFee":', s.shipping,
        ',"wmPoiReceiveCent":', net - s.commission, '}}') as fees,
    case when is_broken then '[{{"app_food_code":"' else '[' || items.detail || ']' end as detail,
    concat('[', discounts.extras, case when is_padded then if(extras is null, '{{}}', ',{{}}') end,
        ']') as extras,
    number, is_broken, "order" as t_order, p.person_id as t_person, updated_at as t_updated,
    s.copy as t_copy, s.id as t_key,
    case bad when 1 then 'status:unknown' when 2 then 'ctime:in_future'
        when 3 then 'total:not_a_number' when 4 then 'ctime:missing' end as t_reject,
    user_no as t_platform_user
from delivery_states as s join people as p using (person)
join stores on stores.store = s.from_store
left join items on items.id = s.id and items.copy = s.copy
left join discounts on discounts.id = s.id and discounts.copy = s.copy;

insert into truth_counts
select 'delivery', 'order_items', 'malformed_line', count(*), 0, count(*)
from delivery_orders where is_broken having count(*) > 0;
delete from delivery_order_items where is_broken;

-- Asked for and refused; some are delivered before it was decided, too.
create or replace table delivery_refund_items as
with asked as (
    select s.id, s.number, s."order", s.updated_at + 1800 as asked_at, unnest([0, 1]) as copy
    from delivery_states as s where s.asks_back and s.copy = 0 and s.bad = 0
)
select half_year(least(asked_at + copy * 3600, {end} - 1)) as file, copy, asked_at, id, number,
    concat('{{"app_food_code":"', sku, '","count":1,"origin_food_price":', yuan(price),
        ',"refund_price":', yuan(l.net // l.quantity), ',"sku_id":"', sku, '"}}') as element,
    least(asked_at + copy * 3600, {end} - 1) as t_updated, copy as t_copy,
    refund_id(number) || ':0' as t_key, null::varchar as t_reject
from asked join lines as l on l."order" = asked."order" and l.line = 1
join products using (product);

create or replace table delivery_refunds as
select file, refund_id(number) as refund_id, id, asked_at::varchar as ctime,
    t_updated::varchar as utime, copy::varchar as decided, '[' || element || ']' as part_list,
    t_updated, t_copy, refund_id(number) as t_key, t_reject
from delivery_refund_items;
"""


def line_of(names: dict[str, str]) -> str:
    """SQL of the NDJSON line of an order, under the names of one of the platform's interfaces."""
    values = {
        "wm_order_id_view": "id",
        "app_poi_code": quoted("store_id"),
        "open_uid": quoted("user_no"),
        "recipient_phone": quoted("phone"),
        "ctime": "ctime",
        "utime": "utime",
        "status": "status",
        "pay_type": "pay_type",
        "total": "total",
        "shipping_fee": "shipping",
        "package_bag_money_yuan": quoted("bag"),
        "poi_receive_detail": "to_json(fees)",
        "detail": "to_json(detail)",
        "extras": "to_json(extras)",
        "day_seq": "number % 200 + 1",
    }
    return json_line({names.get(name, name): value for name, value in values.items()})


PUSHED = {
    "wm_order_id_view": "orderIdView", "app_poi_code": "ePoiId", "open_uid": "openUid",
    "recipient_phone": "recipientPhone", "pay_type": "payType", "shipping_fee": "shippingFee",
    "package_bag_money_yuan": "packageBagMoneyYuan", "poi_receive_detail": "poiReceiveDetail",
    "day_seq": "daySeq",
}  # fmt: skip
"""Names in orders as they are pushed, which the files of second half-years hold."""
REFUND = json_line({
    "refund_id": "refund_id",
    "wm_order_id_view": "id",
    "ctime": "ctime",
    "utime": "utime",
    "refund_type": "2",
    "res_type": "decided",
    "money": "1.00",
    "wmAppRetailForOrderPartRefundList": "part_list",
})  # fmt: skip


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill delivery_orders and _refunds, and what their lists hold, counted but not written."""
    rng = run.random("delivery", chunk)
    load(con, {"delivery_copies": order_copies(rng, run, world["orders"])})
    con.execute(ORDERS.format(end=run.end))


LINE = f"case when file like '%H2' then {line_of(PUSHED)} else {line_of({})} end"
TABLES = (
    Table("orders", (), "t_updated, number, t_copy", "ndjson", LINE, may_break=True,
          is_record=True),
    Table("order_items", format="opened"),
    Table("order_discounts", format="opened"),
    Table("refunds", (), "t_updated, t_key, t_copy", "ndjson", REFUND),
    Table("refund_items", format="opened"),
)  # fmt: skip
SOURCE = Source(
    "delivery",
    TABLES,
    build,
    identifiers={"t_platform_user": ("buyer", "delivery", "")},
    orders="""
    select t_key as record_id, t_order, false as is_second_copy,
        bool_and(t_reject is not null) as is_rejected
    from delivery_orders group by t_key, t_order""",
    bad_lines="""
    select distinct t_order from delivery_order_items where t_reject is not null
    union select t_order from delivery_orders where is_broken""",
)
