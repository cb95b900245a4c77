"""Every defect of what jobs cause is seen from outside: answers, sinks, stored jobs, log."""

import json
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.defects import Defect, Defects
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.inprocess import InprocessReply
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.sabotage import CATALOGUE

from .facility import Build, World, datasets, job_type
from .sinks import BrokerSink, HttpSink, MailSink
from .test_sabotage import EFFECT_FAMILIES, VARYING

RABBIT = {"actionType": "rabbitmq", "exchange": "ex", "queue": "q", "key": "k.{{job.type}}"}
HELPERS = """{{{jsonify request.jobParams}}} {{{unwrapJSON request.jobParams}}} {{keyToWord "aB"}}
{{eq request.jobParams.one "1"}} {{or "x" "y"}} {{and 1 0}} {{not true}} {{concat "a" "b"}}
{{matches "AB" "b" "i"}} {{default request.none "d"}} {{{jsonify (job_v3 job)}}}
{{urlencode "a b"}} {{base64enc "x"}} {{base64dec "eA=="}} {{formatUnit 1500 "B"}}"""


def log(perform: str, **options: Any) -> dict[str, Any]:
    return {"actionType": "log", "perform": perform, **options}


def refuse(message: str = "no", status: int = 418) -> dict[str, Any]:
    return {"actionType": "error", "message": message, "status": status}


def email(path: str, **options: Any) -> dict[str, Any]:
    defaults = {"to": "a@x.org, b@x.org", "subject": "S {{job.type}}", "bodyTemplateFile": path}
    return {"actionType": "email", **defaults, **options}


def call(url: str, **options: Any) -> dict[str, Any]:
    return {"actionType": "url", "url": url, **options}


def switch(cases: list[dict[str, Any]], phase: str = "perform") -> dict[str, Any]:
    path = "request.jobParams.v[*]"
    return {"actionType": "switch", "phase": phase, "property": path, "cases": cases}


def validate(**rules: Any) -> dict[str, Any]:
    return {"actionType": "validate", **rules}


def both(name: str, *actions: dict[str, Any], auth: str = "#all") -> dict[str, Any]:
    return job_type(name, auth, actions=actions, update_actions=actions)


def types(http: str, template: str) -> list[dict[str, Any]]:
    """All job types of these batteries."""
    posted = call(
        f"{http}/a b/{{{{job.type}}}}",
        method="POST",
        headers={"X-Job": "{{job.type}}"},
        body="{{{jsonify request}}}",
    )
    sender = "Sender <{{job.type}}@x.org>"
    effects = [RABBIT, email(template), call(f"{http}/anyway"), log("anyway")]
    number = {"jobParams.a": {"type": "number"}, "jobParams.b": {"type": "number"}}
    cases: list[dict[str, Any]] = [
        {"match": 5, "actions": [log("five")]},
        {"match": "5", "actions": [log("five again")]},
        {"schema": {"type": "boolean"}, "actions": [log("boolean")]},
        {"actions": [log("default")]},
    ]
    return [
        both("rabbit", RABBIT),
        both("denied", *effects, auth="#jobAdmin"),
        both("refused", *effects, refuse("no {{request.type}}")),
        both("mail", email(template)),
        both("mail-from", email(template, **{"from": sender})),
        both("mail-letters", email(template, to="A@example.org,a@example.org")),
        both("mail-lost", email(template, to="nobody")),
        both("mail-broken", email(template, subject="{{nosuch 1}}")),
        both("mail-ignored", email(template, subject="{{nosuch 1}}", ignoreErrors=True)),
        both("call", posted),
        *(both(f"call-{n}", call(f"{http}/status/{n}"), log("later")) for n in (404, 500)),
        both("call-away", call(f"{http}/redirect/302/there")),
        both("call-nobody", call("http://127.0.0.1:1/")),
        both("call-ignored", call(f"{http}/status/404", ignoreErrors=True)),
        both("numbers", validate(request=number)),
        both("list", validate(request={"jobParams.l[*]": {"type": "number"}})),
        both("archived", validate(datasets={"datasetlifecycle.archivable": {"const": True}})),
        job_type("status", update_actions=[validate(request={"statusCode": {"const": "x"}})]),
        both("switch", switch(cases)),
        both("switch-regex", switch([{"regex": "/b/i", "actions": [log("b")]}])),
        job_type("error-update", update_actions=[refuse()]),
        both("logs", log("{{job.type}}", validate="v [{{job.statusCode}}]")),
        both("order", log("one"), log("two")),
        both("guard", {"actionType": "log", "validate": "{{nosuch 1}}"}),
        both(
            "context",
            log("{{datasets.0.x}}{{datasets.[0].pid}} {{env.HARNESS_MARK}} {{job.statusCode}}"),
        ),
        both("stash", log("{{request.jobParams.html}} {{{request.jobParams.html}}}")),
        both("helpers", log(HELPERS)),
    ]


