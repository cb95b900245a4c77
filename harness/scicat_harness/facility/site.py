"""The twin's site: a facility's job types, and people and datasets to try them with.

Callers of every kind are made up, with groups of their own; those that an auth value names and
those of the facility's accounts come beside them. Source: documentation page
authorization_jobs.md for the kinds, and the environment of a backend for the group lists.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.config.variables import is_of_the_run, may_be_of_the_image
from scicat_harness.model.action import Action, Log, Rabbitmq, Switch, bindings_of, unfolded
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.site import Site
from scicat_harness.model.text import Text

__all__ = [
    "NAME",
    "SENTINEL",
    "Cast",
    "FacilityAccount",
    "FacilityEnvironment",
    "facility_site",
    "instance_site",
    "named_variables",
    "switching_on_ours",
]

NAME = "facility"
GROUP = "harness-group"
SHARERS = "harness-sharers"
OTHERS = "harness-others"
NAMED = "harness-named"
SENTINEL = "harness-sentinel"
"""Its auth is absent, so that it opens no endpoint to anybody."""
OWNER = Identity("harness-owner", (GROUP,), sentence="member of the owning group")
_PEOPLE = (
    OWNER,
    Identity("harness-sharer", (SHARERS,), sentence="member of an access group"),
    Identity("harness-stranger", ("harness-strangers",), sentence="plain user without rights"),
    Identity("harness-groupless", (), sentence="authenticated, in no group"),
)
_MOST_ACCOUNTS = 12
_LISTS = {
    "ADMIN_GROUPS": ("admin", "admin"),
    "CREATE_JOB_PRIVILEGED_GROUPS": ("create_privileged", "create-privileged"),
    "UPDATE_JOB_PRIVILEGED_GROUPS": ("update_privileged", "update-privileged"),
    "DELETE_JOB_GROUPS": ("delete_jobs", "delete-group member"),
}
_TOLD = ("JOB_DEFAULT_STATUS_CODE", "JOB_DEFAULT_STATUS_MESSAGE")
_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|PRIVATE", re.IGNORECASE)
_VARIABLE = re.compile(r"\benv\.(\w+)")
_ENVIRONMENT = re.compile(
    r"\$?\.?(?:env\b|\[\s*['\"]env['\"]\s*\])(?:\.(?P<name>\w+)|\[\s*['\"](?P<quoted>\w+))?"
)
"""A path into the environment, and the one variable that it leads to, if it is one."""


@dataclass(frozen=True, slots=True)
class FacilityAccount:
    """One of the facility's accounts, without its password."""

    username: str
    groups: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the parts in a plan: an owner with a group, and the groups of others."""

    owner: Identity = OWNER
    sharers: str = SHARERS
    others: str = OTHERS

    @property
    def group(self) -> str:
        """The owner's group, which owns datasets and jobs."""
        return self.owner.groups[0]


@dataclass(frozen=True, slots=True)
class FacilityEnvironment:
    """What a facility has beside its job configuration."""

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    accounts: tuple[FacilityAccount, ...] = ()
    janitor: Identity = ANONYMOUS
    """Who prepares and cleans up; gets rights of its own."""


def facility_site(
    version: str,
    job_types: Sequence[JobType],
    environment: FacilityEnvironment,
    datasets: Iterable[Dataset],
) -> Site:
    """The site of a twin, its sentinel included."""
    roles = _roles(environment.env)
    people = list(_people(job_types, roles, environment))
    types = (*job_types, _sentinel(job_types))
    return Site(
        name=NAME,
        roles=_with_janitor(roles, environment.janitor),
        identities={each.name: each for each in (ANONYMOUS, *people, environment.janitor)},
        datasets={each.alias: each for each in datasets},
        job_types={each.name: each for each in types},
        settings={
            name: value
            for name, value in _settings(job_types, environment.env).items()
            if not is_of_the_run(name)
        },
        mail_server="smtp",
        messages=True,
        sentinel=SENTINEL,
        version=version,
        janitor=environment.janitor.name,
        marked=False,
    )


