"""Configurations a backend does not start with, and dialects of earlier releases."""

from __future__ import annotations

from .case import ACCOUNTS, ENV, HEAD, Case, acting, typed

CLEAN = HEAD + typed("t")
_RABBIT = "actionType: rabbitmq, exchange: e, queue: q, key: k"
_MAIL = "actionType: email, to: a@b.example, subject: s"
_BODY = {"mail.html": "<p>x</p>"}


def _switch(rest: str) -> str:
    return f"actionType: switch, phase: all, property: request.jobParams.a, cases: [{rest}]"


def _schema(schema: str) -> str:
    return acting(f"actionType: validate, request: {{jobParams.a: {schema}}}")


STARTS = [
    Case("yaml", "start.yaml", 2, "configVersion: [1\njobs: []\n"),
    Case("yaml-key-twice", "start.yaml", 2, 'configVersion: "1"\nconfigVersion: "2"\n'),
    Case("version-number", "start.schema", 1, "configVersion: 1.0\njobs:\n" + typed("t")),
    Case("version-missing", "start.schema", 1, "jobs:\n" + typed("t")),
    Case("create-null", "start.schema", 3,
         HEAD + '  - {jobType: t, create: null, update: {auth: "#jobOwnerUser"}}\n'),
    Case("auth-is-a-list", "start.schema", 3,
         HEAD + '  - {jobType: t, create: {auth: [a]}, update: {auth: "#jobOwnerUser"}}\n'),
    Case("no-update", "start.operation-missing", 3,
         HEAD + '  - {jobType: t, create: {auth: "#authenticated"}}\n'),
    Case("no-create", "start.operation-missing", 3,
         HEAD + '  - {jobType: t, update: {auth: "#jobOwnerUser"}}\n'),
    Case("type-twice", "start.duplicate-type", 4, HEAD + typed("t") + typed("t")),
    Case("type-of-every-object", "start.duplicate-type", 3, HEAD + typed("toString")),
    Case("unknown-action", "start.unknown-action", 8, acting("actionType: telegram")),
    Case("unknown-action-nested", "start.unknown-action", 8,
         acting(_switch("{match: 1, actions: [{actionType: telegram}]}"))),
    Case("no-action-nested", "start.unknown-action", 8,
         acting(_switch("{match: 1, actions: [1]}"))),
    Case("broker-disabled", "start.broker-disabled", 8, acting(_RABBIT), broker=False),
    Case("broker-disabled-nested", "start.broker-disabled", 8,
         acting(_switch(f"{{actions: [{{{_RABBIT}}}]}}").replace("phase: all", "phase: perform")),
         broker=False),
    Case("log-option", "start.options", 8, acting("actionType: log, message: hello")),
    Case("url-method", "start.options", 8,
         acting("actionType: url, url: 'https://a.example', method: PATCH")),
    Case("header-number", "start.options", 9,
         acting("actionType: log", "actionType: url, url: 'https://a.example', headers: {x: 1}")),
    Case("status-text", "start.options", 8, acting("actionType: error, message: m, status: '4'")),
    Case("braces-unquoted", "start.options", 8, acting("actionType: log, perform: {{ job.id }}")),
    Case("mail-body-missing", "start.mail-body-missing", 8,
         acting(f"{_MAIL}, bodyTemplateFile: no.html")),
    Case("url-body", "start.url-body", 8,
         acting("actionType: url, url: 'https://a.example', method: POST, body: {a: 1}")),
    Case("schema-text", "start.json-schema", 8, _schema("number")),
    Case("schema-type", "start.json-schema", 8, _schema("{type: integre}")),
    Case("schema-elsewhere", "start.json-schema", 8, _schema("{$ref: 'https://a.example/s'}")),
    Case("schema-2020", "start.json-schema", 8,
         _schema("{$schema: 'https://json-schema.org/draft/2020-12/schema'}")),
    Case("log-init", "start.log-init", 8, acting("actionType: log, init: '{{#if}}'")),
    Case("regex-slashes", "start.regex", 8, acting(_switch("{regex: '^a', actions: []}"))),
    Case("regex-group", "start.regex", 8, acting(_switch("{regex: '/(/', actions: []}"))),
    Case("setting", "start.setting", 2, CLEAN, at=ENV,
         env="JOB_CONFIGURATION_FILE=jobs.yaml\nACCESS_GROUPS_STATIC_ENABLED=yes\n"),
    Case("mail-type", "start.setting", 2, CLEAN, at=ENV,
         env="JOB_CONFIGURATION_FILE=jobs.yaml\nEMAIL_TYPE=pigeon\n"),
    Case("ms365", "start.setting", 1, CLEAN, at=ENV,
         env="EMAIL_TYPE=MS365\nMS365_TENANT_ID=x\nMS365_CLIENT_ID=y\n"),
    Case("broker-variable", "start.broker-variable", 1, CLEAN, at=ENV,
         env="RABBITMQ_ENABLED=yes\nRABBITMQ_HOSTNAME=h\nRABBITMQ_PORT=1\nRABBITMQ_USERNAME=u\n"
             "JOB_CONFIGURATION_FILE=jobs.yaml\n"),
    Case("account-without-username", "start.account", 2, CLEAN, at=ACCOUNTS,
         accounts='[\n{"account": "a", "email": "a@x.example", "password": "x"}]\n'),
    Case("account-without-email", "start.account", 3, CLEAN, at=ACCOUNTS,
         accounts='[{"username": "a", "email": "a@x.example", "password": "x"},\n\n'
                  '{"username": "b", "password": "x"}]\n'),
    Case("one-email-twice", "start.account", 2, CLEAN, at=ACCOUNTS,
         accounts='[{"username": "a", "email": "a@x.example", "password": "x"},\n'
                  '{"username": "b", "email": "a@x.example", "password": "x"}]\n'),
    Case("accounts", "start.accounts", 2, CLEAN, at=ACCOUNTS, accounts='[\n{"username": "a",}]\n'),
]  # fmt: skip

