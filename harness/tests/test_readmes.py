"""Both READMEs say the same: line by line the same commands, names and figures."""

import calendar
import re
from collections import Counter

import pytest

from harness.dev.workshop import REPO

MONTHS = {name: str(number) for number, name in enumerate(calendar.month_name) if name}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# What is translated although it stands in a name: placeholders, and columns that hold Chinese.
ALIKE = {"来源": "source", "表": "table", "channel_name_zh": "channel_name"}


def lines(name):
    return (REPO / name).read_text("utf-8").splitlines()


def fenced(text):
    """Every line with whether it stands in a fence of commands, a picture, or neither."""
    kind = ""
    for line in text:
        if line.startswith("```"):
            kind = "" if kind else line[3:] or "text"
        yield kind, line


def figures(line):
    """How often each number stands in a line; months count as their numbers."""
    line = re.sub("|".join(MONTHS), lambda month: MONTHS[month[0]], line)
    return Counter(number.rstrip(",").replace(",", "") for number in NUMBER.findall(line))


def names(line):
    """What stands in code marks."""
    found = re.findall(r"`([^`]+)`", line)
    for chinese, english in ALIKE.items():
        found = [name.replace(chinese, english) for name in found]
    return Counter(found)


def command(line):
    """A line of commands without the remark behind it."""
    return re.split(r"\s+#", line)[0].strip()


@pytest.fixture(scope="module")
def pairs():
    english, chinese = lines("README.md"), lines("README.zh-CN.md")
    assert len(english) == len(chinese), "one README has a line that the other lacks"
    return list(zip(fenced(english), fenced(chinese), strict=True))


@pytest.mark.parametrize("told", [figures, names], ids=["figures", "names"])
def test_both_readmes_state_the_same(pairs, told):
    different = [
        f"line {number}: {dict(left)} and {dict(right)}"
        for number, ((kind, english), (_, chinese)) in enumerate(pairs, 1)
        if kind in ("", "text") and (left := told(english)) != (right := told(chinese))
    ]
    assert not different, "\n".join(different)


def test_both_readmes_give_the_same_commands(pairs):
    different = [
        f"line {number}: {english!r} and {chinese!r}"
        for number, ((kind, english), (other, chinese)) in enumerate(pairs, 1)
        if kind != other or (kind == "bash" and command(english) != command(chinese))
    ]
    assert not different, "\n".join(different)


def test_a_changed_figure_name_or_command_is_seen():
    assert figures("from 29 October 2025: 1,234.50") == figures("2025 年 10 月 29 日起：1234.50")
    assert figures("34 %") != figures("35 %") and names("`dim_users`") != names("`dim_user`")
    assert command("make build   # all") == command("make build   # 全部") != command("make test")
