"""What cannot start on containers: one clear message, exit code 2, nothing left."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from .engine import Given

pytestmark = pytest.mark.needs_docker

NOWHERE = "127.0.0.1:1/scicat/backend:v0"
"""A registry that refuses at once."""
LAST_WORDS = "Invalid job configuration: jobs must be array"


@pytest.mark.parametrize(
    ("option", "what"),
    [("--backend-image", "backend"), ("--mongo-image", "mongo"), ("--rabbitmq-image", "rabbitmq")],
)
def test_an_image_that_is_not_there(option: str, what: str, given: Given) -> None:
    images: dict[str, Any] = {what: NOWHERE}
    ended = replace(given, **images).fail()
    assert ended.code == 2, ended.output
    assert f"{option} {NOWHERE}: the image is not here and cannot be pulled" in ended.output
    assert "Traceback" not in ended.output
    assert given.left_by(ended.process) == []
    assert given.folders() == []


@contextmanager
def image_that_says(words: str, given: Given) -> Iterator[str]:
    """The backend's image, but it says something and ends with 1."""
    name = f"scicat-harness-test-{secrets.token_hex(4)}"
    program = f"import sys; sys.exit({words!r})"
    container = given.engine.client.containers.create(given.backend)
    try:
        changes = [f"ENTRYPOINT {_exec('python', '-c', program)}", "CMD []"]
        container.commit(name, changes=changes)
    finally:
        container.remove(force=True, v=True)
    try:
        yield f"{name}:latest"
    finally:
        given.engine.client.images.remove(f"{name}:latest")


def _exec(*words: str) -> str:
    return "[" + ", ".join(f'"{each}"' for each in words) + "]"


def test_a_backend_that_ends_at_start(given: Given) -> None:
    with image_that_says(LAST_WORDS, given) as image:
        ended = replace(given, backend=image).fail("--broker=embedded", "--only=denied")
        assert ended.code == 2, ended.output
        assert f"the backend container {image} ended with exit code 1" in ended.output
        assert f"| {LAST_WORDS}" in ended.output
        assert "Traceback" not in ended.output
        assert given.left_by(ended.process) == []
        assert given.folders() == []
