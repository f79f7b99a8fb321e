"""The simulator: deterministic, clean where it says so, and its truth agrees with its files."""

import contextlib
import csv
import gzip
import hashlib
import json
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml

from harness.dev import simulate as simulator
from harness.dev.simulation import catalogue
from harness.dev.simulation.catalogue import APP, DELIVERY, MALL, MINI_PROGRAM, STORE, TMALL, WEB
from harness.dev.simulation.faults import picked
from harness.dev.simulation.files import connect, json_line, quoted
from harness.dev.simulation.ocean_engine import HEADERS
from harness.dev.simulation.people import NEVER
from harness.dev.simulation.platforms import CLAIM_DAYS, PLATFORMS, paid_results, platform_days
from harness.dev.simulation.settings import DAY, Run

SOURCES = Path(__file__).resolve().parents[2] / "models" / "staging"
SMALL = {"people": 1_200, "days": 300, "seed": 7}


def simulated(out: Path, noise: str, **given: int) -> Path:
    simulator.simulate(Run(**(SMALL | given), noise=noise, out=out))
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Path:
    return simulated(tmp_path_factory.mktemp("clean"), "none")


@pytest.fixture(scope="module")
def dirty(tmp_path_factory) -> Path:
    return simulated(tmp_path_factory.mktemp("dirty"), "default")


@pytest.fixture(scope="module")
def world() -> dict:
    """People of a run at default noise and what they do, as arrays."""
    run = Run(5_000, 400, 7, "default", Path("never written"))
    budget, volume = catalogue.spend(run)
    people, tables = simulator.simulate_chunk(run, 0, volume, catalogue.products(True))
    return {"run": run, "budget": budget, "people": people, **tables}


def files_of(folder: Path, table: str) -> list[Path]:
    single = list((folder / "raw").glob(f"{table}.*"))
    return sorted(single or (folder / "raw" / table).iterdir())


def text_of(path: Path) -> str:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def rows_of(folder: Path, table: str) -> list[dict]:
    rows: list[dict] = []
    for path in files_of(folder, table):
        text = text_of(path)
        if ".ndjson" in path.name:
            rows += [json.loads(line) for line in text.splitlines()]
        else:
            rows += csv.DictReader(text.splitlines(keepends=True))
    return rows


def truth(folder: Path, query: str) -> list[tuple]:
    return duckdb.connect().execute(query.format(truth=f"{folder}/truth")).fetchall()


