import csv
import datetime
import os
import random
import subprocess
import sys

import pytest

from harness import contract, landed, places
from harness.cli import main
from harness.land import delivered, land
from harness.places import Stopped
from harness.tests.landing import Shop

PHONE = "13812345678"


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def test_alias_bom_quoted_newline_and_undeclared_columns(shop):
    shop.put("shop/orders.csv", '\ufeffOrder_ID, total ,colour,note\r\n007,1.50,red,"a\r\nb"\r\n')
    shop.land()
    assert shop.rows("id, phone, amount, note, _extra, _file, _record_no, _load_no") == [
        ("007", None, "1.50", "a\nb", '{"colour":"red"}', "shop/orders.csv", 1, 1)
    ]


def test_own_name_wins_over_an_alias_which_stays_in_extra(shop):
    shop.put("shop/orders.csv", "order_id,id,amount\n1,2,3\n")
    shop.land()
    assert shop.rows("id, _extra") == [("2", '{"order_id":"1"}')]


def test_missing_required_column_refuses_that_file_by_name_only(shop):
    shop.put("shop/orders/bad.csv", "id,note\n1,x\n")
    shop.put("shop/orders/good.csv", "id,amount\n1,2\n")
    report = shop.land()
    assert not report.is_all_refused
    (reason,) = [each["reason"] for each in report.refused]
    assert "orders/bad.csv" in reason and "amount" in reason and "total, price" in reason
    assert "it has id, note" in reason
    assert shop.told("file_name, load_no", "refused") == [("shop/orders/bad.csv", None)]
    assert shop.rows("id") == [("1",)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file:empty"),
        (b"\xef\xbb\xbf\n\n", "file:empty"),
        (b"id,amount,id\n1,2,3\n", "file:duplicate_column"),
        (b"1,13812345678\n2,13812345679\n", "file:no_header"),
        ("id,amount,note\n1,2,é\n2,3,è\n3,4,ü\n".encode("latin-1") * 9, "file:unknown_encoding"),
        (b"id,amount\n1\0\n" * 3 + b"\x80\x81\n" * 30, "file:unknown_encoding"),
    ],
)
def test_unusable_csv_is_refused_with_a_reason(shop, content, reason):
    shop.put("shop/orders.csv", content)
    report = shop.land()
    assert report.is_all_refused
    assert report.refused[0]["reason"].startswith(reason)
    assert PHONE not in report.refused[0]["reason"]
    assert shop.files() == ["000000.parquet"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_encodings(shop, encoding):
    text = "订单编号,amount,note\n1,2,北京市朝阳区\n2,3,plain\n3,4,上海\n"
    shop.put("shop/orders.csv", text.encode(encoding))
    shop.land()
    assert shop.rows("id, note") == [("1", "北京市朝阳区"), ("2", "plain"), ("3", "上海")]


@pytest.mark.parametrize("other", ["plain", "北京"])
def test_one_bad_byte_costs_one_record_and_never_makes_utf8_gbk(shop, other):
    lines = [f"{i},1,{other}".encode() for i in range(40)]
    lines[20] = b"20,1,caf\xe9s"
    shop.put("shop/orders.csv", b"id,amount,note\n" + b"\n".join(lines))
    shop.land()
    assert shop.rejects() == [(22, "encoding:invalid_utf8")]
    assert shop.rows("distinct note, _load_no, _record_no")[0][0] == other
    assert len(shop.rows()) == 39


def test_nasty_csv_adds_up_and_says_where(shop):
    shop.put("shop/orders.csv", (
        b"id,phone,amount,note\n"
        b'1,,1,"two\n\nlines"\r\n'
        b"\n"
        b"2,NULL,N/A,\n"
        b"3,too few\n"
        b"4,1,2,3,4\n"
        b'5,"never closed,1,\n'
        b'6,"fine",1,"q""q"\n'
        b"7,\xff,1,\n"
        b"8,\0,1,\n"
        b'9,"bad" tail,1,\n'
        b'10,mid"quote,1,""\n'
        b'11,"open at the end,1'
    ))
    report = shop.land()
    assert shop.rows("id, phone, amount, note, _record_no") == [
        ("1", None, "1", "two\n\nlines", 1),
        ("2", "NULL", "N/A", None, 2),
        ("6", "fine", "1", 'q"q', 6),
        ("10", 'mid"quote', "1", None, 10),
    ]
    assert shop.rejects() == [
        (7, "csv:too_few_cells"),
        (8, "csv:too_many_cells"),
        (9, "csv:unclosed_quote"),
        (11, "encoding:invalid_utf8"),
        (12, "encoding:null_byte"),
        (13, "csv:unclosed_quote"),
        (15, "csv:unclosed_quote"),
    ]
    assert shop.told("record_count, landed_count, malformed_count") == [(11, 4, 7)]
    assert report.landed["shop", "orders"] == [(4, 7)]
    assert ("7,\\xff,1,",) in shop.rows("payload", "landing/rejects")


def test_random_breakage_never_loses_a_line(shop):
    draw = random.Random(5)
    parts = ["1", "a b", '"q"', '"x\ny"', '"', "", '""', "é", "\r\n", "\n", ",", ",", ",", "z\n"]
    for number in range(25):
        body = "".join(draw.choice(parts) for _ in range(60))
        shop.put(f"shop/orders/{number:02d}.csv", "id,amount,note\n" + body)
    report = shop.land()
    assert not report.refused
    for file, records in shop.told("file_name, record_count"):
        landed_numbers = shop.con.execute(
            f"select _record_no from read_parquet('{shop.data}/landed/shop/orders/*.parquet')"
            " where _file = ? order by 1", [file]).fetchall()
        numbers = [row[0] for row in landed_numbers]
        assert len(set(numbers)) == len(numbers) and all(1 <= n <= records for n in numbers)


def test_well_formed_csv_equals_what_another_parser_reads(shop):
    draw = random.Random(6)
    parts = ["1", "a b", '"', "\n", "\n\n", ",", ";", "é", "中", "'", "x", "NULL", " "]
    rows = [["".join(draw.choices(parts, k=1 + n % 6)) for _ in "abc"] for n in range(3000)]
    with open(shop.put("shop/orders.csv", ""), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["id", "amount", "note"], *rows])
    shop.land()
    assert [list(row) for row in shop.rows("id, amount, note")] == rows
    assert [row[0] for row in shop.rows("_record_no")] == list(range(1, 3001))


