"""The own mall: customers, orders, order lines, refunds and refund lines, Shopify-shaped."""

import duckdb
import numpy as np

from .annotate import PLAIN, bad_codes, versions, write_emails, write_phones
from .behaviour import group_starts
from .catalogue import MALL
from .files import Quirks, load, periods
from .people import NEVER, phone_at
from .settings import DAY, Columns, Run
from .sources import Source, Table

NORMAL, BEFORE_ORDER, WITHOUT_ORDER, ORPHAN, WITHOUT_LINES = range(5)


def order_copies(rng: np.random.Generator, run: Run, people: Columns, orders: Columns) -> Columns:
    """Delivered copies of the web orders of the period: order, version, contact and bad code."""
    rows = np.flatnonzero((orders["place"] == MALL) & (orders["at"] >= run.start))
    created = orders["at"][rows]
    final = np.maximum(created + 60, orders["refunded_at"][rows])
    ended = np.where(orders["is_cancelled"][rows], orders["cancelled_at"][rows], final)
    final = np.minimum(np.maximum(final, ended), run.end - 1)
    copies = versions(rng, run, created, final, final > created + 60)
    person = orders["person"][rows]
    contact = write_phones(rng, run, people, person, created, 0.8)
    contact |= write_emails(rng, run, people, person, 0.9)
    unknown = orders["is_guest"][rows] & (contact["phone"] < 0) & (contact["email_no"] < 0)
    contact["phone"] = np.where(unknown, phone_at(people, person, created), contact["phone"])
    contact["phone_style"] = np.where(unknown, PLAIN, contact["phone_style"])
    bad = bad_codes(rng, run.rates["bad_order"], 5, len(rows))
    columns = {name: values[copies["row"]] for name, values in contact.items()}
    return copies | columns | {
        "order": rows[copies["row"]],
        "bad": np.where(copies["is_resent"], 0, bad[copies["row"]]),
    }


def refund_heads(
    rng: np.random.Generator, run: Run, people: Columns, orders: Columns, refunds: Columns
) -> Columns:
    """One row per refund of a web order: order, at, amount, kind, shipping, says_total."""
    starts = group_starts(refunds["order"])
    order = refunds["order"][starts]
    amount = np.add.reduceat(refunds["amount"], starts) if len(starts) else refunds["amount"]
    keep = (orders["place"][order] == MALL) & (orders["at"][order] >= run.start)
    order, amount, at = order[keep], amount[keep], refunds["at"][starts][keep]
    full, size, rates = refunds["is_full"][starts][keep], int(keep.sum()), run.rates
    draw, kind = rng.random(size), np.full(size, NORMAL)
    known = ~orders["is_guest"][order] & (people["account_at"][orders["person"][order]] < NEVER)
    share = 0.0
    for name, number, fits in (
        ("refund_before_order", BEFORE_ORDER, np.ones(size, dtype=bool)),
        ("refund_without_order", WITHOUT_ORDER, known),
        ("refund_orphan", ORPHAN, np.ones(size, dtype=bool)),
    ):
        kind[(draw >= share) & (draw < share + rates[name]) & fits] = number
        share += rates[name]
    goodwill = ~full & (rng.random(size) < rates["refund_without_lines"] / 0.2) & (kind == NORMAL)
    kind[goodwill] = WITHOUT_LINES
    shipping = np.where(full & (rng.random(size) < 0.5), orders["shipping"][order], 0)
    silent = (rng.random(size) < rates["refund_total_missing"]) & (shipping == 0)
    return {
        "refund": np.arange(size),
        "order": order,
        "at": np.where(kind == BEFORE_ORDER, orders["at"][order] - 2 * DAY, at),
        "amount": amount,
        "kind": kind,
        "shipping": shipping,
        "says_total": ~silent | (kind == WITHOUT_LINES),
        "says_currency": rng.random(size) >= rates["refund_total_missing"],
        "is_full": full,
    }


def customer_copies(rng: np.random.Generator, run: Run, people: Columns) -> Columns:
    """Delivered copies of the shop accounts: person, version, contact, updated_at, file_at."""
    person = np.flatnonzero(people["account_at"] < NEVER)
    created = people["account_at"][person]
    renewed = people["new_phone_at"][person] + 2 * DAY
    tells = (people["new_phone_at"][person] > created) & (renewed < run.end)
    tells &= rng.random(len(person)) < 0.5
    final = np.where(tells, renewed, created)
    copies = versions(rng, run, created, final, tells)
    told = copies["updated_at"]
    told = np.where((copies["version"] == 0) & ~tells[copies["row"]], created[copies["row"]], told)
    contact = write_phones(rng, run, people, person[copies["row"]], told, 0.75)
    contact |= write_emails(rng, run, people, person[copies["row"]], 0.85)
    bad = bad_codes(rng, run.rates["bad_member"], 1, len(person))
    bad = np.where(copies["is_resent"], 0, bad[copies["row"]])
    return copies | contact | {"person": person[copies["row"]], "bad": bad}


