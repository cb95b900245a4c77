"""A running instance: ``verify --instance`` without writing, and the command ``clean``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scicat_harness.cli.choices import show_unobserved
from scicat_harness.client.scicat import SciCat
from scicat_harness.client.session import Logins
from scicat_harness.client.transport import Transport
from scicat_harness.config.tls import Tls
from scicat_harness.deploy.deployment import Backend
from scicat_harness.deploy.external import ExternalDeployment, read_accounts
from scicat_harness.errors import EnvironmentFault, ExitCode, SciCatDiffers, UsageFault
from scicat_harness.facility.facility import (
    FacilityFiles,
    load_facility,
    named_files,
    release_of,
)
from scicat_harness.facility.file import Instance
from scicat_harness.facility.instance import instance_deployment
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.release import Release
from scicat_harness.model.site import Site
from scicat_harness.plugin.leftovers import OBJECTS, REMOVERS
from scicat_harness.probe.prepared import PreparedBackend, log_in, open_client
from scicat_harness.probe.removal import Removal, remove_made
from scicat_harness.state.folder import state_folder
from scicat_harness.state.leftovers import Entry, Leftovers
from scicat_harness.state.runs import RUN_NAME, remove_abandoned, taking_abandoned

__all__ = ["clean", "inspect", "refuse_beyond_limits", "what_would_remain"]


def inspect(files: FacilityFiles, release: Release) -> int:
    """Print accounts and configuration of a running instance, without writing to it.

    Logs in as every identity of the facility file and compares groups and addresses.

    Exit codes: 0 it can be judged, 2 it differs from the facility file.
    """
    facility = load_facility(files, release)
    instance = facility.instance
    assert instance is not None
    click.echo(f"instance: {instance.url}, looked at only; --allow-writes is not given")
    show_unobserved(release)
    site = facility.plan.site
    backend = instance_deployment(files, release).start(site)
    client = open_client(_logged_in("", backend, site))
    try:
        wrong = _people_problems(client, site)
        _show_configuration(client, site)
    finally:
        client.transport.close()
    for each in what_would_remain(site):
        click.echo(each)
    for problem in wrong:
        click.echo(problem)
    return ExitCode.ENVIRONMENT_FAILED if wrong else ExitCode.AS_SPECIFIED


def refuse_beyond_limits(instance: Instance, datasets: int, jobs: int) -> None:
    """Raise ``UsageFault`` if a plan makes more datasets or jobs than the facility file allows."""
    for what, planned, most in (
        ("datasets", datasets, instance.limits.datasets),
        ("jobs", jobs, instance.limits.jobs),
    ):
        if planned > most:
            raise UsageFault(
                f"the plan makes {planned} {what}, instance.limits.{what} is {most}; raise it, or "
                "allow fewer job types"
            )


def _logged_in(run: str, backend: Backend, site: Site) -> PreparedBackend:
    """Log in every identity of a site once; return their tokens as a prepared backend."""
    transport = Transport(backend.base_url, pace=backend.pace, owned=backend.owned, tls=backend.tls)
    try:
        tokens = Logins(transport, backend.secrets, backend.tokens).tokens_for(site)
    finally:
        transport.close()
    return PreparedBackend(
        *(run, backend.base_url, False, None, tokens), pace=backend.pace, tls=backend.tls
    )


def _people_problems(client: SciCat, site: Site) -> list[str]:
    """Print the groups of every identity; return what differs from the facility file."""
    problems = []
    for each in site.identities.values():
        if each is ANONYMOUS:
            continue
        who = client.send(each, "GET", "/api/v3/auth/whoami").json
        found = who.get("currentGroups", []) if isinstance(who, dict) else []
        # The backend ignores blank names (specification: identity.kinds).
        groups = sorted(group for group in found if group)
        click.echo(f"  {each.name}: {', '.join(groups) or 'no groups'} ({each.sentence})")
        email = who.get("email") if isinstance(who, dict) else None
        if email and email != each.email:
            problems.append(
                f"people: the address of {each.name} is {email}; set 'email' to it, since a job "
                "stores it as its contact"
            )
        if groups != sorted(each.groups):
            problems.append(
                f"people: {each.name} is in {groups}, the facility file says "
                f"{sorted(each.groups)}; correct it"
            )
    return problems


def _show_configuration(client: SciCat, site: Site) -> None:
    """Print the configuration version of the newest job, compared with that of the file.

    No endpoint returns the version with which a backend was started, but every job stores it.
    """
    newest = '{"limits":{"limit":1,"sort":{"createdAt":"desc"}}}'
    reply = client.query(janitor_of(site), "v4/jobs", {"filter": newest})
    jobs = reply.json if isinstance(reply.json, list) else []
    version = jobs[0].get("configVersion") if jobs else None
    if version is None:
        click.echo("configuration: unknown, since there is no job whose configVersion shows it")
    elif version == site.version:
        click.echo(f"configuration: {version}, as in the file")
    else:
        click.echo(f"configuration: its newest job was made by {version!r}, not {site.version!r}")


def what_would_remain(site: Site) -> list[str]:
    """Return warnings about objects that the run will not be able to remove.

    Only ``DELETE_JOB_GROUPS`` says who may delete jobs, and no endpoint shows the environment of a
    backend (specification: environment.groups).
    """
    janitor = janitor_of(site)
    if not site.roles.delete_jobs:
        return [
            "cleaning up: DELETE_JOB_GROUPS is not known, so the jobs of the run may remain; set "
            "files.env in the facility file to check it before the run"
        ]
    if set(janitor.groups) & set(site.roles.delete_jobs):
        return []
    return [
        f"cleaning up: {janitor.name} may not delete jobs, so all jobs of the run will remain; "
        "put a group of that account into DELETE_JOB_GROUPS"
    ]


@click.command()
@click.argument("run")
@click.option(
    "--facility",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The facility file of the instance, after 'verify --instance'.",
)
@click.option("--url", metavar="URL", help="The backend, after 'run --deployment external'.")
@click.option("--accounts", metavar="FILE", help="With --url: accounts of the backend.")
@click.option(
    "--ca-bundle", metavar="FILE", help="With --url: PEM file of its certificate authorities."
)
@click.option(
    "--client-cert", metavar="FILE", help="With --url: PEM file of a client certificate and key."
)
def clean(run: str, facility: Path | None, **given: Any) -> int:
    """Remove the datasets and jobs that RUN left in a backend it did not start.

    RUN is the name in its summary.json, such as harness-4f381c11. An object is removed only if it
    is in the list that the run wrote on this machine, and carries the marker of the run. You may
    repeat the command.

    Exit codes: 0 nothing is left, 1 the backend answered wrongly and the removal was stopped,
    2 something is left, 3 there is no such list.
    """
    if not RUN_NAME.fullmatch(run):
        raise UsageFault(f"{run!r} is not the name of a run; take it from its summary.json")
    # Files are read before the folder of the run is locked; a mistake in them changes nothing.
    named = _named_place(facility, given)
    with taking_abandoned(run) as folders:
        entries = [
            entry
            for folder in folders
            for entry in Leftovers(folder).entries()
            if entry.get("kind") == OBJECTS
        ]
        if not entries:
            raise UsageFault(
                f"{run}: no list of objects that it made, so nothing can be removed; lists are in "
                f"{state_folder() / 'runs'} of the user and the machine that ran it"
            )
        deployment, site = named
        backend = deployment.start(site)
        results = [_clean(entry, backend, janitor_of(site)) for entry in entries]
    left = remove_abandoned(REMOVERS, run)
    findings = [each for result in results for each in result.findings]
    left += [each for result in results for each in result.left]
    for each in findings:
        click.echo(each)
    if findings:
        raise SciCatDiffers(
            f"{run}: the backend answers wrongly, and removing was stopped; remove by hand what "
            "remains"
        )
    if left:
        raise EnvironmentFault("\n".join(f"left behind: {each}" for each in left))
    click.echo(f"nothing of {run} is left")
    return ExitCode.AS_SPECIFIED


def _named_place(
    facility: Path | None, given: Mapping[str, Any]
) -> tuple[ExternalDeployment, Site]:
    """Return the deployment and the site that the options name; sends no request."""
    if (facility is None) == (given["url"] is None):
        raise UsageFault("give --facility FILE, or --url URL with --accounts FILE")
    if facility is not None:
        files = replace(named_files(facility), on_instance=True)
        release = release_of(files, None)
        return instance_deployment(files, release), load_facility(files, release).plan.site
    if given["accounts"] is None:
        raise UsageFault("--url needs --accounts FILE, with the password or token of the janitor")
    accounts = read_accounts(Path(given["accounts"]))
    bundle, own = given["ca_bundle"], given["client_cert"]
    tls = Tls.given(Path(bundle) if bundle else None, Path(own) if own else None)
    return ExternalDeployment(given["url"], accounts, None, tls=tls), SITE


def _clean(entry: Entry, backend: Backend, janitor: Identity) -> Removal:
    run, url, made = entry["run"], entry["url"], Path(entry["made"])
    if backend.base_url != url:
        raise UsageFault(f"{run} was made at {url}, not at {backend.base_url}; give that address")
    # A site with the janitor alone, so that no other identity has to log in.
    alone = Site("clean", Roles(), {janitor.name: janitor}, janitor=janitor.name)
    return remove_made(log_in(backend, alone, janitor, run, made), janitor)
