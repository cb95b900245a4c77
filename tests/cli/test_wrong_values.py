"""Values, files and combinations that make no sense: exit code 3, one message, nothing begun."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scicat_harness.cli.main import cli
from scicat_harness.deploy.external import read_accounts, read_env_file
from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import read_facility

from .conftest import Say

EXTERNAL = ("run", "--deployment=external")
PROCESS = ("run", "--deployment=process", "--backend-dir=.")
CONTAINERS = ("run", "--deployment=containers")
TWO_IMAGES = ("--backend-image=x", "--backend-image=y")
UNUSED = {
    "mongo-uri-embedded": (("run", "--mongo-uri=mongodb://h"), "--mongo-uri", "embedded"),
    "mongo-uri-containers": ((*CONTAINERS, "--mongo-uri=mongodb://h"), "--mongo-uri", "containers"),
    "backend-dir-embedded": (("run", "--backend-dir=."), "--backend-dir", "embedded"),
    "backend-dir-containers": ((*CONTAINERS, "--backend-dir=."), "--backend-dir", "containers"),
    "backend-dir-list": (("list", "--backend-dir=."), "--backend-dir", "embedded"),
    "scicatlive-dir": (("run", "--scicatlive-dir=."), "--scicatlive-dir", "embedded"),
    "backend-image": (("run", "--backend-image=x"), "--backend-image", "embedded"),
    "backend-image-process": ((*PROCESS, "--backend-image=x"), "--backend-image", "process"),
    "mongo-image": ((*PROCESS, "--mongo-image=x"), "--mongo-image", "process"),
    "rabbitmq-image": (("up", "--rabbitmq-image=x"), "--rabbitmq-image", "embedded"),
    "sinks-host": (("run", "--sinks=host"), "--sinks", "embedded"),
    "sinks-inside": (("run", "--sinks=inside"), "--sinks", "embedded"),
    "harness-image": (("run", "--harness-image=x"), "--harness-image", "embedded"),
    "url": (("run", "--url=http://h"), "--url", "embedded"),
    "url-of-a-process": ((*PROCESS, "--url=http://h"), "--url", "process"),
    "accounts": (("up", "--accounts=x"), "--accounts", "embedded"),
    "backend-env": (("run", "--backend-env=x"), "--backend-env", "embedded"),
    "defect": ((*CONTAINERS, "--defect=x"), "--defect", "containers"),
    "defect-list": (("list", "--deployment=containers", "--defect=x"), "--defect", "containers"),
    "broker": ((*EXTERNAL, "--broker=embedded"), "--broker", "external"),
    "audit": ((*EXTERNAL, "--audit=3"), "--audit", "external"),
    "verify": (("verify", "jobs.yaml", "--mongo-uri=mongodb://h"), "--mongo-uri", "embedded"),
    "plan": (("plan", "jobs.yaml", "--mongo-image=x"), "--mongo-image", "embedded"),
}
BESIDE = {
    "harness-image": (
        (*CONTAINERS, "--harness-image=x"),
        "--harness-image has no effect with --sinks host; leave it out, or give --sinks inside",
    ),
    "rabbitmq-image": (
        (*CONTAINERS, "--rabbitmq-image=x", "--broker=embedded"),
        "--rabbitmq-image has no effect with --broker embedded; leave it out, or give --broker "
        "deployment",
    ),
    "kept-deployment": (
        ("run", "--kept=x", "--deployment=process"),
        "--deployment has no effect with --kept x",
    ),
    "kept-version": (
        ("run", "--kept=x", "--release=v5.0.1"),
        "--release has no effect with --kept x",
    ),
    "kept-broker": (("list", "--kept=x", "--broker=embedded"), "--broker has no effect with"),
    "instance": (
        ("verify", "--facility=facility.yaml", "--instance", "--broker=embedded"),
        "--broker has no effect with --instance",
    ),
    "instance-deployment": (
        ("verify", "--facility=facility.yaml", "--instance", "--deployment=embedded"),
        "--deployment has no effect with --instance",
    ),
    "instance-accept": (
        ("verify", "--facility=facility.yaml", "--instance", "--accept=accepted.yaml"),
        "--accept has no effect with --instance alone",
    ),
    "instance-snapshot": (
        ("verify", "--facility=facility.yaml", "--instance", "--snapshot=effects.txt"),
        "--snapshot has no effect with --instance alone",
    ),
    **{
        f"images-of-{command[0]}": ((*command, *TWO_IMAGES), "--backend-image is given twice")
        for command in (
            ("up", "--deployment=containers"),
            ("list", "--deployment=containers"),
            ("verify", "jobs.yaml"),
        )
    },
}
ADDRESS = (*EXTERNAL, "--accounts=x")
VALUES = {
    "workers-huge": (("run", "-n", "99999999999999999999"), "-n '99999999999999999999': give"),
    "workers-endless": (("run", "-n", "9" * 5000), "...': give a number of worker processes"),
    "workers-65": (("run", "-n", "65"), "0 to 64, or 'auto'"),
    "workers-negative": (("run", "-n", "-1"), "-n '-1': give"),
    "workers-word": (("run", "-n", "many"), "-n 'many': give"),
    "workers-superscript": (("run", "-n", "\N{SUPERSCRIPT TWO}"), "give a number of worker"),
    "workers-half": (("run", "-n", "1.5"), "-n '1.5': give"),
    "maxfail-negative": (("run", "--maxfail", "-1"), "'--maxfail': -1 is not in the range"),
    "maxfail-huge": (("run", "--maxfail", "9" * 30), "'--maxfail'"),
    "maxfail-endless": (("run", "--maxfail", "9" * 5000), "'--maxfail'"),
    "jobs-none": (("sabotage", "-j", "0"), "'-j': 0 is not in the range"),
    "audit-negative": (("run", "--audit=-1"), "--audit -1: give 0 to 3600 seconds"),
    "audit-nan": (("run", "--audit=nan"), "--audit nan: give"),
    "audit-inf": (("run", "--audit=inf"), "--audit inf: give"),
    "audit-huge": (("run", "--audit=1e300"), "--audit 1e+300: give"),
    "audit-word": (("run", "--audit=long"), "'--audit'"),
    "version-short": (("run", "--release=5.2"), "--release '5.2' is not of the"),
    "version-word": (("run", "--release=latest"), "--release 'latest' is not"),
    "version-of-up": (("up", "--release=latest"), "--release 'latest' is not"),
    "version-of-verify": (("verify", "jobs.yaml", "--release=x"), "--release 'x'"),
    "version-endless": (("run", f"--release=v5.2.{'1' * 5000}"), "...' is not of the form"),
    "version-of-config": (("config", "x", "--release=x"), "--release 'x' is not"),
    "release-of-lint": (("lint", "jobs.yaml", "--release=x"), "--release 'x' is not of the form"),
    "release-of-matrix": (("matrix", "jobs.yaml", "--release=x"), "--release 'x' is not"),
    "release-against": (
        ("matrix", "jobs.yaml", "--against-release=x"),
        "--against-release 'x' is not",
    ),
    "release-of-explain": (
        ("explain", "--as=user1", "--create=all_access", "--release=x"),
        "--release 'x' is not",
    ),
    "release-of-differences": (("differences", "--release=x"), "--release 'x' is not"),
    "other-release-embedded": (("run", "--release=v5.3.0"), "behaves as v5.2.1"),
    "url-half-open": ((*ADDRESS, "--url=http://[::1"), "--url 'http://[::1': not an address"),
    "url-port-word": ((*ADDRESS, "--url=http://h:many"), "--url 'http://h:many': its port is"),
    "url-port-huge": ((*ADDRESS, "--url=http://h:65536"), "its port is none of 1 to 65535"),
    "url-port-zero": ((*ADDRESS, "--url=http://h:0"), "its port is none of 1 to 65535"),
    "url-blank": ((*ADDRESS, "--url=http://h h"), "--url: an address has no blanks"),
    "url-host": ((*ADDRESS, "--url=http://:3000"), "'http://:3000': has no host that can be"),
    "url-label": ((*ADDRESS, "--url=http://a..b"), "'http://a..b': has no host that can be"),
    "mongo-label": ((*PROCESS, f"--mongo-uri=mongodb://{'a' * 64}"), "not a MongoDB URI; give"),
    "broker-label": (("run", f"--broker=amqp://{'a' * 64}"), "has no host that can be looked up"),
    "templates": (("plan", "jobs.yaml", "--templates=jobs.yaml"), "--templates jobs.yaml: no such"),
    "path-too-long": (("config", "x" * 256), "it is too long for a path"),
    "path-of-a-backend": ((*PROCESS[:2], f"--backend-dir={'x' * 256}"), "too long for a path"),
    "path-of-a-report": (("run", f"--report-dir={'x/' * 3000}"), "too long for a path"),
    "name-too-long": (("down", f"--name={'x' * 256}"), "it is too long for a path"),
    "null": (("lint", "a\0b"), "it contains a null character"),
    "url-secret": ((*ADDRESS, "--url=http://me:hid/den@h"), "--url 'http://h': its port is"),
    "mongo-word": ((*PROCESS, "--mongo-uri=latest"), "--mongo-uri 'latest': not a MongoDB URI"),
    "mongo-half-open": ((*PROCESS, "--mongo-uri=mongodb://[::1"), "not a MongoDB URI; give"),
    "mongo-port": ((*PROCESS, "--mongo-uri=mongodb://h:99999"), "not a MongoDB URI; give"),
    "mongo-port-word": ((*PROCESS, "--mongo-uri=mongodb://h:x"), "not a MongoDB URI; give"),
    "mongo-option": ((*PROCESS, "--mongo-uri=mongodb://h/?=1"), "not a MongoDB URI; give"),
    "mongo-secret": (
        (*PROCESS, "--mongo-uri=mongodb://me:hid/den@h:x"),
        "--mongo-uri 'mongodb://h:x': not a MongoDB URI",
    ),
    "broker-word": (("run", "--broker=nonsense"), "--broker 'nonsense': neither"),
    "broker-half-open": (("run", "--broker=amqp://[::1"), "--broker 'amqp://[::1': not an address"),
    "broker-port": (("run", "--broker=amqp://h:65536"), "its port is none of 1 to 65535"),
    "broker-port-zero": (("run", "--broker=amqp://h:0"), "its port is none of 1 to 65535"),
    "broker-secret": (("run", "--broker=amqp://me:hid/den@h"), "--broker 'amqp://h': its port"),
    "keyword": (("run", "-k", "((("), "-k '(((': not an expression"),
    "keyword-of-list": (("list", "-k", "a b"), "-k 'a b': not an expression"),
    "keyword-of-verify": (("verify", "jobs.yaml", "-k", "a(b=1)"), "-k 'a(b=1)': not an expr"),
    "only": (("run", "--only=nowhere"), "--only 'nowhere': no such folder; choose from"),
    "node-modules": (("plan", "jobs.yaml", "--node-modules=none"), "none: no such folder"),
    "libraries": (("verify", "jobs.yaml", "--backend-dir=none"), "none/node_modules: no such"),
}
CONFIG = """\
configVersion: "1"
jobs:
  - {jobType: t, create: {auth: "#authenticated"}, update: {auth: "#jobOwnerUser"}}
