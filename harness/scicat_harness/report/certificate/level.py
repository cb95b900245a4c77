"""Levels: how much a certificate speaks of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Level"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level names the scenario modules that have to run, and the tables whose rules they reach.

    ``modules`` are like ``create/matrix``, ``tables`` are names of tables of the oracle.
    """

    name: str
    sentence: str
    modules: frozenset[str]
    tables: frozenset[str]
