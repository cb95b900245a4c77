"""Sessions for contributors: ``nox`` runs lint, types and tests, ``nox -l`` lists all."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True

DIST = Path("dist")
ABOUT_PAGES = (
    "tests/test_links.py",
    "tests/test_pages.py",
    "tests/reliability/test_faults.py::test_the_page_has_the_table",
)


@nox.session
def lint(session: nox.Session) -> None:
    """Format and lint of the code, as ruff sees them."""
    session.install("-e", ".[test]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the package, the tests and the benchmarks, by mypy."""
    session.install("-e", ".[test]")
    session.run("mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The project's own tests; arguments of pytest after ``--``."""
    session.install("-e", ".[test]")
    session.run("pytest", *(session.posargs or ("tests",)))


@nox.session
def slow(session: nox.Session) -> None:
    """Run the tests that every night runs."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "4", "-m", "slow", "tests", *session.posargs)


@nox.session
def scenarios(session: nox.Session) -> None:
    """The scenarios on the embedded backend; options of ``scicat-harness run`` after ``--``."""
    session.install("-e", ".[test]")
    session.run("scicat-harness", "run", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Links of the documentation, and its tables that are made from code."""
    session.install("-e", ".[test]")
    session.run("pytest", *ABOUT_PAGES)


@nox.session
def coverage(session: nox.Session) -> None:
    """Coverage of packages by their own tests; names of packages after ``--``."""
    session.install("-e", ".[dev]")
    packages = session.posargs or ("model", "judge")
    measured = ",".join(f"harness/scicat_harness/{name}/*" for name in packages)
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *(f"tests/{name}" for name in packages))
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--include={measured}")


@nox.session
def build(session: nox.Session) -> None:
    """Sdist and wheel in ``dist``; the wheel judges something in an environment of its own."""
    session.install("build")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST))
    (wheel,) = DIST.glob("*.whl")
    empty = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "venv", "--clear", str(empty / "venv"))
    python = str(empty / "venv" / "bin" / "python")
    session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
    with session.chdir(empty):
        session.run(python, "-m", "scicat_harness", "--version", external=True)
        run = ("run", "--profile=smoke", "--only=read", "--report-dir=report")
        session.run(python, "-m", "scicat_harness", *run, external=True)
