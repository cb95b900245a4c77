"""Every section of the specification that the code cites is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPECIFICATION = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
SECTIONS = set(re.findall(r'<a id="([^"]+)"></a>', SPECIFICATION))
_ID = r"[a-z0-9]+(?:[.-][a-z0-9]+)*"
CITED = re.compile(rf"specification: ({_ID}(?:,\s+{_ID})*)")
FOLDERS = ("harness/scicat_harness", "fixtures", "scenarios", "tests", "docs")


def cited() -> dict[str, str]:
    """Every section that is cited, and where for the first time."""
    found: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in (".py", ".md") and path.name != "specification.md":
                for match in CITED.finditer(path.read_text(encoding="utf-8")):
                    for name in re.split(r",\s+", match[1]):
                        # A colon may also end an ordinary clause.
                        if "." in name or name in SECTIONS:
                            found.setdefault(name, str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize(("name", "where"), cited().items(), ids=lambda each: each)
def test_a_section_that_is_cited_is_there(name: str, where: str) -> None:
    assert name in SECTIONS, where


def test_ids_are_unique_and_in_the_contents() -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>', SPECIFICATION)
    assert len(anchors) == len(SECTIONS)
    assert {name for name in SECTIONS if f"(#{name})" not in SPECIFICATION} == set()
