"""The v3 mapping: owner user, owner group and contact of the v4 body that a v3 body becomes.

The documentation says that v3 and v4 obey the same authorization; the derivation of an owner group
for a v3 body without one was observed (specification: v3.owner-group). The order in which a
database returns datasets or the groups of a user is not promised, so a derived group is a set of
candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scicat_harness.model.auth import CreateAuth
from scicat_harness.model.dataset import Dataset, ListShape
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import PUBLIC_OPENED, REWRITTEN_CREATE, ReleaseRange
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.site import Site
from scicat_harness.oracle.facts import CallerFacts, caller
from scicat_harness.oracle.rule import Decided, Rule, RuleTable, View

__all__ = ["V3_OWNER_GROUP", "Mapped", "V3Facts", "map_v3"]

Groups = frozenset[str | None]
_NONE: Groups = frozenset({None})


@dataclass(frozen=True, slots=True)
class V3Facts:
    """Facts for the derivation of an owner group."""

    auth: CreateAuth
    given_group: str | None
    owner_groups: tuple[str, ...]
    """Groups of the future owner user: of the named user, else of the caller."""
    owner_is_admin: bool
    listed: tuple[Dataset, ...]
    all_listed: bool
    """True if every listed pid exists and is listed once."""
    list_is_iterable: bool

    @property
    def kept(self) -> tuple[Dataset, ...]:
        """The listed datasets that count for the derivation since v5.2.0.

        For ``#datasetOwner`` those owned by a group of the owner user, for ``#datasetAccess`` those
        that the owner user can read, else all (specification: v3.owner-group).
        """
        groups = set(self.owner_groups)
        if self.auth is CreateAuth.DATASET_OWNER and not self.owner_is_admin:
            return tuple(each for each in self.listed if each.owner_group in groups)
        if self.auth is CreateAuth.DATASET_ACCESS:
            return tuple(
                each
                for each in self.listed
                if each.published
                or each.owner_group in groups
                or not groups.isdisjoint(each.access_groups)
            )
        return self.listed

    @property
    def common_groups(self) -> tuple[str, ...]:
        """Groups of the owner user with access to every listed dataset.

        In the order of the first dataset: its access groups, then its owner group.
        """
        if not self.listed:
            return ()
        reach = [(*each.access_groups, each.owner_group) for each in self.listed]
        shared = set(self.owner_groups).intersection(*map(set, reach))
        return tuple(group for group in reach[0] if group in shared)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The v4 ownership of a v3 body, and the decision on its owner group.

    ``ownership.group`` is one of ``group_candidates``; the prediction is made for each of them.
    """

    ownership: Ownership
    group_derived: bool
    group_candidates: Groups
    decided: Decided[V3Facts, Callable[[V3Facts], Groups]]


_Derive = Callable[[V3Facts], Groups]
_R = Rule[V3Facts, _Derive]
_SINCE = ReleaseRange(since=REWRITTEN_CREATE)
_BEFORE = ReleaseRange(until=REWRITTEN_CREATE)
_NEW = "observed v5.2.1"
_OLD = "observed v4.20.2 to v5.0.1"


# Any group may be the first: the order of the groups of a user is not promised.
def _first_own_group(facts: V3Facts) -> Groups:
    return frozenset(facts.owner_groups) or _NONE


