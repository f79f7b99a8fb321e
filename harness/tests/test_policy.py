"""Wrong cells in the seeds that identity goes by stop the build, by seed, row and column."""

import json
import shutil

import duckdb
import pytest

from harness.dev import parity
from harness.dev.postgres import cursor, postgres
from harness.dev.workshop import Workshop
from harness.places import explained

SEEDS = ("identifier_types", "blocked_identifiers", "blocked_patterns", "identity_rules")
MODELS = ("int_blocked_values", "int_identity_merges", "int_identity_splits")
KEYS = {letter: (f"{number:04x}" + "0123456789abcdef" * 4)[:64]
        for number, letter in enumerate("abcdefgh", 0xa000)}
DECIDED = "seen at the counter,li,2026-03-01"
HEAD = {
    "identifier_types": "identifier_type,role,priority,is_identifying,is_unique_per_person,"
                        "max_values_per_person,max_persons_per_value,max_records_per_window,"
                        "window_days,claim_days,over_limit_policy",
    "blocked_identifiers": "identifier_type,identifier_value,reason",
    "blocked_patterns": "identifier_type,pattern,reason",
    "identity_rules": "rule,key_a,key_b,reason,decided_by,decided_on",
}
RIGHT = {
    "identifier_types": ["phone,linking,6,true,false,3,1,12,30,,strongest"],
    "blocked_identifiers": [], "blocked_patterns": [], "identity_rules": [],
}
# Each wrong row, and what is said of it after the name of the seed.
CELLS = {
    "identifier_types": [
        ("phone,lnking,6,true,false,3,1,12,30,,drop",
         "line 2 (identifier_type phone), column role: "
         "'lnking' is not one of linking, assigned, none"),
        ("email,,7,true,false,,,,,,drop",
         "line 3 (identifier_type email), column role: is empty"),
        (",linking,8,true,false,,,,,,drop", "line 4, column identifier_type: is empty"),
        ("Fax No,linking,9,true,false,,,,,,drop", "line 5, column identifier_type: 'Fax No' is "
         "not a name in small letters, digits and underscores"),
        ("member,linking,first,true,false,,,,,,drop",
         "line 6 (identifier_type member), column priority: 'first' is not a whole number"),
        ("a,linking,0,true,false,,,,,,drop", "line 7 (identifier_type a), column priority: "
         "'0' is not a whole number from 1 on"),
        ("b,linking,1.5,true,false,,,,,,drop",
         "line 8 (identifier_type b), column priority: '1.5' is not a whole number"),
        ("c,linking,10,yes,false,,,,,,drop",
         "line 9 (identifier_type c), column is_identifying: 'yes' is not true or false"),
        ("d,linking,11,true,,,,,,,drop",
         "line 10 (identifier_type d), column is_unique_per_person: is empty"),
        ("e,linking,12,true,false,0,-1,0,0,-3,drop",
         "line 11 (identifier_type e), column max_values_per_person: '0' is not a whole number"),
        ("f,linking,13,true,false,1,-1,,,,drop",
         "line 12 (identifier_type f), column max_persons_per_value: '-1' is not a whole number"),
        ("g,linking,14,true,false,1,1,0,30,,drop",
         "line 13 (identifier_type g), column max_records_per_window: '0' is not a whole number"),
        ("h,assigned,15,true,false,1,1,,0,-30,",
         "line 14 (identifier_type h), column claim_days: '-30' is not a whole number from 1 on"),
        ("i,linking,16,true,false,1,1,,,,weakest",
         "line 15 (identifier_type i), column over_limit_policy: "
         "'weakest' is not one of strongest, drop"),
    ],
    "blocked_identifiers": [
        (",+8613812345678,placeholder", "line 2, column identifier_type: is empty"),
        ("phone,,placeholder", "line 3 (identifier_type phone), column identifier_value: is empty"),
        ("phone,+8613812345678,",
         "line 4 (identifier_type phone), column reason: is empty"),
    ],
    "blocked_patterns": [
        ("*,,nobody", "line 2 (identifier_type *), column pattern: is empty"),
        ("*,%_%,everybody",
         "line 3 (identifier_type *), column pattern: '%_%' is not a pattern in small letters"),
        ("*,Guest,nobody",
         "line 4 (identifier_type *), column pattern: 'Guest' is not a pattern in small letters"),
        ("*,a\\%,nobody", "line 5 (identifier_type *), column pattern: 'a\\%' is not a pattern"),
        (f"*,{'x' * 201},nobody", "line 6 (identifier_type *), column pattern: "
         f"'{'x' * 57}...' is not at most 200 characters long"),
    ],
    "identity_rules": [
        (f"join,{KEYS['a']},{KEYS['b']},{DECIDED}",
         "line 2, column rule: 'join' is not one of merge, split"),
        (f"merge,+8613812345678,{KEYS['b']},{DECIDED}",
         "line 3 (rule merge), column key_a: the cell is not the key of an identifier"),
        (f"merge,{KEYS['a']},{KEYS['b'].upper()},{DECIDED}",
         "line 4 (rule merge), column key_b: the cell is not the key of an identifier"),
        (f"split,{KEYS['a']},,{DECIDED}", "line 5 (rule split), column key_b: is empty"),
        (f"split,{KEYS['a']},{KEYS['b']},,li,2026-03-01",
         "line 6 (rule split), column reason: is empty"),
        (f"split,{KEYS['a']},{KEYS['b']},seen,li,1/3/2026",
         "line 7 (rule split), column decided_on: '1/3/2026' is not a day such as 2026-01-31"),
    ],
}
MEANING = {
    "identifier_types": [
        ("phone,linking,6,true,false,3,9,12,30,,drop",
         "row of identifier_type phone, column max_persons_per_value: 9 is more than the 8"),
        ("email,linking,6,true,false,3,8,,,,drop",
         "row of identifier_type email, column priority: 6 is also that of phone"),
        ("buyer,linking,,true,false,3,1,5,,,",
         "row of identifier_type buyer, column priority: is empty, and the role is linking"),
        ("unionid,linking,20,true,false,3,1,5,,,drop",
         "row of identifier_type unionid, column window_days: is empty, and max_records"),
        ("openid,linking,21,true,false,3,1,,,,",
         "row of identifier_type openid, column over_limit_policy: is empty, and a linking"),
        ("cookie,assigned,22,false,false,9,99,,,30,",
         "row of identifier_type cookie, column window_days: is empty, and a device or cookie"),
        ("device,assigned,23,false,false,9,5,,30,,",
         "row of identifier_type device, column claim_days: is empty, and a login"),
        ("tablet,assigned,24,false,true,9,5,,30,30,",
         "row of identifier_type tablet, column is_unique_per_person: is true, and only"),
        ("kiosk,assigned,25,false,false,9,5,,30,30,drop",
         "row of identifier_type kiosk, column over_limit_policy: says drop, and only"),
        ("member,linking,26,true,true,1,,,,,drop",
         "row of identifier_type member, column identifier_type: stands in 2 rows"),
        ("member,none,27,true,false,,,,,,",
         "row of identifier_type member, column identifier_type: stands in 2 rows"),
    ],
    "blocked_identifiers": [
        ("fone,+8613812345678,x",
         "row of fone +86..., column identifier_type: is no type of identifier_types"),
        ("buyer,somebody,x", "row of buyer som..., column identifier_value: stands in 2 rows"),
        ("buyer,somebody,y", "row of buyer som..., column identifier_value: stands in 2 rows"),
        ("phone,13812345678,x", "row of phone 138..., column identifier_value: is not + with"),
        ("email,Li@x.com,x", "row of email Li@..., column identifier_value: is no address in"),
    ],
    "blocked_patterns": [
        ("fone,%0000,x", "row of fone %0000, column identifier_type: is neither * nor a type"),
        ("*,guest,x", "row of * guest, column pattern: stands in 2 rows"),
        ("*,guest,y", "row of * guest, column pattern: stands in 2 rows"),
    ],
    "identity_rules": [
        (f"merge,{KEYS['a']},{KEYS['a']},{DECIDED}",
         "row of merge of a000... and a000..., column key_b: is the same as key_a"),
        (f"merge,{KEYS['b']},{KEYS['c']},{DECIDED}",
         "row of merge of a001... and a002..., column key_b: the two keys stand in 2 rows"),
        (f"merge,{KEYS['c']},{KEYS['b']},{DECIDED}",
         "row of merge of a001... and a002..., column key_b: the two keys stand in 2 rows"),
        (f"split,{KEYS['c']},{KEYS['b']},{DECIDED}",
         "row of split of a002... and a001..., column rule: the two keys are merged in another"),
    ],
}
# A chain d - e - f - g, whose ends are split; a and b are two others.
CHAIN = [f"merge,{KEYS[one]},{KEYS[two]},{DECIDED}" for one, two in ("ed", "fe", "fg")]
CHAIN_SPLIT = f"split,{KEYS['d']},{KEYS['g']},{DECIDED}"


