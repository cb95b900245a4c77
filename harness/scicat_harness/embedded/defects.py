"""Defects: deliberate errors of the backend, at most one of them switched on.

Code that can be sabotaged asks ``defect("some.id")`` where it decides. :mod:`.sabotage` lists all
ids with a description. Without a selected defect every call returns False, and the backend follows
the specification.
"""

from dataclasses import dataclass

__all__ = ["Defect", "Defects"]


@dataclass(frozen=True, slots=True)
class Defect:
    """An entry of the catalogue: a permanent id, its family, and a description in one sentence."""

    id: str
    family: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Defects:
    """The selection of at most one defect.

    Example: ``Defects("list.leaks")("list.leaks")`` is True, ``Defects()("list.leaks")`` is False.
    """

    selected: str | None = None

    def __call__(self, id_: str) -> bool:
        """Return whether the defect with this id is selected."""
        return id_ == self.selected
