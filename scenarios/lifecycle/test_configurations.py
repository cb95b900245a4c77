"""Jobs of an earlier configuration: a restart with another file over the same data.

Source: seed slide "Configuration" (configVersion); observed on v4.20.2 to v5.2.1. Each check ends
its first backend and starts a second one over the data that the first one left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scicat_harness.client.scicat import list_params
from scicat_harness.config.jobconfig import config_version
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.failure import LogWindow
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.site import Site
from scicat_harness.plugin.lab import Lab
from scicat_harness.scenarios.documents import holds, value_at
from scicat_harness.scenarios.jobs import OPERATOR, STATUS, about, body_v3, body_v4, made, patched

USER1, UPDATER, CLEANER = (SITE.identity(name) for name in ("user1", "updater", "cleaner"))
NAMES = ("anonymous", "user1", "operator", "updater", "cleaner", "janitor")
KEPT = JobType("kept", "#all", "#all")
GONE = JobType("gone", "#all", "#all")
NEW = JobType("new", "#all", "#all")
REMOVED = "a job type that is not configured is refused (observed v5.2.1)"
STAYS = "a job keeps the configVersion it was created with (documentation: jobconfig.md)"
LISTED = "lists show the jobs of configured types, and all to privileged users (observed v5.2.1)"
UNKNOWN = r"Invalid job type: gone"


def site_of(*types: JobType) -> Site:
    """A site with these job types, over the data of the one before."""
    identities = {name: SITE.identity(name) for name in NAMES}
    site = SITE.with_job_types("-".join(each.name for each in types), types)
    return replace(site, datasets={}, identities=identities, data="lives")


def restarted(lab: Lab, kind: str) -> tuple[dict[str, Any], Trial]:
    """A job of that type, owned by user1, and a backend that knows other types."""
    first = lab.trial(site_of(KEPT, GONE))
    job = made(first, body_v4(first, type=kind, ownerUser="user1", ownerGroup="group1"))
    lab.end(first)
    return job, lab.trial(site_of(KEPT, NEW))


def versions_in(log: LogWindow) -> tuple[str, str] | None:
    """The versions of a job and of the configuration, as the log tells them of an update."""
    found = log.find(
        r"\[JobUpdate\]\s+Job was created with configVersion (\S+)\.\s+"
        r"Current configVersion is (\S+)\."
    )
    return (found[1], found[2]) if found else None


def shows(job_id: str) -> Any:
    """The list has the job."""
    return lambda reply: [] if job_id in _ids(reply) else [f"job {job_id} is not shown"]


def hides(job_id: str) -> Any:
    """The list does not have the job."""
    return lambda reply: [f"job {job_id} is shown"] if job_id in _ids(reply) else []


def _ids(reply: Any) -> list[str]:
    return [str(value_at(each, "id")) for each in reply] if isinstance(reply, list) else []


def test_another_configuration(lab: Lab) -> None:
    """A job outlives a restart as it is, and keeps its configVersion; a new one has the new one."""
    job, trial = restarted(lab, "kept")
    now = config_version([KEPT, NEW])
    must_equal(job["configVersion"] == now, False, "that the two versions are one")
    body = body_v4(trial, type="kept")
    trial.tell(
        USER1,
        about("read", job_type="kept"),
        lambda client: client.read(USER1, job["id"]),
        Told(200, "jobs are stored (documentation: jobs)", holds(job)),
    ).must_be_as_specified()
    updated = trial.tell(
        USER1,
        about("update", job_type="kept"),
        patched(job["id"], STATUS, USER1),
        Told(200, STAYS, holds({"configVersion": job["configVersion"], "statusCode": "s"})),
    )
    updated.must_be_as_specified()
    told = versions_in(updated.log)
    must_equal(told, (job["configVersion"], now), "the versions in the log")
    trial.tell(
        OPERATOR,
        about("create", job_type="kept"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(201, STAYS, holds({"configVersion": now})),
    ).must_be_as_specified()


def test_a_job_whose_type_is_gone(lab: Lab) -> None:
    """It can be neither read nor updated, by nobody; it can be deleted."""
    job, trial = restarted(lab, "gone")
    path = f"/api/v4/jobs/{job['id']}"
    refused = Told(400, REMOVED, message=UNKNOWN)
    forbidden = Told(403, "anonymous reads no job (documentation)", message="Forbidden resource")
    read = about("read", job_type="gone")
    update = about("update", job_type="gone")
    trial.tell(
        OPERATOR, read, lambda client: client.read(OPERATOR, job["id"]), refused
    ).must_be_as_specified()
    trial.tell(
        USER1, read, lambda client: client.read(USER1, job["id"]), refused
    ).must_be_as_specified()
    trial.tell(
        ANONYMOUS, read, lambda client: client.send(ANONYMOUS, "GET", path), forbidden
    ).must_be_as_specified()
    trial.tell(UPDATER, update, patched(job["id"], STATUS, UPDATER), refused).must_be_as_specified()
    trial.tell(USER1, update, patched(job["id"], STATUS, USER1), refused).must_be_as_specified()
    trial.tell(
        OPERATOR,
        about("update", "v3", "gone"),
        patched(job["id"], {"jobStatusMessage": "x"}, api="v3"),
        refused,
    ).must_be_as_specified()
    for_v4, for_v3 = body_v4(trial, type="gone"), body_v3(trial, type="gone")
    trial.tell(
        OPERATOR,
        about("create", "v4", "gone"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=for_v4),
        refused,
    ).must_be_as_specified()
    trial.tell(
        OPERATOR,
        about("create", "v3", "gone"),
        lambda client: client.send(OPERATOR, "POST", "/api/v3/jobs", body=for_v3),
        Told(400, REMOVED),
    ).must_be_as_specified()
    outcome = trial.tell(
        CLEANER,
        about("delete", job_type="gone"),
        lambda client: client.delete(CLEANER, job["id"]),
        Told(200, "members of the delete groups delete any job (documentation)"),
    )
    outcome.must_be_as_specified()


def test_lists_with_a_job_whose_type_is_gone(lab: Lab) -> None:
    """Privileged users see it, its owner does not; before v4.27.0 there is no list at all."""
    job, trial = restarted(lab, "gone")
    for_all = Told(200, LISTED, shows(job["id"]))
    for_owner = Told(200, LISTED, hides(job["id"]))
    broken = Told(400, REMOVED, message=UNKNOWN)
    query = list_params({"jobParams.run": trial.desk.stage.run})
    about_list = about("list", job_type="gone")
    trial.tell(
        OPERATOR,
        about_list,
        lambda client: client.query(OPERATOR, "v4/jobs", query),
        broken,
        promised=for_all,
    ).must_deviate("gone-type-breaks-lists")
    trial.tell(
        UPDATER,
        about_list,
        lambda client: client.query(UPDATER, "v4/jobs/fullquery", query),
        broken,
        promised=for_all,
    ).must_deviate("gone-type-breaks-lists")
    outcome = trial.tell(
        USER1,
        about_list,
        lambda client: client.query(USER1, "v4/jobs", query),
        broken,
        promised=for_owner,
    )
    outcome.must_deviate("gone-type-breaks-lists")
