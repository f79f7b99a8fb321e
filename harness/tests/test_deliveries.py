"""Whatever is delivered in whatever order, the marts are those of a build from nothing.

These are slow. They run dbt in this process on a copy of the project.
"""

import gzip
import json
import shutil
from datetime import datetime, timedelta

import duckdb
import pytest

from harness import landed
from harness.dev.workshop import NO_TESTS, REPO, assert_equal

FIELD_TABLE = "models/staging/crm/_crm__sources.yml"
# In these orders the field table learns a word at the end, so the members are landed again. It
# rebuilds all that reads them, which would hide in every order what increments do wrong.
LEARNING = ("120", "201")
BUILD = ("build", "--no-write-json", *NO_TESTS)


@pytest.fixture(scope="module")
def parts(exports, tmp_path_factory):
    """The records of every export dealt to three deliveries, as a card player would."""
    out = tmp_path_factory.mktemp("parts")
    for path in sorted(path for path in exports.rglob("*") if path.is_file()):
        source, *rest = path.relative_to(exports).parts
        for number in range(3):
            if not rest:  # the mark of demo data
                copy_to(path, out / str(number) / source)
                continue
            table = rest[0].split(".")[0]
            target = out / str(number) / source / table / f"{number}_{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".parquet":
                duckdb.sql(
                    "copy (select * exclude no from (select *, row_number() over () as no"
                    f" from '{path}') where no % 3 = {number}) to '{target}'"
                )
                continue
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rb") as file:
                lines = file.readlines()
            header = [lines.pop(0)] if ".csv" in path.name else []
            with opened(target, "wb") as file:
                file.writelines(header + lines[number::3])
    # One file names a column as nobody expects until the field table learns the word.
    odd = min((out / "1" / "crm" / "members").iterdir())
    odd.write_bytes(odd.read_bytes().replace(b"region_code", b"home_region", 1))
    return out


def copy_to(path, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def loads(folder):
    """The landed files of a table in the order of their numbers, without the empty one."""
    return sorted(folder.glob("*.parquet"))[1:]


def link_old_cookie(exports, target):
    """Deliver a log-in: the last cookie that nobody logged in on turns out to be a customer's."""
    events = [
        json.loads(line)
        for path in sorted(exports.glob("ga4/events/*.ndjson.gz"))
        for line in gzip.open(path)
        if line.startswith(b"{") and line.rstrip().endswith(b"}")
    ]
    customers = sorted({event["user_id"] for event in events if event.get("user_id")})
    known = {event["user_pseudo_id"] for event in events if event.get("user_id")}
    anonymous = [event for event in events if event["user_pseudo_id"] not in known]
    last = max(anonymous, key=lambda event: (event["event_timestamp"], event["user_pseudo_id"]))
    login = last | {"user_id": customers[0], "event_bundle_sequence_id": 990001}
    login["event_timestamp"] += 60_000_000
    target.mkdir(parents=True, exist_ok=True)
    (target / "login.ndjson").write_text(json.dumps(login) + "\n")


@pytest.fixture
def clock(monkeypatch):
    """Sets the clock that landing reads."""

    def set_back(days):
        class Earlier(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) - timedelta(days=days)

        monkeypatch.setattr(landed, "datetime", Earlier)

    return set_back


# Four of the six orders: each part comes first, in the middle and last.
@pytest.mark.parametrize("order", ["012", "120", "201", "210"])
def test_any_order_of_deliveries_equals_a_full_refresh(quick, exports, parts, order, clock):
    first, second, third = order
    field_table = quick.project / FIELD_TABLE
    shutil.copy(REPO / FIELD_TABLE, field_table)

    # The first part comes without its order lines, which are late.
    data = quick.folder / "datas" / order
    snapshot = quick.folder / "datas" / f"only_{first}"
    if snapshot.exists():  # two orders begin alike
        shutil.copytree(snapshot, data)
    quick.use(data.name)
    raw = data / "raw"
    late = raw / "shop" / "order_lines"
    if not raw.exists():
        shutil.copytree(parts / first, raw)
        shutil.rmtree(late)
        quick.land(raw)
        quick.succeed(*BUILD)
        shutil.copytree(data, snapshot)

    # The second part comes after the clock was set back; only what hangs on members is built.
    shutil.copytree(parts / second, raw, dirs_exist_ok=True)
    clock(days=400)
    quick.land(raw)
    quick.succeed(*BUILD, "--select", "base_crm__members+")

    # The third, and with it a log-in on a cookie that was nobody's.
    shutil.copytree(parts / third, raw, dirs_exist_ok=True)
    link_old_cookie(exports, raw / "ga4" / "events")
    quick.land(raw)
    quick.succeed(*BUILD)

    # The late file; customers again under another number; some web events, and figures that had
    # restated older ones, are gone, as after an erasure.
    shutil.copytree(parts / first / "shop" / "order_lines", late, dirs_exist_ok=True)
    loads(data / "landed/shop/customers")[0].unlink()
    if order in LEARNING:
        learned = field_table.read_text()
        learned = learned.replace("aliases: [region,", "aliases: [home_region, region,")
        assert "home_region" in learned
        field_table.write_text(learned)
    assert bool(quick.land(raw).again) == (order in LEARNING)
    loads(data / "landed/ga4/events")[0].unlink()
    loads(data / "landed/google_ads/campaign_stats")[-1].unlink()
    quick.succeed(*BUILD)
    marts = quick.marts()

    (data / "omniloop.duckdb").unlink()
    quick.succeed(*BUILD)
    assert_equal(marts, quick.marts())