def numbers(letters):
    return tuple(int(KEYS[letter][:15], 16) for letter in letters)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A copy with the seeds, their tests, the models that read them alone, and no more."""
    workshop = Workshop(tmp_path_factory.mktemp("policy")).without_comments()
    data = workshop.use("empty")
    workshop.land(data / "raw", only_empty=True)
    identity = workshop.project / "models/intermediate/identity"
    models = {path.name: path.read_text() for path in identity.glob("*.sql")}
    shutil.rmtree(workshop.project / "models")
    shutil.rmtree(workshop.project / "analyses")
    for path in (workshop.project / "tests").iterdir():
        if path.name not in ("generic", "seeds"):
            shutil.rmtree(path)
    # Conditions are over models that are not here.
    for seed in ("audiences", "tag_rules"):
        (workshop.project / f"seeds/{seed}.csv").unlink()
        for path in (workshop.project / "tests/seeds").iterdir():
            if f"ref('{seed}')" in path.read_text():
                path.unlink()
    identity.mkdir(parents=True)
    for name in ("int_blocked_values.sql", "int_identity_merges.sql", "int_identity_splits.sql"):
        (identity / name).write_text(models[name])
    (identity / "int_all__identifiers.sql").write_text(
        "select 'phone' as identifier_type, '+8613812345678' as identifier_value")
    return workshop


def write(workshop, **rows):
    """Give the seeds these rows; the others their right ones."""
    for seed in SEEDS:
        lines = [HEAD[seed], *rows.get(seed, RIGHT[seed])]
        (workshop.project / "seeds" / f"{seed}.csv").write_text("\n".join(lines) + "\n")


def results(target):
    """What became of each node of the last build."""
    told = json.loads((target / "run_results.json").read_text())["results"]
    return {one["unique_id"].split(".")[2]: one for one in told}


def build(workshop):
    """Build; give what became of each node, and all that was said."""
    _, said = workshop.dbt("build")
    return results(workshop.project / "target"), said


def rows(cases):
    return {seed: [row for row, _ in told] for seed, told in cases.items()}


def untold(said, cases):
    """What should have been said and was not."""
    lines = [f"seeds/{seed}.csv, {told}" for seed, each in cases.items() for _, told in each]
    return [line for line in lines if line not in said]


def test_a_wrong_cell_is_named_before_its_seed_is_loaded(workshop):
    write(workshop, **rows(CELLS))
    nodes, said = build(workshop)
    assert not untold(said, CELLS), said
    assert {nodes[seed]["status"] for seed in SEEDS} == {"error"}
    assert {nodes[model]["status"] for model in MODELS} == {"skipped"}
    assert explained(nodes["identifier_types"]["message"]).startswith(
        "Compilation Error in seed identifier_types (seeds/identifier_types.csv) seeds/identifier_"
        "types.csv, line 2 (identifier_type phone), column role: 'lnking' is not one of linking")
    assert "12345678" not in said


def test_cells_that_do_not_fit_each_other_are_named(workshop):
    write(workshop, **rows(MEANING))
    nodes, said = build(workshop)
    assert not untold(said, MEANING), said
    assert {nodes[model]["status"] for model in MODELS} == {"skipped"}
    assert explained(nodes["assert_identifier_types_make_sense"]["message"]).startswith(
        "Conversion Error: Could not convert string 'seeds/identifier_types.csv, row of identifier")
    assert "12345678" not in said and "Li@x" not in said


def test_a_split_within_a_chain_of_merges_is_named(workshop):
    write(workshop, identity_rules=[*CHAIN, CHAIN_SPLIT])
    nodes, said = build(workshop)
    assert ("seeds/identity_rules.csv, row of split of a003... and a006..., column rule: "
            "the two keys are one person by a chain of merges") in said
    assert nodes["int_identity_merges"]["status"] == "success"
    assert nodes["int_identity_splits"]["status"] == "skipped"


def test_right_rules_are_read_the_same_on_both_engines(workshop, tmp_path):
    split = [f"split,{KEYS['g']},{KEYS['a']},{DECIDED}", f"split,{KEYS['a']},{KEYS['e']},{DECIDED}"]
    merged = [(numbers(letter)[0], numbers("d")[0]) for letter in "defg"]
    expected = {"merges": merged, "splits": [(*numbers("ad"), 1)]}
    write(workshop, identity_rules=[*CHAIN, *split])
    workshop.succeed("build")
    with duckdb.connect(str(workshop.data / "omniloop.duckdb"), read_only=True) as con:
        for name, found in expected.items():
            query = f"select * from intermediate.int_identity_{name} order by 1"
            assert con.execute(query).fetchall() == found
    with postgres() as host:
        assert parity.build(workshop.project, host, tmp_path)
        with cursor(host) as con:
            for name, found in expected.items():
                con.execute(f"select * from intermediate.int_identity_{name} order by 1")
                assert con.fetchall() == found
        # Lists without a row are lists too.
        write(workshop)
        assert parity.build(workshop.project, host, tmp_path)
        write(workshop, **rows(MEANING))
        assert not parity.build(workshop.project, host, tmp_path)
    nodes = results(tmp_path)
    assert not untold("\n".join(str(one["message"]) for one in nodes.values()), MEANING)
    first = explained(nodes["assert_identifier_types_make_sense"]["message"])
    assert 'integer: "seeds/identifier_types.csv, row of identifier_type' in first
