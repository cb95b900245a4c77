"""Actions as they are written into a job configuration, with the files they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scicat_harness.config.jobconfig import (
    config_version,
    job_config_yaml,
    mail_bodies,
    template_file,
)
from scicat_harness.config.startup import (
    DEFAULT_SENDER,
    SINK_VARIABLE,
    Secrets,
    ServiceAddresses,
    write_startup,
)
from scicat_harness.fixtures.blueprints.site import effects_site
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.action import Action, Email, Log, Rabbitmq, Switch, SwitchCase
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.release import CURRENT
from scicat_harness.model.text import Text, plain

BODY = "<p>{{request.id}}</p>"
MAIL = Email(plain("a@x.example"), plain("subject"), Text(BODY))
MESSAGE = Rabbitmq("$run.jobs", "$run.usual", "key")
NESTED = Switch(Phase.PERFORM, "request.a", (SwitchCase((MAIL,)),))
EFFECTS = effects_site(CURRENT)
SERVICES = ServiceAddresses(
    "run-1", "http://127.0.0.1:9", {"smtp": 2525}, {"RABBITMQ_ENABLED": "yes"}
)


def types(*actions: Action) -> tuple[JobType, ...]:
    """One job type that does this when a job is created."""
    return (JobType("archive", "#all", "#all", actions),)


def written(*actions: Action, run: str = "") -> list[dict[str, Any]]:
    """The create actions of the file that a backend is given."""
    document = yaml.safe_load(job_config_yaml(types(*actions), run))
    found: list[dict[str, Any]] = document["jobs"][0]["create"]["actions"]
    return found


def test_actions_stand_in_order_below_their_operation() -> None:
    assert [each["actionType"] for each in written(Log(), MAIL, MESSAGE)] == [
        "log",
        "email",
        "rabbitmq",
    ]


def test_an_operation_without_actions_has_no_key_for_them() -> None:
    document = yaml.safe_load(job_config_yaml(types()))
    assert document["jobs"][0] == {
        "jobType": "archive",
        "create": {"auth": "#all"},
        "update": {"auth": "#all"},
    }


def test_update_actions_are_those_of_the_update() -> None:
    job_type = JobType("archive", "#all", "#all", (), (Log(),))
    document = yaml.safe_load(job_config_yaml([job_type]))
    assert "actions" not in document["jobs"][0]["create"]
    assert document["jobs"][0]["update"]["actions"] == [{"actionType": "log"}]


def test_the_run_is_filled_into_names() -> None:
    assert written(MESSAGE, run="run-1") == [
        {"actionType": "rabbitmq", "exchange": "run-1.jobs", "queue": "run-1.usual", "key": "key"}
    ]


def test_shared_parts_are_written_out() -> None:
    text = job_config_yaml([*types(MAIL, MAIL), JobType("b", None, None, (MAIL,))])
    assert "&id" not in text
    assert "*id" not in text
    assert text.count("actionType: email") == 3


def test_a_mail_body_is_a_file_named_by_its_content() -> None:
    (action,) = written(MAIL)
    assert action["bodyTemplateFile"] == template_file(BODY)
    assert mail_bodies(types(MAIL)) == {template_file(BODY): BODY}


def test_mail_bodies_inside_switches_and_updates_are_found() -> None:
    other = Email(MAIL.to, MAIL.subject, Text("other"))
    job_type = JobType("archive", "#all", "#all", (NESTED,), (other,))
    assert set(mail_bodies([job_type]).values()) == {BODY, "other"}


CHANGES: dict[str, tuple[Action, ...]] = {
    "none": (),
    "option": (Log(perform=plain("x")),),
    "order": (MAIL, Log()),
    "mail-body": (Log(), Email(MAIL.to, MAIL.subject, Text("other"))),
    "inside-a-switch": (Log(), NESTED),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_the_fingerprint_changes_with_the_actions(changed: tuple[Action, ...]) -> None:
    assert config_version(types(*changed)) != config_version(types(Log(), MAIL))


def test_the_fingerprint_does_not_know_what_a_text_means_or_which_run_it_is() -> None:
    other = Email(MAIL.to, MAIL.subject, Text(BODY, "means something"))
    assert config_version(types(other)) == config_version(types(MAIL))
    one, two = (yaml.safe_load(job_config_yaml(types(MESSAGE), run)) for run in ("a", "b"))
    assert one["configVersion"] == two["configVersion"]


def test_a_backend_finds_its_mail_bodies_beside_its_configuration(tmp_path: Path) -> None:
    write_startup(EFFECTS, Secrets.fresh(EFFECTS), tmp_path, SERVICES)
    bodies = mail_bodies(EFFECTS.job_types.values())
    assert bodies
    for name, body in bodies.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == body


def test_a_backend_is_told_where_its_effects_go(tmp_path: Path) -> None:
    startup = write_startup(EFFECTS, Secrets.fresh(EFFECTS), tmp_path, SERVICES)
    environment = startup.environment
    assert environment[SINK_VARIABLE] == "http://127.0.0.1:9"
    assert (environment["SMTP_HOST"], environment["SMTP_PORT"]) == ("127.0.0.1", "2525")
    assert (environment["EMAIL_TYPE"], environment["EMAIL_FROM"]) == ("smtp", DEFAULT_SENDER)
    assert environment["RABBITMQ_ENABLED"] == "yes"
    assert "$run" not in startup.job_config.read_text(encoding="utf-8")


def test_a_site_without_effects_is_told_nothing_of_mail_and_broker(tmp_path: Path) -> None:
    environment = write_startup(SITE, Secrets.fresh(SITE), tmp_path, SERVICES).environment
    assert environment["RABBITMQ_ENABLED"] == "no"
    assert not {"EMAIL_TYPE", "SMTP_HOST"} & environment.keys()


def test_settings_of_a_site_go_before_everything_else(tmp_path: Path) -> None:
    site = SITE.with_job_types("other", ())
    object.__setattr__(site, "settings", {"ADMIN_GROUPS": "others", "NEW": "1"})
    environment = write_startup(site, Secrets.fresh(site), tmp_path, SERVICES).environment
    assert (environment["ADMIN_GROUPS"], environment["NEW"]) == ("others", "1")
