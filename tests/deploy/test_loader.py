"""The loader process: a checkout that it cannot load with is not used, and fails no check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scicat_harness.deploy.loader import Loader

ANSWERS = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"], "loaded": %s, "output": ""}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def loader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Loader]:
    """A loader whose process runs a given program."""
    with closing(Loader([sys.executable, "-c", request.param], {}, tmp_path / "work")) as loader:
        yield loader


@pytest.mark.parametrize(
    ("loader", "usable"),
    [(ANSWERS % "True", True), (ANSWERS % "False", False), ("raise SystemExit(1)", False)],
    ids=["loads", "refuses", "ends"],
    indirect=["loader"],
)
def test_a_loader_is_used_if_it_takes_a_configuration_without_job_types(
    loader: Loader, usable: bool
) -> None:
    assert loader.usable() is usable
