"""Facts of a create request for the create rules, computed once per request."""

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
"""Properties of every JavaScript object, so the backend finds them among the job types."""

_TYPE_FAULTS = frozenset({BodyFault.TYPE_MISSING, BodyFault.TYPE_NUMBER})


@dataclass(frozen=True, slots=True)
class ListFacts:
    """Facts about the dataset list: its shape, and whether its items exist and are covered.

    ``covered`` is True if the auth value does not depend on datasets. ``groups_checked`` are those
    whose rights count (specification: create.dataset-access).
    """

    shape: ListShape
    empty: bool
    unknown_pid: bool
    unknown_file: bool
    repeated: bool
    covered: bool
    groups_checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """The requested ownership; ``None`` and ``""`` both mean that a field is not given."""

    user: str | None
    group: str | None
    email: str | None
    other: Identity | None
    """The existing user, other than the caller, whom the request names as owner."""


@dataclass(frozen=True, slots=True)
class CreateFacts:
    """The facts for the create rules; each of them is used by some rule.

    ``named`` is True if the auth value is the name or a group of the caller.
    """

    caller: CallerFacts
    job_type: str
    type_known: bool
    auth: CreateAuth
    named: bool
    body_invalid: bool
    listed: ListFacts
    owner: OwnerFacts
    username_queried: bool = False
    """v3 only: ``jobParams.username`` is an object, which runs as a database query."""
    group_derived: bool = False
    """v3 only: the body names no owner group, so the mapping derived one, or found none."""

    @property
    def inherited_type(self) -> bool:
        """True if the type is not configured, but a property of every JavaScript object."""
        return not self.type_known and self.job_type in PROTOTYPE_NAMES

    @property
    def dataset_auth(self) -> bool:
        """True if the auth value depends on the listed datasets."""
        return self.auth in DATASET_AUTHS


def create_facts(site: Site, identity: Identity, request: CreateRequest, view: View) -> CreateFacts:
    """Return the facts of a request.

    Its ownership is that of v4: of a v3 request it has been mapped before (see create_v3).
    """
    who = caller(site, identity, view)
    # On v3 the type is looked up before the body is validated, so a missing one is unknown.
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
    # The mapping drops unknown keys and makes the others, so only the address can be wrong on v3.
    if request.api is Api.V3:
        return request.fault is BodyFault.EMAIL_MALFORMED
    return request.fault is not BodyFault.NONE


def _owner_facts(site: Site, who: CallerFacts, request: CreateRequest) -> OwnerFacts:
    requested = request.ownership
    found = site.identities.get(requested.user) if requested.user else None
    # The caller as owner is no other user, and has rules of its own.
    exists = found is not None and found.has_account and found.name != who.name
    return OwnerFacts(requested.user, requested.group, requested.email, found if exists else None)


def _claim(who: CallerFacts, owner: OwnerFacts) -> Claim:
    # Only privileged callers create for others; of a plain user the named owner is refused earlier.
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
        shape = ListShape.LIST  # the mapping replaces a missing list by an empty one
    # Before v5.2.0 an empty pid and a file that is no text count as unknown, not as malformed.
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
    """Return the files that count for a dataset: before v4.24.0 those of every dataset."""
    if view.reading is Reading.OBSERVED and view.release < FILES_OF_DATASET:
        return {path for each in site.datasets.values() for path in each.files}
    return set(dataset.files)