def instance_site(
    version: str,
    job_types: Sequence[JobType],
    env: Mapping[str, str],
    people: Sequence[Identity],
    janitor: str,
) -> Site:
    """The site of a running instance: its own people, and effects that nobody here sees."""
    return Site(
        name=NAME,
        roles=_roles(env),
        identities={each.name: each for each in (ANONYMOUS, *people)},
        job_types={each.name: each for each in job_types},
        settings=_settings(job_types, env),
        version=version,
        janitor=janitor,
        marked=False,
    )


def named_variables(job_types: Iterable[JobType]) -> set[str]:
    """The environment variables that templates and paths speak of."""
    return set(_VARIABLE.findall(repr([(each.on_create, each.on_update) for each in job_types])))


def switching_on_ours(job_types: Iterable[JobType], told: Container[str]) -> dict[str, str]:
    """The job types that switch on a variable which is another one on a twin, and why.

    ``told`` are the variables that it has from the facility.
    """
    return {
        each.name: f"a switch on {path}: a twin has an environment of its own there"
        for each in job_types
        for action in unfolded((*each.on_create, *each.on_update))
        if isinstance(action, Switch) and (path := action.path)
        if (found := _ENVIRONMENT.match(path)) is not None
        and _is_ours(found["name"] or found["quoted"], told)
    }


def _is_ours(name: str | None, told: Container[str]) -> bool:
    if name is None:
        return True
    return name not in told and (is_of_the_run(name) or may_be_of_the_image(name))


def _roles(env: Mapping[str, str]) -> Roles:
    lists = {
        name: tuple(part.strip() for part in env.get(variable, "").split(",") if part.strip())
        for variable, (name, _) in _LISTS.items()
    }
    return Roles(**lists)


def _with_janitor(roles: Roles, janitor: Identity) -> Roles:
    """The same lists, and a group of the janitor's in each that preparing and cleaning needs."""
    admin, cleaner, maker = janitor.groups[:3]
    return replace(
        roles,
        admin=(*roles.admin, admin),
        delete_jobs=(*roles.delete_jobs, cleaner),
        delete_datasets=(maker,),
        create_datasets_with_pid=(maker,),
        create_datasets_privileged=(maker,),
    )


def _people(
    job_types: Sequence[JobType], roles: Roles, environment: FacilityEnvironment
) -> Iterator[Identity]:
    yield from _PEOPLE
    accounts = {each.username: each for each in environment.accounts[:_MOST_ACCOUNTS]}
    for name, groups in accounts.items():
        yield Identity(name, groups.groups, sentence="account of the facility")
    for name, sentence in _LISTS.values():
        group = next(iter(getattr(roles, name)), None)
        if group is not None:
            yield Identity(f"harness-{sentence.split()[0]}", (group,), sentence=sentence)
    for auth in dict.fromkeys(
        auth for each in job_types for auth in (each.create, each.update) if auth
    ):
        if auth.startswith("@") and auth[1:]:
            name = f"harness-of-{re.sub(r'[^A-Za-z0-9_-]', '-', auth[1:])}"
            yield Identity(name, (auth[1:],), sentence=f"member of {auth[1:]}")
        elif not auth.startswith(("@", "#")) and auth not in accounts:
            yield Identity(auth, (NAMED,), sentence="user that an auth value names")


def _sentinel(job_types: Iterable[JobType]) -> JobType:
    """Publishes wherever one of the job types does, and writes a line."""
    actions = [action for each in job_types for action in (*each.on_create, *each.on_update)]
    bindings: list[Rabbitmq] = []
    for each in bindings_of(actions):
        if each not in bindings:
            bindings.append(each)
    line = Log(perform=Text("barrier {{{request.jobParams.correlation}}}", "barrier $token"))
    barrier: tuple[Action, ...] = (*bindings, line)
    return JobType(SENTINEL, None, None, barrier)


def _settings(job_types: Iterable[JobType], env: Mapping[str, str]) -> dict[str, Any]:
    """What templates speak of in the facility's environment; secrets have a stand-in."""
    wanted = (named_variables(job_types) | set(_TOLD)) & env.keys()
    return {
        name: f"stand-in-for-{name.lower()}" if _SECRET.search(name) else env[name]
        for name in sorted(wanted)
    }
