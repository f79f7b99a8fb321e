"""The tills of eight stores: sales, returns, and orders of other places rung again."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from .annotate import PLAIN, bad_codes, write_phones
from .behaviour import group_starts, take
from .catalogue import DELIVERY, STORE
from .files import Quirks, load, periods
from .people import local_day
from .settings import COUNTER_PHONE, COUNTER_STORE, Columns, Run
from .sources import Source, Table

SALE, RETURN, RUNG_AGAIN = range(3)
CARD_SCANNED, PHONE_TYPED = 0.75, 0.40


def ticket_numbers(store: NDArray, day: NDArray) -> NDArray[np.int64]:
    """Running number of each ticket within its store and day, from 1, in row order."""
    order = np.lexsort((np.arange(len(store)), day, store))
    group = store[order] * 100_000 + day[order]
    starts = group_starts(group)
    number = np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)])) + 1
    result = np.empty(len(group), dtype=np.int64)
    result[order] = number
    return result


def draw_tickets(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns, refunds: Columns
) -> Columns:
    """One row per ticket in time order: order, kind, store, at, number, of, contact, bad.

    of: number and day of the sale's ticket (-1 when a return does not say).
    """
    sold = np.flatnonzero((orders["place"] == STORE) & (orders["at"] >= run.start))
    again = np.flatnonzero(orders["is_rung"] & (orders["at"] >= run.start))
    starts = group_starts(refunds["order"])
    back, back_at = refunds["order"][starts], refunds["at"][starts]
    keep = (orders["place"][back] == STORE) & (orders["at"][back] >= run.start)
    back, back_at = back[keep], back_at[keep]
    order = np.concatenate([sold, back, again])
    kind = np.repeat([SALE, RETURN, RUNG_AGAIN], [len(sold), len(back), len(again)])
    at = np.concatenate([orders["at"][sold], back_at, orders["rung_at"][again]])
    store = np.where(kind == RUNG_AGAIN, orders["rung_store"][order], orders["store"][order])
    tickets = {"order": order, "kind": kind, "at": at, "store": store}
    tickets = take(tickets, np.lexsort((order, kind, at)))
    order, kind, at, store = (tickets[name] for name in ("order", "kind", "at", "store"))
    tickets["number"] = ticket_numbers(store, local_day(at, run))
    sale_row = np.full(len(orders["at"]), -1)
    sale_row[order[kind == SALE]] = np.flatnonzero(kind == SALE)
    says = rng.random(len(order)) >= run.rates["return_without_ticket"]
    tickets["of_row"] = np.where((kind == RETURN) & says, sale_row[order], -1)
    return tickets | ticket_contacts(rng, run, people, orders, tickets)


def ticket_contacts(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns, tickets: Columns
) -> Columns:
    """Card and phone on each ticket: has_card, phone, phone_style, phone_is_own; and bad."""
    person, at, size = orders["person"][tickets["order"]], tickets["at"], len(tickets["at"])
    by_rider = orders["place"][tickets["order"]] == DELIVERY
    has_card = (people["member_at"][person] <= at) & (rng.random(size) < CARD_SCANNED) & ~by_rider
    contact = write_phones(rng, run, people, person, at, PHONE_TYPED)
    contact["phone"][by_rider] = -1
    at_counter = (tickets["store"] == COUNTER_STORE) & ~has_card & (contact["phone"] < 0)
    at_counter &= rng.random(size) < run.rates["counter_phone"]
    contact["phone"][at_counter] = COUNTER_PHONE
    contact["phone_style"][at_counter] = PLAIN
    contact["phone_is_own"] &= ~at_counter
    contact["has_card"] = has_card
    contact["bad"] = bad_codes(rng, run.rates["bad_ticket"], 3, size)
    return contact


POS = """
create or replace table pos_tickets as
with numbered as (
    select *, strftime(local_time(tickets.at), '%y%m%d') || '{chunk:02d}'
        || lpad(number::varchar, 4, '0') as no
    from tickets
), keyed as (
    select t.*, stores.store_id, sale.no as sale_no
    from numbered as t join stores on stores.store = t.store
    left join numbered as sale on sale.row = t.of_row
)
select half_year(t.at) as file,
    case when t.bad <> 1 then no end as ticket_no, store_id,
    case t.bad when 2 then '2026-02-30 12:00:00' when 3 then '2099' || substr(wall_clock(t.at), 5)
        else wall_clock(t.at) end as sold_at,
    case when t.kind = 1 then 'RETURN' else 'SALE' end as ticket_type,
    case when has_card then member_text(p.member_no) end as member_no,
    written_phone(t.phone, t.phone_style) as phone,
    sale_no as original_ticket_no,
    case when t.kind = 2 and o.place = 3 then delivery_order_id(o.number)
        when t.kind = 2 then order_name(o.number) end as external_order_no,
    yuan(case when t.kind = 1 then -o.refunded else o.net end) as paid_amount,
    t.at, no, t.kind, t.row as t_row, t."order" as t_order, o.person, p.person_id as t_person,
    t.at as t_updated, 0 as t_copy, store_id || ':' || no as t_key,
    case t.bad when 1 then 'ticket_no:missing' when 2 then 'sold_at:not_a_timestamp'
        when 3 then 'sold_at:in_future' end as t_reject,
    case when has_card then member_text(p.member_no) end as t_member, true as t_member_is_own,
    usable_phone(t.phone, t.phone_style) as t_phone, t.phone_is_own as t_phone_is_own
