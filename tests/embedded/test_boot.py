"""Startup errors and their messages (specification: start.errors)."""

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.javascript import parse_json
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.settings import Settings

HEAD = 'configVersion: "1"\njobs:\n'


def boot(environment: Mapping[str, str]) -> EmbeddedBackend:
    return EmbeddedBackend.boot(environment, log=NestLog(io.StringIO()))


def boot_with(path: Path) -> EmbeddedBackend:
    return boot({"JOB_CONFIGURATION_FILE": str(path)})


def with_action(options: dict[str, Any]) -> str:
    entry = {"jobType": "t", "create": {"actions": [options]}, "update": {}}
    return json.dumps({"configVersion": "1", "jobs": [entry]})


def entry(text: str) -> str:
    return f"{HEAD}  - {text}\n"


FILES: list[tuple[str, str, str]] = [
    ("empty", "", "must be object"),
    ("list", "- 1", "must be object"),
    ("syntax", "a: [1", "YAMLException: "),
    ("repeated-key", "a: 1\na: 2", "YAMLException: duplicated mapping key"),
    ("no-version", "jobs: []", "must have required property 'configVersion'"),
    ("number-version", "configVersion: 1.0\njobs: []", "/configVersion"),
    ("date-version", "configVersion: 2024-03-01\njobs: []", "must be string"),
    ("no-jobs", 'configVersion: "1"', "must have required property 'jobs'"),
    ("jobs-object", 'configVersion: "1"\njobs: {}', "must be array"),
    ("no-type", entry("{create: {}, update: {}}"), "must have required property 'jobType'"),
    ("number-type", entry("{jobType: 1, create: {}, update: {}}"), "/jobs/0/jobType"),
    ("create-null", entry("{jobType: t, create: null, update: {}}"), "/jobs/0/create"),
    ("actions-object", entry("{jobType: t, create: {actions: {}}, update: {}}"), "must be array"),
    ("untyped-action", entry("{jobType: t, create: {actions: [{}]}, update: {}}"),
     "must have required property 'actionType'"),
    ("no-create", entry("{jobType: t, update: {}}"),
     "TypeError: Cannot read properties of undefined (reading 'actions')"),
    ("no-update", entry("{jobType: t, create: {}, statusUpdate: {}}"),
     "TypeError: Cannot read properties of undefined (reading 'actions')"),
    ("twice", HEAD + "  - {jobType: t, create: {}, update: {}}\n" * 2, "Duplicate job type t in "),
    ("unknown-action", with_action({"actionType": "x"}), "Unknown action type x in "),
    ("log-unknown-key", with_action({"actionType": "log", "x": 1}),
     'Invalid options for log action: {"actionType":"log","x":1}'),
    ("log-init-syntax", with_action({"actionType": "log", "init": "{{"}), "Parse error on line 1"),
    ("error-without-message", with_action({"actionType": "error"}), "Invalid options for error"),
    ("email-without-to", with_action({"actionType": "email"}), "Invalid options for email action"),
    ("email-without-file",
     with_action({"actionType": "email", "to": "a", "subject": "s", "bodyTemplateFile": "/no"}),
     "ENOENT: no such file or directory, open '/no'"),
    ("url-method", with_action({"actionType": "url", "url": "http://x", "method": "PATCH"}),
     "Invalid options for url action"),
    ("url-body", with_action({"actionType": "url", "url": "http://x", "body": {}}),
     "You must pass a string or Handlebars AST to Handlebars.compile."),
    ("rabbitmq-disabled",
     with_action({"actionType": "rabbitmq", "exchange": "e", "queue": "q", "key": "k"}),
     "wasn't correctly initialized"),
    ("switch-keys", with_action({"actionType": "switch"}), "Invalid options for switch action"),
    ("validate-text", with_action({"actionType": "validate", "request": "x"}),
     "Invalid options for validate action"),
    ("schema-text", with_action({"actionType": "validate", "request": {"a": "x"}}),
     "Schema must be a valid object."),
    ("schema-invalid", with_action({"actionType": "validate", "request": {"a": {"type": "x"}}}),
     "schema is invalid: "),
    ("schema-remote",
     with_action({"actionType": "validate", "request": {"a": {"$ref": "http://x/y"}}}),
     "can't resolve reference http://x/y from id #"),
    ("schema-dialect",
     with_action({"actionType": "validate", "request": {"a": {"$schema": "urn:2020"}}}),
     'no schema with key or ref "urn:2020"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [pytest.param(*row[1:], id=row[0]) for row in FILES])
def test_unusable_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(text)
    with pytest.raises(BootFailure) as caught:
        boot_with(path)
    assert message in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(BootFailure) as caught:
        boot_with(path)
    assert str(caught.value) == f"Error: ENOENT: no such file or directory, open '{path}'"


USABLE: list[tuple[str, str]] = [
    ("no-types", 'configVersion: "1"\njobs: []'),
    (
        "unknown-keys",
        entry("{jobType: t, create: {auth: '#no', x: 1}, update: {}, statusUpdate: 1}"),
    ),
    ("yaml-words", entry("{jobType: yes, create: {auth: on}, update: {}}")),
    ("unquoted-braces", HEAD.replace("jobs", "x: {{a}}\njobs") + "  []"),
]


@pytest.mark.parametrize("text", [row[1] for row in USABLE], ids=[row[0] for row in USABLE])
def test_usable_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jobs.yml"
    path.write_text(text)
    types = boot_with(path).config.types
    if "yes" in text:
        assert types["yes"].create.auth == "on"


VARIABLES: list[tuple[dict[str, str], str]] = [
    ({"DATASET_CREATION_VALIDATION_ENABLED": "yes"}, 'Cannot convert "yes" to a boolean'),
    ({"ACCESS_GROUPS_STATIC_ENABLED": "on"}, 'Cannot convert "on" to a boolean'),
    ({"EMAIL_TYPE": "foo"}, 'Invalid EMAIL_TYPE: foo. Expect on of "smtp" or "ms365"'),
    ({"EMAIL_TYPE": "MS365"}, "Missing MS365_TENANT_ID"),
    (
        {"RABBITMQ_ENABLED": "yes", "RABBITMQ_HOSTNAME": "h"},
        "RabbitMQ is enabled but missing the config variable port.",
    ),
]


@pytest.mark.parametrize(("environment", "message"), VARIABLES)
def test_unusable_variables(environment: dict[str, str], message: str) -> None:
    with pytest.raises(BootFailure) as caught:
        boot(environment)
    assert message in str(caught.value)


def test_accounts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(
        json.dumps(
            [
                {"username": "a", "email": "a@x.org", "password": "p", "role": "r", "global": True},
                {"username": "b", "email": "a@x.org", "password": "p"},
                {"username": "c", "email": "c@x.org", "password": "p", "role": ["s", "", "s"]},
            ]
        )
    )
    accounts = boot({"FUNCTIONAL_ACCOUNTS_FILE": str(path)}).accounts
    assert [(account.username, account.groups) for account in accounts] == [
        ("a", ("r", "globalaccess")),
        ("c", ("s",)),
    ]
    absent = {"FUNCTIONAL_ACCOUNTS_FILE": str(tmp_path / "none")}
    assert list(boot(absent).accounts) == []
    path.write_text("[")
    with pytest.raises(BootFailure, match="SyntaxError"):
        boot({"FUNCTIONAL_ACCOUNTS_FILE": str(path)})


def test_settings() -> None:
    settings = Settings.read({"ADMIN_GROUPS": " a ,b"}, Defects())
    assert settings.admin_groups == ("a", "b")
    assert settings.delete_job_groups == ("",)
    assert settings.create_dataset_groups == ("#all",)
    assert (settings.port, settings.jwt_expires_in, settings.max_body) == (3000, 3600, 16 * 1024**2)
    assert settings.jwt_secret == "defaultSecret"
    assert Settings.read({"RABBITMQ_ENABLED": "true"}, Defects()).broker is None


def test_log_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: 7)
    stream = io.StringIO()
    NestLog(stream).log("LogJobAction", "text")
    pattern = (
        r"\[Nest\] 7  - \d\d/\d\d/\d{4}, \d{1,2}:\d\d:\d\d [AP]M     LOG \[LogJobAction\] text"
    )
    assert re.fullmatch(pattern + "\n", stream.getvalue())


def test_numbers_come_first_among_the_keys_of_an_object() -> None:
    assert list(parse_json('{"b": 1, "10": 2, "2": {"x": 1, "0": 2}, "01": 3}')) == [
        "2",
        "10",
        "b",
        "01",
    ]


def test_what_a_merge_brings_may_be_given_again(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    text = entry("{jobType: a, create: &op {auth: x, actions: []}, update: {<<: *op, auth: y}}")
    path.write_text(text + "  - {jobType: b, create: *op, update: *op}\n")
    types = boot_with(path).config.types
    assert [types["a"].update.auth, types["b"].update.auth] == ["y", "x"]
    path.write_text(text.replace("auth: y", "auth: y, auth: z"))
    with pytest.raises(BootFailure, match="duplicated mapping key"):
        boot_with(path)


def test_a_format_is_ignored_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text(with_action({"actionType": "validate", "request": {"a": {"format": "email"}}}))
    stream = io.StringIO()
    EmbeddedBackend.boot({"JOB_CONFIGURATION_FILE": str(path)}, log=NestLog(stream))
    assert 'unknown format "email" ignored' in stream.getvalue()
