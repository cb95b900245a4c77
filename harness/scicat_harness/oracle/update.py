"""Instance authorization of update, read, list and delete: the guards behind an open endpoint.

A job whose type is no longer configured is not covered: it takes a restart with another
configuration over the same data. Sources: specification: update.steps, update.authorization, read,
delete; documentation page authorization_jobs.md; observed releases where the page is silent or
contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.model.auth import UpdateAuth
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import BodyFault, JobOwnership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.answers import Answer
from scicat_harness.oracle.facts import CallerFacts, caller
from scicat_harness.oracle.rule import Reading, Rule, RuleTable, View

__all__ = ["DELETE", "LIST", "READ", "UPDATE", "JobFacts", "job_facts", "update_facts"]


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Facts for the rules of update, read, list and delete.

    ``job`` is None for an id that no job has. ``auth`` is the update auth value of the job type;
    ``named`` is True if it is the name or a group of the caller.
    """

    caller: CallerFacts
    job: JobOwnership | None
    auth: UpdateAuth
    named: bool
    body_invalid: bool = False

    @property
    def is_owner_user(self) -> bool:
        """True if the caller is the owner user of the job."""
        return self.job is not None and self.job.owner_user == self.caller.name

    @property
    def in_owner_group(self) -> bool:
        """True if the caller is in the owner group of the job."""
        return self.job is not None and self.job.owner_group in self.caller.groups


def job_facts(
    site: Site, identity: Identity, job_type: str, job: JobOwnership | None, view: View
) -> JobFacts:
    """Return the facts about a caller and a stored job.

    A job type that is not configured has no auth value.
    """
    who = caller(site, identity, view)
    configured = site.job_types.get(job_type)
    return JobFacts(
        caller=who,
        job=job,
        auth=configured.update_kind if configured is not None else UpdateAuth.ABSENT,
        named=configured is not None and who.is_named_by(configured.update),
    )


def update_facts(site: Site, identity: Identity, request: UpdateRequest, view: View) -> JobFacts:
    """Return the facts of a PATCH."""
    facts = job_facts(site, identity, request.job_type, request.job, view)
    invalid = request.fault is not BodyFault.NONE
    return JobFacts(facts.caller, facts.job, facts.auth, facts.named, invalid)


_R = Rule[JobFacts, Answer]
_DOCS = "documentation: authorization_jobs.md"
_BOTH = "observed v4.20.2 to v5.2.1"

# Create-privileged users do not come this far: the endpoint refuses them (privileged.groups).
UPDATE: RuleTable[JobFacts, Answer] = RuleTable(
    "update",
    (
        _R(
            "update.body.invalid",
            "the body lacks statusCode or statusMessage, or a field is wrongly typed",
            _BOTH,
            lambda f: f.body_invalid,
            Answer.BODY_INVALID,
        ),
        _R(
            "update.job.unknown",
            "no job has this id",
            _BOTH,
            lambda f: f.job is None,
            Answer.JOB_UNKNOWN,
        ),
        # Admins and update-privileged users come before every auth value, a missing one included.
        _R(
            "update.allowed.admin",
            "admins may update every job",
            _DOCS,
            lambda f: f.caller.admin,
            Answer.DONE,
        ),
        _R(
            "update.allowed.update-privileged",
            "update-privileged users may update every job",
            _DOCS,
            lambda f: f.caller.update_privileged,
            Answer.DONE,
        ),
        # Documented: #all admits everybody. Observed: a job with an owner group is out of reach for
        # anonymous callers, who are in no group (specification: update.authorization).
        _R(
            "update.auth.all-anonymous-owned",
            "#all: an anonymous caller may not update a job that has an owner group",
            _BOTH,
            lambda f: (
                f.auth is UpdateAuth.ALL
                and f.caller.anonymous
                and f.job is not None
                and f.job.owner_group is not None
            ),
            Answer.UPDATE_FORBIDDEN,
            reading=Reading.OBSERVED,
        ),
        _R(
            "update.allowed.all",
            "#all: everybody may update",
            _DOCS,
            lambda f: f.auth is UpdateAuth.ALL,
            Answer.DONE,
        ),
        # From here on the caller is logged in: no other value admits anonymous callers.
        _R(
            "update.auth.anonymous",
            "only #all lets an anonymous caller update",
            _DOCS,
            lambda f: f.caller.anonymous,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.allowed.owner-user",
            "#jobOwnerUser: the caller is the job's owner user",
            _DOCS,
            lambda f: f.auth is UpdateAuth.JOB_OWNER_USER and f.is_owner_user,
            Answer.DONE,
        ),
        _R(
            "update.auth.owner-user",
            "#jobOwnerUser: the caller is not the job's owner user",
            _DOCS,
            lambda f: f.auth is UpdateAuth.JOB_OWNER_USER,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.allowed.owner-group",
            "#jobOwnerGroup: the caller is in the job's owner group",
            _DOCS,
            lambda f: f.auth is UpdateAuth.JOB_OWNER_GROUP and f.in_owner_group,
            Answer.DONE,
        ),
        _R(
            "update.auth.owner-group",
            "#jobOwnerGroup: the caller is not in the job's owner group",
            _DOCS,
            lambda f: f.auth is UpdateAuth.JOB_OWNER_GROUP,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.allowed.group",
            "@GROUP: the caller is in that group, whoever owns the job",
            _DOCS,
            lambda f: f.auth is UpdateAuth.GROUP and f.named,
            Answer.DONE,
        ),
        _R(
            "update.auth.group",
            "@GROUP: the caller is not in that group",
            _DOCS,
            lambda f: f.auth is UpdateAuth.GROUP,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.allowed.user",
            "USER: the auth value is the caller's name, whoever owns the job",
            _DOCS,
            lambda f: f.auth is UpdateAuth.USER and f.named,
            Answer.DONE,
        ),
        _R(
            "update.auth.user",
            "USER: the auth value is not the caller's name (a group without @ is nobody's name)",
            _DOCS,
            lambda f: f.auth is UpdateAuth.USER,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.auth.job-admin",
            "#jobAdmin: the caller is neither admin nor update-privileged",
            _DOCS,
            lambda f: f.auth is UpdateAuth.JOB_ADMIN,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.auth.absent",
            "without an auth value only admins and update-privileged users may update",
            _BOTH,
            lambda f: f.auth is UpdateAuth.ABSENT,
            Answer.UPDATE_FORBIDDEN,
        ),
        _R(
            "update.auth.unknown",
            "an auth value unknown to update admits nobody but admins and update-privileged users",
            _BOTH,
            lambda _: True,
            Answer.UPDATE_FORBIDDEN,
        ),
    ),
)

