"""Instance authorization of create: the ordered guards behind an open POST endpoint.

Sources: specification: create.steps (order of the guards), create.dataset-list, create.ownership,
create.dataset-access; documentation page authorization_jobs.md (privileged groups, #jobAdmin);
observed releases where both are silent.
"""

from __future__ import annotations

from scicat_harness.model.auth import CreateAuth
from scicat_harness.model.dataset import ListShape
from scicat_harness.model.release import (
    ONE_ABILITY,
    REWRITTEN_CREATE,
    V3_TYPE_LOOKED_UP,
    ReleaseRange,
)
from scicat_harness.oracle.answers import Answer
from scicat_harness.oracle.create_auth import ALLOWED, REFUSED
from scicat_harness.oracle.create_facts import CreateFacts
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["CREATE_V3", "CREATE_V4"]

_R = Rule[CreateFacts, Answer]
_SOURCE = "specification: create.dataset-access"
_SEEN = "observed v5.2.1"
_BOTH = "observed v4.20.2 to v5.2.1"
_OLD = "observed v4.20.2 to v5.0.1"
_SINCE = ReleaseRange(since=REWRITTEN_CREATE)
_BEFORE = ReleaseRange(until=REWRITTEN_CREATE)

# ABSENT is not among them: a create without datasets is valid, unless the auth value needs some.
_NOT_A_LIST = frozenset({ListShape.NULL, ListShape.TEXT, ListShape.OBJECT})
# Malformed since v5.2.0 only; before, such a pid or file is unknown (specification:
# create.dataset-list).
_STRICT_SHAPES = frozenset({ListShape.ITEM_EMPTY_PID, ListShape.ITEM_FILE_NUMBER})
_WELL_FORMED = frozenset({ListShape.ABSENT, ListShape.LIST})


_BODY: tuple[_R, ...] = (
    _R(
        "create.body.invalid",
        "the body has a missing, misspelt or wrongly typed field",
        _BOTH,
        lambda f: f.body_invalid,
        Answer.BODY_INVALID,
    ),
)

# Observed, a name such as ``constructor`` is found in the table of job types, because the backend
# looks it up in an object: it passes here and ends in 500 (create.type.prototype).
_TYPE: tuple[_R, ...] = (
    _R(
        "create.type.inherited",
        "the job type is not configured, although every JavaScript object has such a property",
        "specification: create.steps",
        lambda f: f.inherited_type,
        Answer.TYPE_UNKNOWN,
        reading=Reading.DOCUMENTED,
    ),
    _R(
        "create.type.unknown",
        "the job type is not configured",
        "specification: create.steps",
        lambda f: not (f.type_known or f.inherited_type),
        Answer.TYPE_UNKNOWN,
    ),
)

_V3_UNMAPPED: tuple[_R, ...] = (
    _R(
        "create.v3.type-unmapped",
        "a v3 body of a job type that is not configured is validated as a v4 body, and invalid",
        "observed v4.20.2",
        lambda f: not (f.type_known or f.inherited_type),
        Answer.BODY_INVALID,
        releases=ReleaseRange(until=V3_TYPE_LOOKED_UP),
    ),
)

# The mapping from v3 to v4 runs between the lookup of the type and the validation of the body.
_V3_MAPPING: tuple[_R, ...] = (
    _R(
        "create.v3.username-not-a-name",
        "jobParams.username names the owner user, so an object is no valid one",
        "documentation: authorization_jobs.md",
        lambda f: f.username_queried,
        Answer.BODY_INVALID,
        reading=Reading.DOCUMENTED,
    ),
    _R(
        "create.v3.list-not-iterable",
        "through v3 the owner group is derived from a dataset list that is not a list",
        _SEEN,
        # A given owner group saves the request from the error: then nothing is derived.
        lambda f: f.listed.shape in (ListShape.TEXT, ListShape.OBJECT) and f.group_derived,
        Answer.SERVER_ERROR,
        releases=_SINCE,
        reading=Reading.OBSERVED,
    ),
)

