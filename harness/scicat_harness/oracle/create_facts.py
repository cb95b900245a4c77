"""Facts of a create request: what the create rules may ask, computed once per request."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.model.auth import DATASET_AUTHS, CreateAuth
from scicat_harness.model.dataset import Dataset, ListShape
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import FILES_OF_DATASET, REWRITTEN_CREATE
from scicat_harness.model.request import Api, BodyFault, CreateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.coverage import Claim, checked_groups, is_covered
from scicat_harness.oracle.facts import CallerFacts, caller
from scicat_harness.oracle.rule import Reading, View

__all__ = ["PROTOTYPE_NAMES", "CreateFacts", "ListFacts", "OwnerFacts", "create_facts"]

PROTOTYPE_NAMES = frozenset({"constructor", "toString", "hasOwnProperty", "__proto__"})
"""Names every JavaScript object answers to, whether or not a job type has them."""

_TYPE_FAULTS = frozenset({BodyFault.TYPE_MISSING, BodyFault.TYPE_NUMBER})


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The dataset list: its shape, and whether its items exist and are covered."""

    shape: ListShape
    empty: bool
    unknown_pid: bool
    unknown_file: bool
    repeated: bool
    covered: bool
    groups_checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """The requested ownership, resolved against the accounts that exist."""

    user: str | None
    group: str | None
    email: str | None
    other: Identity | None
    """The existing user, other than the caller, whom the request names as owner."""


@dataclass(frozen=True, slots=True)
class CreateFacts:
    """Everything the create rules may ask."""

    caller: CallerFacts
    job_type: str
    type_known: bool
    auth: CreateAuth
    named: bool
    body_invalid: bool
    listed: ListFacts
    owner: OwnerFacts
    username_queried: bool = False
    """v3 only: the owner user is named by an object."""
    group_derived: bool = False
    """v3 only: the caller named no owner group, so one was derived from the list, or none."""

    @property
    def inherited_type(self) -> bool:
        """Whether the type is not configured, but a name that every JavaScript object has."""
        return not self.type_known and self.job_type in PROTOTYPE_NAMES

    @property
    def dataset_auth(self) -> bool:
        """Whether the auth value judges the listed datasets."""
        return self.auth in DATASET_AUTHS


def create_facts(site: Site, identity: Identity, request: CreateRequest, view: View) -> CreateFacts:
    """Facts of a request whose ownership is in v4 terms (see create_v3 for the mapping)."""
    who = caller(site, identity, view)
    v3_type_fault = request.api is Api.V3 and request.fault in _TYPE_FAULTS
    configured = None if v3_type_fault else site.job_types.get(request.job_type)
    auth = configured.create_kind if configured is not None else CreateAuth.ABSENT
    owner = _owner_facts(site, who, request)
    return CreateFacts(
        caller=who,
        job_type=request.job_type,
        type_known=configured is not None,
        auth=auth,
        named=configured is not None and who.is_named_by(configured.create),
        body_invalid=_body_invalid(request),
        listed=_list_facts(site, request, auth, _claim(who, owner), view),
        owner=owner,
        username_queried=request.api is Api.V3 and "username" in request.params,
    )


def _body_invalid(request: CreateRequest) -> bool:
    if request.api is Api.V3:
        return request.fault is BodyFault.EMAIL_MALFORMED
    return request.fault is not BodyFault.NONE


def _owner_facts(site: Site, who: CallerFacts, request: CreateRequest) -> OwnerFacts:
    asked = request.ownership
    found = site.identities.get(asked.user) if asked.user else None
    exists = found is not None and found.has_account and found.name != who.name
    return OwnerFacts(asked.user, asked.group, asked.email, found if exists else None)


def _claim(who: CallerFacts, owner: OwnerFacts) -> Claim:
    other = owner.other.groups if owner.other is not None and who.privileged else None
    return Claim(who, owner.user, other, owner.group)


def _list_facts(
    site: Site, request: CreateRequest, auth: CreateAuth, claim: Claim, view: View
) -> ListFacts:
    items = request.datasets.items
    found: list[Dataset] = [site.dataset(each.alias) for each in items]
    existing = [each for each in found if each.exists]
    shape = request.datasets.shape
    if request.api is Api.V3 and shape in (ListShape.ABSENT, ListShape.NULL):
        shape = ListShape.LIST  # the mapping puts an empty list where there is none
    lenient = view.release < REWRITTEN_CREATE
    return ListFacts(
        shape=shape,
        empty=shape is ListShape.LIST and not items,
        unknown_pid=len(existing) < len(found) or (lenient and shape is ListShape.ITEM_EMPTY_PID),
        unknown_file=any(
            not set(item.files) <= _files_of(site, dataset, view)
            for item, dataset in zip(items, found, strict=True)
        )
        or (lenient and shape is ListShape.ITEM_FILE_NUMBER),
        repeated=len({each.alias for each in items}) < len(items),
        covered=is_covered(auth, existing, claim, view),
        groups_checked=checked_groups(claim, view),
    )


def _files_of(site: Site, dataset: Dataset, view: View) -> set[str]:
    """The files a dataset is taken to have: until v4.24.0 those of every dataset."""
    if view.reading is Reading.OBSERVED and view.release < FILES_OF_DATASET:
        return {path for each in site.datasets.values() for path in each.files}
    return set(dataset.files)
