"""What a backend of a run sees of the environment: what it was given, and nothing of the user's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.session import Logins
from scicat_harness.client.transport import Transport
from scicat_harness.config.startup import SINK_VARIABLE, Secrets, ServiceAddresses, write_startup
from scicat_harness.config.variables import is_of_the_run
from scicat_harness.deploy.embedded import EmbeddedDeployment
from scicat_harness.deploy.process import ProcessDeployment
from scicat_harness.facility.site import FacilityEnvironment, facility_site, switching_on_ours
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.action import Log, Switch, SwitchCase
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.site import Site
from scicat_harness.model.text import Text

from ..plugin.mongo import mongo

SHOWING = JobType("showing", "#all", "#all", (Log(perform=Text("{{{jsonify env}}}")),))
SETTINGS = {"FACILITY": "north", "HOME": "/home/of/the/facility"}
TWIN = replace(SITE, name="twin", job_types={SHOWING.name: SHOWING}, settings=SETTINGS)
_BACKEND = """\
console.log(JSON.stringify(process.env));
require("http").createServer((_, reply) => reply.end("{}")).listen(process.env.PORT);
"""


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret among the variables of the user."""
    monkeypatch.setenv("CI_TOKEN", "planted")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("VIRTUAL_ENV", "/planted/venv")


def given(site: Site, folder: Path) -> Mapping[str, str]:
    """The variables that such a backend is given."""
    return write_startup(site, Secrets.fresh(site), folder / "given").environment


def test_templates_of_the_embedded_backend(tmp_path: Path) -> None:
    with closing(EmbeddedDeployment(tmp_path / "run")) as deployment:
        backend = deployment.start(TWIN)
        transport = Transport(backend.base_url)
        tokens = Logins(transport, backend.secrets, backend.tokens).tokens_for(TWIN)
        request = CreateRequest(SHOWING.name, ownership=Ownership("any", email="a@x.example"))
        SciCat(transport, tokens).submit(JANITOR, request, {}, {"run": "r"})
        transport.close()
        assert backend.log is not None
        log = backend.log.read_text(encoding="utf-8")
    shown, _ = json.JSONDecoder().raw_decode(log[log.index("{") :])
    assert shown.keys() == given(TWIN, tmp_path).keys()
    assert shown["HOME"] == SETTINGS["HOME"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on the PATH")
def test_a_node_process(tmp_path: Path) -> None:
    (tmp_path / "backend" / "dist").mkdir(parents=True)
    (tmp_path / "backend" / "node_modules").mkdir()
    (tmp_path / "backend" / "dist" / "main.js").write_text(_BACKEND)
    with (
        mongo([]) as uri,
        closing(ProcessDeployment(tmp_path / "run", tmp_path / "backend", uri)) as deployment,
    ):
        backend = deployment.start(TWIN)
        assert backend.log is not None
        shown = json.loads(backend.log.read_text(encoding="utf-8").splitlines()[0])
    own = {"PORT", "MONGODB_URI", "NO_COLOR"}
    assert shown.keys() == given(TWIN, tmp_path).keys() | own
    assert shown["HOME"] == SETTINGS["HOME"]


def test_a_setting_of_a_facility_leads_nothing_out_of_the_run(tmp_path: Path) -> None:
    leading = {
        "SMTP_HOST": "mail.facility.example",
        "RABBITMQ_HOSTNAME": "broker.facility.example",
        "OIDC_ISSUER": "https://login.facility.example",
        "NODE_OPTIONS": "--require /planted.js",
        "ADMIN_GROUPS": "admin",
    }
    shown = "".join(f"{{{{env.{name}}}}}" for name in (*leading, "FACILITY"))
    types = [JobType("a", "#all", "#all", (Log(perform=Text(shown)),))]
    site = facility_site("v1", types, FacilityEnvironment({**leading, **SETTINGS}, (), JANITOR), ())
    around = ServiceAddresses(
        mail_servers={"smtp": 2525},
        broker={"RABBITMQ_HOSTNAME": "127.0.0.1", "RABBITMQ_ENABLED": "yes"},
        sink="http://127.0.0.1:1",
    )
    told = write_startup(site, Secrets.fresh(site), tmp_path, around).environment
    assert told["FACILITY"] == "north"
    assert told["SMTP_HOST"] == told["RABBITMQ_HOSTNAME"] == "127.0.0.1"
    assert told["ADMIN_GROUPS"].startswith("admin, ")
    assert not told.keys() & {"OIDC_ISSUER", "NODE_OPTIONS"}
    # Everything that is set here is known to be, so that no prediction rests on it.
    ours = told.keys() - SETTINGS.keys() - {SINK_VARIABLE}
    assert [name for name in ours if not is_of_the_run(name)] == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("env.ADMIN_GROUPS", True),
        ("$.env['SMTP_HOST']", True),
        ("$['env'].PATH", True),
        ("env", True),
        ("env.FACILITY", False),
        ("env.HOME", False),
        ("request.jobParams.env", False),
    ],
)
def test_a_switch_on_a_variable_of_the_run_is_not_verifiable(path: str, told: bool) -> None:
    switch = Switch(Phase.VALIDATE, path, (SwitchCase.matching("a"),))
    found = switching_on_ours([JobType("a", "#all", "#all", (switch,))], SETTINGS)
    assert bool(found) is told
