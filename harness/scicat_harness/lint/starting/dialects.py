"""Dialects of earlier releases, recognised by the options that stop a current release.

Specification: releases.before-v4.14, action.log and action.switch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from scicat_harness.lint import editing
from scicat_harness.lint.document import Document, KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Edit

__all__ = ["BROKER_KEYS", "ConfigDialect", "of_action"]

BROKER_KEYS = ("hostname", "host", "port", "username", "password", "vhost", "protocol")
"""Options of the rabbitmq action of 2024, which environment variables replace now."""
# The old scope datasets applied the property to each listed dataset.
_SCOPES = {"request": "request", "datasets": "datasets[*]"}


@dataclass(frozen=True, slots=True)
class ConfigDialect:
    """A dialect found in an action.

    ``why`` is the reason why the backend refuses it, ``path`` the key that shows it. ``edits``
    translate it into the current form; they are empty if that needs a decision.
    """

    rule: str
    why: str
    path: KeyPath
    edits: tuple[Edit, ...]


def of_action(document: Document, action: ActionEntry) -> ConfigDialect | None:
    """Return the dialect that explains why the options of an action are refused, or None."""
    options = action.options
    match action.kind:
        case "log" if "performJob" in options:
            return _perform_job(document, action)
        case "switch" if "scope" in options:
            return _scope(document, action)
        case "email" if "bodyTemplate" in options and "bodyTemplateFile" not in options:
            path = (*action.path, "bodyTemplate")
            edits = editing.rename_key(document, path, "bodyTemplateFile")
            why = "'bodyTemplate' is called 'bodyTemplateFile' now"
            return ConfigDialect("dialect.body-template", why, path, edits)
        case "rabbitmq" if any(name in options for name in BROKER_KEYS):
            return _inline_broker(document, action)
    return None


def _perform_job(document: Document, action: ActionEntry) -> ConfigDialect:
    path = (*action.path, "performJob")
    edits = () if "perform" in action.options else editing.rename_key(document, path, "perform")
    why = "'performJob' is called 'perform' now"
    return ConfigDialect("dialect.perform-job", why, path, edits)


def _scope(document: Document, action: ActionEntry) -> ConfigDialect:
    """Move the scope into the property; the phase is ``all``, as the old switch had both."""
    path = (*action.path, "scope")
    why = "a switch has a 'phase' instead of a 'scope'"
    edits = _scope_edits(document, action, path)
    return ConfigDialect("dialect.switch-scope", why, path, edits)


def _scope_edits(document: Document, action: ActionEntry, path: KeyPath) -> tuple[Edit, ...]:
    root = _SCOPES.get(str(action.options["scope"]))
    found = action.options.get("property")
    if root is None or not isinstance(found, str) or "phase" in action.options:
        return ()
    parts = (
        editing.rename_key(document, path, "phase"),
        editing.replace_value(document, path, "all"),
        editing.replace_value(document, (*action.path, "property"), _below(root, found)),
    )
    # All or none: half a translation would be another error.
    return sum(parts, ()) if all(parts) else ()


def _below(root: str, path: str) -> str:
    rest = re.sub(r"^\$\.?", "", path)
    if not rest:
        return root
    return f"{root}{rest}" if rest.startswith(("[", ".")) else f"{root}.{rest}"


def _inline_broker(document: Document, action: ActionEntry) -> ConfigDialect:
    """Remove host and login, and add the exchange and key with which the queue gets messages."""
    options = action.options
    present = [name for name in BROKER_KEYS if name in options]
    path = (*action.path, present[0])
    why = "host and login of the broker are set by RABBITMQ_* now, and a message needs "
    why += "exchange, queue and key"
    queue = options.get("queue")
    edits: tuple[Edit, ...] = ()
    if isinstance(queue, str) and queue:
        # The name of the queue serves for both: the messages went to the queue itself.
        missing = {name: _quoted(queue) for name in ("exchange", "key") if name not in options}
        added = editing.add_keys(document, action.path, missing) if missing else ()
        removed = editing.remove_keys(document, action.path, present)
        edits = (*added, *removed) if removed and (added or not missing) else ()
    return ConfigDialect("dialect.inline-broker", why, path, edits)


def _quoted(value: Any) -> str:
    return f'"{value}"'
