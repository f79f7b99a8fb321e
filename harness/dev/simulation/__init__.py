"""Parts of the retailer simulator; see harness.dev.simulate for what it writes.

A source is one module `<source>.py` that ends in `SOURCE = sources.Source(...)` and one line in
simulate.SOURCES. Its `build(con, run, chunk, people, world)` is called for each chunk of people;
`build_once(con, run, budget, results)` once, for tables with `once=True` (advertising platforms,
master data). A builder fills one table `<source>_<table>` in DuckDB per delivered table: the raw
text columns as the vendor writes them and these:

    file        name of the file without part and ending (half_year(at), '2026-05', 'all')
    t_key       natural key as text, the record_id of the truth; copies of a record share it
    t_updated, t_copy   of the copies of a key the newest t_updated, then the last file, counts
    t_reject    'column:rule' where no rule can accept the row, else null; counts.parquet
    t_person    person_id; tables with is_record also have the identifiers as normalised text:
                t_member, t_customer, t_phone (usable_phone), t_email, t_cookie, t_buyer,
                t_device, t_unionid (truth.IDENTIFIERS; t_x_is_own where the value may be
                somebody else's) and what Source.identifiers adds
    t_order     orders.row, where the row is of an order: truth takes the money from there

Draw dirt with run.random("<source>", chunk) in numpy, load() the arrays, spell the rest in SQL
with the macros of files.MACROS. Never read the clock; never depend on the order of rows.

Times are seconds since 1970 UTC (bigint), NEVER = does not happen; money is integer fen (CNY) or
cent (USD). `people`, `orders`, `lines`, `refunds` and `visits` are tables in DuckDB and, but for
visits (there world["sessions"]), arrays.

people: one row per person of the chunk
    person                  row in the chunk, 0..; orders.person and sessions.person refer to it
    person_id               over all chunks; only truth may show it
    channel, kind           of the first contact (catalogue.CHANNELS), type (catalogue.TYPES)
    first_at                first contact, may lie before run.start
    member_at, account_at   becomes a member (crm), opens a mall account
    member_no, customer_no, buyer_no, delivery_user_no, openid_no, unionid_no (-1 = not joined)
                            numbers behind member_text, customer_text, buyer_nick,
                            delivery_user_text, mini_openid / official_openid, unionid_text
    phone, new_phone, new_phone_at, has_phone, phone_is_borrowed    see phone_at, write_phones
    email_no, has_email     see write_emails and email_text
    prefers_store, prefers_tmall, prefers_delivery  chances; 0 for most in the last two
    home_store, region, birth_day, is_overseas, is_staff, devices
    app_since               first use of the app; 35 % of members
    app_device, new_app_device, new_app_device_at   numbers behind device_text; app_device_at;
                            a sold phone is first one person's, later another's
    mini_since              first use of the mini program (settings.MINI_APP_ID); 40 %
    follow_at, unfollow_at  of the official account (settings.OFFICIAL_APP_ID)

orders: one row per sale in time order, also before run.start (write at >= run.start only)
    row, number             row in the chunk; number over all chunks, behind order_id, order_name,
                            tmall_order_id, delivery_order_id and virtual_phone
    person, at, rank        who, when, how many before it; touch = row of the touch that sold
    place                   catalogue.MALL 0, STORE 1, TMALL 2, DELIVERY 3
    store, from_store       number in catalogue.STORES of the till; of who fulfils a delivery;
                            -1 = none
    is_usd, is_guest, is_test       mall only; all others are CNY
    is_cancelled, cancelled_at, is_unpaid   not in stores; delivery: within 40 minutes
    is_staff
    is_rung, rung_at, rung_store    mall order collected, or delivery keyed in, at a till: pos
                            writes it as a sale with external_order_no (order_name or
                            delivery_order_id), the truth calls it is_second_copy
    gross, discount, net    items before discounts; line discounts + voucher; gross - discount
    voucher                 the order-level part of discount (not in stores)
    shipping                paid on top of net (mall, tmall; delivery fee)
    commission_share, commission    what the delivery platform keeps of net; else 0
    refunded, refunded_at, refund_state (0 none, 1 in part, 2 in full)

lines: one row per basket line in order of orders
    row, order (orders.row), line (1..), product (products), quantity
    price                   of one piece; discount: of the line, without the voucher
    net                     price * quantity - discount - share of the voucher; sums to orders.net
    bad                     0, or 1..5 how the line is made unacceptable

refunds: one row per refunded line in order of orders; never of deliveries
    order, line_row (lines.row), at, amount (= lines.net), is_full

sessions: one row per visit of the period in time order
    row, person, at, channel, campaign (catalogue.CAMPAIGNS, -1 = none)
    order                   row of the mall order placed in the visit, -1 = none
    surface                 catalogue.WEB 0, APP 1, MINI_PROGRAM 2; only web goes to ga4
    is_tracked              web only: web analytics saw it
    app_device              number behind device_text, -1 = not the app
    device, cookie, is_tablet       of the web
    signs_up, is_logged_in, logs_in     account opened here; known from the start; from some point
                            (app: known as a member, else as a mall customer)
    spelling, has_click_id, social  how the link is tagged
sessions.draw_events gives the events of any of them (views, cart, purchase ...).

messages: world["messages"] after messaging.build, also the table message_drafts: one row per
    message or held-out recipient: row, person, campaign, channel, experiment (-1 = none), arm, at

visits: the sessions in SQL, spelt: session (sessions.row), person, person_id, surface, at, order,
    app_device, cookie, customer, channel_name, source, medium, campaign (utm, as spelt), click_id,
    platform, campaign_id, campaign_name (true, null = none), spelling, device_category

Fixed tables: products, stores (store, store_id), regions, types, channels, campaigns (campaign,
account, id, name, kind, platform, account_id, channel), accounts (account, platform, id, name,
currency, zone), event_names.

Advertising: platforms.platform_days(run, platform, budget, results) gives one row per campaign and
day of the account: clicks, impressions, spend (fen or cent of the account's currency),
conversions, value (claims on the day of the click), converted, converted_value (the same on the
day of the order).
"""
