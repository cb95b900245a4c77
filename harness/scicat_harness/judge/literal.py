"""Requests written by hand, with the answers that must come, where the oracle has no words.

job = trial.make(trial.body(), OPERATOR)
trial.patch(USER1, job, {"statusCode": "s", "statusMessage": "m"}).must_answer(
    200, holds({"updatedBy": "user1"}), because="PATCH tells who changed it (documentation)"
)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from urllib.parse import quote

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.answer import ExpectedAnswer, answer
from scicat_harness.judge.check import Check
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.failure import CheckFailed, LogWindow
from scicat_harness.judge.outcome import Outcome, SentRequest, Subject
from scicat_harness.model.expectation import Expectation, Matcher
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import Api, JobOwnership
from scicat_harness.probe.prepared import open_client
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.journal import Awaited

__all__ = ["CONTACT", "LiteralRequests", "Reply", "dataset_path"]

Job = Mapping[str, Any]
CONTACT = "contact@elsewhere.example"
_JSON = "application/json"
_DEADLINE = 10.0
_TOGETHER = 30.0
_OPERATIONS = {"POST": "create", "PATCH": "update", "GET": "read", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request that was written by hand; one of its verbs judges it."""

    check: LiteralRequests
    asked: SentRequest

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
        """What the backend has logged since the request."""
        return self.asked.log

    def must_answer(
        self, status: int, *matchers: Matcher, because: str, message: str | None = None
    ) -> None:
        """It has this status, and matches all of these; ``because`` has the source."""
        self.must_be(answer(status, *matchers, because=because, message=message))

    def must_be(self, wanted: ExpectedAnswer) -> None:
        """It is this answer."""
        expectation = wanted.expectation()
        self.check.judge(self.asked, expectation, expectation).must_be_as_specified()

    def must_deviate(self, entry: str, observed: ExpectedAnswer, promised: ExpectedAnswer) -> None:
        """It shows a known deviation, by the id of its ledger entry.

        On the releases of the entry what is observed must come, and what is promised must not; on
        all others, and under --expect documented, what is promised must come.
        """
        outcome = self.check.judge(self.asked, observed.expectation(), promised.expectation())
        outcome.must_deviate(entry)

    def must_be_refused(self, status: int, what: str) -> None:
        """It prepares what is judged by being refused with this status."""
        if self.exchange.status != status:
            raise CheckFailed(f"{what}: the reply is {self.exchange.summary()}, not {status}")

    def must_succeed(self, what: str) -> Any:
        """It prepares what is judged; its document. ``what`` says what was to be done."""
        if not 200 <= self.exchange.status < 300:
            raise CheckFailed(f"{what}: the reply is {self.exchange.summary()}, no success")
        return self.json


@dataclass(slots=True)
class LiteralRequests(Check):
    """The verbs of requests with literal paths and bodies."""

    def post(self, who: Identity, body: Any = None, api: str = "v4", **how: Any) -> Reply:
        """POST a job; ``how`` may have the media type (``form``) and ``params`` of the query."""
        job_type = str(body.get("type", "")) if isinstance(body, dict) else ""
        return self.request(who, "POST", f"{api}/jobs", body, job_type=job_type, **how)

    def patch(
        self, who: Identity, job: Job, body: Any, api: str = "v4", form: str | None = None
    ) -> Reply:
        """PATCH a job, given by its document; ``form`` is the media type."""
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
    ) -> Reply:
        """Send anything to a path below /api."""
        subject = Subject(_OPERATIONS[method], Api(path[:2]), job_type)
        asked = self._exchange(
            who,
            subject,
            lambda client: client.send(
                who, method, f"/api/{path}", body=body, form=form or _JSON, params=params
            ),
            None,
        )
        return Reply(self, asked)

    def make(self, body: Mapping[str, Any], who: Identity, api: str = "v4") -> dict[str, Any]:
        """The document of a new job that this body makes."""
        what = "a job that the check needs is made"
        document = self.post(who, body, api).must_succeed(what)
        if not isinstance(document, dict) or "id" not in document:
            raise CheckFailed(f"{what}: the reply {document!r} has no id")
        return {**document, "type": body.get("type", "")}

    def patch_at_once(self, who: Identity, job: Job, bodies: Sequence[Any], form: str) -> list[int]:
        """PATCH a job with all of these at the same time, each on its own connection; statuses."""
        together = Barrier(len(bodies), timeout=_TOGETHER)
        path = f"/api/v4/jobs/{job['id']}"

        def send(body: Any) -> int:
            client = open_client(self.context.prepared)
            try:
                together.wait()
                return client.send(who, "PATCH", path, body=body, form=form).status
            finally:
                client.transport.close()

        self._refuse_missing(who)
        with ThreadPoolExecutor(len(bodies), thread_name_prefix="patch") as pool:
            return list(pool.map(send, bodies))

    def stored_job(self, job_type: str, owned: JobOwnership) -> dict[str, Any]:
        """A new job of a type and ownership that nobody else uses."""
        return {"id": self.context.pool.make(job_type, owned), "type": job_type}

    def body(self, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """A v4 body of a job of nobody's; ``fields`` replace and add."""
        found = {"type": "lives.plain", "jobParams": {**self.marks(), **(params or {})}, **fields}
        return {"contactEmail": CONTACT, **found} if "contactEmail" not in fields else found

    def body_v3(self, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """A v3 body of a job about one dataset; ``fields`` replace and add."""
        return {
            "type": "lives.plain",
            "emailJobInitiator": CONTACT,
            "jobParams": {**self.marks(), **(params or {})},
            "datasetList": [{"pid": self.pid("own"), "files": []}],
            **fields,
        }

    def marks(self) -> dict[str, str]:
        """Parameters by which a job of this run is known, with a new correlation."""
        return self.context.marks(self.context.correlation())

    def new_mark(self) -> str:
        """A text that nothing else of this run has."""
        return self.context.correlation()

    @property
    def shared(self) -> dict[str, Any]:
        """What the checks of one process share on this backend, by name."""
        return self.context.shared

    @property
    def config_version(self) -> str:
        """The configVersion of new jobs."""
        return self.context.config_version

    @property
    def run(self) -> str:
        """The name of the run."""
        return self.context.prepared.run

    def pid(self, alias: str) -> str:
        """The pid of a dataset of the site, "" where there is no backend."""
        return self.context.prepared.pids.get(alias, "")

    def token_of(self, who: str) -> str:
        """The token of an identity; "" where it has none."""
        return str(self.context.prepared.tokens.get(who) or "")

    def arrivals(self, correlation: str, channel: str) -> list[Arrival]:
        """What came of a request on a channel (email, url, amqp); waits for the first."""
        assert self.context.watch is not None
        return list(self.context.watch.sinks.wait(Awaited(correlation, channel), timeout=_DEADLINE))

    def judge(self, asked: SentRequest, observed: Expectation, documented: Expectation) -> Outcome:
        """The outcome of a request under both readings, not judged yet."""
        return self.outcome(asked, Readings(observed, documented, self.context.reading))


def dataset_path(pid: str) -> str:
    """The path of a dataset below /api."""
    return f"v3/datasets/{quote(pid, safe='')}"
