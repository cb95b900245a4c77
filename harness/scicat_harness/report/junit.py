"""JUnit XML, for CI servers: one test case per check, with the ids of pytest.

Verdicts become elements: failed ``failure``, unknown ``error``, not verifiable ``skipped``. Passed,
deviating and accepted cases have none. The output of a case has its rule and known deviations.
"""

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
"""Characters outside of ``Char`` in XML 1.0; they are not allowed in any form, not even escaped."""
_ELEMENTS = {
    Verdict.FAILED: "failure",
    Verdict.UNKNOWN: "error",
    Verdict.NOT_VERIFIABLE: "skipped",
}


class JUnitFile:
    """A consumer that writes the JUnit file when the run has finished.

    The suite has properties for verdict, release, deployment, image, digest, configuration,
    profile, reading and run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._summary = Summary()
        self._at = ""
        self._configuration = ""
        self._cases: list[Element] = []

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep a check; write all of them when the run has finished."""
        self._summary.take(kind, data)
        if kind == "started":
            self._at = data.get("at", "")
            self._configuration = data.get("configuration") or ""
        elif kind == "check":
            record = CheckRecord.from_json(data["record"])
            self._cases.append(_case(record, data["seconds"], data["story"]))
        elif kind == "finished":
            # The counts of the suite come first in the file, so nothing can be written earlier.
            tree = ElementTree.ElementTree(self._suites())
            ElementTree.indent(tree)
            tree.write(self._path, encoding="utf-8", xml_declaration=True)

    def _suites(self) -> Element:
        summary = self._summary
        root = Element("testsuites", name="scicat-harness")
        suite = SubElement(
            root,
            "testsuite",
            name="SciCat jobs",
            tests=str(summary.checks),
            failures=str(summary.counts[Verdict.FAILED]),
            errors=str(summary.counts[Verdict.UNKNOWN]),
            skipped=str(summary.counts[Verdict.NOT_VERIFIABLE]),
            time=f"{summary.seconds:.3f}",
            timestamp=self._at,
        )
        properties = SubElement(suite, "properties")
        for name, value in self._properties():
            SubElement(properties, "property", name=name, value=_allowed(value))
        suite.extend(self._cases)
        return root

    def _properties(self) -> list[tuple[str, str]]:
        summary = self._summary
        named = {
            "verdict": summary.verdict,
            "release": summary.backend_version,
            "unobserved": summary.unobserved,
            "deployment": summary.deployment,
            "image": summary.image,
            "digest": summary.digest,
            "configuration": self._configuration,
            "profile": summary.profile,
            "expect": summary.expect,
            "run": summary.run,
        }
        return [(name, value) for name, value in named.items() if value]


def _case(record: CheckRecord, seconds: float, story: str) -> Element:
    path, _, name = record.case.partition("::")
    # Class names as in pytest's own JUnit files: the module path with dots.
    case = Element(
        "testcase",
        classname=_allowed(path.removesuffix(".py").replace("/", ".")),
        name=_allowed(name or path),
        time=f"{seconds:.4f}",
    )
    if name:
        case.set("file", _allowed(path))
    element = _ELEMENTS.get(Verdict(record.verdict))
    if element is not None:
        ending = SubElement(case, element, message=_allowed(record.reason))
        ending.set("type", _allowed(record.deciding or element))
        ending.text = _allowed(story)
    # The schema of JUnit files has no properties for a case.
    named = {
        "rule": record.deciding,
        "known deviation": ", ".join(record.deviations),
        "accepted": record.accepted,
    }
    lines = [f"{key}: {value}" for key, value in named.items() if value]
    if lines:
        SubElement(case, "system-out").text = _allowed("\n".join(lines))
    return case


def _allowed(text: str) -> str:
    # ElementTree would write these characters, and no parser would read the file.
    return _FORBIDDEN.sub("\ufffd", text)
