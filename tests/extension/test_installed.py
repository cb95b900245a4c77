"""Installed probes: made once and when needed, guarded, and closed."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, UsageFault
from scicat_harness.extension.installed import GROUP, Probes
from scicat_harness.extension.probe import Contexts
from scicat_harness.model.text import Text

from .packages import probes

NOWHERE = Contexts({}, {})


def test_one_is_made_once_and_closed_once(tmp_path: Path) -> None:
    installed = probes(tmp_path, kafka="", unused="")
    first = installed.find("kafka")
    assert first is not None
    assert installed.find("kafka") is first
    assert [each.kind for each in installed.used] == ["kafka"]
    installed.close()
    installed.close()
    (module,) = tmp_path.glob("probe_of_kafka_*.py")
    assert sys.modules[module.stem].Probe.closed == 1
    assert Probes().find("kafka") is None


def test_its_options_come_without_the_action_type(tmp_path: Path) -> None:
    found = probes(tmp_path, kafka="def lint(self, options, operation): return [str(options)]")
    probe = found.find("kafka")
    assert probe is not None
    assert probe.lint({"actionType": "kafka", "topic": "t"}, "create") == ["{'topic': 't'}"]


def test_two_that_offer_the_same_are_refused() -> None:
    several = Probes([EntryPoint("kafka", f"{name}:Probe", GROUP) for name in ("a", "b")])
    with pytest.raises(UsageFault, match=r"\(a:Probe\) and .*\(b:Probe\) offer the same"):
        several.find("kafka")


def test_what_breaks_in_a_run_is_no_verdict(tmp_path: Path) -> None:
    found = probes(
        tmp_path,
        kafka="""
        def predict(self, options, contexts, render): return options["topic"]
        def arrivals(self): raise OSError("gone")
        def close(self): raise OSError("gone")
        """,
    )
    probe = found.find("kafka")
    assert probe is not None
    with pytest.raises(EnvironmentFault, match=r"entry point 'kafka' .* predict raised KeyError"):
        probe.predict({}, NOWHERE, Text)
    with pytest.raises(EnvironmentFault, match="arrivals raised OSError: gone"):
        probe.arrivals(1.0)
    found.close()


def test_one_that_does_not_settle_makes_it_unknown(tmp_path: Path) -> None:
    probe = probes(tmp_path, kafka="def settle(self, deadline): return deadline > 1").find("kafka")
    assert probe is not None
    assert probe.arrivals(2.0) == []
    with pytest.raises(DeadlineExceeded, match=r"not settled within 0\.5 s"):
        probe.arrivals(0.5)