def test_a_quote_that_swallows_half_of_a_large_file_costs_one_record(shop):
    lines = [f"{i},{i},note {i}" for i in range(200_000)]
    lines[1000] = 'x,"unclosed,1'
    shop.put("shop/orders.csv.gz", "id,amount,note\n" + "\n".join(lines))
    shop.land()
    assert shop.rejects() == [(1002, "csv:unclosed_quote")]
    numbers = [row[0] for row in shop.rows("_record_no")]
    assert len(numbers) == 199_999 and numbers[998:1002] == [999, 1000, 1002, 1003]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiter_is_the_one_that_finds_declared_names(shop, delimiter):
    shop.put("shop/orders.csv", "id,amount,a\n1,1.5,b\n".replace(",", delimiter))
    shop.land()
    assert shop.rows("id, amount") == [("1", "1.5")]


def test_one_column_and_header_only(shop):
    columns = {("orders", "amount"): {}}
    shop.put("shop/orders/a.csv", 'id\n1\n\n""\n3\n')
    shop.put("shop/orders/b.csv", "id,amount\n")
    shop.land(columns)
    assert shop.rows("id, _record_no") == [("1", 1), (None, 2), ("3", 3)]
    assert shop.told("record_count") == [(0,), (3,)]


def test_ndjson_paths_exact_numbers_and_broken_lines(shop):
    shop.put("shop/events.jsonl.gz", (
        '{"event_name":"view","params":[{"key":"x","value":{}},'
        '{"key":"page","value":{"text":"/a"}}],"device":{"category":"mobile"},"amount":1.10}\n'
        '{"event_name":"v\\u00e9 \\"1.10\\"","page_location":"/b","amount":1e6,'
        '"items":[{"p":1.10}]}\n'
        '\n'
        '{"event_name":"x","amount":12345678901234567890123,"device":{"category":null},"n":{"a":1}}\n'
        '{"broken\n'
        '[1]\n'
        '{"event_name":"","amount":true,"items":{"b":[]}}\n'
    ))
    shop.put("shop/events2.jsonl", "")
    shop.land()
    assert shop.rows("event_name, page, device, amount, items, _extra, _record_no",
                     "shop/events") == [
        ("view", "/a", "mobile", "1.10", None, None, 1),
        ('vé "1.10"', "/b", None, "1e6", '[{"p":1.1}]', None, 2),
        ("x", None, None, "12345678901234567890123", None, '{"n":{"a":1}}', 3),
        (None, None, None, "true", '{"b":[]}', None, 6),
    ]
    assert shop.rejects() == [(5, "json:broken_line"), (6, "json:not_an_object")]
    assert shop.told("record_count, landed_count") == [(6, 4)]


