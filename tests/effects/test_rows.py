"""Rows of effect scenarios: how they are read, refused, and held against the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.blueprints.site import effects_site
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.file import read_rows, schema
from scicat_harness.fixtures.effects.repeating import repeated
from scicat_harness.fixtures.effects.rows import effect_rows, job_types_of, row_files
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.sites import named_site
from scicat_harness.judge.expecting import expectation_of
from scicat_harness.judge.pinned import Pinned, pin_differences
from scicat_harness.model.action import Email, Log, Url
from scicat_harness.model.observation import Observation
from scicat_harness.model.release import OBSERVED, Release
from scicat_harness.model.request import CreateRequest
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.suite.matrices import matrices

MAIL = """
rows:
- type: {create: mails.plain, update: mails.plain.update}
  given:
  - {actionType: email, to: a-<token>@x.example, subject: 'of {{<sent>.title}}', body: <p>hi</p>}
  - {actionType: log, perform: done <token>}
  checks:
  - name: to-one
    sent: {title: x}
    then:
      effects:
      - email: {to: a-$token@x.example, subject: of x}
      - {log: done $token}
"""


def written(folder: Path, text: str) -> Path:
    """A file of rows beside a scenario module that is not there."""
    path = folder / "mails.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def cases_of(path: Path) -> list[EffectCase]:
    """The cases of a file."""
    return list(effect_rows(str(path.with_name("test_mails.py")))(Profile.STANDARD))


def test_a_row_becomes_a_job_type_for_each_operation(tmp_path: Path) -> None:
    create, update = job_types_of(written(tmp_path, MAIL))
    assert (create.name, update.name) == ("mails.plain", "mails.plain.update")
    mail, line = create.on_create
    assert isinstance(mail, Email)
    assert isinstance(line, Log)
    assert mail.subject.template == "of {{request.jobParams.title}}"
    assert mail.subject.means == "of x"
    assert line.perform is not None
    assert line.perform.means == "done $token"
    (late, _) = update.on_update
    assert isinstance(late, Email)
    assert late.subject.template == "of {{request.jobResultObject.title}}"


def test_a_check_becomes_a_case_for_each_operation(tmp_path: Path) -> None:
    create, update = cases_of(written(tmp_path, MAIL))
    assert (create.id, update.id) == (
        "create-mails.plain-to-one",
        "update-mails.plain.update-to-one",
    )
    assert create.pinned is not None
    assert (create.pinned.status, create.pinned.owner_user) == (201, "user1")


def test_an_address_means_what_arrives(tmp_path: Path) -> None:
    text = """
rows:
- type: {create: calls.a}
  given: [{actionType: url, url: '<sink>/a b/<token>'}]
  checks: [{name: encoded, then: {effects: [{url: {path: /a%20b/$token}}]}}]
"""
    (job_type,) = job_types_of(written(tmp_path, text))
    (call,) = job_type.on_create
    assert isinstance(call, Url)
    assert call.url.means == "/a%20b/$token"


EACH = """
each:
  one: {sent: {n: 1}, effects: [{log: n is 1 $token}]}
  two: {sent: {n: 2}, effects: [{log: n is 2 $token}, {log: after $token}]}
rows:
- type: {create: logs.first}
  given: [{actionType: log, perform: first <token>}]
- type: {create: logs.<each>}
  auth: {create: '#datasetOwner'}
  given:
  - {actionType: log, perform: 'n is {{<sent>.n}} <token>'}
  - &after {actionType: log, perform: after <token>}
  effects: [<each.effects>]
  checks:
  - {name: written, sent: <each.sent>}
  - {name: refused, by: user3, then: {status: 403, stored: false}}
  - {name: told-<each>, then: {effects: [{log: of <each> $token}, <each.effects>]}}
- type: {create: logs.<each>-quiet}
  given: [{like: *after, init: ready <each>}]
