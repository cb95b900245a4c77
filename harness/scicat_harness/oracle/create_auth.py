"""The last guards of create: refusals by the auth value, then the reasons for which it is allowed.

Sources: specification: create.authorization; page authorization_jobs.md; observed releases.
"""

from __future__ import annotations

from collections.abc import Callable

from scicat_harness.model.auth import CreateAuth
from scicat_harness.model.release import (
    ADMIN_GROUPS_HONOURED,
    DATASETS_LOADED,
    ONE_ABILITY,
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
# Since v5.2.0 the datasets are checked earlier, by rules of create.py.
_BEFORE = ReleaseRange(until=REWRITTEN_CREATE)


def _open(auth: CreateAuth) -> Callable[[CreateFacts], bool]:
    return lambda f: f.auth is auth


# One rule for each auth value, with the callers that its row of the table in the specification
# refuses. Update-privileged users have been refused by the endpoint already.
REFUSED: tuple[_R, ...] = (
    _R(
        "create.type.prototype-ungranted",
        "the job type is called constructor, which is found, but which nobody without job "
        "privileges is granted",
        "specification: releases.master",
        lambda f: f.job_type == "constructor" and f.inherited_type and not f.caller.privileged,
        Answer.CREATE_FORBIDDEN,
        releases=ReleaseRange(since=ONE_ABILITY),
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.type.prototype",
        "the job type is a property of every JavaScript object: it is found, but has no auth value",
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
        "an unknown auth value admits nobody but admins and create-privileged users",
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
    # v4.20.2 compares with the name ``admin`` in place of ADMIN_GROUPS (backend pull request 2272).
    _R(
        "create.datasets.uncovered-admin",
        "the #dataset auth value is not met by every listed dataset, and only admins in a group "
        "called admin are exempt",
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
    # No question of rights, so it comes last and holds for admins, too: the actions load the
    # datasets, and a pid that is listed twice is found once (backend pull request 2253).
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

# Every caller who is not refused is allowed; the rules differ only in the reason that reports show.
# Admins and create-privileged users come first, because they need no auth value.
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
