"""The direction of imports, and other promises about the shape of the code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("harness", "fixtures", "scenarios")
MOST_LINES = 350
THIRD_PARTY_HOMES = {
    "docker": {"harness.deploy.container", "harness.deploy.engine"},
    "requests": {
        "harness.adapter",
        "harness.client.transport",
        # The client of the engine raises what requests raises.
        "harness.deploy.container",
        "harness.deploy.engine",
        "harness.deploy.readiness",
    },
    "testcontainers": {"harness.deploy.container"},
    "pymongo": {"harness.deploy.mongo"},
    # The embedded backend speaks for itself; what watches it has clients of its own.
    "aiosmtpd": {"harness.sinks.smtp"},
    "h11": {"harness.embedded.fetch", "harness.sinks.url"},
    "jsonpath": {"harness.oracle.paths"},
    "jsonschema": {"harness.embedded.actions.schemas", "harness.oracle.schemas"},
    "jinja2": {"harness.report.page.render"},
    "pamqp": {
        f"harness.broker.embedded.{name}"
        for name in ("channel", "connection", "content", "handshake", "methods", "wire")
    },
    "pika": {"harness.broker.probe", "harness.embedded.broker", "harness.sinks.amqp"},
    "regress": {"harness.embedded.regex"},
    "trustme": {"harness.sinks.certificate"},
    "yaml": {
        "harness.config.jobconfig",
        "harness.deploy.overlay",
        "harness.embedded.configfile",
        "harness.facility.file",
        "harness.lint.nodes",
    },
}
MODEL = {"harness.errors", "harness.model"}
BASE = MODEL | {
    f"harness.{name}" for name in ("adapter", "command", "deadline", "files", "secrets")
}
"""What every package but the pure ones may use."""
FILES = {"harness.files"}
ORACLE = MODEL | {"harness.oracle"}
CHILD_PROCESSES = {
    f"harness.deploy.{name}" for name in ("child", "children", "readiness", "running", "sockets")
}
BROKERS = {f"harness.broker.{name}" for name in ("address", "broker", "probe")}
WIRE = {"harness.config", "harness.client", "harness.sinks"}
PURE_LIBRARIES = {"jsonpath", "jsonschema"}
"""Two standards that validate and switch actions rest on; neither reads nor writes anything."""
DOING_IO = {"asyncio", "io", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "time"}


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(_modules())


@cache
def tree(module: str) -> ast.Module:
    """The parsed module."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(module: str) -> set[str]:
    """Dotted names that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            assert node.module is not None
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (whole & MODULES.keys()) or {node.module}
    return found


def within(name: str, packages: set[str]) -> bool:
    """Whether a dotted name is one of the packages or below one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def ours(module: str) -> set[str]:
    """What it imports of this project."""
    return {name for name in imported(module) if within(name, set(PACKAGES))}


def of(*packages: str) -> list[str]:
    """The modules below these packages."""
    return [name for name in MODULES if within(name, set(packages))]


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("harness", {"harness"}),
        ("fixtures", {"harness", "fixtures"}),
        ("scenarios", {"harness", "fixtures", "scenarios"}),
        ("harness.model", MODEL),
        ("harness.files", {"harness.errors", "harness.files"}),
        ("harness.oracle", ORACLE),
        ("harness.config", MODEL | FILES | {"harness.config"}),
        ("harness.client", BASE | {"harness.config", "harness.client"}),
        (
            "harness.deploy",
            BASE | BROKERS | {f"harness.{name}" for name in ("config", "deploy", "sinks", "state")},
        ),
        ("harness.sinks", {"harness.errors", "harness.sinks"}),
        ("harness.probe", BASE | WIRE | {"harness.deploy", "harness.probe"}),
        ("harness.state", {"harness.errors", "harness.state"}),
        (
            "harness.judge",
            BASE | ORACLE | WIRE | {"harness.deploy", "harness.probe", "harness.judge"},
        ),
        (
            "harness.report",
            BASE
            | ORACLE
            | {"harness.judge", "harness.report"}
            # What was stored with a run: arrivals to read.
            | {"harness.client.transcript", "harness.sinks.arrival"},
        ),
        (
            "harness.facility",
            BASE
            | ORACLE
            | {f"harness.{name}" for name in ("config", "extension", "facility", "javascript")},
        ),
        ("harness.embedded", {"harness.embedded"}),
        ("harness.javascript", BASE | {"harness.javascript"}),
        ("harness.extension", MODEL | {"harness.extension"}),
        (
            "harness.lint",
            MODEL | FILES | {"harness", "harness.extension", "harness.javascript", "harness.lint"},
        ),
        ("harness.broker", BASE | CHILD_PROCESSES | {"harness.broker"}),
        ("harness.broker.embedded", {"harness.broker.embedded"}),
    ],
)
def test_imports_point_one_way(package: str, allowed: set[str]) -> None:
    wrong = {name: ours(name) for name in of(package)}
    assert {k: v for k, found in wrong.items() for v in found if not within(v, allowed)} == {}


def test_nothing_in_the_harness_imports_the_embedded_backend() -> None:
    rest = [name for name in of("harness") if not within(name, {"harness.embedded"})]
    assert [name for name in rest if any(within(x, {"harness.embedded"}) for x in ours(name))] == []


@pytest.mark.parametrize("package", ["harness.model", "harness.oracle"])
def test_model_and_oracle_need_little_more_than_the_standard_library(package: str) -> None:
    for name in of(package):
        foreign = {found.split(".")[0] for found in imported(name) - ours(name)}
        assert foreign - PURE_LIBRARIES <= sys.stdlib_module_names, name


def test_the_oracle_can_neither_read_nor_write_anything() -> None:
    for name in of("harness.oracle", "harness.model"):
        assert {found.split(".")[0] for found in imported(name)} & DOING_IO == set(), name


@pytest.mark.parametrize("package", THIRD_PARTY_HOMES)
def test_a_third_party_client_has_its_homes(package: str) -> None:
    users = {name for name in MODULES if any(within(x, {package}) for x in imported(name))}
    assert users == THIRD_PARTY_HOMES[package]


def test_nothing_sleeps() -> None:
    sleepers = [
        name
        for name in MODULES
        for node in ast.walk(tree(name))
        if (isinstance(node, ast.Attribute) and node.attr == "sleep")
        or (isinstance(node, ast.Name) and node.id == "sleep")
    ]
    assert sleepers == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_is_short_enough_to_read(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_module_says_what_it_is() -> None:
    assert [name for name in MODULES if not _docstring(name)] == []


def _docstring(module: str) -> str | None:
    return ast.get_docstring(tree(module))
