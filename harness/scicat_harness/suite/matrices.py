"""The matrices of the scenarios, taken from the scenarios themselves, without pytest running."""

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

_SCENARIOS = "scicat_harness.scenarios"
"""Imported by name when asked for: nothing else depends on them."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A scenario that runs on the cases of a builder.

    ``beside`` are the ids of what else it is parametrized by, one text per combination.
    """

    name: str
    """As pytest names it: ``scenarios/create/test_matrix.py::test_every_auth_value``."""
    build: Build
    beside: tuple[str, ...] = ("",)

    def cases(self, profile: Profile) -> Iterator[tuple[str, Any]]:
        """Every case of a profile with the ids of its checks; smoke chooses among standard's."""
        of = Profile.STANDARD if profile is Profile.SMOKE else profile
        for case in self.build(of):
            for each in self.beside:
                yield f"{self.name}[{case.id}{each}]", case


@cache
def matrices() -> Mapping[str, Matrix]:
    """Every ``@matrix`` scenario, by module and function, with dots."""
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
    """Every scenario there is, as pytest names it without brackets."""
    return frozenset(_named(module, name) for module, name, _ in _functions())


def site_of(case: Any) -> str:
    """The name of the site that a case is judged on."""
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
    """The ids of a ``parametrize``; those of a matrix are written down, never made up."""
    return [str(each) for each in mark.kwargs["ids"]]
