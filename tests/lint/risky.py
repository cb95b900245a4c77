"""Configurations a backend starts with, and would better not."""

from __future__ import annotations

from scicat_harness.model.release import Release

from .case import ACCOUNTS, ENV, HEAD, Case, acting, typed

_MAIL = "actionType: email, to: a@b.example, subject: s, bodyTemplateFile: mail.html"
_BODY = {"mail.html": "<p>x</p>"}
_URL = "actionType: url, url: 'https://a.example/x'"
_POST = f"{_URL}, method: POST"
_JSON = "headers: {Content-Type: application/json}"
_ACCOUNTS = """[
 {"username": "archiveManager", "password": "x", "email": "a@x.example", "role": "archivemanager"},
 {"username": "jo", "password": "x", "email": "j@x.example", "role": ["curators", "staff"],
  "global": true}]"""
_ENV = "JOB_CONFIGURATION_FILE=jobs.yaml\n"


def _auth(update: str) -> str:
    return HEAD + typed("t", update=update)


def _rabbit(exchange: str = "e", queue: str = "q", key: str = "k") -> str:
    return f"actionType: rabbitmq, exchange: '{exchange}', queue: '{queue}', key: '{key}'"


def _switch(rest: str, phase: str = "perform", path: str = "request.jobParams.a") -> str:
    return f"actionType: switch, phase: {phase}, property: '{path}', cases: [{rest}]"


def _finished(test: str) -> str:
    case = f"{{regex: /^finished/, actions: [{_log(test)}]}}"
    return _switch(case, path="job.statusCode")


def _otherwise(test: str) -> str:
    cases = f"{{match: done, actions: []}}, {{actions: [{_log(test)}]}}"
    return _switch(cases, path="request.statusCode")


def _log(test: str) -> str:
    return f"{{actionType: log, perform: '{{{{#if ({test})}}}}x{{{{/if}}}}'}}"


def _validate(rest: str) -> str:
    return f"actionType: validate, {rest}"


ACCESS = [
    Case("group-without-at", "auth.group-without-at", 3, _auth("archivemanager")),
    Case("group-without-at-proven", "auth.group-without-at", 3, _auth("curators"),
         accounts=_ACCOUNTS),
    Case("group-of-the-environment", "auth.group-without-at", 3, _auth("ops"),
         env=f"{_ENV}ADMIN_GROUPS=admins, ops\n"),
    Case("user-by-case", "auth.case", 3, _auth("JO"), accounts=_ACCOUNTS),
    Case("group-by-case", "auth.case", 3, _auth("@Curators"), accounts=_ACCOUNTS),
    Case("word-by-case", "auth.case", 3, _auth("#jobownerUser")),
    Case("unknown-user", "auth.unknown-user", 3, _auth("robot"), accounts=_ACCOUNTS),
    Case("unknown-group", "auth.unknown-group", 3, _auth("@robots"), accounts=_ACCOUNTS),
    Case("accounts-that-are-no-list", "account.no-list", 1, _auth("#jobOwnerUser"), at=ACCOUNTS,
         accounts='{"username": "jo", "email": "j@x.example", "password": "x"}'),
    Case("account-without-password", "account.no-password", 2, _auth("#jobOwnerUser"), at=ACCOUNTS,
         accounts='[\n{"username": "jo", "email": "j@x.example", "role": "staff"}]'),
    Case("no-auth", "auth.missing", 3,
         HEAD + '  - {jobType: t, create: {auth: "#authenticated"}, update: {}}\n'),
    Case("unknown-word", "auth.unknown-word", 3, _auth("#everybody")),
    Case("create-word", "auth.create-word-in-update", 3, _auth("#datasetOwner")),
    Case("update-word", "auth.update-word-in-create", 3, HEAD + typed("t", "#jobOwnerUser")),
    Case("admins-only", "auth.admins-update-only", 3, _auth("#jobAdmin")),
    Case("all", "expose.create-all", 3, HEAD + typed("t", "#all")),
    Case("public", "expose.create-public", 4, HEAD + typed("s") + typed("t", "#datasetPublic")),
    Case("all-update", "expose.update-all", 3, _auth("#all")),
    Case("archive", "lifecycle.archive", 3, HEAD + typed("archive", "#datasetOwner")),
    Case("retrieve", "lifecycle.retrieve", 3, HEAD + typed("retrieve", "#datasetAccess")),
    Case("public-type", "lifecycle.public", 3, HEAD + typed("public")),
    Case("broker-true", "env.broker-word", 2, HEAD + typed("t"), at=ENV,
         env=f"{_ENV}RABBITMQ_ENABLED=true\n"),
    Case("configuration-path", "env.configuration-path", 1, HEAD + typed("t"), at=ENV,
         env="JOB_CONFIGURATION_PATH=jobs.yaml\n"),
    Case("no-configuration", "env.no-configuration", 1, HEAD + typed("t"), at=ENV,
         env="MONGODB_URI=mongodb://db/x\n"),
    Case("no-mail-server", "env.no-mail-server", 1, acting(_MAIL), files=_BODY, at=ENV,
         env=f"{_ENV}EMAIL_FROM=a@b.example\n"),
    Case("no-sender", "env.no-sender", 2, acting(_MAIL), files=_BODY, at=ENV,
         env=f"{_ENV}SMTP_HOST=mail\n"),
    Case("secure-true", "env.mail-secure-word", 2, HEAD + typed("t"), at=ENV,
         env=f"{_ENV}SMTP_SECURE=true\n"),
    Case("old-list", "env.old-group-list", 2, HEAD + typed("t"), at=ENV,
         env=f"{_ENV}CREATE_JOB_GROUPS=a\n"),
    Case("list-not-split", "env.group-list-not-split", 2, HEAD + typed("t"), at=ENV,
         env=f"{_ENV}UPDATE_JOB_PRIVILEGED_GROUPS=a, b\n", release=Release(5, 0, 1)),
]  # fmt: skip

