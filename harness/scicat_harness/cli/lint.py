"""The command ``lint``: find the mistakes of a job configuration without a backend."""

from __future__ import annotations

import datetime
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from scicat_harness.accepted import FILE_NAME, read_accepted
from scicat_harness.cli.files import files_of
from scicat_harness.cli.output import write_output
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.extension.installed import Probes
from scicat_harness.facility.facility import FacilityFiles, release_of
from scicat_harness.javascript import EngineFault, JavaScriptEngine, Missing, find_engine
from scicat_harness.lint import Finding, FindingSeverity, Installation, Report
from scicat_harness.lint import lint as linted
from scicat_harness.lint.accepted import without_accepted
from scicat_harness.lint.accounts import BrokenAccounts, read_accounts
from scicat_harness.lint.fixing import Fixed, fixed
from scicat_harness.lint.formats import FORMATS
from scicat_harness.lint.release import Features, features
from scicat_harness.lint.settings import read_environment
from scicat_harness.model.release import CURRENT, Release

__all__ = ["first_error", "lint"]

_MOST_SHOWN = 160
"""Most characters of an error that is shown beside the result of another command."""

_NEVER_STARTS = frozenset(
    f"start.{name}"
    for name in (
        *("schema", "operation-missing", "duplicate-type", "options", "url-body", "regex"),
        "json-schema",
    )
)
"""Rules about the file alone: a twin has an environment, accounts and templates of its own."""

_SEVERITIES = [str(each) for each in sorted(FindingSeverity, reverse=True)]


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option(
    "--facility",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A facility file, which names all files ('scicat-harness init' writes one).",
)
@click.option(
    "--env",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="The environment of the backend: NAME=value lines. Of several files the last one counts.",
)
@click.option(
    "--accounts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="functionalAccounts.json, which has the names of users and groups.",
)
@click.option(
    "--release",
    metavar="vX.Y.Z",
    help=f"Release of the backend. Default: that of the facility file, or {CURRENT}.",
)
@click.option(
    "--rabbitmq/--no-rabbitmq",
    "rabbitmq",
    default=None,
    help="Whether RabbitMQ is enabled. Default: RABBITMQ_ENABLED of --env.",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to which bodyTemplateFile is relative. Default: that of CONFIG.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="sarif is for GitHub code scanning.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default=str(FindingSeverity.ERROR),
    show_default=True,
    help="The lowest severity that leads to exit code 1.",
)
@click.option("--fix", is_flag=True, help="Fix CONFIG and --env in place, and show the changes.")
@click.option(
    "--fix-to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the fixed CONFIG to FILE.",
)
@click.option(
    "--backend-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A built backend checkout whose JavaScript libraries are used.",
)
@click.option(
    "--accept",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Accepted findings. Default: {FILE_NAME} beside CONFIG, if it is there.",
)
def lint(
    config: Path | None,
    facility: Path | None,
    env: tuple[Path, ...],
    accounts: Path | None,
    release: str | None,
    rabbitmq: bool | None,
    templates: Path | None,
    form: str,
    output: Path | None,
    fail_on: str,
    fix: bool,
    fix_to: Path | None,
    backend_dir: Path | None,
    accept: Path | None,
) -> int:
    """Show whether a backend starts with CONFIG, and what goes wrong later.

    No backend is needed. Templates, schemas and paths are judged by the JavaScript libraries of
    the backend; install them with 'scicat-harness javascript'. Without them they are listed as not
    verifiable.

    Exit codes: 0 clean, 1 findings at or above --fail-on, 3 unreadable or wrong usage.
    """
    if fix and fix_to is not None:
        raise UsageFault("--fix and --fix-to exclude each other; give one")
    files = files_of(facility, config)
    config, env = files.job_config, env or files.env
    accounts, templates = accounts or files.accounts, templates or files.templates
    known = release_of(files, release, "--release")
    with ExitStack() as stack:
        modules = backend_dir / "node_modules" if backend_dir else None
        installation = _installation(stack, env, accounts, known, rabbitmq, templates, modules)
        if fix or fix_to is not None:
            installation = _fix(config, fix_to, installation)
        report = linted(fix_to or config, installation)
    report = _accepting(report, accept, config)
    _show(report, form, output)
    return ExitCode.SCICAT_DIFFERS if report.fails(FindingSeverity.named(fail_on)) else 0


