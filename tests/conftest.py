"""What every test module has: a state folder that is not the user's, and no secrets of others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicat_harness import secrets

_SLOW = frozenset(
    line
    for line in Path(__file__).with_name("slow.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of slow.txt, and leave them out unless -m or the name of a test asks for them.

    An expression for -m in the configuration would make every run in a checkout a part of its
    profile.
    """
    slow = [each for each in items if _is_slow(each)]
    for each in slow:
        each.add_marker(pytest.mark.slow)
    if slow and not config.option.markexpr and not any("::" in each for each in config.args):
        config.hook.pytest_deselected(items=slow)
        items[:] = [each for each in items if each not in slow]


def _is_slow(item: pytest.Item) -> bool:
    return item.nodeid in _SLOW or item.nodeid.partition("::")[0] in _SLOW


@pytest.fixture(scope="module", autouse=True)
def state_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs that a test kills on purpose leave their notes there, and nobody is told of them."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="module", autouse=True)
def secrets_of_the_module() -> Iterator[None]:
    """A password that one module makes up is an ordinary word in the reports of the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_KNOWN", secrets._Known())
        yield
