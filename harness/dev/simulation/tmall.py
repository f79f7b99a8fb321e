"""The marketplace: orders, lines and refunds as a Tmall shop's back office exports them."""

import duckdb
import numpy as np

from .annotate import MASKED, bad_codes, versions, write_phones
from .behaviour import take
from .catalogue import TMALL
from .files import Quirks, load, periods
from .settings import DAY, Columns, Run
from .sources import Source, Table

PAID, PENDING, REFUSED = range(3)


def order_copies(rng: np.random.Generator, run: Run, people: Columns, orders: Columns) -> Columns:
    """Delivered copies of the tmall orders: order, version (0 last, 1 first), contact, bad.

    A later copy is never an older state: the export tells no time that could put it right.
    """
    rows = np.flatnonzero((orders["place"] == TMALL) & (orders["at"] >= run.start))
    created, rates, size = orders["at"][rows], run.rates, len(rows)
    cancelled = orders["is_cancelled"][rows]
    ended = np.where(cancelled, orders["cancelled_at"][rows], orders["refunded_at"][rows])
    final = np.minimum(np.maximum(created + 3_600, ended), run.end - 1)
    copies = versions(rng, run, created, final, ended > 0)
    contact = write_phones(rng, run, people, orders["person"][rows], created, 0.95)
    masked = rng.random(size) < rates["marketplace_phone_masked"]
    contact["phone_style"] = np.where(masked, MASKED, contact["phone_style"])
    draw, untidy = rng.random(size), rng.integers(1, 4, size)
    style = np.where(draw < rates["nick_untidy"], untidy, 0)
    contact["nick_style"] = np.where(draw >= 1 - rates["nick_masked"], 4, style)
    contact["points"] = np.where(rng.random(size) < 0.15, rng.integers(1, 6, size) * 100, 0)
    contact["bad"] = bad_codes(rng, rates["bad_order"], 5, size)
    columns = {name: values[copies["row"]] for name, values in contact.items()}
    copies |= columns | {"order": rows[copies["row"]]}
    copies["bad"] = np.where(copies["is_resent"], 0, copies["bad"])
    return take(copies, copies["copy"] < 2)


def refund_copies(
    rng: np.random.Generator, run: Run, orders: Columns, lines: Columns, refunds: Columns
) -> Columns:
    """Delivered copies of the refunds: line_row, amount, shipping, asked_at, at, state, file_at.

    One refund per line, as the marketplace has it; some first come unpaid, some are refused.
    """
    rates = run.rates
    here = (orders["place"] == TMALL) & (orders["at"] >= run.start)
    paid = np.flatnonzero(here[refunds["order"]])
    sold = here[lines["order"]] & (lines["line"] == 1) & (lines["net"] > 0)
    sold &= ~(orders["is_unpaid"] | orders["is_cancelled"])[lines["order"]]
    sold &= orders["refund_state"][lines["order"]] == 0
    refused = np.flatnonzero(sold & (rng.random(len(sold)) < rates["refund_refused"]))
    line = np.concatenate([refunds["line_row"][paid], refused])
    order = lines["order"][line]
    at = np.concatenate([refunds["at"][paid], orders["at"][order[len(paid):]] + 4 * DAY])
    at = np.minimum(at, run.end - 1)
    asked_at = np.maximum(orders["at"][order] + 60, at - rng.integers(600, 4 * DAY, len(at)))
    first = np.r_[True, order[1:] != order[:-1]] & np.r_[refunds["is_full"][paid], refused < 0]
    gives = first & (rng.random(len(at)) < 0.5)
    table = {
        "line_row": line,
        "amount": lines["net"][line],
        "shipping": np.where(gives, orders["shipping"][order], 0),
        "asked_at": asked_at,
        "at": at,
        "state": np.repeat([PAID, REFUSED], [len(paid), len(refused)]),
        "file_at": at,
        "copy": np.ones(len(at), dtype=np.int64),
    }
    early = np.flatnonzero(rng.random(len(at)) < rates["refund_pending"])
    pending = take(table, early) | {"file_at": asked_at[early]}
    pending["state"] = np.full(len(early), PENDING)
    pending["copy"] = np.zeros(len(early), dtype=np.int64)
    return {name: np.concatenate([table[name], pending[name]]) for name in table}


