"""Mutants as data: their place, their diff, which checks run them, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scicat_harness.mutate.copy import MutatedCopy
from scicat_harness.mutate.coverage import Coverage
from scicat_harness.mutate.equivalent import Equivalents
from scicat_harness.mutate.mutant import Mutant
from scicat_harness.mutate.result import Fate, Result, Results

FILE = "src/jobs/a.ts"
TEXT = "function f(a) {\n  if (a <= 1) {\n    return one(\n      a);\n  }\n}\n"


def mutant(number: int, replacement: str, *place: int, kind: str = "Mutation") -> Mutant:
    start_line, start_column, end_line, end_column = place
    data = {
        "id": str(number),
        "fileName": f"/copy/{FILE}",
        "mutatorName": kind,
        "replacement": replacement,
        "location": {
            "start": {"line": start_line, "column": start_column},
            "end": {"line": end_line, "column": end_column},
        },
    }
    return Mutant.parse(data, Path("/copy"), {FILE: TEXT})


ON_ONE_LINE = mutant(0, "a < 1", 1, 6, 1, 12, kind="EqualityOperator")
ON_TWO_LINES = mutant(1, "two()", 2, 11, 3, 8)


def test_a_mutant_knows_what_it_replaces() -> None:
    assert ON_ONE_LINE.original == "a <= 1"
    assert ON_ONE_LINE.line == 2
    assert ON_TWO_LINES.original == "one(\n      a)"
    assert str(ON_ONE_LINE) == "0 src/jobs/a.ts:2 EqualityOperator"


def test_a_mutant_is_shown_as_a_diff() -> None:
    assert ON_TWO_LINES.applied(TEXT) == TEXT.replace("one(\n      a)", "two()")
    assert ON_ONE_LINE.diff(TEXT, around=0) == [
        "@@ -2 +2 @@",
        "-  if (a <= 1) {",
        "+  if (a < 1) {",
    ]


ORDER = ["scenarios/a.py::one", "scenarios/a.py::two", "scenarios/b.py::three"]


def coverage(**tests: list[str]) -> Coverage:
    named = {"one": ORDER[0], "two": ORDER[1], "three": ORDER[2], "none": "-"}
    reports = [
        {"static": ["0", "7"], "tests": {named[name]: ids for name, ids in tests.items()}},
        # The backends of a run report one by one.
        {"static": ["8"], "tests": {}},
    ]
    return Coverage.of(reports, ORDER)


def test_coverage_of_several_backends() -> None:
    found = coverage(two=["0"], one=["0", "1"], none=["2"])
    assert found.checks == {"0": ORDER[:2], "1": ORDER[:1]}
    # 0 runs at load, too, but a request runs it; 2 runs for requests of no check.
    assert found.at_load == {"2", "7", "8"}


def test_the_first_checks_are_of_all_modules() -> None:
    found = coverage(one=["0"], two=["0"], three=["0"])
    assert found.first(ON_ONE_LINE, 2) == [ORDER[0], ORDER[2]]
    assert found.rest(ON_ONE_LINE, [ORDER[0], ORDER[2]]) == [ORDER[1]]
    assert found.first(ON_ONE_LINE, 60) == ORDER


def test_a_sample_is_of_covered_mutants_and_the_same_for_a_seed() -> None:
    mutants = [mutant(number, "", 0, 0, 0, 1) for number in range(30)]
    found = coverage(one=[str(number) for number in range(20)])
    first = found.sample(mutants, 5, "a")
    assert len(first) == 5
    assert first == found.sample(reversed(mutants), 5, "a") != found.sample(mutants, 5, "b")
    assert all(int(each.id) < 20 for each in first)
    assert len(found.sample(mutants, None, "a")) == 20


def test_equivalent_mutants_are_named_by_line_and_replacement() -> None:
    entry = {"file": FILE, "line": "if (a <= 1) {", "replacement": "a < 1", "reason": "why"}
    listed = Equivalents([entry])
    assert listed.reason(ON_ONE_LINE, TEXT) == "why"
    assert listed.reason(ON_TWO_LINES, TEXT) is None
    assert listed.reason(mutant(2, "true", 1, 6, 1, 12), TEXT) is None
    assert Equivalents([{**entry, "replacement": "*"}]).reason(
        mutant(2, "true", 1, 6, 1, 12), TEXT
    ) == ("why")


def test_methods_that_are_not_about_jobs() -> None:
    text = (
        "class A {\n  jobsAccess(user) {\n    a();\n  }\n\n  private async datasetAccess(\n    b\n"
    )
    entry = {"file": FILE, "method": "dataset*", "reason": "about datasets"}
    listed = Equivalents(outside=[entry])
    for line, reason in ((2, None), (4, None), (6, "about datasets")):
        assert listed.reason(mutant(1, "c", line, 0, line, 0), text) == reason
    # A line that the file has several times is one of one method.
    entry = {"file": FILE, "line": "a();", "replacement": "*", "reason": "why"}
    for method, reason in (("jobs*", "why"), ("dataset*", None)):
        listed = Equivalents([{**entry, "method": method}])
        assert listed.reason(mutant(1, "c", 2, 4, 2, 5), text) == reason


def test_several_mutants_of_a_line() -> None:
    entry = {"file": FILE, "line": "if (a <= 1) {", "replacement": "*", "reason": "why"}
    for original, reason in (("a * 1", "why"), ("a", None)):
        assert Equivalents([{**entry, "original": original}]).reason(ON_ONE_LINE, TEXT) == reason


def test_the_list_of_the_package_can_be_read() -> None:
    assert Equivalents.read().reason(ON_ONE_LINE, TEXT) is None


@pytest.fixture
def results(tmp_path: Path) -> Results:
    mutants = {each.id: each for each in (ON_ONE_LINE, ON_TWO_LINES, mutant(2, "", 0, 0, 0, 1))}
    copy = MutatedCopy(tmp_path, mutants, {FILE: TEXT})
    found = coverage(one=["0", "1"])
    fates = [Result(ON_ONE_LINE, Fate.KILLED, ORDER[0]), Result(ON_TWO_LINES, Fate.SURVIVED)]
    return Results(copy, found, fates)


def test_results_show_survivors_with_a_diff(results: Results) -> None:
    text = "\n".join(results.described())
    assert results.noticed == (1, 2)
    assert "1 of 2 mutants noticed (50.0 %), 1 survived, 0 equivalent" in results.headline()
    assert "survived: 1 src/jobs/a.ts:3 Mutation, run by 1 checks" in text
    assert "+    return two();" in text
    assert results.rows()[1:] == [(FILE, "3", "2", "2", "1", "1", "0")]


def test_results_as_a_report_of_stryker(results: Results) -> None:
    report = results.to_stryker()
    mutants: list[dict[str, Any]] = report["files"][FILE]["mutants"]
    assert [each["status"] for each in mutants] == ["Killed", "Survived", "NoCoverage"]
    assert mutants[0]["statusReason"] == ORDER[0]
    # The schema counts from 1.
    assert mutants[0]["location"]["start"] == {"line": 2, "column": 7}
    assert report["files"][FILE]["source"] == TEXT
