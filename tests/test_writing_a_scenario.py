"""docs/writing-a-scenario.md, followed to the letter in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "writing-a-scenario.md").read_text()
PARTS = ("conftest.py", "fixtures", "harness", "pyproject.toml", "scenarios")
DEADLINE = 300.0


def code_after(heading: str, language: str) -> str:
    """Return the first block of code below a heading."""
    found = re.search(
        rf"^## \d\. {heading}$.*?^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
    )
    assert found is not None, heading
    return found[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, with the example of the page added."""
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / name, symlinks=True, ignore=unwanted)
        else:
            shutil.copy(source, tmp_path / name)
    cases = tmp_path / "fixtures" / "cases.py"
    builder = code_after("The cases of a matrix", "python")
    text = cases.read_text().replace("__all__ = [\n", '__all__ = [\n    "bare_group_cases",\n')
    cases.write_text(f"{text}\n\n{builder}")
    scenario = tmp_path / "scenarios" / "create" / "test_bare_group.py"
    scenario.write_text(code_after("The matrix and its pinned rows", "python"))
    literal = tmp_path / "scenarios" / "create" / "test_new_owners.py"
    literal.write_text(code_after("Literal requests", "python"))
    return tmp_path


def pytest_in(checkout: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a ``pytest`` line of the page in the copy."""
    program, *arguments = command.split()
    assert program == "pytest"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=checkout,
        # Before the installed package: the code under test is that of the copy.
        env={**kept, "PYTHONPATH": str(checkout / "harness")},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def test_the_scenario_of_the_page_passes_and_can_fail(checkout: Path) -> None:
    first = code_after("Run it", "sh").splitlines()[0]
    passed = pytest_in(checkout, f"{first} -n0")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    literal = pytest_in(checkout, "pytest scenarios/create/test_new_owners.py -n0")
    assert literal.returncode == 0, literal.stdout + literal.stderr
    (failing,) = re.findall(r"^pytest .* --defect .*$", PAGE, re.MULTILINE)
    failed = pytest_in(checkout, f"{failing} -n0")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "user5" in failed.stdout
