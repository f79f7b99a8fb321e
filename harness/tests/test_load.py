"""`omniloop load`: Postgres holds what the landed folder holds, and only changes cost anything."""

import pytest

from harness.cli import main
from harness.dev.postgres import cursor, environment, execute, postgres, settings
from harness.load import load
from harness.places import Stopped
from harness.tests.landing import Shop, tables

JUNE = 'id,phone,amount,note\n1,,1.50,"a ""b"",\n2nd line"\n2,,2.00,\n'
JULY = "id,phone,amount\n3,,3.25\n"


@pytest.fixture(scope="module")
def server():
    with postgres() as host, environment(**settings(host)):
        yield host


@pytest.fixture
def shop(tmp_path, server):
    execute(server, "drop schema if exists shop, landing, runs, fitted, published cascade")
    shop = Shop(tmp_path)
    shop.put("shop/orders/june.csv", JUNE)
    shop.land()
    return shop


def loaded(server, table="shop.orders", columns="id, amount, note, _file, _record_no, _load_no"):
    with cursor(server) as postgres_cursor:
        postgres_cursor.execute(f"select {columns} from {table} order by {columns}")
        return postgres_cursor.fetchall()


def names(shop, files):
    return [file.relative_to(shop.data / "landed" / "shop").as_posix() for file in files
            if "shop" in file.parts[-3]]  # fmt: skip


def landed(shop):
    return sorted(shop.rows("id, amount, note, _file, _record_no, _load_no"))


def test_postgres_holds_what_has_landed_cell_by_cell(shop, server):
    load(shop.data, tables())
    assert loaded(server) == landed(shop) and len(landed(shop)) == 2
    assert 'a "b",\n2nd line' in {row[2] for row in loaded(server)}
    told = loaded(server, "landing.files", "file_name, record_count")
    assert told == [("shop/orders/june.csv", 2)]


def test_a_second_load_copies_nothing(shop, server):
    load(shop.data, tables())
    assert load(shop.data, tables()) == ([], [])


def test_only_new_files_are_copied_and_what_landing_tells_is_replaced(shop, server):
    load(shop.data, tables())
    shop.put("shop/orders/july.csv", JULY)
    shop.land()
    new, _ = load(shop.data, tables())
    assert names(shop, new) == ["orders/000002.parquet"]
    assert loaded(server) == landed(shop) and len(landed(shop)) == 3
    assert len(loaded(server, "landing.files", "file_name")) == 2


def test_a_load_that_is_gone_leaves(shop, server):
    shop.put("shop/orders/july.csv", JULY)
    shop.land()
    load(shop.data, tables())
    (shop.data / "landed/shop/orders/000001.parquet").unlink()
    _, old = load(shop.data, tables())
    assert old == ["shop/orders/000001.parquet"]
    assert loaded(server) == landed(shop) and len(landed(shop)) == 1


def test_a_killed_load_leaves_the_old_landing(shop, server):
    load(shop.data, tables())
    before = loaded(server)
    shop.put("shop/orders/july.csv", JULY)
    shop.land()

    def killed(files):
        yield files[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(shop.data, tables(), killed)
    assert loaded(server) == before
    load(shop.data, tables())
    assert loaded(server) == landed(shop)


def test_a_column_declared_later_is_there(shop, server):
    load(shop.data, tables())
    shop.put("shop/orders/july.csv", "id,amount,colour\n9,1.00,red\n")
    changed = {("orders", "colour"): {}}
    shop.land(changed)
    load(shop.data, tables(changed))
    assert loaded(server, columns="id, colour") == [("1", None), ("2", None), ("9", "red")]


def test_another_landing_is_refused(shop, server, tmp_path):
    load(shop.data, tables())
    other = Shop(tmp_path / "other")
    other.put("shop/orders/june.csv", JULY)
    other.land()
    before = loaded(server)
    with pytest.raises(Stopped, match="this database holds another landing"):
        load(other.data, tables())
    assert loaded(server) == before


def test_nothing_landed_or_no_server_says_what_to_do(tmp_path, server):
    with pytest.raises(Stopped, match="run `omniloop land` first"):
        load(tmp_path, tables())
    shop = Shop(tmp_path)
    shop.land(only_empty=True)
    nowhere = {"OMNILOOP_PG_HOST": str(tmp_path)}
    with environment(**nowhere), pytest.raises(Stopped, match="set OMNILOOP_PG_HOST"):
        load(shop.data, tables())


def test_duckdb_needs_no_load(monkeypatch, capsys):
    monkeypatch.delenv("DBT_TARGET", raising=False)
    assert main(["load"]) == 1
    assert "set DBT_TARGET to postgres or spark" in capsys.readouterr().out


def test_what_postgres_refuses_is_said_in_a_line(shop, server, monkeypatch, capsys):
    """A view of a loader's stands where a table is to be."""
    execute(server, "create schema shop", "create view shop.orders as select 1 as id")
    monkeypatch.setenv("DBT_TARGET", "postgres")
    monkeypatch.setenv("OMNILOOP_DATA", str(shop.data))
    assert main(["load"]) == 1
    told = capsys.readouterr().out
    assert "orders" in told and "; the database stays as it was" in told
    assert "Traceback" not in told
