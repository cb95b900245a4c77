"""Levels: the extent of a conclusion in a certificate."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Level"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level: scenario modules that have to run, and rule tables that they have to cover.

    ``modules`` have names such as ``create/matrix``, ``tables`` are names of tables of the oracle.
    ``sentence`` describes the level. ``fixtures/levels.py`` defines the levels core and extended.
    """

    name: str
    sentence: str
    modules: frozenset[str]
    tables: frozenset[str]