# Checked whenever the key is there, for every auth value and for admins, too.
_DATASET_LIST: tuple[_R, ...] = (
    _R(
        "create.list.not-a-list",
        "datasetList is there but is not a list",
        _BOTH,
        lambda f: f.listed.shape in _NOT_A_LIST,
        Answer.DATASETS_NOT_A_LIST,
    ),
    _R(
        "create.list.empty",
        "datasetList is there but empty",
        _BOTH,
        lambda f: f.listed.empty,
        Answer.DATASETS_EMPTY,
    ),
    _R(
        "create.list.malformed",
        "an item of datasetList is not an object of a pid and a list of files",
        _BOTH,
        lambda f: f.listed.shape not in _WELL_FORMED | _STRICT_SHAPES,
        Answer.DATASETS_MALFORMED,
    ),
    _R(
        "create.list.malformed-value",
        "an item of datasetList has an empty pid, or a file that is not a string",
        _SEEN,
        lambda f: f.listed.shape in _STRICT_SHAPES,
        Answer.DATASETS_MALFORMED,
        releases=_SINCE,
    ),
    _R(
        "create.list.unknown-pid",
        "a listed dataset does not exist",
        _BOTH,
        lambda f: f.listed.unknown_pid,
        Answer.DATASETS_UNKNOWN,
    ),
    _R(
        "create.list.unknown-file",
        "a listed file is in no origdatablock of its dataset",
        _BOTH,
        lambda f: f.listed.unknown_file,
        Answer.FILES_UNKNOWN,
    ),
)

# Rules with ``v3`` in their id are of the observed reading only: documented is one set of rules for
# all jobs endpoints, so a user who could create the job on v4 may do so on v3 (v3.owner-group).
_OWNERSHIP: tuple[_R, ...] = (
    _R(
        "create.owner.contact-missing",
        "an admin or create-privileged user asks for a job without owner, owner group and contact",
        _BOTH,
        lambda f: f.caller.privileged and not (f.owner.group or f.owner.user or f.owner.email),
        Answer.CONTACT_MISSING,
    ),
    _R(
        "create.owner.v3-group-underivable",
        "through v3 no owner group could be derived for a user without job privileges",
        _BOTH,
        lambda f: f.caller.plain and f.group_derived and not f.owner.group,
        Answer.GROUP_MISSING,
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.owner.group-missing",
        "a user without job privileges names no owner group",
        _BOTH,
        lambda f: f.caller.plain and not f.owner.group and not f.group_derived,
        Answer.GROUP_MISSING,
    ),
    _R(
        "create.owner.user-is-another",
        "a user without job privileges names another user as owner",
        _BOTH,
        # Tested after the owner group: without one this is not reached.
        lambda f: f.caller.plain and bool(f.owner.user) and f.owner.user != f.caller.name,
        Answer.OWNER_IS_ANOTHER,
    ),
    _R(
        "create.owner.v3-group-derived-foreign",
        "through v3 the owner group derived from the list is not a group of the user",
        _BOTH,
        lambda f: f.caller.plain and f.group_derived and f.owner.group not in f.caller.groups,
        Answer.GROUP_IS_FOREIGN,
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.owner.group-is-foreign",
        "a user without job privileges names an owner group they are not in",
        _BOTH,
        lambda f: f.caller.plain and not f.group_derived and f.owner.group not in f.caller.groups,
        Answer.GROUP_IS_FOREIGN,
    ),
)