MACROS = """
create or replace macro oid(number, line, lines) as
    (tmall_order_id(number)::bigint + case when lines = 1 then 0 else line end)::varchar;
create or replace macro written_id(id, file) as case
    when id is null then null
    when file = '{second}' then chr(39) || id when file = '{last}' then chr(9) || id
    else '="' || id || '"' end;
create or replace macro written_clock(moment, file) as case when file = '{second}'
    then strftime(local_time(moment), '%Y/%-m/%-d %-H:%M') else wall_clock(moment) end;
create or replace macro written_yuan(amount, file) as
    yuan(amount) || case when file = '{last}' then '元' else '' end;
create or replace macro written_nick(nick, style) as case style
    when 1 then upper(nick) when 2 then nick || '　' when 3 then ' ' || nick
    when 4 then nick[1] || '**' || nick[-1] else nick end;
"""
ORDERS = """
create or replace table tmall_orders as
with told as (
    select half_year(c.file_at) as file, c.*, o.* exclude (row), p.person_id, p.buyer_no,
        -- Every eighth order is for somebody in the next region of the list.
        (p.region + (o.number % 8 = 0)::int) % (select count(*) from regions) as receiver_region,
        o.is_unpaid or (c.version = 1 and o.number % 3 = 0) as not_yet,
        o.is_unpaid and o.is_cancelled and c.version = 0 as was_dropped,
        not o.is_unpaid and c.version = 0 and (o.is_cancelled or o.refund_state = 2) as is_back,
        b.pieces
    from order_copies as c join orders as o on o.row = c."order" join people as p using (person)
    join (select "order", sum(quantity)::bigint as pieces from lines group by 1) as b
        on b."order" = c."order"
)
select file,
    case bad when 1 then '2.18E+18' when 2 then null
        else written_id(tmall_order_id(number), file) end as 订单编号,
    written_nick(buyer_nick(buyer_no), nick_style) as 买家会员名,
    written_yuan(net, file) as 买家应付货款,
    written_yuan(shipping, file) as 买家应付邮费,
    case when not_yet then 0 else least(points, net) end::varchar as 买家支付积分,
    written_yuan(net + shipping, file) as 总金额,
    written_yuan(case when not_yet then 0 else net + shipping - least(points, net) end, file)
        as 买家实际支付金额,
    case when bad = 4 then '交易异常' when was_dropped or is_back then '交易关闭'
        when not_yet then '等待买家付款'
        when version = 1 then '买家已付款，等待卖家发货'
        when told.at > {end} - 10 * 86400 then '卖家已发货，等待买家确认' else '交易成功' end
        as 订单状态,
    regions.name || case when regions.name in ('上海', '北京') then '市' else '省' end || ' ***'
        as 收货地址,
    chr(39) || written_phone(phone, phone_style) as 联系手机,
    case bad when 3 then '2026-02-30 10:15:00' when 5 then '2099' || substr(wall_clock(told.at), 5)
        else written_clock(told.at, file) end as 订单创建时间,
    case when not not_yet then written_clock(told.at + 30, file) end as 订单付款时间,
    pieces::varchar as 宝贝总数量,
    'Omniloop旗舰店' as 店铺名称,
    case when was_dropped then '买家不想买了' when is_back then '退款' else '订单未关闭' end
        as 订单关闭原因,
    number, "order" as t_order, is_resent as t_is_resent, person_id as t_person,
    0 as t_updated, 1 - version as t_copy, tmall_order_id(number) as t_key,
    case bad when 1 then 'tid:not_digits' when 2 then 'tid:missing'
        when 3 then 'created:not_a_timestamp' when 4 then 'status:unknown'
        when 5 then 'created:in_future' end as t_reject,
    case when nick_style <> 4 then lower(buyer_nick(buyer_no)) end as t_buyer,
    usable_phone(phone, phone_style) as t_phone, phone_is_own as t_phone_is_own
from told join regions on regions.region = receiver_region;

create or replace table tmall_order_details as
with drawn as (
    select o.file, o.t_copy, o.t_order, o.number, o.t_person, l.*,
        count(*) over (partition by o.t_order, o.t_copy) as lines,
        case when not o.t_is_resent then l.bad else 0 end as code
    from tmall_orders as o join lines as l on l."order" = o.t_order
)
select file,
    case when code <> 1 then written_id(oid(number, line, lines), file) end as 子订单编号,
    written_id(tmall_order_id(number), file) as 主订单编号,
    products.name as 标题,
    case code when 2 then 'abc' when 3 then 'NaN' when 4 then '-' || yuan(price)
        when 5 then '1,' || lpad(yuan(price % 100000), 6, '0') else yuan(price) end as 价格,
    quantity::varchar as 购买数量,
    sku as 商家编码,
    written_yuan(price * quantity - discount, file) as 买家应付货款,
    written_yuan(net, file) as 买家实际支付金额,
    number, line, t_order, t_person, 0 as t_updated, t_copy, oid(number, line, lines) as t_key,
    case code when 1 then 'oid:missing' when 2 then 'price:not_a_number'
        when 3 then 'price:not_a_number' when 4 then 'price:negative'
        when 5 then 'price:not_a_number' end as t_reject
from drawn join products using (product);
"""
REFUNDS = """
create or replace table tmall_refunds as
with told as (
    select half_year(r.file_at) as file, r.*, l.line, l.product, l."order", l.quantity, o.number,
        o.person, o.is_cancelled, (select count(*) from lines as k where k."order" = l."order") as
        lines
    from refund_copies as r join lines as l on l.row = r.line_row
    join orders as o on o.row = l."order"
)
select file,
    written_id(tmall_order_id(number), file) as 订单编号,
    written_id((7180000000000000 + number * 100 + line)::bigint::varchar, file) as 退款编号,
    case when file = '{last}' then written_id(oid(number, line, lines), file) end as 子订单编号,
    sku as 商品编码,
    case when state <> 1 then written_clock(told.at, file) end as 退款完结时间,
    buyer_nick(p.buyer_no) as 买家会员名称,
    written_yuan(amount + shipping, file) as 买家退款金额,
    case when is_cancelled or number % 9 = 0 then '否' else '是' end as 是否需要退货,
    written_clock(asked_at, file) as 退款的申请时间,
    case state when 0 then '退款成功' when 1 then '买家已经申请退款，等待卖家同意'
        else '退款关闭' end as 退款状态,
    case when is_cancelled then '买家未收到货' when number % 9 = 0 or state <> 0 then '买家已收到货'
        else '买家已退货' end as 货物状态,
    number, line, amount as t_amount, state as t_state, p.person_id as t_person, 0 as t_updated,
    copy as t_copy, (7180000000000000 + number * 100 + line)::bigint::varchar as t_key,
    null::varchar as t_reject
from told join people as p using (person) join products using (product);
"""
SUMMARIES = """
insert into tmall_orders by name select file, '合计' as 订单编号, count(*)::varchar as 宝贝总数量,
    9223372036854775807 as number, 0 as t_updated, 0 as t_copy,
    'tid:not_digits;status:missing;created:missing' as t_reject
from tmall_orders group by file order by file;
insert into tmall_refunds by name select file, '合计' as 订单编号, 9223372036854775807 as number,
    0 as t_updated, 0 as t_copy,
    'refund_id:missing;tid:not_digits;status:missing;refund_fee:missing;created:missing' as t_reject
from tmall_refunds group by file order by file;
"""
"""Some reports end in a line of totals, which is no order."""


