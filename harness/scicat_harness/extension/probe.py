"""Action probes: how an action type of a plugin is linted, predicted and observed.

A package offers one by an entry point of the group ``scicat_harness.actions``: its name is the
``actionType``, its value a factory without arguments. A probe is made when a configuration uses the
action type, and closed when the run is over. See docs/extending.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from scicat_harness.model.text import Text

__all__ = ["ActionFails", "ActionProbe", "Contexts", "Render", "Settling"]

Json = Mapping[str, Any]
Render = Callable[[str], Text]
"""What a template comes to after storing, as the backend renders it. Where nobody here can say, the
text is ``unjudged``: as a part of a content it is not compared, and the check is not a pass."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """What templates see before storing and after; ``$name`` where only a run knows."""

    validate: Json
    perform: Json


class ActionFails(Exception):
    """Raised by ``predict``: the action fails with this error, a pattern such as ``Error: no``.

    The job is stored, the client is told, and the actions behind it do nothing.
    """


class ActionProbe(Protocol):
    """Knows one action type.

    ``options`` are those of one action as they stand in the configuration, without ``actionType``.
    """

    def lint(self, options: Json, operation: str) -> Iterable[str]:
        """What is wrong with the options of ``create`` or ``update``, a sentence each."""

    def predict(self, options: Json, contexts: Contexts, render: Render) -> Sequence[Json]:
        """What arrives for one request whose job is stored, each once and in this order.

        Values are JSON types or what ``render`` gives; keys that are left out are not judged. In
        texts ``$token``, ``$id``, ``$other``, ``$created_at``, ``$updated_at`` and ``$pid_ALIAS``
        stand for what only a run knows, as they do in the contexts; ``$$`` is a dollar. Raises
        ActionFails where the action is to fail.
        """

    def environment(self) -> Mapping[str, str]:
        """What a twin is told so that the action reaches this probe and nothing else.

        Templates see it as ``env``, and the variables of the facility by these names do not count.
        """

    def arrivals(self) -> Sequence[Json]:
        """What arrived since the last call, in order of arrival; JSON types.

        Asked after every request that has effects, once the barrier has been seen. Everything that
        earlier requests caused must be among it: either the action is over before its request is
        answered, or the probe is Settling. A content that names the request (its correlation) can
        be told from others that are judged together with it.
        """

    def close(self) -> None:
        """Give back what the probe holds; called once."""


@runtime_checkable
class Settling(Protocol):
    """A probe of an action that goes on after its request was answered."""

    def settle(self, deadline: float) -> bool:
        """Wait until everything that was caused has arrived; False if unsure after these seconds.

        Without certainty nothing is judged: the checks are unknown, not failed.
        """
