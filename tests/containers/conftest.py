"""The engine, and the images a CI run has built (`.ci/run`); without them these tests skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scicat_harness.deploy.engine import ContainerEngine
from scicat_harness.errors import EnvironmentFault

from .engine import Given


@pytest.fixture(scope="session")
def engine() -> Iterator[ContainerEngine]:
    """A connection to the engine."""
    try:
        made = ContainerEngine()
    except EnvironmentFault as error:
        pytest.skip(str(error))
    with closing(made):
        yield made


@pytest.fixture
def given(engine: ContainerEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """What runs are told, with their temporary files below this test's folder."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return Given(
        engine,
        tmp_path,
        backend=_named("SCICAT_CI_BACKEND_IMAGE", engine),
        rabbitmq=_named("SCICAT_CI_RABBITMQ_IMAGE", engine),
    )


def _named(variable: str, engine: ContainerEngine) -> str:
    """The image a variable names, which must be here."""
    reference = os.environ.get(variable)
    if not reference:
        pytest.skip(f"{variable} names no image")
    return engine.image(reference, variable).reference