TEMPLATES = [
    Case("syntax", "template.syntax", 8,
         acting("actionType: log, perform: '{{#if job.id == 1}}x{{/if}}'")),
    Case("syntax-in-mail", "template.syntax", 3, acting(_MAIL), at="mail.html",
         files={"mail.html": "<p>\n\n{{#each}\n"}),
    Case("helper", "template.unknown-helper", 8,
         acting("actionType: log, perform: '{{up job.id}}'")),
    Case("helper-of-later", "template.unknown-helper", 8,
         acting("actionType: log, perform: '{{not job.id}}'"), release=Release(4, 25, 1)),
    Case("helper-arguments", "template.helper-arguments", 8,
         acting("actionType: log, perform: '{{eq job.id}}'")),
    Case("if-arguments", "template.helper-arguments", 8,
         acting("actionType: log, perform: '{{#if job.id 1}}x{{/if}}'")),
    Case("helper-as-block", "template.helper-as-block", 8,
         acting("actionType: log, perform: '{{#eq job.id 1}}x{{/eq}}'")),
    Case("secret-in-log", "template.secret", 8,
         acting('actionType: log, perform: "{{{env.API_TOKEN}}}"')),
    Case("secret-in-refusal", "template.secret", 8,
         acting('actionType: error, message: "{{urlencode env.DB_PASSWORD}}"')),
    Case("no-such-unit", "template.always-fails", 8,
         acting("actionType: log, perform: '{{formatUnit job.jobParams.n \"quux\"}}'")),
    Case("no-such-pattern", "template.always-fails", 8,
         acting("actionType: log, perform: '{{matches job.id \"[\"}}'")),
    Case("whole-environment", "template.whole-environment", 8,
         acting("actionType: log, perform: '{{{jsonify env}}}'")),
    Case("whole-context", "template.whole-environment", 8,
         acting("actionType: log, perform: '{{{jsonify this}}}'")),
    Case("every-variable", "template.whole-environment", 8,
         acting("actionType: log, perform: '{{#each env}}{{@key}}={{this}} {{/each}}'")),
    Case("never-true", "template.never-true", 8,
         acting(_finished('eq job.statusCode "done"'), on="update")),
    Case("never-true-in-default", "template.never-true", 8,
         acting(_otherwise('eq job.statusCode "done"'), on="update")),
    Case("partial", "template.partial", 8, acting("actionType: log, perform: '{{> head}}'")),
    Case("typo", "template.unknown-variable", 8,
         acting("actionType: log, perform: '{{job.jobStatus}}'")),
    Case("typo-in-each", "template.unknown-variable", 8,
         acting("actionType: log, perform: '{{#each datasets}}{{pidd}}{{/each}}'")),
    Case("env-in-each", "template.unknown-variable", 8,
         acting("actionType: log, perform: '{{#each datasets}}{{env.SITE}}{{/each}}'")),
    Case("request-id", "template.unknown-variable", 8,
         acting("actionType: log, perform: '{{request.id}}'")),
    Case("no-root", "template.unknown-variable", 8, acting("actionType: log, perform: '{{foo}}'")),
    Case("request-of-update", "template.unknown-variable", 8,
         acting("actionType: log, perform: '{{request.jobParams.a}}'", on="update")),
    Case("job-not-yet", "template.job-not-yet", 8,
         acting("actionType: error, message: 'no {{job.type}}'")),
    Case("job-unreadable", "template.job-unreadable", 8,
         acting("actionType: log, validate: '{{job.id}}'", on="update")),
    Case("datasets-of-old", "template.datasets-not-loaded", 8,
         acting("actionType: log, perform: '{{datasets.length}}'"), release=Release(4, 20, 2)),
    Case("json", "template.json-escaped", 8,
         acting(f"{_POST}, {_JSON}, body: '{{\"a\": \"{{{{job.jobParams.a}}}}\"}}'")),
    Case("url", "template.url-escaped", 8,
         acting("actionType: url, url: 'https://a.example/{{job.jobParams.a}}'")),
    Case("urlencode", "template.url-encoded-twice", 8,
         acting("actionType: url, url: 'https://a.example/{{urlencode job.jobParams.a}}'")),
    Case("subject", "template.text-escaped", 8, files=_BODY, text=
         acting(_MAIL.replace("subject: s", "subject: '{{job.statusMessage}}'"))),
    Case("variable", "template.unset-variable", 8, env=_ENV, text=
         acting("actionType: url, url: 'https://a.example/{{{env.PLACE}}}'")),
    Case("authorization", "template.empty-authorization", 8, env=_ENV, text=
         acting(f"{_URL}, headers: {{Authorization: 'Bearer {{{{{{env.TOKEN}}}}}}'}}")),
]  # fmt: skip

