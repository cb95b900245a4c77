"""Accepted findings: left out until their date, and strict both ways."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from scicat_harness.accepted import read_accepted
from scicat_harness.errors import UsageFault
from scicat_harness.lint import Report
from scicat_harness.lint.accepted import without_accepted

from .case import HEAD, Case, typed

TODAY = datetime.date(2026, 6, 1)
OPEN = Case("open", None, 0, HEAD + typed("t", "#all") + typed("u", "#all"))
ENTRY = """\
- rule: expose.create-all
  place: t create
  reason: everybody may ask
  owner: data-team@site.example
  until: 2026-12-31
"""


def judged(tmp_path: Path, entries: str) -> Report:
    file = tmp_path / "scicat-accepted.yaml"
    file.write_text(entries, encoding="utf-8")
    return without_accepted(OPEN.judged(tmp_path, None), file, read_accepted(file).findings, TODAY)


def rules(report: Report) -> list[str]:
    return sorted(each.rule for each in report.findings)


def test_the_named_finding_is_left_out(tmp_path: Path) -> None:
    report = judged(tmp_path, ENTRY)
    assert rules(report) == ["expose.create-all"]
    assert report.findings[0].subject.startswith("u")
    (accepted,) = report.accepted
    assert accepted.startswith("expose.create-all: t create: everybody may ask (until 2026-12-31")


def test_a_place_may_be_a_pattern_or_a_file(tmp_path: Path) -> None:
    for place in ("'* create'", "jobs.yaml"):
        assert rules(judged(tmp_path, ENTRY.replace("t create", place))) == []


def test_past_its_date_it_is_a_finding(tmp_path: Path) -> None:
    report = judged(tmp_path, ENTRY.replace("2026-12-31", "2026-05-31"))
    assert rules(report) == ["accepted.expired", "expose.create-all", "expose.create-all"]
    assert report.accepted == ()


def test_so_is_an_entry_that_matches_nothing(tmp_path: Path) -> None:
    report = judged(tmp_path, ENTRY + ENTRY.replace("t create", "v create"))
    assert rules(report) == ["accepted.unused", "expose.create-all"]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("- rule: x\n", "0.reason: Field required"),
        (ENTRY + "  note: y\n", "0.note: Extra inputs are not permitted"),
        (ENTRY.replace("2026-12-31", "never"), "0.until: "),
        ("a: [", "not valid YAML"),
        ("rule: x", "(top level): "),
    ],
)
def test_a_wrong_entry_is_one_message(entries: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "accepted.yaml"
    file.write_text(entries, encoding="utf-8")
    with pytest.raises(UsageFault) as caught:
        read_accepted(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)
