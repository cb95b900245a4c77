"""The datasets of a job within its document, as the ``include`` of a filter requests them.

See specification: list.include. Datasets that the caller may not read are left out.
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
    """Return the job with the ``fields`` and ``include`` of a checked filter applied.

    ``datasets`` and ``all`` add the datasets, ``datasetDetails`` adds them with their relations
    under that name.
    """
    shown = projected(job, value.get("fields"))
    # Unknown names have passed the check of the filter, and add nothing.
    include = value.get("include") or []
    if not {"datasets", "datasetDetails", "all"}.intersection(map(str, include)):
        return shown
    datasets = shown_datasets(backend, caller, job)
    if "datasetDetails" in include:
        details = [{**dataset, **details_of(backend, caller, dataset)} for dataset in datasets]
        shown = {**shown, "datasetDetails": details}
    if not {"datasets", "all"}.intersection(map(str, include)):
        return shown
    fields = value.get("fields")
    paths = fields if isinstance(fields, list) else []
    # Dotted names project the datasets, unless "datasets" itself requests them whole.
    inner = [str(path) for path in paths if str(path).startswith("datasets.")]
    if inner and "datasets" not in paths:
        return {**shown, **projected({"datasets": datasets}, inner)}
    return {**shown, "datasets": datasets}


def shown_datasets(
    backend: EmbeddedBackend, caller: RequestCaller, job: Document
) -> list[Document]:
    """Return the datasets of a job that the caller may read, by ascending pid."""
    pids = ListedDatasets.stored(job.get("jobParams")).pids
    return [
        dataset
        for dataset in backend.store.find_datasets(pids)
        if may_read(backend, caller, dataset) or backend.defect("list.unreadable-datasets-shown")
    ]


def details_of(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> Document:
    """Return the relations of a dataset by name, those that the caller may read.

    ``datablocks`` and ``attachments`` are always empty: this backend stores only origdatablocks.
    """
    blocks = [
        each
        for each in backend.store.find_blocks([dataset["pid"]])
        if may_read(backend, caller, each) or backend.defect("list.files-of-datasets-shown")
    ]
    return {name: blocks if name == "origdatablocks" else [] for name in _DETAILS}
