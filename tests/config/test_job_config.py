"""Job configurations in every dialect, and what is said of defective ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.config.jobconfig import (
    Dialect,
    config_version,
    job_config_yaml,
    read_job_config,
)
from scicat_harness.errors import UsageFault
from scicat_harness.model.jobtype import JobType

YAML = """\
configVersion: v1.0
jobs:
  - jobType: archive
    create:
      auth: "#all"
      actions: [{actionType: log}]
    update:
      auth: "@group5"
  - jobType: retrieve
    create: {}
    update: {}
"""
TYPES = (JobType("archive", "#all", "@group5"), JobType("retrieve", None, None))


def written(folder: Path, content: str | bytes, name: str = "jobConfig.yaml") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_yaml_is_read(tmp_path: Path) -> None:
    found = read_job_config(written(tmp_path, YAML))
    assert (found.version, found.dialect, found.job_types) == ("v1.0", Dialect.RELEASED, TYPES)


def test_json_of_the_seed_with_status_update_is_read(tmp_path: Path) -> None:
    document = {
        "configVersion": "v0",
        "jobs": [
            {"jobType": "archive", "create": {"auth": "#all"}, "statusUpdate": {"auth": "@group5"}}
        ],
    }
    found = read_job_config(written(tmp_path, json.dumps(document), "jobConfig.json"))
    assert found.dialect is Dialect.SEED
    assert found.job_types == TYPES[:1]


def test_update_counts_where_a_status_update_was_left_behind(tmp_path: Path) -> None:
    text = YAML.replace("    update: {}\n", "    update: {}\n    statusUpdate: {auth: '#all'}\n")
    found = read_job_config(written(tmp_path, text))
    assert (found.dialect, found.job_types) == (Dialect.RELEASED, TYPES)


def test_a_configuration_without_jobs_is_one(tmp_path: Path) -> None:
    found = read_job_config(written(tmp_path, "configVersion: a\njobs: []\n"))
    assert found.job_types == ()


DEFECTS = {
    "not-utf8": (b"configVersion: \xff\xfe", "UTF-8"),
    "syntax": ("configVersion: v1\njobs: [1,\n", "line 3, column 1"),
    "empty": ("", "(top level)"),
    "a-list": ("[]", "(top level)"),
    "no-version": ("jobs: []", "configVersion"),
    "number-as-version": ("configVersion: 1.0\njobs: []", "configVersion"),
    "jobs-not-a-list": ("configVersion: a\njobs: {}", "jobs"),
    "no-jobs": ("configVersion: a", "jobs"),
    "no-job-type": ("configVersion: a\njobs: [{create: {}, update: {}}]", "jobs.0.jobType"),
    "no-create": ("configVersion: a\njobs: [{jobType: t, update: {}}]", "jobs.0.create"),
    "create-null": (
        "configVersion: a\njobs: [{jobType: t, create: null, update: {}}]",
        "jobs.0.create",
    ),
    "no-update": ("configVersion: a\njobs: [{jobType: t, create: {}}]", "'update'"),
    "auth-a-list": (
        "configVersion: a\njobs: [{jobType: t, create: {auth: ['#all']}, update: {}}]",
        "jobs.0.create.auth",
    ),
    "duplicate": (
        "configVersion: a\njobs:\n- {jobType: t, create: {}, update: {}}\n"
        "- {jobType: t, create: {}, update: {}}\n",
        "jobs.1.jobType",
    ),
}


@pytest.mark.parametrize(("content", "named"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_one_usage_fault_that_names_file_and_key(
    content: str | bytes, named: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UsageFault) as fault:
        read_job_config(path)
    assert str(path) in str(fault.value)
    assert named in str(fault.value)


def test_the_value_that_was_found_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "configVersion: 1.0\njobs: []")
    with pytest.raises(UsageFault, match=r"found 1\.0"):
        read_job_config(path)


@pytest.mark.parametrize("name", ["missing.yaml", ""], ids=["missing-file", "directory"])
def test_a_path_that_is_no_file_is_a_usage_fault(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="cannot be read") as fault:
        read_job_config(tmp_path / name)
    assert str(tmp_path) in str(fault.value)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = read_job_config(written(tmp_path, job_config_yaml(TYPES)))
    assert found.job_types == TYPES
    assert found.version == config_version(TYPES)


@pytest.mark.parametrize(
    "changed",
    [
        (JobType("archive", "#all", "@group6"), TYPES[1]),
        (JobType("archive", None, "@group5"), TYPES[1]),
        (JobType("restore", "#all", "@group5"), TYPES[1]),
        TYPES[:1],
        TYPES[::-1],
    ],
    ids=["update-auth", "create-auth", "name", "fewer", "order"],
)
def test_the_fingerprint_changes_with_the_content(changed: tuple[JobType, ...]) -> None:
    assert config_version(changed) != config_version(TYPES)


def test_the_fingerprint_is_the_same_every_time() -> None:
    assert config_version(iter(TYPES)) == config_version(list(TYPES))
