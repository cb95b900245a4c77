"""The features of job configurations by release, as data.

Releases before v4.17.1 gave templates the job itself instead of ``request``, ``job`` and so on;
they are not linted. Source of the rows: the tags of SciCatProject/backend; specification:
releases.observed.
"""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.errors import UsageFault
from scicat_harness.model.release import CURRENT, PUBLIC_OPENED, Release, ReleaseRange

__all__ = ["ACTIONS", "OLDEST", "Features", "features"]

OLDEST = Release(4, 18, 0)
"""The oldest release whose job configuration has the shape that is linted."""
ACTIONS = ("log", "email", "url", "rabbitmq", "validate", "switch", "error")
_BUILT_IN: dict[str, tuple[int, int | None]] = {
    "if": (1, 1), "unless": (1, 1), "each": (1, 1), "with": (1, 1), "lookup": (2, 2),
    "log": (0, None),
}  # fmt: skip
_HELPERS: tuple[tuple[Release | None, dict[str, tuple[int, int | None]]], ...] = (
    (
        None,
        {
            "unwrapJSON": (1, 1), "keyToWord": (1, 1), "eq": (2, 2), "jsonify": (1, 1),
            "job_v3": (1, 1), "urlencode": (1, 1), "base64enc": (1, 1),
        },
    ),
    (Release(4, 26, 0), {"matches": (2, 3), "default": (2, 2)}),
    (
        Release(4, 27, 0),
        {
            "or": (1, None), "and": (1, None), "not": (1, 1), "concat": (1, None),
            "base64dec": (1, 1), "formatUnit": (2, 2),
        },
    ),
)  # fmt: skip
"""Helpers by the release that added them (None: all), with their least and most arguments."""
_URL_IGNORES = Release(4, 25, 0)
_MAIL_IGNORES = Release(4, 26, 0)
# backend#2253; before, only a validate or switch action loaded them.
_DATASETS = Release(4, 25, 0)
# backend#2713; specification: environment.groups.
_GROUPS_SPLIT = ReleaseRange(since=Release(5, 2, 0))


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one release: what a job configuration may use, and how it is read."""

    release: Release
    helpers: dict[str, tuple[int, int | None]]
    """Helper names with their least and most arguments; None for any number."""
    mail_ignores_errors: bool
    url_ignores_errors: bool
    datasets_in_templates: bool
    """True if ``datasets`` is always loaded, not only after a validate or switch action."""
    public_opens_to_anonymous: bool
    """True if create auth #datasetPublic opens POST to anonymous callers."""
    job_groups_are_lists: bool
    """True if CREATE_JOB_PRIVILEGED_GROUPS and the other job lists are split at commas."""

    def knows_option(self, action: str, option: str) -> bool:
        """Return whether the release reads an option of an action.

        Only ``ignoreErrors`` differs: ``url`` has it since v4.25.0, ``email`` since v4.26.0
        (specification: actions.failures).
        """
        if option != "ignoreErrors":
            return True
        return {"email": self.mail_ignores_errors, "url": self.url_ignores_errors}.get(action, True)


def features(release: Release = CURRENT) -> Features:
    """Return the features of a release; raises UsageFault for one before v4.18.0."""
    # Earlier contexts and options differ too much to be described as features.
    if release < OLDEST:
        raise UsageFault(
            f"--release {release}: configurations before {OLDEST} have another shape; "
            f"give {OLDEST} or newer"
        )
    helpers = dict(_BUILT_IN)
    for since, names in _HELPERS:
        if since is None or not release < since:
            helpers.update(names)
    return Features(
        release=release,
        helpers=helpers,
        mail_ignores_errors=not release < _MAIL_IGNORES,
        url_ignores_errors=not release < _URL_IGNORES,
        datasets_in_templates=not release < _DATASETS,
        public_opens_to_anonymous=not release < PUBLIC_OPENED,
        job_groups_are_lists=release in _GROUPS_SPLIT,
    )
