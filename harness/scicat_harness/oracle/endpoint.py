"""Endpoint authorization: the first check of a request, which does not know the job.

The union over all configured job types opens an endpoint: one permissive job type opens POST or
PATCH for everybody whom it admits. Sources: specification: endpoint.authorization; documentation
page authorization_jobs.md; observed on v5.2.1 where they leave room.
"""

from __future__ import annotations

from scicat_harness.model.release import (
    ONE_ABILITY,
    PUBLIC_OPENED,
    SESSION_EXPIRY_REPORTED,
    ReleaseRange,
)
from scicat_harness.oracle.answers import Answer
from scicat_harness.oracle.facts import EndpointFacts
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["ENDPOINT_CREATE", "ENDPOINT_DELETE", "ENDPOINT_READ", "ENDPOINT_UPDATE", "Gate"]

Gate = Answer | None
"""The refusal of a closed endpoint, or None for an open one."""

_R = Rule[EndpointFacts, Gate]
_SOURCE = "specification: endpoint.authorization"
_DOCS = "documentation: authorization_jobs.md"
_PAGE = "documentation: developer-guide/authorization/jobs.md"
"""A page in the repository of the backend, which came with ONE_ABILITY."""
_SEEN = "observed v4.20.2 to v5.2.1"
_MASTER = "specification: releases.master"
_SINCE = ReleaseRange(since=ONE_ABILITY)
_BEFORE = ReleaseRange(until=ONE_ABILITY)


# Every table starts with it: the token is verified before anything else (specification:
# request.order).
def _expired(operation: str) -> _R:
    return _R(
        f"endpoint.{operation}.expired",
        "a token that was valid once and expired is refused on every endpoint",
        "observed v5.2.1",
        lambda f: f.caller.expired,
        Answer.SESSION_EXPIRED,
        releases=ReleaseRange(since=SESSION_EXPIRY_REPORTED),
    )


ENDPOINT_CREATE: RuleTable[EndpointFacts, Gate] = RuleTable(
    "endpoint.create",
    (
        _expired("create"),
        # Before v4.27.0 the endpoint knew #all only. The instance check of #datasetPublic admitted
        # anonymous callers, but without an #all type none reached it (backend pull request 2427).
        _R(
            "endpoint.create.anonymous-public-closed",
            "#datasetPublic alone does not open POST to anonymous, though it lets them create",
            "observed v4.20.2 and v4.25.1",
            lambda f: f.caller.anonymous and f.create.anonymous and not f.create.everybody,
            Answer.ENDPOINT_FORBIDDEN,
            releases=ReleaseRange(until=PUBLIC_OPENED),
            reading=Reading.OBSERVED,
        ),
        _R(
            "endpoint.create.anonymous-open",
            "some job type has create auth #all or #datasetPublic, so POST is open to anonymous",
            _SOURCE,
            lambda f: f.caller.anonymous and f.create.anonymous,
            None,
        ),
        _R(
            "endpoint.create.anonymous-documented",
            "#datasetAccess, #datasetOwner, @GROUP, USER and #jobAdmin open POST to anonymous too",
            _DOCS,
            lambda f: f.caller.anonymous and f.create.documented_anonymous,
            None,
            releases=_BEFORE,
            reading=Reading.DOCUMENTED,
        ),
        _R(
            "endpoint.create.anonymous-closed",
            "no job type has create auth #all or #datasetPublic, so POST is closed to anonymous",
            _SOURCE,
            lambda f: f.caller.anonymous,
            Answer.ENDPOINT_FORBIDDEN,
        ),
        # Meant for members of no other list, but each group is looked at by itself.
        _R(
            "endpoint.create.update-list-alone",
            "a group of the user is in UPDATE_JOB_PRIVILEGED_GROUPS and in no other list, which "
            "closes POST, whatever their other groups are",
            _MASTER,
            lambda f: f.caller.in_update_list_alone,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_SINCE,
            reading=Reading.OBSERVED,
        ),
        # The order of the kinds of users is that of the backend; the first kind replaces all others
        # (specification: identity.kinds). On both privileged lists: POST yes, PATCH no.
        _R(
            "endpoint.create.admin",
            "a member of ADMIN_GROUPS may always POST",
            _DOCS,
            lambda f: f.caller.admin,
            None,
        ),
        _R(
            "endpoint.create.create-privileged",
            "a member of CREATE_JOB_PRIVILEGED_GROUPS may always POST",
            _DOCS,
            lambda f: f.caller.create_privileged,
            None,
        ),
        _R(
            "endpoint.create.update-privileged",
            "a member of UPDATE_JOB_PRIVILEGED_GROUPS who is neither admin nor create-privileged "
            "may never POST, not even where anonymous may",
            _SEEN,
            lambda f: f.caller.update_privileged,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_BEFORE,
            reading=Reading.OBSERVED,
        ),
        _R(
            "endpoint.create.update-privileged-documented",
            "a member of UPDATE_JOB_PRIVILEGED_GROUPS who is neither admin nor create-privileged "
            "loses the right to POST",
            _PAGE,
            lambda f: f.caller.update_privileged,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_SINCE,
            reading=Reading.DOCUMENTED,
        ),
        # The documentation leaves POST of update-privileged users to the configuration, so the rule
        # before this one is of the observed reading only (specification: privileged.groups).
        _R(
            "endpoint.create.documented-open",
            "#datasetAccess, #datasetOwner, @GROUP, USER and #jobAdmin open POST to any user",
            _DOCS,
            lambda f: f.create.documented_anonymous,
            None,
            releases=_BEFORE,
            reading=Reading.DOCUMENTED,
        ),
        _R(
            "endpoint.create.user-open",
            "some job type has a #-create auth that users may meet, or names this user or a group "
            "of theirs",
            _SOURCE,
            lambda f: f.create.caller,
            None,
        ),
        _R(
            "endpoint.create.user-closed",
            "no job type's create auth means this user",
            _SOURCE,
            lambda _: True,
            Answer.ENDPOINT_FORBIDDEN,
        ),
    ),
)

