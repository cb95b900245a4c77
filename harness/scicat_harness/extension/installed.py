"""The probes of installed packages: found by name, made once, and guarded.

What a package of others raises is one message that names its entry point: a UsageFault where it
cannot be used at all, an EnvironmentFault where it breaks in the middle of a run.
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
_METHODS = ("lint", "predict", "environment", "arrivals", "close")
Json = Mapping[str, Any]


class Guarded:
    """A probe whose errors name it; ``kind`` is its action type."""

    def __init__(self, kind: str, origin: str, probe: ActionProbe) -> None:
        self.kind = kind
        self.origin = origin
        self._probe = probe

    def lint(self, options: Json, operation: str) -> list[str]:
        """What is wrong with the options of an action."""
        with self._guard("lint", UsageFault):
            return [str(each) for each in self._probe.lint(_bare(options), operation)]

    def predict(self, options: Json, contexts: Contexts, render: Render) -> list[Json]:
        """What arrives for one request; ActionFails is let through."""
        with self._guard("predict"):
            found = self._probe.predict(_bare(options), contexts, render)
            return [dict(each) for each in found]

    def environment(self) -> dict[str, str]:
        """What a twin is told."""
        with self._guard("environment", UsageFault):
            told = self._probe.environment()
            return {str(name): str(value) for name, value in told.items()}

    def arrivals(self, deadline: float) -> list[Json]:
        """What arrived, complete up to now; DeadlineExceeded where the probe is not sure."""
        with self._guard("arrivals"):
            if isinstance(self._probe, Settling) and not self._probe.settle(deadline):
                raise DeadlineExceeded(
                    f"{self.origin}: not settled within {deadline:g} s, so what came of requests "
                    "is unknown"
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
        except (ActionFails, HarnessError):
            raise
        except Exception as error:
            raise fault(f"{self.origin}: {method} raised {_shown(error)}; fix it") from error


class Probes:
    """The probes that are installed, each made when it is first asked for."""

    def __init__(self, entries: Sequence[EntryPoint] = ()) -> None:
        self._entries = tuple(entries)
        self._made: dict[str, Guarded] = {}

    @classmethod
    def installed(cls) -> Probes:
        """Those of all packages that are installed here."""
        return cls(tuple(entry_points(group=GROUP)))

    @property
    def used(self) -> tuple[Guarded, ...]:
        """Those that were asked for."""
        return tuple(self._made.values())

    def find(self, kind: str) -> Guarded | None:
        """The probe of an action type, None without one; a UsageFault if it cannot be made."""
        if kind not in self._made:
            # A package that is found twice on the path offers the same thing twice.
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
        """Close those that were made; what one raises keeps none from being closed."""
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
    missing = [each for each in _METHODS if not callable(getattr(probe, each, None))]
    if missing:
        raise UsageFault(
            f"{origin}: {type(probe).__name__} lacks {', '.join(missing)}; an action probe has "
            f"{', '.join(_METHODS)}"
        )
    return Guarded(entry.name, origin, cast(ActionProbe, probe))


def _origin(entry: EntryPoint) -> str:
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist is not None else ""
    return f"entry point {entry.name!r} of {GROUP} ({entry.value}{package})"


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _bare(options: Json) -> Json:
    return {name: value for name, value in options.items() if name != "actionType"}
