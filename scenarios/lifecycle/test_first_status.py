"""The first status of a job: the defaults, their configuration, and what a creator can do to it.

Source: backend documentation of JOB_DEFAULT_STATUS_CODE and JOB_DEFAULT_STATUS_MESSAGE; observed
on v4.20.2 to v5.2.1. ``jobStatusMessage`` as a text is also in ``create/test_documents.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import holds
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS, CONTACT
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import V3_STATUS_KEPT
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.site import Site
from scicat_harness.plugin.own_backends import OwnBackends
from scicat_harness.scenarios.jobs import OPERATOR

CODE, MESSAGE = "JOB_DEFAULT_STATUS_CODE", "JOB_DEFAULT_STATUS_MESSAGE"
SETTINGS: dict[str, tuple[dict[str, str], tuple[str, str]]] = {
    "both": ({CODE: "queued", MESSAGE: "Job queued."}, ("queued", "Job queued.")),
    "code-only": ({CODE: "queued"}, ("queued", "Job submitted.")),
    "message-only": ({MESSAGE: "Job queued."}, ("jobSubmitted", "Job queued.")),
    "empty": ({CODE: "", MESSAGE: ""}, ("jobSubmitted", "Job submitted.")),
    "a-space-and-a-template": ({CODE: " ", MESSAGE: "{{job.id}}"}, (" ", "{{job.id}}")),
}
NOBODYS = Ownership(email=CONTACT)
FIRST = {"statusCode": "jobSubmitted", "statusMessage": "Job submitted."}
DEFAULT = "the first status is the configured one (documentation: configuration)"
TAKEN = "the creator's jobStatusMessage is the first status (observed v5.2.1)"


def small_site(settings: dict[str, str]) -> Site:
    """One job type, few identities, and these settings."""
    site = SITE.with_job_types("first-status", (JobType("plain", "#all", "#all"),))
    names = ("operator", "janitor")
    identities = {name: SITE.identity(name) for name in names}
    return replace(site, datasets={}, identities=identities, settings=settings)


def first(code: str, message: str) -> Any:
    """The document has this status."""
    return holds({"statusCode": code, "statusMessage": message})


@pytest.mark.parametrize("name", list(SETTINGS))
def test_configured(name: str, own_backends: OwnBackends) -> None:
    """Each setting falls back alone; an empty one is none; texts are no templates."""
    settings, (code, message) = SETTINGS[name]
    trial = own_backends.start(small_site(settings))
    stored = trial.submit(OPERATOR, CreateRequest("plain", ownership=NOBODYS))
    stored.must_be(Pinned(201, contact_email=CONTACT))
    trial.get(OPERATOR, stored.job).must_answer(200, first(code, message), because=DEFAULT)


@pytest.mark.parametrize("who", [OPERATOR, ANONYMOUS], ids=lambda each: each.name)
def test_a_creator_chooses_it(who: Any, trial: Trial) -> None:
    """By a parameter, even as anonymous."""
    body = trial.body({"jobStatusMessage": "finishedSuccessful"})
    trial.post(who, body).must_deviate(
        "creator-chooses-first-status",
        answer(201, first("finishedSuccessful", "finishedSuccessful"), because=TAKEN),
        promised=answer(201, holds(FIRST), because=DEFAULT),
    )


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (True, "true"), (1.5, "1.5")])
def test_a_number_becomes_a_text(value: Any, text: str, trial: Trial) -> None:
    """And so does a truth value."""
    body = trial.body({"jobStatusMessage": value})
    trial.post(OPERATOR, body).must_deviate(
        "creator-chooses-first-status",
        answer(201, first(text, text), because=TAKEN),
        promised=answer(201, holds(FIRST), because=DEFAULT),
    )


@pytest.mark.parametrize("value", [{}, {"a": 1}, [], ["a"]], ids=repr)
def test_an_object_or_a_list_crashes(value: Any, trial: Trial) -> None:
    """A server error, and nothing is stored."""
    body = trial.body({"jobStatusMessage": value})
    trial.post(OPERATOR, body).must_deviate(
        "first-status-crash",
        answer(500, because="it is no text (observed v5.2.1)", message="Internal server error"),
        promised=answer(201, holds(FIRST), because=DEFAULT),
    )


@pytest.mark.parametrize("value", ["", None, 0, False], ids=repr)
def test_what_is_empty_stays_a_parameter(value: Any, trial: Trial) -> None:
    """The configured status holds."""
    trial.needs(V3_STATUS_KEPT, "jobStatusMessage at create", OPERATOR)
    body = trial.body({"jobStatusMessage": value})
    trial.post(OPERATOR, body).must_answer(
        201, holds({**FIRST, "jobParams.jobStatusMessage": value}), because=DEFAULT
    )
