"""What identity changes is told against what was published last.

These are slow. They run dbt in this process on a fresh copy of the project.
"""

import shutil

import duckdb
import pytest

from harness import publish

BUILD = ("build", "--no-write-json", "--exclude-resource-type", "unit_test",
         "--indirect-selection", "empty", "--select")
COMPARING = ("qa_linked_identifiers", "qa_user_key_pairs", "qa_identity_sides", "user_key_changes",
             "identity_restatement", "assert_identity_moves_no_money",
             "assert_every_published_key_is_found", "unique_user_key_changes_old_user_key",
             "assert_restatement_has_the_rules_of_new_customers")
ORDERS = """\
id,customer_id,phone,created_at,financial_status,currency
1,91,,2026-01-01T10:00:00+08:00,paid,CNY
2,92,,2026-05-01T10:00:00+08:00,paid,CNY
3,,13917235608,2026-05-03T10:00:00+08:00,paid,CNY
4,93,,2026-05-09T10:00:00+08:00,paid,CNY
"""
LINES = "id,order_id,sku,quantity,price\n" + "".join(f"{n},{n},A,{n},10.00\n" for n in "1234")
ACCOUNT = """\
id,phone,created_at,updated_at
92,{phone},2026-04-30T10:00:00+08:00,{day}T10:00:00+08:00
"""


class Shop:
    """A mall with four orders; accounts are delivered later."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.data = self.workshop.use("mall")
        self.deliver("orders", "1", ORDERS)
        self.deliver("order_lines", "1", LINES)

    def deliver(self, table, name, content):
        path = self.data / "raw" / "shop" / table / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def build(self, *changed):
        """Land, build all between what changed and what compares, and test that."""
        self.workshop.land(self.data / "raw")
        goals = ("+identity_restatement", "+int_new_customers")
        between = [f"{table}+,{goal}" for table in changed for goal in goals]
        self.workshop.succeed(*BUILD, *between, *COMPARING)

    def rows(self, query):
        with duckdb.connect(str(self.data / "omniloop.duckdb"), read_only=True) as con:
            return con.execute(query).fetchall()

    def keys(self):
        """The person of each order."""
        return dict(self.rows("select order_id, user_key from marts.fct_orders"))

    def changes(self):
        return sorted(self.rows("select old_user_key, user_key, change_type, order_count, "
                                "net_revenue_amount::int from marts.user_key_changes"))

    def restated(self):
        """Each metric over all channels, before and after."""
        rows = self.rows("select metric_name, sum(value_before)::int, sum(value_after)::int "
                         "from marts.identity_restatement group by 1")
        return {name: values for name, *values in rows}


@pytest.fixture
def shop(quick, monkeypatch):
    # What a full green build is, and what readers get of it, have tests of their own.
    monkeypatch.setattr(publish, "published_nodes", lambda work, target: ([], []))
    monkeypatch.setattr(publish, "_parquet", lambda *given: None)
    return Shop(quick)


def test_what_identity_changed_is_told_against_the_last_publication(shop):
    shop.build("path:seeds", "path:models")
    keys = shop.keys()
    assert len({*keys.values()}) == 4
    assert (shop.changes(), shop.restated()) == ([], {}), "nothing was published to compare with"

    publish.publish(shop.data, shop.data)
    shop.build()
    assert shop.changes() == []
    restated = shop.restated()
    assert restated["net_revenue"] == [60, 60] and restated["new_customers"] == [2, 2]

    # The account of 92 turns out to have the phone of order 3. An order that comes with it is no
    # matter of identity.
    shop.deliver("customers", "1", ACCOUNT.format(phone="139 1723 5608", day="2026-05-10"))
    head, line = ORDERS.splitlines()[0], LINES.splitlines()[0]
    shop.deliver("orders", "2", f"{head}\n5,93,,2026-05-20T10:00:00+08:00,paid,CNY\n")
    shop.deliver("order_lines", "2", f"{line}\n5,5,A,9,10.00\n")
    shop.build("base_shop__customers", "base_shop__orders", "base_shop__order_lines")
    joined = shop.keys()
    assert joined["2"] == joined["3"] in (keys["2"], keys["3"])
    assert [joined[number] for number in "14"] == [keys[number] for number in "14"]
    lost, number = (keys["2"], 2) if joined["2"] == keys["3"] else (keys["3"], 3)
    kept = joined["2"]
    assert shop.changes() == sorted([
        (lost, kept, "merged", 1, number * 10), (kept, kept, "moved", 0, 0)])
    restated = shop.restated()
    assert restated["net_revenue"] == [100, 100] and restated["new_customers"] == [3, 2]

    # The account's file is taken back. (Another phone would not part them: what an account told
    # before stays its own.)
    publish.publish(shop.data, shop.data)
    (shop.data / "raw/shop/customers/1.csv").unlink()
    max((shop.data / "landed/shop/customers").glob("*.parquet")).unlink()
    shop.build("base_shop__customers")
    apart = shop.keys()
    assert len({*apart.values()}) == 4
    moved = "2" if apart["3"] == kept else "3"
    assert shop.changes() == [(kept, kept, "split", 1, int(moved) * 10)]
    restated = shop.restated()
    assert restated["net_revenue"] == [100, 100] and restated["new_customers"] == [2, 3]

    # Nothing of it is needed: without it there is nothing to compare with.
    shutil.rmtree(shop.data / "published")
    shutil.rmtree(shop.data / "landed" / "published")
    shop.build()
    assert (shop.changes(), shop.restated()) == ([], {})
