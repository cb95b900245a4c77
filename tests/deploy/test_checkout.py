"""Which checkout was judged: its folder and its commit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scicat_harness.deploy.process import ProcessDeployment

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What looks like a built checkout, in a folder that Git tracks."""
    if shutil.which("git") is None:
        pytest.skip("git is not on the PATH")
    folder = tmp_path / "backend"
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / "main.js").touch()
    (folder / "node_modules").mkdir()
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True)


def about(checkout: Path, tmp_path: Path) -> dict[str, str]:
    return dict(ProcessDeployment(tmp_path / "run", checkout, "mongodb://127.0.0.1:1/").about())


def test_the_commit_is_named_by_the_tag_before_it(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "init")
    git(checkout, "add", "dist")
    git(checkout, "commit", "-m", "one")
    git(checkout, "tag", "v5.2.1")
    assert about(checkout, tmp_path) == {"checkout": str(checkout), "commit": "v5.2.1"}
    (checkout / "dist" / "main.js").write_text("changed")
    assert about(checkout, tmp_path)["commit"] == "v5.2.1-dirty"


def test_a_folder_within_another_repository_has_no_commit(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "around")
    assert about(checkout, tmp_path) == {"checkout": str(checkout)}