ACTING = [
    Case("body-outside", "mail.body-not-read", 8,
         acting(_MAIL.replace("mail.html", "/etc/hostname"))),
    Case("ignore-errors", "mail.ignore-errors", 8, acting(f"{_MAIL}, ignoreErrors: true"),
         files=_BODY),
    Case("from", "mail.from-template", 8, acting(f"{_MAIL}, from: '{{{{job.type}}}}@x.example'"),
         files=_BODY),
    Case("ignore-errors-of-old", "action.option-too-new", 8, acting(f"{_URL}, ignoreErrors: true"),
         release=Release(4, 20, 2)),
    Case("http", "url.secret-over-http", 8, acting(
        "actionType: url, url: 'http://a.example', headers: {Cookie: '{{{env.SESSION}}}'}")),
    Case("secret-in-url", "url.secret-in-url", 8,
         acting("actionType: url, url: 'https://a.example/?k={{{env.API_TOKEN}}}'")),
    Case("password-in-url", "url.secret-in-url", 8,
         acting("actionType: url, url: 'https://jo:hush-hush@a.example/'")),
    Case("secret-in-file", "url.secret-in-file", 8,
         acting(f"{_URL}, headers: {{Authorization: 'Bearer hush-hush-hush'}}")),
    Case("get-with-body", "url.body-with-get", 8, acting(f"{_URL}, body: x")),
    Case("needs-enabling", "broker.needs-enabling", 8, acting(_rabbit())),
    Case("rabbit-template", "broker.template", 8, acting(_rabbit(key="k.{{job.type}}")),
         broker=True),
    Case("no-exchange", "broker.empty-name", 8, acting(_rabbit("")), broker=True),
    Case("no-queue", "broker.empty-name", 8, acting(_rabbit(queue="")), broker=True),
    Case("reserved", "broker.reserved-name", 8, acting(_rabbit("amq.direct")), broker=True),
    Case("two-queues", "broker.two-queues", 9, acting(_rabbit(), _rabbit(queue="r")), broker=True),
    Case("pattern", "broker.pattern-key", 8, acting(_rabbit(key="jobs.*")), broker=True),
    Case("error-while-performing", "switch.never-acts", 8,
         acting(_switch("{match: a, actions: [{actionType: error, message: m}]}"))),
    Case("url-while-validating", "switch.never-acts", 8,
         acting(_switch(f"{{match: a, actions: [{{{_URL}}}]}}", "validate"))),
    Case("switch-in-switch", "switch.never-acts", 8, acting(
        _switch(f"{{match: a, actions: [{{{_switch('', 'validate')}}}]}}"))),
    Case("after-default", "switch.unreachable", 8,
         acting(_switch("{actions: []}, {match: a, actions: []}"))),
    Case("address-without-scheme", "url.unusable", 8,
         acting("actionType: url, url: archiver.example/x")),
    Case("match-twice", "switch.unreachable", 8,
         acting(_switch("{match: 5, actions: []}, {match: '5', actions: []}"))),
    Case("regex-twice", "switch.unreachable", 8,
         acting(_switch("{regex: '/a/', actions: []}, {regex: '/a/', actions: []}"))),
    Case("schema-twice", "switch.unreachable", 8, acting(
        _switch("{schema: {type: string}, actions: []}, {schema: {type: string}, actions: []}"))),
    Case("flag-g", "switch.stateful-regex", 8, acting(_switch("{regex: '/a/g', actions: []}"))),
    Case("match-list", "switch.match-type", 8, acting(_switch("{match: [a], actions: []}"))),
    Case("two-conditions", "switch.several-conditions", 8,
         acting(_switch("{match: a, regex: '/a/', actions: []}"))),
    Case("matches", "switch.unknown-condition", 8,
         acting(_switch("{matches: a, actions: []}"))),
    Case("condition-and-key", "keys.unknown", 8,
         acting(_switch("{match: a, note: x, actions: []}"))),
    Case("job-in-update", "switch.job-unreadable", 8,
         acting(_switch("{match: a, actions: []}", "validate", "job.statusCode"), on="update")),
    Case("job-in-create", "switch.nothing-there", 8,
         acting(_switch("{match: a, actions: []}", "all", "job.type"))),
    Case("property-without-root", "switch.nothing-there", 8,
         acting(_switch("{match: a, actions: []}", path="statusCode"))),
    Case("property-of-no-item", "switch.nothing-there", 8,
         acting(_switch("{match: a, actions: []}", path="datasets[].pid"))),
    Case("property-of-datasets", "switch.nothing-there", 8,
         acting(_switch("{match: a, actions: []}", path="datasets.ownerGroup"))),
    Case("filter", "path.syntax", 8, acting(_validate("request: {'$.jobParams[?(@.a ===)]': {}}"))),
    Case("validate-nothing", "validate.nothing", 8, acting("actionType: validate")),
    Case("datasets-in-update", "validate.datasets-in-update", 8,
         acting(_validate("datasets: {isPublished: {const: true}}"), on="update")),
    Case("path-of-request", "validate.nothing-there", 8,
         acting(_validate("request: {params.a: {const: 1}}"))),
    Case("path-of-dataset", "validate.nothing-there", 8,
         acting(_validate("datasets: {datasetlifecycle.archiveable: {const: true}}"))),
    Case("path-of-v3", "validate.nothing-there", 8,
         acting(_validate("datasets: {proposalId: {type: string}}"))),
    Case("format", "validate.format", 8,
         acting(_validate("request: {contactEmail: {type: string, format: email}}"))),
    Case("keyword", "validate.unknown-keyword", 8,
         acting(_validate("request: {jobParams.a: {properties: {b: {minimun: 5}}}}"))),
    Case("status", "error.status", 8, acting("actionType: error, message: m, status: 200")),
]  # fmt: skip

