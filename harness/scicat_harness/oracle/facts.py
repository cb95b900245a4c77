"""Facts about a caller for the rules, derived from the site and the identity.

Group lists are compared item by item since v5.2.0. Before, the create-privileged,
update-privileged and delete lists were one string that a group name had to be *part of*
(backend pull request 2713; observed on v4.20.2 to v5.0.1), so ``ingest`` passed where
``ingestors`` was meant. The list of admin groups was always split. Source: specification:
identity.kinds, environment.groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scicat_harness.model.auth import CreateAuth, UpdateAuth
from scicat_harness.model.identity import Identity, Token
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import (
    ONE_ABILITY,
    REWRITTEN_CREATE,
    SESSION_EXPIRY_REPORTED,
    Release,
)
from scicat_harness.model.site import Site
from scicat_harness.oracle.rule import Reading, View

__all__ = ["CallerFacts", "CreateGate", "EndpointFacts", "UpdateGate", "caller", "endpoint_facts"]

_ANONYMOUS_TOKENS = frozenset({Token.NONE, Token.GARBAGE, Token.FOREIGN_SIGNATURE})


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """The caller of a request: name, groups, and the kinds of rights from the group lists.

    The rights are independent of each other; the rules decide which of them counts first. An
    anonymous caller has none of them, and no groups.
    """

    name: str
    email: str
    groups: tuple[str, ...]
    expired: bool
    anonymous: bool
    admin: bool
    create_privileged: bool
    update_privileged: bool
    deleter: bool
    in_create_list_alone: bool
    """True if a group of the caller is in the create-privileged list, and in neither the list of
    update-privileged nor that of admin groups."""
    in_update_list_alone: bool
    """The same of the update-privileged list."""

    @property
    def privileged(self) -> bool:
        """True if the caller may create for others: admin or create-privileged."""
        return self.admin or self.create_privileged

    @property
    def plain(self) -> bool:
        """True if the caller is logged in and may not create for others."""
        return not self.anonymous and not self.privileged

    @property
    def in_group_called_admin(self) -> bool:
        """True if the caller is in a group ``admin``; see ADMIN_GROUPS_HONOURED."""
        return "admin" in self.groups

    def is_named_by(self, auth: str | None) -> bool:
        """Return whether an ``@GROUP`` or ``USER`` auth value admits this caller."""
        # No name admits anonymous callers, not even the auth value ``anonymous``.
        if self.anonymous or auth is None:
            return False
        return auth == self.name or (auth.startswith("@") and auth[1:] in self.groups)


def caller(site: Site, identity: Identity, view: View) -> CallerFacts:
    """Return the facts of the caller that the backend derives from an identity's token and groups.

    Source: specification: token, identity.kinds.
    """
    # The JWT for callers without a login belongs to a user called ``anonymous`` (observed), though
    # such a caller is documented to be anonymous. Expired tokens were ignored before v5.2.0.
    anonymous = (
        identity.token in _ANONYMOUS_TOKENS
        or (identity.token is Token.ANONYMOUS_JWT and view.reading is Reading.DOCUMENTED)
        or (identity.token is Token.EXPIRED and view.release < SESSION_EXPIRY_REPORTED)
    )
    groups = () if anonymous else identity.groups
    roles = site.roles
    lists = {
        "admin": set(roles.admin),
        "create": set(roles.create_privileged),
        "update": set(roles.update_privileged),
    }
    alone = [{name for name, each in lists.items() if group in each} for group in groups]
    return CallerFacts(
        # The user of that token is called ``anonymous``, whoever presents it.
        name="anonymous" if identity.token is Token.ANONYMOUS_JWT else identity.name,
        email=identity.email,
        groups=groups,
        expired=identity.token is Token.EXPIRED and not anonymous,
        anonymous=anonymous,
        admin=not set(groups).isdisjoint(roles.admin),
        create_privileged=_listed(groups, roles.create_privileged, view.release),
        update_privileged=_listed(groups, roles.update_privileged, view.release),
        deleter=_listed(groups, roles.delete_jobs, view.release),
        in_create_list_alone={"create"} in alone,
        in_update_list_alone={"update"} in alone,
    )


def _listed(groups: Iterable[str], wanted: tuple[str, ...], release: Release) -> bool:
    if release < REWRITTEN_CREATE:
        # ``in`` of two texts: the group name needs to be a part of the whole variable.
        return any(group in ", ".join(wanted) for group in groups)
    return any(group in wanted for group in groups)


@dataclass(frozen=True, slots=True)
class CreateGate:
    """Callers that the create auth values of all job types together admit to POST."""

    anonymous: bool
    caller: bool
    """True if some auth value admits users in general, or names this one."""
    documented_anonymous: bool
    everybody: bool
    """True if it is ``#all`` that admits anonymous callers, not only ``#datasetPublic``."""


@dataclass(frozen=True, slots=True)
class UpdateGate:
    """Callers that the update auth values of all job types together admit to PATCH."""

    anonymous: bool
    caller: bool


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """Facts for the endpoint rules: the caller, and the union over all job types."""

    caller: CallerFacts
    create: CreateGate
    update: UpdateGate
    types: bool
    """True if any job type is configured."""


_OPEN_TO_ANONYMOUS = frozenset({CreateAuth.ALL, CreateAuth.DATASET_PUBLIC})
_NAMES_SOMEBODY = frozenset({CreateAuth.GROUP, CreateAuth.USER})
_CREATE_SETTLED_ELSEWHERE = frozenset({CreateAuth.ABSENT, CreateAuth.UNKNOWN})


def endpoint_facts(site: Site, who: CallerFacts, release: Release) -> EndpointFacts:
    """Return the facts of a caller at an endpoint: the union over all configured job types.

    The endpoint guard of the backend does not know the job type of the request, so one permissive
    job type opens the endpoint (specification: endpoint.authorization).
    """
    types: tuple[JobType, ...] = tuple(site.job_types.values())
    creates = {each.create_kind for each in types}
    updates = {each.update_kind for each in types}
    named_create = any(who.is_named_by(each.create) for each in types)
    named_update = any(who.is_named_by(each.update) for each in types)
    # Every other # value admits users here, the #dataset values included: the instance rules refuse
    # them later. ``#jobAdmin`` did, too.
    known_creates = creates - _NAMES_SOMEBODY - _CREATE_SETTLED_ELSEWHERE
    known_updates = updates - {
        UpdateAuth.GROUP,
        UpdateAuth.USER,
        UpdateAuth.ABSENT,
        UpdateAuth.UNKNOWN,
    }
    if release >= ONE_ABILITY:
        known_creates -= {CreateAuth.JOB_ADMIN}
        known_updates -= {UpdateAuth.JOB_ADMIN}
    return EndpointFacts(
        caller=who,
        create=CreateGate(
            anonymous=not creates.isdisjoint(_OPEN_TO_ANONYMOUS),
            caller=bool(known_creates) or named_create,
            # Documented since April 2025: every value but ``#authenticated`` opens POST to all.
            documented_anonymous=bool(
                creates - _CREATE_SETTLED_ELSEWHERE - {CreateAuth.AUTHENTICATED}
            ),
            everybody=CreateAuth.ALL in creates,
        ),
        update=UpdateGate(
            anonymous=UpdateAuth.ALL in updates,
            caller=bool(known_updates) or named_update,
        ),
        types=bool(types),
    )
