"""Rendering: names for what only a run knows, failures, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

from scicat_harness.facility.rendering import (
    Contexts,
    NotRendered,
    RenderingFailure,
    render_actions,
)
from scicat_harness.model.action import Email, Error, Log, Url
from scicat_harness.model.remote import MailServer
from scicat_harness.model.text import Text, plain

CONTEXTS = Contexts(
    validate={"request": {"token": "$token"}, "job": {}},
    perform={
        "request": {"token": "$token", "pid": "$pid_own_data", "price": "5 $ or more"},
        "job": {"id": "$id", "createdAt": "$created_at", "contactEmail": "a@b.example"},
    },
)


class Simple:
    """Knows ``{{a.b}}`` and helpers as in ``{{upper a.b}}``; the engine has its own tests."""

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        head, brace, rest = template.partition("{{")
        if not brace:
            return template
        inside, _, tail = rest.partition("}}")
        *helper, path = inside.split()
        value: Any = context
        for name in path.split("."):
            value = value.get(name, "") if isinstance(value, Mapping) else ""
        if helper == ["nosuch"]:
            raise RenderingFailure("Error", 'Missing helper: "nosuch"')
        if helper == ["iso"]:
            assert isinstance(value, datetime)
            moment = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return head + moment + self.render(tail, context)
        shown = {
            "upper": str(value).upper(),
            "length": str(len(str(value))),
            "urlencode": quote(str(value), safe=""),
        }
        text = shown[helper[0]] if helper else str(value)
        return head + text + self.render(tail, context)

    def unknown(self, template: str, *, whole_environment: bool = False) -> str:
        """Of datasets nothing is known here."""
        del whole_environment
        return "a dataset is the backend's to say" if "datasets" in template else ""


def rendered(text: str) -> Text:
    (action,) = render_actions((Log(perform=Text(text)),), CONTEXTS, Simple())
    assert isinstance(action, Log)
    assert action.perform is not None
    return action.perform


def test_what_only_a_run_knows_has_a_name() -> None:
    assert rendered("job {{job.id}} of {{job.type}}").means == "job ${id} of "
    assert rendered("{{request.token}}").means == "${token}"


def test_the_slash_of_a_pid_is_encoded() -> None:
    assert rendered("{{request.pid}}").means == "${run}/own-data"
    assert rendered("{{urlencode request.pid}}").means == "${run}%2Fown-data"


def test_a_date_is_a_date_that_can_be_told_by_its_iso_form_alone() -> None:
    assert rendered("{{iso job.createdAt}}").means == "${created_at}"
    assert rendered("{{job.createdAt}}").unjudged


def test_a_dollar_stays_one() -> None:
    assert rendered("{{request.price}}, $5").means == "5 $$ or more, $$5"


def test_a_failure_is_told_as_the_client_is() -> None:
    assert rendered("{{nosuch job.id}}").fails == r'Error:\ Missing\ helper:\ "nosuch"[\s\S]*'


def test_what_depends_on_a_value_of_the_run_is_not_judged() -> None:
    assert rendered("{{length job.id}}").unjudged
    assert rendered("{{upper job.id}}").unjudged
    assert rendered("{{upper job.contactEmail}}").means == "A@B.EXAMPLE"


def test_what_only_the_backend_knows_is_not_judged() -> None:
    assert rendered("{{datasets.size}}").unjudged == "a dataset is the backend's to say"


def test_whether_a_template_fails_may_be_the_backends_to_say() -> None:
    with pytest.raises(NotRendered, match="a dataset is the backend's to say"):
        rendered("{{nosuch datasets.size}}")


def test_without_an_engine_only_plain_texts_are_judged() -> None:
    given = (Log(perform=plain("done")), Log(perform=Text("{{job.id}}")))
    literal, template = render_actions(given, CONTEXTS, None)
    assert isinstance(literal, Log)
    assert isinstance(template, Log)
    assert literal.perform is not None
    assert template.perform is not None
    assert (literal.perform.means, literal.perform.unjudged) == ("done", "")
    assert "handlebars.js is not available" in template.perform.unjudged


def test_phases_see_their_own_context() -> None:
    given = (Log(validate=Text("[{{job.id}}]"), perform=Text("[{{job.id}}]")),)
    (log,) = render_actions((*given, Error(Text("{{job.id}}")))[:1], CONTEXTS, Simple())
    assert isinstance(log, Log)
    assert log.validate is not None
    assert log.perform is not None
    assert (log.validate.means, log.perform.means) == ("[]", "[${id}]")


def test_an_address_is_what_travels() -> None:
    url = Url(Text("http://sink.invalid/größe/{{job.id}}?q=a b#rest"))
    (made,) = render_actions((url,), CONTEXTS, Simple())
    assert isinstance(made, Url)
    assert made.url.means == "/gr%C3%B6%C3%9Fe/${id}?q=a%20b"


def test_a_mail_goes_to_addresses_alone() -> None:
    mail = Email(Text("Ada <{{job.contactEmail}}>; c@d.example"), plain("a\n b"), plain("x\n"))
    (made,) = render_actions((mail,), CONTEXTS, Simple())
    assert isinstance(made, Email)
    assert made.to.means == "a@b.example,c@d.example"
    assert (made.subject.means, made.body.means) == ("a b", "x")
    nobody = Email(Text("{{job.nobody}}"), plain("s"), plain("x"))
    (lost,) = render_actions((nobody,), CONTEXTS, Simple())
    assert isinstance(lost, Email)
    assert lost.server is MailServer.REFUSES
