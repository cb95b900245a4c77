"""The direction of imports, and other promises about the shape of the code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "scicat_harness"
FOLDERS: dict[str, tuple[str, ...]] = {
    "harness/scicat_harness": (PACKAGE,),
    "fixtures": (PACKAGE, "fixtures"),
    "scenarios": (PACKAGE, "scenarios"),
}
TOP = {f"scicat_harness.{name}" for name in ("__main__", "cli", "plugin", "suite")}
"""What puts the library and the fixtures together; they run, they are not imported."""
OUTSIDE = {"scicat_harness.fixtures", "scicat_harness.scenarios"}
MOST_LINES = 350
THIRD_PARTY_HOMES = {
    "docker": {"scicat_harness.deploy.container", "scicat_harness.deploy.engine"},
    "requests": {
        "scicat_harness.adapter",
        "scicat_harness.client.transport",
        # The client of the engine raises what requests raises.
        "scicat_harness.deploy.container",
        "scicat_harness.deploy.engine",
        "scicat_harness.deploy.readiness",
    },
    "testcontainers": {"scicat_harness.deploy.container"},
    "pymongo": {"scicat_harness.deploy.mongo"},
    # The embedded backend speaks for itself; what watches it has clients of its own.
    "aiosmtpd": {"scicat_harness.sinks.smtp"},
    "h11": {"scicat_harness.embedded.fetch", "scicat_harness.sinks.url"},
    "jsonpath": {"scicat_harness.oracle.paths"},
    "jsonschema": {"scicat_harness.embedded.actions.schemas", "scicat_harness.oracle.schemas"},
    "jinja2": {"scicat_harness.report.page.render"},
    "pamqp": {
        f"scicat_harness.broker.embedded.{name}"
        for name in ("channel", "connection", "content", "handshake", "methods", "trace", "wire")
    },
    "pika": {
        "scicat_harness.broker.probe",
        "scicat_harness.embedded.broker",
        "scicat_harness.sinks.amqp",
        "scicat_harness.sinks.amqp_address",
        "scicat_harness.sinks.amqp_channel",
    },
    "regress": {"scicat_harness.embedded.regex"},
    "trustme": {"scicat_harness.sinks.certificate"},
    "yaml": {
        "scicat_harness.accepted",
        "scicat_harness.config.jobconfig",
        "scicat_harness.deploy.overlay",
        "scicat_harness.embedded.configfile",
        "scicat_harness.facility.file",
        "scicat_harness.fixtures.effects.file",
        "scicat_harness.lint.nodes",
    },
}
MODEL = {"scicat_harness.errors", "scicat_harness.model"}
BASE = MODEL | {
    f"scicat_harness.{name}"
    for name in (
        "accounts",
        "adapter",
        "command",
        "deadline",
        "dotenv",
        "files",
        "paths",
        "secrets",
    )
}
"""What every package but the pure ones may use."""
FILES = {
    "scicat_harness.accounts",
    "scicat_harness.dotenv",
    "scicat_harness.files",
    "scicat_harness.validation",
}
ORACLE = MODEL | {"scicat_harness.oracle"}
BROKERS = {f"scicat_harness.broker.{name}" for name in ("address", "broker", "probe")}
WIRE = {"scicat_harness.config", "scicat_harness.client", "scicat_harness.sinks"}
PURE_LIBRARIES = {"jsonpath", "jsonschema", "referencing"}
"""Two standards that validate and switch actions rest on; neither reads nor writes anything."""
DOING_IO = {"asyncio", "io", "os", "pathlib", "shutil", "socket", "subprocess", "tempfile", "time"}


def _modules() -> Iterator[tuple[str, Path]]:
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = package + path.relative_to(ROOT / folder).with_suffix("").parts
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
    """What it imports of this project, apart from its version."""
    return {name for name in imported(module) - {PACKAGE} if within(name, {PACKAGE})}


def of(*packages: str) -> list[str]:
    """The modules below these packages."""
    return [name for name in MODULES if within(name, set(packages))]


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("scicat_harness.model", MODEL),
        ("scicat_harness.files", {"scicat_harness.errors", "scicat_harness.files"}),
        ("scicat_harness.oracle", ORACLE),
        ("scicat_harness.config", MODEL | FILES | {"scicat_harness.config"}),
        ("scicat_harness.client", BASE | {"scicat_harness.config", "scicat_harness.client"}),
        (
            "scicat_harness.deploy",
            BASE
            | BROKERS
            | {
                f"scicat_harness.{name}"
                for name in (
                    "broker.rabbitmqctl",
                    "config",
                    "deploy",
                    "processes",
                    "sinks",
                    "state",
                    "javascript.child",
                    "javascript.failure",
                )
            },
        ),
        (
            "scicat_harness.processes",
            BASE | {"scicat_harness.processes", "scicat_harness.state"},
        ),
        (
            "scicat_harness.sinks",
            {"scicat_harness.errors", "scicat_harness.processes.stdin", "scicat_harness.sinks"},
        ),
        ("scicat_harness.probe", BASE | WIRE | {"scicat_harness.deploy", "scicat_harness.probe"}),
        ("scicat_harness.state", {"scicat_harness.errors", "scicat_harness.state"}),
        (
            "scicat_harness.judge",
            BASE
            | ORACLE
            | WIRE
            | {f"scicat_harness.{name}" for name in ("deploy", "judge", "probe", "processes")},
        ),
        (
            "scicat_harness.report",
            BASE
            | ORACLE
            | {"scicat_harness.judge", "scicat_harness.report"}
            # What was stored with a run: arrivals to read.
            | {"scicat_harness.client.transcript", "scicat_harness.sinks.arrival"},
        ),
        (
            "scicat_harness.facility",
            BASE
            | ORACLE
            | {
                f"scicat_harness.{name}"
                for name in ("config", "extension", "facility", "javascript", "lint")
            }
            # What verify speaks to.
            | {"scicat_harness.deploy.external"}
            | {"scicat_harness.validation"},
        ),
        # The JavaScript libraries are those of the real backend.
        (
            "scicat_harness.embedded",
            {"scicat_harness.embedded", "scicat_harness.javascript"},
        ),
        ("scicat_harness.javascript", BASE | {"scicat_harness.javascript"}),
        ("scicat_harness.extension", MODEL | {"scicat_harness.extension"}),
        (
            "scicat_harness.lint",
            MODEL
            | FILES
            | {
                "scicat_harness.accepted",
                "scicat_harness.wrapping",
                "scicat_harness.extension",
                "scicat_harness.javascript",
                "scicat_harness.lint",
            },
        ),
        (
            "scicat_harness.broker",
            BASE
            | {"scicat_harness.broker", "scicat_harness.processes", "scicat_harness.state.alive"},
        ),
        (
            "scicat_harness.broker.embedded",
            {"scicat_harness.broker.embedded", "scicat_harness.model.topology"},
        ),
    ],
)
def test_imports_point_one_way(package: str, allowed: set[str]) -> None:
    wrong = {name: ours(name) for name in of(package)}
    assert {k: v for k, found in wrong.items() for v in found if not within(v, allowed)} == {}


def test_no_package_needs_itself_by_way_of_others() -> None:
    needs: dict[str, set[str]] = {}
    for name in MODULES:
        needs.setdefault(package_of(name), set()).update(map(package_of, ours(name)))
    order = TopologicalSorter({name: found - {name} for name, found in needs.items()})
    # Raises CycleError, with the circle, where there is one.
    assert set(order.static_order()) >= needs.keys()


def package_of(module: str) -> str:
    """Return the package below ``scicat_harness`` that a module belongs to."""
    return ".".join(module.split(".")[:2])


def test_no_module_needs_itself_by_way_of_others() -> None:
    order = TopologicalSorter({name: ours(name) - {name} for name in MODULES})
    assert set(order.static_order()) >= MODULES.keys()


def test_scenarios_use_fixtures_and_fixtures_use_the_library() -> None:
    library = [name for name in MODULES if not within(name, TOP | OUTSIDE)]
    assert library
    for name in library:
        assert [x for x in ours(name) if within(x, TOP | OUTSIDE)] == [], name
    for name in of("scicat_harness.fixtures"):
        assert [x for x in ours(name) if within(x, TOP | {"scicat_harness.scenarios"})] == [], name
    for name in of(*TOP):
        assert [x for x in ours(name) if within(x, {"scicat_harness.scenarios"})] == [], name
    # The plugin has the types of what the pytest fixtures hand to a scenario.
    for name in of("scicat_harness.scenarios"):
        assert [x for x in ours(name) if within(x, TOP - {"scicat_harness.plugin"})] == [], name


def test_nothing_else_imports_the_embedded_backend() -> None:
    # They read the names of its defects.
    users = {"scicat_harness.cli.sabotage", "scicat_harness.plugin.options"}
    rest = [name for name in MODULES if not within(name, users | {"scicat_harness.embedded"})]
    assert [
        name for name in rest if any(within(x, {"scicat_harness.embedded"}) for x in ours(name))
    ] == []


@pytest.mark.parametrize("package", ["scicat_harness.model", "scicat_harness.oracle"])
def test_model_and_oracle_need_little_more_than_the_standard_library(package: str) -> None:
    for name in of(package):
        foreign = {found.split(".")[0] for found in imported(name) - ours(name)}
        assert foreign - PURE_LIBRARIES <= sys.stdlib_module_names, name


def test_the_oracle_can_neither_read_nor_write_anything() -> None:
    for name in of("scicat_harness.oracle", "scicat_harness.model"):
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
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{module}: move a part into a module of its own"


def test_every_module_says_what_it_is() -> None:
    assert [name for name in MODULES if not _docstring(name)] == []


def _docstring(module: str) -> str | None:
    return ast.get_docstring(tree(module))
