"""A facility's setup, read from its files: what is verified of it, and on which twin.

``load_facility`` reads job configuration, environment, accounts and mail templates. Every defect
is a UsageFault naming file, key, value and fix.
"""

from __future__ import annotations

import atexit
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from scicat_harness.config.tls import Tls
from scicat_harness.deploy.external import ExternalDeployment, GivenAccounts
from scicat_harness.errors import UsageFault
from scicat_harness.extension.installed import Probes
from scicat_harness.facility.contexts import MadeJob, contexts_of_create, contexts_of_update
from scicat_harness.facility.file import Instance, read_facility
from scicat_harness.facility.files import (
    read_accounts,
    read_bodies,
    read_configuration,
    read_environment,
)
from scicat_harness.facility.plan import Plan, PlannedCase, make_plan, planned_datasets
from scicat_harness.facility.reading import FacilityConfig, read_types
from scicat_harness.facility.redirection import Redirected, redirect
from scicat_harness.facility.rendering import Contexts, Renderer, render_actions
from scicat_harness.facility.site import (
    Cast,
    FacilityEnvironment,
    facility_site,
    instance_site,
    switching_on_ours,
)
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.lint.namedfile import NamedFiles
from scicat_harness.model.action import Action, Email, Foreign, Rabbitmq, Url, unfolded
from scicat_harness.model.identity import JANITOR, Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View

__all__ = [
    "Facility",
    "FacilityFiles",
    "forget_facilities",
    "instance_deployment",
    "load_facility",
    "named_files",
    "release_of",
]

_CAST = Cast()
_USUAL_ENV = {"ADMIN_GROUPS": "admin"}


@dataclass(frozen=True, slots=True)
class FacilityFiles:
    """Where a facility's setup is; ``stand_in``: make do without mail templates."""

    job_config: Path
    env: Path | None = None
    accounts: Path | None = None
    templates: Path | None = None
    stand_in: bool = False
    node_modules: Path | None = None
    facility: Path | None = None
    """The facility file these are of."""
    on_instance: bool = False
    """Whether it is the running instance that is judged, not a twin."""

    def mail_bodies(self) -> NamedFiles:
        """Where mail templates are read from, and which files never are."""
        beside = self.job_config.parent
        given = (self.env, self.accounts, self.facility)
        secret = tuple(each for each in given if each is not None)
        return NamedFiles(self.templates or beside, (beside,), secret)

    def options(self) -> dict[str, Any]:
        """As options of a run, without dashes; None and "" where they are not given."""
        return {
            "job-config": self.job_config,
            "facility-env": self.env,
            "facility-accounts": self.accounts,
            "facility-templates": self.templates,
            "facility-node-modules": self.node_modules,
            "facility-file": self.facility,
        }


@dataclass(frozen=True, slots=True)
class Facility:
    """What was read: the document as it stands there, what is redirected, and the plan."""

    document: Any
    redirected: Redirected
    plan: Plan
    unknown: Mapping[str, str]
    engine: JavaScriptEngine | Missing
    stood_in: tuple[str, ...] = field(default=())
    """Mail templates that were not there."""
    instance: Instance | None = None
    """The running instance that is judged; None for a twin."""
    probes: Probes = field(default_factory=Probes)
    """Those of the action types that the configuration has from plugins."""

    def told(self) -> dict[str, Any]:
        """What a report says of it: which configuration, whose cases, which job types."""
        site = self.plan.site
        content = json.dumps(self.document, sort_keys=True, default=str).encode()
        fingerprint = hashlib.sha256(content).hexdigest()[:12]
        job_types = [name for name in site.job_types if name != site.sentinel]
        return {
            "configuration": f"{site.version} (sha256 {fingerprint})",
            "identities": list(site.identities),
            "tables": {"create": job_types, "update": job_types},
        }

    def oracle(self, case: PlannedCase, view: View, renderer: Renderer | None) -> Oracle:
        """The oracle of the twin's site, where texts mean what they come to in this case."""
        site = self.plan.site
        job_type = site.job_type(case.request.job_type)
        contexts = self._contexts(case, view)
        if isinstance(case.request, CreateRequest):
            actions = render_actions(job_type.on_create, contexts, renderer, self.probes)
            rendered: JobType = replace(job_type, on_create=actions)
        else:
            actions = render_actions(job_type.on_update, contexts, renderer, self.probes)
            rendered = replace(job_type, on_update=actions)
        return Oracle(replace(site, job_types={**site.job_types, job_type.name: rendered}), view)

    def _contexts(self, case: PlannedCase, view: View) -> Contexts:
        site, oracle = self.plan.site, Oracle(self.plan.site, view)
        if isinstance(case.request, CreateRequest):
            return contexts_of_create(site, case.request, case.predict(oracle).job)
        assert case.made is not None
        job = oracle.create(site.identities[site.janitor], case.made).job
        assert job is not None
        made = MadeJob(case.made, job)
        return contexts_of_update(site, case.request, made, case.identity.name)


@cache
def load_facility(files: FacilityFiles, release: Release) -> Facility:
    """Everything about a facility that can be said without a backend."""
    try:
        return _loaded(files, release)
    except RecursionError:
        raise UsageFault(
            f"{files.job_config}: is nested too deeply to be planned; make its schemas and "
            "switches flatter"
        ) from None


