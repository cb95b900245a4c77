"""Requests and expected answers written by hand, for what no rule of the oracle covers.

job = trial.make(trial.body(), OPERATOR)
trial.patch(USER1, job, {"statusCode": "s", "statusMessage": "m"}).must_answer(
    200, holds({"updatedBy": "user1"}), because="PATCH stores who sent it (documentation)"
)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.answer import ExpectedAnswer, answer
from scicat_harness.judge.check import Check
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.failure import CheckFailed, LogWindow
from scicat_harness.judge.outcome import Outcome, SentRequest, Subject
from scicat_harness.judge.stored import kept_differences
from scicat_harness.judge.wording import sentences
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation, Matcher
from scicat_harness.model.identity import CONTACT, Identity
from scicat_harness.model.request import Api, JobOwnership
from scicat_harness.oracle.document import fixed_part
from scicat_harness.probe import datasets
from scicat_harness.probe.prepared import SIGNING_KEY, open_client, password_name
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.journal import Awaited

__all__ = ["LiteralRequests", "Reply", "dataset_path"]

Job = Mapping[str, Any]
_JSON = "application/json"
_JOB_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Seconds until an effect must have arrived.
_DEADLINE = 10.0
# Seconds until every thread of a simultaneous PATCH must be ready to send.
_READY_DEADLINE = 30.0
_OPERATIONS = {
    "POST": "create",
    "PATCH": "update",
    "PUT": "update",
    "GET": "read",
    "HEAD": "read",
    "OPTIONS": "read",
    "DELETE": "delete",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request written by hand; one of its ``must_`` methods judges it.

    A reply that is never judged is not part of the record of its check.
    """

    check: LiteralRequests
    asked: SentRequest
    changed: Sequence[Difference] = ()
    """What the request changed that no update may change."""

    @property
    def exchange(self) -> Exchange:
        """The request and its reply."""
        return self.asked.exchange

    @property
    def json(self) -> Any:
        """The parsed reply, or None where it is not JSON."""
        return self.exchange.json

    @property
    def log(self) -> LogWindow:
        """The log of the backend since the request."""
        return self.asked.log

    def must_answer(
        self, status: int, *matchers: Matcher, because: str, message: str | None = None
    ) -> None:
        """Judge that the reply has this status and satisfies all matchers.

        ``message`` is a pattern of the error message, ``because`` a sentence with its source.
        Raises CheckFailed.
        """
        self.must_be(answer(status, *matchers, because=because, message=message))

    def must_be(self, wanted: ExpectedAnswer) -> None:
        """Judge that the reply is this answer; raises CheckFailed."""
        expectation = wanted.expectation()
        self.check.judge(self, expectation, expectation).must_be_as_specified()

    def must_deviate(self, entry: str, observed: ExpectedAnswer, promised: ExpectedAnswer) -> None:
        """Judge that the reply shows a known deviation, given by the id of its ledger entry.

        On the releases of the entry the reply must be ``observed`` and must not be ``promised``;
        on all others, and under --expect documented, it must be ``promised``. Raises CheckFailed.
        """
        outcome = self.check.judge(self, observed.expectation(), promised.expectation())
        outcome.must_deviate(entry)

    def must_be_refused(self, status: int, what: str) -> None:
        """Require a refusal with this status as a preparation; ``what`` names the step.

        Not a judgement of the request itself. Raises CheckFailed.
        """
        if self.exchange.status != status:
            raise CheckFailed(f"{what}: the reply is {self.exchange.summary()}, not {status}")

    def must_succeed(self, what: str) -> Any:
        """Require success as a preparation and return the document; ``what`` names the step.

        Not a judgement of the request itself. Raises CheckFailed.
        """
        if not 200 <= self.exchange.status < 300:
            raise CheckFailed(f"{what}: the reply is {self.exchange.summary()}, no success")
        if self.changed:
            raise CheckFailed(f"{what}, but {'; '.join(sentences(self.changed))}")
        return self.json