def first_error(files: FacilityFiles, release: Release) -> str:
    """Return a line about the errors of a configuration that a twin starts with all the same.

    A twin does what the configuration says, so its verdict does not show them; "" without any.
    Raises UsageFault for a configuration with which no backend starts, whatever its environment: a
    twin is given the actions as they are understood, and might start.
    """
    with ExitStack() as stack:
        installation = _installation(
            *(stack, files.env, files.accounts, release, None, files.templates, files.node_modules)
        )
        report = _accepting(linted(files.job_config, installation), None, files.job_config)
    errors = [each for each in report.sorted if each.severity is FindingSeverity.ERROR]
    for each in errors:
        if each.rule in _NEVER_STARTS:
            fix = each.fix[:1].lower() + each.fix[1:].rstrip(".")
            at = f"{each.place.file}: line {each.place.line}: {_about(each)}"
            raise UsageFault(f"{at}; {fix}")
    if not errors:
        return ""
    place = f"line {errors[0].place.line}"
    first = _about(errors[0])[:_MOST_SHOWN]
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"lint: {errors[0].rule}, {place}, {first}{more}; see 'scicat-harness lint'"


def _about(found: Finding) -> str:
    """Return what a finding is about, and its sentence, on one line."""
    subject = f"{found.subject}: " if found.subject else ""
    return " ".join(f"{subject}{found.sentence}".split())


def _installation(
    stack: ExitStack,
    env: tuple[Path, ...],
    accounts: Path | None,
    release: Release,
    rabbitmq: bool | None,
    templates: Path | None,
    modules: Path | None,
) -> Installation:
    engine = find_engine(modules)
    if isinstance(engine, Missing) and modules is not None:
        raise UsageFault(f"--backend-dir {modules.parent}: {engine.reason}")
    known = read_accounts(accounts) if accounts else None
    probes = Probes.installed()
    stack.callback(probes.close)
    broken = known if isinstance(known, BrokenAccounts) else None
    ready = None if isinstance(engine, Missing) else stack.enter_context(engine)
    return Installation(
        features=_with_own_helpers(features(release), ready),
        env=read_environment(env),
        accounts=None if isinstance(known, BrokenAccounts) else known,
        broken_accounts=broken,
        broker=rabbitmq,
        templates=templates,
        engine=ready,
        no_engine=engine.reason if isinstance(engine, Missing) else "",
        probes=probes,
    )


def _accepting(report: Report, accept: Path | None, config: Path) -> Report:
    """Return the report without the findings that a file beside CONFIG, or --accept, accepts."""
    file = accept or config.parent / FILE_NAME
    if accept is None and not file.is_file():
        return report
    return without_accepted(report, file, read_accepted(file).findings, datetime.date.today())


def _with_own_helpers(known: Features, engine: JavaScriptEngine | None) -> Features:
    """Return the features of a release with the template helpers of a build added.

    Nothing is known about the arguments that those take.
    """
    try:
        own = engine.helpers() if engine is not None else frozenset()
    except EngineFault as fault:
        raise UsageFault(f"--backend-dir: the helpers of the build do not load ({fault})") from None
    further: dict[str, tuple[int, int | None]] = {
        name: (0, None) for name in sorted(own) if name not in known.helpers
    }
    return replace(known, helpers={**known.helpers, **further})


def _fix(config: Path, to: Path | None, installation: Installation) -> Installation:
    """Write the fixed files, and return the installation with the fixed environment."""
    # Without --templates, body files are relative to CONFIG, and stay so with --fix-to elsewhere.
    installation = (
        installation if installation.templates else replace(installation, templates=config.parent)
    )
    fix, environment = fixed(config, installation)
    _write(fix, to or config)
    # --fix-to leaves every given file alone, so the environment as well.
    if to is not None:
        return installation
    for each in environment:
        _write(each, each.file)
    return replace(installation, env=read_environment([each.file for each in environment]))


def _write(fix: Fixed, file: Path) -> None:
    if not fix.changed and file == fix.file:
        return
    try:
        file.write_text(fix.after, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(f"{file}: cannot be written ({error.strerror})") from None
    # On stderr, so that stdout stays one JSON or SARIF document.
    click.echo(fix.diff(), nl=False, err=True)


def _show(report: Report, form: str, output: Path | None) -> None:
    text = FORMATS[form](report)
    if output is None:
        click.echo(text, nl=False)
        return
    write_output(text, output, UsageFault)
    click.echo(report.start)
    if report.unobserved:
        click.echo(report.unobserved)
