"""Action probes: lint, predict and observe an action type of a plugin.

A package offers a probe by an entry point of the group ``scicat_harness.actions``. Its name is the
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
"""Renders a template as the backend does after the job is stored. A text that cannot be known here
is ``unjudged``: the value that contains it is not compared, and the check is not a pass."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts of templates before and after the job is stored (specification:
    templates.context).

    A value that only a run knows is a text ``$name``, such as ``$id`` or ``$token``.
    """

    validate: Json
    perform: Json


class ActionFails(Exception):
    """Raised by ``predict`` if the action fails; the text is a pattern such as ``Error: no``.

    The job is stored, the client gets 400 with this error, and the actions after it do nothing.
    """


class ActionProbe(Protocol):
    """The protocol of a probe for one action type.

    ``options`` are those of one action as written in the configuration, without ``actionType``. An
    exception other than ActionFails is an error of the environment, never a failure of SciCat.
    """

    def lint(self, options: Json, operation: str) -> Iterable[str]:
        """Return a sentence for each error in the options of an action.

        ``operation`` is ``create`` or ``update``. Each sentence becomes a finding
        ``plugin.action``.
        """

    def predict(self, options: Json, contexts: Contexts, render: Render) -> Sequence[Json]:
        """Return what must arrive for one request whose job is stored, once each and in order.

        Values are JSON types or results of ``render``; keys that are left out are not compared. In
        texts ``$token``, ``$id``, ``$other``, ``$created_at``, ``$updated_at`` and ``$pid_ALIAS``
        stand for values that only a run knows, as in the contexts; ``$$`` is a dollar. Raises
        ActionFails if the action is expected to fail.
        """

    def environment(self) -> Mapping[str, str]:
        """Return the variables with which the action of a twin reaches this probe only.

        Templates see them in ``env``. They replace variables of the facility with the same names.
        """

    def arrivals(self) -> Sequence[Json]:
        """Return what arrived since the last call, in order of arrival, as JSON types.

        Called after every request with effects, once the barrier has arrived. The result must
        contain everything that earlier requests caused: either the action is over before its
        request is answered, or the probe is Settling. An arrival with the correlation of its
        request can be attributed to it where several are judged together.
        """

    def close(self) -> None:
        """Release the resources of the probe; called once."""


# A protocol of its own, as most actions are over before their request is answered.
@runtime_checkable
class Settling(Protocol):
    """A probe of an action that continues after its request was answered."""

    def settle(self, deadline: float) -> bool:
        """Wait until all effects of earlier requests have arrived, and return True.

        Return False if that is not certain after ``deadline`` seconds; the checks are unknown then,
        not failed. Waiting for a fixed time is no certainty: use a way that keeps the order.
        """
