"""The datasets of a site in a backend: made by the janitor, and read as they are stored."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote

from scicat_harness.client.scicat import SciCat
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import Identity
from scicat_harness.model.site import Site

__all__ = ["DatasetRefused", "dataset_path", "make_dataset", "read_datasets"]

_CREATION_TIME = "2024-07-02T09:00:00.000Z"


class DatasetRefused(EnvironmentFault):
    """The backend refuses a dataset; the text has its reply."""


def make_dataset(client: SciCat, janitor: Identity, dataset: Dataset, pid: str) -> None:
    """Make a dataset with its files; raise DatasetRefused, or EnvironmentFault for its files."""
    body = {**dataset.body(pid), "creationTime": _CREATION_TIME}
    reply = client.send(janitor, "POST", "/api/v3/datasets", body=body)
    made = reply.json.get("pid") if isinstance(reply.json, dict) else None
    # A reply that names another dataset would lead later requests to that one.
    if reply.status != 201 or made != pid:
        raise DatasetRefused(f"the harness could not make a dataset: {reply.summary()}")
    if not dataset.files:
        return
    files = [{"path": path, "size": 1, "time": _CREATION_TIME} for path in dataset.files]
    block = {"datasetId": pid, "size": len(files), "dataFileList": files}
    reply = client.send(janitor, "POST", "/api/v3/origdatablocks", body=block)
    if reply.status != 201:
        raise EnvironmentFault(f"the harness could not add files: {reply.summary()}")


def dataset_path(pid: str) -> str:
    """Return the path of a dataset; the slash of its pid is encoded."""
    return f"/api/v3/datasets/{quote(pid, safe='')}"


def read_datasets(
    client: SciCat,
    janitor: Identity,
    site: Site,
    pids: Mapping[str, str],
    without: Container[str] = (),
) -> dict[str, dict[str, Any]]:
    """Return the documents of the datasets of a site by pid; ``pids`` maps aliases.

    ``without`` has aliases that were not made. Raises EnvironmentFault where one cannot be read.
    """
    found = {}
    for alias, dataset in site.datasets.items():
        if dataset.exists and alias not in without:
            reply = client.send(janitor, "GET", dataset_path(pids[alias]))
            if reply.status != 200 or not isinstance(reply.json, dict):
                raise EnvironmentFault(
                    f"the harness could not read a dataset that it made: {reply.summary()}"
                )
            found[pids[alias]] = reply.json
    return found
