"""The datasets of a plan: one in each situation, with the fields that a goal needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scicat_harness.facility.axes import SECOND, SITUATIONS, dataset_in
from scicat_harness.facility.branching import shows_datasets, shows_files
from scicat_harness.facility.conditions import OutOfReach
from scicat_harness.facility.goals import goals_of
from scicat_harness.facility.plan import MOST_STEPS, WHOLE
from scicat_harness.facility.requests import Needs, needs_of
from scicat_harness.facility.site import Cast
from scicat_harness.facility.variants import dataset_variants, file_variants
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import Operation
from scicat_harness.oracle.work import bounded

__all__ = ["planned_datasets"]


def planned_datasets(
    job_types: Sequence[JobType], env: Mapping[str, str], cast: Cast
) -> list[Dataset]:
    """Return the datasets that the cases list.

    For each goal there is one dataset in each situation, with the fields that the goal needs.
    """
    made: dict[str, Dataset] = {}
    with bounded(MOST_STEPS, WHOLE):
        for needs in _needs(job_types, env):
            several = needs.count is not None and needs.count > 1
            for situation in (*SITUATIONS, *(SECOND if several else ())):
                dataset = dataset_in(situation, needs.datasets, cast)
                made[dataset.alias] = dataset
    return list(made.values())


def _needs(job_types: Sequence[JobType], env: Mapping[str, str]) -> Iterator[Needs]:
    """Yield what goals need, beginning with nothing at all."""
    yield Needs()
    for job_type in job_types:
        for operation, actions in (
            (Operation.CREATE, job_type.on_create),
            (Operation.UPDATE, job_type.on_update),
        ):
            created = job_type.on_create if operation is Operation.UPDATE else ()
            for goal in goals_of(actions, operation, env, created):
                try:
                    needs = needs_of(goal.assignments, operation, job_type.name)
                except OutOfReach:
                    continue
                yield needs
                if not goal.refused and shows_datasets(actions):
                    yield from (each for _, each in dataset_variants(needs))
                if not goal.refused and shows_files(actions):
                    yield from (each for _, each in file_variants(needs))
