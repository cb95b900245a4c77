"""Each test of this folder begins without a facility that was read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scicat_harness.oracle.paths import follow_further_by


@pytest.fixture(autouse=True)
def nothing_follows_further() -> Iterator[None]:
    """Paths are followed by the oracle's own library until a facility is read."""
    follow_further_by(None)
    yield
    follow_further_by(None)
