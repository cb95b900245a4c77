"""The matrices of the scenarios, read from the scenario modules without running pytest."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from scicat_harness.fixtures.matrix import Build
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE

__all__ = ["Matrix", "matrices", "scenario_names", "site_of"]

# Imported by name at first use: no other module may import the scenarios (tests/test_imports.py).
_SCENARIOS = "scicat_harness.scenarios"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A scenario that runs on the cases of a builder.

    ``beside`` are the ids of its further parameters, one text per combination.
    """

    name: str
    """The node id of pytest: ``scenarios/create/test_matrix.py::test_every_auth_value``."""
    build: Build
    beside: tuple[str, ...] = ("",)

    def cases(self, profile: Profile) -> Iterator[tuple[str, Any]]:
        """Yield every case of a profile with the id of its check: ``NAME[CASE-PARAMETER]``.

        With further parameters a case has several checks, and is yielded once for each.
        """
        # Smoke selects rows of the standard profile when it runs, by the rules of the oracle.
        of = Profile.STANDARD if profile is Profile.SMOKE else profile
        for case in self.build(of):
            for each in self.beside:
                yield f"{self.name}[{case.id}{each}]", case


@cache
def matrices() -> Mapping[str, Matrix]:
    """Return every ``@matrix`` scenario by its dotted name: ``scenarios.MODULE.FUNCTION``."""
    found = {}
    for module, name, value in _functions():
        marks = list(getattr(value, "pytestmark", ()))
        build = next((mark.args[0] for mark in marks if mark.name == "matrix"), None)
        if build is not None:
            beside = [_ids(mark) for mark in marks if mark.name == "parametrize"]
            ids = tuple("".join(f"-{each}" for each in row) for row in product(*beside))
            found[f"{module}.{name}"] = Matrix(_named(module, name), build, ids)
    return found


@cache
def scenario_names() -> frozenset[str]:
    """Return the node ids of all scenarios, without the brackets of parameters."""
    return frozenset(_named(module, name) for module, name, _ in _functions())


def site_of(case: Any) -> str:
    """Return the name of the site that a case is judged on; by default the union site."""
    name: str = getattr(case, "site", SITE.name)
    return name


def _functions() -> Iterator[tuple[str, str, Any]]:
    package = importlib.import_module(_SCENARIOS)
    for module in pkgutil.walk_packages(package.__path__, f"{_SCENARIOS}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if name.startswith("test_"):
                yield module.name.removeprefix("scicat_harness."), name, value


def _named(module: str, function: str) -> str:
    return f"{module.replace('.', '/')}.py::{function}"


def _ids(mark: Any) -> list[str]:
    """Return the ids of a ``parametrize`` mark; scenarios of a matrix give them explicitly."""
    return [str(each) for each in mark.kwargs["ids"]]