# The rules of v5.2.0 and later come before the older ones; no release has both.
V3_OWNER_GROUP: RuleTable[V3Facts, _Derive] = RuleTable(
    "create.v3.group",
    (
        _R(
            "create.v3.group.given",
            "jobParams.ownerGroup is the owner group",
            _NEW,
            # An empty text counts as given: the key decides, not the value.
            lambda f: f.given_group is not None,
            lambda f: frozenset({f.given_group}),
        ),
        _R(
            "create.v3.group.none-without-list",
            "nothing is derived without listed datasets",
            _NEW,
            lambda f: not f.list_is_iterable or (not f.listed and f.all_listed),
            lambda _: _NONE,
            releases=_SINCE,
        ),
        _R(
            "create.v3.group.none-for-public",
            "#datasetPublic derives no owner group",
            _NEW,
            lambda f: f.auth is CreateAuth.DATASET_PUBLIC,
            lambda _: _NONE,
        ),
        _R(
            "create.v3.group.none-unless-all-kept",
            "a listed dataset is missing or out of the owner's reach, so nothing is derived",
            _NEW,
            lambda f: not f.all_listed or len(f.kept) < len(f.listed),
            lambda _: _NONE,
            releases=_SINCE,
        ),
        _R(
            "create.v3.group.first-own",
            "#datasetAccess with published datasets only: the first group of the owner",
            _NEW,
            lambda f: f.auth is CreateAuth.DATASET_ACCESS and all(x.published for x in f.kept),
            _first_own_group,
            releases=_SINCE,
        ),
        _R(
            "create.v3.group.of-unpublished",
            "#datasetAccess: the owner group of the first dataset that is not published",
            _NEW,
            lambda f: f.auth is CreateAuth.DATASET_ACCESS,
            # *First* is the order of the database, so the group of each dataset is a candidate.
            lambda f: frozenset(x.owner_group for x in f.kept if not x.published),
            releases=_SINCE,
        ),
        _R(
            "create.v3.group.of-dataset",
            "the owner group of the first dataset",
            _NEW,
            lambda _: True,
            lambda f: frozenset(x.owner_group for x in f.kept),
            releases=_SINCE,
        ),
        _R(
            "create.v3.group.old-first-own",
            "#datasetAccess with published datasets only: the first group of the owner",
            "observed v5.0.1",
            lambda f: (
                f.auth is CreateAuth.DATASET_ACCESS
                and f.all_listed
                and all(x.published for x in f.listed)
            ),
            _first_own_group,
            releases=ReleaseRange(since=PUBLIC_OPENED, until=REWRITTEN_CREATE),
        ),
        _R(
            "create.v3.group.old-common",
            "#datasetAccess: a group of the owner that reaches every listed dataset",
            _OLD,
            lambda f: f.auth is CreateAuth.DATASET_ACCESS and bool(f.common_groups),
            lambda f: frozenset(f.common_groups[:1]),
            releases=_BEFORE,
        ),
        _R(
            "create.v3.group.old-none",
            "#datasetAccess without a common group, or no listed dataset: nothing is derived",
            _OLD,
            lambda f: f.auth is CreateAuth.DATASET_ACCESS or not f.listed,
            lambda _: _NONE,
            releases=_BEFORE,
        ),
        _R(
            "create.v3.group.old-of-first-listed",
            "the owner group of the first listed dataset",
            _OLD,
            lambda _: True,
            # Here the order of the request counts, which is known.
            lambda f: frozenset({f.listed[0].owner_group}),
            releases=_BEFORE,
        ),
    ),
)


def map_v3(site: Site, identity: Identity, request: CreateRequest, view: View) -> Mapped:
    """Return the v4 ownership that a v3 request is judged with.

    Source: specification: v3.create, v3.owner-group.
    """
    who = caller(site, identity, view)
    requested = request.ownership
    owner = _owner(site, who, requested.user or _queried(request))
    facts = _facts(site, request, owner)
    decided = V3_OWNER_GROUP.decide(facts, view)
    candidates = decided.rule.verdict(facts)
    return Mapped(
        ownership=Ownership(
            name=requested.name,
            user=owner.name if owner is not None else None,
            group=min((group for group in candidates if group is not None), default=None),
            # The mapping fills in the address of the caller: no user lacks a contact on v3.
            email=requested.email or (None if who.anonymous else who.email),
        ),
        group_derived=requested.group is None,
        group_candidates=candidates,
        decided=decided,
    )


def _queried(request: CreateRequest) -> str | None:
    """Return the user that a ``username`` like ``{"$in": ["somebody"]}`` finds (observed).

    Only queries with ``$in`` are sent by our cases.
    """
    query = request.params.get("username", {})
    return next(iter(query.get("$in", ())), None)


def _owner(site: Site, who: CallerFacts, named: str | None) -> CallerFacts | Identity | None:
    if named is None:
        return None if who.anonymous else who
    # An unknown name gives a job without owner user, which the stored rules then judge.
    found = site.identities.get(named)
    return found if found is not None and found.has_account else None


def _facts(site: Site, request: CreateRequest, owner: CallerFacts | Identity | None) -> V3Facts:
    configured = site.job_types.get(request.job_type)
    found = [site.dataset(alias) for alias in request.datasets.aliases]
    shape = request.datasets.shape
    groups = owner.groups if owner is not None else ()
    return V3Facts(
        auth=configured.create_kind if configured is not None else CreateAuth.ABSENT,
        given_group=request.ownership.group,
        owner_groups=groups,
        owner_is_admin=not set(groups).isdisjoint(site.roles.admin),
        listed=tuple(each for each in found if each.exists),
        all_listed=shape in (ListShape.LIST, ListShape.ABSENT, ListShape.NULL)
        and all(each.exists for each in found)
        and len({each.alias for each in found}) == len(found),
        list_is_iterable=shape not in (ListShape.TEXT, ListShape.OBJECT),
    )
