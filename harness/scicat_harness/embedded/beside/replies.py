"""Defects that show more in a reply than it may show, or something else than is stored."""

from collections.abc import Callable
from typing import Any

from scicat_harness.embedded.beside.handled import Handled
from scicat_harness.embedded.beside.table import Table

__all__ = ["REPLIES"]

REPLIES: Table[Callable[[Handled], None]] = Table("replies")


def _add(seen: Handled, **fields: Any) -> None:
    if isinstance(seen.body, dict):
        seen.body = {**seen.body, **fields}


def _add_to_message(seen: Handled, text: str) -> None:
    if isinstance(seen.body, dict) and isinstance(seen.body.get("message"), str):
        seen.body = {**seen.body, "message": f"{seen.body['message']}{text}"}


@REPLIES.add("reply.sets-cookie", "Every reply sets a cookie.")
def _(seen: Handled) -> None:
    seen.headers["set-cookie"] = "session=1"


@REPLIES.add("reply.names-its-version", "Every reply has a header with the version.")
def _(seen: Handled) -> None:
    seen.headers["x-backend-version"] = "5"


@REPLIES.add("reply.is-html", "Errors are sent as HTML.")
def _(seen: Handled) -> None:
    if not seen.allowed:
        seen.headers["content-type"] = "text/html; charset=utf-8"


@REPLIES.add("reply.refusal-has-stack", "A refusal has a stack trace.")
def _(seen: Handled) -> None:
    if not seen.allowed:
        _add(seen, stack="Error\n    at Guard (/app/dist/main.js:1:2)")


@REPLIES.add("reply.refusal-names-owner", "A refusal names the owner of the job.")
def _(seen: Handled) -> None:
    job = seen.job
    if not seen.allowed and job is not None:
        _add(seen, owner=job.get("ownerUser"))


@REPLIES.add("reply.refusal-names-address", "A refusal has the contact address of the job.")
def _(seen: Handled) -> None:
    job = seen.job
    if not seen.allowed and job is not None:
        _add_to_message(seen, f" ({job.get('contactEmail')})")


@REPLIES.add("reply.refusal-names-groups", "A refusal lists the groups of the caller.")
def _(seen: Handled) -> None:
    if not seen.allowed:
        _add(seen, groups=list(seen.call.caller.groups))


@REPLIES.add("reply.refusal-echoes-token", "A refusal repeats the token.")
def _(seen: Handled) -> None:
    if not seen.allowed:
        _add(seen, details=seen.token)


@REPLIES.add("reply.refusal-has-wrong-status", "The body of a refusal has another status.")
def _(seen: Handled) -> None:
    if not seen.allowed and isinstance(seen.body, dict) and "statusCode" in seen.body:
        _add(seen, statusCode=200)


@REPLIES.add("reply.refusal-has-database-address", "A refusal names the database.")
def _(seen: Handled) -> None:
    if not seen.allowed:
        _add_to_message(seen, " mongodb://database:27017/scicat")


@REPLIES.add("reply.header-has-token", "A header repeats the token.")
def _(seen: Handled) -> None:
    if seen.token:
        seen.headers["etag"] = f'"{seen.token}"'


@REPLIES.add("reply.header-has-secret", "A header has the secret that signs tokens.")
def _(seen: Handled) -> None:
    seen.headers["etag"] = seen.backend.settings.jwt_secret


@REPLIES.add("reply.create-shows-more", "The reply of a create has a field that is not stored.")
def _(seen: Handled) -> None:
    if seen.is_create and seen.allowed:
        _add(seen, queue="jobs")


@REPLIES.add("reply.create-shows-less", "The reply of a create lacks the parameters.")
def _(seen: Handled) -> None:
    if seen.is_create and seen.shows_job:
        seen.body = {**seen.body, "jobParams": {}}


@REPLIES.add("reply.create-shows-null", "The reply of a create shows an owner that is not set.")
def _(seen: Handled) -> None:
    if seen.is_create and seen.shows_job and "ownerUser" not in seen.body:
        _add(seen, ownerUser=None)


@REPLIES.add("reply.update-shows-old-status", "The reply of an update shows the first status.")
def _(seen: Handled) -> None:
    if seen.is_update and seen.shows_job:
        _add(seen, statusMessage="Job submitted.")


@REPLIES.add("reply.read-shows-secret", "A read shows a field that is not stored.")
def _(seen: Handled) -> None:
    if seen.is_read and seen.allowed:
        _add(seen, internal={"host": "node1"})


@REPLIES.add("reply.read-hides-parameters", "A read shows jobParams without its last member.")
def _(seen: Handled) -> None:
    if seen.is_read and seen.shows_job:
        params = seen.body["jobParams"]
        _add(seen, jobParams={key: params[key] for key in list(params)[:-1]})


@REPLIES.add("reply.read-shows-other-contact", "A read shows another contact address.")
def _(seen: Handled) -> None:
    if seen.is_read and seen.allowed:
        for key in ("contactEmail", "emailJobInitiator"):
            if isinstance(seen.body, dict) and key in seen.body:
                _add(seen, **{key: "helpdesk@elsewhere.example"})


@REPLIES.add("reply.v3-shows-group", "A job in the form of v3 shows its owner group.")
def _(seen: Handled) -> None:
    job = seen.job
    if (
        seen.allowed
        and job is not None
        and isinstance(seen.body, dict)
        and "jobStatusMessage" in seen.body
    ):
        _add(seen, ownerGroup=job.get("ownerGroup"))


@REPLIES.add("reply.rows-show-more", "Rows of a list have a field that is not stored.")
def _(seen: Handled) -> None:
    if seen.is_list:
        seen.body = [{**row, "score": 1} for row in seen.body if isinstance(row, dict)]


@REPLIES.add("reply.rows-lack-parameters", "Rows of a list have no parameters.")
def _(seen: Handled) -> None:
    if seen.is_list:
        seen.body = [{**row, "jobParams": {}} for row in seen.body if isinstance(row, dict)]


@REPLIES.add("reply.rows-twice", "A list shows each job twice.")
def _(seen: Handled) -> None:
    if seen.is_list:
        seen.body = [*seen.body, *seen.body]


@REPLIES.add("reply.rows-reversed", "A list is in the reverse order.")
def _(seen: Handled) -> None:
    if seen.is_list:
        seen.body = seen.body[::-1]


@REPLIES.add("reply.delete-shows-more", "The reply of a delete has another form.")
def _(seen: Handled) -> None:
    if seen.method == "DELETE" and seen.allowed:
        _add(seen, deletedBy=seen.call.caller.username)


@REPLIES.add("reply.refusal-without-reasons", "A refusal does not say what is wrong with a list.")
def _(seen: Handled) -> None:
    body = seen.body
    if isinstance(body, dict) and "error" in body and "statusCode" not in body:
        _add(seen, error="[{}]")
