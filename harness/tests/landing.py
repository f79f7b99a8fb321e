"""What the landing tests share: a small field table, and a look at what was landed."""

import dataclasses
import functools
import gzip
from pathlib import Path

import duckdb
import yaml

from harness import contract
from harness.land import Report, land

META = {
    "orders": {
        "id": {"required": True, "aliases": ["order_id", "订单编号"]},
        "phone": {"pii": True},
        "amount": {"required": True, "aliases": ["total", "price"]},
        "note": {},
    },
    "events": {
        "event_name": {"required": True},
        "page": {"path": "params[key=page].value.text", "aliases": ["page_location"]},
        "device": {"path": "device.category"},
        "amount": {},
        "items": {},
    },
}
OPENED = {  # a table whose rows are the elements of the list events.items
    "event": {"path": "^event_name", "required": True},
    "place": {"path": "^"},
    "sku": {"aliases": ["sku_id"], "required": True},
    "price": {},
    "colour": {"path": "spec.colour"},
}


@functools.cache
def declared() -> dict:
    """The tables of the project; reading them takes half a second."""
    return contract.read_tables()


def tables(changes: dict | None = None, opened: bool = False) -> dict:
    """The tables of this test, with `changes` to the meta of their columns."""
    meta = {table: dict(columns) for table, columns in META.items()}
    meta |= {"lines": dict(OPENED)} if opened else {}
    for (table, column), value in (changes or {}).items():
        meta[table][column] = value
    real = declared()
    ours = {key: table for key, table in real.items() if not table.is_delivered}
    for table, columns in meta.items():
        listed = tuple(
            contract._column({"name": name, "config": {"meta": each}})
            for name, each in columns.items()
        )
        ours["shop", table] = contract.Table("shop", table, True, listed)
    if opened:
        lists = (("items", ours["shop", "lines"]),)
        ours["shop", "events"] = dataclasses.replace(ours["shop", "events"], opened=lists)
    return ours


class Shop:
    """A raw and a data folder of one test."""

    def __init__(self, folder: Path):
        self.raw, self.data = folder / "raw", folder / "data"
        self.raw.mkdir(parents=True)
        self.con = duckdb.connect()

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def land(self, changes: dict | None = None, opened: bool = False, **options) -> Report:
        return land(self.raw, self.data, tables(changes, opened), **options)

    def files(self, table: str = "shop/orders") -> list[str]:
        return sorted(path.name for path in (self.data / "landed" / table).glob("*.parquet"))

    def rows(self, columns: str = "*", table: str = "shop/orders") -> list[tuple]:
        glob = f"{self.data}/landed/{table}/*.parquet"
        order = " order by _load_no, _record_no" if table.startswith("shop") else ""
        query = f"select {columns} from read_parquet('{glob}', union_by_name = true){order}"
        return self.con.execute(query).fetchall()

    def rejects(self) -> list[tuple]:
        return sorted(self.rows("line_no, reason", "landing/rejects"))

    def told(self, columns: str, status: str = "landed") -> list[tuple]:
        rows = self.rows(f"file_status, {columns}", "landing/files")
        return sorted(row[1:] for row in rows if row[0] == status)


def models(folder: Path, columns: dict) -> Path:
    """A models folder with one delivered source, as a project has it."""
    path = folder / "models" / "staging" / "shop" / "_shop__sources.yml"
    path.parent.mkdir(parents=True)
    listed = [{"name": n, "data_type": "text", "config": {"meta": m}} for n, m in columns.items()]
    source = {"name": "shop", "tables": [{"name": "orders", "columns": listed}]}
    path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}, allow_unicode=True))
    return folder / "models"
