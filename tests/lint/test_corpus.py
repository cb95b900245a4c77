"""Every rule on a small configuration that breaks it, and none on those that break none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import RULES, FindingSeverity
from scicat_harness.lint.formats import FORMATS

from .broken import DIALECTS, STARTS
from .case import Case, found
from .risky import ACCESS, ACTING, CLEAN, TEMPLATES

BROKEN = [*STARTS, *DIALECTS, *ACCESS, *TEMPLATES, *ACTING]


@pytest.mark.parametrize("case", [*BROKEN, *CLEAN], ids=lambda case: case.name)
def test_exactly_one_finding(case: Case, engine: JavaScriptEngine, tmp_path: Path) -> None:
    report = case.judged(tmp_path, engine)
    assert found(report) == case.expected
    assert report.unverifiable == ()
    assert report.verdict.starts == (case.rule is None or not RULES[case.rule].stops)


OF_PLUGINS = {"plugin.needed", "plugin.action"}
"""Need a probe: test_plugins.py."""
OF_ACCEPTED = {"accepted.unused", "accepted.expired"}
"""Need a file of accepted findings: test_accepted.py."""


def test_every_rule_has_a_case() -> None:
    assert set(RULES) - {case.rule for case in BROKEN} == OF_PLUGINS | OF_ACCEPTED
    assert len({case.name for case in BROKEN}) == len(BROKEN) >= 60


def test_rules_are_sentences_with_a_source() -> None:
    for rule in RULES.values():
        assert rule.about.endswith("."), rule.id
        assert rule.fix.endswith("."), rule.id
        assert rule.source, rule.id
        assert isinstance(rule.severity, FindingSeverity)


SURE = [
    case
    for case in [*STARTS, *DIALECTS]
    if case.name not in ("schema-type", "regex-group", "log-init")
]


@pytest.mark.parametrize("case", SURE, ids=lambda case: case.name)
def test_without_an_engine_most_starts_are_told(case: Case, tmp_path: Path) -> None:
    report = case.judged(tmp_path, None)
    if case.rule is not None and RULES[case.rule].stops:
        assert case.rule in {rule for rule, _, _ in found(report)}
        assert not report.verdict.starts


def test_without_an_engine_nothing_is_silently_clean(tmp_path: Path) -> None:
    for case in (*TEMPLATES, STARTS[24]):
        report = case.judged(tmp_path, None)
        assert report.unverifiable, case.name
        assert all("there is no node" in each for each in report.unverifiable)


def test_no_secret_is_shown(engine: JavaScriptEngine, tmp_path: Path) -> None:
    for case in BROKEN:
        report = case.judged(tmp_path, engine)
        for name, rendered in FORMATS.items():
            assert "hush" not in rendered(report), (case.name, name)