DIALECTS = [
    Case("status-update", "dialect.status-update", 3,
         HEAD + '  - {jobType: t, create: {auth: "#authenticated"}, statusUpdate: {auth: u}}\n'),
    Case("top-level-list", "dialect.top-level-list", 2, "# of 2024\n" + typed("t")[2:]),
    Case("switch-scope", "dialect.switch-scope", 8,
         acting("actionType: switch, scope: request, property: type, cases: []")),
    Case("perform-job", "dialect.perform-job", 8, acting("actionType: log, performJob: done")),
    Case("body-template", "dialect.body-template", 8,
         acting(f"{_MAIL}, bodyTemplate: mail.html"), files=_BODY),
    Case("inline-broker", "dialect.inline-broker", 8, broker=True, text=
         acting("actionType: rabbitmq, hostname: h, port: 5672, password: hush, queue: q")),
    Case("ignored-broker", "dialect.ignored-broker", 8, acting(f"{_RABBIT}, hostname: h"),
         broker=True),
    Case("job-root", "dialect.job-root", 8,
         acting("actionType: url, url: 'https://a.example/{{{id}}}'")),
    Case("job-root-in-mail", "dialect.job-root", 2, at="mail.html", text=
         acting(f"{_MAIL}, bodyTemplateFile: mail.html"), files={"mail.html": "<p>\n{{type}}"}),
    Case("job-root-while-validating", "dialect.job-root", 8,
         acting("actionType: log, validate: 'for {{type}}'")),
    Case("dataset-ids", "dialect.dataset-ids", 8,
         acting("actionType: log, perform: '{{job.jobParams.datasetIds}}'")),
    Case("read-otherwise", "yaml.read-otherwise", 3, HEAD + typed("yes")),
    Case("no-types", "config.no-types", 2, 'configVersion: "1"\njobs: []\n'),
    Case("key-of-the-file", "keys.unknown", 4, CLEAN + "job: []\n"),
    Case("key-of-a-type", "keys.unknown", 3, CLEAN.replace("create", "icon: x, create")),
    Case("key-of-an-operation", "keys.unknown", 3, CLEAN.replace("{auth", "{actoins: [], auth", 1)),
    Case("key-of-an-action", "keys.unknown", 8,
         acting("actionType: url, url: 'https://a.example', metod: POST")),
    Case("requests", "keys.unknown", 8,
         acting("actionType: validate, requests: {jobParams.a: {const: 1}}")),
]  # fmt: skip
