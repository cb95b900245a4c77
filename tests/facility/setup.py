"""A small facility: its files, and a running instance of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from scicat_harness.deploy.readiness import wait_healthy

__all__ = ["PASSWORDS", "Facility", "facility_in"]

PASSWORDS = {"ALICE": "alices-password", "ROOT": "roots-password"}
_ENV = {
    "ADMIN_GROUPS": "admin",
    "DELETE_JOB_GROUPS": "cleaners",
    "DELETE_GROUPS": "cleaners",
    "CREATE_DATASET_GROUPS": "#all",
    "CREATE_DATASET_PRIVILEGED_GROUPS": "cleaners",
    "CREATE_DATASET_WITH_PID_GROUPS": "cleaners",
    "RABBITMQ_ENABLED": "no",
    "JWT_SECRET": "a-secret-of-the-facility",
}
_JOBS: list[dict[str, Any]] = [
    {
        "jobType": "archive",
        "create": {
            "auth": "#datasetOwner",
            "actions": [
                {
                    "actionType": "validate",
                    "datasets": {"datasetlifecycle.archivable": {"const": True}},
                }
            ],
        },
        "update": {
            "auth": "@archivers",
            "actions": [
                {
                    "actionType": "switch",
                    "phase": "perform",
                    "property": "job.statusCode",
                    "cases": [
                        {"regex": "/^done/", "actions": [{"actionType": "log"}]},
                        {"actions": []},
                    ],
                }
            ],
        },
    },
    {
        "jobType": "call",
        "create": {
            "auth": "#all",
            "actions": [
                {"actionType": "url", "url": "http://archiver.example/new", "method": "POST"}
            ],
        },
        "update": {"auth": "#jobOwnerUser"},
    },
]


@dataclass(frozen=True, slots=True)
class Facility:
    """Its files, all in one folder."""

    folder: Path

    @property
    def config(self) -> str:
        """The job configuration."""
        return str(self.folder / "jobConfig.yaml")

    @property
    def file(self) -> str:
        """The facility file."""
        return str(self.folder / "facility.yaml")

    def write(self, url: str = "http://127.0.0.1:1", **instance: Any) -> None:
        """Write the facility file, with an instance at this address."""
        people = [
            {"name": "alice", "groups": ["a"], "password": {"env": "ALICE"}},
            {
                "name": "root",
                "groups": ["admin", "cleaners"],
                "kind": "admin",
                "password": {"env": "ROOT"},
            },
        ]
        limits = {"jobs": 300, "requests_per_second": 1000}
        usual = {"url": url, "people": people, "janitor": "root", "limits": limits}
        content = {
            "facility": "a small one",
            "files": {"job_config": "jobConfig.yaml", "env": "env", "accounts": "accounts.json"},
            "instance": {**usual, "job_types": ["archive", "call"], **instance},
        }
        Path(self.file).write_text(yaml.safe_dump(content), encoding="utf-8")

    @contextmanager
    def running(self) -> Iterator[str]:
        """The address of a backend that somebody else started with its files."""
        files = {
            "FUNCTIONAL_ACCOUNTS_FILE": str(self.folder / "accounts.json"),
            "JOB_CONFIGURATION_FILE": self.config,
        }
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.listen()
            url = f"http://127.0.0.1:{sock.getsockname()[1]}"
            command = [sys.executable, "-m", "scicat_harness.embedded", "--fd", str(sock.fileno())]
            with subprocess.Popen(
                command,
                pass_fds=[sock.fileno()],
                env={**_inherited(), **_ENV, **files},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as process:
                try:
                    wait_healthy(url, deadline=30)
                    yield url
                finally:
                    process.kill()

    def left_in(self, url: str) -> tuple[int, int]:
        """How many jobs and datasets a running instance has."""
        login = {"username": "root", "password": PASSWORDS["ROOT"]}
        reply = requests.post(f"{url}/api/v3/auth/login", json=login, timeout=10)
        headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        where = json.dumps({"where": {"ownerGroup": {"$exists": True}}})
        jobs = requests.get(f"{url}/api/v4/jobs", headers=headers, timeout=10).json()
        datasets = requests.get(
            f"{url}/api/v3/datasets", params={"filter": where}, headers=headers, timeout=10
        )
        found = datasets.json() if datasets.status_code == 200 else []
        return len(jobs), len(found)


def facility_in(folder: Path, jobs: list[dict[str, Any]] | None = None) -> Facility:
    """The files of one, with other job types if given."""
    made = Facility(folder)
    document = {"configVersion": "v1", "jobs": jobs if jobs is not None else _JOBS}
    Path(made.config).write_text(yaml.safe_dump(document), encoding="utf-8")
    accounts = [
        _account("alice", PASSWORDS["ALICE"], ["a"]),
        _account("root", PASSWORDS["ROOT"], ["admin", "cleaners"]),
    ]
    (folder / "accounts.json").write_text(json.dumps(accounts), encoding="utf-8")
    lines = "".join(f"{name}={value}\n" for name, value in _ENV.items())
    (folder / "env").write_text(f"# of the backend\n{lines}", encoding="utf-8")
    made.write()
    return made


def _account(name: str, password: str, groups: list[str]) -> Mapping[str, Any]:
    return {
        "username": name,
        "email": f"{name}@facility.example",
        "password": password,
        "role": groups,
        "global": False,
    }


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