@dataclass(slots=True)
class LiteralRequests(Check):
    """A check that sends requests with literal paths and bodies."""

    def post(self, who: Identity, body: Any = None, api: str = "v4", **how: Any) -> Reply:
        """POST a job; ``how`` may give the media type (``form``) and ``params`` of the query."""
        job_type = str(body.get("type", "")) if isinstance(body, dict) else ""
        return self.request(who, "POST", f"{api}/jobs", body, job_type=job_type, **how)

    def patch(
        self, who: Identity, job: Job, body: Any, api: str = "v4", form: str | None = None
    ) -> Reply:
        """PATCH a job, given by its document; ``form`` is the media type, by default JSON."""
        path, job_type = f"{api}/jobs/{job['id']}", str(job.get("type", ""))
        return self.request(who, "PATCH", path, body, job_type=job_type, form=form)

    def get(self, who: Identity, job: Job, api: str = "v4") -> Reply:
        """GET a job, given by its document."""
        return self.request(
            who, "GET", f"{api}/jobs/{job['id']}", job_type=str(job.get("type", ""))
        )

    def remove(self, who: Identity, job: Job, api: str = "v4") -> Reply:
        """DELETE a job, given by its document."""
        path = f"{api}/jobs/{job['id']}"
        return self.request(who, "DELETE", path, job_type=str(job.get("type", "")))

    def query(self, who: Identity, path: str, params: Mapping[str, Any]) -> Reply:
        """GET a list below /api, such as ``v4/jobs/fullquery``; objects are sent as JSON."""
        subject = Subject("list", Api(path[:2]), "")
        asked = self._exchange(who, subject, lambda client: client.query(who, path, params), None)
        return Reply(self, asked)

    def request(
        self,
        who: Identity,
        method: str,
        path: str,
        body: Any = None,
        *,
        job_type: str = "",
        form: str | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request to a path below /api, such as ``v4/jobs``.

        Path and body are sent unchanged: a text as it is, anything else as JSON. ``form`` is the
        media type; ``headers`` replace those that the client sets by itself.
        """
        subject = Subject(_OPERATIONS[method], Api(path[:2]), job_type)
        named = _JOB_ID.search(path)
        before = None
        if named is not None and method in ("PATCH", "PUT", "DELETE"):
            before = self._forgotten(named[0])
        # The expectation comes with the judgement, so here no backend is expected to end.
        asked = self._exchange(
            who,
            subject,
            lambda client: client.send(
                *(who, method, f"/api/{path}"),
                body=body,
                form=form or _JSON,
                params=params,
                headers=headers,
            ),
            None,
        )
        shown = asked.exchange.json
        if method == "POST" and isinstance(shown, dict):
            self.context.unmarked.append(str(shown.get("id", "")))
        changed: tuple[Difference, ...] = ()
        if method in ("POST", "PATCH") and subject.api is Api.V4 and self._is_job(asked.exchange):
            self.context.known.note(shown)
            if before is not None:
                changed = tuple(kept_differences(fixed_part(before), fixed_part(shown)))
        return Reply(self, asked, changed)

    def _forgotten(self, job_id: str) -> dict[str, Any] | None:
        """Forget the document of a job that a request written by hand may change; return it."""
        before = self.context.known.get(job_id)
        self.context.known.forget(job_id)
        return before

    @staticmethod
    def _is_job(exchange: Exchange) -> bool:
        """Return whether a reply shows a whole job of v4."""
        shown = exchange.json
        return exchange.status < 300 and isinstance(shown, dict) and "jobParams" in shown

    def make(self, body: Mapping[str, Any], who: Identity, api: str = "v4") -> dict[str, Any]:
        """Create a job from this body as a preparation and return its document.

        Raises CheckFailed where the backend refuses, or replies without an id.
        """
        what = "a job that the check needs is created"
        document = self.post(who, body, api).must_succeed(what)
        if not isinstance(document, dict) or "id" not in document:
            raise CheckFailed(f"{what}: the reply {document!r} has no id")
        # The type of the request: later requests record it, and a reply may have another one.
        return {**document, "type": body.get("type", "")}

    def patch_at_once(self, who: Identity, job: Job, bodies: Sequence[Any], form: str) -> list[int]:
        """PATCH a job with all bodies at the same time and return the statuses in their order.

        Each request has a thread and a connection of its own.
        """
        # Without it the first request could be answered before the last one is sent.
        together = Barrier(len(bodies), timeout=_READY_DEADLINE)
        path = f"/api/v4/jobs/{job['id']}"

        def send(body: Any) -> int:
            client = open_client(self.context.prepared)
            try:
                together.wait()
                return client.send(who, "PATCH", path, body=body, form=form).status
            finally:
                client.transport.close()

        self._refuse_missing(who)
        self._forgotten(str(job["id"]))
        with ThreadPoolExecutor(len(bodies), thread_name_prefix="patch") as pool:
            return list(pool.map(send, bodies))

    def stored_job(self, job_type: str, owned: JobOwnership) -> dict[str, Any]:
        """Create a job of a type and ownership that no other check uses; its id and type."""
        return {"id": self.context.pool.make(job_type, owned), "type": job_type}

    def body(self, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Return a v4 body without owners; ``fields`` replace and add members.

        ``params`` are added to ``jobParams``, beside the marks of the run.
        """
        found = {"type": "lives.plain", "jobParams": {**self.marks(), **(params or {})}, **fields}
        return {"contactEmail": CONTACT, **found} if "contactEmail" not in fields else found

    def body_v3(self, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Return a v3 body with one dataset; ``fields`` replace and add members."""
        # v3 requires a dataset (specification: v3.create).
        return {
            "type": "lives.plain",
            "emailJobInitiator": CONTACT,
            "jobParams": {**self.marks(), **(params or {})},
            "datasetList": [{"pid": self.pid("own"), "files": []}],
            **fields,
        }

    def marks(self) -> dict[str, str]:
        """Return parameters that mark a job of this run, with a new correlation."""
        return self.context.marks(self.context.correlation())

    def new_mark(self) -> str:
        """Return a text that nothing else of this run contains."""
        return self.context.correlation()

    @property
    def shared(self) -> dict[str, Any]:
        """Values that the checks of one process share on this backend, by name."""
        return self.context.shared

    @property
    def config_version(self) -> str:
        """The ``configVersion`` of new jobs."""
        return self.context.config_version

    @property
    def run(self) -> str:
        """The name of the run."""
        return self.context.prepared.run

    def pid(self, alias: str) -> str:
        """Return the pid of a dataset of the site; "" where there is no backend."""
        return self.context.prepared.pids.get(alias, "")

    def token_of(self, who: str) -> str:
        """Return the token of an identity; "" where it has none."""
        return str(self.context.prepared.tokens.get(who) or "")

    def password_of(self, who: Identity) -> str:
        """Return the password of an account; not verifiable where the harness did not make it."""
        password = self.context.prepared.planted.get(password_name(who.name))
        if not password:
            self.not_verifiable("needs the passwords of the accounts", who)
        return password

    def signing_key(self, who: Identity) -> str:
        """Return the key that signs tokens of this backend; not verifiable where it is unknown."""
        key = self.context.prepared.planted.get(SIGNING_KEY)
        if not key:
            self.not_verifiable("needs the backend's JWT_SECRET to sign a token", who)
        return key

    def arrivals(self, correlation: str, channel: str) -> list[Arrival]:
        """Return the arrivals of a request on a channel (email, url, amqp).

        Waits for the first, at most ten seconds; raises DeadlineExceeded without any.
        """
        assert self.context.watch is not None
        return list(self.context.watch.sinks.wait(Awaited(correlation, channel), timeout=_DEADLINE))

    def judge(self, reply: Reply, observed: Expectation, documented: Expectation) -> Outcome:
        """Return the outcome of a request with its expectation by each reading, not judged yet."""
        readings = Readings(observed, documented, self.context.reading)
        outcome = self.outcome(reply.asked, readings)
        findings = (*outcome.observation.findings, *reply.changed)
        outcome.observation = replace(outcome.observation, findings=findings)
        return outcome


def dataset_path(pid: str) -> str:
    """Return the path of a dataset below /api; the slash of its pid is encoded."""
    return datasets.dataset_path(pid).removeprefix("/api/")