LISTS = (
    '{"event_name":"a","items":[{"sku":"A","price":1.5,"spec":{"colour":"red"}},{"sku":"B"}]}\n'
    '{"event_name":"b","items":"[{\\"sku\\":\\"00C\\",\\"price\\":1.10,\\"n\\":1}]"}\n'
    '{"event_name":"none","items":[{}]}\n{"event_name":"untold"}\n{"event_name":"d","items":"null"}\n'
)


def test_a_list_inside_a_record_is_opened_as_a_table_of_its_own(shop):
    shop.put("shop/events.ndjson", LISTS)
    report = shop.land(opened=True)
    assert shop.rows("event, place, sku, price, colour, _extra, _file, _record_no, _load_no",
                     "shop/lines") == [
        ("a", "0", "A", "1.5", "red", None, "shop/events.ndjson", 1, 2),
        ("a", "1", "B", None, None, None, "shop/events.ndjson", 2, 2),
        # Text that holds JSON keeps its exact digits, quoted where parsing would rewrite them.
        ("b", "0", "00C", "1.10", None, '{"n":"1"}', "shop/events.ndjson", 3, 2),
    ]
    assert report.landed == {("shop", "events"): [(5, 0)], ("shop", "lines"): [(3, 0)]}
    assert shop.told("table_name, load_no, run_no, record_count") == [
        ("events", 1, 1, 5), ("lines", 2, 1, 3)]
    assert shop.rows("event_name, _load_no", "shop/events")[0] == ("a", 1)


def test_lists_are_opened_from_csv_and_parquet_too(shop):
    shop.put("shop/events/a.csv", 'event_name,items\nx,"[{""sku_id"":""A"",""price"":2}]"\ny,\n')
    (shop.raw / "shop/events").mkdir(exist_ok=True)
    shop.con.execute(f"""copy (select 'z' as event_name, [{{'sku': 'B', 'price': 2.50::decimal(9,2),
        'spec': {{'colour': 'red'}}}}] as items) to '{shop.raw}/shop/events/b.parquet'""")
    shop.land(opened=True)
    assert shop.rows("event, place, sku, price, colour, _file", "shop/lines") == [
        ("x", "0", "A", "2", None, "shop/events/a.csv"),
        ("z", "0", "B", "2.5", "red", "shop/events/b.parquet"),
    ]


