"""One process of sinks for all tests of a worker; every test has tokens of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from scicat_harness.deploy.sinks import start_sinks
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks

RUN = "harness-0123abcd"
_NUMBERS = count()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared sinks keep their files."""
    return tmp_path_factory.mktemp("sinks")


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[SinksAddress]:
    """The shared sinks."""
    children = Children()
    try:
        yield start_sinks(folder, RUN, children)
    finally:
        children.close()


@pytest.fixture
def sinks(address: SinksAddress) -> Iterator[Sinks]:
    """A client of the shared sinks."""
    with Sinks(address) as client:
        yield client


@pytest.fixture
def mint() -> Callable[[], str]:
    """Makes tokens that no other test has, later ones greater."""
    return lambda: f"{RUN}-main-{next(_NUMBERS):07d}"


@pytest.fixture
def token(mint: Callable[[], str]) -> str:
    """A token of this test's own."""
    return mint()