from keyed as t join orders as o on o.row = t."order" join people as p using (person);

create or replace table pos_ticket_lines as
with drawn as (
    select t.*, l.line, l.product, l.quantity, l.price, l.price * l.quantity - l.net as discount,
        l.bad as code, case when t.kind = 1 then -1 else 1 end as sign
    from pos_tickets as t join lines as l on l."order" = t.t_order
    where t.kind <> 1 or exists (select 1 from refunds as r where r.line_row = l.row)
)
select file, no as ticket_no, store_id, line::varchar as line_no,
    case when code <> 1 then sku end as sku, products.name as product_name,
    category as category_name, (sign * quantity)::varchar as quantity,
    case code when 2 then 'abc' when 3 then 'NaN' when 4 then '-' || yuan(price)
        when 5 then '1,' || lpad(yuan(price % 100000), 6, '0') else yuan(price) end as unit_price,
    yuan(sign * discount) as discount_amount,
    no, line, t_row, t_order, t_person, t_updated, t_copy, t_key || ':' || line as t_key,
    case code when 1 then 'sku:missing' when 2 then 'unit_price:not_a_number'
        when 3 then 'unit_price:not_a_number' when 4 then 'unit_price:negative'
        when 5 then 'unit_price:not_a_number' end as t_reject
from drawn join products using (product);
"""

def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables pos_tickets and pos_ticket_lines."""
    rng = run.random("pos", chunk)
    tickets = draw_tickets(rng, run, people, world["orders"], world["refunds"])
    tickets["row"] = np.arange(len(tickets["at"]))
    load(con, {"tickets": tickets})
    con.execute(POS.format(chunk=chunk))


def quirks(run: Run, found: Quirks) -> None:
    """Other headers and one more column in some files."""
    if run.rates["file_variation"]:
        renamed = {"sold_at": "sale_time", "phone": "mobile"}
        found.renamed["pos_tickets", periods(run)[:2][-1]] = renamed
        found.extra["pos_ticket_lines", periods(run)[-1]] = "'' as cashier_note"


TABLES = (
    Table("tickets", (
        "ticket_no", "store_id", "sold_at", "ticket_type", "member_no", "phone",
        "original_ticket_no", "external_order_no", "paid_amount",
    ), "t_updated, t_row", may_break=True, is_record=True),
    Table("ticket_lines", (
        "ticket_no", "store_id", "line_no", "sku", "product_name", "category_name", "quantity",
        "unit_price", "discount_amount",
    ), "t_updated, t_row, line", may_break=True),
)  # fmt: skip
SOURCE = Source(
    "pos",
    TABLES,
    build,
    quirks=quirks,
    orders="""
    select t_key as record_id, t_order, kind = 2 as is_second_copy,
        bool_and(t_reject is not null) as is_rejected
    from pos_tickets where kind <> 1 group by t_key, t_order, kind""",
    bad_lines="select distinct t_order from pos_ticket_lines where t_reject is not null",
    refunds="""
    select t.t_key as record_id, sale.t_key as order_record_id, t.t_person as person_id,
        'CNY' as currency, o.refunded / 100.0 as amount,
        case when t.original_ticket_no is null then 'not_given' else 'order' end as link
    from pos_tickets as t join pos_tickets as sale on sale.t_order = t.t_order and sale.kind = 0
    join orders as o on o.row = t.t_order where t.kind = 1""",
)