def made(world: World, name: str, **params: Any) -> Iterator[InprocessReply]:
    """One create, and an update of what it left behind."""
    yield world.submit(None, name, jobParams=params)
    jobs = world.backend.store.jobs.values()
    job = next((job for job in jobs if job["type"] == name), None)
    if job is not None:
        yield world.update("admin", job["id"], jobResultObject={"r": 1})


def denied(world: World) -> Iterator[InprocessReply]:
    yield world.submit("user1", "denied", ownerGroup="g1")
    yield from made(world, "refused")


def messages(world: World) -> Iterator[InprocessReply]:
    yield from made(world, "rabbit", a=1)
    yield from denied(world)
    broker = world.backend.external.broker
    assert isinstance(broker, BrokerSink)
    broker.gone = True
    yield from made(world, "rabbit")


def mails(world: World) -> Iterator[InprocessReply]:
    for name in ("mail", "mail-from", "mail-letters", "mail-lost", "mail-broken", "mail-ignored"):
        yield from made(world, name)
    yield from denied(world)


def calls(world: World) -> Iterator[InprocessReply]:
    for name in ("call", "call-404", "call-500", "call-away", "call-nobody", "call-ignored"):
        yield from made(world, name)
    yield from denied(world)


def validations(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    world.ask("admin", "PATCH", "/api/v3/datasets/D2", {"datasetlifecycle": {"archivable": False}})
    yield from made(world, "numbers", a=1, b="x")
    yield from made(world, "list", l=[1, "x"])
    yield from made(world, "list", l=[])
    yield from made(world, "archived")
    yield from made(world, "archived", **datasets("D1", "D2"))
    created = world.submit(None, "archived", jobParams=datasets("D1"))
    yield created
    world.ask("admin", "PATCH", "/api/v3/datasets/D1", {"datasetlifecycle": {"archivable": False}})
    yield world.update("admin", created.json["id"])
    yield from made(world, "status")


def switches(world: World) -> Iterator[InprocessReply]:
    for value in ([5], ["5"], [True], ["x"], [], [1, 2]):
        yield from made(world, "switch", v=value)
    yield from made(world, "switch-regex", v=["aBc"])


def effects(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    yield from denied(world)
    for name in ("error-update", "logs", "order", "guard", "call-404"):
        yield from made(world, name)
    yield from made(world, "context", **datasets("D2", "D1"))
    yield from made(world, "stash", html="<b>")
    yield from made(world, "numbers", a=1, b=2)
    job = world.submit(None, "numbers", jobParams={"a": 1, "b": 2}).json
    yield world.update("admin", job["id"])


def helped(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    yield from made(world, "helpers", one=1, none=None, yes=True, aB=1, **datasets("D1"))


BATTERIES: dict[str, Callable[[World], Iterator[InprocessReply]]] = {
    "rabbitmq": messages,
    "email": mails,
    "url": calls,
    "validate": validations,
    "switch": switches,
    "effects": effects,
    "helpers": helped,
    "mails": mails,
    "calls": calls,
    "messages": messages,
    "log": messages,
}
RIGHT: dict[str, list[Any]] = {}
"""Transcripts without any defect, by family; each test process makes each of them once."""


class Observer:
    """Runs batteries, and writes down everything that can be seen of them."""

    def __init__(self, build: Build, http: HttpSink, mail: MailSink, template: Path) -> None:
        self._build, self._http, self._mail = build, http, mail
        template.write_text("<p>{{job.type}}\n.a line that begins with a dot</p>")
        self._types = types(http.url, str(template))
        self._environment = mail.environment(
            {
                "EMAIL_FROM": "from@x.org",
                "EMAIL_REPLYTO": "reply@x.org",
                "HARNESS_MARK": "mark",
                "JOB_DEFAULT_STATUS_CODE": "begun",
            }
        )

    def transcript(self, family: str, defect: str | None = None) -> list[Any]:
        """Return the effects of a battery, reply by reply."""
        broker = BrokerSink()
        self._http.received.clear()
        self._mail.received.clear()
        world = self._build(
            self._types, defect=defect, broker=broker, environment=self._environment
        )
        seen: list[Any] = []
        for answer in BATTERIES[family](world):
            arrived = len(self._http.received), len(self._mail.received), len(broker.received)
            seen.append((answer.status, VARYING.sub("*", answer.text), arrived))
        seen += [repr(request) for request in self._http.received]
        for mail in self._mail.received:
            headers = [(name, mail.message[name]) for name in ("From", "To", "Reply-To", "Subject")]
            seen.append((mail.sender, mail.recipients, headers, mail.html, mail.message.keys()))
        seen += [VARYING.sub("*", repr(delivery)) for delivery in broker.received]
        seen += [VARYING.sub("*", stringify(job)) for job in world.backend.store.jobs.values()]
        return seen + [VARYING.sub("*", line) for line in world.log]


@pytest.fixture
def observer(build: Build, http_sink: HttpSink, mail_sink: MailSink, tmp_path: Path) -> Observer:
    return Observer(build, http_sink, mail_sink, tmp_path / "mail.html")


def ours(*families: str) -> list[Defect]:
    return [defect for defect in CATALOGUE if defect.family in families]


@pytest.mark.parametrize("defect", ours(*BATTERIES), ids=lambda defect: defect.id)
def test_effect_defect_shows(observer: Observer, defect: Defect) -> None:
    if defect.family not in RIGHT:
        RIGHT[defect.family] = observer.transcript(defect.family)
    wrong = observer.transcript(defect.family, defect.id)
    right = RIGHT[defect.family]
    assert any(before != after for before, after in zip_longest(right, wrong)), "nothing shows it"


@pytest.mark.parametrize("family", BATTERIES)
def test_effect_transcripts_repeat(observer: Observer, family: str) -> None:
    assert observer.transcript(family) == observer.transcript(family)


OPEN: dict[str, Any] = {"auth": "#all"}
STARTS: list[tuple[dict[str, Any] | list[Any], dict[str, str]]] = [
    ([{"jobType": "t", "create": {"actions": [{"actionType": "x"}]}, "update": OPEN}], {}),
    ([{"jobType": "t", "create": {"actions": [{"actionType": "url"}]}, "update": OPEN}], {}),
    ([{"jobType": "t", "create": OPEN, "update": OPEN}] * 2, {}),
    ([{"jobType": "t", "create": OPEN}], {}),
    ([both("t", validate(request={"a": "x"}))], {}),
    ([both("t", email("/no/such/file"))], {}),
    ([], {"RABBITMQ_ENABLED": "true"}),
]


def starts(path: Path, defect: str | None) -> Iterator[str]:
    for jobs, environment in STARTS:
        path.write_text(json.dumps({"configVersion": "1", "jobs": jobs}))
        try:
            EmbeddedBackend.boot(
                {"JOB_CONFIGURATION_FILE": str(path), **environment}, Defects(defect)
            )
        except BootFailure as failure:
            yield str(failure)
        else:
            yield "starts"


@pytest.mark.parametrize("defect", ours("startup"), ids=lambda defect: defect.id)
def test_startup_defect_shows(tmp_path: Path, defect: Defect) -> None:
    path = tmp_path / "jobs.json"
    assert list(starts(path, None)) != list(starts(path, defect.id))


def test_every_effect_family_has_its_battery() -> None:
    assert {"startup", *BATTERIES} == EFFECT_FAMILIES
