"""The site of a twin: a facility's job types, with identities and datasets to try them.

There is an invented identity of every kind with a group of its own, one for every group or user
that an auth value names, and the facility's own accounts. Source: documentation page
authorization_jobs.md for the kinds, and the environment of a backend for the group lists.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.config.variables import is_of_the_run, may_be_of_the_image
from scicat_harness.errors import UsageFault
from scicat_harness.model.action import Switch, unfolded
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.sentinel import Sentinels, sentinels_for
from scicat_harness.model.site import Site
from scicat_harness.model.text import Text

__all__ = [
    "NAME",
    "SENTINELS",
    "Cast",
    "FacilityAccount",
    "FacilityEnvironment",
    "facility_site",
    "instance_site",
    "named_variables",
    "switching_on_ours",
    "switching_on_the_run",
]

NAME = "facility"
# The prefix keeps invented groups and users apart from those of a facility.
GROUP = "harness-group"
SHARERS = "harness-sharers"
OTHERS = "harness-others"
NAMED = "harness-named"
_SENTINEL = "harness-sentinel"
SENTINELS = (_SENTINEL, f"{_SENTINEL}-first")
"""The job types of barriers. They have no auth value, so they open no endpoint to anybody."""
OWNER = Identity("harness-owner", (GROUP,), sentence="member of the owning group")
_PEOPLE = (
    OWNER,
    Identity("harness-sharer", (SHARERS,), sentence="member of an access group"),
    Identity("harness-stranger", ("harness-strangers",), sentence="plain user without rights"),
    Identity("harness-groupless", (), sentence="authenticated, in no group"),
)
# Every account adds cases for all job types; the kinds of callers are covered without them.
_MOST_ACCOUNTS = 12
_LISTS = {
    "ADMIN_GROUPS": ("admin", "admin"),
    "CREATE_JOB_PRIVILEGED_GROUPS": ("create_privileged", "create-privileged"),
    "UPDATE_JOB_PRIVILEGED_GROUPS": ("update_privileged", "update-privileged"),
    "DELETE_JOB_GROUPS": ("delete_jobs", "delete-group member"),
}
# They change the stored job, though no template names them (specification: environment.jobs).
_STATUS = ("JOB_DEFAULT_STATUS_CODE", "JOB_DEFAULT_STATUS_MESSAGE")
_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|PRIVATE", re.IGNORECASE)
_SWITCHED_ON = ("true", "1")
_OF_THE_RUN = re.compile(r"\$?\.?job\._?id(?![\w-])")
_VARIABLE = re.compile(r"\benv\.(\w+)")
_ENVIRONMENT = re.compile(
    r"\$?\.?(?:env\b|\[\s*['\"]env['\"]\s*\])(?:\.(?P<name>\w+)|\[\s*['\"](?P<quoted>\w+))?"
)
"""A JSONPath into the environment, with the name of the variable if it leads to one."""


@dataclass(frozen=True, slots=True)
class FacilityAccount:
    """A functional account of the facility, without its password."""

    username: str
    groups: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """The owner of datasets and jobs in a plan, and the groups of others.

    The default is invented; on a running instance its people take the parts.
    """

    owner: Identity = OWNER
    sharers: str = SHARERS
    others: str = OTHERS

    @property
    def group(self) -> str:
        """The owner's group, which owns datasets and jobs."""
        return self.owner.groups[0]


@dataclass(frozen=True, slots=True)
class FacilityEnvironment:
    """The setup of a facility apart from its job configuration."""

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    accounts: tuple[FacilityAccount, ...] = ()
    janitor: Identity = ANONYMOUS
    """The identity that makes datasets and jobs and removes them; it gets rights of its own."""


def facility_site(
    version: str,
    job_types: Sequence[JobType],
    environment: FacilityEnvironment,
    datasets: Iterable[Dataset],
) -> Site:
    """Return the site of a twin, with the job types of sentinels.

    Its settings are the variables that templates and paths name, with stand-ins for secrets, apart
    from those that the run sets itself.
    """
    roles = _roles(environment.env)
    static = _static_groups(environment.env)
    people = [
        _in_groups(each, static)
        for each in (*_people(job_types, roles, environment), environment.janitor)
    ]
    sentinels = _sentinels(job_types)
    types = (*job_types, *sentinels.job_types)
    return Site(
        name=NAME,
        roles=_with_janitor(roles, environment.janitor),
        identities={each.name: each for each in (ANONYMOUS, *people)},
        datasets={each.alias: each for each in datasets},
        job_types={each.name: each for each in types},
        settings={
            name: value
            for name, value in _settings(job_types, environment.env).items()
            if not is_of_the_run(name)
        },
        mail_server="smtp",
        messages=True,
        sentinel=sentinels.later.name,
        first_sentinel=sentinels.first.name,
        version=version,
        janitor=environment.janitor.name,
        marked=False,
        static_groups=static,
    )


