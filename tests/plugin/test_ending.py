"""What a run has started is ended to the last, even if one of them cannot be ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.plugin.services import Services
from scicat_harness.plugin.setup import Setup


class Closing:
    """Notes that it was closed, and may fail."""

    def __init__(self, name: str, closed: list[str], *, fails: bool = False) -> None:
        self._name = name
        self._closed = closed
        self._fails = fails

    def close(self) -> None:
        """Note it."""
        self._closed.append(self._name)
        if self._fails:
            raise EnvironmentFault(f"{self._name} left behind a process")


def test_services_end_after_a_broker_that_cannot_be_ended() -> None:
    closed: list[str] = []
    services = cast(Any, Services.__new__(Services))
    services.broker = Closing("broker", closed, fails=True)
    services._children = Closing("children", closed)
    services._closed = Closing("port", closed)
    with pytest.raises(EnvironmentFault, match="broker left behind a process"):
        services.close()
    assert closed == ["broker", "children", "port"]


def test_a_setup_reports_what_cannot_be_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    closed: list[str] = []
    setup = cast(Any, Setup(cast(Any, None), "harness-0123abcd", ()))
    folder = setup.folder
    setup._deployment = Closing("deployment", closed, fails=True)
    setup._services = Closing("services", closed, fails=True)
    assert setup.close() == [
        "deployment left behind a process",
        "services left behind a process",
    ]
    assert closed == ["deployment", "services"]
    assert not folder.exists()
    assert setup.close() == []
