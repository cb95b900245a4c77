"""Answers: every reply of a backend to a job request, with its status and text per release.

An answer's decision class never changes; its status, message and body shape may, and do so as
data keyed by release range. Sources: specification: reply, releases.v5.2; release notes v5.2.0
(pull requests 2712 to 2714); replies observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, unique

from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import REWRITTEN_CREATE, Release, ReleaseRange

__all__ = ["Answer", "ReplyPattern"]


@dataclass(frozen=True, slots=True)
class ReplyPattern:
    """One reply: HTTP status and a pattern the ``message`` must match (None: not judged).

    ``$token`` in a pattern stands for the correlation of the request.
    """

    status: int
    message: str | None = None
    releases: ReleaseRange = ReleaseRange()

    def matches(self, message: str | None, token: str = "") -> bool:
        """Return whether an observed message matches the pattern; None matches no pattern."""
        if self.message is None:
            return True
        pattern = self.message.replace("$token", token)
        return message is not None and re.fullmatch(pattern, message, re.DOTALL) is not None


# Create was rewritten in v5.2.0 (backend pull request 2713): 400 became 422 for a wrong dataset
# list or contact, and 403 for a refused owner.
_BEFORE = ReleaseRange(until=REWRITTEN_CREATE)
_SINCE = ReleaseRange(since=REWRITTEN_CREATE)
_NEW = "Invalid new job\\. "


def _always(status: int, message: str | None = None) -> tuple[ReplyPattern, ...]:
    return (ReplyPattern(status, message),)


def _changed(
    before: int, since: int, message: str, old_message: str | None = None
) -> tuple[ReplyPattern, ...]:
    """Return the two replies of an answer whose status, and perhaps text, changed in v5.2.0."""
    return (
        ReplyPattern(before, old_message or message, _BEFORE),
        ReplyPattern(since, message, _SINCE),
    )


# Unique, because a member with the value of another would silently become an alias of it.
@unique
class Answer(Enum):
    """The answers: decision class and replies of each.

    The name of a member is the stable id of its message class in reports. For example
    ``Answer.CONTACT_MISSING.reply(release).status`` is 400 before v5.2.0 and 422 since.
    """

    CREATED = Decision.ALLOW, _always(201)
    DONE = Decision.ALLOW, _always(200)
    SESSION_EXPIRED = Decision.DENY, _always(401, "SESSION_EXPIRED")
    ENDPOINT_FORBIDDEN = Decision.DENY, _always(403, "Forbidden resource")
    # One message for each wrong field, in the words of the validation library.
    BODY_INVALID = Decision.INVALID, _always(400, r".*(must be|should not exist).*")
    TYPE_UNKNOWN = Decision.INVALID, _always(400, r"Invalid job type: .*")
    # Every error that the backend does not map to a status of its own.
    SERVER_ERROR = Decision.INVALID, _always(500, r"Internal server error")
    JOB_UNKNOWN = Decision.INVALID, _always(400, r"Invalid job id\.")
    DELETE_UNKNOWN = Decision.INVALID, _always(400, r"Job id .* doesn't exist\.")
    DATASETS_NOT_A_LIST = (
        Decision.INVALID,
        _changed(400, 422, r"Invalid dataset list\.", "Invalid dataset list"),
    )
    DATASETS_EMPTY = Decision.INVALID, _changed(400, 422, r"List of passed datasets is empty\.")
    DATASETS_MALFORMED = (
        Decision.INVALID,
        _changed(
            400,
            422,
            r"Invalid dataset list\.",
            r"(Dataset list is expected|In datasetList each) .*",
        ),
    )
    DATASETS_UNKNOWN = Decision.INVALID, _changed(400, 422, r"Datasets with pid .* do not exist\.")
    FILES_UNKNOWN = (
        Decision.INVALID,
        _changed(400, 422, r"At least one requested file could not be found\."),
    )
    DATASETS_ABSENT = (
        Decision.INVALID,
        _changed(400, 422, r"Dataset ids list was not provided in jobParams"),
    )
    # From loading the datasets for the actions, not from checking the list: hence no 422.
    DATASETS_REPEATED = Decision.INVALID, _always(404, r"Unable to get a dataset\..*")
    CONTACT_MISSING = (
        Decision.INVALID,
        _changed(400, 422, r"Contact email should be specified for an anonymous job\."),
    )
    GROUP_MISSING = Decision.DENY, _changed(400, 403, _NEW + r"Owner group should be specified\.")
    OWNER_IS_ANOTHER = (
        Decision.DENY,
        _changed(400, 403, _NEW + r"User owning the job should match user logged in\."),
    )
    GROUP_IS_FOREIGN = (
        Decision.DENY,
        _changed(400, 403, _NEW + r"User needs to belong to job owner group\."),
    )
    ANONYMOUS_OWNER = (
        Decision.DENY,
        _changed(
            400, 403, _NEW + r"Unauthenticated user cannot initiate a job owned by another user\."
        ),
    )
    NOT_AUTHENTICATED = Decision.DENY, _always(401, "User not authenticated")
    NO_GROUPS = Decision.DENY, _always(403, r"User does not belong to any group, .*")
    NO_DATASET_ACCESS = Decision.DENY, _always(403, r"User does not have access to all datasets.*")
    CREATE_FORBIDDEN = Decision.DENY, _always(403, r"Unauthorized to create this job\.")
    UPDATE_FORBIDDEN = Decision.DENY, _always(403, r"Unauthorized to update this job\.")
    ACTION_REFUSED = Decision.INVALID, _always(400)
    """An action refused before anything was stored; the reply is that of the action."""
    ACTION_FAILED = Decision.INVALID, _always(400, r"[\s\S]*")
    """An action failed after the job was stored or changed; the reply is that of the action."""
    READ_FORBIDDEN = Decision.DENY, _always(403, r"Unauthorized to get this job\.")

    @property
    def decision(self) -> Decision:
        """The decision class, the same for every release."""
        decision: Decision = self.value[0]
        return decision

    def reply(self, release: Release) -> ReplyPattern:
        """Return the reply of a release."""
        replies: tuple[ReplyPattern, ...] = self.value[1]
        return next(each for each in replies if release in each.releases)
