"""The commands ``plan`` and ``verify``: test the job configuration of a facility on a twin.

A twin is a backend that the harness starts with that configuration. Its mails, calls and messages
are redirected to sinks.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scicat_harness.accepted import FILE_NAME
from scicat_harness.cli.choices import (
    accept_option,
    check_keyword,
    checked,
    setup_options,
    show_unobserved,
    single_image,
    twin_options,
)
from scicat_harness.cli.console import Console
from scicat_harness.cli.display import Display
from scicat_harness.cli.files import facility_options
from scicat_harness.cli.instance import inspect, refuse_beyond_limits, what_would_remain
from scicat_harness.cli.libraries import offer_libraries
from scicat_harness.cli.lint import first_error
from scicat_harness.cli.run import concluded, pytest_arguments
from scicat_harness.cli.snapshot import (
    compared,
    refuse_lone_update,
    samples_of,
    shown_effects,
    snapshot_options,
)
from scicat_harness.config.jobconfig import job_config_document
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import (
    Facility,
    FacilityFiles,
    forget_facilities,
    load_facility,
    release_of,
)
from scicat_harness.facility.plan import PlannedCase
from scicat_harness.facility.site import SENTINELS
from scicat_harness.fixtures.sites import janitor_of
from scicat_harness.javascript.finding import Missing
from scicat_harness.lint.words import without_secrets
from scicat_harness.model.release import Release
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.plugin.options import report_folder, tagged_release
from scicat_harness.plugin.signals import termination_as_interrupt
from scicat_harness.plugin.uses import refuse_beside

__all__ = ["plan", "verify"]

_MOST_BEYOND = 20


@click.command()
@facility_options
@twin_options
def plan(files: FacilityFiles, **given: Any) -> None:
    """Show what 'verify' would do with a job configuration. Nothing is started."""
    release = _release(files, given)
    # Without the release, since the embedded backend would refuse all but one. A plan needs none.
    checked({**given, "backend_version": None})
    first_error(files, release)
    facility = load_facility(files, release)
    show_unobserved(release)
    _show_redirection(facility)
    _show_counts(facility, release)
    _show_beyond(facility)
    _show_unrendered(facility)


@click.command()
@facility_options
@twin_options
@click.option("--report-dir", metavar="DIR", help="The report folder. Default: reports/RUN.")
@click.option("-k", "keyword", metavar="EXPRESSION", help="Only the cases whose name matches.")
@click.option(
    "--instance",
    is_flag=True,
    help="Use the running instance of the facility file instead of a twin. It is read only.",
)
@click.option(
    "--allow-writes", is_flag=True, help="With --instance: create datasets and jobs there."
)
@accept_option
@snapshot_options
@click.option("--yes", is_flag=True, help="Install missing JavaScript libraries without asking.")
def verify(
    files: FacilityFiles,
    report_dir: str | None,
    keyword: str | None,
    instance: bool,
    allow_writes: bool,
    yes: bool,
    accept: str | None,
    snapshot: Path | None,
    update: bool,
    **given: Any,
) -> int:
    """Test a job configuration on a twin: a backend that is started with it for the test.

    Every job type, every kind of caller, and every action with its templates and cases is tested.
    Mails, calls and messages go to sinks of the run only.

    Exit codes: 0 the backend does what the configuration says, 1 it differs, 2 the environment
    failed, 3 wrong usage.
    """
    reports = report_folder(report_dir)
    refuse_lone_update(snapshot, update=update)
    if keyword is not None:
        check_keyword(keyword)
    if instance:
        why = "the facility file has the address and accounts of the instance"
        refuse_beside("--instance", why, set(setup_options(given)) - {"backend_version"})
        # An instance that is only looked at has no checks: nothing to choose, compare or report.
        of_checks = {
            "--accept": accept,
            "--snapshot": snapshot,
            "-k": keyword,
            "--report-dir": report_dir,
        }
        for option, value in of_checks.items():
            if value is not None and not allow_writes:
                raise UsageFault(
                    f"{option} has no effect with --instance alone; leave it out, or give "
                    "--allow-writes as well"
                )
    release = _release(files, given)
    if allow_writes and not instance:
        raise UsageFault("--allow-writes is for a running instance only; give --instance as well")
    if instance:
        if files.facility is None:
            raise UsageFault("--instance needs a facility file that names it: --facility FILE")
        files = replace(files, on_instance=True)
        given["deployment"] = "external"
    else:
        checked(given)
    offer_libraries(files.node_modules, yes=yes)
    embedded = (given["deployment"] or "embedded") == "embedded"
    files = replace(files, by_embedded=embedded and not instance)
    # On an instance, the file is that of a backend that has started.
    error = first_error(files, release) if not instance else ""
    facility = load_facility(files, release)
    # Everything about the plan is shown, and refused, before anything is started or written.
    if facility.instance is None:
        _show_redirection(facility)
        _show_unrendered(facility)
        # With stand-ins, missing templates are no error.
        if error and not files.stand_in:
            click.echo(error)
    else:
        datasets, jobs = _show_counts(facility, release)
        _show_beyond(facility)
        refuse_beyond_limits(facility.instance, datasets, jobs)
        if not allow_writes:
            return inspect(files, release)
        for line in what_would_remain(facility.plan.site):
            click.echo(line)
    arguments = pytest_arguments({**given, "only": ("facility",)}, facility=True)
    for name, value in files.options().items():
        paths = value if isinstance(value, tuple) else (value,)
        arguments += [f"--{name}={each.absolute()}" for each in paths if each is not None]
    accepted = Path(accept) if accept is not None else files.job_config.parent / FILE_NAME
    if accept is not None or accepted.is_file():
        arguments.append(f"--accept={accepted.absolute()}")
    arguments += ["--stand-in-templates"] if files.stand_in else []
    arguments += ["-k", keyword] if keyword else []
    if reports is not None:
        arguments += ["--report-dir", str(reports.absolute())]
    snapshot_code = 0
    if snapshot is not None:
        shown = shown_effects(facility, View(release), samples_of(files))
        snapshot_code = compared(shown, snapshot, update=update)
    # The plugin loads the facility again, and its probes must be the only ones that are open.
    forget_facilities(facility)
    display = Display(Console(), progress=sys.stdout.isatty())
    with termination_as_interrupt():
        # A snapshot that differs fails a run that passes.
        return concluded(arguments, display) or snapshot_code


def _release(files: FacilityFiles, given: dict[str, Any]) -> Release:
    """Return the release to judge by; store it and the only image in ``given``.

    In this order: ``--release``, the tag of ``--backend-image``, the facility file.
    """
    given["backend_image"] = image = single_image(given["backend_image"])
    named = given["backend_version"]
    tagged = tagged_release(image) if named is None else None
    release = tagged or release_of(files, named)
    given["backend_version"] = str(release)
    return release


def _show_redirection(facility: Facility) -> None:
    """Print the differences between the given configuration and that of the twin.

    They are destinations and mail templates only; any other difference is a defect of the harness.
    """
    site = facility.plan.site
    ours = [each for each in site.job_types.values() if each.name not in SENTINELS]
    twin = job_config_document(ours, site.version)
    given, made = _lines(facility.document), _lines(twin)
    changes = [
        line
        for line in difflib.unified_diff(given, made, "yours", "twin", lineterm="", n=0)
        if not line.startswith("@@")
    ]
    for line in changes:
        # URLs and headers of a configuration may have passwords and tokens.
        click.echo(without_secrets(line))
    click.echo(
        f"the twin adds the job types {' and '.join(map(repr, SENTINELS))} for barriers; no caller "
        "of the plan may use them"
    )
    for name in facility.stood_in:
        click.echo(f"stand-in for the mail template {name}")


def _lines(document: Any) -> list[str]:
    """Return a configuration as lines of JSON with sorted keys, for a diff.

    Keys that the backend ignores are left out (specification: configuration.file).
    """
    jobs = [
        {
            "jobType": entry.get("jobType"),
            **{name: _operation(entry.get(name)) for name in ("create", "update")},
        }
        for entry in document["jobs"]
    ]
    whole = {"configVersion": document.get("configVersion"), "jobs": jobs}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False, default=str).splitlines()


def _operation(operation: Any) -> Any:
    if not isinstance(operation, dict):
        return operation
    return {name: operation.get(name) for name in ("auth", "actions") if operation.get(name)}


def _show_counts(facility: Facility, release: Release) -> tuple[int, int]:
    """Print the plan in numbers; return how many datasets and jobs it creates."""
    oracle = Oracle(facility.plan.site, View(release))
    kinds: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for case in facility.plan.cases:
        kinds[f"{case.operation}, {case.about}"] += 1
        effects.update(str(each.channel) for each in case.predict(oracle).effects)
        # The job that an update needs is created first, with effects of its own.
        if case.made is not None:
            effects.update(str(each.channel) for each in _made(case, oracle))
    site = facility.plan.site
    created = sum(
        case.made is not None or case.predict(oracle).job is not None
        for case in facility.plan.cases
    )
    click.echo(f"datasets: {len(site.datasets)}; jobs: {created}; callers: {len(site.identities)}")
    click.echo(f"cases: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    counts = ", ".join(f"{count} {channel}" for channel, count in sorted(effects.items()))
    where = "their configured destinations" if facility.instance is not None else "sinks only"
    click.echo(f"effects, going to {where}: {counts or 'none'}")
    if isinstance(facility.engine, Missing):
        click.echo(f"not verifiable here: results of templates: {facility.engine.reason}")
    return len(site.datasets), created


def _made(case: PlannedCase, oracle: Oracle) -> Any:
    assert case.made is not None
    return oracle.create(janitor_of(oracle.site), case.made).effects


def _show_unrendered(facility: Facility) -> None:
    lines = facility.plan.unrendered
    for line in lines[:_MOST_BEYOND]:
        click.echo(f"no case renders: {without_secrets(line)}")
    if len(lines) > _MOST_BEYOND:
        click.echo(f"no case renders: {len(lines) - _MOST_BEYOND} more parts of templates")


def _show_beyond(facility: Facility) -> None:
    reasons = Counter(
        (f"{each.job_type}, {each.operation}, {each.name}: {each.reason}")
        for each in facility.plan.beyond
    )
    for reason in list(reasons)[:_MOST_BEYOND]:
        click.echo(f"not verifiable: {without_secrets(reason)}")
    if len(reasons) > _MOST_BEYOND:
        click.echo(f"not verifiable: {len(reasons) - _MOST_BEYOND} more")
