"""The axes of a plan: situations of datasets, owners of jobs, and what the rules permit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scicat_harness.facility.site import Cast
from scicat_harness.model.dataset import Dataset, DatasetList, Listed
from scicat_harness.model.identity import ANONYMOUS, Identity
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import (
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Ownership,
    UpdateRequest,
)
from scicat_harness.oracle.predict import Oracle, Unspecified

__all__ = [
    "LISTS",
    "NO_FIELDS",
    "SITUATIONS",
    "dataset_in",
    "is_permitted",
    "jobs_of",
    "listed",
    "owned",
    "ownerships_of",
]

SITUATIONS = ("own", "shared", "foreign", "published")
"""Whose a dataset is, and who may see it."""
LISTS: tuple[tuple[str, ...], ...] = (
    ("own",),
    ("shared",),
    ("foreign",),
    ("published",),
    ("own", "foreign"),
    ("own", "published"),
)
_FIELDS = {
    "isPublished": "published",
    "datasetlifecycle.archivable": "archivable",
    "datasetlifecycle.retrievable": "retrievable",
    "ownerGroup": "owner_group",
}
"""Fields of a dataset that have a name of their own."""
_LONGEST_ALIAS = 120
_USUAL = Cast()
NO_FIELDS: Mapping[str, Any] = {}
_CONTACT = "contact@elsewhere.example"


def ownerships_of(identity: Identity, cast: Cast = _USUAL) -> Iterator[Ownership]:
    """Whom a caller makes jobs for: a group of their own first."""
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
    """Stored jobs by whose they are, as a caller meets them."""
    yield JobOwnership("owners", cast.owner.name, cast.group)
    yield JobOwnership("nobodys")
    if identity.has_account and identity.name != cast.owner.name:
        group = identity.groups[0] if identity.groups else None
        yield JobOwnership("their-own", identity.name, group)


def owned(job: JobOwnership) -> Ownership:
    """How a privileged caller makes a job that is owned so."""
    return Ownership(job.name, job.owner_user, job.owner_group, _CONTACT)


def dataset_in(situation: str, shape: Mapping[str, Any], cast: Cast = _USUAL) -> Dataset:
    """A dataset in a situation, with further fields by dotted path."""
    known = {_FIELDS[path]: value for path, value in shape.items() if path in _FIELDS}
    other = {path: value for path, value in shape.items() if path not in _FIELDS}
    values = {**_situation(situation, cast), **known}
    return Dataset(_alias(situation, shape), fields=other, **values)


def _situation(name: str, cast: Cast) -> dict[str, Any]:
    if name == "own":
        return {"owner_group": cast.group}
    theirs: dict[str, Any] = {"owner_group": cast.others}
    if name == "shared":
        return {**theirs, "access_groups": (cast.sharers, cast.group)}
    return {**theirs, "published": name == "published"}


def _alias(situation: str, shape: Mapping[str, Any]) -> str:
    """Situation and fields, in letters that may stand in a pid and in the name of a value."""
    parts = [situation]
    for path, value in sorted(shape.items()):
        shown = "".join(each if each.isalnum() else "x" for each in f"{value}")
        parts.append(f"{path.replace('.', '-').replace('_', '-')}-{shown}")
    alias = "-".join(parts)
    if len(alias) <= _LONGEST_ALIAS:
        return alias
    # It becomes part of a pid, which a database keeps an index of.
    digest = hashlib.sha256(alias.encode()).hexdigest()[:12]
    return f"{alias[:_LONGEST_ALIAS]}-{digest}"


def listed(situations: Sequence[str], shape: Mapping[str, Any] = NO_FIELDS) -> DatasetList:
    """The list of the datasets in these situations."""
    if not situations:
        return NO_DATASETS
    items = tuple(Listed(_alias(each, shape)) for each in situations)
    return DatasetList("+".join(situations), items)


def is_permitted(
    oracle: Oracle, identity: Identity, request: CreateRequest | UpdateRequest
) -> bool:
    """Whether the rules of authorization let it through to the actions."""
    try:
        if isinstance(request, CreateRequest):
            prediction = oracle.create(identity, request)
        else:
            prediction = oracle.update(identity, request)
    except Unspecified:
        return False
    acted = any(rule.startswith("actions.") for rule in prediction.rules)
    return acted or prediction.decision is Decision.ALLOW