def test_a_list_that_cannot_be_opened_is_one_reject_and_its_record_stays(shop):
    bad = ['"[{"', '"no list"', '{"sku":"A"}', '[{"sku":"A"},7]', "[null]", '"[[]]"']
    lines = [f'{{"event_name":"e{n}","items":{items}}}\n' for n, items in enumerate(bad)]
    shop.put("shop/events.ndjson", "{broken\n" + "".join(lines) + LISTS)
    shop.land(opened=True)
    assert shop.rejects() == [(1, "json:broken_line")] + [
        (n, "json:not_a_list_of_objects") for n in range(2, 8)]
    assert ("[{",) in shop.rows("payload", "landing/rejects")
    assert [row[0] for row in shop.rows("sku", "shop/lines")] == ["A", "B", "00C"]
    assert len(shop.rows(table="shop/events")) == 11
    assert shop.told("table_name, record_count, landed_count, malformed_count") == [
        ("events", 12, 11, 1), ("lines", 9, 3, 6)]


def test_opened_lists_follow_the_file_that_holds_them(shop):
    path = shop.put("shop/events/a.ndjson", LISTS)
    shop.put("shop/lines/b.csv", "event,sku\nz,Z\n")
    assert shop.land(opened=True).landed["shop", "lines"] == [(3, 0), (1, 0)]
    shop.put("shop/events/copy.ndjson", LISTS)
    report = shop.land(opened=True)
    assert not report.landed and not report.gone
    assert report.skipped == {("shop", "events"): 2, ("shop", "lines"): 3}
    # A changed contract of either table lands both again, under new numbers.
    report = shop.land({("lines", "n"): {}}, opened=True)
    assert report.again == 2 and shop.files("shop/events")[1:] == ["000004.parquet"]
    assert shop.files("shop/lines")[1:] == ["000005.parquet", "000006.parquet"]
    assert [row[0] for row in shop.rows("n", "shop/lines")] == [None, None, "1", None]
    assert shop.told("table_name, run_no") == [("events", 1), ("lines", 1), ("lines", 1)]
    # A list that is no longer opened takes away what was opened; delivered files stay.
    assert shop.land().again == 1
    assert shop.files("shop/lines")[1:] == ["000006.parquet"]
    path.unlink()
    (shop.raw / "shop/events/copy.ndjson").unlink()
    assert shop.land({("lines", "n"): {}}, opened=True).gone == 1
    assert shop.rows("sku", "shop/lines") == [("Z",)]


def test_an_element_without_a_required_column_is_a_record_without_it(shop):
    shop.put("shop/events/a.ndjson", '{"event_name":"a","items":[{"code":"A"}]}\n')
    shop.put("shop/events/b.ndjson", '{"event_name":"b","items":[]}\n')
    assert not shop.land(opened=True).refused
    assert shop.rows("event, sku, _extra", "shop/lines") == [("a", None, '{"code":"A"}')]


def test_a_path_is_followed_into_json_that_is_written_as_text(shop):
    shop.put("shop/events.ndjson", (
        '{"event_name":"a","device":"{\\"category\\":\\"tv\\"}"}\n'
        '{"event_name":"b","device":"{tv"}\n{"event_name":"c","device":"tv"}\n'
        '{"event_name":"d","params":"[{\\"key\\":\\"page\\"}]","device":{"category":"pc"}}\n'))
    shop.con.execute(f"""copy (select 'e' as event_name, '{{"category":"tv"}}' as device)
        to '{shop.raw}/shop/events.parquet'""")
    shop.land()
    assert shop.rows("event_name, device", "shop/events") == [
        ("a", "tv"), ("b", None), ("c", "tv"), ("d", "pc"), ("e", "tv")]


def test_ndjson_bad_bytes(shop):
    good = b'{"event_name":"\xe5\x8c\x97"}\n'
    shop.put("shop/events.ndjson", good * 3 + b'{"event_name":"a\xff"}\n{"event_name":"\0"}\n')
    shop.land()
    assert shop.rejects() == [(4, "encoding:invalid_utf8"), (5, "encoding:null_byte")]
    assert [row[0] for row in shop.rows("event_name", "shop/events")] == ["北"] * 3


