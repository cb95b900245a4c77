"""Tables of defects: an id, a sentence, and the function that does the damage."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from scicat_harness.embedded.defects import Defect, Defects

__all__ = ["Table"]

F = TypeVar("F", covariant=True)


class Table(Generic[F]):
    """The defects of one family, each with a function.

    @STATE.add("state.read-touches-the-job", "Reading a job changes when it was updated.")
    def _(handled: Handled) -> None: ...
    """

    def __init__(self, family: str) -> None:
        self._family = family
        self._found: dict[str, tuple[str, F]] = {}

    def add(self, id_: str, sentence: str) -> Callable[[F], F]:
        """Return a decorator that adds a function under this id."""

        def added(function: F) -> F:  # type: ignore[misc]
            self._found[id_] = (sentence, function)
            return function

        return added

    def selected(self, defect: Defects) -> F | None:
        """Return the function of the selected defect; None if it is none of this table."""
        found = self._found.get(defect.selected or "")
        return None if found is None else found[1]

    def entries(self) -> Iterator[Defect]:
        """Yield the entries for the catalogue."""
        for id_, (sentence, _) in self._found.items():
            yield Defect(id_, self._family, sentence)
