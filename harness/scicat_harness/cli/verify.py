"""``plan`` and ``verify``: a facility's job configuration, on a twin that reaches sinks only."""

from __future__ import annotations

import difflib
import json
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import click

from scicat_harness.cli.choices import (
    check_keyword,
    checked,
    facility_options,
    setup_options,
    show_unobserved,
    single_image,
    twin_options,
)
from scicat_harness.cli.console import Console
from scicat_harness.cli.display import Display
from scicat_harness.cli.instance import inspect, refuse_beyond_limits, what_would_remain
from scicat_harness.cli.run import concluded, pytest_arguments
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
from scicat_harness.facility.site import SENTINEL
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

_DESTINATIONS = frozenset({"url", "bodyTemplateFile"})
_MOST_BEYOND = 20


@click.command()
@facility_options
@twin_options
def plan(files: FacilityFiles, **given: Any) -> None:
    """Say what 'verify' would do with a job configuration, without starting anything."""
    release = _release(files, given)
    # Nothing is started, so the release is not held against what could be.
    checked({**given, "backend_version": None})
    facility = load_facility(files, release)
    show_unobserved(release)
    _show_redirection(facility)
    _show_counts(facility, release)
    _show_beyond(facility)


@click.command()
@facility_options
@twin_options
@click.option("--report-dir", metavar="DIR", help="Where reports go; default: reports/RUN.")
@click.option("-k", "keyword", metavar="EXPRESSION", help="Only the cases whose name matches.")
@click.option(
    "--instance",
    is_flag=True,
    help="Not a twin, but the running instance of the facility file: looked at, not written to.",
)
@click.option("--allow-writes", is_flag=True, help="With --instance: make datasets and jobs there.")
def verify(
    files: FacilityFiles,
    report_dir: str | None,
    keyword: str | None,
    instance: bool,
    allow_writes: bool,
    **given: Any,
) -> int:
    """Try a job configuration on a twin: a backend of ours that is started with it.

    Every job type, every kind of caller, every action with its own templates and cases. Mails,
    calls and messages go to sinks of the run, and nowhere else.

    Exit codes: 0 it does what it says, 1 the backend differs, 2 the environment failed, 3 wrong
    usage.
    """
    reports = report_folder(report_dir)
    if keyword is not None:
        check_keyword(keyword)
    if instance:
        why = "the facility file says where it is"
        refuse_beside("--instance", why, set(setup_options(given)) - {"backend_version"})
    release = _release(files, given)
    if allow_writes and not instance:
        raise UsageFault("--allow-writes is about a running instance: give --instance, too")
    if instance:
        if files.facility is None:
            raise UsageFault("--instance needs a facility file that names it: --facility FILE")
        files = replace(files, on_instance=True)
        given["deployment"] = "external"
    else:
        checked(given)
    facility = load_facility(files, release)
    if facility.instance is None:
        _show_redirection(facility)
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
        if value is not None:
            arguments.append(f"--{name}={value.absolute()}")
    arguments += ["--stand-in-templates"] if files.stand_in else []
    arguments += ["-k", keyword] if keyword else []
    if reports is not None:
        arguments += ["--report-dir", str(reports.absolute())]
    forget_facilities(facility)
    display = Display(Console(), progress=sys.stdout.isatty())
    with termination_as_interrupt():
        return concluded(arguments, display)


def _release(files: FacilityFiles, given: dict[str, Any]) -> Release:
    """The release to judge by, put among the options as well, which have one image from here on."""
    given["backend_image"] = image = single_image(given["backend_image"])
    named = given["backend_version"]
    tagged = tagged_release(image) if named is None else None
    release = tagged or release_of(files, named)
    given["backend_version"] = str(release)
    return release


def _show_redirection(facility: Facility) -> None:
    """What the twin's configuration differs in; anything but destinations is a defect of ours."""
    site = facility.plan.site
    ours = [each for each in site.job_types.values() if each.name != SENTINEL]
    twin = job_config_document(ours, site.version)
    given, made = _lines(facility.document), _lines(twin)
    changes = [
        line
        for line in difflib.unified_diff(given, made, "yours", "twin", lineterm="", n=0)
        if not line.startswith("@@")
    ]
    for line in changes:
        click.echo(without_secrets(line))
    click.echo(f"the twin adds the job type {SENTINEL!r}, which no caller here may use")
    for name in facility.stood_in:
        click.echo(f"stand-in for the mail template {name}")


def _lines(document: Any) -> list[str]:
    """A configuration in one form, whatever it was written in; what is ignored stays out."""
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
    """The plan in numbers; how many datasets and jobs it makes."""
    oracle = Oracle(facility.plan.site, View(release))
    kinds: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for case in facility.plan.cases:
        kinds[f"{case.operation}, {case.about}"] += 1
        effects.update(str(each.channel) for each in case.predict(oracle).effects)
        if case.made is not None:
            effects.update(str(each.channel) for each in _made(case, oracle))
    site = facility.plan.site
    created = sum(
        case.made is not None or case.predict(oracle).job is not None
        for case in facility.plan.cases
    )
    click.echo(f"datasets: {len(site.datasets)}; jobs: {created}; callers: {len(site.identities)}")
    click.echo(f"cases: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    told = ", ".join(f"{count} {channel}" for channel, count in sorted(effects.items()))
    where = "where they are configured to" if facility.instance is not None else "sinks only"
    click.echo(f"effects, going to {where}: {told or 'none'}")
    if isinstance(facility.engine, Missing):
        click.echo(f"not verifiable here: what templates come to: {facility.engine.reason}")
    return len(site.datasets), created


def _made(case: PlannedCase, oracle: Oracle) -> Any:
    assert case.made is not None
    return oracle.create(janitor_of(oracle.site), case.made).effects


def _show_beyond(facility: Facility) -> None:
    reasons = Counter(
        (f"{each.job_type}, {each.operation}, {each.name}: {each.reason}")
        for each in facility.plan.beyond
    )
    for told in list(reasons)[:_MOST_BEYOND]:
        click.echo(f"not verifiable: {without_secrets(told)}")
    if len(reasons) > _MOST_BEYOND:
        click.echo(f"not verifiable: {len(reasons) - _MOST_BEYOND} more")
