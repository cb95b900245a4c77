"""Actions of plugins: a probe that is there makes a start possible, and has its say."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.lint import Report

from ..extension.packages import probes
from .case import Case, acting, found

STRANGE = "actionType: strange, colour: red, size: 3"
SPEAKING = """
    def lint(self, options, operation):
        yield from (f"{operation} has {name}" for name in options)
"""


def judged(folder: Path, text: str, *methods: str) -> Report:
    case = Case("any", None, 0, text)
    return case.judged(folder, None, probes(folder, strange="".join(methods)) if methods else None)


def test_without_a_probe_it_is_unknown(tmp_path: Path) -> None:
    report = judged(tmp_path, acting(STRANGE))
    assert not report.verdict.starts
    assert "Unknown action type strange" in report.verdict.message


def test_each_sentence_of_a_probe_is_a_finding(tmp_path: Path) -> None:
    report = judged(tmp_path, acting(STRANGE), SPEAKING)
    assert report.verdict.starts
    assert [(rule, line) for rule, _, line in found(report)] == [
        ("plugin.needed", 8),
        ("plugin.action", 8),
        ("plugin.action", 8),
    ]
    said = [each.sentence for each in report.findings if each.rule == "plugin.action"]
    assert said == ["create has colour", "create has size"]


@pytest.mark.parametrize("phase", ["perform", "all"])
def test_one_inside_a_switch_is_found(phase: str, tmp_path: Path) -> None:
    inside = f"cases: [{{actions: [{{{STRANGE}}}]}}]"
    switch = f"actionType: switch, phase: {phase}, property: request.type, {inside}"
    report = judged(tmp_path, acting(switch), SPEAKING)
    assert report.verdict.starts
    assert "plugin.action" in {each.rule for each in report.findings}
