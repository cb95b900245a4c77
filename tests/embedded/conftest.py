"""Fixtures of the embedded backend's tests."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.embedded import genuine
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.broker import BrokerClient
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.genuine import GENUINE
from scicat_harness.embedded.inprocess import InProcess
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.javascript import Missing, find_engine

from .facility import ENVIRONMENT, PEOPLE, Build, World, union
from .sinks import HttpSink, MailSink


@pytest.fixture
def without_libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without the JavaScript libraries."""
    GENUINE.close()
    monkeypatch.setattr(genuine, "find_engine", lambda: Missing("there is no Node"))
    yield
    GENUINE.close()


@pytest.fixture(scope="session")
def libraries() -> None:
    """The JavaScript libraries; skips where they are missing."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)


@pytest.fixture(scope="module")
def http_sink() -> Iterator[HttpSink]:
    """An HTTP server that keeps what it was asked."""
    with HttpSink() as sink:
        yield sink


@pytest.fixture(scope="module")
def mail_sink() -> Iterator[MailSink]:
    """An SMTP server that keeps what it was handed."""
    with MailSink() as sink:
        yield sink


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Start backends; all of them are closed after the test."""
    with ExitStack() as stack:

        def start(
            types: Sequence[dict[str, Any]] | None = None,
            *,
            defect: str | None = None,
            people: dict[str, list[str]] | None = None,
            broker: BrokerClient | None = None,
            environment: Mapping[str, str] | None = None,
        ) -> World:
            config = {"configVersion": "v1", "jobs": union() if types is None else list(types)}
            (tmp_path / "jobs.json").write_text(json.dumps(config))
            accounts = [
                {"username": name, "email": f"{name}@example.org", "password": "pw", "role": roles}
                for name, roles in (people or PEOPLE).items()
            ]
            (tmp_path / "accounts.json").write_text(json.dumps(accounts))
            files = {
                "JOB_CONFIGURATION_FILE": str(tmp_path / "jobs.json"),
                "FUNCTIONAL_ACCOUNTS_FILE": str(tmp_path / "accounts.json"),
            }
            stream = io.StringIO()
            settings = {**ENVIRONMENT, **files, **(environment or {})}
            backend = EmbeddedBackend.boot(
                settings, Defects(defect), NestLog(stream), broker=broker
            )
            return World(stack.enter_context(InProcess(backend)), stream)

        yield start


@pytest.fixture
def world(build: Build) -> World:
    """A right backend with all authorizations and four datasets."""
    ready = build()
    ready.add_datasets()
    return ready
