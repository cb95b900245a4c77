"""matrix --against: what became more permissive for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Say, say

__all__ = ["say"]

BEFORE = """\
configVersion: v1
jobs: [{jobType: x, create: {auth: "@staff"}, update: {auth: alice}}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "before.yaml").write_text(BEFORE)
    after = BEFORE.replace("@staff", "@other").replace("alice", "bob")
    (tmp_path / "after.yaml").write_text(after)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_group_that_one_side_names_is_compared_on_both(say: Say) -> None:
    code, text = say("matrix", "before.yaml", "--against", "after.yaml")
    assert code == 1
    assert text.splitlines() == [
        "! create x: no -> yes, as harness-of-other",
        "! update x: no -> yes, as bob",
        "create x: yes -> no, as harness-of-staff",
        "update x: yes -> no, as alice",
    ]
    assert say("matrix", "before.yaml", "--against", "before.yaml") == (0, "no difference\n")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--against", "after.yaml", "--format", "html"), "--format html is for tables"),
        (("--output", "before.yaml"), "is the job configuration"),
        (("--output", "../{}/before.yaml"), "is the job configuration"),
        (("--against", "after.yaml", "--output", "./after.yaml"), "is the job configuration"),
    ],
)
def test_what_would_be_lost_is_refused(
    given: tuple[str, ...], says: str, folder: Path, say: Say
) -> None:
    after = (folder / "after.yaml").read_text()
    code, text = say("matrix", "before.yaml", *(each.format(folder.name) for each in given))
    assert (code, (folder / "before.yaml").read_text()) == (3, BEFORE)
    assert (folder / "after.yaml").read_text() == after
    assert says in text
