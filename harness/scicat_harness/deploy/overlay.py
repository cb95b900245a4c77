"""The overlay: one Compose file that a run adds to an unmodified checkout of scicatlive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

__all__ = ["FOLDER", "BackendFiles", "overlay"]

_LOOPBACK = "127.0.0.1"
FOLDER = PurePosixPath("/home/node/app")
"""The working folder of scicatlive's backend."""


@dataclass(frozen=True, slots=True)
class BackendFiles:
    """The environment and the files that the backend is started with.

    ``files`` are mounted read-only into ``FOLDER``, under the names that are their keys.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Path] = field(default_factory=dict)


def overlay(labels: Mapping[str, str], backend: BackendFiles, image: str | None = None) -> str:
    """Return YAML for ``docker compose -f scicatlive/compose.yaml -f OVERLAY``.

    Every port is published on a random loopback port. Health is checked every second or two
    instead of twice a minute. A backend that ends is not restarted, which would hide the reason.
    ``image`` replaces the image of the backend.
    """
    service: dict[str, Any] = {
        **_service(labels, 3000),
        "environment": {name: _literal(value) for name, value in backend.environment.items()},
        "volumes": [
            {
                "type": "bind",
                "source": _literal(str(path)),
                "target": str(FOLDER / name),
                "read_only": True,
            }
            for name, path in backend.files.items()
        ],
        # -Y off: no proxy, whatever the environment of the container says.
        "healthcheck": _health("wget --spider -q -Y off http://127.0.0.1:3000/api/v3/health"),
        "depends_on": {"mongodb": {"condition": "service_healthy"}},
    }
    if image is not None:
        service["image"] = image
    document = {
        "services": {
            "backend": service,
            "mongodb": {
                **_service(labels, 27017),
                "healthcheck": _health('mongosh --quiet --eval "db.runCommand({ping:1})"'),
            },
            "rabbitmq": {
                **_service(labels, 5672),
                "healthcheck": _health("rabbitmq-diagnostics -q check_port_listener 5672", 2),
            },
        },
        # Labelled, so that they are found and removed with the run.
        "networks": {"default": {"labels": dict(labels)}},
        "volumes": {
            name: {"labels": dict(labels)}
            for name in ("backendv4_mongodb_data", "backendv4_rabbitmq_data")
        },
    }
    return yaml.safe_dump(document, sort_keys=False)


def _service(labels: Mapping[str, str], port: int) -> dict[str, Any]:
    return {
        # Node as the first process ignores SIGTERM: every stop would take the whole grace period.
        "init": True,
        "stop_grace_period": "3s",
        "restart": "no",
        "labels": dict(labels),
        "ports": [f"{_LOOPBACK}::{port}"],
    }


def _health(test: str, interval: int = 1) -> dict[str, Any]:
    return {
        "test": test,
        "interval": f"{interval}s",
        "timeout": "10s",
        "start_period": "90s",
        "retries": 30,
    }


def _literal(value: str) -> str:
    """Return a value as Compose reads it literally: a single dollar begins a variable."""
    return value.replace("$", "$$")