"""
FACILITY = """\
facility: f
files: {job_config: jobs.yaml}
instance: {url: "http://h", janitor: a, people: [{name: a, groups: [g], token: {env: T}}]}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "jobs.yaml").write_text(CONFIG)
    (tmp_path / "here" / "facility.yaml").write_text(FACILITY)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def refused(say: Say, *arguments: str) -> str:
    """What is said of it, once, and without anything being written."""
    before = sorted(Path.cwd().iterdir())
    code, said = say(*arguments)
    assert code == 3, said
    assert "broke: " not in said
    assert "hid" not in said
    assert len(said) < 10_000
    assert said.count("scicat-harness: ") + said.count("Error: ") == 1, said
    assert sorted(Path.cwd().iterdir()) == before
    return " ".join(said.split())


@pytest.mark.parametrize("name", UNUSED)
def test_an_option_without_effect(name: str, say: Say) -> None:
    arguments, option, deployment = UNUSED[name]
    said = refused(say, *arguments)
    assert f"{option} has no effect with --deployment {deployment}; leave it out, or give" in said


@pytest.mark.parametrize("name", BESIDE)
def test_an_option_without_effect_beside_another(name: str, say: Say) -> None:
    arguments, message = BESIDE[name]
    assert message in refused(say, *arguments)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_none(name: str, say: Say) -> None:
    arguments, message = VALUES[name]
    assert message in refused(say, *arguments)