ORDERS = """
create or replace table shop_orders as
select half_year(file_at) as file,
    case when bad <> 2 then order_id(o.number) end as id,
    order_name(o.number) as name,
    case when not o.is_guest and p.account_at < o.at + 3600 then customer_text(p.customer_no) end
        as customer_id,
    written_email(nullif(c.email_no, -1), c.email_style) as email,
    written_phone(c.phone, c.phone_style) as phone,
    case bad
        when 3 then '2026-02-30T10:15:00+08:00'
        when 4 then strftime(local_time(o.at), '%Y-%m-%dT%H:%M:%S')
        when 5 then '2099' || substr(iso_local(o.at), 5)
        else iso_time(o.at, file like '%H2') end as created_at,
    iso_time(c.updated_at, file like '%H2') as updated_at,
    case when o.is_cancelled and c.version = 0 then iso_time(o.cancelled_at, file like '%H2') end
        as cancelled_at,
    case
        when o.is_unpaid and o.is_cancelled and c.version = 0 then 'voided'
        when o.is_unpaid then 'pending'
        when c.version = 1 or o.refund_state = 0 then 'paid'
        when o.refund_state = 1 then 'partially_refunded' else 'refunded' end as financial_status,
    case when o.is_test then 'true' else 'false' end as test,
    case when bad = 1 then 'XXX' when o.is_usd then 'USD' else 'CNY' end as currency,
    'true' as taxes_included,
    yuan(o.discount) as total_discounts,
    yuan(o.shipping) as total_shipping,
    yuan(o.net + o.shipping) as total_price,
    o.number, o.person, c.updated_at as t_updated, c.copy as t_copy, c."order" as t_order,
    c.is_resent as t_is_resent, p.person_id as t_person, order_id(o.number) as t_key,
    case bad when 1 then 'currency:unknown' when 2 then 'id:missing'
        when 3 then 'created_at:not_a_timestamp' when 4 then 'created_at:no_utc_offset'
        when 5 then 'created_at:in_future' end as t_reject,
    customer_id as t_customer,
    usable_phone(c.phone, c.phone_style) as t_phone, c.phone_is_own as t_phone_is_own,
    email_text(nullif(c.email_no, -1)) as t_email
from order_copies as c join orders as o on o.row = c."order" join people as p using (person);

create or replace table shop_order_lines as
with drawn as (
    select o.file, o.t_copy, o.t_order, o.number, o.t_person, l.*,
        case when not o.t_is_resent then l.bad else 0 end as code
    from shop_orders as o join lines as l on l."order" = o.t_order
)
select file,
    case when code <> 1 then line_id(number, line) end as id,
    order_id(number) as order_id,
    (880000 + product)::varchar as product_id, sku, products.name,
    quantity::varchar as quantity,
    case code when 2 then 'abc' when 3 then 'NaN' when 4 then '-' || yuan(price)
        when 5 then '1,' || lpad(yuan(price % 100000), 6, '0') else yuan(price) end as price,
    yuan(discount) as total_discount,
    number, line, t_copy, t_order, t_copy as t_updated, t_person, line_id(number, line) as t_key,
    case code when 1 then 'id:missing' when 2 then 'price:not_a_number'
        when 3 then 'price:not_a_number' when 4 then 'price:negative'
        when 5 then 'price:not_a_number' end as t_reject
from drawn join products using (product);
"""

