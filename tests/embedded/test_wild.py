"""The loader's verdict on job configurations: every distinct one, and on a folder of real ones.

The folder is named by ``SCICAT_HARNESS_WILD_CONFIGS``; its ``index.tsv`` holds the real verdict
on each file with RabbitMQ enabled and disabled, taken where the mail templates existed.
"""

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.broker import BrokerClient
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.nestlog import NestLog

from .sinks import BrokerSink

HEAD = 'configVersion: "1"\njobs:\n'
RABBIT = "{actionType: rabbitmq, exchange: e, queue: q, key: k}"
SWITCH_BY_SCOPE = (
    "{actionType: switch, scope: request, property: a, cases: [{match: x, actions: []}]}"
)


def verdict(path: Path, broker: BrokerClient | None) -> str:
    """``BOOT n types`` or ``FAIL`` with the message, without the name of the error."""
    try:
        backend = EmbeddedBackend.boot(
            {"JOB_CONFIGURATION_FILE": str(path)}, log=NestLog(io.StringIO()), broker=broker
        )
    except BootFailure as failure:
        return "FAIL " + re.sub(r"^(?:Type)?Error: ", "", str(failure)).replace(
            str(path), path.name
        )
    return f"BOOT {len(backend.config.types)} types"


def entry(name: str, create: str, update: str = "update: {}") -> str:
    return f"  - {{jobType: {name}, create: {{actions: [{create}]}}, {update}}}\n"


OWN: list[tuple[str, str, str, str]] = [
    ("plain", entry("a", "{actionType: log}"), "BOOT 1 types", "BOOT 1 types"),
    (
        "no-update",
        entry("a", "{actionType: log}", "statusUpdate: {}"),
        "FAIL Cannot read properties of undefined (reading 'actions')",
        "FAIL Cannot read properties of undefined (reading 'actions')",
    ),
    (
        "rabbitmq-before-no-update",
        entry("a", RABBIT, "statusUpdate: {}"),
        "FAIL Cannot read properties of undefined (reading 'actions')",
        "FAIL Action type rabbitmq in jobs.yaml wasn't correctly initialized",
    ),
    (
        "no-update-before-rabbitmq",
        entry("a", "", "statusUpdate: {}") + entry("b", RABBIT),
        "FAIL Cannot read properties of undefined (reading 'actions')",
        "FAIL Cannot read properties of undefined (reading 'actions')",
    ),
    (
        "rabbitmq",
        entry("a", RABBIT),
        "BOOT 1 types",
        "FAIL Action type rabbitmq in jobs.yaml wasn't correctly initialized",
    ),
    (
        "switch-by-scope",
        entry("a", SWITCH_BY_SCOPE),
        'FAIL Invalid options for switch action: {"actionType":"switch","scope":"request",',
        'FAIL Invalid options for switch action: {"actionType":"switch","scope":"request",',
    ),
    (
        "mail",
        entry("a", "{actionType: email, to: a, subject: s, bodyTemplateFile: mails/body.html}"),
        "BOOT 1 types",
        "BOOT 1 types",
    ),
    (
        "alias",
        entry("a", "&&mail {actionType: log}") + entry("b", "*&mail"),
        "BOOT 2 types",
        "BOOT 2 types",
    ),
    (
        "unquoted-braces",
        entry("a", "{actionType: url, url: {{ request.x }}}"),
        'FAIL Invalid options for url action: {"actionType":"url","url":{"[object Object]":null}}',
        'FAIL Invalid options for url action: {"actionType":"url","url":{"[object Object]":null}}',
    ),
]


@pytest.mark.parametrize(
    ("text", "enabled", "disabled"), [pytest.param(*row[1:], id=row[0]) for row in OWN]
)
def test_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, enabled: str, disabled: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "body.html").write_text("")
    path = tmp_path / "jobs.yaml"
    path.write_text(HEAD + text)
    assert verdict(path, BrokerSink()).startswith(enabled)
    assert verdict(path, None).startswith(disabled)


@dataclass(frozen=True)
class Row:
    """One file with the real backend's verdicts."""

    path: Path
    enabled: str
    disabled: str


def rows(folder: Path) -> Iterator[Row]:
    with (folder / "index.tsv").open(newline="") as file:
        for row in csv.reader(file, delimiter="\t"):
            if row[0] != "file":
                yield Row(folder / row[0], row[3], row[4])


def test_real_configurations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.environ.get("SCICAT_HARNESS_WILD_CONFIGS")
    if not folder:
        pytest.skip("SCICAT_HARNESS_WILD_CONFIGS names no folder of real job configurations")
    monkeypatch.chdir(tmp_path)
    differing = {}
    for row in rows(Path(folder)):
        for name in re.findall(r'bodyTemplateFile"?: *"?([^\s",]+)', row.path.read_text()):
            template = tmp_path / name
            template.parent.mkdir(parents=True, exist_ok=True)
            template.write_text("")
        seen = verdict(row.path, BrokerSink()), verdict(row.path, None)
        # The index cuts long messages short.
        if not (seen[0].startswith(row.enabled) and seen[1].startswith(row.disabled)):
            differing[row.path.name] = seen
    assert differing == {}
