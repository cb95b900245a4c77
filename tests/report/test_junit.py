"""JUnit XML: well-formed whatever is in it, with ids that stay and what was judged."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.junit import JUnitFile
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import read_run

from .folders import CASE, check, seen, write_run

HOSTILE = "]]></failure>\x00\x1b\ud800\ufffe<b>&\"'"


@pytest.fixture
def suite(tmp_path: Path) -> Element:
    """The suite of a run with a check of every verdict."""
    records = [
        check(seen(), case=f"{CASE}{verdict}", verdict=verdict, reason=HOSTILE, ledger="an-entry")
        for verdict in Verdict
    ]
    folder = write_run(
        tmp_path,
        *records,
        stories={f"{CASE}failed": f"the story {HOSTILE}"},
        image="scicat:v5",
        digest=f"scicat@sha256:4f{HOSTILE}",
        configuration="harness-1",
    )
    replay(read_run(folder), [JUnitFile(tmp_path / "junit.xml")])
    (found,) = ElementTree.parse(tmp_path / "junit.xml").getroot()
    return found


def test_the_counts_are_those_of_the_run(suite: Element) -> None:
    names = ("tests", "failures", "errors", "skipped")
    assert [suite.get(name) for name in names] == ["6", "1", "1", "1"]
    assert len(suite.findall("testcase")) == 6


def test_each_verdict_ends_as_ci_servers_know_it(suite: Element) -> None:
    ends = {
        (case.get("name") or "").rpartition("]")[2]: [each.tag for each in case][:-1]
        for case in suite.findall("testcase")
    }
    assert ends == {
        "passed": [],
        "deviating": [],
        "accepted": [],
        "failed": ["failure"],
        "not_verifiable": ["skipped"],
        "unknown": ["error"],
    }


def test_a_case_is_called_as_pytest_calls_it(suite: Element) -> None:
    case = suite.find("testcase")
    assert case is not None
    assert case.get("classname") == "scenarios.create.test_matrix"
    assert case.get("name") == "test_every_auth_value[user1-owner_access-own]passed"


def test_a_case_has_no_elements_but_those_of_the_schema(suite: Element) -> None:
    for case in suite.findall("testcase"):
        # Jenkins and pytest know no properties of a case, and the output comes last.
        assert [each.tag for each in case][-1:] == ["system-out"]
        assert case.find("properties") is None
        assert case.get("file") == "scenarios/create/test_matrix.py"
    output = suite.findtext("testcase/system-out") or ""
    assert "known deviation: an-entry" in output


def test_the_story_is_there_but_for_what_xml_cannot_say(suite: Element) -> None:
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert (failure.text or "").startswith("the story ]]></failure>")


def test_the_properties_tell_what_was_judged(suite: Element) -> None:
    found = {each.get("name"): each.get("value") for each in suite.findall("properties/property")}
    assert (found["release"], found["profile"], found["verdict"]) == ("v5.0.1", "smoke", "fail")
    assert (found["image"], found["configuration"]) == ("scicat:v5", "harness-1")
    assert (found["digest"] or "").startswith("scicat@sha256:4f")
