"""The command ``explain``: print the rules that decide a request, without a backend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from scicat_harness.cli.choices import show_unobserved
from scicat_harness.config.jobconfig import read_job_config
from scicat_harness.errors import UsageFault
from scicat_harness.facility.axes import SITUATIONS
from scicat_harness.facility.facility import Facility, FacilityFiles, load_facility
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.blueprints.site import effects_site
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.action import Validate, unfolded
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.identity import Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import (
    NO_DATASETS,
    Api,
    CreateRequest,
    JobOwnership,
    Operation,
    Ownership,
    UpdateRequest,
)
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Prediction, Unspecified
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.wrapping import wrapped

__all__ = ["explain"]


@click.command()
@click.option("--as", "caller", required=True, metavar="IDENTITY", help="Who makes the request.")
@click.option("--create", metavar="TYPE", help="POST a job of this type.")
@click.option("--update", metavar="TYPE", help="PATCH a job of this type.")
@click.option("--read", metavar="TYPE", help="GET a job of this type.")
@click.option("--list", "listed", metavar="TYPE", help="Look for a job of this type in lists.")
@click.option("--delete", metavar="TYPE", help="DELETE a job of this type.")
@click.option("--datasets", metavar="A,B", help="Aliases of the datasets. '' is an empty list.")
@click.option("--on-behalf-of", metavar="USER", help="Owner user of the new job.")
@click.option(
    "--owner-group",
    metavar="GROUP",
    help="Owner group of the new job. Default: the first group of its owner.",
)
@click.option("--contact", metavar="EMAIL", help="Contact address of the new job.")
@click.option(
    "--job",
    metavar="NAME",
    default="user1-and-group1",
    show_default=True,
    help="Ownership of the stored job.",
)
@click.option("--api", type=click.Choice([str(each) for each in Api]), default=str(Api.V4))
@click.option("--release", default=str(CURRENT), show_default=True, metavar="vX.Y.Z")
@click.option(
    "--expect",
    type=click.Choice([str(each) for each in Reading]),
    default=str(Reading.OBSERVED),
    show_default=True,
)
@click.option("--config", metavar="FILE", help="A job configuration to use instead of the union.")
@click.option(
    "--env",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="With --config: the environment of your backend.",
)
@click.option("--accounts", metavar="FILE", help="With --config: your functional accounts.")
def explain(
    caller: str,
    release: str,
    expect: str,
    config: str | None,
    env: tuple[Path, ...],
    accounts: str | None,
    **given: str | None,
) -> None:
    """Print the rule that decides, and the rules that did not apply before it.

    Identities and datasets are those of the harness; the cases of 'scicat-harness list' use them.
    With --env or --accounts they are those of 'scicat-harness matrix', with your accounts.
    """
    if config is None and (env or accounts is not None):
        raise UsageFault("--env and --accounts belong to a job configuration; give --config FILE")
    operation, job_type = _operation(given)
    view = View(Release.parse(release, "--release"), Reading(expect))
    facility = None
    if config is not None:
        facility = _facility(Path(config), env, accounts, view.release)
    if facility is None:
        site = _site_with(job_type, view.release)
    elif not env and accounts is None:
        site = _with_types(Path(str(config)))
    else:
        site = _with_plain_datasets(facility.plan.site)
    identity = site.identity(caller)
    oracle = Oracle(site, view)
    _refuse_unknown_type(site, job_type)
    try:
        prediction = _predict(oracle, site, identity, operation, job_type, given)
    except Unspecified as reason:
        raise UsageFault(f"the specification does not cover this request: {reason}") from None
    show_unobserved(view.release)
    _show(identity, operation, job_type, prediction)
    # The types of --config alone are without their actions.
    if facility is not None and not env and accounts is None and prediction.written:
        _show_ahead(facility.plan.site, operation, job_type)


def _facility(
    config: Path, env: tuple[Path, ...], accounts: str | None, release: Release
) -> Facility:
    files = FacilityFiles(
        config,
        env=env,
        accounts=Path(accounts) if accounts is not None else None,
        # The texts of mails decide nothing here.
        stand_in=True,
    )
    return load_facility(files, release)


def _with_plain_datasets(site: Site) -> Site:
    """Return the site with the datasets of the harness, and those of a plan without fields."""
    usual = {name: site.datasets[name] for name in SITUATIONS}
    return replace(site, datasets={**SITE.datasets, **usual})


def _show_ahead(site: Site, operation: Operation, job_type: str) -> None:
    """Print the validations that may refuse the request still."""
    actions = site.job_type(job_type)
    found = actions.on_create if operation is Operation.CREATE else actions.on_update
    for action in unfolded(found):
        if isinstance(action, Validate):
            # On update the backend ignores those of datasets (specification: action.validate).
            of_datasets = action.datasets if operation is Operation.CREATE else None
            checked = {"request": action.request, "datasets": of_datasets or {}}
            for what, paths in checked.items():
                if paths:
                    click.echo(f"ahead:   validate {what}: {', '.join(paths)}")


def _operation(given: dict[str, str | None]) -> tuple[Operation, str]:
    names = {
        "create": Operation.CREATE,
        "update": Operation.UPDATE,
        "read": Operation.READ,
        "listed": Operation.LIST,
        "delete": Operation.DELETE,
    }
    chosen = [(operation, given[name]) for name, operation in names.items() if given[name]]
    if len(chosen) != 1 or chosen[0][1] is None:
        raise UsageFault("give exactly one of --create, --update, --read, --list, --delete TYPE")
    return chosen[0][0], chosen[0][1]


def _site_with(job_type: str, release: Release) -> Site:
    """Return the site that has a job type: the union site, or the site of the effects."""
    effects = effects_site(release)
    return effects if job_type in effects.job_types else SITE


def _with_types(path: Path) -> Site:
    types: tuple[JobType, ...] = read_job_config(path).job_types
    return SITE.with_job_types(path.name, types)


def _refuse_unknown_type(site: Site, job_type: str) -> None:
    """Raise for a job type that the site lacks, which is probably misspelt.

    ``no_such_type`` is allowed: it asks for the rule about unknown types.
    """
    if job_type != "no_such_type":
        site.job_type(job_type)


def _predict(
    oracle: Oracle,
    site: Site,
    identity: Identity,
    operation: Operation,
    job_type: str,
    given: dict[str, str | None],
) -> Prediction:
    if operation is Operation.CREATE:
        return oracle.create(identity, _create_request(site, identity, job_type, given))
    job = _job(given["job"] or "")
    if operation is Operation.UPDATE:
        return oracle.update(identity, UpdateRequest(job_type, job, Api(given["api"] or Api.V4)))
    if operation is Operation.READ:
        return oracle.read(identity, job_type, job)
    if operation is Operation.DELETE:
        return oracle.delete(identity, job_type, job)
    return oracle.listed(identity, job_type, job)


def _create_request(
    site: Site, identity: Identity, job_type: str, given: dict[str, str | None]
) -> CreateRequest:
    for_user = given["on_behalf_of"]
    owner = site.identities.get(for_user) if for_user else identity
    groups = owner.groups if owner is not None else ()
    # Through v3 the backend derives the owner group itself (specification: v3.owner-group).
    default_group = groups[0] if groups and given["api"] != Api.V3 else None
    ownership = Ownership(
        user=for_user,
        group=given["owner_group"] or default_group,
        email=given["contact"],
    )
    api = Api(given["api"] or Api.V4)
    return CreateRequest(job_type, _datasets(site, given["datasets"]), ownership, api)


def _datasets(site: Site, aliases: str | None) -> DatasetList:
    if aliases is None:
        return NO_DATASETS
    names = [name.strip() for name in aliases.split(",") if name.strip()]
    for name in names:
        site.dataset(name)
    return DatasetList(aliases or "empty", tuple(Listed(name) for name in names))


def _job(name: str) -> JobOwnership:
    known = {each.name: each for each in PROBE_JOBS}
    if name not in known:
        raise UsageFault(f"no stored job called {name!r}; choose one of: {', '.join(known)}")
    return replace(known[name])


def _show(identity: Identity, operation: Operation, job_type: str, found: Prediction) -> None:
    groups = ", ".join(identity.groups) or "no groups"
    click.echo(f"{operation} {job_type} as {identity.name} ({groups}; {identity.sentence})")
    for step in found.steps:
        mark = "=>" if step.applied else "  "
        text = f"{step.id}: {step.sentence} ({step.source})"
        for line in wrapped(text, f"  {mark} ", " " * 7):
            click.echo(line)
    click.echo(f"verdict: {found.decision}, status {found.reply.status}")
    if found.reply.message is not None and found.reply.status >= 300:
        click.echo(f"message: {_readable(found.reply.message)}")
    if found.visible is not None:
        click.echo(f"listed:  {'yes' if found.visible else 'no'}")
    for effect in found.effects:
        click.echo(f"effect:  {effect}")
    if found.dies:
        click.echo("the backend process ends")
    # An action that performs runs after the job is stored (specification: actions.failures).
    if found.written and found.reply.status >= 300:
        click.echo("the job is stored in spite of the error")
    if found.job is not None:
        click.echo(
            f"stored:  ownerUser {_values(found.job.owner_user)}, ownerGroup "
            f"{_values(found.job.owner_group)}, contactEmail {_values(found.job.contact_email)}"
        )


def _readable(pattern: str) -> str:
    """Return a message pattern without the syntax of regular expressions."""
    return pattern.replace(".*", "...").replace("\\.", ".")


def _values(values: frozenset[str | None]) -> str:
    return " or ".join(sorted("unset" if each is None else repr(each) for each in values))