def test_workers_by_the_environment(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCICAT_HARNESS_WORKERS", "-1")
    assert "-n '-1': give a number of worker processes" in refused(say, "run")


def test_a_database_by_the_environment_is_a_default(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCICAT_HARNESS_MONGO_URI", "mongodb://h")
    code, said = say("list", "--profile=smoke", "--only=read")
    assert code == 0, said
    monkeypatch.setenv("SCICAT_HARNESS_MONGO_URI", "mongodb://h:x")
    assert "not a MongoDB URI" in refused(say, *PROCESS)


def _texts() -> Iterator[tuple[str, str]]:
    """Every option and argument that takes a text, with the command it is of."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        for each in command.params:
            free = each.name != "datasets" and not isinstance(each.type, click.Choice)
            number = isinstance(each.type, click.types.IntParamType | click.types.FloatParamType)
            flag = isinstance(each, click.Option) and each.is_flag
            if free and not number and not flag:
                yield name, each.opts[0] if isinstance(each, click.Option) else ""


@pytest.mark.parametrize(("command", "option"), list(_texts()))
def test_an_empty_text(command: str, option: str, say: Say) -> None:
    given = [f"{option}="] if option.startswith("--") else [option, ""] if option else [""]
    said = refused(say, command, *given)
    assert "it is empty" in said
    assert option in said


def _made(kind: str, path: Path) -> Path:
    """A file of that kind."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        return Path("/dev/zero")
    elif kind == "latin-1":
        path.write_bytes("Grün=ä\n".encode("latin-1"))
    elif kind == "binary":
        path.write_bytes(bytes(range(256)))
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 40)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    elif kind == "loop":
        path.symlink_to(path)
    return path


KINDS = ("missing", "folder", "pipe", "device", "latin-1", "binary", "huge", "socket", "loop")
READERS = {"accounts": read_accounts, "env": read_env_file, "facility": read_facility}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_that_is_none(reader: str, kind: str, tmp_path: Path) -> None:
    path = _made(kind, tmp_path / "f")
    with pytest.raises(UsageFault) as raised:
        READERS[reader](path)
    said = str(raised.value)
    assert str(path) in said
    assert "cannot be read" in said or "save it as UTF-8" in said


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in ("latin-1", "binary")])
@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "{}"),
        ("plan", "jobs.yaml", "--env={}"),
        ("plan", "jobs.yaml", "--accounts={}"),
        ("plan", "--facility={}"),
        ("lint", "{}"),
        ("lint", "jobs.yaml", "--env={}"),
        ("lint", "jobs.yaml", "--accounts={}"),
        ("matrix", "jobs.yaml", "--against={}"),
        ("explain", "--as=user1", "--create=t", "--config={}"),
        ("clean", "harness-00000000", "--facility={}"),
    ],
    ids=" ".join,
)
def test_a_command_whose_file_is_none(
    arguments: tuple[str, ...], kind: str, say: Say, tmp_path: Path
) -> None:
    path = _made(kind, tmp_path / "f")
    said = refused(say, *(each.format(path) for each in arguments))
    assert str(path) in said
    assert "cannot be read" in said


