"""Actions of plugins: the predictions of their probes as effects that are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from string import Template
from typing import Any

from scicat_harness.errors import EnvironmentFault
from scicat_harness.extension.installed import Guarded
from scicat_harness.extension.probe import ActionFails, Contexts, Render
from scicat_harness.model.action import Foreign
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.text import Text

__all__ = ["RULE", "foreign", "predicted"]

RULE = "actions.perform.done"
"""The rule by which these effects are expected."""
# Names of values that only a run knows, which it puts into the predicted texts.
_NAMES = frozenset({"run", "token", "id", "other", "contact", "created_at", "updated_at"})


def foreign(kind: str, options: Mapping[str, Any]) -> Foreign:
    """Return the action of a plugin as it is planned: with one effect of unknown content.

    The content depends on the request; ``predicted`` fills it in.
    """
    return Foreign(kind, options, (Effect(Channel.OTHER, {"kind": kind}, RULE),))


def predicted(action: Foreign, probe: Guarded, contexts: Contexts, render: Render) -> Foreign:
    """Return the action with the effects that its probe predicts for one request.

    An action that is expected to fail has no effects and the error in ``fails``. Raises
    EnvironmentFault if a predicted text contains an unknown ``$name``.
    """
    if "job" not in contexts.perform:
        # The request is refused, so nothing is performed.
        return action
    try:
        contents = probe.predict(action.options, contexts, render)
    except ActionFails as failure:
        return replace(action, effects=(), fails=str(failure))
    # A template that cannot be rendered fails the action, like a probe that says so.
    broken = next((text.fails for text in _texts(contents) if text.fails is not None), None)
    if broken is not None:
        return replace(action, effects=(), fails=broken)
    effects = tuple(
        Effect(
            Channel.OTHER,
            {**{key: _judged(value, probe) for key, value in content.items()}, "kind": action.kind},
            RULE,
        )
        for content in contents
    )
    return replace(action, effects=effects)


def _judged(value: Any, probe: Guarded) -> Any:
    """Return a value, or an unjudged text if any part of the value cannot be judged."""
    for text in _strings(value):
        named = Template(text)
        # Each dataset has a name of its own, $pid_ALIAS.
        known = {each for each in named.get_identifiers() if not each.startswith("pid_")}
        if not named.is_valid() or not known <= _NAMES:
            raise EnvironmentFault(
                f"{probe.origin}: predicts {text!r}, in which a name after the $ is unknown; write "
                "$$ for a dollar"
            )
    unjudged = next((text.unjudged for text in _texts(value) if text.unjudged), "")
    return Text("", unjudged=unjudged) if unjudged else value


def _texts(value: Any) -> Iterator[Text]:
    return (each for each in _leaves(value) if isinstance(each, Text))


def _strings(value: Any) -> Iterator[str]:
    return (each for each in _leaves(value) if isinstance(each, str))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
