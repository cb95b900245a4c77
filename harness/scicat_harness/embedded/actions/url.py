"""The ``url`` action: send one HTTP request.

See specification: action.url. An error status of the remote server becomes the reply to the client;
the job is stored nevertheless.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.beside.effects import called
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure, HttpFailure, Thrown, rejection
from scicat_harness.embedded.fetch import Fetched, OutgoingCall, encode_uri, fetch
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template

__all__ = ["UrlAction"]

_CONTEXT = "URLAction"
_METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class UrlAction:
    """A url action; URL, header values and body are templates."""

    log: NestLog
    defect: Defects
    url: Template
    method: str = "GET"
    headers: Mapping[str, Template] = field(default_factory=dict)
    body: Template | None = None
    ignores_errors: bool = False
    kind: str = "url"

    @classmethod
    def build(cls, options: dict[str, Any], log: NestLog, defect: Defects) -> "UrlAction":
        """Return the action for accepted options.

        Raises BootFailure for a body that is no text, and for templates not supported here.
        """
        body = options.get("body", "")
        # Not checked with the other options: the real error is that of compiling the template.
        if not isinstance(body, str):
            raise BootFailure(
                "Error: You must pass a string or Handlebars AST to Handlebars.compile."
                " You passed [object Object]"
            )
        action = cls(
            log,
            defect,
            Template(options["url"], defect),
            options.get("method", "GET"),
            {name: Template(v, defect) for name, v in options.get("headers", {}).items()},
            # One that renders to nothing is a body: fetch then sends a content type.
            Template(body, defect) if body else None,
            options.get("ignoreErrors", False),
        )
        for template in (action.url, *action.headers.values(), Template(body)):
            template.refuse_unsupported()
        return action

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for a url action; ``build`` checks the body."""
        headers = options.get("headers", {})
        return (
            isinstance(options.get("url"), str)
            and options.get("method", "GET") in _METHODS
            and isinstance(headers, dict)
            and all(isinstance(value, str) for value in headers.values())
            and isinstance(options.get("ignoreErrors", False), bool)
        )

    async def validate(self, context: Context) -> None:
        """Do nothing: the request is only sent once the job is stored."""

    async def perform(self, context: Context) -> None:
        """Render the templates, send the request, and wait for its reply.

        Raises HttpFailure with the status of the remote server unless it is 2xx, and Thrown for
        any other failure. With ``ignoreErrors`` only rendering and encoding the URL can fail.
        """
        if self.defect("actions.url.skipped"):
            return
        if context.operation == "update" and self.defect("actions.url.create-only"):
            return
        # Outside of ignoreErrors, which covers headers, body and network only.
        url = self.url.render(context.values())
        if not self.defect("actions.url.not-encoded"):
            url = encode_uri(url)
        job = f"(Job {context.job_id})"
        self.log.log(_CONTEXT, f"{job} Requesting {url}")
        times = 2 if self.defect("actions.url.called-twice") else 1
        for _ in range(times):
            try:
                await self._call(job, url, context)
            except (HttpFailure, Thrown):
                if not self._ignores:
                    raise

    async def _call(self, job: str, url: str, context: Context) -> None:
        values = context.values()
        headers = {name: template.render(values) for name, template in self.headers.items()}
        body = None if self.body is None else self.body.render(values)
        try:
            request = self._sabotaged(OutgoingCall.of(url, self.method, headers, body))
            reply = await fetch(called(self.defect, request))
        except Thrown as thrown:
            self.log.error(_CONTEXT, f"{job} Network error requesting {url}: {thrown.shown}")
            if self.defect("actions.url.network-errors-swallowed"):
                return
            raise
        # The connection broke within the body.
        if reply.text is None:
            broken = Thrown("terminated", "TypeError")
            self.log.error(
                _CONTEXT, f"{job} Error reading response text from {url}: {broken.shown}"
            )
            if not self._ignores:
                raise broken
        self._check(job, url, reply)

    @property
    def _ignores(self) -> bool:
        return self.ignores_errors and not self.defect("actions.url.ignore-errors-ignored")

    def _check(self, job: str, url: str, reply: Fetched) -> None:
        shown = "undefined" if reply.text is None else reply.text
        text = f"{job} Request for {url} returned {reply.status}. Response: {shown}"
        if 200 <= reply.status < 300:
            self.log.log(_CONTEXT, text)
            return
        # Logged before ignoreErrors counts, so that the log shows ignored errors, too.
        if not self.defect("actions.url.refusals-not-logged"):
            self.log.error(_CONTEXT, text)
        if 400 <= reply.status < 500 and self.defect("actions.url.client-errors-accepted"):
            return
        if reply.status >= 500 and self.defect("actions.url.server-errors-accepted"):
            return
        status = 400 if self.defect("actions.url.status-hidden") else reply.status
        raise rejection(f"A remote URL call failed with response: {shown}", status)

    def _sabotaged(self, right: OutgoingCall) -> OutgoingCall:
        """Return the request as it is, or changed by the selected defect."""
        defect = self.defect
        if defect("actions.url.method-ignored"):
            return replace(right, method="GET", body=None)
        if defect("actions.url.headers-dropped"):
            return replace(right, headers=())
        if defect("actions.url.headers-unrendered"):
            texts = tuple((name, template.text) for name, template in self.headers.items())
            return replace(right, headers=texts)
        if defect("actions.url.body-dropped"):
            return replace(right, body=None)
        if defect("actions.url.body-unrendered") and self.body is not None:
            return replace(right, body=self.body.text)
        if defect("actions.url.redirects-not-followed"):
            return replace(right, follows=False)
        return right
