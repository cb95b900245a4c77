"""The overlay over scicatlive: what Compose reads of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from scicat_harness.deploy.overlay import BackendFiles, overlay

LABELS = {"scicat-harness.run": "harness-1"}


def document(backend: BackendFiles, image: str | None = None) -> dict[str, Any]:
    """The overlay as Compose parses it."""
    found: dict[str, Any] = yaml.safe_load(overlay(LABELS, backend, image))
    return found


def test_everything_that_is_made_carries_the_labels() -> None:
    made = document(BackendFiles())
    services, networks, volumes = (made[each] for each in ("services", "networks", "volumes"))
    for each in (*services.values(), *networks.values(), *volumes.values()):
        assert each["labels"] == LABELS


def test_ports_are_random_ones_of_loopback() -> None:
    services = document(BackendFiles())["services"].values()
    assert [each["ports"] for each in services] == [
        ["127.0.0.1::3000"],
        ["127.0.0.1::27017"],
        ["127.0.0.1::5672"],
    ]


def test_a_backend_that_ends_is_not_started_again() -> None:
    services = document(BackendFiles())["services"].values()
    assert {each["restart"] for each in services} == {"no"}
    assert all(each["init"] is True for each in services)


def test_values_and_paths_are_not_interpolated() -> None:
    files = {"jobConfig.yaml": Path("/tmp/a$b/jobConfig.yaml")}
    backend = document(BackendFiles({"JWT_SECRET": "a$b"}, files))["services"]["backend"]
    assert backend["environment"] == {"JWT_SECRET": "a$$b"}
    assert backend["volumes"] == [
        {
            "type": "bind",
            "source": "/tmp/a$$b/jobConfig.yaml",
            "target": "/home/node/app/jobConfig.yaml",
            "read_only": True,
        }
    ]


def test_the_image_is_scicatlives_own_unless_one_is_given() -> None:
    assert "image" not in document(BackendFiles())["services"]["backend"]
    assert document(BackendFiles(), "scicat:x")["services"]["backend"]["image"] == "scicat:x"