REFUNDS = """
create or replace table shop_refunds as
select half_year(r.at) as file, refund_id(o.number) as id,
    case r.kind when 2 then null when 3 then (999000000000 + o.number)::varchar
        else order_id(o.number) end as order_id,
    case when r.kind = 2 then customer_text(p.customer_no) end as customer_id,
    iso_time(r.at, file like '%H2') as created_at,
    case when r.says_currency or r.kind in (2, 3)
        then case when o.is_usd then 'USD' else 'CNY' end end as currency,
    case when r.says_total then yuan(r.amount + r.shipping) end as total_refunded,
    yuan(r.shipping) as shipping_refunded,
    o.number, o.person, r.refund as t_row, r.kind as t_kind, r.amount as t_amount,
    o.is_usd as t_is_usd, p.person_id as t_person, r.at as t_updated, 0 as t_copy,
    refund_id(o.number) as t_key, null::varchar as t_reject
from refund_heads as r join orders as o on o.row = r."order" join people as p using (person);

create or replace table shop_refund_lines as
select f.file, f.id || lpad(l.line::varchar, 2, '0') as id, f.id as refund_id,
    case when f.t_kind not in (2, 3) then line_id(f.number, l.line) end as order_line_id,
    products.sku, l.quantity::varchar as quantity, yuan(r.amount) as subtotal,
    case when o.is_cancelled then 'cancel' when f.number % 9 = 0 then 'no_restock'
        else 'return' end as restock_type,
    f.number, l.line, f.t_person, 0 as t_updated, 0 as t_copy,
    f.id || lpad(l.line::varchar, 2, '0') as t_key, null::varchar as t_reject
from shop_refunds as f join refund_heads as h on h.refund = f.t_row
join refunds as r on r."order" = h."order" join lines as l on l.row = r.line_row
join orders as o on o.row = h."order" join products using (product)
where f.t_kind <> 4;
"""

CUSTOMERS = """
create or replace table shop_customers as
select half_year(greatest(file_at, {start})) as file,
    case when bad = 0 then customer_text(p.customer_no) end as id,
    written_email(nullif(c.email_no, -1), c.email_style) as email,
    written_phone(c.phone, c.phone_style) as phone,
    iso_local(p.account_at) as created_at, iso_local(c.updated_at) as updated_at,
    p.person, c.updated_at as t_updated, c.copy as t_copy, p.person_id as t_person,
    customer_text(p.customer_no) as t_key,
    case when bad = 1 then 'id:missing' end as t_reject,
    customer_text(p.customer_no) as t_customer,
    usable_phone(c.phone, c.phone_style) as t_phone, c.phone_is_own as t_phone_is_own,
    email_text(nullif(c.email_no, -1)) as t_email
from customer_copies as c join people as p using (person);
"""

def build(
    con: duckdb.DuckDBPyConnection, run: Run, chunk: int, people: Columns, world: dict[str, Columns]
) -> None:
    """Fill the tables shop_* with the raw text of every delivered row and its truth (t_*)."""
    rng, orders = run.random("shop", chunk), world["orders"]
    load(con, {
        "order_copies": order_copies(rng, run, people, orders),
        "refund_heads": refund_heads(rng, run, people, orders, world["refunds"]),
        "customer_copies": customer_copies(rng, run, people),
    })  # fmt: skip
    con.execute(ORDERS)
    con.execute(REFUNDS)
    con.execute(CUSTOMERS.format(start=run.start))


def quirks(run: Run, found: Quirks) -> None:
    """Other headers and one more column in some files."""
    if run.rates["file_variation"]:
        found.renamed["shop_customers", periods(run)[:2][-1]] = {"id": "customer_id"}
        found.extra["shop_orders", periods(run)[-1]] = "'/promo' as landing_site"


TABLES = (
    Table(
        "customers", ("id", "email", "phone", "created_at", "updated_at"),
        "t_updated, person, t_copy", may_break=True, is_record=True,
    ),
    Table("orders", (
        "id", "name", "customer_id", "email", "phone", "created_at", "updated_at", "cancelled_at",
        "financial_status", "test", "currency", "taxes_included", "total_discounts",
        "total_shipping", "total_price",
    ), "number, t_copy", may_break=True, is_record=True),
    Table("order_lines", (
        "id", "order_id", "product_id", "sku", "name", "quantity", "price", "total_discount",
    ), "number, line, t_copy", may_break=True),
    Table("refunds", (
        "id", "order_id", "customer_id", "created_at", "currency", "total_refunded",
        "shipping_refunded",
    ), "number"),
    Table("refund_lines", (
        "id", "refund_id", "order_line_id", "sku", "quantity", "subtotal", "restock_type",
    ), "number, line"),
)  # fmt: skip
SOURCE = Source(
    "shop",
    TABLES,
    build,
    quirks=quirks,
    orders="""
    select t_key as record_id, t_order, false as is_second_copy,
        bool_and(t_reject is not null) as is_rejected
    from shop_orders group by t_key, t_order""",
    bad_lines="select distinct t_order from shop_order_lines where t_reject is not null",
    refunds="""
    select r.t_key as record_id, order_id(o.number) as order_record_id, r.t_person as person_id,
        case when r.t_is_usd then 'USD' else 'CNY' end as currency, r.t_amount / 100.0 as amount,
        case r.t_kind when 1 then 'dated_before_order' when 2 then 'by_customer_and_item'
            when 3 then 'orphan' when 4 then 'total_only' else 'order' end as link
    from shop_refunds as r join orders as o using (number)""",
)