def test_parquet_types_become_plain_text(shop):
    (shop.raw / "shop").mkdir()
    shop.con.execute(f"""copy (select 'v' as event_name,
        [{{'key': 'page', 'value': {{'text': '/a'}}}}] as params, {{'category': 'tv'}} as device,
        1.10::decimal(9, 2) as amount, timestamptz '2024-01-01 08:00:00+08' as at,
        timestamp '2024-01-01 08:00:00' as wall, 1e6::double as whole, 1e-7::double as small,
        12345.0::double as id) to '{shop.raw}/shop/events.parquet' (format parquet)""")
    columns = {("events", name): {} for name in ("at", "wall", "whole", "small", "id")}
    shop.land(columns)
    assert shop.rows(
        'event_name, page, device, amount, "at", wall, whole, small, id, _extra', "shop/events"
    ) == [("v", "/a", "tv", "1.10", "2024-01-01T00:00:00.000000+00:00",
           "2024-01-01 08:00:00.000000", "1000000", "0.0000001", "12345", None)]


@pytest.mark.parametrize("content", [b"PAR1 this is no parquet PAR1", b"PAR1"])
def test_broken_parquet_and_gzip_are_refused(shop, content):
    shop.put("shop/orders/a.parquet", content)
    (shop.raw / "shop/orders/b.csv.gz").write_bytes(b"no gzip at all")
    report = shop.land()
    assert [each["reason"][:17] for each in report.refused] == ["file:not_readable"] * 2


def test_undeclared_files_are_named_with_a_hint(shop):
    shop.put("shop/order.csv", "id,amount\n1,2\n")
    shop.put("shop/orders/a.xlsx", "x")
    shop.put("orders.csv", "id,amount\n1,2\n")
    shop.put("shop/.hidden.csv", "x")
    shop.put("shop/orders.csv.tmp", "x")
    assert len(delivered(shop.raw)) == 3
    reasons = [each["reason"] for each in shop.land().refused]
    assert "did you mean shop/orders" in reasons[1]
    assert "unknown_kind" in reasons[2]


def test_names_with_quotes_spaces_and_chinese(shop):
    shop.put("shop/orders/o'rei \"lly; drop 中文.csv", "id,amount,it's\n1,2,x\n")
    shop.land()
    assert shop.rows("id, _extra, _file") == [
        ("1", '{"it\'s":"x"}', "shop/orders/o'rei \"lly; drop 中文.csv")]


def test_redelivery_is_skipped_also_under_another_name(shop):
    shop.put("shop/orders/a.csv", "id,amount\n1,2\n")
    shop.land()
    shop.put("shop/orders/b.csv", "id,amount\n1,2\n")
    report = shop.land()
    assert report.skipped == {("shop", "orders"): 2} and not report.landed
    assert shop.files() == ["000000.parquet", "000001.parquet"]


def test_changed_contract_lands_again_under_a_new_number_and_keeps_run_no(shop):
    shop.put("shop/orders/a.csv", "id,amount,colour\n1,2,red\n")
    shop.land()
    shop.put("shop/orders/b.csv", "id,amount\n2,2\n")
    shop.land()
    assert shop.told("load_no, run_no") == [(1, 1), (2, 2)]
    report = shop.land({("orders", "colour"): {}})
    assert report.again == 2
    assert shop.files() == ["000000.parquet", "000003.parquet", "000004.parquet"]
    assert shop.rows("id, colour, _extra") == [("1", "red", None), ("2", None, None)]
    assert shop.told("load_no, run_no") == [(3, 1), (4, 2)]
    assert shop.told("load_no, reason", "removed") == [
        (1, "landed again as load 3"), (2, "landed again as load 4")]
    shop.put("shop/orders/c.csv", "id,amount\n3,2\n")
    shop.land({("orders", "colour"): {}})
    assert shop.told("load_no, run_no")[-1] == (5, 3)


def test_a_raw_file_that_disappears_stays_landed(shop):
    path = shop.put("shop/orders/a.csv", "id,amount\n1,2\n")
    shop.land()
    path.unlink()
    shop.put("shop/orders/b.csv", "id,amount\n2,2\n")
    assert shop.land().gone == 1
    assert shop.rows("id") == [("1",), ("2",)]


