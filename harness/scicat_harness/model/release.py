"""Backend releases as values: parsed, ordered, and used to key data that changed over time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Generic, TypeVar

from scicat_harness.errors import UsageFault

__all__ = [
    "ACCOUNTS_WITH_ROLES",
    "ADMIN_GROUPS_HONOURED",
    "CALL_ERRORS_IGNORED",
    "CURRENT",
    "DATASETS_LOADED",
    "DEFAULT_SENDER_USED",
    "FILES_OF_DATASET",
    "FILTERED_LISTS",
    "LISTS_IN_DATABASE",
    "OBSERVED",
    "PERFORM_ERRORS_REPORTED",
    "PUBLIC_OPENED",
    "REPLY_ADDRESS",
    "REWRITTEN_CREATE",
    "SESSION_EXPIRY_REPORTED",
    "V3_STATUS_KEPT",
    "V3_TYPE_LOOKED_UP",
    "ByRelease",
    "Release",
    "ReleaseRange",
    "unobserved",
    "unobserved_version",
]

_FORM = re.compile(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})", re.ASCII)
_LONGEST_SHOWN = 40

T = TypeVar("T")


@total_ordering
@dataclass(frozen=True, slots=True)
class Release:
    """A released backend version, for example ``Release(5, 2, 1)``."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str, option: str = "backend version") -> Release:
        """Read ``v5.2.1`` or ``5.2.1``; anything else is a UsageFault that names ``option``."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
            raise UsageFault(
                f"{option} {shown!r} is not of the form v5.2.1; give major.minor.patch"
            )
        return cls(*(int(part) for part in found.groups()))

    def __lt__(self, other: Release) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class ReleaseRange:
    """Releases from ``since`` (inclusive) up to ``until`` (exclusive); None is unbounded."""

    since: Release | None = None
    until: Release | None = None

    def __contains__(self, release: Release) -> bool:
        if self.since is not None and release < self.since:
            return False
        return self.until is None or release < self.until

    def __str__(self) -> str:
        if self.since is None and self.until is None:
            return "all releases"
        if self.since is None:
            return f"before {self.until}"
        if self.until is None:
            return f"since {self.since}"
        return f"{self.since} up to before {self.until}"


@dataclass(frozen=True)
class ByRelease(Generic[T]):
    """A value that changed: ``first`` on the oldest releases, then each one since its release.

    The changes are in the order of their releases.
    """

    first: T
    changes: tuple[tuple[Release, T], ...] = ()

    def at(self, release: Release) -> T:
        """The value on a release."""
        found = self.first
        for since, value in self.changes:
            if release >= since:
                found = value
        return found


OBSERVED = (Release(4, 20, 2), Release(4, 25, 1), Release(5, 0, 1), Release(5, 2, 1))
"""The releases that the scenarios were run against, the oldest first.

A rule names the release at which something changed, so any other release can be judged, too: one
between two of these by the changes that the sources of the rules tell of, one outside of them as
the nearest of these. Nothing of that was seen on the release itself.
"""

CURRENT = OBSERVED[-1]
"""The newest release whose behaviour was observed."""

DEFAULT_SENDER_USED = Release(4, 25, 0)
"""A release that uses ``EMAIL_FROM`` for mails without a sender; v4.20.2 does not."""

FILTERED_LISTS = Release(4, 22, 0)
"""The release that gave v4 lists one ``filter`` and added ``/jobs/datasetDetails``."""

FILES_OF_DATASET = Release(4, 24, 0)
"""The release that looks for a listed file in its dataset only (backend pull request 2168)."""

V3_TYPE_LOOKED_UP = Release(4, 24, 0)
"""The release that refuses an unknown job type on v3 as such (backend pull request 2203)."""

V3_STATUS_KEPT = Release(4, 24, 0)
"""The release that takes ``jobStatusMessage`` at a v3 create, and does without it at a v3 update
(backend pull request 2204)."""

ADMIN_GROUPS_HONOURED = Release(4, 25, 0)
"""The release that spares every admin the dataset checks of create, not only members of a group
called ``admin`` (backend pull request 2272)."""

DATASETS_LOADED = Release(4, 25, 0)
"""The release that loads the listed datasets for the actions (backend pull request 2253)."""

PERFORM_ERRORS_REPORTED = Release(4, 25, 0)
"""The release that tells the client of every action that fails; before, errors that are no HTTP
errors were lost (backend pull request 2271)."""

CALL_ERRORS_IGNORED = Release(4, 26, 0)
"""The release whose ``ignoreErrors`` of a call covers more than the remote status (backend pull
request 2281)."""

ACCOUNTS_WITH_ROLES = Release(4, 27, 0)
"""The release that takes a list of roles for a functional account (backend pull request 2411)."""

LISTS_IN_DATABASE = Release(4, 27, 0)
"""The release that leaves permissions, limit and skip of lists to the database (backend pull
request 2456)."""

PUBLIC_OPENED = Release(4, 27, 0)
"""The release whose ``#datasetPublic`` opens POST to anonymous, and whose v3 derives an owner
group for published datasets (backend pull requests 2427 and 2426)."""

REPLY_ADDRESS = Release(4, 27, 0)
"""The release that knows ``EMAIL_REPLYTO``."""

REWRITTEN_CREATE = Release(5, 2, 0)
"""The release that rewrote create authorization and its statuses (backend pull request 2713)."""

SESSION_EXPIRY_REPORTED = Release(5, 2, 0)
"""The release that refuses expired tokens; before, they made the caller anonymous."""


def unobserved(release: Release) -> str | None:
    """That a release was never run against, and how it is judged then; None for one that was."""
    if release in OBSERVED:
        return None
    oldest, newest = OBSERVED[0], OBSERVED[-1]
    nearest = max((each for each in OBSERVED if each < release), default=oldest)
    changes = " and the changes known since" if oldest < release < newest else ""
    return f"{release} was never observed: judged by the rules of {nearest}{changes}"


def unobserved_version(version: str) -> str | None:
    """The same for a release as it was written down; text that is no release was not observed."""
    try:
        return unobserved(Release.parse(version))
    except UsageFault:
        return f"{version!r} is no release: nothing of it was observed"
