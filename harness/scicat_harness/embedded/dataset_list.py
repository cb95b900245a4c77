"""The dataset list of a job: check its shape, its datasets and its files.

See specification: create.dataset-list. The rights of the caller play no role here.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import crash, dataset_list_failure, denial
from scicat_harness.embedded.javascript import as_text, stringify
from scicat_harness.embedded.store import DEFAULT_LIMIT

__all__ = ["ListedDatasets"]

_UNKNOWN = {"unknownValue": "an unknown value was passed to the validate function"}


@dataclass(frozen=True, slots=True)
class ListedDatasets:
    """The listed pids in their order, and the listed files of each; no files means all."""

    pids: tuple[str, ...] = ()
    files: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def check(cls, backend: EmbeddedBackend, value: object) -> "ListedDatasets":
        """Return the checked value of ``jobParams.datasetList``.

        Raises HttpFailure: 422 of shape A for no list, an empty list and unknown pids, 422 of shape
        C for malformed items and unknown files, 500 for null as an item.
        """
        defect = backend.defect
        if not isinstance(value, list):
            if defect("datasets.list.malformed-accepted"):
                return cls()
            raise denial(422, "Invalid dataset list.")
        if not value and not defect("datasets.list.empty-accepted"):
            status = 403 if defect("status.empty-list-403") else 422
            raise denial(status, "List of passed datasets is empty.")
        errors = [error for item in value for error in _item_errors(item)]
        if errors and defect("datasets.list.malformed-accepted"):
            return cls()
        if errors:
            raise dataset_list_failure("Invalid dataset list.", stringify(errors))
        listed = cls(
            tuple(item["pid"] for item in value), tuple(tuple(item["files"]) for item in value)
        )
        listed._check_pids(backend)
        listed._check_files(backend)
        return listed

    @classmethod
    def stored(cls, params: object) -> "ListedDatasets":
        """Return the dataset list in the ``jobParams`` of a stored job, without its files.

        It was checked at the create; anything malformed is left out.
        """
        value = params.get("datasetList") if isinstance(params, dict) else None
        items = value if isinstance(value, list) else []
        return cls(tuple(as_text(item.get("pid")) for item in items if isinstance(item, dict)))

    def _check_pids(self, backend: EmbeddedBackend) -> None:
        found = {dataset["pid"] for dataset in backend.store.find_datasets(self.pids)}
        # In the order of the list; datasets beyond the first 100 found count as missing.
        missing = [pid for pid in self.pids if pid not in found]
        if missing and not backend.defect("datasets.list.missing-pid-accepted"):
            raise denial(422, f"Datasets with pid {','.join(missing)} do not exist.")

    def _check_files(self, backend: EmbeddedBackend) -> None:
        # No files means all files of a dataset, so there is nothing to look up.
        wanted = {pid: files for pid, files in zip(self.pids, self.files, strict=True) if files}
        existing: dict[str, set[str]] = {pid: set() for pid in wanted}
        # The limit is that of the query: files in the 101st block do not exist for this check.
        blocks = list(backend.store.find_blocks(wanted))[:DEFAULT_LIMIT]
        for block in blocks:
            paths = {entry["path"] for entry in block["dataFileList"]}
            existing[block["datasetId"]] |= paths
        if backend.defect("datasets.list.files-of-any-dataset-accepted"):
            everything = set().union(*existing.values())
            existing = dict.fromkeys(existing, everything)
        absent = [
            {"pid": pid, "nonExistFiles": [file for file in files if file not in existing[pid]]}
            for pid, files in wanted.items()
            if not existing[pid].issuperset(files)
        ]
        if absent and not backend.defect("datasets.list.missing-file-accepted"):
            raise dataset_list_failure(
                "At least one requested file could not be found.", stringify(absent)
            )

    def check_repetition(self, backend: EmbeddedBackend) -> None:
        """Raise 404 if a pid is listed twice (specification: create.steps, step 8)."""
        repeated = len(set(self.pids)) < len(self.pids)
        if repeated and not backend.defect("datasets.list.repeated-pid-accepted"):
            raise denial(404, f"Unable to get a dataset. ({stringify(self.pids)})")


def _item_errors(item: Any) -> list[dict[str, Any]]:
    # The validator of the real backend fails on null instead of reporting it.
    if item is None:
        raise crash()
    # Texts, numbers and lists get one common error without a property.
    if not isinstance(item, dict):
        return [{"constraints": _UNKNOWN}]
    errors = [
        _error(key, {"whitelistValidation": f"property {key} should not exist"})
        for key in item
        if key not in ("pid", "files")
    ]
    pid = item.get("pid")
    constraints: dict[str, str] = {}
    if pid is None or pid == "":
        constraints["isNotEmpty"] = "pid should not be empty"
    if not isinstance(pid, str):
        constraints["isString"] = "pid must be a string"
    errors.append(_error("pid", constraints))
    errors.append(_error("files", _file_constraints(item.get("files"))))
    return [error for error in errors if error["constraints"]]


def _file_constraints(files: object) -> dict[str, str]:
    constraints: dict[str, str] = {}
    values = files if isinstance(files, list) else [files]
    if not all(isinstance(value, str) for value in values):
        constraints["isString"] = "each value in files must be a string"
    if not isinstance(files, list):
        constraints["isArray"] = "files must be an array"
    return constraints


def _error(property_: str, constraints: dict[str, str]) -> dict[str, Any]:
    return {"property": property_, "constraints": constraints}
