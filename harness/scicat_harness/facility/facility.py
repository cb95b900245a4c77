"""A facility: its setup as read from its files, the site of its twin, and the plan.

``load_facility`` reads job configuration, environment, accounts and mail templates. Every error is
a UsageFault that names file, key, value and fix.
"""

from __future__ import annotations

import atexit
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.extension.installed import Probes
from scicat_harness.facility.allowed import not_allowed, owner_and_sharer
from scicat_harness.facility.alone import without_unsupported
from scicat_harness.facility.contexts import contexts_of
from scicat_harness.facility.file import Instance, read_facility
from scicat_harness.facility.files import (
    read_accounts,
    read_bodies,
    read_configuration,
    read_variables,
)
from scicat_harness.facility.libraries import entered_by, following
from scicat_harness.facility.literals import secrets_in
from scicat_harness.facility.plan import Beyond, Plan, PlannedCase
from scicat_harness.facility.planning import make_plan
from scicat_harness.facility.reading import FacilityConfig, read_types
from scicat_harness.facility.redirection import Redirected, redirect
from scicat_harness.facility.rendering import Renderer, render_actions
from scicat_harness.facility.shapes import planned_datasets
from scicat_harness.facility.site import (
    SENTINELS,
    Cast,
    FacilityEnvironment,
    facility_site,
    instance_site,
    switching_on_ours,
    switching_on_the_run,
)
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.lint.namedfile import NamedFiles
from scicat_harness.model.identity import JANITOR, Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import CreateRequest, Operation
from scicat_harness.model.site import Site
from scicat_harness.oracle.paths import follow_further_by
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.secrets import hide

__all__ = [
    "Facility",
    "FacilityFiles",
    "forget_facilities",
    "load_facility",
    "named_files",
    "release_of",
]

_CAST = Cast()
# Without an environment file a plan would have no admin.
_USUAL_ENV = {"ADMIN_GROUPS": "admin"}


@dataclass(frozen=True, slots=True)
class FacilityFiles:
    """The paths of a facility's files.

    With ``stand_in`` a short text replaces each mail template that is missing.
    """

    job_config: Path
    env: tuple[Path, ...] = ()
    accounts: Path | None = None
    templates: Path | None = None
    stand_in: bool = False
    node_modules: Path | None = None
    facility: Path | None = None
    """The facility file that names the others, if one does."""
    on_instance: bool = False
    """True if the running instance is judged instead of a twin."""
    by_embedded: bool = False
    """True if the twin is the embedded backend, which does less without the libraries."""

    def mail_bodies(self) -> NamedFiles:
        """Return the folders of mail templates, and the files that are never read as one."""
        beside = self.job_config.parent
        given = (*self.env, self.accounts, self.facility)
        secret = tuple(each for each in given if each is not None)
        return NamedFiles(self.templates or beside, (beside,), secret)

    def options(self) -> dict[str, Any]:
        """Return the paths by the options of a run, without dashes; None or () if not given."""
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
    """A facility that was read: the parsed configuration, its redirection, and the plan.

    ``unknown`` has the job types that cannot be verified, with the reason.
    """

    document: Any
    redirected: Redirected
    plan: Plan
    unknown: Mapping[str, str]
    engine: JavaScriptEngine | Missing
    stood_in: tuple[str, ...] = field(default=())
    """Names of missing mail templates, for which a text stands in."""
    instance: Instance | None = None
    """The running instance that is judged; None for a twin."""
    probes: Probes = field(default_factory=Probes)
    """The probes for actions of plugins in the configuration."""

    def summary(self) -> dict[str, Any]:
        """Return the part of the event ``started`` that describes the facility.

        It names the configuration with a digest of its content, the identities and the job types.
        """
        site = self.plan.site
        # The parsed content: comments and layout do not change the fingerprint.
        content = json.dumps(self.document, sort_keys=True, default=str).encode()
        fingerprint = hashlib.sha256(content).hexdigest()[:12]
        job_types = [name for name in site.job_types if name not in SENTINELS]
        return {
            "configuration": f"{site.version} (sha256 {fingerprint})",
            "identities": list(site.identities),
            "tables": {"create": job_types, "update": job_types},
        }

    def oracle(
        self,
        case: PlannedCase,
        view: View,
        renderer: Renderer | None,
        environment: Mapping[str, str] | None = None,
    ) -> Oracle:
        """Return an oracle for one case, whose site has the templates of the case rendered.

        Without a renderer, texts that need one are not judged. ``environment`` has all variables of
        the backend, if they are known.
        """
        site = self.plan.site
        job_type = site.job_type(case.request.job_type)
        # Only the actions of this request are rendered: their texts depend on it.
        contexts = contexts_of(case, Oracle(site, view), environment)
        creating = isinstance(case.request, CreateRequest)
        actions = render_actions(
            job_type.on_create if creating else job_type.on_update,
            contexts,
            renderer,
            self.probes,
            whole_environment=bool(environment),
        )
        rendered: JobType = (
            replace(job_type, on_create=actions)
            if creating
            else replace(job_type, on_update=actions)
        )
        return Oracle(replace(site, job_types={**site.job_types, job_type.name: rendered}), view)


