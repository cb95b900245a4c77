"""Options and arguments that make a run smaller than its profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.fixtures.profile import Profile
from scicat_harness.paths import SCENARIOS
from scicat_harness.plugin.options import Options

__all__ = ["OF_A_FACILITY", "SHARD", "narrowing"]

SHARD = "--shard"

OF_A_FACILITY = "a facility's job configuration"
# Options of pytest that leave cases out, and the names of their fields.
_NARROWING = {"-k": "keyword", "-m": "markexpr", "--maxfail": "maxfail", SHARD: "shard"}
# The same for options whose value may be a path of this machine; reports have the name alone.
_NARROWING_BY_PATH = {
    "--cases": "cases",
    "--failed": "failed",
    "--deselect": "deselect",
    "--ignore": "ignore",
    "--ignore-glob": "ignore_glob",
    "--last-failed": "lf",
    "--stepwise": "stepwise",
}


def narrowing(config: pytest.Config, options: Options) -> list[str]:
    """Return what narrows the run, as reports name it; empty for a whole profile."""
    given = {name: getattr(config.option, field, None) for name, field in _NARROWING.items()}
    chosen = [f"{name} {value}" for name, value in given.items() if value]
    chosen += [
        name for name, field in _NARROWING_BY_PATH.items() if getattr(config.option, field, None)
    ]
    if options.profile is Profile.SMOKE:
        chosen.append(f"--profile {options.profile}")
    parts = _parts_among(config)
    if options.facility is not None:
        chosen.append(OF_A_FACILITY)
        # The folder of its scenarios is all that there is.
        parts = [each for each in parts if each != "facility"]
    return chosen + [f"only {each}" for each in parts]


def _parts_among(config: pytest.Config) -> list[str]:
    """Return the arguments that select a part of the scenarios, or single tests."""
    found = []
    for argument in config.args:
        name, cases, case = argument.partition("::")
        path = (Path(config.invocation_params.dir) / name).resolve()
        if SCENARIOS in path.parents:
            found.append(f"{path.relative_to(SCENARIOS)}{cases}{case}")
        elif cases or path.suffix == ".py":
            found.append(f"{path.name}{cases}{case}")
    return found
