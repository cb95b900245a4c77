"""Hooks of the plugin that a display of a run implements."""

from __future__ import annotations

__all__ = ["pytest_scicat_judging", "pytest_scicat_stage"]


def pytest_scicat_judging(what: str) -> None:
    """Called before anything is started, with what is judged, as part of a sentence."""


def pytest_scicat_stage(stage: str) -> None:
    """Called when a stage of the start begins, such as ``backends``."""
