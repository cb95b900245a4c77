"""Rows: every check in one line, as compact data for the script of the page.

Texts are stored once and referred to by number: a standard run has some 9,000 checks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scicat_harness.judge.record import CheckRecord
from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.page.detail import Detail
from scicat_harness.report.rules import rule_text
from scicat_harness.report.summary import module_of

__all__ = ["embedded", "name_of", "rows"]


class _Texts:
    """A table of texts, each stored once under a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        # In order of insertion, so that the position of a text is its number.
        return list(self._numbers)


def name_of(case: str) -> str:
    """Return the name of a case within its module."""
    return case.partition("::")[2] or case


def rows(checks: Sequence[CheckReport], details: Mapping[int, Detail]) -> dict[str, Any]:
    """Return the data of the script; rows are in the order of the checks.

    ``details`` are those that the script shows, by number of the check; of the others it shows
    what is in the row. A row contains numbers of ``texts``: module, name, operation, api, identity,
    job type, verdict, expected, observed, rule, ledger entry, reason, rules that applied, expected
    effects; then status and milliseconds as they are.
    """
    texts = _Texts()
    lines = []
    for check in checks:
        record = check.record
        names = (
            *(module_of(record.case), name_of(record.case), record.operation, record.api),
            *(record.identity, record.job_type, str(record.verdict)),
            *(record.expected, record.observed, record.deciding, record.ledger, record.reason),
            *(", ".join(record.rules), _effects(record)),
        )
        line = [texts.number(each) for each in names]
        lines.append([*line, record.status, round(check.seconds * 1000)])
    used = {check.record.deciding for check in checks} - {""}
    return {
        "texts": texts.all(),
        "rows": lines,
        "rules": {rule: rule_text(rule).sentence for rule in sorted(used)},
        "details": {number: each.to_json() for number, each in details.items()},
    }


def _effects(record: CheckRecord) -> str:
    """Return the channels of the expected effects; empty where nobody looked at effects."""
    return (", ".join(record.effects) or "none, and none arrived") if record.watched else ""


def embedded(data: Mapping[str, Any]) -> str:
    """Return JSON for the content of a script element.

    ``<``, ``>`` and ``&`` are written as escapes of JSON, so that no value can end the element.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # U+2028 and U+2029 end a line in JavaScript before ES2019.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