@pytest.mark.parametrize("kind", ["latin-1", "binary"])
@pytest.mark.parametrize("option", ["--env", "--accounts"])
def test_a_file_that_is_not_utf_8(option: str, kind: str, say: Say, tmp_path: Path) -> None:
    path = _made(kind, tmp_path / "f")
    assert str(path) in refused(say, "plan", "jobs.yaml", f"{option}={path}")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "9" * 5000, "{}", "[1]", '[{"username": 1}]', "", "nonsense", '"\\ud800"'],
    ids=["deep", "long-number", "object", "number", "name", "empty", "word", "surrogate"],
)
def test_accounts_that_are_none(text: str, say: Say, tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(text)
    with pytest.raises(UsageFault, match=r"--accounts .*accounts\.json: "):
        read_accounts(path)
    assert str(path) in refused(say, "plan", "jobs.yaml", f"--accounts={path}")


@pytest.mark.parametrize(
    "text",
    ["2026-13-45", "[" * 5000, "? [a]\n: b", "\x00", "9" * 5000, ""],
    ids=["date", "deep", "key", "null", "long-number", "empty"],
)
def test_a_facility_file_that_is_none(text: str, say: Say, tmp_path: Path) -> None:
    path = tmp_path / "facility.yaml"
    path.write_text(text)
    assert str(path) in refused(say, "plan", "--facility", str(path))