def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables tmall_*; the second and the last file are written by other templates."""
    rng, orders = run.random("tmall", chunk), world["orders"]
    load(con, {
        "order_copies": order_copies(rng, run, people, orders),
        "refund_copies": refund_copies(rng, run, orders, world["lines"], world["refunds"]),
    })  # fmt: skip
    halves = periods(run) if run.rates["file_variation"] else [""]
    con.execute(MACROS.format(second=halves[:2][-1], last=halves[-1]))
    con.execute(ORDERS.format(end=run.end))
    con.execute(REFUNDS.format(last=halves[-1]))
    if run.rates["file_variation"]:
        con.execute(SUMMARIES)


def quirks(run: Run, found: Quirks) -> None:
    """GB18030 but for the last template, whose headers differ; a blank behind some headers."""
    halves, tables = periods(run), [f"tmall_{table.name}" for table in TABLES]
    found.encodings |= {(table, half): "gb18030" for table in tables for half in halves}
    if run.rates["file_variation"]:
        found.renamed["tmall_orders", halves[:2][-1]] = {"订单付款时间": "订单付款时间 "}
        found.renamed["tmall_orders", halves[-1]] = {
            "买家会员名": "买家昵称", "买家实际支付金额": "买家实付金额",
        }  # fmt: skip
        found.renamed["tmall_order_details", halves[-1]] = {"标题": "商品标题", "价格": "商品价格"}
        found.encodings |= {(table, halves[-1]): "utf-8-sig" for table in tables}
        found.extra["tmall_orders", halves[-1]] = "'' as 商家备注"


TABLES = (
    Table("orders", (
        "订单编号", "买家会员名", "买家应付货款", "买家应付邮费", "买家支付积分", "总金额",
        "买家实际支付金额", "订单状态", "收货地址", "联系手机", "订单创建时间", "订单付款时间",
        "宝贝总数量", "店铺名称", "订单关闭原因",
    ), "number, t_copy", is_record=True),
    Table("order_details", (
        "子订单编号", "主订单编号", "标题", "价格", "购买数量", "商家编码", "买家应付货款",
        "买家实际支付金额",
    ), "number, line, t_copy"),
    Table("refunds", (
        "订单编号", "退款编号", "子订单编号", "商品编码", "退款完结时间", "买家会员名称",
        "买家退款金额", "是否需要退货", "退款的申请时间", "退款状态", "货物状态",
    ), "number, line, t_copy"),
)  # fmt: skip
SOURCE = Source(
    "tmall",
    TABLES,
    build,
    quirks=quirks,
    orders="""
    select t_key as record_id, t_order, false as is_second_copy,
        bool_and(t_reject is not null) as is_rejected
    from tmall_orders where t_order is not null group by t_key, t_order""",
    bad_lines="select distinct t_order from tmall_order_details where t_reject is not null",
    refunds="""
    select t_key as record_id, tmall_order_id(number) as order_record_id, t_person as person_id,
        'CNY' as currency, t_amount / 100.0 as amount, 'order' as link
    from tmall_refunds where t_state = 0""",
)
