"""The example plugin: an action type of its own, linted, predicted and observed."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.extension.installed import GROUP
from scicat_harness.javascript import Missing, find_engine

from ..plugin.runs import ROOT, Run, harness
from .setup import Facility, facility_in

EXAMPLE = ROOT / "docs" / "example-plugin"
SPOOL = {"actionType": "spool", "folder": "archive"}
AREA = {"actionType": "spool", "folder": "{{{env.SPOOL_AREA}}}/{{{job.type}}}"}


def spooling(*actions: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A job type with these actions for create and update, and one without any."""
    both = {"auth": "#all", "actions": [dict(each) for each in actions]}
    return [
        {"jobType": "a", "create": both, "update": both},
        {"jobType": "b", "create": {"auth": "#all"}, "update": {"auth": "#all"}},
    ]


class Packages:
    """Packages on the path, as an installation would leave them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def install(self, name: str, groups: Mapping[str, Mapping[str, str]]) -> None:
        """Leave what tells of a package's entry points."""
        info = self._folder / f"{name}-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
        lines = []
        for group, entries in groups.items():
            lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")

    def write(self, module: str, text: str) -> None:
        """Add a module."""
        (self._folder / f"{module}.py").write_text(text)

    def harness(self, *arguments: str, cwd: Path, twice: str = "") -> Run:
        """``scicat-harness`` with these packages installed."""
        path = os.pathsep.join(map(str, (ROOT, EXAMPLE, self._folder)))
        variables = {"PYTHONPATH": path, "SPOOL_TWICE": twice}
        return harness(*arguments, cwd=cwd, environment=variables)


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages")


@pytest.fixture
def installed(packages: Packages) -> Packages:
    """The example, by the entry points of its own pyproject.toml."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    packages.install("scicat_spool", project["entry-points"])
    return packages


@pytest.fixture
def facility(tmp_path: Path) -> Facility:
    return facility_in(tmp_path, spooling(SPOOL))


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report" / "summary.json").read_text("utf-8"))
    return found


def verify(packages: Packages, facility: Facility, *more: str, twice: str = "") -> Run:
    arguments = ("verify", facility.config, "--report-dir=report", *more)
    return packages.harness(*arguments, cwd=facility.folder, twice=twice)


def test_a_twin_with_the_plugin_is_verified(installed: Packages, facility: Facility) -> None:
    run = verify(installed, facility)
    assert run.code == 0, run.output
    found = summary(facility.folder)
    assert found["verdict"] == "pass"
    assert found["effects"]["other"] > 0
    assert found["checks"]["not_verifiable"] == 0


def test_templates_of_the_plugin_are_rendered(installed: Packages, tmp_path: Path) -> None:
    if isinstance(find_engine(), Missing):
        pytest.skip("handlebars.js is not here")
    facility = facility_in(tmp_path, spooling(AREA, {"actionType": "log"}))
    with (tmp_path / "env").open("a", encoding="utf-8") as file:
        file.write("SPOOL_AREA=hall-3\n")
    run = verify(installed, facility, f"--env={tmp_path / 'env'}", "-k", "actions")
    assert run.code == 0, run.output
    assert summary(tmp_path)["checks"]["not_verifiable"] == 0
    assert "'hall-3/a'" in next(tmp_path.rglob("events.jsonl")).read_text().replace('"', "'")


def test_a_twin_that_writes_twice_fails(installed: Packages, facility: Facility) -> None:
    run = verify(installed, facility, "-k", "create-a-actions", twice="1")
    assert run.code == 1, run.output
    assert "unexpected spool with folder 'archive', line {'id': " in run.output


def test_a_twin_that_does_nothing_fails(installed: Packages, facility: Facility) -> None:
    chosen = ("-k", "update-a-actions", "--defect=actions.update-performs-nothing")
    run = verify(installed, facility, *chosen)
    assert run.code == 1, run.output
    assert "no other with folder 'archive'" in run.output


def test_a_failure_that_the_probe_predicts_is_seen(installed: Packages, tmp_path: Path) -> None:
    facility = facility_in(tmp_path, spooling({"actionType": "spool", "folder": "../out"}))
    run = verify(installed, facility, "-k", "a-actions")
    assert run.code == 0, run.output
    assert '"status":400' in (tmp_path / "report" / "events.jsonl").read_text("utf-8")
    # The reply has no id, so the job that is updated is found by its correlation.
    assert summary(tmp_path)["checks"]["not_verifiable"] == 0


def test_plan_counts_what_the_plugin_does(installed: Packages, facility: Facility) -> None:
    run = installed.harness("plan", facility.config, cwd=facility.folder)
    assert run.code == 0, run.output
    assert run.says("effects, going to sinks only: ", " other")
    assert "not verifiable: a" not in run.output


def test_lint_asks_the_probe(installed: Packages, tmp_path: Path) -> None:
    facility = facility_in(tmp_path, spooling({"actionType": "spool", "folder": "/x", "to": "y"}))
    run = installed.harness("lint", facility.config, cwd=tmp_path)
    assert run.code == 0, run.output
    assert run.says("plugin.needed", "entry point 'spool'", "of scicat_spool 0.1")
    # Two findings of one rule, which is named once.
    assert run.output.count("plugin.action") == 1
    assert run.says("folder '/x' leads out of SPOOL_ROOT", "no option 'to'")


def test_without_the_plugin_nothing_passes(packages: Packages, facility: Facility) -> None:
    linted = packages.harness("lint", facility.config, cwd=facility.folder)
    assert linted.code == 1, linted.output
    assert linted.says("start.unknown-action", "Unknown action type spool")
    planned = packages.harness("plan", facility.config, cwd=facility.folder)
    assert planned.says("not verifiable: a, create, everything: action 'spool'"), planned.output


UNUSABLE = {
    "raises-on-import": ("1 / 0", "cannot be made: ZeroDivisionError: division by zero"),
    "is-not-there": ("", "cannot be made: AttributeError"),
    "cannot-be-made": (
        "def Broken():\n    raise OSError('no disk')",
        "cannot be made: OSError: no disk",
    ),
    "lacks-methods": (
        "class Broken:\n    def lint(self): ...\n    def close(self): ...",
        "Broken lacks predict, environment, arrivals",
    ),
}


@pytest.mark.parametrize(("module", "said"), UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize("command", ["lint", "plan", "verify"])
def test_an_unusable_plugin_is_one_message(
    command: str, module: str, said: str, packages: Packages, facility: Facility
) -> None:
    packages.install("broken", {GROUP: {"spool": "broken:Broken"}})
    packages.write("broken", module)
    run = packages.harness(command, facility.config, cwd=facility.folder)
    assert run.code == 3, run.output
    assert run.says(f"entry point 'spool' of {GROUP} (broken:Broken of broken 0.1)", said)


def test_an_unusable_plugin_of_other_action_types_disturbs_nobody(
    installed: Packages, facility: Facility
) -> None:
    installed.install("broken", {GROUP: {"telegram": "broken:Broken"}})
    installed.write("broken", "1 / 0")
    assert installed.harness("plan", facility.config, cwd=facility.folder).code == 0
