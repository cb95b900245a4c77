"""Shards: the checks of a run divided among several runs, on several machines.

``run --shard 2/3`` makes every third check, beginning with the second. ``report --merge`` makes one
run of the report folders of all shards.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import pytest

from scicat_harness.errors import UsageFault

__all__ = ["Shard", "Sharding"]

_FORM = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)
_COLLECTION = "scicat_collection"
"""The key of ``workeroutput`` with the fingerprint of the checks of all shards."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run: ``number`` counts from 1 to ``total``."""

    number: int
    total: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard of a text such as ``2/3``; raise UsageFault for any other text."""
        found = _FORM.fullmatch(text)
        shard = cls(int(found[1]), int(found[2])) if found is not None else cls(0, 0)
        if not 1 <= shard.number <= shard.total:
            raise UsageFault(f"--shard {text!r}: give a number and how many there are, such as 2/3")
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    def has(self, index: int) -> bool:
        """Return whether the check at an index of the collection belongs to the shard."""
        return index % self.total == self.number - 1


class Sharding:
    """Keeps the checks of one shard.

    ``collection`` is a fingerprint of the checks of all shards, "" until it is known: shards of
    different checks are no parts of one run.
    """

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.collection = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep every n-th check, in the usual order."""
        names = "\n".join(each.nodeid for each in items)
        self.collection = hashlib.sha256(names.encode()).hexdigest()
        # Checks that start backends take seconds each, so they are dealt out by themselves.
        starting = [each for each in items if "own_backends" in getattr(each, "fixturenames", ())]
        first = set(map(id, starting))
        others = [each for each in items if id(each) not in first]
        kept = {
            id(each)
            for group in (starting, others)
            for index, each in enumerate(group)
            if self.shard.has(index)
        }
        config.hook.pytest_deselected(items=[each for each in items if id(each) not in kept])
        items[:] = [each for each in items if id(each) in kept]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Pass the fingerprint from a worker to its controller, which collects nothing."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_COLLECTION] = self.collection

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take the fingerprint of a worker; all workers have the same."""
        del error
        # A worker that crashed has no output.
        output = getattr(node, "workeroutput", None) or {}
        self.collection = output.get(_COLLECTION, self.collection)
