"""Exports: files of ready audiences only, for their owner only, of the last green build only."""

import json
import stat

import duckdb
import pytest

from harness.cli import main
from harness.export import export
from harness.land import land
from harness.places import Stopped
from harness.tests.landing import tables

AUDIENCES = [  # name, destination, status, members, minimum size
    ("by_list", "csv", "ready", 3, 1),
    ("by_text", "sms", "ready", 1, 1),
    ("for_google", "google_ads", "below_minimum_size", 1, 100),
    ("for_tiktok", "tiktok_ads", "inactive", 0, 1000),
]
CONTACTS = {
    "csv": [("by_list", "email", "li, the second@x.com"), ("by_list", "email", "'=cmd@x.com"),
            ("by_list", "email", "an@x.com")],
    "sms": [("by_text", "phone", "+447700900123")],
    "google_ads": [("for_google", "Email", "033134b9")],
    "meta_ads": [], "tiktok_ads": [],
}


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A data folder after a green build, with audiences and their contacts."""
    data, target = tmp_path / "data", tmp_path / "target"
    monkeypatch.setenv("OMNILOOP_DATA", str(data))
    monkeypatch.setenv("DBT_TARGET_PATH", str(target))
    land(tmp_path / "raw", data, tables(), only_empty=True)
    target.mkdir()
    fill(data, AUDIENCES)
    tell(target, "success")
    return data, target


def fill(data, audiences):
    with duckdb.connect(str(data / "omniloop.duckdb")) as con:
        con.execute("create schema if not exists activation; create schema if not exists marts;"
                    "create schema if not exists restricted_exports;"
                    "create or replace table activation.act_audiences (audience_name text,"
                    " destination text, audience_status text, member_users bigint,"
                    " minimum_size bigint, as_of_date date default '2026-03-10');"
                    "create or replace table marts.user_consents as"
                    " select date '2026-03-12' as decided_date")
        con.executemany("insert into activation.act_audiences by position (audience_name,"
                        " destination, audience_status, member_users, minimum_size)"
                        " values (?, ?, ?, ?, ?)", audiences)
        for destination, rows in CONTACTS.items():
            con.execute(f"create or replace table restricted_exports.export_{destination}"
                        " (audience_name text, file_header text, contact_value text)")
            if rows:
                con.executemany(f"insert into restricted_exports.export_{destination}"
                                " values (?, ?, ?)", rows)


def tell(target, status, which="build"):
    """What dbt tells of its last run."""
    node = {"resource_type": "model", "config": {"materialized": "table", "meta": {}}}
    (target / "manifest.json").write_text(json.dumps({"nodes": {"model.x.a": node}}))
    (target / "run_results.json").write_text(json.dumps({
        "metadata": {"invocation_started_at": "2020-01-01T00:00:00Z"}, "args": {"which": which},
        "results": [{"unique_id": "model.x.a", "status": status}]}))


def files(data):
    return sorted(str(path.relative_to(data / "exports")) for path in data.glob("exports/*/*"))


def test_a_ready_audience_is_one_file(built):
    data, target = built
    days, told = export(data, target)
    assert days == ("2026-03-10", "2026-03-12")
    assert [row[:-1] for row in told] == AUDIENCES
    assert [row[-1] for row in told] == [3, 1, 0, 0]
    assert files(data) == ["csv/by_list.csv", "sms/by_text.csv"]
    assert (data / "exports/sms/by_text.csv").read_text() == "phone\n+447700900123\n"
    assert (data / "exports/csv/by_list.csv").read_text() == (
        "email\n'=cmd@x.com\nan@x.com\n\"li, the second@x.com\"\n")


def test_only_the_owner_can_read(built):
    data, target = built
    export(data, target)
    path = data / "exports/sms/by_text.csv"
    path.chmod(0o644)
    path.parent.chmod(0o755)
    export(data, target)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (data / "exports", path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]


def test_a_file_goes_when_its_audience_is_no_longer_ready(built):
    data, target = built
    export(data, target)
    (data / "exports/sms/.by_text.csv.new").write_text("a killed run left this")
    small = ("by_list", "csv", "below_minimum_size", 3, 4)
    fill(data, [small, ("by_text", "sms", "ready", 1, 1)])
    export(data, target)
    assert files(data) == ["sms/by_text.csv"]


@pytest.mark.parametrize(("status", "which", "said"), [
    ("fail", "build", "the last build failed"), ("success", "run", "only a full `dbt build`")])
def test_without_a_green_build_nothing_is_exported(built, status, which, said):
    data, target = built
    tell(target, status, which)
    with pytest.raises(Stopped, match=said):
        export(data, target)
    assert not (data / "exports").exists()


def test_the_screen_tells_counts_and_no_contact(built, capsys):
    data, _ = built
    assert main(["export"]) == 0
    said = capsys.readouterr().out
    assert "audiences as of 2026-03-10" in said and "below_minimum_size" in said
    assert "up to 2026-03-12" in said.replace("\n", " ")
    for contact in ("7700900123", "@x.com", "033134b9"):
        assert contact not in said


def test_demo_data_say_so(built, capsys, monkeypatch):
    monkeypatch.setattr("harness.export.origin", lambda data: "demo")
    assert main(["export"]) == 0
    assert "DEMO DATA" in capsys.readouterr().out
