"""JUnit XML, for CI servers: one case per check, under the ids that pytest gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.summary import Summary

__all__ = ["JUnitFile"]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, escaped or not."""
_ENDS = {
    Verdict.FAILED: "failure",
    Verdict.UNKNOWN: "error",
    Verdict.NOT_VERIFIABLE: "skipped",
}


class JUnitFile:
    """Writes the file when the run has finished."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._summary = Summary()
        self._at = ""
        self._configuration = ""
        self._cases: list[Element] = []

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Remember a check; write all of them in the end."""
        self._summary.take(kind, data)
        if kind == "started":
            self._at = data.get("at", "")
            self._configuration = data.get("configuration") or ""
        elif kind == "check":
            record = CheckRecord.from_json(data["record"])
            self._cases.append(_case(record, data["seconds"], data["story"]))
        elif kind == "finished":
            tree = ElementTree.ElementTree(self._suites())
            ElementTree.indent(tree)
            tree.write(self._path, encoding="utf-8", xml_declaration=True)

    def _suites(self) -> Element:
        told = self._summary
        root = Element("testsuites", name="scicat-harness")
        suite = SubElement(
            root,
            "testsuite",
            name="SciCat jobs",
            tests=str(told.checks),
            failures=str(told.counts[Verdict.FAILED]),
            errors=str(told.counts[Verdict.UNKNOWN]),
            skipped=str(told.counts[Verdict.NOT_VERIFIABLE]),
            time=f"{told.seconds:.3f}",
            timestamp=self._at,
        )
        properties = SubElement(suite, "properties")
        for name, value in self._properties():
            SubElement(properties, "property", name=name, value=_allowed(value))
        suite.extend(self._cases)
        return root

    def _properties(self) -> list[tuple[str, str]]:
        told = self._summary
        named = {
            "verdict": told.verdict,
            "release": told.backend_version,
            "unobserved": told.unobserved,
            "deployment": told.deployment,
            "image": told.image,
            "digest": told.digest,
            "configuration": self._configuration,
            "profile": told.profile,
            "expect": told.expect,
            "run": told.run,
        }
        return [(name, value) for name, value in named.items() if value]


def _case(record: CheckRecord, seconds: float, story: str) -> Element:
    path, _, name = record.case.partition("::")
    case = Element(
        "testcase",
        classname=_allowed(path.removesuffix(".py").replace("/", ".")),
        name=_allowed(name or path),
        time=f"{seconds:.4f}",
    )
    told = {"rule": record.deciding, "known_deviation": ", ".join(record.deviations)}
    if any(told.values()):
        properties = SubElement(case, "properties")
        for key, value in told.items():
            if value:
                SubElement(properties, "property", name=key, value=_allowed(value))
    end = _ENDS.get(Verdict(record.verdict))
    if end is not None:
        ended = SubElement(case, end, message=_allowed(record.reason))
        ended.set("type", _allowed(record.deciding or end))
        ended.text = _allowed(story)
    return case


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
