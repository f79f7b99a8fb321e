"""The simulator: deterministic, clean where it says so, and its truth agrees with its files."""

import csv
import gzip
import hashlib
import json
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from harness.dev import simulate as simulator
from harness.dev.simulation import catalogue
from harness.dev.simulation.faults import picked
from harness.dev.simulation.settings import Run

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
                for path in files_of(folder, f"{source['name']}/{table['name']}"):
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
        assert sum(map(records_in, files_of(dirty, table))) == written, table


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


def test_twenty_thousand_people_take_seconds(tmp_path):
    began = time.process_time()
    simulated(tmp_path, "default", people=20_000, days=400)
    assert time.process_time() - began < 60
    ever = truth(tmp_path, """
        select avg((first_order_at is not null)::int), avg(is_member::int)
        from '{truth}/people.parquet'""")[0]
    assert 0.5 < ever[0] < 0.7 and 0.4 < ever[1] < 0.6
