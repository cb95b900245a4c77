"""The last guards of create: who is refused by the auth value, and who is allowed by which.

Sources: specification: create.authorization; page authorization_jobs.md; observed releases.
"""

from __future__ import annotations

from collections.abc import Callable

from scicat_harness.model.auth import CreateAuth
from scicat_harness.model.release import (
    ADMIN_GROUPS_HONOURED,
    DATASETS_LOADED,
    REWRITTEN_CREATE,
    ReleaseRange,
)
from scicat_harness.oracle.answers import Answer
from scicat_harness.oracle.create_facts import CreateFacts
from scicat_harness.oracle.rule import Reading, Rule

__all__ = ["ALLOWED", "REFUSED"]

_R = Rule[CreateFacts, Answer]
_SOURCE = "specification: create.authorization"
_DOCS = "documentation: authorization_jobs.md"
_BOTH = "observed v4.20.2 to v5.2.1"
_BEFORE = ReleaseRange(until=REWRITTEN_CREATE)


def _open(auth: CreateAuth) -> Callable[[CreateFacts], bool]:
    return lambda f: f.auth is auth


REFUSED: tuple[_R, ...] = (
    _R(
        "create.type.prototype",
        "a job type that every JavaScript object answers to is found, and then has no auth to read",
        _BOTH,
        lambda f: f.inherited_type,
        Answer.SERVER_ERROR,
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.auth.anonymous",
        "only #all and #datasetPublic let an anonymous caller create",
        _SOURCE,
        lambda f: f.caller.anonymous and f.auth not in (CreateAuth.ALL, CreateAuth.DATASET_PUBLIC),
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.auth.job-admin",
        "#jobAdmin: the user is neither admin nor create-privileged",
        _DOCS,
        lambda f: f.auth is CreateAuth.JOB_ADMIN and not f.caller.privileged,
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.auth.group",
        "@GROUP: the user is not in that group",
        _SOURCE,
        lambda f: f.auth is CreateAuth.GROUP and not (f.caller.privileged or f.named),
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.auth.user",
        "USER: the auth value is not this user's name (a group without @ is nobody's name)",
        _SOURCE,
        lambda f: f.auth is CreateAuth.USER and not (f.caller.privileged or f.named),
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.auth.absent",
        "without an auth value only admins and create-privileged users may create",
        _BOTH,
        lambda f: f.auth is CreateAuth.ABSENT and not f.caller.privileged,
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.auth.unknown",
        "an auth value that does not exist means nobody",
        _BOTH,
        lambda f: f.auth is CreateAuth.UNKNOWN and not f.caller.privileged,
        Answer.CREATE_FORBIDDEN,
    ),
    _R(
        "create.datasets.uncovered",
        "the #dataset auth value is not met by every listed dataset",
        "observed v4.20.2 to v5.0.1",
        lambda f: (
            not f.caller.admin and f.dataset_auth and (f.listed.repeated or not f.listed.covered)
        ),
        Answer.CREATE_FORBIDDEN,
        releases=_BEFORE,
    ),
    _R(
        "create.datasets.uncovered-admin",
        "the #dataset auth value is not met by every listed dataset, which only those admins are "
        "excused from whose group is called admin",
        "observed v4.20.2",
        lambda f: (
            f.caller.admin
            and not f.caller.in_group_called_admin
            and f.dataset_auth
            and (f.listed.repeated or not f.listed.covered)
        ),
        Answer.CREATE_FORBIDDEN,
        releases=ReleaseRange(until=ADMIN_GROUPS_HONOURED),
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.list.repeated",
        "a dataset listed twice cannot be loaded twice",
        "observed v4.25.1 to v5.2.1",
        lambda f: f.listed.repeated,
        Answer.DATASETS_REPEATED,
        releases=ReleaseRange(since=DATASETS_LOADED),
        reading=Reading.OBSERVED,
    ),
)

ALLOWED: tuple[_R, ...] = (
    _R(
        "create.allowed.admin",
        "admins may create jobs of every type, whatever the datasets",
        _DOCS,
        lambda f: f.caller.admin,
        Answer.CREATED,
    ),
    _R(
        "create.allowed.create-privileged",
        "create-privileged users may create jobs of every type",
        _DOCS,
        lambda f: f.caller.create_privileged,
        Answer.CREATED,
    ),
    _R(
        "create.allowed.all",
        "#all: everybody may create",
        _SOURCE,
        _open(CreateAuth.ALL),
        Answer.CREATED,
    ),
    _R(
        "create.allowed.dataset-public",
        "#datasetPublic: every listed dataset is published",
        _SOURCE,
        _open(CreateAuth.DATASET_PUBLIC),
        Answer.CREATED,
    ),
    _R(
        "create.allowed.authenticated",
        "#authenticated: the user is logged in",
        _SOURCE,
        _open(CreateAuth.AUTHENTICATED),
        Answer.CREATED,
    ),
    _R(
        "create.allowed.dataset-access",
        "#datasetAccess: every listed dataset is published or reachable by the groups checked",
        _SOURCE,
        _open(CreateAuth.DATASET_ACCESS),
        Answer.CREATED,
    ),
    _R(
        "create.allowed.dataset-owner",
        "#datasetOwner: every listed dataset is owned by a group checked",
        _SOURCE,
        _open(CreateAuth.DATASET_OWNER),
        Answer.CREATED,
    ),
    _R(
        "create.allowed.group",
        "@GROUP: the user is in that group",
        _SOURCE,
        lambda f: f.auth is CreateAuth.GROUP and f.named,
        Answer.CREATED,
    ),
    _R(
        "create.allowed.user",
        "USER: the auth value is this user's name",
        _SOURCE,
        lambda f: f.auth is CreateAuth.USER and f.named,
        Answer.CREATED,
    ),
)