def _loaded(files: FacilityFiles, release: Release) -> Facility:
    engine = find_engine(files.node_modules)
    document = read_configuration(files.job_config, engine)
    stood_in: list[str] = []
    bodies = read_bodies(
        files.job_config, files.mail_bodies(), stood_in if files.stand_in else None
    )
    probes = Probes.installed()
    # A command that runs no checks ends without a session that would close them.
    atexit.register(probes.close)
    config = read_types(document, str(files.job_config), bodies, probes)
    env = {**_USUAL_ENV, **read_environment(files.env)}
    if files.on_instance:
        judged = _on_instance(files, release, document, config, env, engine)
        return replace(judged, probes=probes)
    redirected = redirect(config.job_types, env)
    environment = FacilityEnvironment(env, read_accounts(files.accounts), JANITOR)
    types = redirected.job_types
    site = facility_site(config.version, types, environment, ())
    told = {name: value for each in probes.used for name, value in each.environment().items()}
    site = replace(site, settings={**site.settings, **told})
    site = _with_datasets(site, types, _CAST)
    ours = switching_on_ours(types, site.settings)
    unknown = {**ours, **redirected.beyond, **config.unknown}
    plan = make_plan(site, View(release), unknown, _CAST)
    return Facility(document, redirected, plan, unknown, engine, tuple(stood_in), probes=probes)


def forget_facilities(*read: Facility) -> None:
    """Close their probes, so that those of the run to come are the only ones."""
    for each in read:
        each.probes.close()
    load_facility.cache_clear()


def named_files(path: Path) -> FacilityFiles:
    """The files that a facility file names, relative to its folder."""
    setup = read_facility(path)
    folder = path.absolute().parent

    def there(name: Path | None) -> Path | None:
        return folder / name if name is not None else None

    files = setup.files
    return FacilityFiles(
        folder / files.job_config,
        there(files.env),
        there(files.accounts),
        there(files.templates),
        facility=path.absolute(),
    )


def release_of(
    files: FacilityFiles, given: str | None, option: str = "--backend-version"
) -> Release:
    """The release that is given as ``option``, else that of the facility file, else the newest."""
    if given is not None:
        return Release.parse(given, option)
    named = read_facility(files.facility).release if files.facility is not None else None
    return Release.parse(named, f"{files.facility}: release") if named is not None else CURRENT


def _on_instance(
    files: FacilityFiles,
    release: Release,
    document: Any,
    config: FacilityConfig,
    env: Mapping[str, str],
    engine: JavaScriptEngine | Missing,
) -> Facility:
    """What may be tried on a running instance: the job types allowed by name, by its people."""
    assert files.facility is not None
    instance = read_facility(files.facility).instance
    if instance is None:
        raise UsageFault(
            f"{files.facility}: has no 'instance', so there is none to be judged; scicat-harness "
            "init shows how one is written"
        )
    known = {each.username: each.email for each in read_accounts(files.accounts)}
    people = [
        Identity(
            each.name,
            each.groups,
            sentence=each.kind,
            address=each.email or known.get(each.name, ""),
        )
        for each in instance.people
    ]
    types = config.job_types
    site = instance_site(config.version, types, env, people, instance.janitor)
    cast = _cast(people, instance.janitor, files.facility)
    site = _with_datasets(site, [each for each in types if each.name in instance.job_types], cast)
    unknown = {**config.unknown, **dict(_not_allowed(types, instance, files.facility))}
    plan = make_plan(site, View(release), unknown, cast)
    nothing = Redirected(job_types=types)
    return Facility(document, nothing, plan, unknown, engine, instance=instance)


def instance_deployment(files: FacilityFiles, release: Release) -> ExternalDeployment:
    """The running instance, with the secrets of its people; a UsageFault where one is missing."""
    instance = load_facility(files, release).instance
    assert instance is not None
    assert files.facility is not None
    folder = files.facility.parent
    passwords, tokens = {}, {}
    for each in instance.people:
        if each.password is not None:
            passwords[each.name] = each.password.read(folder)
        elif each.token is not None:
            tokens[each.name] = each.token.read(folder)
    pace = 1.0 / instance.limits.requests_per_second
    bundle, own = (
        folder / each if each is not None else None
        for each in (instance.ca_bundle, instance.client_cert)
    )
    tls = Tls.given(bundle, own)
    return ExternalDeployment(instance.url, GivenAccounts(passwords, tokens), None, pace, tls)


def _with_datasets(site: Site, types: Sequence[JobType], cast: Cast) -> Site:
    datasets = planned_datasets(types, site.settings, cast)
    return replace(site, datasets={each.alias: each for each in datasets})


def _cast(people: Sequence[Identity], janitor: str, path: Path) -> Cast:
    """The first plain one with a group owns everything; the group of the next shares it."""
    plain = [each for each in people if each.groups and each.name != janitor]
    if not plain:
        raise UsageFault(
            f"{path}: instance.people: nobody but the janitor is in a group; name somebody who is"
        )
    others = [each.groups[0] for each in plain[1:] if each.groups[0] not in plain[0].groups]
    return Cast(plain[0], sharers=others[0]) if others else Cast(plain[0])


def _not_allowed(
    types: Sequence[JobType], instance: Instance, path: Path
) -> Iterator[tuple[str, str]]:
    """The job types that nothing is done with, and why."""
    for each in types:
        outward = sorted(
            {
                _named(action)
                for action in unfolded((*each.on_create, *each.on_update))
                if isinstance(action, Email | Url | Rabbitmq | Foreign)
            }
        )
        if each.name not in instance.job_types:
            yield each.name, f"not among instance.job_types of {path.name}"
        elif outward and each.name not in instance.may_reach:
            yield (
                each.name,
                f"its {', '.join(outward)} actions reach others; name it in instance.may_reach of "
                f"{path.name} if they may",
            )


def _named(action: Action) -> str:
    return action.kind if isinstance(action, Foreign) else type(action).__name__.lower()
