"""The axes of a plan: situations of datasets, owners of jobs, and what the rules permit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.facility.site import GROUP, OTHERS, OWNER, SHARERS
from harness.model.dataset import Dataset, DatasetList, Listed
from harness.model.identity import ANONYMOUS, Identity
from harness.model.outcome import Decision
from harness.model.request import (
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Ownership,
    UpdateRequest,
)
from harness.oracle.predict import Oracle, Unspecified

__all__ = [
    "LISTS",
    "SITUATIONS",
    "dataset_in",
    "is_permitted",
    "jobs_of",
    "listed",
    "owned",
    "ownerships_of",
]

SITUATIONS: Mapping[str, Mapping[str, Any]] = {
    "own": {"owner_group": GROUP},
    "shared": {"owner_group": OTHERS, "access_groups": (SHARERS, GROUP)},
    "foreign": {"owner_group": OTHERS},
    "published": {"owner_group": OTHERS, "published": True},
}
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
NO_FIELDS: Mapping[str, Any] = {}
_CONTACT = "contact@elsewhere.example"


def ownerships_of(identity: Identity) -> Iterator[Ownership]:
    """Whom a caller makes jobs for: a group of their own first."""
    if identity is ANONYMOUS:
        yield Ownership("nothing")
        yield Ownership("a-group", group=GROUP)
        return
    own = identity.groups[0] if identity.groups else GROUP
    yield Ownership("own-group", group=own)
    if own != GROUP:
        yield Ownership("another-group", group=GROUP)
    yield Ownership("another-user", user=OWNER.name, group=GROUP)


def jobs_of(identity: Identity) -> Iterator[JobOwnership]:
    """Stored jobs by whose they are, as a caller meets them."""
    yield JobOwnership("owners", OWNER.name, GROUP)
    yield JobOwnership("nobodys")
    if identity.has_account and identity.name != OWNER.name:
        group = identity.groups[0] if identity.groups else None
        yield JobOwnership("their-own", identity.name, group)


def owned(job: JobOwnership) -> Ownership:
    """How a privileged caller makes a job that is owned so."""
    return Ownership(job.name, job.owner_user, job.owner_group, _CONTACT)


def dataset_in(situation: str, shape: Mapping[str, Any]) -> Dataset:
    """A dataset in a situation, with further fields by dotted path."""
    known = {_FIELDS[path]: value for path, value in shape.items() if path in _FIELDS}
    other = {path: value for path, value in shape.items() if path not in _FIELDS}
    values = {**SITUATIONS[situation], **known}
    return Dataset(_alias(situation, shape), fields=other, **values)


def _alias(situation: str, shape: Mapping[str, Any]) -> str:
    """Situation and fields, in letters that may stand in a pid and in the name of a value."""
    parts = [situation]
    for path, value in sorted(shape.items()):
        shown = "".join(each if each.isalnum() else "x" for each in f"{value}")
        parts.append(f"{path.replace('.', '-').replace('_', '-')}-{shown}")
    return "-".join(parts)


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
