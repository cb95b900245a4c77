"""The axes of a plan: situations of datasets, owners of jobs, and callers that are permitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scicat_harness.facility.site import Cast
from scicat_harness.model.dataset import Dataset, DatasetList, Listed
from scicat_harness.model.identity import ANONYMOUS, CONTACT, Identity
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import (
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Ownership,
    UpdateRequest,
)
from scicat_harness.oracle.predict import Oracle, Unspecified
from scicat_harness.oracle.work import TooMuch

__all__ = [
    "FILES",
    "LISTS",
    "NO_FIELDS",
    "SECOND",
    "SITUATIONS",
    "dataset_in",
    "is_permitted",
    "is_stored",
    "jobs_of",
    "listed",
    "owned",
    "ownerships_of",
    "succeeds",
]

SITUATIONS = ("own", "shared", "foreign", "published")
"""Situations of a dataset by owner group and visibility, as the owner of the cast sees it."""
SECOND = ("another-own", "another-published")
"""The same situations again, for lists of two datasets in one of them."""
# With a list of two the backend must refuse one dataset because of the other.
LISTS: tuple[tuple[str, ...], ...] = (
    ("own",),
    ("shared",),
    ("foreign",),
    ("published",),
    ("own", "foreign"),
    ("own", "published"),
)
FILES = "files"
"""The field of a shape with the paths of the dataset's files, all of which a list asks for."""
_FIELDS = {
    "isPublished": "published",
    "datasetlifecycle.archivable": "archivable",
    "datasetlifecycle.retrievable": "retrievable",
    "ownerGroup": "owner_group",
    FILES: "files",
}
"""Dotted paths of the fields for which a Dataset has an attribute."""
_LONGEST_ALIAS = 120
"""Most characters of an alias, which becomes a part of a pid."""
_USUAL = Cast()
NO_FIELDS: Mapping[str, Any] = {}


def ownerships_of(identity: Identity, cast: Cast = _USUAL) -> Iterator[Ownership]:
    """Yield the owners for whom a caller creates jobs, beginning with a group of their own.

    An anonymous caller may name no owner group (specification: create.ownership), so the first
    case names none.
    """
    if identity is ANONYMOUS:
        yield Ownership("nothing")
        yield Ownership("a-group", group=cast.group)
        return
    own = identity.groups[0] if identity.groups else cast.group
    yield Ownership("own-group", group=own)
    if own != cast.group:
        yield Ownership("another-group", group=cast.group)
    yield Ownership("another-user", user=cast.owner.name, group=cast.group)


def jobs_of(identity: Identity, cast: Cast = _USUAL) -> Iterator[JobOwnership]:
    """Yield the owners of stored jobs that a caller may try to read, update or delete.

    These are jobs of the owner of the cast, of nobody, and of the caller.
    """
    yield JobOwnership("owners", cast.owner.name, cast.group)
    yield JobOwnership("nobodys")
    # For the owner of the cast their own job is the first one.
    if identity.has_account and identity.name != cast.owner.name:
        group = identity.groups[0] if identity.groups else None
        yield JobOwnership("their-own", identity.name, group)


def owned(job: JobOwnership) -> Ownership:
    """Return the ownership with which a privileged caller creates a job of these owners.

    It has a contact address: without one a job of nobody is refused (specification:
    create.ownership).
    """
    return Ownership(job.name, job.owner_user, job.owner_group, CONTACT)


def dataset_in(situation: str, shape: Mapping[str, Any], cast: Cast = _USUAL) -> Dataset:
    """Return a dataset in one of SITUATIONS or SECOND, with further fields by dotted path.

    A field of ``shape`` replaces the value that the situation gives::

        dataset_in("own", {"datasetlifecycle.archivable": False})
    """
    known = {_FIELDS[path]: value for path, value in shape.items() if path in _FIELDS}
    other = {path: value for path, value in shape.items() if path not in _FIELDS}
    values = {**_situation(situation, cast), **known}
    return Dataset(_alias(situation, shape), fields=other, **values)


def _situation(name: str, cast: Cast) -> dict[str, Any]:
    name = name.removeprefix("another-")
    if name == "own":
        return {"owner_group": cast.group}
    theirs: dict[str, Any] = {"owner_group": cast.others}
    if name == "shared":
        # Both groups: a caller of either may see it, and neither owns it.
        return {**theirs, "access_groups": (cast.sharers, cast.group)}
    return {**theirs, "published": name == "published"}


def _alias(situation: str, shape: Mapping[str, Any]) -> str:
    """Return an alias from situation and fields, in characters that a pid and ``$name`` allow."""
    parts = [situation]
    for path, value in sorted(shape.items()):
        shown = "".join(each if each.isalnum() else "x" for each in f"{value}")
        parts.append(f"{path.replace('.', '-').replace('_', '-')}-{shown}")
    alias = "-".join(parts)
    if len(alias) <= _LONGEST_ALIAS:
        return alias
    # The database has an index on pids; the digest keeps long aliases different.
    digest = hashlib.sha256(alias.encode()).hexdigest()[:12]
    return f"{alias[:_LONGEST_ALIAS]}-{digest}"


def listed(situations: Sequence[str], shape: Mapping[str, Any] = NO_FIELDS) -> DatasetList:
    """Return a dataset list with one dataset in each of these situations, and its files."""
    if not situations:
        return NO_DATASETS
    items = tuple(Listed(_alias(each, shape), shape.get(FILES, ())) for each in situations)
    return DatasetList("+".join(situations), items)


def is_permitted(
    oracle: Oracle, identity: Identity, request: CreateRequest | UpdateRequest
) -> bool:
    """Return whether authorization permits a request, whatever its actions do then.

    One for which nothing is promised, or that is too much to follow, counts as permitted: only its
    actions are like that, which come after authorization.
    """
    try:
        if isinstance(request, CreateRequest):
            prediction = oracle.create(identity, request)
        else:
            prediction = oracle.update(identity, request)
    except (Unspecified, TooMuch):
        return True
    # A rule of actions decides only after authorization has passed.
    acted = any(rule.startswith("actions.") for rule in prediction.rules)
    return acted or prediction.decision is Decision.ALLOW


def is_stored(oracle: Oracle, identity: Identity, request: CreateRequest) -> bool:
    """Return whether a create leaves a job, as far as that is promised."""
    try:
        prediction = oracle.create(identity, request)
    except Unspecified:
        return False
    return prediction.written and not prediction.dies


def succeeds(oracle: Oracle, identity: Identity, request: CreateRequest) -> bool:
    """Return whether a create has no action that fails, as far as that is promised."""
    try:
        return oracle.create(identity, request).decision is Decision.ALLOW
    except Unspecified:
        return False
