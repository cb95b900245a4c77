"""How a backend is told to be wrong in one way, and where it asks whether it is.

A decision that can be sabotaged asks ``defect("some.id")`` at its place; the ids, with what each
does, are listed in :mod:`.sabotage`. Without a selected defect every question is
answered no, and the backend is right.
"""

from dataclasses import dataclass

__all__ = ["Defect", "Defects"]


@dataclass(frozen=True, slots=True)
class Defect:
    """One way of being wrong: a permanent id, the family of its decision, and one sentence."""

    id: str
    family: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Defects:
    """The selected defect, if any; calling it asks for one by its id."""

    selected: str | None = None

    def __call__(self, id_: str) -> bool:
        """Whether this defect is the selected one."""
        return id_ == self.selected
