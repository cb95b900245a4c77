"""The tables of a job configuration: which caller may use which job type, by the oracle alone.

Rows are kinds of callers, columns job types; a cell lists the situations in which authorization
permits the operation. Validate actions may refuse further requests, and are not considered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scicat_harness.facility.axes import (
    NO_FIELDS,
    SITUATIONS,
    dataset_in,
    is_permitted,
    jobs_of,
    listed,
    ownerships_of,
)
from scicat_harness.facility.site import SENTINELS
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import CreateRequest, JobOwnership, Operation, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View

__all__ = ["Table", "TableCell", "tables"]

_MIXED = ("own", "foreign")
# The names of owners in axes.jobs_of, as words of a cell.
_WORDS = {"owners": "of the owner", "nobodys": "of nobody", "their-own": "of their own"}


@dataclass(frozen=True, slots=True)
class TableCell:
    """The situations in which an operation is permitted.

    ``tried`` has all situations, ``refusal`` the sentence of the rule that refused the first of the
    others.
    """

    permitted: tuple[str, ...]
    tried: tuple[str, ...]
    refusal: str = ""

    @property
    def words(self) -> str:
        """The cell in words: ``yes``, ``no``, or the permitted situations."""
        if not self.permitted:
            return "no"
        if self.permitted == self.tried:
            return "yes"
        return ", ".join(_WORDS.get(each, each) for each in self.permitted)


@dataclass(frozen=True, slots=True)
class Table:
    """The table of one operation; ``cells`` has the names of caller and job type as keys."""

    operation: Operation
    callers: tuple[Identity, ...]
    job_types: tuple[str, ...]
    cells: Mapping[tuple[str, str], TableCell]


def tables(site: Site, view: View, *, without: Sequence[str] = ()) -> list[Table]:
    """Return the tables of create, update, read and delete, in this order.

    ``without`` has the names of callers that are left out, such as the janitor.
    """
    # The site's own datasets win where it has them.
    usual = (dataset_in(each, NO_FIELDS) for each in SITUATIONS)
    datasets = {each.alias: each for each in usual}
    oracle = Oracle(replace(site, datasets={**datasets, **site.datasets}), view)
    callers = tuple(each for each in site.identities.values() if each.name not in without)
    job_types = tuple(name for name in site.job_types if name not in SENTINELS)
    made: list[Table] = []
    for operation, cell in _CELLS.items():
        cells = {
            (caller.name, name): cell(oracle, caller, name)
            for caller in callers
            for name in job_types
        }
        made.append(Table(operation, callers, job_types, cells))
    return made


def _create(oracle: Oracle, caller: Identity, job_type: str) -> TableCell:
    """Return the cell of a create: each dataset list, with an owner group of the caller."""
    owner = next(iter(ownerships_of(caller)))
    return _cell(
        (situation, CreateRequest(job_type, listed(names), owner)) for situation, names in _lists()
    )(oracle, caller)


def _update(oracle: Oracle, caller: Identity, job_type: str) -> TableCell:
    return _cell((job.name, UpdateRequest(job_type, job)) for job in jobs_of(caller))(
        oracle, caller
    )


def _lists() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "no datasets", ()
    for name in SITUATIONS:
        yield name, (name,)
    yield "own and foreign", _MIXED


def _cell(
    tried: Iterator[tuple[str, CreateRequest | UpdateRequest]],
) -> Callable[[Oracle, Identity], TableCell]:
    def decided(oracle: Oracle, caller: Identity) -> TableCell:
        # One refusal is enough for a cell: the others usually have the same rule.
        permitted, all_tried, refusal = [], [], ""
        for situation, request in tried:
            all_tried.append(situation)
            if is_permitted(oracle, caller, request):
                permitted.append(situation)
            elif not refusal:
                refusal = _refusal(oracle, caller, request)
        return TableCell(tuple(permitted), tuple(all_tried), refusal)

    return decided


def _refusal(oracle: Oracle, caller: Identity, request: CreateRequest | UpdateRequest) -> str:
    if isinstance(request, CreateRequest):
        return oracle.create(caller, request).sentence
    return oracle.update(caller, request).sentence


def _read(oracle: Oracle, caller: Identity, job_type: str) -> TableCell:
    return _about_jobs(oracle.read, caller, job_type)


def _delete(oracle: Oracle, caller: Identity, job_type: str) -> TableCell:
    return _about_jobs(oracle.delete, caller, job_type)


def _about_jobs(
    ask: Callable[[Identity, str, JobOwnership | None], object], caller: Identity, job_type: str
) -> TableCell:
    permitted, tried, refusal = [], [], ""
    for job in jobs_of(caller):
        found = ask(caller, job_type, job)
        tried.append(job.name)
        if str(getattr(found, "decision", "")) == "allow":
            permitted.append(job.name)
        else:
            refusal = refusal or str(getattr(found, "sentence", ""))
    return TableCell(tuple(permitted), tuple(tried), refusal)


_CELLS: Mapping[Operation, Callable[[Oracle, Identity, str], TableCell]] = {
    Operation.CREATE: _create,
    Operation.UPDATE: _update,
    Operation.READ: _read,
    Operation.DELETE: _delete,
}