# Neither auth values nor datasets count for reading, nor who created the job.
READ: RuleTable[JobFacts, Answer] = RuleTable(
    "read",
    (
        _R(
            "read.job.unknown",
            "no job has this id",
            _BOTH,
            lambda f: f.job is None,
            Answer.JOB_UNKNOWN,
        ),
        _R(
            "read.allowed.admin",
            "admins may read every job",
            _DOCS,
            lambda f: f.caller.admin,
            Answer.DONE,
        ),
        _R(
            "read.allowed.create-privileged",
            "create-privileged users may read every job",
            _DOCS,
            lambda f: f.caller.create_privileged,
            Answer.DONE,
        ),
        _R(
            "read.allowed.update-privileged",
            "update-privileged users may read every job",
            _DOCS,
            lambda f: f.caller.update_privileged,
            Answer.DONE,
        ),
        _R(
            "read.allowed.owner-group",
            "the caller is in the job's owner group",
            _DOCS,
            lambda f: f.in_owner_group,
            Answer.DONE,
        ),
        _R(
            "read.allowed.owner-user",
            "the caller is the job's owner user",
            _DOCS,
            lambda f: f.is_owner_user,
            Answer.DONE,
        ),
        _R(
            "read.denied",
            "the job belongs neither to the caller nor to a group of theirs; having created it "
            "does not count",
            _DOCS,
            lambda _: True,
            Answer.READ_FORBIDDEN,
        ),
    ),
)

# The same conditions as READ, but nothing is refused: a list leaves out what is not visible.
LIST: RuleTable[JobFacts, bool] = RuleTable(
    "list",
    (
        Rule(
            "list.visible.admin",
            "admins see every job",
            _DOCS,
            lambda f: f.caller.admin,
            True,
        ),
        Rule(
            "list.visible.create-privileged",
            "create-privileged users see every job",
            _DOCS,
            lambda f: f.caller.create_privileged,
            True,
        ),
        Rule(
            "list.visible.update-privileged",
            "update-privileged users see every job",
            _DOCS,
            lambda f: f.caller.update_privileged,
            True,
        ),
        Rule(
            "list.visible.owner-group",
            "jobs of the caller's groups are listed",
            _DOCS,
            lambda f: f.in_owner_group,
            True,
        ),
        Rule(
            "list.visible.owner-user",
            "jobs owned by the caller are listed",
            _DOCS,
            lambda f: f.is_owner_user,
            True,
        ),
        Rule(
            "list.hidden",
            "jobs of others are not listed",
            _DOCS,
            lambda _: True,
            False,
        ),
    ),
)

# The endpoint rules have decided who may delete.
DELETE: RuleTable[JobFacts, Answer] = RuleTable(
    "delete",
    (
        _R(
            "delete.job.unknown",
            "no job has this id",
            _BOTH,
            lambda f: f.job is None,
            Answer.DELETE_UNKNOWN,
        ),
        _R(
            "delete.allowed",
            "every caller who may use the endpoint may delete every job",
            _DOCS,
            lambda _: True,
            Answer.DONE,
        ),
    ),
)
