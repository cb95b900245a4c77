"""The command ``doctor``: list the programs and packages that a run can use."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

import click
from rich.table import Table
from rich.text import Text

from scicat_harness.broker.rabbitmq import find_server
from scicat_harness.cli.console import Console
from scicat_harness.command import run_command
from scicat_harness.deploy.compose import check_compose
from scicat_harness.deploy.engine import ContainerEngine
from scicat_harness.errors import EnvironmentFault, ExitCode
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.processes.child import inherited_environment

__all__ = ["Diagnosis", "doctor", "examine", "ways"]

_DEADLINE = 10.0
_OLDEST_PYTHON = (3, 11)
_PRIVATE_NODE = "--broker rabbitmq (the default with a real backend)"
_ENGINE, _COMPOSE = "container engine", "docker compose"
_WAYS = {
    "embedded": (),
    # MongoDB is not in the list, since it may run on another machine (--mongo-uri).
    "process": ("node",),
    "containers": (_ENGINE,),
    "scicatlive": (_ENGINE, _COMPOSE),
    "external": (),
}
"""The entries of ``examine`` that each deployment needs on this machine."""
_NEEDED_PACKAGES = (
    "pytest",
    "pytest-xdist",
    "requests",
    "starlette",
    "uvicorn",
    "PyJWT",
    "aiosmtpd",
    "pamqp",
    "pika",
    "pymongo",
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The state of one program or package.

    ``present`` is its version or path, None if it is missing. ``needed`` means that every run
    needs it; otherwise only ``purpose`` does.
    """

    name: str
    present: str | None
    purpose: str
    fix: str
    needed: bool = False


@click.command()
def doctor() -> int:
    """Show which programs and packages are installed, and which deployments work.

    Exit code 2 if something is missing that every run needs.
    """
    found = examine()
    table = Table(show_lines=False)
    for column in ("", "what", "found", "for", "fix"):
        table.add_column(column, overflow="fold")
    for each in found:
        mark = "ok" if each.present else ("MISSING" if each.needed else "absent")
        table.add_row(
            mark, each.name, each.present or "-", each.purpose, "" if each.present else each.fix
        )
    console = Console()
    console.print(table)
    for line in ways(found):
        console.print(Text(line), soft_wrap=True)
    broken = any(each.needed and not each.present for each in found)
    return ExitCode.ENVIRONMENT_FAILED if broken else ExitCode.AS_SPECIFIED


def ways(found: Sequence[Diagnosis]) -> list[str]:
    """Return one line per deployment: whether it works on this machine, or what it lacks."""
    missing = {each.name: each.fix for each in found if not each.present}
    lines = []
    for deployment, needed in _WAYS.items():
        lacks = [each for each in needed if each in missing]
        works = "no, needs " + " and ".join(lacks) if lacks else "yes"
        lines.append(f"--deployment {deployment}: {works}")
    return lines


def examine() -> list[Diagnosis]:
    """Look for every program and package that a run can use.

    Runs commands such as ``node --version`` with a deadline, and asks the container engine for
    its version. Nothing else is started.
    """
    return [_python(), *(_package(name) for name in _NEEDED_PACKAGES), *_tools()]


def _python() -> Diagnosis:
    version = ".".join(str(part) for part in sys.version_info[:3])
    present = version if sys.version_info[:2] >= _OLDEST_PYTHON else None
    return Diagnosis("Python", present, "everything", "install Python 3.11 or newer", needed=True)


def _package(name: str) -> Diagnosis:
    try:
        present: str | None = metadata.version(name)
    except metadata.PackageNotFoundError:
        present = None
    return Diagnosis(name, present, "everything", "pip install scicat-harness", needed=True)


def _libraries() -> str | None:
    found = find_engine()
    return None if isinstance(found, Missing) else str(found.libraries)


def _tools() -> list[Diagnosis]:
    return [
        Diagnosis(
            "node",
            _version(["node", "--version"]),
            "--deployment process",
            "install Node 20 or newer",
        ),
        Diagnosis(
            "JavaScript libraries",
            _libraries(),
            "lint, verify: templates, schemas and paths of a job configuration",
            "scicat-harness javascript",
        ),
        Diagnosis(
            "mongod",
            _version(["mongod", "--version"]),
            "--deployment process without --mongo-uri",
            "install MongoDB, or give --mongo-uri",
        ),
        _engine(),
        _compose(),
        _rabbitmq(),
        Diagnosis(
            "epmd",
            shutil.which("epmd"),
            _PRIVATE_NODE,
            "install Erlang (apt-get install rabbitmq-server brings it), or use --broker embedded",
        ),
        Diagnosis(
            "git",
            _version(["git", "--version"]),
            "fetching a backend checkout",
            "install git",
        ),
    ]


def _engine() -> Diagnosis:
    present, fix = None, ""
    try:
        engine = ContainerEngine()
        present = f"{engine.info.get('ServerVersion')} ({engine.info.get('OperatingSystem')})"
        engine.close()
    except EnvironmentFault as error:
        fix = str(error)
    return Diagnosis(_ENGINE, present, "--deployment containers, scicatlive", fix)


def _compose() -> Diagnosis:
    present, fix = None, ""
    try:
        present = check_compose()
    except EnvironmentFault as error:
        fix = str(error)
    return Diagnosis(_COMPOSE, present, "--deployment scicatlive", fix)


def _rabbitmq() -> Diagnosis:
    found = find_server()
    return Diagnosis(
        "rabbitmq-server",
        str(found) if found is not None else None,
        _PRIVATE_NODE,
        "apt-get install rabbitmq-server, or set RABBITMQ_HOME to where it was unpacked, or use "
        "--broker embedded or --broker amqp://USER:PASSWORD@HOST:PORT",
    )


def _version(command: list[str]) -> str | None:
    """Return the first line of a version command, or None if it is missing, fails or hangs."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = run_command(command, seconds=_DEADLINE, env=inherited_environment(), merged=True)
    except EnvironmentFault:
        return None
    return done.output.strip().splitlines()[0] if done.code == 0 and done.output.strip() else None
