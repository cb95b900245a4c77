"""``scicat-harness lint`` and ``javascript``: exit codes, outputs, and what they write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scicat_harness.cli.main import main
from scicat_harness.javascript import Missing, find_engine

Say = Callable[..., tuple[int, str, str]]
CLEAN = """\
configVersion: "1"
jobs:
  - {jobType: t, create: {auth: "#authenticated"}, update: {auth: "#jobOwnerUser"}}
"""
RISKY = CLEAN.replace("#authenticated", "#all")
OLD = CLEAN.replace("update", "statusUpdate").replace("#jobOwnerUser", "archivemanager")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """The exit code of a command, its output and its errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["lint", *arguments])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return run


@pytest.fixture(autouse=True)
def config(tmp_path: Path) -> Path:
    """A clean configuration."""
    file = tmp_path / "jobs.yaml"
    file.write_text(CLEAN)
    return file


def test_clean(say: Say) -> None:
    assert say("jobs.yaml") == (
        0,
        "jobs.yaml: v5.2.1 starts with it\n\n0 errors, 0 warnings, 0 notes\n",
        "",
    )


def test_findings_fail_by_their_severity(say: Say, config: Path) -> None:
    config.write_text(RISKY)
    assert say("jobs.yaml")[0] == 0
    assert say("jobs.yaml", "--fail-on", "warning")[0] == 1
    config.write_text(OLD)
    assert say("jobs.yaml", "--format", "json")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "none.yaml: cannot be read (No such file or directory)"),
        (["."], "cannot be read (Is a directory)"),
        (["jobs.yaml", "--env", "none.env"], "none.env: cannot be read"),
        (["jobs.yaml", "--accounts", "none.json"], "none.json: cannot be read"),
        (["jobs.yaml", "--release", "latest"], "is not of the form v5.2.1"),
        (["jobs.yaml", "--release", "v4.14.0"], "give v4.18.0 or newer"),
        (["jobs.yaml", "--fix", "--fix-to", "x"], "exclude each other"),
        (["jobs.yaml", "--output", "no/where"], "cannot be written"),
        (["jobs.yaml", "--backend-dir", "nowhere"], "--backend-dir nowhere: "),
        (["jobs.yaml", "--format", "xml"], "Invalid value for '--format'"),
    ],
)
def test_wrong_usage(say: Say, arguments: list[str], message: str) -> None:
    code, out, err = say(*arguments)
    assert (code, out) == (3, "")
    assert message in err
    assert "Traceback" not in err


def test_output_goes_into_a_file(say: Say, tmp_path: Path) -> None:
    code, out, _ = say("jobs.yaml", "--format", "sarif", "--output", "x.sarif")
    assert (code, out) == (0, "v5.2.1 starts with it\n")
    assert json.loads((tmp_path / "x.sarif").read_text())["version"] == "2.1.0"


def test_fix_in_place(say: Say, config: Path, tmp_path: Path) -> None:
    config.write_text(OLD)
    env = tmp_path / "backend.env"
    env.write_text("JOB_CONFIGURATION_PATH=jobs.yaml\n")
    (tmp_path / "accounts.json").write_text(
        '[{"username": "a", "password": "x", "email": "a@x.example", "role": ["archivemanager"]}]'
    )
    code, out, err = say(
        "jobs.yaml", "--fix", "--env", "backend.env", "--accounts", "accounts.json"
    )
    assert code == 0
    assert out.startswith("jobs.yaml: v5.2.1 starts with it")
    assert config.read_text() == CLEAN.replace("#jobOwnerUser", "@archivemanager")
    assert env.read_text() == "JOB_CONFIGURATION_FILE=jobs.yaml\n"
    assert "-JOB_CONFIGURATION_PATH" in err
    assert "+++ jobs.yaml" in err


def test_fix_to_another_file(say: Say, config: Path, tmp_path: Path) -> None:
    config.write_text(OLD)
    code, out, _ = say("jobs.yaml", "--fix-to", "new.yaml")
    assert code == 1
    assert out.startswith("new.yaml: v5.2.1 starts with it")
    assert config.read_text() == OLD
    assert 'update: {auth: "archivemanager"}' in (tmp_path / "new.yaml").read_text()


def test_libraries_of_a_backend(say: Say, tmp_path: Path) -> None:
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "node_modules").symlink_to(found.libraries)
    assert say("jobs.yaml", "--backend-dir", "backend")[0] == 0


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a Node of the PATH nor that of the extra."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("scicat_harness.javascript.node.find_spec", lambda _: None)


@pytest.mark.usefixtures("without_node")
def test_without_node(say: Say, config: Path) -> None:
    config.write_text(CLEAN.replace("auth: \"#jobOwnerUser\"", "auth: \"#jobOwnerUser\", actions: "
                                    "[{actionType: log, perform: '{{job.id}}'}]"))  # fmt: skip
    code, out, _ = say("jobs.yaml")
    assert code == 0
    assert "not verifiable here: templates of actions and mails: there is no Node;" in out


@pytest.mark.usefixtures("without_node")
def test_javascript_is_installed_or_told_why_not(
    say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del say
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(["javascript"])
    assert ended.value.code == 2
    assert "there is no npm; run pip install" in capsys.readouterr().err
