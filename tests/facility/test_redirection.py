"""Redirection replaces scheme and host of calls, and nothing else."""

from __future__ import annotations

import pytest

from scicat_harness.facility.literals import secrets_in
from scicat_harness.facility.redirection import redirect
from scicat_harness.model.action import Email, Log, Switch, SwitchCase, Url
from scicat_harness.model.address import error_of_fetch
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.remote import Target
from scicat_harness.model.text import Text, plain

SINK = "{{{env.SCICAT_HARNESS_SINK}}}"
ENV = {
    "ARCHIVER": "https://archiver.example/api?site=1",
    "NOT_AN_ADDRESS": "archiver",
    "HOST": "archiver.example",
    "PORT": "8443",
}
ADDRESSES: dict[str, tuple[str, str]] = {
    "host": ("https://archiver.example/x/{{job.id}}?a=b", f"{SINK}/x/{{{{job.id}}}}?a=b"),
    "port": ("http://localhost:3000/{{{job.id}}}", f"{SINK}/{{{{{{job.id}}}}}}"),
    "query": ("http://archiver.example?id={{job.id}}", f"{SINK}?id={{{{job.id}}}}"),
    "upper-case": ("HTTP://ARCHIVER/", f"{SINK}/"),
    "variable": ("{{{ env.ARCHIVER }}}&id={{job.id}}", f"{SINK}/api?site=1&id={{{{job.id}}}}"),
    "host-and-port-in-variables": ("https://{{{env.HOST}}}:{{env.PORT}}/x", f"{SINK}/x"),
    "login": ("http://user:{{{env.PORT}}}@host/p", f"{SINK}/p"),
    "variable-in-two-braces": ("{{env.ARCHIVER}}/x", f"{SINK}/api?site=1/x"),
}


def types(url: str) -> tuple[JobType, ...]:
    inside = Switch(Phase.PERFORM, "job.type", (SwitchCase((Url(Text(url)),)),))
    return (JobType("a", "#all", "#all", (Log(), Url(Text(url))), (inside,)),)


@pytest.mark.parametrize(("was", "now"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address(was: str, now: str) -> None:
    made = redirect(types(was), ENV)
    assert made.beyond == {}
    assert made.changes == [("a", was, now)]
    (job_type,) = made.job_types
    assert job_type.on_create == (Log(), Url(Text(now)))
    (switch,) = job_type.on_update
    assert isinstance(switch, Switch)
    assert switch.cases[0].actions == (Url(Text(now)),)


@pytest.mark.parametrize(
    "was",
    [
        "https://host:{{job.port}}/x",
        "{{{request.jobParams.callback}}}",
        "https://{{job.jobParams.host}}/x",
        "{{{default job.jobParams.endpoint 'https://s3.example'}}}/bucket",
    ],
)
def test_an_address_that_a_request_decides_about_is_seen_as_a_path(was: str) -> None:
    made = redirect(types(was), ENV)
    assert made.beyond == {}
    assert made.job_types[0].on_create[1] == Url(Text(f"{SINK}/{was}"))


@pytest.mark.parametrize(
    "was",
    ["https://{{{env.NOWHERE}}}/x", "{{env.NOWHERE}}/x"],
)
def test_a_host_that_nobody_knows_reaches_the_sink_too(was: str) -> None:
    made = redirect(types(was), ENV)
    assert "in a variable that --env does not name" in made.beyond["a"]
    assert made.job_types[0].on_create[1] == Url(Text(f"{SINK}/{was}"))


UNREADABLE = r"TypeError: Failed to parse URL from [\s\S]*"


@pytest.mark.parametrize(
    ("was", "error"),
    [
        ("archiver.example/x", UNREADABLE),
        ("{{env.NOT_AN_ADDRESS}}/x", UNREADABLE),
        ("https://archiver.example:99999/x", UNREADABLE),
        ("https:///archiver example/x", UNREADABLE),
        ("https://user:p@/x", UNREADABLE),
        ("archiver.example:8443/x", "TypeError: fetch failed"),
        ("ftp://archiver.example/x", "TypeError: fetch failed"),
    ],
)
def test_an_address_that_cannot_be_called_stays_and_fails(was: str, error: str) -> None:
    made = redirect(types(was), ENV)
    call = made.job_types[0].on_create[1]
    assert call == Url(Text(was), target=Target(failure=error, reached=False))
    assert (made.changes, made.beyond) == ([], {})


@pytest.mark.parametrize(
    "was", ["https://[::1]:3000/x", "https://a.example:/x", "http:\\\\a/x", 'https://a"b`c/x']
)
def test_unusual_addresses_that_can_be_called(was: str) -> None:
    assert error_of_fetch(was) is None


def test_everything_else_stays() -> None:
    mail = Email(plain("a@b.example"), plain("s"), plain("http://x.example"))
    given = (JobType("a", "@g", None, (mail, Log(perform=Text("http://x.example/{{job.id}}")))),)
    made = redirect(given, ENV)
    assert made.job_types == given
    assert made.changes == []


def test_literal_secrets_of_calls_are_known() -> None:
    call = Url(
        Text("https://x.example/api?id=1&token=in-the-query&key={{env.KEY}}"),
        headers={
            "X-Api-Key": Text("in-a-header"),
            "Authorization": Text("Bearer in-a-scheme"),
            "Cookie": Text("{{env.COOKIE}}"),
            "Accept": Text("text/plain"),
        },
        body=Text('{"id": "{{job.id}}", "password": "in-a-body"}'),
    )
    inside = Switch(Phase.PERFORM, "job.type", (SwitchCase((call,)),))
    found = list(secrets_in((JobType("a", "#all", "#all", (), (inside,)),)))
    assert found == ["in-a-header", "in-a-scheme", "in-the-query", "in-a-body"]
