"""The action types, and the factory that builds actions from the options of a configuration.

See specification: start.errors, for unknown types, wrong options, and a broker that is not enabled.
An error inside a switch is reported after the rest of the file and without its name, as an
unhandled rejection.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from scicat_harness.embedded.actions import ActionHandler, Context
from scicat_harness.embedded.actions.email import EmailAction
from scicat_harness.embedded.actions.error import ErrorAction
from scicat_harness.embedded.actions.external import ExternalServices
from scicat_harness.embedded.actions.log import LogAction
from scicat_harness.embedded.actions.rabbitmq import RabbitAction
from scicat_harness.embedded.actions.schemas import unknown_formats
from scicat_harness.embedded.actions.switch import Case, SwitchAction
from scicat_harness.embedded.actions.url import UrlAction
from scicat_harness.embedded.actions.validate import ValidateAction
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootCrash, BootFailure, Thrown
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.jsonpath import JsonPath
from scicat_harness.embedded.nestlog import NestLog

__all__ = ["ActionFactory"]

_ACCEPTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "log": LogAction.accepts,
    "email": EmailAction.accepts,
    "url": UrlAction.accepts,
    "rabbitmq": RabbitAction.accepts,
    "validate": ValidateAction.accepts,
    "switch": SwitchAction.accepts,
    "error": ErrorAction.accepts,
}


GROUP = "scicat_harness.embedded_actions"
"""The entry point group for actions of other packages: ``actionType`` = class like Plugin."""


class Plugin(Protocol):
    """The class of an action in another package; see ``docs/extending.md``."""

    def accepts(self, options: dict[str, Any], /) -> bool:
        """Return whether the options are valid; a static method of the class."""

    def build(self, options: dict[str, Any], log: NestLog, defect: Defects, /) -> ActionHandler:
        """Return the action for accepted options; a class method."""


def _plugins() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}


@dataclass(frozen=True, slots=True)
class ActionFactory:
    """Builds the actions of one configuration file.

    ``path`` is shown in messages; it is empty for the actions inside a switch. Errors inside
    switches are collected and raised by ``finish``.
    """

    path: str
    log: NestLog
    defect: Defects
    external: ExternalServices = field(default_factory=ExternalServices)
    plugins: dict[str, EntryPoint] = field(default_factory=_plugins)
    _crashes: list[BootCrash] = field(default_factory=list)

    def build(self, options: dict[str, Any], operation: str) -> ActionHandler:
        """Return the action for its options; ``operation`` is ``create`` or ``update``.

        Raises BootFailure for an unknown type, a rabbitmq action without a broker, and invalid
        options, in this order.
        """
        kind = options["actionType"]
        plugin = self._plugin(kind)
        if kind not in _ACCEPTS and plugin is None:
            if self.defect("startup.unknown-action-accepted"):
                return _InertAction(kind)
            # Inside a switch the real message has quotes, and names no file.
            raise BootFailure(
                f"Error: Unknown action type {kind} in {self.path}"
                if self.path
                else f"Error: Unknown action type '{kind}'"
            )
        # Inside a switch this has no message of its own: JavaScript reports the missing builder.
        if kind == "rabbitmq" and not self.external.has_broker:
            raise BootFailure(
                f"Error: Action type rabbitmq in {self.path} wasn't correctly initialized"
                if self.path
                else "TypeError: Cannot read properties of undefined (reading 'create')"
            )
        # Last: an action of an unknown type gets that message whatever its options are.
        if not (plugin.accepts(options) if plugin else _ACCEPTS[kind](options)):
            if self.defect("startup.invalid-options-accepted"):
                return _InertAction(kind)
            raise BootFailure(f"Error: Invalid options for {kind} action: {stringify(options)}")
        if plugin:
            return plugin.build(options, self.log, self.defect)
        return self._built(kind, options, operation)

    def finish(self) -> None:
        """Raise BootCrash for the first error inside a switch, if any."""
        if self._crashes:
            raise self._crashes[0]

    def _plugin(self, kind: str) -> Plugin | None:
        # A plugin cannot replace an action of the backend.
        if kind in _ACCEPTS or kind not in self.plugins:
            return None
        plugin: Plugin = self.plugins[kind].load()
        return plugin

    def _built(self, kind: str, options: dict[str, Any], operation: str) -> ActionHandler:
        match kind:
            case "log":
                return LogAction.build(options, self.log, self.defect)
            case "email":
                return EmailAction.build(options, self.log, self.defect, self.external)
            case "url":
                return UrlAction.build(options, self.log, self.defect)
            case "rabbitmq":
                return RabbitAction.build(options, self.log, self.defect, self.external)
            case "validate":
                # A format that is not known is no error: Ajv warns and does not check it.
                for name in unknown_formats(options):
                    self.log.warn("Ajv", f'unknown format "{name}" ignored')
                return ValidateAction.build(options, operation, self.defect)
            case "switch":
                return self._switch(options, operation)
            case _:
                return ErrorAction.build(options, self.log, self.defect)

    def _switch(self, options: dict[str, Any], operation: str) -> SwitchAction:
        # The copy shares the list of crashes, so nested switches report to the same place.
        nested = replace(self, path="")
        cases: list[Case] = []
        with self._deferred():
            for case in options["cases"]:
                actions = [nested.build(inner, operation) for inner in case["actions"]]
                cases.append(Case.build(case, actions, self.defect))
        # Outside of the deferral: the limits of this backend stop the start at once.
        path = JsonPath.parse(options["property"])
        return SwitchAction(self.defect, options["phase"], path, tuple(cases))

    @contextmanager
    def _deferred(self) -> Iterator[None]:
        try:
            yield
        except BootFailure as failure:
            self._crashes.append(BootCrash(str(failure)))
        except Thrown as thrown:
            self._crashes.append(BootCrash(thrown.shown))


@dataclass(frozen=True, slots=True)
class _InertAction:
    """An action that does nothing, for the defects that accept unknown types or bad options."""

    kind: str

    async def validate(self, context: Context) -> None:
        """Do nothing."""

    async def perform(self, context: Context) -> None:
        """Do nothing."""
