"""Quirks: texts that render differently from the documentation.

Each quirk has two rules, one for each reading. Source: specification: templates.context,
templates.syntax, action.email, action.url; observed v5.2.1.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from scicat_harness.model.action import Action
from scicat_harness.model.release import (
    PROTOTYPE_KEYS_DROPPED,
    UPDATED_JOB_PLAIN,
    ReleaseRange,
)
from scicat_harness.model.text import Quirk, Text
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["QUIRKS", "as_read"]

# The observed sentence, and the documented one.
_SENTENCES: dict[Quirk, tuple[str, str]] = {
    Quirk.DOUBLE_ENCODED: (
        "a value that urlencode has encoded is encoded again",
        "urlencode makes a value fit for an address",
    ),
    Quirk.JOB_HIDDEN: (
        "before an update the job's properties render to nothing",
        "before an update, job is the job as it was",
    ),
    Quirk.JOB_PARTLY_SHOWN: (
        "around an update templates see seven properties of the job, and no other",
        "around an update, job is the whole job",
    ),
    Quirk.HTML_IN_HEADER: (
        "a subject in double braces gets HTML entities into the mail header",
        "a subject is plain text",
    ),
    Quirk.ENTITIES_IN_URL: (
        "an address in double braces gets HTML entities, which cut it at #",
        "a value in an address stays what it is",
    ),
    Quirk.ENTITIES_IN_RECIPIENT: (
        "a recipient in double braces gets HTML entities, whose semicolon separates recipients",
        "a mail goes to the address that was given",
    ),
    Quirk.SMUGGLED_RECIPIENT: (
        "a line break in a recipient makes the mail go to somebody else",
        "a mail goes to the recipients that are configured",
    ),
    Quirk.ENTITIES_IN_CALL: (
        "a header or body in double braces gets HTML entities, even of what base64enc made",
        "a value in a call stays what it is",
    ),
    Quirk.VALUE_AS_MARKUP: (
        "an object with a key toHTML is taken for markup, and the template fails",
        "an object of the request is a value like any other",
    ),
    Quirk.MANGLED_HOST: (
        "the brackets of an IPv6 host are encoded, so that the address cannot be read",
        "an address may name its host by an IPv6 address",
    ),
    Quirk.DEFAULT_OPTIONS: (
        "default without a second argument renders as the options of the helper",
        "default renders the value, and nothing where there is none",
    ),
    Quirk.DROPPED_KEYS: (
        "keys that every JavaScript object has are dropped from a request, however deep",
        "jobParams are stored as they were sent",
    ),
    Quirk.FORGED_LINE: (
        "a line break in a logged value begins another line, which can look like any entry",
        "a log action writes one entry",
    ),
}

# Of a quirk that some releases do not have.
_RELEASES: dict[Quirk, ReleaseRange] = {
    Quirk.JOB_HIDDEN: ReleaseRange(since=UPDATED_JOB_PLAIN),
    Quirk.JOB_PARTLY_SHOWN: ReleaseRange(until=UPDATED_JOB_PLAIN),
    Quirk.DROPPED_KEYS: ReleaseRange(since=PROTOTYPE_KEYS_DROPPED),
}


def _rules() -> tuple[Rule[Quirk | None, None], ...]:
    made: list[Rule[Quirk | None, None]] = []
    for quirk, (observed, documented) in _SENTENCES.items():
        releases = _RELEASES.get(quirk, ReleaseRange())
        # ``quirk=quirk`` binds the value of this turn; a closure would see the last one.
        made += [
            Rule(
                f"actions.text.{quirk}",
                observed,
                f"observed {'v4.25.1' if releases.until else 'v5.2.1'}",
                lambda f, quirk=quirk: f is quirk,  # type: ignore[misc]
                None,
                releases,
                reading=Reading.OBSERVED,
            ),
            Rule(
                f"actions.text.{quirk}.promised",
                documented,
                "documentation: jobconfig.md",
                lambda f, quirk=quirk: f is quirk,  # type: ignore[misc]
                None,
                releases,
                reading=Reading.DOCUMENTED,
            ),
        ]
    # Texts without a quirk, in both readings.
    made.append(
        Rule(
            "actions.text.as-configured",
            "a text comes out as its template says",
            "documentation: jobconfig.md",
            lambda _: True,
            None,
        )
    )
    return tuple(made)


QUIRKS: RuleTable[Quirk | None, None] = RuleTable("quirks", _rules())


def as_read(action: Action, reading: Reading) -> Action:
    """Return the action whose texts have the meaning of the reading.

    The observed meaning is in the texts already; for the documented one ``promised`` replaces it.
    """
    if reading is Reading.OBSERVED:
        return action
    changed: dict[str, Any] = {}
    for each in fields(action):
        value = getattr(action, each.name)
        if isinstance(value, Text):
            changed[each.name] = _promised(value)
        # The only field that contains texts instead of being one.
        elif each.name == "headers":
            changed[each.name] = {key: _promised(text) for key, text in value.items()}
    return replace(action, **changed)


def _promised(text: Text) -> Text:
    return text if text.promised is None else replace(text, means=text.promised, fails=None)
