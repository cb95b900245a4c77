"""The part of the suite that must catch each defect of the sabotage catalogue."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scicat_harness.fixtures.profile import Profile

__all__ = ["NEEDS_STANDARD", "NOT_CLAIMED", "Likely", "SuitePart", "part_for"]

NEEDS_STANDARD: frozenset[str] = frozenset(
    {
        "actions.rabbitmq.failure-ignored",
        "actions.rabbitmq.queue-not-durable",
        "bodies.unknown-keys-accepted",
        "datasets.list.files-of-any-dataset-accepted",
        "gate.create.anonymous-by-dataset-access",
        "gate.create.anonymous-not-by-dataset-public",
        "stored.status-code.setting-ignored",
    }
)
"""Defects that show only in combinations or configurations which the smoke profile lacks."""


NOT_CLAIMED: dict[str, str] = {
    "tokens.scheme-case-sensitive": "tokens are always sent as 'Bearer'",
}
"""Defects that the suite does not claim to catch, and why; they run only when named."""


# Folders of scenarios.
_AUTHORIZATION = ("create", "delete", "doors", "endpoint", "read", "update")
_EFFECTS = ("actions", "compat", "denied", "failures", "journeys", "lifecycle", "templates")
_EFFECTS_TOO = frozenset(
    {"create.stored-despite.action-refusal", "update.stored-despite-action-refusal"}
)
# Prefixes of the ids of defects that only effects show.
_OF_EFFECTS = (
    *("actions.", "context.", "helpers.", "stored.status-code.", "templates."),
    *("mail.", "call.", "message.", "log."),
)
# Defects that show after a restart or a deleted dataset, which smoke leaves out.
_BY_HAND = frozenset(
    {
        "list.unconfigured-hidden-from-admin",
        "list.unconfigured-shown",
        "update.deleted-dataset-ignored",
    }
)


@dataclass(frozen=True, slots=True)
class Likely:
    """The checks that a defect most likely fails.

    ``folders`` are those of scenarios; none stands for all of its part. ``names`` is an expression
    on the names of checks, as for ``pytest -k``.
    """

    folders: tuple[str, ...] = ()
    names: str = ""


_ANYWHERE = Likely()
# By the prefix of the ids of defects; the first that fits counts.
_LIKELY: dict[str, Likely] = {
    "actions.email.": Likely(("actions",), "email or mail"),
    "actions.error.": Likely(("actions",), "error"),
    "actions.log.": Likely(("actions",), "log"),
    "actions.rabbitmq.": Likely(("actions",), "rabbitmq or message or broker"),
    "actions.switch.": Likely(("actions",), "switch"),
    "actions.url.": Likely(("actions",), "url or call"),
    "actions.validate.": Likely(("actions",), "validate or validation"),
    "context.": Likely(("actions",), "context"),
    "helpers.": Likely(("actions",), "helper"),
    "templates.": Likely(("actions",), "helper or escaping"),
    "stored.status-code.": Likely(("actions",), "context"),
    "delete.": Likely(("delete",)),
    **dict.fromkeys(
        ("bodies.", "create.", "datasets.", "groups.", "ownership.", "stored.", "tokens.", "v3."),
        Likely(("create",)),
    ),
    **dict.fromkeys(
        ("fullfacet.", "fullquery.", "list.", "read.", "rows.", "reply.rows", "reply.read"),
        Likely(("read",)),
    ),
    **dict.fromkeys(
        (
            "gate.update.",
            "patch.",
            "update.",
            "reply.update",
            "state.update",
            "state.refused-update",
        ),
        Likely(("update",)),
    ),
    **dict.fromkeys(("state.read", "state.list"), Likely(("read",))),
    **dict.fromkeys(("state.delete", "state.refused-delete", "reply.delete"), Likely(("delete",))),
    **dict.fromkeys(("state.", "reply."), Likely(("create",))),
    **dict.fromkeys(("credentials.", "doors."), Likely(("doors",))),
    "mail.": Likely(("actions",), "email or mail"),
    "call.": Likely(("actions",), "url or call"),
    "message.": Likely(("actions",), "rabbitmq or message"),
    "log.": Likely(("actions",), "log"),
    "startup.unknown-action-accepted": Likely(names="unknown-action"),
    "startup.invalid-options-accepted": Likely(names="unknown-key"),
    "startup.duplicate-type-accepted": Likely(names="type-twice"),
    "startup.missing-operation-accepted": Likely(names="create-missing"),
    "startup.bad-schema-accepted": Likely(names="schema-is-a-text"),
    "startup.missing-mail-template-accepted": Likely(names="email-body-file-missing"),
    "startup.rabbitmq-enabled-by-true": Likely(names="enabled-with-true"),
}


@dataclass(frozen=True, slots=True)
class SuitePart:
    """The part of the suite that must catch a defect: a profile, and folders of scenarios.

    ``likely`` selects the checks that run first; the rest runs only if none of them fails.
    """

    profile: Profile
    folders: tuple[str, ...]
    likely: Likely = _ANYWHERE

    def __str__(self) -> str:
        what = {_AUTHORIZATION: "authorization", _EFFECTS: "effects"}.get(self.folders)
        return f"{self.profile} {what or ', '.join(self.folders)}"

    def narrowed(self) -> SuitePart | None:
        """Return the likely checks as a part, None if they are all of it."""
        if self.likely == _ANYWHERE:
            return None
        return replace(self, folders=self.likely.folders or self.folders)

    def whole(self) -> SuitePart:
        """Return the whole part, without checks that run first."""
        return replace(self, likely=_ANYWHERE)


def part_for(defect: str) -> SuitePart:
    """Return the smallest part of the suite that must catch a defect, given by its id.

    part_for("actions.email.subject-unrendered") is the smoke profile on the scenarios of effects.
    """
    if defect in _BY_HAND:
        return SuitePart(Profile.STANDARD, ("lifecycle",))
    profile = Profile.STANDARD if defect in NEEDS_STANDARD else Profile.SMOKE
    likely = next((each for begin, each in _LIKELY.items() if defect.startswith(begin)), _ANYWHERE)
    if defect.startswith("startup."):
        # Each attempt starts a backend of its own, which smoke leaves out.
        return SuitePart(Profile.STANDARD, ("startup",), likely)
    if defect in _EFFECTS_TOO:
        return SuitePart(profile, _EFFECTS, Likely(("actions",), "error"))
    if defect.startswith(_OF_EFFECTS):
        return SuitePart(profile, _EFFECTS, likely)
    return SuitePart(profile, _AUTHORIZATION, likely)
