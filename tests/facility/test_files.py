"""What a facility's job configuration names is read below given folders only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import FacilityFiles, load_facility
from scicat_harness.model.action import Email, unfolded
from scicat_harness.model.release import CURRENT

from ..plugin.runs import harness
from .setup import Facility, facility_in

PLANTED = "planted-outside-of-the-configuration"


def facility(folder: Path, body: str) -> Facility:
    """One whose only action is a mail with this body file."""
    mail = {
        "actionType": "email",
        "to": "a@b.example",
        "subject": "s",
        "bodyTemplateFile": body,
    }
    operation = {"auth": "#all", "actions": [mail]}
    folder.mkdir()
    return facility_in(folder, [{"jobType": "a", "create": operation, "update": {}}])


def body_of(files: FacilityFiles) -> str:
    """The body of its mail as it was read."""
    types = load_facility(files, CURRENT).plan.site.job_types
    mails = [each for each in unfolded(types["a"].on_create) if isinstance(each, Email)]
    return mails[0].body.template


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nothing that was read for another test."""
    load_facility.cache_clear()


def test_a_body_below_either_folder_is_read(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "mail.html").write_bytes(b"<p>a</p>\r\n")
    for body in ("mail.html", str(templates / "mail.html")):
        made = facility(tmp_path / f"config-{len(body)}", body)
        files = FacilityFiles(Path(made.config), templates=templates)
        assert body_of(files) == "<p>a</p>\n"


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe")
    return "pipe"


def _link(folder: Path) -> str:
    (folder / "link.html").symlink_to(folder.parent / "secret")
    return "link.html"


NAMES: dict[str, Any] = {
    "absolute": lambda folder: str(folder.parent / "secret"),
    "above": lambda _: "../secret",
    "link": _link,
    "pipe": _pipe,
    "environment": lambda _: "env",
    "in-a-container": lambda _: "/home/node/app/src/common/email-templates/job.html",
}


@pytest.mark.parametrize("named", NAMES.values(), ids=NAMES)
def test_anything_else_is_refused_or_stood_in_for(named: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PLANTED)
    folder = tmp_path / "config"
    made = facility(folder, "later")
    name = named(folder)
    text = Path(made.config).read_text().replace("later", name)
    Path(made.config).write_text(text)
    files = FacilityFiles(Path(made.config), env=(folder / "env",))
    with pytest.raises(UsageFault) as refused:
        load_facility(files, CURRENT)
    said = str(refused.value)
    assert said.startswith(f"{made.config}: jobs.0.create.actions.0: bodyTemplateFile ")
    assert "--templates" in said
    stood_in = FacilityFiles(Path(made.config), env=(folder / "env",), stand_in=True)
    assert load_facility(stood_in, CURRENT).stood_in == (name,)
    assert PLANTED not in body_of(stood_in)


def test_no_report_holds_a_file_that_a_configuration_chose(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PLANTED)
    made = facility(tmp_path / "config", str(tmp_path / "secret"))
    where = tmp_path / "where"
    where.mkdir()
    refused = harness("verify", made.config, cwd=where)
    assert refused.code == 3, refused.output
    assert refused.says("bodyTemplateFile", "it is not below")
    run = harness("verify", made.config, "--stand-in-templates", cwd=where)
    assert run.code in (0, 1), run.output
    linted = harness("lint", made.config, "--format=json", cwd=where)
    assert "mail.body-not-read" in {each["rule"] for each in json.loads(linted.output)["findings"]}
    written = [each.read_bytes() for each in where.rglob("*") if each.is_file()]
    assert written
    assert PLANTED not in refused.output + run.output + linted.output
    assert [each for each in written if PLANTED.encode() in each] == []