def digests(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*.*"))
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_same_arguments_give_the_same_bytes(dirty, tmp_path):
    assert digests(simulated(tmp_path, "default")) == digests(dirty)


def test_raw_says_in_both_languages_that_it_is_simulated(clean):
    text = (clean / "raw" / "DEMO_DATA.txt").read_text("utf-8")
    assert "simulated" in text and "模拟" in text


def test_truth_is_not_in_raw(dirty):
    assert not [path for path in (dirty / "raw").rglob("*") if "truth" in path.name]
    for table in ("shop/orders", "crm/members", "pos/tickets"):
        for path in files_of(dirty, table):
            assert "person" not in text_of(path).split("\n")[0]


@pytest.mark.parametrize("noise", ["clean", "dirty"])
def test_every_required_column_is_written(noise, request):
    folder = request.getfixturevalue(noise)
    for declared in sorted(SOURCES.glob("*/_*__sources.yml")):
        for source in yaml.safe_load(declared.read_text("utf-8"))["sources"]:
            is_simulated = (folder / "raw" / source["name"]).exists()
            for table in source["tables"] if is_simulated else []:
                name = f"{source['name']}/{table['name']}"
                for path in files_of(folder, name) if name not in OPENED else []:
                    assert_required(path, table["columns"])


def assert_required(path: Path, columns: list[dict]) -> None:
    if path.suffix == ".parquet":
        found = duckdb.connect().execute(f"describe from '{path}'").fetchall()
        headers = {name for name, *_ in found}
    elif ".ndjson" in path.name:
        headers = set(json.loads(text_of(path).split("\n")[0]))
    else:
        headers = set(next(csv.reader(text_of(path).splitlines(keepends=True))))
    for column in columns:
        meta = column.get("config", {}).get("meta", {})
        first_step = meta.get("path", "").split(".")[0].split("[")[0]
        names = {column["name"], *meta.get("aliases", []), first_step}
        assert headers & names or not meta.get("required"), (path.name, column["name"])


def test_clean_files_have_no_dirt(clean):
    query = "select sum(rows_superseded), sum(rows_rejected) from '{truth}/counts.parquet'"
    assert truth(clean, query) == [(0, 0)]
    assert truth(clean, "select * from '{truth}/faults.parquet'") == []
    assert truth(clean, "select * from '{truth}/record_identifiers.parquet' where not is_own") == []
    orders = rows_of(clean, "shop/orders")
    assert len({row["id"] for row in orders}) == len(orders)
    assert {row["test"] for row in orders} == {"false"}
    assert all(row["customer_id"] and not row["cancelled_at"] for row in orders)
    for row in orders + rows_of(clean, "pos/tickets") + rows_of(clean, "crm/members"):
        assert None not in row and None not in row.values()
        assert not row["phone"] or (len(row["phone"]) == 11 and row["phone"].isdigit())
    assert not [row for row in rows_of(clean, "pos/tickets") if row["external_order_no"]]
    returns = [row for row in rows_of(clean, "pos/tickets") if row["ticket_type"] == "RETURN"]
    assert returns and all(row["original_ticket_no"] for row in returns)
    assert all(row["order_id"] for row in rows_of(clean, "shop/refunds"))


def total(values) -> Decimal:
    return sum((Decimal(value) for value in values), Decimal(0))


def true_money(folder: Path, source: str, currency: str) -> tuple:
    return truth(folder, f"""
        select sum(gross_item_amount), sum(discount_amount), sum(refund_amount)
        from '{{truth}}/orders.parquet'
        where source_name = '{source}' and currency = '{currency}'""")[0]


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_true_money_of_the_shop_is_the_sum_of_clean_files(clean, currency):
    orders = {r["id"]: r for r in rows_of(clean, "shop/orders") if r["currency"] == currency}
    gross, discount, refund = true_money(clean, "shop", currency)
    lines = [r for r in rows_of(clean, "shop/order_lines") if r["order_id"] in orders]
    refunds = {r["id"] for r in rows_of(clean, "shop/refunds") if r["order_id"] in orders}
    back = [r for r in rows_of(clean, "shop/refund_lines") if r["refund_id"] in refunds]
    assert gross == total(Decimal(row["price"]) * int(row["quantity"]) for row in lines)
    assert discount == total(row["total_discounts"] for row in orders.values())
    assert refund == total(row["subtotal"] for row in back)
    paid = total(row["total_price"] for row in orders.values())
    shipping = total(row["total_shipping"] for row in orders.values())
    assert paid - shipping == gross - discount


def test_true_money_of_the_tills_is_the_sum_of_clean_files(clean):
    tickets = rows_of(clean, "pos/tickets")
    sold = [row for row in rows_of(clean, "pos/ticket_lines") if int(row["quantity"]) > 0]
    gross, discount, refund = true_money(clean, "pos", "CNY")
    assert gross == total(Decimal(row["unit_price"]) * int(row["quantity"]) for row in sold)
    assert discount == total(row["discount_amount"] for row in sold)
    assert gross - discount - refund == total(row["paid_amount"] for row in tickets)
    assert refund == -total(r["paid_amount"] for r in tickets if r["ticket_type"] == "RETURN")


def meta_campaigns() -> list[int]:
    return [n for n, entry in enumerate(catalogue.CAMPAIGNS) if entry.platform == "meta_ads"]


def test_the_ads_of_a_campaign_share_its_spend_to_the_cent(clean):
    budget = catalogue.spend(Run(**SMALL, noise="none", out=clean))[0][meta_campaigns()]
    planned = (budget / catalogue.CNY_PER_USD * 100).round().sum(axis=1)
    campaign = {row["id"]: row["campaign_id"] for row in rows_of(clean, "meta_ads/ad_history")}
    reported = dict.fromkeys(sorted(set(campaign.values())), Decimal(0))
    rows = rows_of(clean, "meta_ads/basic_ad")
    for row in rows:
        reported[campaign[row["ad_id"]]] += Decimal(row["spend"]) * 100
    assert list(reported.values()) == planned.astype(int).tolist()
    assert sum(row["spend"] == "0.00" for row in rows) >= 2 * (SMALL["days"] // 3)
    assert "" in {row["inline_link_clicks"] for row in rows}
    assert "0" not in {row["inline_link_clicks"] for row in rows}


@pytest.mark.parametrize("table", ["basic_ad_actions", "basic_ad_action_values"])
def test_one_purchase_stands_under_several_kinds_of_action(clean, table):
    days: dict[tuple, dict[str, Decimal]] = {}
    for row in rows_of(clean, f"meta_ads/{table}"):
        assert Decimal(row["_1_d_view"]) + Decimal(row["_7_d_click"]) == Decimal(row["value"])
        day = days.setdefault((row["date"], row["ad_id"]), {})
        day[row["action_type"]] = Decimal(row["value"])
    sold = [day for _, day in sorted(days.items()) if "purchase" in day]
    assert sold and "omni_purchase" not in sold[0] and "omni_purchase" in sold[-1]
    seen = "offsite_conversion.fb_pixel_purchase"
    for day in sold:
        assert day.get("omni_purchase", day["purchase"]) == day["purchase"]
        in_app = day.get("app_custom_event.fb_mobile_purchase", 0)
        assert day.get(seen, 0) + in_app == day["purchase"]
    assert any(day.get(seen) != day["purchase"] for day in sold)


def test_the_account_without_a_currency_is_in_the_seed(clean):
    path = files_of(clean, "meta_ads/account_history")[0]
    columns = [name for name, *_ in duckdb.connect().execute(f"describe from '{path}'").fetchall()]
    assert not {"currency", "timezone_name"} & set(columns)
    listed = (SOURCES.parents[1] / "seeds" / "ad_accounts.csv").read_text("utf-8").splitlines()
    listed = {(row["platform"], row["account_id"]): row for row in csv.DictReader(listed)}
    account = catalogue.ACCOUNTS[catalogue.CAMPAIGNS[meta_campaigns()[0]].account]
    found = listed["meta_ads", account.id]
    assert (found["currency_code"], found["time_zone"]) == (account.currency, account.zone)
    assert "demo" in found["reason"]


def test_meta_restates_days_and_renames(dirty):
    rows = rows_of(dirty, "meta_ads/basic_ad_actions")
    copies: dict[tuple, set] = {}
    for row in rows:
        key = (row["ad_id"], row["date"], row["action_type"])
        copies.setdefault(key, set()).add(row["_fivetran_synced"])
    assert max(map(len, copies.values())) == 2
    spends = [row["spend"] for row in rows_of(dirty, "meta_ads/basic_ad")]
    assert any(spend.endswith("0000000000004") for spend in spends)
    names: dict[str, set] = {}
    for row in rows_of(dirty, "meta_ads/ad_history"):
        assert row["account_id"].startswith("act_")
        names.setdefault(row["id"], set()).add(row["name"])
    assert sorted({len(found) for found in names.values()}) == [1, 2]
    assert truth(dirty, """
        select table_name from '{truth}/counts.parquet'
        where source_name = 'meta_ads' and rows_superseded > 0 order by 1""") == [
        ("ad_history",), ("basic_ad",), ("basic_ad_action_values",), ("basic_ad_actions",)
    ]  # fmt: skip


def column_of(folder: Path, table: str, *names: str) -> list[str]:
    found = (next(row[name] for name in names if name in row) for row in rows_of(folder, table))
    return [text or "" for text in found]


def test_clean_messages_are_what_the_truth_says(clean):
    messages = {row["message_id"]: row for row in rows_of(clean, "messaging/messages")}
    query = "select sum(messages), sum(sent), sum(clicked) from '{truth}/messages.parquet'"
    control = [row for row in messages.values() if row["arm"] == "control"]
    events = rows_of(clean, "messaging/message_events")
    clicked = {row["message_id"] for row in events if "clicked" in row["event_name"].lower()}
    sent = len(messages) - len(control)
    assert truth(clean, query) == [(len(messages), sent, len(clicked))]
    happened = {row["message_id"] for row in events}
    assert control and not {row["message_id"] for row in control} & happened
    assert happened <= messages.keys()
    assert "true" not in {row["machine_open"] for row in events}
    assert {row["sent_at"] for row in control if row["device_id"]} == {""}
    assert all(row["sent_at"] for row in messages.values() if row["arm"] != "control")
    ads = {entry.name for entry in catalogue.CAMPAIGNS}
    assert ads & {row["campaign_name"] for row in messages.values()}


def test_dirty_messages_have_the_dirt_they_name(dirty):
    messages = set(column_of(dirty, "messaging/messages", "message_id"))
    events = [row for row in rows_of(dirty, "messaging/message_events") if row["message_id"]]
    assert {row["message_id"] for row in events} - messages
    opens = set(column_of(dirty, "messaging/message_events", "machine_open", "apple_privacy_open"))
    assert opens == {"", "true", "false"}
    assert "true" in {row["is_suspected_bot_click"] for row in events}
    phones = column_of(dirty, "messaging/messages", "phone", "手机号")
    assert any("****" in phone for phone in phones) and "13800138000" in phones
    ids = [row["event_id"] for row in events if row["event_id"]]
    assert len(set(ids)) < len(ids)
    receipts = [tuple(row.values()) for row in events if not row["event_id"]]
    assert len(set(receipts)) < len(receipts)


def test_answers_are_settled_later_and_scored_in_range(clean, dirty):
    rows = rows_of(clean, "feedback/responses")
    scores = [(row["response_type"], row["score"]) for row in rows]
    assert {int(score) for kind, score in scores if kind == "NPS"} <= set(range(11))
    assert {score for kind, score in scores if kind == "complaint"} == {""}
    assert len({row["response_id"] for row in rows}) == len(rows)
    orders = {row["name"] for row in rows_of(clean, "shop/orders")}
    assert orders & {row["order_id"] for row in rows}
    states: dict[str, set] = {}
    for row in rows_of(dirty, "feedback/responses"):
        state = row.get("status", row.get("处理状态"))
        states.setdefault(row["response_id"], set()).add(state)
    assert {"open", "resolved"} in states.values()
    assert any(score.endswith(".0") for score in column_of(dirty, "feedback/responses", "score"))


def test_a_unit_is_put_into_two_arms_only_where_it_is_dirty(clean, dirty):
    def arms(folder: Path) -> list[set]:
        found: dict[tuple, set] = {}
        for row in rows_of(folder, "experiments/assignments"):
            found.setdefault((row["experiment_id"], row["unit_id"]), set()).add(row["arm"])
        return list(found.values())

    assert max(map(len, arms(clean))) == 1
    assert {"control", "treatment"} in arms(dirty)
    held_out = {row["member_id"] for row in rows_of(clean, "messaging/messages")
                if row["arm"] == "control" and row["member_id"] and row["phone"]}  # fmt: skip
    control = {row["unit_id"] for row in rows_of(clean, "experiments/assignments")
               if row["arm"] == "control" and row["unit_type"] == "member"}  # fmt: skip
    assert held_out and held_out <= control


def test_lift_tests_find_the_truth_within_their_error(dirty):
    found = truth(dirty, """
        select e.channel, abs(e.reported_effect - e.true_effect) <= e.standard_error,
            round(e.true_effect, 3) = c.caused_first_orders
        from '{truth}/experiments.parquet' as e
        join '{truth}/channels.parquet' as c on c.channel_name = e.channel
        where e.kind = 'lift_test'""")
    assert {channel for channel, *_ in found} == {entry.channel for entry in catalogue.CAMPAIGNS}
    assert all(is_near and is_same for _, is_near, is_same in found)
    query = "select distinct true_effect from '{truth}/experiments.parquet' where kind = 'messages'"
    assert truth(dirty, query) == [(0,)]
    reported = {row["incremental_conversions"] for row in rows_of(dirty, "experiments/results")}
    query = "select printf('%.3f', reported_effect) from '{truth}/experiments.parquet'"
    assert {text for (text,) in truth(dirty, query + " where kind = 'lift_test'")} <= reported


def test_people_own_the_money_of_their_valid_orders(dirty):
    assert truth(dirty, """
        with valid as (
            select sum(gross_item_amount - discount_amount - refund_amount) as net, count(*) as n
            from '{truth}/orders.parquet' where currency = 'CNY' and is_paid
                and not (is_test or is_staff or is_cancelled or is_second_copy))
        select valid.net = (select sum(net_revenue_cny) from '{truth}/people.parquet') from valid
    """) == [(True,)]


def test_counts_say_how_many_rows_were_written(dirty):
    counted = truth(dirty, """
        select source_name || '/' || table_name, sum(rows_written)
        from '{truth}/counts.parquet' group by 1 order by 1""")
    for table, written in counted:
        if table in OPENED:
            assert len(opened(dirty, table)) == written, table
        else:
            assert sum(map(records_in, files_of(dirty, table))) == written, table


OPENED = {  # which tables stand in which lists, by the names it has
    "delivery/order_items": ("delivery/orders", "detail"),
    "delivery/order_discounts": ("delivery/orders", "extras"),
    "delivery/refund_items": ("delivery/refunds", "wmAppRetailForOrderPartRefundList"),
}


def records_of(folder: Path, table: str) -> list[dict]:
    """Records of an NDJSON table, without its malformed lines."""
    rows = []
    for path in files_of(folder, table):
        for line in text_of(path).splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                rows.append(json.loads(line))
    return rows


def opened(folder: Path, table: str) -> list[tuple[dict, dict]]:
    """Elements of the lists in a table's records, each with its record; a cut-off list is one."""
    holder, name = OPENED[table]
    found = []
    for row in records_of(folder, holder):
        try:
            held = json.loads(row[name]) if isinstance(row[name], str) else row[name]
            found += [(row, each) for each in held if each]
        except json.JSONDecodeError:
            found.append((row, {}))
    return found


def records_in(path: Path) -> int:
    if path.suffix == ".parquet":
        return len(duckdb.connect().execute(f"from '{path}'").fetchall())
    lines = text_of(path).splitlines(keepends=True)
    return len(lines) if ".ndjson" in path.name else len(list(csv.reader(lines))) - 1


def test_default_noise_has_the_dirt_it_names(dirty):
    orders = rows_of(dirty, "shop/orders")
    phones = [row["phone"] or "" for row in orders]
    assert any("****" in phone for phone in phones) and any("+86" in phone for phone in phones)
    assert {row["financial_status"] for row in orders} >= {"paid", "pending", "refunded", "voided"}
    assert len({row["id"] for row in orders}) < len(orders)
    with pytest.raises(UnicodeDecodeError):
        (dirty / "raw" / "crm" / "members" / "2026.csv").read_bytes().decode("utf-8")
    assert (dirty / "raw" / "crm" / "members" / "2025.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert any("sale_time" in text_of(path)[:100] for path in files_of(dirty, "pos/tickets"))
    collected = {row["external_order_no"] for row in rows_of(dirty, "pos/tickets")} - {"", None}
    from_mall = {number for number in collected if number.startswith("#")}
    assert from_mall and from_mall <= {row["name"] for row in orders}
    assert all(number.startswith("301") for number in collected - from_mall)
    assert collected - from_mall
    with pytest.raises(json.JSONDecodeError):
        rows_of(dirty, "ga4/events")


def test_records_are_keyed_as_written(dirty):
    def keys(source: str, table: str) -> set[str]:
        return {key for (key,) in truth(dirty, f"""
            select record_id from '{{truth}}/records.parquet'
            where source_name = '{source}' and table_name = '{table}'""")}

    assert keys("shop", "orders") <= {row["id"] for row in rows_of(dirty, "shop/orders")}
    tickets = {f"{row['store_id']}:{row['ticket_no']}" for row in rows_of(dirty, "pos/tickets")}
    assert keys("pos", "tickets") <= tickets
    assert truth(dirty, """
        select count(*) - count(distinct (source_name, table_name, record_id))
        from '{truth}/records.parquet'""") == [(0,)]


def test_people_buy_in_several_places(world):
    orders = world["orders"]
    place = orders["place"]
    assert set(place) == {MALL, STORE, TMALL, DELIVERY}
    places = np.bincount(np.unique(orders["person"] * 4 + place) // 4)
    assert (places >= 2).sum() > 0.1 * (places >= 1).sum() and places.max() >= 3
    assert ((orders["store"] >= 0) == (place == STORE)).all()
    assert ((orders["from_store"] >= 0) == (place == DELIVERY)).all()
    for only_mall in ("is_usd", "is_guest", "is_test"):
        assert orders[only_mall].any() and not orders[only_mall][place != MALL].any()
    for name in ("is_cancelled", "is_unpaid"):
        happens = [orders[name][place == number].any() for number in range(4)]
        assert happens == [True, False, True, True], name


def test_a_delivery_platform_keeps_its_commission_and_never_refunds(world):
    orders, refunds = world["orders"], world["refunds"]
    delivered = orders["place"] == DELIVERY
    share = orders["commission"][delivered] / orders["net"][delivered]
    assert 0.149 < share.min() < 0.16 and 0.22 < share.max() < 0.231
    assert not orders["commission"][~delivered].any()
    assert set(orders["place"][refunds["order"]]) == {MALL, STORE, TMALL}


def test_orders_of_a_delivery_platform_hold_their_true_money(clean):
    def cents(value: object) -> int:
        return round(float(value) * 100)

    def number(row: dict) -> str:
        return str(row.get("wm_order_id_view") or row["orderIdView"])

    gross, discount, fees = {}, {}, {}
    for row, item in opened(clean, "delivery/order_items"):
        value = cents(item["price"]) * item["quantity"]
        gross[number(row)] = gross.get(number(row), 0) + value
    for row, part in opened(clean, "delivery/order_discounts"):
        assert cents(part["mt_charge"]) + cents(part["poi_charge"]) == cents(part["reduce_fee"])
        if part["type"] != 25:
            total = discount.get(number(row), 0) + cents(part["poi_charge"])
            discount[number(row)] = total
    for row in records_of(clean, "delivery/orders"):
        told = row.get("poi_receive_detail") or row["poiReceiveDetail"]
        fees[number(row)] = json.loads(told)["foodShareFeeChargeByPoi"]
    true = truth(clean, """
        select record_id, (gross_item_amount * 100)::int, (discount_amount * 100)::int,
            (commission_amount * 100)::int
        from '{truth}/orders.parquet' where source_name = 'delivery'""")
    assert true == sorted((key, gross[key], discount.get(key, 0), fees[key]) for key in fees)
    parts = [part for _, part in opened(clean, "delivery/order_discounts")]
    assert len(true) > 30 and {part["type"] for part in parts} == {2, 17, 25}
    # A platform's part of a discount is no discount of the shop.
    assert any(part["mt_charge"] for part in parts)


def test_orders_of_a_delivery_platform_have_the_dirt_they_name(dirty, tmp_path):
    rows = records_of(dirty, "delivery/orders")
    pushed = [row for row in rows if "orderIdView" in row]
    assert 0 < len(pushed) < len(rows)
    numbers = [row.get("wm_order_id_view") or row["orderIdView"] for row in rows]
    assert len(set(numbers)) < len(numbers) and min(numbers) > 3 * 10**17
    assert {row["status"] for row in rows} >= {2, 8, 9}
    hard = simulated(tmp_path, "hard", people=6_000, days=200)
    people: dict[str, set[str]] = {}
    for row in records_of(hard, "delivery/orders"):
        phone = row.get("recipient_phone") or row["recipientPhone"]
        people.setdefault(phone, set()).add(row.get("open_uid") or row["openUid"])
    plain = [len(users) for phone, users in people.items() if phone.isdigit()]
    # A number without its extension reaches several people's orders; the others one order's each.
    assert max(plain) > 1 and max(len(u) for p, u in people.items() if "_" in p) == 1
    cut_off = [row for row, item in opened(hard, "delivery/order_items") if not item]
    counted = truth(hard, """select rows_rejected from '{truth}/counts.parquet'
        where table_name = 'order_items' and reason = 'malformed_line'""")
    assert cut_off and counted == [(len(cut_off),)]
    assert {row["res_type"] for row in records_of(hard, "delivery/refunds")} == {0, 1}


def test_money_of_every_order_is_the_sum_of_its_lines(world):
    orders, lines = world["orders"], world["lines"]
    size = len(orders["at"])
    assert (np.bincount(lines["order"], lines["net"], size) == orders["net"]).all()
    by_line = np.bincount(lines["order"], lines["discount"], size)
    assert (by_line + orders["voucher"] == orders["discount"]).all()
    assert (orders["gross"] - orders["discount"] == orders["net"]).all()


def test_only_mall_orders_are_orders_of_the_shop(clean):
    run = Run(**SMALL, noise="none", out=clean)
    _, volume = catalogue.spend(run)
    _, tables = simulator.simulate_chunk(run, 0, volume, catalogue.products(False))
    orders = tables["orders"]
    inside = orders["at"] >= run.start
    assert len(rows_of(clean, "shop/orders")) == (inside & (orders["place"] == MALL)).sum()
    sales = [row for row in rows_of(clean, "pos/tickets") if row["ticket_type"] == "SALE"]
    assert len(sales) == (inside & (orders["place"] == STORE)).sum()


def test_deliveries_are_rung_again_within_minutes_by_the_store_that_sends_them(dirty, world):
    orders = world["orders"]
    rung = orders["is_rung"] & (orders["place"] == DELIVERY)
    assert 0.2 < rung.sum() / (orders["place"] == DELIVERY).sum() < 0.4
    assert (orders["rung_store"][rung] == orders["from_store"][rung]).all()
    assert ((orders["rung_at"] - orders["at"])[rung] < 900).all()
    tickets = {
        f"{row['store_id']}:{row['ticket_no']}": row["external_order_no"] or ""
        for row in rows_of(dirty, "pos/tickets")
    }
    copies = {key for (key,) in truth(dirty, """
        select record_id from '{truth}/orders.parquet'
        where source_name = 'pos' and is_second_copy and not is_rejected""")}
    told = {key for key, number in tickets.items() if number}
    assert copies <= told and any(tickets[key].startswith("301") for key in copies)


def test_app_and_mini_program_are_used_by_their_users_only(world):
    sessions, people = world["sessions"], world["people"]
    person, at, surface = sessions["person"], sessions["at"], sessions["surface"]
    assert (people["app_since"][person] <= at)[surface == APP].all()
    assert (people["mini_since"][person] <= at)[surface == MINI_PROGRAM].all()
    assert ((sessions["app_device"] >= 0) == (surface == APP)).all()
    direct = sessions["channel"] == catalogue.CHANNEL["direct"]
    assert direct[surface == APP].all()
    placed = sessions["order"] >= 0
    assert all((placed & (surface == number)).any() for number in (WEB, APP, MINI_PROGRAM))
    guests = world["orders"]["is_guest"][sessions["order"]] & placed
    assert guests.any() and (surface[guests] == WEB).all()
    known = sessions["is_logged_in"] | sessions["logs_in"]
    members = (people["member_at"][person] <= at)[known & (surface == APP)]
    assert len(members) and members.all()


def test_a_sold_phone_is_used_by_one_person_after_the_other(world):
    sessions = world["sessions"]
    on_app = sessions["surface"] == APP
    device, person, at = (sessions[name][on_app] for name in ("app_device", "person", "at"))
    held = np.unique(device * 10_000 + person) // 10_000
    shared = held[1:][held[1:] == held[:-1]]
    assert len(shared)
    for number in shared:
        first, second = np.unique(person[device == number])
        times = [at[(device == number) & (person == holder)] for holder in (first, second)]
        assert times[0].max() < times[1].min() or times[1].max() < times[0].min()
    devices = np.bincount(np.unique(person * 1_000_000 + device) // 1_000_000)
    assert devices.max() == 2


def test_followers_leave_after_they_came_and_some_have_no_unionid(world):
    people = world["people"]
    leaves = people["unfollow_at"] < NEVER
    assert leaves.any() and (people["unfollow_at"] > people["follow_at"])[leaves].all()
    assert 0.1 < (people["unionid_no"] < 0).mean() < 0.2


def test_web_analytics_see_web_visits_only(world, dirty):
    bought = {row["ecommerce"]["transaction_id"] for row in read_events(dirty)} - {None}
    ordered = {row["id"] for row in rows_of(dirty, "shop/orders")}
    assert 0.6 < len(bought & ordered) / len(ordered) < 0.95
    share = (world["sessions"]["surface"] != WEB).mean()
    assert 0.05 < share < 0.2


def read_events(folder: Path) -> list[dict]:
    lines = [line for path in files_of(folder, "ga4/events") for line in text_of(path).split("\n")]
    return [json.loads(line) for line in lines if line.endswith("}}")]


def test_links_say_which_platform_sent_the_visit(dirty):
    seen = {}
    for row in read_events(dirty):
        traffic = row["collected_traffic_source"]
        key = traffic["manual_source"], traffic["manual_medium"]
        seen.setdefault(key, set()).add(bool(traffic["gclid"]))
    for key in (
        ("facebook", "paid_social"), ("instagram", "paid_social"), ("douyin", "cpc"),
        ("wechat", "cpc"), ("gdt", "cpc"),
    ):  # fmt: skip
        assert seen[key] == {False}, key
    assert seen["google", "cpc"] == {True, False}
    platforms = truth(dirty, "select distinct platform from '{truth}/campaigns.parquet'")
    assert {name for (name,) in platforms} == {*PLATFORMS, None}


def test_short_video_brings_people_who_buy_once(world):
    orders, people = world["orders"], world["people"]
    count = np.bincount(orders["person"], minlength=len(people["person"]))

    def again(channel: str) -> float:
        rows = count[people["channel"] == catalogue.CHANNEL[channel]]
        return (rows > 1).sum() / (rows > 0).sum()

    assert again("short_video") < 0.25 < 0.4 < again("organic_search")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_spends_its_budget_and_claims_on_two_clocks(world, platform):
    run, budget = world["run"], world["budget"]
    results = paid_results(run, world["sessions"], world["orders"])
    days = platform_days(run, platform, budget, results)
    own = np.flatnonzero(catalogue.CAMPAIGN_PLATFORM == platform)
    assert len(days["day"]) == len(own) * run.days and set(days["campaign"]) == set(own)
    rates = [
        catalogue.CURRENCY_RATE[catalogue.ACCOUNTS[catalogue.CAMPAIGNS[number].account].currency]
        for number in days["campaign"]
    ]
    assert abs((days["spend"] * rates).sum() / 100 / budget[own].sum() - 1) < 1e-4
    assert (days["clicks"] <= days["impressions"]).all()
    claimed, on_order_day = days["conversions"], days["converted"]
    assert abs(claimed.sum() / on_order_day.sum() - 1) < 0.05
    assert not np.allclose(claimed, on_order_day)


def test_each_platform_claims_an_order_that_followed_its_click(world):
    run, orders, sessions = world["run"], world["orders"], world["sessions"]
    clicks: dict[int, list[tuple[int, str]]] = {}
    for row in np.flatnonzero((sessions["campaign"] >= 0) & (sessions["at"] >= run.start)):
        platform = catalogue.CAMPAIGNS[sessions["campaign"][row]].platform
        clicks.setdefault(sessions["person"][row], []).append((sessions["at"][row], platform))
    claimed = []
    sold = (orders["place"] == MALL) & ~orders["is_unpaid"] & (orders["at"] >= run.start)
    for person, at in zip(orders["person"][sold], orders["at"][sold], strict=True):
        seen = clicks.get(person, [])
        claimed.append({by for clicked, by in seen if 0 < at - clicked < CLAIM_DAYS * DAY})
    results = paid_results(run, sessions, orders)
    for platform in PLATFORMS:
        own = catalogue.CAMPAIGN_PLATFORM == platform
        assert results["conversions"][own].sum() == sum(platform in by for by in claimed)
    assert sum(map(len, claimed)) > sum(map(bool, claimed)) > 0


def test_a_json_line_is_what_to_json_gives():
    con = connect()
    con.execute("create table t as select * from (values ('a,b', 1), (null, null)) as v(x, y)")
    fast = json_line({"x": quoted("x"), "deep": [{"y": "y", "n": "null"}, "y + 1"]})
    slow = "to_json({x: x, deep: [to_json({y: y, n: null}), to_json(y + 1)]})"
    rows = con.execute(f"select {fast}, {slow}::varchar from t").fetchall()
    assert len(rows) == 2 and all(left == right for left, right in rows), rows
def spend_planned(platform: str, kept: Run) -> dict[str, Decimal]:
    """Spend of a platform's campaigns as the plan has it, to the fen or cent of each day."""
    budget, _ = catalogue.spend(kept)
    return {
        campaign.id: Decimal(int((budget[number] * 100).round().sum())) / 100
        for number, campaign in enumerate(catalogue.CAMPAIGNS)
        if campaign.platform == platform
    }


def ocean_rows(folder: Path) -> list[dict]:
    """Rows of the report under the interface's names, numbers without grouping."""
    names = {header: name for name, header in HEADERS.items()}
    rows = [
        {names.get(header, header): (cell or "").strip("\t") for header, cell in row.items()}
        for row in rows_of(folder, "ocean_engine/report")
    ]
    return [row | {"stat_cost": row["stat_cost"].replace(",", "")} for row in rows]


def test_ad_reports_hold_what_was_planned_to_the_fen(clean):
    run = Run(**SMALL, noise="none", out=clean)
    ocean, tencent = ocean_rows(clean), rows_of(clean, "tencent_ads/daily_reports")
    for campaign, spend in spend_planned("ocean_engine", run).items():
        told = total(row["stat_cost"] for row in ocean if row["campaign_id"] == campaign)
        assert told == spend, campaign
    for campaign, spend in spend_planned("tencent_ads", run).items():
        told = [row["cost"] for row in tencent if row["campaign_id"] == int(campaign)]
        assert Decimal(sum(map(int, told))) / 100 == spend, campaign


def test_two_clocks_tell_different_conversions(clean):
    rows = [row for row in ocean_rows(clean) if row["attribution_convert_cnt"] != "-"]
    back, now = (
        sum(int(row[name].replace("-", "0")) for row in rows)
        for name in ("attribution_convert_cnt", "convert_cnt")
    )
    assert back > 0 and now > 0
    assert any(row["attribution_convert_cnt"] != row["convert_cnt"] for row in rows)


def test_console_exports_are_as_consoles_write_them(clean, dirty):
    console = (clean / "raw/ocean_engine/report/2025.csv").read_bytes().decode("gb18030")
    header, *lines = console.splitlines()
    assert header.startswith("时间-天,账户ID,") and header.endswith("点击率%")
    assert all("\t," in line for line in lines) and not any("合计" in line for line in lines)
    assert "-" in {row["attribution_convert_cnt"] for row in ocean_rows(clean)}
    last = text_of(dirty / "raw/ocean_engine/report/2025.csv").splitlines()[-1]
    assert last.startswith("合计,-,-,-,-,")


@pytest.mark.parametrize("table", ["ocean_engine/report", "tencent_ads/daily_reports"])
def test_ad_reports_come_in_two_grains_and_are_restated(dirty, table):
    source = table.split("/")[0]
    names = {path.name.split(".")[0] for path in files_of(dirty, table)}
    assert names == {"2025", "2025_restated", "2026", "2026_restated", "by_campaign"}
    counted = dict(truth(dirty, f"""
        select reason, rows_rejected from '{{truth}}/counts.parquet'
        where source_name = '{source}' and reason is not null"""))
    assert counted["record:subtotal"] > 0 and len(counted) > 2
    days = sum(records_in(path) for path in files_of(dirty, table) if "by_campaign" in path.name)
    restated = sum(records_in(path) for path in files_of(dirty, table) if "_restated" in path.name)
    assert truth(dirty, f"""
        select rows_superseded between {days} and {2 * days + restated}
        from '{{truth}}/counts.parquet'
        where source_name = '{source}' and reason is null""") == [(True,)]
def logged(folder: Path, table: str) -> list[dict]:
    """Records of an NDJSON log with the file they came in, without its malformed lines."""
    rows = []
    for path in files_of(folder, table):
        for line in text_of(path).splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                rows.append(json.loads(line) | {"file": path.name})
    return rows


def test_phones_have_wrong_clocks_that_their_uploads_tell(dirty, clean):
    def drift(row: dict) -> int:
        return row["received_at"] - row["sent_at"]

    period = Run(**SMALL, noise="none", out=dirty)
    timed = [row for row in logged(dirty, "app/events") if row["sent_at"] and row["event_time"]]
    tried = [row for row in timed if "retries" not in row["file"]]
    wrong = [row for row in tried if abs(drift(row)) > 1_800_000]
    assert any(drift(row) < 0 for row in wrong) and any(drift(row) > 0 for row in wrong)
    assert all(
        period.start <= (row["event_time"] + drift(row)) // 1000 < period.end for row in wrong
    )
    assert all(abs(drift(row)) <= 2_000 for row in logged(clean, "app/events"))


def test_an_upload_without_answer_is_sent_again_as_it_was(dirty):
    rows = logged(dirty, "app/events")
    first = {row["event_id"]: row for row in rows if "retries" not in row["file"]}
    again = [row for row in rows if "retries" in row["file"] and row["event_id"]]
    assert again
    for row in again:
        tried = first[row["event_id"]]
        assert row["sent_at"] == tried["sent_at"] and row["received_at"] > tried["received_at"]


def test_app_and_mini_program_have_the_dirt_they_name(dirty, clean):
    rows, tidy = logged(dirty, "app/events"), logged(clean, "app/events")
    assert any(not row["event_id"] for row in rows) and all(row["event_id"] for row in tidy)
    refused = "00000000-0000-0000-0000-000000000000"
    assert refused in {row["device_id"] for row in rows}
    assert refused not in {row["device_id"] for row in tidy}
    assert not [row for row in tidy if row["event"] == "app_woken"]
    # Nobody who is not yet a member is logged in as one, and advertising ids link nobody.
    assert {row["member_id"] for row in tidy} > {None}
    kinds = {kind for (kind,) in truth(dirty, """
        select distinct identifier_type from '{truth}/record_identifiers.parquet'
        where source_name = 'app'""")}
    assert kinds == {"device", "member"}
    visits = logged(dirty, "wechat/mini_program_events")
    assert {row["scene"] for row in visits} & {1045, 1084, 1095}
    assert any(row["phone_info"]["phoneNumber"] for row in visits)
    assert any(row["query"]["gdt_vid"] for row in logged(clean, "wechat/mini_program_events"))


def test_followers_who_left_are_nothing_but_an_openid(dirty, clean):
    for row in rows_of(clean, "wechat/followers") + rows_of(dirty, "wechat/followers"):
        if row["subscribe"] == "0":
            assert not row["unionid"] and not row["nickname"] and row["subscribe_time"] == "0"
    states: dict[str, list[dict]] = {}
    for row in rows_of(dirty, "wechat/followers"):
        states.setdefault(row.get("openid") or row.get("open_id"), []).append(row)
    times = [{row["subscribe_time"] for row in rows} - {"0"} for rows in states.values()]
    assert any(len(found) == 2 for found in times), "nobody came back"
    assert len(rows_of(clean, "wechat/followers")) == len(
        {row["openid"] for row in rows_of(clean, "wechat/followers")}
    )


def test_openids_of_two_accounts_meet_in_the_unionid_alone(dirty):
    assert truth(dirty, """
        with seen as (
            select distinct record_id, namespace, identifier_type, identifier_value, table_name
            from '{truth}/record_identifiers.parquet' where source_name = 'wechat')
        select count(distinct a.identifier_value) > 0, bool_and(a.namespace = '')
        from seen as a join seen as b on a.identifier_value = b.identifier_value
            and a.identifier_type = b.identifier_type
        where a.table_name = 'followers' and b.table_name = 'mini_program_events'""") == [
        (True, True)
    ]


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Path:
    """A run with three half-years, and with enough buyers of tmall for every state."""
    return simulated(tmp_path_factory.mktemp("market"), "default", people=3_000, days=400)


def tmall_rows(folder: Path, table: str) -> list[dict]:
    """Records of a tmall report under the names and in the spelling of its first template."""
    named = {"买家昵称": "买家会员名", "买家实付金额": "买家实际支付金额", "商品价格": "价格"}
    rows = []
    for row in rows_of(folder, f"tmall/{table}"):
        plain = {named.get(name.strip(), name.strip()): cell for name, cell in row.items()}
        rows.append({name: (cell or "").strip("=\"'\t元 ") for name, cell in plain.items()})
    return [row for row in rows if row["订单编号" if "订单编号" in row else "主订单编号"] != "合计"]


def test_true_money_of_tmall_is_the_sum_of_clean_files(clean):
    orders, lines = tmall_rows(clean, "orders"), tmall_rows(clean, "order_details")
    refunds = tmall_rows(clean, "refunds")
    gross, discount, refund = true_money(clean, "tmall", "CNY")
    shipping = truth(clean, """
        select sum(shipping_amount) from '{truth}/orders.parquet'
        where source_name = 'tmall'""")[0][0]
    assert gross == total(Decimal(row["价格"]) * int(row["购买数量"]) for row in lines)
    assert gross - discount == total(row["买家应付货款"] for row in orders)
    assert shipping == total(row["买家应付邮费"] for row in orders)
    points = total(Decimal(row["买家支付积分"]) / 100 for row in orders)
    paid = total(row["买家实际支付金额"] for row in orders)
    assert points > 0 and gross - discount + shipping == paid + points
    # Some full refunds give shipping back on top.
    given_back = total(row["买家退款金额"] for row in refunds)
    assert refund <= given_back <= refund + shipping
    assert {row["退款状态"] for row in refunds} == {"退款成功"}


def test_tmall_reports_are_as_its_back_office_writes_them(clean, market):
    header, *lines = (clean / "raw/tmall/orders/2025H2.csv").read_bytes().decode("gbk").splitlines()
    assert header.startswith("订单编号,买家会员名,买家应付货款,")
    assert lines and all(line.startswith('"=""218') for line in lines)
    phones = {row["联系手机"] for row in rows_of(clean, "tmall/orders") if row["联系手机"]}
    assert all(phone[0] == "'" and phone[1:].isdigit() for phone in phones)
    addresses = {row["收货地址"] for row in rows_of(clean, "tmall/orders")}
    assert {"浙江省 ***", "上海市 ***"} & addresses
    assert all(address[-5] in "省市" and address.endswith(" ***") for address in addresses)
    first, second, last = (text_of(path) for path in files_of(market, "tmall/orders"))
    assert '"=""218' in first and "'218" in second and "\t218" in last
    assert "订单付款时间 ," in second and "2025/7/" in second and "-" in first
    assert "买家昵称" in last and "元," in last
    assert all(text.splitlines()[-1].startswith("合计,") for text in (first, second, last))
    by_line: dict[str, set[str]] = {}
    for row in tmall_rows(market, "order_details"):
        by_line.setdefault(row["主订单编号"], set()).add(row["子订单编号"])
    single = {order for order, found in by_line.items() if found == {order}}
    assert single and any(order not in found for order, found in by_line.items())


def test_a_masked_buyer_of_tmall_is_nobody(market):
    rows = tmall_rows(market, "orders")
    masked = {row["订单编号"] for row in rows if "**" in row["买家会员名"]}
    known = dict(truth(market, """
        select record_id, identifier_value from '{truth}/record_identifiers.parquet'
        where source_name = 'tmall' and identifier_type = 'buyer'"""))
    assert masked and known and not masked & known.keys()
    assert all(nick == nick.lower().strip(" 　") for nick in known.values())
    assert any(row["买家会员名"] != row["买家会员名"].lower() for row in rows)
    phones = truth(market, """
        select count(*) from '{truth}/record_identifiers.parquet'
        where source_name = 'tmall' and identifier_type = 'phone'""")[0][0]
    hidden = [row for row in rows if "****" in row["联系手机"]]
    assert 0 < phones < len(rows) - len(hidden)


def test_a_later_tmall_report_tells_a_later_state(market):
    states: dict[str, list[dict]] = {}
    for row in tmall_rows(market, "orders"):
        states.setdefault(row["订单编号"], []).append(row)
    changed = [[row["订单状态"] for row in rows] for rows in states.values() if len(rows) == 2]
    early = {"等待买家付款", "买家已付款，等待卖家发货"}
    assert changed and {first for first, _ in changed} == early
    assert {"交易成功", "交易关闭"} <= {last for _, last in changed}
    closed = [rows[-1] for rows in states.values() if rows[-1]["订单状态"] == "交易关闭"]
    assert {bool(row["订单付款时间"]) for row in closed} == {True, False}
    refunds: dict[str, list[str]] = {}
    for row in tmall_rows(market, "refunds"):
        refunds.setdefault(row["退款编号"], []).append(row["退款状态"])
    assert ["买家已经申请退款，等待卖家同意", "退款成功"] in refunds.values()
    assert {state for found in refunds.values() for state in found[-1:]} >= {"退款成功", "退款关闭"}
    paid = {number for (number,) in truth(market, """
        select record_id from '{truth}/refunds.parquet' where source_name = 'tmall'""")}
    assert paid == {number for number, found in refunds.items() if found[-1] == "退款成功"}


def test_hidden_faults_follow_the_seed(tmp_path):
    def names(seed: int, noise: str) -> tuple[str, ...]:
        return tuple(fault.__name__ for fault, _ in picked(Run(100, 300, seed, noise, tmp_path)))

    seen = [names(seed, "default") for seed in range(10)]
    assert all(len(set(faults)) == 3 for faults in seen) and len(set(seen)) > 5
    assert seen[1] == names(1, "hard") and names(1, "none") == ()


def test_chunks_never_share_an_id(tmp_path):
    simulated(tmp_path, "default", days=120, chunk_people=500)
    assert truth(tmp_path, """
        select count(*) = count(distinct (source_name, table_name, record_id)),
            count(distinct filename)
        from read_parquet('{truth}/records_part*.parquet', filename = true)""") == [(True, 3)]
    query = "select count(*), count(distinct person_id) from '{truth}/people.parquet'"
    assert truth(tmp_path, query) == [(1_200, 1_200)]


def test_chunks_side_by_side_write_the_same_bytes(tmp_path, monkeypatch):
    arguments = {"people": 600, "days": 60, "chunk_people": 200}
    side_by_side = digests(simulated(tmp_path / "many", "default", **arguments))
    monkeypatch.setattr(simulator, "MOST_WORKERS", 1)
    assert digests(simulated(tmp_path / "one", "default", **arguments)) == side_by_side


def test_twenty_thousand_people_take_seconds(tmp_path):
    began = time.process_time()
    simulated(tmp_path, "default", people=20_000, days=400)
    assert time.process_time() - began < 60
    ever = truth(tmp_path, """
        select avg((first_order_at is not null)::int), avg(is_member::int)
        from '{truth}/people.parquet'""")[0]
    assert 0.5 < ever[0] < 0.7 and 0.4 < ever[1] < 0.6
