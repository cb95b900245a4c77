"""verify offers to install the JavaScript libraries, and goes on without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli import libraries
from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript import Missing
from scicat_harness.javascript.library import PinnedLibraries


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders into which something was installed; the libraries are missing."""
    found: list[Path] = []
    monkeypatch.setattr(libraries, "find_engine", lambda _: Missing("none", installable=True))
    monkeypatch.setattr(PinnedLibraries, "install", lambda _, folder: found.append(folder))
    return found


def test_yes_installs_without_asking(installed: list[Path]) -> None:
    libraries.offer_libraries(None, yes=True)
    assert len(installed) == 1


def test_nobody_is_asked_without_a_terminal(installed: list[Path]) -> None:
    libraries.offer_libraries(None, yes=False)
    assert installed == []


@pytest.mark.parametrize(("answer", "times"), [(True, 1), (False, 0)])
def test_somebody_at_a_terminal_is_asked(
    answer: bool, times: int, installed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: answer)
    libraries.offer_libraries(None, yes=False)
    assert len(installed) == times


@pytest.mark.usefixtures("installed")
def test_what_cannot_be_installed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: PinnedLibraries, folder: Path) -> None:
        raise EnvironmentFault(f"{folder}: no registry")

    monkeypatch.setattr(PinnedLibraries, "install", fails)
    libraries.offer_libraries(None, yes=True)
    assert "not installed: " in capsys.readouterr().err


def test_without_node_there_is_nothing_to_install(
    installed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "find_engine", lambda _: Missing("there is no Node"))
    libraries.offer_libraries(None, yes=True)
    assert installed == []
