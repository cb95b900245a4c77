"""The facility of these tests: people, datasets, job types, and backends that serve them."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.broker import BrokerClient
from scicat_harness.embedded.inprocess import InProcess, InprocessReply

PEOPLE: dict[str, list[str]] = {
    "admin": ["staff"],
    "curator": ["curators", "g1"],
    "updater": ["updaters"],
    "both": ["curators", "updaters"],
    "deleter": ["deleters"],
    "user1": ["g1", "g5"],
    "user2": ["g2"],
    "almost": ["g11", "G1"],
    "fakeadmin": ["admin"],
    "loner": [],
}

ENVIRONMENT = {
    "JWT_SECRET": "secret",
    "ADMIN_GROUPS": "root, staff",
    "CREATE_JOB_PRIVILEGED_GROUPS": "curators",
    "UPDATE_JOB_PRIVILEGED_GROUPS": "updaters",
    "DELETE_JOB_GROUPS": "deleters",
    "DELETE_GROUPS": "deleters",
    "CREATE_DATASET_WITH_PID_GROUPS": "staff",
    "UPDATE_DATASET_LIFECYCLE_GROUPS": "updaters",
    "PID_PREFIX": "pre",
}

CREATE_AUTHS: dict[str, str | None] = {
    "all": "#all",
    "public": "#datasetPublic",
    "authenticated": "#authenticated",
    "access": "#datasetAccess",
    "owner": "#datasetOwner",
    "jobadmin": "#jobAdmin",
    "group": "@g1",
    "user": "user1",
    "bareGroup": "g1",
    "unknown": "#nonsense",
    "missing": None,
}

UPDATE_AUTHS: dict[str, str | None] = {
    "all": "#all",
    "ownerUser": "#jobOwnerUser",
    "ownerGroup": "#jobOwnerGroup",
    "jobadmin": "#jobAdmin",
    "group": "@g5",
    "user": "user1",
    "bareGroup": "g1",
    "unknown": "#nonsense",
    "missing": None,
}


def job_type(
    name: str,
    create: str | None = "#all",
    update: str | None = "#all",
    *,
    actions: Sequence[dict[str, Any]] = (),
    update_actions: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """One entry of a job configuration."""

    def operation(auth: str | None, listed: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {**({} if auth is None else {"auth": auth}), "actions": list(listed)}

    return {
        "jobType": name,
        "create": operation(create, actions),
        "update": operation(update, update_actions),
    }


def union() -> list[dict[str, Any]]:
    """One job type for each create and each update authorization."""
    creates = [job_type(f"c-{name}", create=auth) for name, auth in CREATE_AUTHS.items()]
    updates = [job_type(f"u-{name}", update=auth) for name, auth in UPDATE_AUTHS.items()]
    return [*creates, *updates]


@dataclass
class World:
    """A running backend, whoever calls it, and what it logged."""

    client: InProcess
    stream: io.StringIO
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> EmbeddedBackend:
        return self.client.backend

    @property
    def log(self) -> list[str]:
        """The logged texts with their contexts."""
        lines = self.stream.getvalue().splitlines()
        return [
            f"[{line.partition(' [')[2]}" if line.startswith("[Nest]") else line for line in lines
        ]

    def log_in(self, name: str) -> str:
        answer = self.client.ask("POST", "/api/v3/auth/login", {"username": name, "password": "pw"})
        token: str = answer.json["access_token"]
        return token

    def ask(
        self,
        name: str | None,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> InprocessReply:
        """A request by a person of the facility, anonymous for None."""
        sent = dict(headers or {})
        if name is not None:
            if name not in self.tokens:
                self.tokens[name] = self.log_in(name)
            sent["authorization"] = f"Bearer {self.tokens[name]}"
        return self.client.ask(method, path, body, query=query, headers=sent)

    def submit(self, name: str | None, type_: str, /, **body: Any) -> InprocessReply:
        """Create a v4 job; without ``jobParams`` they are empty."""
        return self.ask(name, "POST", "/api/v4/jobs", {"type": type_, "jobParams": {}, **body})

    def update(self, name: str | None, id_: str, /, **body: Any) -> InprocessReply:
        """Update a job with a new status and whatever else is given."""
        return self.ask(
            name,
            "PATCH",
            f"/api/v4/jobs/{id_}",
            {"statusCode": "s", "statusMessage": "m", **body},
        )

    def stored(self, type_: str = "u-all", /, **fields: Any) -> str:
        """The id of a job that an administrator created."""
        answer = self.submit("admin", type_, contactEmail="c@example.org", **fields)
        assert answer.status == 201, answer
        id_: str = answer.json["id"]
        return id_

    def listing(self, name: str | None, **filter_: Any) -> InprocessReply:
        """The v4 list under a filter."""
        return self.ask(name, "GET", "/api/v4/jobs", query={"filter": json.dumps(filter_)})

    def add_dataset(self, pid: str, group: str, **fields: Any) -> None:
        body = {
            "pid": pid,
            "type": "raw",
            "owner": "somebody",
            "ownerGroup": group,
            "contactEmail": "owner@example.org",
            "sourceFolder": "/data/raw",
            "creationTime": "2024-01-01T00:00:00Z",
            "datasetName": pid,
            **fields,
        }
        assert self.ask("admin", "POST", "/api/v4/datasets", body).status == 201

    def add_file(self, pid: str, path: str) -> None:
        file = {"path": path, "size": 1, "time": "2024-01-01T00:00:00Z"}
        body = {"datasetId": pid, "size": 1, "dataFileList": [file]}
        assert self.ask("admin", "POST", "/api/v3/origdatablocks", body).status == 201

    def add_datasets(self) -> None:
        """Own, shared with g1, published, and private datasets, with one file each."""
        self.add_dataset("D1", "g1")
        self.add_dataset("D2", "g2", accessGroups=["g1"])
        self.add_dataset("D3", "g3", isPublished=True)
        self.add_dataset("D4", "g4")
        for number in range(1, 5):
            self.add_file(f"D{number}", f"file{number}")


def datasets(*pids: str, files: Sequence[str] = ()) -> dict[str, Any]:
    """Job parameters that list datasets."""
    return {"datasetList": [{"pid": pid, "files": list(files)} for pid in pids]}


class Build(Protocol):
    """Starts a backend in this process."""

    def __call__(
        self,
        types: Sequence[dict[str, Any]] | None = None,
        *,
        defect: str | None = None,
        people: dict[str, list[str]] | None = None,
        broker: BrokerClient | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> World: ...