_WHOLE = """\
# Comments are no findings.
configVersion: v2 2026-09-01
jobs:
  - jobType: archive
    create: &operation
      auth: "#datasetOwner"
      actions:
        - actionType: validate
          request: {"jobParams.datasetList[*].pid": {type: string}}
          datasets: {datasetlifecycle.archivable: {const: true}}
        - actionType: switch
          phase: perform
          property: datasets[*].datasetlifecycle.storageLocation
          cases:
            - match: hall
              actions: [{actionType: log, perform: "{{{job.id}}} {{keyToWord job.type}}"}]
            - regex: "/^cave/i"
              actions: [{actionType: log}]
            - actions: []
        - actionType: url
          url: https://a.example/archive/{{{job.id}}}
          method: POST
          headers: {Authorization: "Bearer {{{env.TOKEN}}}", Content-Type: application/json}
          body: "{{{jsonify (job_v3 job)}}}"
          ignoreErrors: true
        - {actionType: error, message: "unless {{request.jobParams.site}}", status: 409}
        - actionType: email
          to: "{{{job.contactEmail}}}"
          subject: "[SciCat] {{job.type}} {{{job.statusCode}}}"
          bodyTemplateFile: mail.html
        - {actionType: rabbitmq, exchange: e, queue: q, key: k}
        - {actionType: rabbitmq, exchange: e, queue: q, key: k}
    update: {auth: "@archivemanager", actions: [{actionType: log, validate: "{{{jsonify job}}}"}]}
  - {jobType: public, create: *operation, update: {auth: jo}}
"""
_MAIL_BODY = """\
<ul>{{#each datasets as |d|}}<li>{{d.pid}} {{formatUnit d.size "B"}} {{../job.id}}</li>
{{else}}none{{/each}}</ul>{{#with job.jobParams}}{{anything.below}}{{/with}}
{{#if (and env.DEBUG (not job.ownerUser))}}{{@root.job.id}}{{/if}}{{{unwrapJSON job.jobParams}}}
"""
CLEAN = [
    Case("empty-types", None, 0, HEAD + typed("t")),
    Case("whole", None, 0, _WHOLE.replace("create: *operation", 'create: {auth: "@staff", actions: '
         "[{actionType: validate, datasets: {isPublished: {const: true}}}]}"),
         files={"mail.html": _MAIL_BODY}, accounts=_ACCOUNTS, env=f"{_ENV}TOKEN=x\nDEBUG=1\n"
         "SMTP_HOST=h\nEMAIL_FROM=a@b.example\nRABBITMQ_ENABLED=yes\nRABBITMQ_HOSTNAME=h\n"
         "RABBITMQ_PORT=1\nRABBITMQ_USERNAME=u\nRABBITMQ_PASSWORD=p\n"),
    Case("json", None, 0, '{"configVersion": "1", "jobs": []}'.replace("[]", "["
         '{"jobType": "t", "create": {"auth": "#datasetAccess"}, "update": {"auth": "@g"}}]')),
    Case("number-behind-a-regex", None, 0,
         acting(_switch("{regex: '/^a/', actions: []}, {match: 7, actions: []}"))),
    Case("null-beside-its-word", None, 0,
         acting(_switch("{match: 'None', actions: []}, {match: null, actions: []}"))),
    Case("switch-of-both", None, 0, acting(_switch(
        f"{{match: a, actions: [{{{_URL}}}, {{actionType: error, message: m}}]}}", "all"))),
    Case("one-mail-of-two-cases", None, 0, acting(
        f"actionType: switch, phase: perform, property: job.statusCode, cases: [{{match: done, "
        f"actions: [{{{_MAIL}}}]}}, {{actions: [{{{_MAIL}}}]}}]", on="update"),
         files={"mail.html": '<p>{{#if (eq job.statusCode "done")}}a{{else}}b{{/if}}</p>'}),
    Case("plain-http-here", None, 0, acting(
        "actionType: url, url: 'http://localhost:3000/{{{job.id}}}', headers: {accept: a/b}")),
]  # fmt: skip
