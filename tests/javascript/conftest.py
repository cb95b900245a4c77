"""One engine for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scicat_harness.javascript import JavaScriptEngine, Missing, find_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[JavaScriptEngine]:
    """The engine of this machine; skips where there is none."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found:
        yield found