# Before v5.2.0 datasets that do not fit are refused last, by rules in create_auth.
_COVERAGE: tuple[_R, ...] = (
    _R(
        "create.datasets.absent",
        "the auth value requires datasets and none are listed",
        _BOTH,
        lambda f: f.dataset_auth and not f.caller.admin and f.listed.shape is ListShape.ABSENT,
        Answer.DATASETS_ABSENT,
    ),
    _R(
        "create.datasets.absent-admin",
        "the auth value requires datasets and none are listed, from which admins were not exempt",
        _OLD,
        lambda f: f.dataset_auth and f.listed.shape is ListShape.ABSENT,
        Answer.DATASETS_ABSENT,
        releases=_BEFORE,
    ),
    _R(
        "create.datasets.owner-anonymous",
        "#datasetOwner: an anonymous caller owns no dataset",
        _SOURCE,
        lambda f: f.auth is CreateAuth.DATASET_OWNER and f.caller.anonymous,
        Answer.NOT_AUTHENTICATED,
    ),
    _R(
        "create.datasets.owner-unspecified",
        "#datasetOwner: a create-privileged user names neither owner user nor owner group",
        _OLD,
        lambda f: (
            f.auth is CreateAuth.DATASET_OWNER
            and not f.caller.admin
            and not (f.owner.group or f.owner.user)
        ),
        Answer.NOT_AUTHENTICATED,
        releases=_BEFORE,
    ),
    # This refusal has a message of its own, so it stands apart from create.datasets.owner.
    _R(
        "create.datasets.owner-without-groups",
        "the user the job is for is in no group; a create-privileged user who names no known owner "
        "counts as in none",
        _SEEN,
        lambda f: (
            f.auth is CreateAuth.DATASET_OWNER
            and not f.caller.admin
            and not f.listed.groups_checked
        ),
        Answer.NO_GROUPS,
        releases=ReleaseRange(since=REWRITTEN_CREATE, until=ONE_ABILITY),
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.datasets.repeated-uncovered",
        "a pid listed twice counts once, so the list has more items than datasets",
        _SEEN,
        lambda f: f.dataset_auth and not f.caller.admin and f.listed.repeated,
        Answer.NO_DATASET_ACCESS,
        releases=_SINCE,
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.datasets.public",
        "#datasetPublic: not every listed dataset is published",
        _SOURCE,
        lambda f: (
            f.auth is CreateAuth.DATASET_PUBLIC and not f.caller.admin and not f.listed.covered
        ),
        Answer.NO_DATASET_ACCESS,
        releases=_SINCE,
    ),
    _R(
        "create.datasets.access",
        "#datasetAccess: a listed dataset is neither published nor reachable by the groups checked",
        _SOURCE,
        lambda f: (
            f.auth is CreateAuth.DATASET_ACCESS and not f.caller.admin and not f.listed.covered
        ),
        Answer.NO_DATASET_ACCESS,
        releases=_SINCE,
    ),
    _R(
        "create.datasets.owner",
        "#datasetOwner: a listed dataset is owned by none of the groups checked",
        _SOURCE,
        lambda f: (
            f.auth is CreateAuth.DATASET_OWNER and not f.caller.admin and not f.listed.covered
        ),
        Answer.NO_DATASET_ACCESS,
        releases=_SINCE,
    ),
    # The owner group of an anonymous caller is checked after the datasets, unlike that of a user.
    _R(
        "create.owner.v3-anonymous-derived",
        "through v3 an owner group was derived for an anonymous caller, who may have none",
        _BOTH,
        lambda f: f.caller.anonymous and f.group_derived and bool(f.owner.group),
        Answer.ANONYMOUS_OWNER,
        reading=Reading.OBSERVED,
    ),
    _R(
        "create.owner.anonymous",
        "an anonymous caller names an owner group",
        _BOTH,
        lambda f: f.caller.anonymous and not f.group_derived and bool(f.owner.group),
        Answer.ANONYMOUS_OWNER,
    ),
)

_INSTANCE = _DATASET_LIST + _OWNERSHIP + _COVERAGE + REFUSED + ALLOWED

CREATE_V4: RuleTable[CreateFacts, Answer] = RuleTable("create.v4", _BODY + _TYPE + _INSTANCE)
"""v4: the body is validated before the job type is looked up."""

CREATE_V3: RuleTable[CreateFacts, Answer] = RuleTable(
    "create.v3",
    # Before v4.24.0 an unknown type was not looked up, so that rule comes before all others.
    _V3_UNMAPPED + _TYPE + _V3_MAPPING + _BODY + _INSTANCE,
)
"""v3: the job type is looked up first, because the mapping needs it."""
