"""The datasets of a job as a part of what is shown of it.

See specification: list.include. Dataset documents, as far as the caller may read them, with
their file lists when details are asked for.
"""

from collections.abc import Mapping
from typing import Any

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.dataset_list import ListedDatasets
from scicat_harness.embedded.dataset_rules import may_read
from scicat_harness.embedded.listing import projected
from scicat_harness.embedded.store import Document

__all__ = ["details_of", "shown_datasets", "with_relations"]

_DETAILS = ("origdatablocks", "datablocks", "attachments")


def with_relations(
    backend: EmbeddedBackend, caller: RequestCaller, job: Document, value: Mapping[str, Any]
) -> Document:
    """A job as a filter wants it: projected, and with its datasets if they are included."""
    shown = projected(job, value.get("fields"))
    include = value.get("include") or []
    if not {"datasets", "datasetDetails", "all"}.intersection(map(str, include)):
        return shown
    datasets = shown_datasets(backend, caller, job)
    if "datasetDetails" in include:
        datasets = [{**dataset, **details_of(backend, dataset)} for dataset in datasets]
    fields = value.get("fields")
    paths = fields if isinstance(fields, list) else []
    inner = [str(path) for path in paths if str(path).startswith("datasets.")]
    if inner and "datasets" not in paths:
        return {**shown, **projected({"datasets": datasets}, inner)}
    return {**shown, "datasets": datasets}


def shown_datasets(
    backend: EmbeddedBackend, caller: RequestCaller, job: Document
) -> list[Document]:
    """The datasets of a job that the caller may read."""
    pids = ListedDatasets.stored(job.get("jobParams")).pids
    return [
        dataset
        for dataset in backend.store.find_datasets(pids)
        if may_read(backend, caller, dataset)
    ]


def details_of(backend: EmbeddedBackend, dataset: Document) -> Document:
    """The relations of a dataset; only file lists exist in this backend."""
    blocks = list(backend.store.find_blocks([dataset["pid"]]))
    return {name: blocks if name == "origdatablocks" else [] for name in _DETAILS}