ENDPOINT_UPDATE: RuleTable[EndpointFacts, Gate] = RuleTable(
    "endpoint.update",
    (
        _expired("update"),
        _R(
            "endpoint.update.anonymous-open",
            "some job type has update auth #all, so PATCH is open to anonymous",
            _DOCS,
            lambda f: f.caller.anonymous and f.update.anonymous,
            None,
        ),
        _R(
            "endpoint.update.anonymous-closed",
            "no job type has update auth #all, so PATCH is closed to anonymous",
            _DOCS,
            lambda f: f.caller.anonymous,
            Answer.ENDPOINT_FORBIDDEN,
        ),
        _R(
            "endpoint.update.create-list-alone",
            "a group of the user is in CREATE_JOB_PRIVILEGED_GROUPS and in no other list, which "
            "closes PATCH, whatever their other groups are",
            _MASTER,
            lambda f: f.caller.in_create_list_alone,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_SINCE,
            reading=Reading.OBSERVED,
        ),
        _R(
            "endpoint.update.admin",
            "a member of ADMIN_GROUPS may always PATCH",
            _DOCS,
            lambda f: f.caller.admin,
            None,
        ),
        _R(
            # Before update-privileged, as at POST: it decides for members of both lists.
            "endpoint.update.create-privileged",
            "a member of CREATE_JOB_PRIVILEGED_GROUPS who is not admin may never PATCH, not even "
            "when update-privileged as well or where anonymous may",
            _SEEN,
            lambda f: f.caller.create_privileged,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_BEFORE,
            reading=Reading.OBSERVED,
        ),
        _R(
            "endpoint.update.update-privileged",
            "a member of UPDATE_JOB_PRIVILEGED_GROUPS may always PATCH",
            _DOCS,
            lambda f: f.caller.update_privileged,
            None,
        ),
        _R(
            "endpoint.update.create-privileged-documented",
            "a member of CREATE_JOB_PRIVILEGED_GROUPS who is neither admin nor update-privileged "
            "loses the right to PATCH",
            _PAGE,
            lambda f: f.caller.create_privileged,
            Answer.ENDPOINT_FORBIDDEN,
            releases=_SINCE,
            reading=Reading.DOCUMENTED,
        ),
        _R(
            "endpoint.update.user-open",
            "some job type has a #-update auth that users may meet, or names this user or a group "
            "of theirs",
            _DOCS,
            lambda f: f.update.caller,
            None,
        ),
        _R(
            "endpoint.update.user-closed",
            "no job type's update auth means this user",
            _DOCS,
            lambda _: True,
            Answer.ENDPOINT_FORBIDDEN,
        ),
    ),
)

# Which jobs a caller may read is left to the instance rules (oracle.update).
ENDPOINT_READ: RuleTable[EndpointFacts, Gate] = RuleTable(
    "endpoint.read",
    (
        _expired("read"),
        _R(
            "endpoint.read.anonymous",
            "anonymous callers may read and list no job",
            _DOCS,
            lambda f: f.caller.anonymous,
            Answer.ENDPOINT_FORBIDDEN,
        ),
        # The right to read is granted for each configured job type.
        _R(
            "endpoint.read.no-type",
            "no job type is configured, so a user without privileges may read and list no job",
            _MASTER,
            lambda f: not f.types and not (f.caller.privileged or f.caller.update_privileged),
            Answer.ENDPOINT_FORBIDDEN,
            releases=_SINCE,
            reading=Reading.OBSERVED,
        ),
        _R(
            "endpoint.read.authenticated",
            "every authenticated caller may use the read endpoints",
            _DOCS,
            lambda _: True,
            None,
        ),
    ),
)

# The only check of DELETE; admins pass it as members of DELETE_JOB_GROUPS only.
ENDPOINT_DELETE: RuleTable[EndpointFacts, Gate] = RuleTable(
    "endpoint.delete",
    (
        _expired("delete"),
        _R(
            "endpoint.delete.deleter",
            "a member of DELETE_JOB_GROUPS may delete any job",
            _DOCS,
            lambda f: f.caller.deleter,
            None,
        ),
        _R(
            "endpoint.delete.others",
            "nobody else may delete a job, its owner and admins included",
            _DOCS,
            lambda _: True,
            Answer.ENDPOINT_FORBIDDEN,
        ),
    ),
)