@cache
def load_facility(files: FacilityFiles, release: Release) -> Facility:
    """Read a facility's files and plan its cases, without a backend.

    The result is kept, as every part of a run needs it; ``forget_facilities`` drops it. Raises
    UsageFault for a file that cannot be read or planned.
    """
    try:
        return _loaded(files, release)
    except RecursionError:
        raise UsageFault(
            f"{files.job_config}: is nested too deeply to be planned; make its schemas and "
            "switches flatter"
        ) from None


def _loaded(files: FacilityFiles, release: Release) -> Facility:
    engine = find_engine(files.node_modules)
    follow_further_by(following(engine))
    try:
        return _planned(files, release, engine)
    finally:
        # Whoever uses it later starts another process, and ends it.
        if not isinstance(engine, Missing):
            engine.close()


def _planned(
    files: FacilityFiles, release: Release, engine: JavaScriptEngine | Missing
) -> Facility:
    document = read_configuration(files.job_config, engine)
    stood_in: list[str] = []
    bodies = read_bodies(
        files.job_config, files.mail_bodies(), stood_in if files.stand_in else None
    )
    probes = Probes.installed()
    # A command without checks has no session that would close them.
    atexit.register(probes.close)
    config = read_types(document, str(files.job_config), bodies, probes)
    hide(*secrets_in(config.job_types))
    env = {**_USUAL_ENV, **read_variables(files.env)}
    if files.on_instance:
        judged = _on_instance(files, release, document, config, env, engine)
        return replace(judged, probes=probes)
    redirected = redirect(config.job_types, env)
    environment = FacilityEnvironment(env, read_accounts(files.accounts), JANITOR)
    types, lacking = redirected.job_types, dict[str, str]()
    if files.by_embedded and isinstance(engine, Missing):
        types, lacking = without_unsupported(types, engine.reason)
    site = facility_site(config.version, types, environment, ())
    variables = {name: value for each in probes.used for name, value in each.environment().items()}
    # The variables of probes replace the facility's, so that nothing reaches its own services.
    site = replace(site, settings={**site.settings, **variables})
    site = _with_datasets(site, types, _CAST)
    ours = switching_on_ours(types, site.settings)
    unknown = {**switching_on_the_run(types), **ours, **redirected.beyond, **config.unknown}
    plan = make_plan(site, View(release), unknown, _CAST, entered_by(engine))
    plan.beyond += [
        Beyond("actions", name, operation, reason)
        for name, reason in lacking.items()
        for operation in (Operation.CREATE, Operation.UPDATE)
    ]
    return Facility(document, redirected, plan, unknown, engine, tuple(stood_in), probes=probes)


def forget_facilities(*read: Facility) -> None:
    """Close the probes of these facilities, and forget all that were loaded.

    A run makes its own probes then, and no other one holds their resources.
    """
    for each in read:
        each.probes.close()
    load_facility.cache_clear()


def named_files(path: Path) -> FacilityFiles:
    """Return the paths that a facility file names, relative to its folder."""
    setup = read_facility(path)
    folder = path.absolute().parent

    def there(name: Path | None) -> Path | None:
        return folder / name if name is not None else None

    files = setup.files
    return FacilityFiles(
        folder / files.job_config,
        tuple(folder / each for each in files.env_files),
        there(files.accounts),
        there(files.templates),
        facility=path.absolute(),
    )


def release_of(files: FacilityFiles, given: str | None, option: str = "--release") -> Release:
    """Return the release of an option, else of the facility file, else the newest observed.

    ``option`` is the name of the option for the message. Raises UsageFault for a malformed one.
    """
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
    """Return the facility for a running instance: its own people, and the allowed job types."""
    assert files.facility is not None
    instance = read_facility(files.facility).instance
    if instance is None:
        raise UsageFault(
            f"{files.facility}: has no 'instance'; add one as in the file that scicat-harness init "
            "writes"
        )
    # The address of a person decides where mails must go; the accounts usually have it.
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
    cast = owner_and_sharer(people, instance.janitor, files.facility)
    site = _with_datasets(site, [each for each in types if each.name in instance.job_types], cast)
    unknown = {**config.unknown, **dict(not_allowed(types, instance, files.facility))}
    plan = make_plan(site, View(release), unknown, cast, entered_by(engine))
    # Nothing is redirected: the configuration of the instance is its own.
    nothing = Redirected(job_types=types)
    return Facility(document, nothing, plan, unknown, engine, instance=instance)


def _with_datasets(site: Site, types: Sequence[JobType], cast: Cast) -> Site:
    datasets = planned_datasets(types, site.settings, cast)
    return replace(site, datasets={each.alias: each for each in datasets})
