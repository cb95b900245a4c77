"""Coverage: do the caller's rights reach every dataset of the list?

Three readings of one sentence of the documentation ("the specified user group, or otherwise any
of the user's groups"): the documented one, the one of v5.2.0 and later, where the request's
owner group no longer counts, and the one before. A list is covered when as many *distinct*
datasets satisfy the condition as the list has items, so a pid listed twice is never covered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from scicat_harness.model.auth import DATASET_AUTHS, CreateAuth
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.release import REWRITTEN_CREATE
from scicat_harness.oracle.facts import CallerFacts
from scicat_harness.oracle.rule import Reading, View

__all__ = ["Claim", "checked_groups", "is_covered"]

Condition = Callable[[Dataset], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks, for whom, and on behalf of which group.

    ``owner_groups`` are the groups of the *other* existing user a privileged caller named as
    owner; None when nobody else was named or no such user exists.
    """

    caller: CallerFacts
    owner_user: str | None
    owner_groups: tuple[str, ...] | None
    owner_group: str | None

    @property
    def names_caller(self) -> bool:
        """Whether the requested owner is the caller."""
        return self.owner_user == self.caller.name


def checked_groups(claim: Claim, view: View) -> tuple[str, ...]:
    """The groups that the datasets are held against since v5.2.0, or by the documentation."""
    if view.reading is Reading.DOCUMENTED and claim.owner_group:
        return (claim.owner_group,)
    if not claim.caller.create_privileged or claim.caller.admin:
        return claim.caller.groups
    if claim.owner_groups is not None:
        return claim.owner_groups
    if claim.names_caller or (view.reading is Reading.DOCUMENTED and not claim.owner_user):
        return claim.caller.groups
    return ()


def is_covered(auth: CreateAuth, listed: Collection[Dataset], claim: Claim, view: View) -> bool:
    """Whether the list satisfies a ``#dataset`` auth value; True for every other auth value."""
    if auth not in DATASET_AUTHS:
        return True
    condition = _condition(auth, claim, view)
    return len({each.alias for each in listed if condition(each)}) >= len(listed)


def _condition(auth: CreateAuth, claim: Claim, view: View) -> Condition:
    if auth is CreateAuth.DATASET_PUBLIC:
        return lambda dataset: dataset.published
    if view.reading is Reading.OBSERVED and view.release < REWRITTEN_CREATE:
        return _condition_before_rewrite(auth, claim)
    groups = checked_groups(claim, view)
    if auth is CreateAuth.DATASET_OWNER:
        return lambda dataset: dataset.owner_group in groups
    return lambda dataset: dataset.published or _reachable(dataset, groups)


def _reachable(dataset: Dataset, groups: Collection[str]) -> bool:
    return dataset.owner_group in groups or not set(dataset.access_groups).isdisjoint(groups)


def _condition_before_rewrite(auth: CreateAuth, claim: Claim) -> Condition:
    """Until v5.1.1 the requested owner group counted; both counted for a foreign owner group."""
    owner_groups, group = claim.owner_groups, claim.owner_group
    if claim.caller.anonymous:
        group = None
    access = auth is CreateAuth.DATASET_ACCESS
    if owner_groups is None and not group:
        return lambda dataset: access and dataset.published
    if owner_groups is not None and not group:
        return _any_of(owner_groups, access=access)
    assert group is not None
    if owner_groups is None or group in owner_groups:
        return _any_of((group,), access=access)
    foreign = group

    def both(dataset: Dataset) -> bool:
        shared = foreign in dataset.access_groups and bool(
            set(dataset.access_groups).intersection(owner_groups)
        )
        return access and (dataset.published or shared)

    return both


def _any_of(groups: Collection[str], *, access: bool) -> Condition:
    if not access:
        return lambda dataset: dataset.owner_group in groups
    return lambda dataset: dataset.published or _reachable(dataset, groups)