def instance_site(
    version: str,
    job_types: Sequence[JobType],
    env: Mapping[str, str],
    people: Sequence[Identity],
    janitor: str,
) -> Site:
    """Return the site of a running instance, with its own people.

    It has neither mail server nor broker of ours, as its effects go where it sends them.
    """
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
    """Return the environment variables that templates and paths of the job types name."""
    # The repr of actions contains every text of them, wherever it is.
    return set(_VARIABLE.findall(repr([(each.on_create, each.on_update) for each in job_types])))


def switching_on_ours(job_types: Iterable[JobType], given: Container[str]) -> dict[str, str]:
    """Return the job types with a switch on a variable that differs on a twin, with a reason.

    ``given`` are the variables that the twin has from the facility. The others are set by the run
    or the image, so that a twin would choose another case than the facility's backend.
    """
    found: dict[str, str] = {}
    for name, path in _switch_paths(job_types):
        variable = _ENVIRONMENT.match(path)
        if variable is not None and _is_ours(variable["name"] or variable["quoted"], given):
            found[name] = f"a switch on {path}: the environment of a twin differs there"
    return found


def switching_on_the_run(job_types: Iterable[JobType]) -> dict[str, str]:
    """Return the job types with a switch on a value that only a run knows, with a reason."""
    return {
        name: f"a switch on {path}: only a run knows that value"
        for name, path in _switch_paths(job_types)
        if _OF_THE_RUN.match(path)
    }


def _switch_paths(job_types: Iterable[JobType]) -> Iterator[tuple[str, str]]:
    """Yield the paths of all switches, each with the name of its job type."""
    for each in job_types:
        for action in unfolded(each.actions):
            if isinstance(action, Switch) and action.path:
                yield each.name, action.path


def _is_ours(name: str | None, given: Container[str]) -> bool:
    # The whole environment is never that of the facility.
    if name is None:
        return True
    return name not in given and (is_of_the_run(name) or may_be_of_the_image(name))


def _roles(env: Mapping[str, str]) -> Roles:
    lists = {
        name: tuple(part.strip() for part in env.get(variable, "").split(",") if part.strip())
        for variable, (name, _) in _LISTS.items()
    }
    return Roles(**lists)


def _static_groups(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the groups that every account is in, whatever its role (specification: accounts)."""
    if env.get("ACCESS_GROUPS_STATIC_ENABLED", "true").strip().lower() not in _SWITCHED_ON:
        return ()
    given = env.get("ACCESS_GROUPS_STATIC_VALUES", "").split(",")
    return tuple(each.strip() for each in given if each.strip())


def _in_groups(identity: Identity, groups: tuple[str, ...]) -> Identity:
    """Return an identity that is in these groups as well, behind its own."""
    if not groups or not identity.has_account:
        return identity
    return replace(identity, groups=tuple(dict.fromkeys((*identity.groups, *groups))))


def _with_janitor(roles: Roles, janitor: Identity) -> Roles:
    """Return the group lists with groups of the janitor in those that its work needs.

    Datasets are the run's own on a twin, so their lists have no other members.
    """
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
    taken = {each.name for each in (*_PEOPLE, ANONYMOUS)}
    for name, groups in accounts.items():
        if name in taken or name.startswith("harness-"):
            raise UsageFault(
                f"an account is called {name!r}, as a caller of the harness is; rename it in a "
                "copy of the accounts"
            )
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
        # A name without a sign is a user (specification: configuration.auth).
        elif not auth.startswith(("@", "#")) and auth not in accounts:
            yield Identity(auth, (NAMED,), sentence="user that an auth value names")


def _sentinels(job_types: Iterable[JobType]) -> Sentinels:
    line = Text("barrier {{{request.jobParams.correlation}}}", "barrier $token")
    return sentinels_for(job_types, _SENTINEL, None, line)


def _settings(job_types: Iterable[JobType], env: Mapping[str, str]) -> dict[str, Any]:
    """Return the variables that templates name, with stand-ins in the place of secrets."""
    wanted = (named_variables(job_types) | set(_STATUS)) & env.keys()
    return {
        name: f"stand-in-for-{name.lower()}" if _SECRET.search(name) else env[name]
        for name in sorted(wanted)
    }
