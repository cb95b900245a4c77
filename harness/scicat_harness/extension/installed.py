"""The probes of installed packages: found by action type, made once, and guarded.

An exception of a probe becomes one message that names its entry point: a UsageFault if the probe
cannot be used at all, an EnvironmentFault if it fails in the middle of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, HarnessError, UsageFault
from scicat_harness.extension.probe import ActionFails, ActionProbe, Contexts, Render, Settling

__all__ = ["GROUP", "Guarded", "Probes"]

GROUP = "scicat_harness.actions"
"""The group of entry points that offer action probes."""
_METHODS = ("lint", "predict", "environment", "arrivals", "close")
Json = Mapping[str, Any]


class Guarded:
    """A probe whose errors name its entry point; ``kind`` is its action type.

    Results are copied into plain types, so that a probe cannot change them afterwards.
    """

    def __init__(self, kind: str, origin: str, probe: ActionProbe) -> None:
        self.kind = kind
        self.origin = origin
        self._probe = probe

    def lint(self, options: Json, operation: str) -> list[str]:
        """Return a sentence for each error in the options of an action."""
        # Before a run, so that a broken probe is an error of the installation.
        with self._guard("lint", UsageFault):
            return [str(each) for each in self._probe.lint(_bare(options), operation)]

    def predict(self, options: Json, contexts: Contexts, render: Render) -> list[Json]:
        """Return what must arrive for one request; lets ActionFails through."""
        with self._guard("predict"):
            found = self._probe.predict(_bare(options), contexts, render)
            return [dict(each) for each in found]

    def environment(self) -> dict[str, str]:
        """Return the environment variables that a twin gets for the probe."""
        with self._guard("environment", UsageFault):
            variables = self._probe.environment()
            return {str(name): str(value) for name, value in variables.items()}

    def arrivals(self, deadline: float) -> list[Json]:
        """Return everything that has arrived since the last call.

        A probe that is Settling is waited for first. Raises DeadlineExceeded if it is not sure
        within these seconds that nothing is still on its way.
        """
        with self._guard("arrivals"):
            if isinstance(self._probe, Settling) and not self._probe.settle(deadline):
                raise DeadlineExceeded(
                    f"{self.origin}: not settled within {deadline:g} s, so the effects of requests "
                    "are unknown"
                )
            return [dict(each) for each in self._probe.arrivals()]

    def close(self) -> None:
        """Close the probe."""
        with self._guard("close"):
            self._probe.close()

    @contextmanager
    def _guard(
        self, method: str, fault: Callable[[str], HarnessError] = EnvironmentFault
    ) -> Iterator[None]:
        try:
            yield
        # ActionFails is a prediction, and errors of the harness have their message already.
        except (ActionFails, HarnessError):
            raise
        except Exception as error:
            raise fault(f"{self.origin}: {method} raised {_shown(error)}; fix it") from error


class Probes:
    """The installed probes; each is made when it is first needed.

    A package is imported only if a configuration uses its action type::

        probe = Probes.installed().find("spool")
    """

    def __init__(self, entries: Sequence[EntryPoint] = ()) -> None:
        self._entries = tuple(entries)
        self._made: dict[str, Guarded] = {}

    @classmethod
    def installed(cls) -> Probes:
        """Return the probes of all packages in this Python environment."""
        return cls(tuple(entry_points(group=GROUP)))

    @property
    def used(self) -> tuple[Guarded, ...]:
        """The probes that have been made."""
        return tuple(self._made.values())

    def find(self, kind: str) -> Guarded | None:
        """Return the probe of an action type, or None if no package offers one.

        Raises UsageFault if two packages offer it, or if the probe cannot be made.
        """
        if kind not in self._made:
            # A package that is found twice on the path offers the same entry point twice.
            found = {each.value: each for each in self._entries if each.name == kind}
            if not found:
                return None
            if len(found) > 1:
                several = " and ".join(_origin(each) for each in found.values())
                raise UsageFault(f"{several} offer the same action type; uninstall one")
            (entry,) = found.values()
            self._made[kind] = _made(entry)
        return self._made[kind]

    def close(self) -> None:
        """Close the probes that were made; a failure of one does not keep others open."""
        made, self._made = self._made, {}
        for each in made.values():
            with suppress(EnvironmentFault):
                each.close()


def _made(entry: EntryPoint) -> Guarded:
    origin = _origin(entry)
    try:
        probe = entry.load()()
    except Exception as error:
        raise UsageFault(f"{origin}: cannot be made: {_shown(error)}; fix or uninstall it") from (
            error
        )
    # A Protocol has no check of its own at run time; a missing method would fail in a run.
    missing = [each for each in _METHODS if not callable(getattr(probe, each, None))]
    if missing:
        raise UsageFault(
            f"{origin}: {type(probe).__name__} lacks {', '.join(missing)}; give it all of "
            f"{', '.join(_METHODS)}"
        )
    return Guarded(entry.name, origin, cast(ActionProbe, probe))


def _origin(entry: EntryPoint) -> str:
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist is not None else ""
    return f"entry point {entry.name!r} of {GROUP} ({entry.value}{package})"


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


# Probes get the options without their action type: they know it.
def _bare(options: Json) -> Json:
    return {name: value for name, value in options.items() if name != "actionType"}
