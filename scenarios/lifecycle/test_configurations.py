"""Jobs of an earlier configuration: a restart with another file over the same data.

Source: specification: configuration.file (version); observed on v4.20.2 to v5.2.1. Each check ends
its first backend and starts a second one over the data that the first one left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scicat_harness.client.scicat import list_params
from scicat_harness.config.jobconfig import config_version
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.failure import LogWindow
from scicat_harness.judge.matchers import hides, holds, shows
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import ONE_ABILITY, ByRelease
from scicat_harness.model.site import Site
from scicat_harness.plugin.own_backends import OwnBackends
from scicat_harness.scenarios.jobs import OPERATOR, STATUS

USER1, UPDATER, CLEANER = (SITE.identity(name) for name in ("user1", "updater", "cleaner"))
NAMES = ("anonymous", "user1", "operator", "updater", "cleaner", "janitor")
KEPT = JobType("kept", "#all", "#all")
GONE = JobType("gone", "#all", "#all")
NEW = JobType("new", "#all", "#all")
REMOVED = "a job type that is not configured is refused (observed v5.2.1)"
STAYS = "a job keeps the configVersion it was created with (documentation: jobconfig.md)"
LISTED = "lists show the jobs of configured types, and all to privileged users (observed v5.2.1)"
UNKNOWN = r"Invalid job type: gone"
REFUSED = answer(400, because=REMOVED, message=UNKNOWN)
_READ = "the right to read is granted for each configured type, or for all (releases.master)"
READ_BY_ADMIN = ByRelease(REFUSED, ((ONE_ABILITY, answer(200, because=_READ)),))
READ_BY_OWNER = ByRelease(REFUSED, ((ONE_ABILITY, answer(403, because=_READ)),))


def site_of(*types: JobType) -> Site:
    """A site with these job types, over the data of the one before."""
    identities = {name: SITE.identity(name) for name in NAMES}
    site = SITE.with_job_types("-".join(each.name for each in types), types)
    return replace(site, datasets={}, identities=identities, data="lives")


def restarted(own_backends: OwnBackends, kind: str) -> tuple[dict[str, Any], Trial]:
    """A job of that type, owned by user1, and a backend that knows other types."""
    first = own_backends.start(site_of(KEPT, GONE))
    job = first.make(first.body(type=kind, ownerUser="user1", ownerGroup="group1"), OPERATOR)
    own_backends.end(first)
    return job, own_backends.start(site_of(KEPT, NEW))


def versions_in(log: LogWindow) -> tuple[str, str] | None:
    """The versions of a job and of the configuration, from the log line of an update."""
    found = log.find(
        r"\[JobUpdate\]\s+Job was created with configVersion (\S+)\.\s+"
        r"Current configVersion is (\S+)\."
    )
    return (found[1], found[2]) if found else None


def test_another_configuration(own_backends: OwnBackends) -> None:
    """A job outlives a restart as it is, and keeps its configVersion; a new one has the new one."""
    job, trial = restarted(own_backends, "kept")
    now = config_version([KEPT, NEW])
    must_equal(job["configVersion"] == now, False, "that the two versions are one")
    body = trial.body(type="kept")
    trial.get(USER1, job).must_answer(
        200, holds(job), because="jobs are stored (documentation: jobs)"
    )
    update = trial.patch(USER1, job, STATUS)
    update.must_answer(
        200, holds({"configVersion": job["configVersion"], "statusCode": "s"}), because=STAYS
    )
    logged = versions_in(update.log)
    must_equal(logged, (job["configVersion"], now), "the versions in the log")
    trial.post(OPERATOR, body).must_answer(201, holds({"configVersion": now}), because=STAYS)


def test_a_job_whose_type_is_gone(own_backends: OwnBackends) -> None:
    """Nobody can update it, nor read it before v5.3.0; it can be deleted."""
    job, trial = restarted(own_backends, "gone")
    forbidden = answer(
        403, because="anonymous reads no job (documentation)", message="Forbidden resource"
    )
    trial.get(OPERATOR, job).must_be(READ_BY_ADMIN.at(trial.release))
    trial.get(USER1, job).must_be(READ_BY_OWNER.at(trial.release))
    trial.get(ANONYMOUS, job).must_be(forbidden)
    trial.patch(UPDATER, job, STATUS).must_be(REFUSED)
    trial.patch(USER1, job, STATUS).must_be(REFUSED)
    trial.patch(OPERATOR, job, {"jobStatusMessage": "x"}, api="v3").must_be(REFUSED)
    for_v4, for_v3 = trial.body(type="gone"), trial.body_v3(type="gone")
    trial.post(OPERATOR, for_v4).must_be(REFUSED)
    trial.post(OPERATOR, for_v3, api="v3").must_answer(400, because=REMOVED)
    trial.remove(CLEANER, job).must_answer(
        200, because="members of the delete groups delete any job (documentation)"
    )


def test_lists_with_a_job_whose_type_is_gone(own_backends: OwnBackends) -> None:
    """Privileged users see it, its owner does not; before v4.27.0 there is no list at all."""
    job, trial = restarted(own_backends, "gone")
    for_all = answer(200, shows(job["id"]), because=LISTED)
    for_owner = answer(200, hides(job["id"]), because=LISTED)
    broken = answer(400, because=REMOVED, message=UNKNOWN)
    query = list_params({"jobParams.run": trial.run})
    trial.query(OPERATOR, "v4/jobs", query).must_deviate(
        "gone-type-breaks-lists", broken, promised=for_all
    )
    trial.query(UPDATER, "v4/jobs/fullquery", query).must_deviate(
        "gone-type-breaks-lists", broken, promised=for_all
    )
    trial.query(USER1, "v4/jobs", query).must_deviate(
        "gone-type-breaks-lists", broken, promised=for_owner
    )
