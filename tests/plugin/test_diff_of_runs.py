"""Two runs of the same code show no change; a defect shows, with its cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .runs import harness

PARTS = ("--only=create", "--only=read", "--only=templates")


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a part of a smoke run, with and without effects."""
    return run(tmp_path_factory.mktemp("smoke") / "a", *PARTS)


def run(folder: Path, *arguments: str) -> Path:
    """The report of a smoke run with these arguments."""
    given = ("run", "--profile=smoke", f"--report-dir={folder}", *arguments)
    assert harness(*given, cwd=folder.parent).code in (0, 1)
    return folder


def difference(was: Path, now: Path, code: int) -> dict[str, Any]:
    """What changed, as JSON; the command must end with that code."""
    done = harness("diff", str(was), str(now), "--format", "json", cwd=was.parent)
    assert done.code == code, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def test_the_same_code_twice_is_no_change(smoke: Path, tmp_path: Path) -> None:
    found = difference(smoke, run(tmp_path / "b", "-n", "2", *PARTS), code=0)
    assert (found["conclusion"], found["warnings"]) == ("no change", [])
    assert found["compared"]["cases"] > 600
    assert found["compared"]["effects"] > 300
    assert found["only_in_a"]["cases"] == found["only_in_b"]["cases"] == 0


def test_a_defect_names_its_cells(smoke: Path, tmp_path: Path) -> None:
    chosen = ("--defect=datasets.check.any-instead-of-all", "--only=create")
    found = difference(smoke, run(tmp_path / "b", *chosen), code=1)
    opened = [line for line in found["authorization"] if line["more_permissive"]]
    assert {line["request"] for line in opened} == {"POST /jobs v3", "POST /jobs v4"}
    for line in opened:
        assert (line["was"], line["now"]) == ("deny 403", "allow 201")
    cells = {(cell["identity"], cell["job_type"]) for line in opened for cell in line["cells"]}
    assert ("user1", "owner_access") in cells
    # The rule is one of both auth values that look at all datasets.
    assert {job_type for _, job_type in cells} == {"owner_access", "dataset_access"}


LEAKS = {
    "create.stored-despite.instance-denial": ("create", "effects", "job", "came"),
    "list.leaks": ("read", "authorization", "hidden", "shown"),
}


@pytest.mark.parametrize("defect", LEAKS)
def test_what_a_refusal_leaks_is_more_permissive(defect: str, smoke: Path, tmp_path: Path) -> None:
    folder, group, was, now = LEAKS[defect]
    found = difference(smoke, run(tmp_path / "b", f"--defect={defect}", f"--only={folder}"), code=1)
    opened = [line for line in found[group] if line["more_permissive"]]
    assert opened
    assert {(line["was"], line["now"].partition(",")[0]) for line in opened} == {(was, now)}


def test_since_an_earlier_run_only_changes_are_printed(smoke: Path, tmp_path: Path) -> None:
    chosen = ("--profile=smoke", "--defect=datasets.check.any-instead-of-all", "--only=create")
    folder = tmp_path / "b"
    done = harness("run", f"--since={smoke}", f"--report-dir={folder}", *chosen, cwd=tmp_path)
    # The verdict is that of the whole run.
    assert done.code == 1
    assert "more permissive: create v4/v3 as" in done.output
    assert "403 deny before, 201 allow now" in done.output
    assert "identity x job type" not in done.output
    assert "what differs, worst first" not in done.output
    assert harness("diff", str(smoke), str(folder), cwd=tmp_path).output.strip() in done.output


def test_since_a_run_of_other_checks_failures_are_printed_all_the_same(tmp_path: Path) -> None:
    before = run(tmp_path / "a", "--only=read")
    chosen = ("--profile=smoke", "--defect=datasets.check.any-instead-of-all", "--only=create")
    done = harness("run", f"--since={before}", *chosen, cwd=tmp_path)
    assert done.code == 1
    assert "fails, and is not in this comparison:" in done.output
    assert "more permissive: create v4/v3 as" in done.output


@pytest.mark.parametrize("other", ["nowhere", "."])
def test_since_a_run_that_cannot_be_compared(smoke: Path, tmp_path: Path, other: str) -> None:
    since = smoke / other
    done = harness("run", f"--since={since}", f"--report-dir={smoke}", cwd=tmp_path)
    assert done.code == 3
    assert str(since) in done.output
    assert "judging" not in done.output