"""


def test_a_row_stands_for_several(tmp_path: Path) -> None:
    path = written(tmp_path, EACH)
    types = list(job_types_of(path))
    assert [each.name for each in types] == [
        *("logs.first", "logs.one", "logs.one-quiet", "logs.two", "logs.two-quiet")
    ]
    assert (types[1].create, types[1].update) == ("#datasetOwner", "#all")
    quiet = types[4].on_create[0]
    assert isinstance(quiet, Log)
    assert quiet.perform is not None
    assert (quiet.init, quiet.perform.means) == ("ready two", "after $token")


def test_the_effects_of_a_row_are_those_of_its_checks_unless_they_say_otherwise(
    tmp_path: Path,
) -> None:
    cases = {each.id: each for each in cases_of(written(tmp_path, EACH))}
    effects = {id_: each.pinned.effects for id_, each in cases.items() if each.pinned is not None}
    two = ({"log": "n is 2 $token"}, {"log": "after $token"})
    assert effects["create-logs.two-written"] == two
    assert effects["create-logs.two-refused"] == ()
    assert effects["create-logs.two-told-two"] == ({"log": "of two $token"}, *two)
    assert effects["create-logs.one-told-one"] == (
        {"log": "of one $token"},
        {"log": "n is 1 $token"},
    )
    written_two = cases["create-logs.two-written"].request
    assert isinstance(written_two, CreateRequest)
    assert written_two.params == {"n": 2}


def used(path: Path) -> None:
    """Make everything of a file."""
    list(job_types_of(path))
    cases_of(path)


BROKEN = {
    "no-list": ("rows: 5", r"mails.yaml:1: rows: .*found 5"),
    "no-yaml": ("rows: [", "is no YAML"),
    "unknown-key": (MAIL.replace("sent:", "sends:"), r"checks.0.sends \(row of .*mails.plain.*\)"),
    "unknown-action": (
        MAIL.replace("actionType: log", "actionType: logs"),
        r"given.1 \(row of .*mails.plain.*'logs'",
    ),
    "unknown-option": (MAIL.replace("perform:", "performs:"), r"given.1.log.performs \(row of"),
    "missing-option": (
        MAIL.replace("subject: 'of", "subjects: 'of"),
        r"given.0.email.subject \(row",
    ),
    "unknown-server": (MAIL.replace("body:", "server: gone, body:"), r"given.0.email.server \(row"),
    "unknown-way": (MAIL.replace("    sent:", "    when: [patch]\n    sent:"), "found 'patch'"),
    "way-without-type": (
        MAIL.replace(", update: mails.plain.update", "").replace(
            "    sent:", "    when: [update]\n    sent:"
        ),
        "when: 'update': the row has no job type for update",
    ),
    "unknown-user": (
        MAIL.replace("    sent:", "    by: nobody\n    sent:"),
        "checks.0.by .*nobody",
    ),
    "unknown-release": (MAIL.replace("  given:", "  since: abc\n  given:"), "since .*found 'abc'"),
    "unknown-channel": (MAIL.replace("log: done", "lgo: done"), "effects.1.lgo"),
    "empty-effect": (MAIL.replace("{log: done $token}", "{}"), r"effects.1 .*found \{\}"),
    "key-twice": (MAIL.replace("    sent:", "    name: other\n    sent:"), "'name' is there twice"),
    "check-twice": (
        MAIL + MAIL.partition("checks:\n")[2],
        "check to-one create is there more than",
    ),
    "type-twice": (MAIL + MAIL.partition("rows:\n")[2], "job type mails.plain.* more than once"),
    "row-that-is-none": ("rows: [x]", "rows.0: .*found 'x'"),
    "not-json": ("rows: !json '{'", "is no YAML: !json: "),
    "json-that-is-no-text": ("rows: !json {a: b}", "is no YAML: "),
    "each-that-is-no-mapping": (f"each: 5\n{MAIL}", "mails.yaml: each: is no mapping.*found 5"),
    "value-that-is-not-there": (
        "each: {a: {x: 1}}\n" + MAIL.replace("title: x", "title: <each.y>"),
        r"mails.yaml: each.a has no 'y', to which a row refers",
    ),
    "unknown-list": (
        MAIL.replace("    sent:", "    listed: nowhere\n    sent:"),
        "checks.0.listed .*nowhere.*missing-file",
    ),
    "unknown-ownership": (
        MAIL.replace("    sent:", "    owner: nobodys\n    sent:"),
        "checks.0.owner.*nobodys",
    ),
    "unknown-fault": (
        MAIL.replace("    sent:", "    fault: none-such\n    sent:"),
        "checks.0.fault .*none-such",
    ),
    "unknown-behaviour-of-a-mail-server": (
        MAIL.replace("    sent:", "    mail_server: {behaves: {kind: Sleep}}\n    sent:"),
        "checks.0.mail_server.behaves .*Sleep",
    ),
    "unknown-state-of-the-broker": (
        MAIL.replace(
            "- {actionType: log, perform: done <token>}",
            "- {actionType: rabbitmq, exchange: a, queue: b, key: c, broker: gone}",
        ),
        "given.1.rabbitmq.broker .*gone",
    ),
    "unknown-key-of-an-effect": (
        MAIL.replace("subject: of x", "subjekt: of x"),
        r"effects.0 .*email has no 'subjekt'; give to, subject",
    ),
    "effect-without-a-value": (
        MAIL.replace(", subject: of x}", ", subject}"),
        r"effects.0 .*email: subject has no value",
    ),
    "unknown-name": (MAIL.replace("done $token", "done $tokn"), r"effects.1 .*no \$tokn; give"),
    "fault-of-another-operation": (
        MAIL.replace("    sent:", "    fault: result-text\n    sent:"),
        "to-one: fault: no body of 'create' can have result-text",
    ),
    "mail-server-of-the-usual-site": (
        MAIL.replace("    sent:", "    mail_server: {closed: true}\n    sent:"),
        "mail_server: needs a site of its own",
    ),
    "no-kebab": (MAIL.replace("to-one", "to one"), r"checks.0.name .*found 'to one'"),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_defect_is_named_with_its_file_and_place(text: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageFault, match=said):
        used(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"mails.yaml: cannot be read \(No such file"):
        used(tmp_path / "mails.yaml")
    (tmp_path / "mails.yaml").write_bytes(b"\xff")
    with pytest.raises(UsageFault, match=r"mails.yaml: is not UTF-8"):
        used(tmp_path / "mails.yaml")


def all_cases() -> Iterator[EffectCase]:
    """Every case of every file."""
    for path in row_files():
        parts = {check.part for row in read_rows(path).rows for check in row.checks}
        for part in sorted(parts):
            build = effect_rows(str(path.with_name(f"test_{path.stem}.py")), part=part)
            yield from build(Profile.STANDARD)


def test_every_check_belongs_to_a_scenario() -> None:
    asked = {
        case.id
        for matrix in matrices().values()
        for _, case in matrix.cases(Profile.STANDARD)
        if isinstance(case, EffectCase)
    }
    assert [case.id for case in all_cases() if case.id not in asked] == []


def differences(case: EffectCase, pinned: Pinned, release: Release) -> list[Any]:
    """In what the oracle says otherwise than a row."""
    oracle = Oracle(named_site(case.site, release), View(release))
    observed = Observation(pinned.status_in(release))
    return pin_differences(pinned, release, expectation_of(case.predict(oracle)), observed)


@pytest.mark.parametrize("release", OBSERVED, ids=str)
def test_rows_and_oracle_say_the_same_on_every_release(release: Release) -> None:
    withheld = effects_site(release).withheld
    tried = 0
    for case in all_cases():
        assert case.pinned is not None
        if case.request.job_type in withheld or release not in case.pinned.releases:
            continue
        tried += 1
        assert differences(case, case.pinned, release) == [], case.id
    assert tried > 900


@pytest.mark.parametrize(
    ("effects", "path"),
    [
        (({"log": "other $token"},), "oracle.effects.0.text"),
        (({"email": {}},), "oracle.effects"),
        ((), "oracle.effects"),
    ],
)
def test_another_text_is_a_difference(effects: Any, path: str) -> None:
    case = next(each for each in all_cases() if each.id == "create-log.perform-writes")
    assert case.pinned is not None
    wrong = replace(case.pinned, effects=effects)
    assert [each.path for each in differences(case, wrong, OBSERVED[-1])] == [path]


@pytest.mark.parametrize("path", row_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_obeys_the_published_schema(path: Path) -> None:
    class Loader(yaml.SafeLoader):
        """Reads !json as any text."""

    Loader.add_constructor("!json", lambda _, node: node.value)
    found = repeated(yaml.load(path.read_text(encoding="utf-8"), Loader))
    jsonschema.Draft202012Validator(schema()).validate(found)


def test_a_defect_is_named_with_its_line(tmp_path: Path) -> None:
    # Of rows that stand for several, the line of the row in the file.
    broken = "each: {a: {}, b: {}}\n" + MAIL.replace("mails.plain", "mails.<each>").replace(
        "perform:", "performs:"
    )
    path = tmp_path / "mails.yaml"
    path.write_text(broken, encoding="utf-8")
    line = next(n for n, each in enumerate(broken.splitlines(), 1) if "performs" in each)
    with pytest.raises(UsageFault, match=rf"mails.yaml:{line}: rows.0.given.1.log.performs"):
        used(path)
