"""Collection of scenarios: the cases of each ``@matrix``, chosen by the profile of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import HarnessError
from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.fixtures.case import current, one_per_rule, specified
from scicat_harness.fixtures.folders import folder_of
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE, STATIC_SITE
from scicat_harness.fixtures.sites import named_site
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.paths import SCENARIOS
from scicat_harness.plugin.chosen import chosen
from scicat_harness.plugin.options import Options

__all__ = ["Cases"]

_SEQUENCES = SCENARIOS / "explore"


class Cases:
    """Parametrizes the scenarios of one session.

    Cases of which the specification says nothing are left out. Oracles are made once per site.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._oracles: dict[str, Oracle] = {}
        self._options: Options | None = None

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the random sequences, which only ``explore`` asks for."""
        asked = self._config.option.explore_examples is not None
        return True if collection_path == _SEQUENCES and not asked else None

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out, in the smoke profile, the checks that need backends of their own."""
        # Only if scenarios are collected: the project's own tests may run in the same session.
        if any(each.get_closest_marker("matrix") for each in items) and self._is_smoke():
            chosen = [each for each in items if _has_cases(each)]
            left_out = {*items} - {*chosen}
            config.hook.pytest_deselected(items=[each for each in items if each in left_out])
            items[:] = chosen

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrize a scenario with the cases of its matrix.

        The ids are those of the cases, in the order of the builder. xdist needs the same list in
        every worker.
        """
        marker = metafunc.definition.get_closest_marker("matrix")
        if marker is None:
            return
        cases = self._choose(marker.args[0], metafunc.definition.nodeid)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])

    def _is_smoke(self) -> bool:
        return self._checked_options().profile is Profile.SMOKE

    def _choose(self, build: Any, scenario: str) -> list[Any]:
        options = self._checked_options()
        key = f"{scenario} {options.release} {options.profile}"
        smoke = self._is_smoke()
        built = build(Profile.STANDARD if smoke else options.profile)
        cases = list(current(built, options.release))
        return chosen(key, cases, self._smoke if smoke else lambda all_: [*self._specified(all_)])

    def _smoke(self, cases: Sequence[Any]) -> list[Any]:
        """Return the cases of smoke, which is a part of standard.

        It is the first case for each rule and each permission of a job type, and every effect
        unless its file asks for one per rule.
        """
        on_union = [case for case in cases if _site(case) == SITE.name]
        on_effects = [case for case in cases if _site(case) == EFFECTS]
        narrowed = [case for case in on_effects if case.one_per_rule]
        return [
            *one_per_rule(on_union, self._oracle(SITE.name)),
            *(case for case in on_effects if not case.one_per_rule),
            *one_per_rule(narrowed, self._oracle(EFFECTS)),
        ]

    def _specified(self, cases: Iterable[Any]) -> Iterable[Any]:
        for case in cases:
            yield from specified([case], self._oracle(_site(case)))

    def _oracle(self, site: str) -> Oracle:
        if site not in self._oracles:
            options = self._checked_options()
            found = named_site(site, options.release)
            self._oracles[site] = Oracle(found, View(options.release))
        return self._oracles[site]

    def _checked_options(self) -> Options:
        if self._options is None:
            try:
                self._options = Options.of(self._config)
            except HarnessError as error:
                # pytest prints this one without a traceback.
                raise pytest.UsageError(str(error)) from None
        return self._options


def _has_cases(item: pytest.Item) -> bool:
    if "own_backends" in getattr(item, "fixturenames", ()):
        return False  # each of them starts backends
    if item.get_closest_marker("smoke") is not None:
        return True
    if item.get_closest_marker("matrix") is None:
        # Of other hand-written requests, smoke has those about authorization.
        folder = folder_of(item.path)
        on_union = folder is None or folder.sites[0] == SITE.name
        marker = item.get_closest_marker("site")
        return on_union and (marker is None or marker.args == (STATIC_SITE,))
    # Cases without ``predict`` are not judged by the oracle, so no rule selects them.
    callspec = getattr(item, "callspec", None)
    return callspec is not None and hasattr(callspec.params.get("case"), "predict")


def _site(case: Any) -> str:
    name: str = getattr(case, "site", SITE.name)
    return name
