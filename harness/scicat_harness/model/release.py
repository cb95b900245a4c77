"""Backend releases: parsed, ordered, and used as keys of data that changed over time.

The constants name the release of each change that some rule depends on. Source: specification:
releases.observed, with the pull requests of SciCatProject/backend.
"""

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
    "ONE_ABILITY",
    "PERFORM_ERRORS_REPORTED",
    "PUBLIC_OPENED",
    "REPLY_ADDRESS",
    "REWRITTEN_CREATE",
    "SESSION_EXPIRY_REPORTED",
    "UPCOMING",
    "V3_STATUS_KEPT",
    "V3_TYPE_LOOKED_UP",
    "ByRelease",
    "Release",
    "ReleaseRange",
    "unobserved",
    "unobserved_version",
]

# Six digits: int() refuses texts of several thousand digits with an error of its own. ASCII: else
# digits of other scripts would match.
_FORM = re.compile(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})", re.ASCII)
_LONGEST_SHOWN = 40
"""Characters of a wrong version in a message."""

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
        """Return the release for a text such as ``v5.2.1`` or ``5.2.1``.

        Raises UsageFault naming ``option`` for any other text, suffixes such as ``-rc1`` included.
        """
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
    """Releases from ``since`` (inclusive) up to ``until`` (exclusive); None is unbounded.

    ``Release(5, 1, 1) in ReleaseRange(until=REWRITTEN_CREATE)`` is True.
    """

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

A rule names the release at which something changed, so every other release can be judged, too: one
between two of these by the changes that the sources of the rules describe, one outside of them like
the nearest of these. None of that was observed on the release itself.
"""

CURRENT = OBSERVED[-1]
"""The newest release whose behaviour was observed."""

UPCOMING = Release(5, 3, 0)
"""The release to come, as the master branch of the backend was in August 2026 (commit 783086a0).

Its number is a guess until it is released. It is judged only where it is asked for.
"""

DEFAULT_SENDER_USED = Release(4, 25, 0)
"""A release that uses ``EMAIL_FROM`` for mails without a sender; v4.20.2 does not."""

FILTERED_LISTS = Release(4, 22, 0)
"""The release that gave v4 lists one ``filter`` and added ``/jobs/datasetDetails``."""

FILES_OF_DATASET = Release(4, 24, 0)
"""The release that looks for a listed file in its dataset only (backend pull request 2168)."""

V3_TYPE_LOOKED_UP = Release(4, 24, 0)
"""The release that refuses an unknown job type on v3 as such (backend pull request 2203)."""

V3_STATUS_KEPT = Release(4, 24, 0)
"""The release that accepts ``jobStatusMessage`` at a v3 create, and no longer requires it at a v3
update (backend pull request 2204)."""

ADMIN_GROUPS_HONOURED = Release(4, 25, 0)
"""The release that exempts every admin from the dataset checks of create, not only members of a
group called ``admin`` (backend pull request 2272)."""

DATASETS_LOADED = Release(4, 25, 0)
"""The release that loads the listed datasets for the actions (backend pull request 2253)."""

PERFORM_ERRORS_REPORTED = Release(4, 25, 0)
"""The release that reports every failed action to the client; before, errors that are no HTTP
errors were swallowed (backend pull request 2271)."""

CALL_ERRORS_IGNORED = Release(4, 26, 0)
"""The release whose ``ignoreErrors`` of a url action covers more than the remote status (backend
pull request 2281)."""

ACCOUNTS_WITH_ROLES = Release(4, 27, 0)
"""The release that accepts a list of roles for a functional account (backend pull request 2411)."""

UPDATED_JOB_PLAIN = Release(4, 26, 0)
"""The release whose templates of an update see a plain object; before, they see a document of the
database, which shows seven properties of the job (backend pull request 2281)."""

V3_OWNER_SHOWN = Release(4, 26, 0)
"""The release whose v3 shows the owner user of a job as ``jobParams.username``."""

PROTOTYPE_KEYS_DROPPED = Release(4, 28, 0)
"""The release whose NestJS (11.1) drops keys such as ``constructor`` from every request body."""

LISTS_IN_DATABASE = Release(4, 27, 0)
"""The release whose database applies permissions, limit and skip of lists (backend pull request
2456)."""

PUBLIC_OPENED = Release(4, 27, 0)
"""The release whose ``#datasetPublic`` opens POST to anonymous callers, and whose v3 derives an
owner group for published datasets (backend pull requests 2427 and 2426)."""

REPLY_ADDRESS = Release(4, 27, 0)
"""The release that added ``EMAIL_REPLYTO``."""

REWRITTEN_CREATE = Release(5, 2, 0)
"""The release that rewrote create authorization and its statuses (backend pull request 2713)."""

SESSION_EXPIRY_REPORTED = Release(5, 2, 0)
"""The release that refuses expired tokens; before, they made the caller anonymous."""

ONE_ABILITY = UPCOMING
"""The release that answers endpoint and instance authorization of jobs by one set of permissions
(backend pull request 2805)."""


def unobserved(release: Release) -> str | None:
    """Return a sentence that the release was never observed and how it is judged.

    None for an observed release. The sentence for v5.2.2 is ``v5.2.2 was never observed: judged by
    the rules of v5.2.1``.
    """
    if release in OBSERVED:
        return None
    if release == UPCOMING:
        return f"{release} is not released: judged by what the master branch did before it"
    oldest, newest = OBSERVED[0], OBSERVED[-1]
    judged = (*OBSERVED, UPCOMING)
    nearest = max((each for each in judged if each < release), default=oldest)
    # Outside of the observed releases no rule knows of a change, so none is promised.
    changes = " and the changes known since" if oldest < release < newest else ""
    return f"{release} was never observed: judged by the rules of {nearest}{changes}"


def unobserved_version(version: str) -> str | None:
    """Return the sentence of :func:`unobserved` for a version as text, valid or not."""
    try:
        return unobserved(Release.parse(version))
    except UsageFault:
        return f"{version!r} is no release: nothing of it was observed"
