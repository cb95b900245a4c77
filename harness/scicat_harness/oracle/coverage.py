"""Coverage: the check of a #dataset auth value against every dataset of the list.

There are three readings of one sentence of the documentation ("the specified user group, or
otherwise any of the user's groups"): the documented one, that of v5.2.0 and later, where the owner
group of the request no longer counts, and the one before. A list is covered if as many *distinct*
datasets satisfy the condition as the list has items, so a pid listed twice is never covered.

Source: specification: create.dataset-access, releases.v5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from scicat_harness.model.auth import DATASET_AUTHS, CreateAuth
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.release import ONE_ABILITY, REWRITTEN_CREATE
from scicat_harness.oracle.facts import CallerFacts
from scicat_harness.oracle.rule import Reading, View

__all__ = ["Claim", "checked_groups", "is_covered"]

Condition = Callable[[Dataset], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """The caller, and the owner user and owner group of the request.

    ``owner_groups`` are the groups of the *other* existing user whom a privileged caller named as
    owner; None if nobody else was named or no such user exists.
    """

    caller: CallerFacts
    owner_user: str | None
    owner_groups: tuple[str, ...] | None
    owner_group: str | None

    @property
    def names_caller(self) -> bool:
        """True if the requested owner user is the caller."""
        return self.owner_user == self.caller.name


def checked_groups(claim: Claim, view: View) -> tuple[str, ...]:
    """Return the groups whose rights on the datasets count, since v5.2.0 or as documented.

    As observed, they are empty for anonymous callers, and for a create-privileged user who names no
    known owner user.
    """
    if view.reading is Reading.DOCUMENTED and claim.owner_group:
        return (claim.owner_group,)
    # Admins are exempt from the check; their groups are returned for completeness.
    if not claim.caller.create_privileged or claim.caller.admin:
        return claim.caller.groups
    if claim.owner_groups is not None:
        return claim.owner_groups
    if claim.names_caller or (view.reading is Reading.DOCUMENTED and not claim.owner_user):
        return claim.caller.groups
    return ()


def is_covered(auth: CreateAuth, listed: Collection[Dataset], claim: Claim, view: View) -> bool:
    """Return whether the list satisfies a ``#dataset`` auth value; True for other auth values.

    ``listed`` are the datasets that exist, repetitions included.
    """
    if auth not in DATASET_AUTHS:
        return True
    condition = _condition(auth, claim, view)
    # Distinct datasets against items of the list: a pid that is listed twice counts once.
    return len({each.alias for each in listed if condition(each)}) >= len(listed)


def _condition(auth: CreateAuth, claim: Claim, view: View) -> Condition:
    if auth is CreateAuth.DATASET_PUBLIC:
        return lambda dataset: dataset.published
    if view.reading is Reading.OBSERVED and view.release < REWRITTEN_CREATE:
        return _condition_before_rewrite(auth, claim)
    groups = checked_groups(claim, view)
    if auth is CreateAuth.DATASET_OWNER:
        # The owner group that a create-privileged user names counts, too.
        if view.release >= ONE_ABILITY and claim.caller.create_privileged and claim.owner_group:
            groups = (*groups, claim.owner_group)
        return lambda dataset: dataset.owner_group in groups
    return lambda dataset: dataset.published or _reachable(dataset, groups)


def _reachable(dataset: Dataset, groups: Collection[str]) -> bool:
    return dataset.owner_group in groups or not set(dataset.access_groups).isdisjoint(groups)


def _condition_before_rewrite(auth: CreateAuth, claim: Claim) -> Condition:
    """Return the condition before v5.2.0, where the requested owner group counted.

    The cases are those of the table in the specification: releases.v5.2.
    """
    owner_groups, group = claim.owner_groups, claim.owner_group
    # An anonymous caller who names an owner group is refused before (create.owner.anonymous).
    if claim.caller.anonymous:
        group = None
    access = auth is CreateAuth.DATASET_ACCESS
    # Nobody is named: only published datasets fit, and for #datasetOwner none.
    if owner_groups is None and not group:
        return lambda dataset: access and dataset.published
    if owner_groups is not None and not group:
        return _any_of(owner_groups, access=access)
    assert group is not None
    if owner_groups is None or group in owner_groups:
        return _any_of((group,), access=access)
    # The owner user is not in the owner group: both must have access, by access groups only.
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
