"""Conditions of alarms: what reads, and what is said of what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.condition import All, ConditionFault, Not, Some, Term, parse, terms
from data.line import KPI_IDS, ROLES
from data.line_file import LineFaults, load_line, parse_line

SMALL = load_line("small").text


def read(text: str) -> object:
    return parse(text, KPI_IDS, ROLES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("B030.state = failed", Term("state", "B030", "=", "failed")),
        ("state(B030) == failed", Term("state", "B030", "=", "failed")),
        ("P030.process_value<172", Term("value", "P030.process_value", "<", 172.0)),
        ("power(B010) > 1.2e2", Term("power", "B010", ">", 120.0)),
        ("age(P_B010.value) >= 10", Term("age", "P_B010.value", ">=", 10.0)),
        ("oee < 0.6", Term("kpi", "oee", "<", 0.6)),
        ("kpi(oee) < .6", Term("kpi", "oee", "<", 0.6)),
        ("balance_error > 1e-9", Term("balance_error", "", ">", 1e-9)),
        ("balance_error(natural_gas) > -1", Term("balance_error", "natural_gas", ">", -1.0)),
        ('B010.vehicle != "no body"', Term("value", "B010.vehicle", "!=", "no body")),
    ],
)
def test_a_comparison_reads(text: str, wanted: Term) -> None:
    assert read(text) == wanted


def test_and_binds_before_or_and_not_before_both() -> None:
    a, b, c = (Term("kpi", "oee", "<", float(n)) for n in (1, 2, 3))
    assert read("oee < 1 or oee < 2 and not oee < 3") == Some((a, All((b, Not(c)))))
    assert read("(oee < 1 or oee < 2) AND oee < 3") == All((Some((a, b)), c))


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 1, "expected a name"),
        ("oee", 4, "expected <"),
        ("oee <", 6, "expected a number"),
        ("oee < 1 oee", 9, 'expected "and"'),
        ("oee < 1 and", 12, "expected a name"),
        ("(oee < 1", 9, 'expected ")"'),
        ("oee < 1)", 8, 'not ")"'),
        ("oee > 1e999", 7, "more than a number can be"),
        ("oee & 1", 5, '"&" means nothing'),
        ("speed(B010) > 3", 1, 'no such quantity "speed"'),
        ("B010 > 3", 1, "no KPI and no signal"),
        ("import os", 1, "no KPI and no signal"),
        ("not " * 40 + "oee < 1", 85, "nested deeper"),
        ("(" * 40 + "oee < 1" + ")" * 40, 22, "nested deeper"),
    ],
)
def test_a_fault_says_where(text: str, at: int, said: str) -> None:
    with pytest.raises(ConditionFault, match=r"at character") as caught:
        read(text)
    assert (caught.value.at, said in caught.value.limit) == (at, True), str(caught.value)


@given(st.text(max_size=60))
def test_whatever_is_written_reads_or_is_a_fault(text: str) -> None:
    found: int | list[Term]
    try:
        found = list(terms(parse(text, KPI_IDS, ROLES)))
    except ConditionFault as fault:
        found = fault.at
    assert found if isinstance(found, list) else 1 <= found <= len(text) + 1


def with_alarm(when: str) -> str:
    return SMALL + f'\n[[alarm]]\nid = "mine"\nwhen = {when!r}\npriority = "low"\n'


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("B0300.state = failed", 'no such station "B0300"; did you mean "B030"'),
        ("B030.state = faild", 'no such state "faild"; did you mean "failed"'),
        ("B030.state > 3", 'a state is compared by "=" or "!="'),
        ("power(B0100) > 3", 'no such metered station or meter "B0100"; did you mean "B010"'),
        ("age(P_B010.valu) > 3", 'no such signal "P_B010.valu"; did you mean "P_B010.value"'),
        ("age(P_B010.value) < 3", 'age is compared by ">"'),
        ("kpi(oe) < 3", 'no such KPI "oe"; did you mean "oee"'),
        ("oee < high", 'must be compared with a number, not "high"'),
        ("balance_error(water_) > 1", 'no such carrier "water_"; did you mean "water"'),
        ("quality(P_B010.value) = awful", 'no such quality "awful"'),
        ("P_B010.value > 1 and B031.state = x", 'no such station "B031"'),
    ],
)
def test_check_names_what_is_not_there(when: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "line.toml"
    path.write_text(with_alarm(when), "utf-8")
    with pytest.raises(LineFaults) as caught:
        load_line(path)
    assert said in str(caught.value)
    assert "alarm[3].when (mine)" in str(caught.value)


def test_a_log_of_another_version_reads_all_the_same() -> None:
    line = parse_line(with_alarm("vibration(B010) ~ 3"), "a.glog")
    assert line.alarms[-1].condition is None
