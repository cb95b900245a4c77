"""Rows: every check in one line, as compact data that the script of the page makes tables of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.page.detail import Detail
from scicat_harness.report.rules import rule_text
from scicat_harness.report.summary import module_of

__all__ = ["embedded", "name_of", "rows"]


class _Texts:
    """Each text once, known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


def name_of(case: str) -> str:
    """What is left of a case beside its module."""
    return case.partition("::")[2] or case


def rows(checks: Sequence[CheckReport], details: Mapping[int, Detail]) -> dict[str, Any]:
    """The checks by their numbers; ``details`` are those that the script shows.

    A row holds numbers of ``texts``: module, name, operation, api, identity, job type, verdict,
    expected, observed, rule, ledger entry, reason; then status and milliseconds as they are.
    """
    texts = _Texts()
    lines = []
    for told in checks:
        record = told.record
        names = (
            *(module_of(record.case), name_of(record.case), record.operation, record.api),
            *(record.identity, record.job_type, str(record.verdict)),
            *(record.expected, record.observed, record.deciding, record.ledger, record.reason),
        )
        line = [texts.number(each) for each in names]
        lines.append([*line, record.status, round(told.seconds * 1000)])
    used = {told.record.deciding for told in checks} - {""}
    return {
        "texts": texts.all(),
        "rows": lines,
        "rules": {rule: rule_text(rule).sentence for rule in sorted(used)},
        "details": {number: each.to_json() for number, each in details.items()},
    }


def embedded(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element it stands in, nor begin anything else."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
