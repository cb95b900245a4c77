"""Files that a job configuration names are read below given folders only, and never hang."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scicat_harness.lint import Installation, lint
from scicat_harness.lint.namedfile import LARGEST, NamedFiles, NotRead
from scicat_harness.lint.settings import read_environment

from .case import acting

_MAIL = "actionType: email, to: a@b.example, subject: s, bodyTemplateFile: "


@pytest.fixture
def folders(tmp_path: Path) -> NamedFiles:
    """A folder of a configuration and one of templates, beside what is nobody's business."""
    for name in ("config", "templates", "private"):
        (tmp_path / name).mkdir()
    (tmp_path / "private" / "secret").write_text("planted")
    (tmp_path / "templates" / "mail.html").write_text("a mail")
    (tmp_path / "config" / "beside.html").write_text("beside it")
    return NamedFiles(tmp_path / "templates", (tmp_path / "config",))


def test_what_is_below_the_folders_is_read(folders: NamedFiles, tmp_path: Path) -> None:
    inside = tmp_path / "templates" / "deep"
    inside.mkdir()
    (inside / "link.html").symlink_to("../mail.html")
    for name in ("mail.html", "./deep/../mail.html", "deep/link.html", "../templates/mail.html"):
        found = folders.read(name)
        assert not isinstance(found, NotRead), name
        assert found.content == b"a mail"
    # As configurations name it that are written for a container.
    for path in (tmp_path / "templates" / "mail.html", tmp_path / "config" / "beside.html"):
        assert not isinstance(folders.read(str(path)), NotRead)


def test_a_folder_of_links_as_kubernetes_mounts_it(tmp_path: Path) -> None:
    data = tmp_path / "mounted" / "..2026_01_02"
    data.mkdir(parents=True)
    (data / "mail.html").write_text("a mail")
    (tmp_path / "mounted" / "..data").symlink_to("..2026_01_02")
    (tmp_path / "mounted" / "mail.html").symlink_to("..data/mail.html")
    (tmp_path / "config").symlink_to("mounted")
    assert not isinstance(NamedFiles(tmp_path / "config").read("mail.html"), NotRead)


OUTSIDE = ("/etc/passwd", "../private/secret", "link", "linked/secret", "/proc/self/environ")


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_is_not_read(name: str, folders: NamedFiles, tmp_path: Path) -> None:
    (tmp_path / "templates" / "link").symlink_to("/etc/passwd")
    (tmp_path / "templates" / "linked").symlink_to("../private")
    found = folders.read(name)
    assert isinstance(found, NotRead)
    assert found.refused
    assert found.reason == f"it is not below {folders.base} or {tmp_path / 'config'}"


def test_whether_something_outside_is_there_is_not_told(folders: NamedFiles) -> None:
    there, absent = (folders.read(name) for name in ("/etc/passwd", "/etc/no-such-file"))
    assert there == absent


def test_what_is_no_plain_file_is_not_read(folders: NamedFiles) -> None:
    os.mkfifo(folders.base / "pipe")
    (folders.base / "circle").symlink_to("circle")
    with (folders.base / "huge").open("wb") as file:
        file.truncate(LARGEST + 1)
    reasons = {
        "pipe": "it is no regular file",
        "huge": "it is larger than",
        "circle": "loop of symbolic links",
        "a\0b": "NUL",
        "x" * 5000: "cannot be opened",
    }
    for name, reason in reasons.items():
        found = folders.read(name)
        assert isinstance(found, NotRead), name
        assert found.refused, name
        assert reason in found.reason, name


def test_what_is_not_there_and_a_folder_are_no_refusals(folders: NamedFiles) -> None:
    for name in ("nowhere.html", "."):
        found = folders.read(name)
        assert isinstance(found, NotRead)
        assert not found.refused


def test_files_of_secrets_are_not_read_wherever_they_are(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("token")
    (tmp_path / "backend.env").write_text("TOKEN=x")
    (tmp_path / "innocent.html").symlink_to("backend.env")
    files = NamedFiles(tmp_path, secret=(tmp_path / "backend.env",))
    for name in (".git/config", "backend.env", "innocent.html"):
        found = files.read(name)
        assert isinstance(found, NotRead), name
        assert "holds secrets" in found.reason


def test_lint_says_what_it_did_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "backend.env").write_text("TOKEN=planted\n")
    for name in ("/etc/passwd", "pipe", "backend.env"):
        file = tmp_path / "jobs.yaml"
        file.write_text(acting(f"{_MAIL}{name}"))
        report = lint(file, Installation(env=read_environment([tmp_path / "backend.env"])))
        found = [each for each in report.findings if each.rule == "mail.body-not-read"]
        assert [each.place.line for each in found] == [8], name
        assert "--templates" in found[0].fix
        assert "planted" not in repr(report)