def test_every_declared_table_exists_empty_with_its_types(shop):
    shop.land(only_empty=True)
    for (source, table), declared in contract.read_tables().items():
        if not declared.is_delivered:
            assert shop.con.execute(
                f"select * from '{shop.data}/landed/{source}/{table}/000000.parquet'"
            ).description
    kinds = dict(row[:2] for row in shop.con.execute(
        f"describe from '{shop.data}/landed/shop/orders/000000.parquet'").fetchall())
    assert kinds["id"] == "VARCHAR" and kinds["_loaded_at"] == "TIMESTAMP"
    assert kinds["_record_no"] == kinds["_load_no"] == "BIGINT"
    assert shop.rows() == [] and shop.rows("origin", "landing/origin") == [("own",)]


def test_a_landed_folder_refuses_another_origin(shop):
    shop.put("shop/orders.csv", "id,amount\n1,2\n")
    shop.land()
    first = shop.rows("landing_id", "landing/origin")
    shop.put("DEMO_DATA.txt", "demo")
    with pytest.raises(Stopped, match="OMNILOOP_DATA"):
        shop.land()
    assert shop.rows("landing_id", "landing/origin") == first


def test_clock_set_back_never_moves_loaded_at_back(shop, monkeypatch):
    shop.put("shop/orders/a.csv", "id,amount\n1,2\n")
    shop.land()
    late = shop.rows("_loaded_at")[0][0]

    class Yesterday(datetime.datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.datetime.now(zone) - datetime.timedelta(days=1)

    monkeypatch.setattr(landed, "datetime", Yesterday)
    shop.put("shop/orders/b.csv", "id,amount\n2,2\n")
    shop.land()
    assert shop.rows("_loaded_at") == [(late,), (late,)]


KILLED = """
import os, sys
from pathlib import Path
from harness import land as landing
from harness import landed
from harness.tests.landing import Shop, tables
from harness.land import land
place = landing.places if sys.argv[2] == "commit" else landed
real = getattr(place, sys.argv[2])
def killed(*arguments):
    os._exit(9)
setattr(place, sys.argv[2], killed)
folder = Path(sys.argv[1])
land(folder / "raw", folder / "data", tables({("orders", "colour"): {}}))
"""


@pytest.mark.parametrize("instant", ["commit", "remove"])
def test_killed_around_the_rename_the_next_run_repairs(shop, instant):
    shop.put("shop/orders/a.csv", "id,amount\n1,2\n2,x,y\n")
    if instant == "remove":  # between the new file and the old one's removal
        shop.land()
    code = subprocess.run([sys.executable, "-c", KILLED, str(shop.raw.parent), instant]).returncode
    assert code == 9
    left = {"commit": ["000000.parquet"], "remove": ["000000", "000001", "000002"]}[instant]
    assert [name[:6] for name in shop.files()] == [name[:6] for name in left]
    shop.land({("orders", "colour"): {}})
    assert shop.rows("id") == [("1",)] and len(shop.rejects()) == 1
    assert shop.told("run_no, landed_count, malformed_count") == [(1, 1, 1)]
    assert [path.name for path in (shop.data / "landed").glob("*/*/.*.new")] == []


def test_killed_between_the_renames_of_a_file_and_its_lists(shop, monkeypatch):
    shop.put("shop/events.ndjson", LISTS)
    real, renamed = places.commit, []

    def killed(target):
        if renamed:
            raise KeyboardInterrupt
        renamed.append(target)
        real(target)

    monkeypatch.setattr(places, "commit", killed)
    with pytest.raises(KeyboardInterrupt):
        shop.land(opened=True)
    monkeypatch.undo()
    assert shop.files("shop/events") == ["000000.parquet"]
    assert shop.files("shop/lines") == ["000000.parquet", "000002.parquet"]
    assert len(shop.land(opened=True).landed) == 2 and len(shop.rows(table="shop/events")) == 5
    assert shop.files("shop/lines") == ["000000.parquet", "000004.parquet"]
    assert not shop.land(opened=True).landed


def test_web_events_as_exported_bring_their_items(shop):
    shop.put("ga4/events.ndjson", (
        '{"event_timestamp":"1772359200000000","event_name":"purchase","user_pseudo_id":"c.1",'
        '"items":[{"item_id":"A","item_name":"Cream","price":"12.50","quantity":"2",'
        '"item_params":[]},{"item_id":"B","price":3}]}\n'))
    land(shop.raw, shop.data, contract.read_tables())
    assert shop.rows("user_pseudo_id, event_timestamp, event_name, item_index, item_id, item_name,"
                     "price, quantity, _extra", "ga4/event_items") == [
        ("c.1", "1772359200000000", "purchase", "0", "A", "Cream", "12.50", "2",
         '{"item_params":[]}'),
        ("c.1", "1772359200000000", "purchase", "1", "B", None, "3", None, None)]


def test_a_marketplace_report_as_exported_keeps_its_numbers(shop):
    shop.put("tmall/orders.csv", (
        '"订单编号","买家会员名","买家应付货款","订单状态","联系手机","订单创建时间",'
        '"订单付款时间 ","卖家服务费"\r\n'
        '="35153131473293579","琳郗薷","201.12","买家已付款，等待卖家发货","\'13812345678",'
        '"2026-03-01 00:42:32","2026-03-01 00:42:39","0元"\r\n'
        '="35082869905648884","tb6125470","186.15","等待买家付款","","2026-03-01 22:29:59","",'
        '=""\r\n'
    ).encode("gbk"))
    land(shop.raw, shop.data, contract.read_tables())
    assert shop.rows("tid, buyer_nick, payable_fee, receiver_mobile, pay_time, _extra",
                     "tmall/orders") == [
        ('="35153131473293579"', "琳郗薷", "201.12", "'13812345678", "2026-03-01 00:42:39",
         '{"卖家服务费":"0元"}'),
        ('="35082869905648884"', "tb6125470", "186.15", None, None, '{"卖家服务费":"=\\"\\""}')]


def test_two_landings_at_once_take_turns(shop):
    for number in range(30):
        shop.put(f"shop/orders/{number:02d}.csv", f"id,amount\n{number},2\n")
    code = ("import sys; from pathlib import Path; from harness.tests.landing import tables;"
            "from harness.land import land; f = Path(sys.argv[1]);"
            "land(f / 'raw', f / 'data', tables())")
    both = [subprocess.Popen([sys.executable, "-c", code, str(shop.raw.parent)]) for _ in "ab"]
    assert [process.wait() for process in both] == [0, 0]
    assert [row[0] for row in shop.rows("_load_no")] == list(range(1, 31))


def test_a_file_still_being_written_waits(shop, monkeypatch):
    path = shop.put("shop/orders.csv", "id,amount\n1,2\n")
    real = landed.put

    def growing(*arguments):
        os.utime(path, (1, path.stat().st_mtime + 1))
        return real(*arguments)

    monkeypatch.setattr(landed, "put", growing)
    assert "still_being_written" in shop.land().refused[0]["reason"]
    monkeypatch.undo()
    assert not shop.land().refused


def test_command_shows_no_personal_value(shop, monkeypatch, capsys):
    monkeypatch.setenv("OMNILOOP_RAW", str(shop.raw))
    monkeypatch.setenv("OMNILOOP_DATA", str(shop.data))
    assert main(["land"]) == 1
    assert "make build" in capsys.readouterr().out
    shop.put("pos/tickets/a.csv", f"{PHONE},{PHONE}\n1,2\n")
    shop.put("pos/tickets/b.csv", f"ticket_no,{PHONE}\n1,2\n")
    assert main(["land"]) == 1
    shop.put("pos/tickets/c.csv", f"ticket_no,store_id,sold_at,ticket_type\n1,2\n{PHONE},2,3,4\n")
    assert main(["land"]) == 0
    shown = capsys.readouterr()
    assert PHONE not in shown.out + shown.err
    assert "store_id (also read from store_no)" in shown.out and "***" in shown.out
