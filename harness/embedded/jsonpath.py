"""Plain JSONPath: dotted names, ``[name]``, ``[0]`` and the wildcard ``[*]`` or ``*``.

Reads section 7.9. Anything beyond (``..``, filters, slices, unions, parents) is refused when the
backend starts, since its meaning differs between implementations.
"""

import re
from dataclasses import dataclass
from typing import Any

from harness.embedded.failures import BootFailure

__all__ = ["JsonPath"]

_STEP = re.compile(
    r"""\.?(?:
        \[(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[\w$-]+|\*))\]
        | (?P<name>[^.\[\]()?@^~,:`'"]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path; ``*`` among its steps is the wildcard."""

    text: str
    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "JsonPath":
        """The path of a text; raises BootFailure for what is not supported."""
        position = 1 if re.match(r"\$(?=[.\[]|$)", text) else 0
        steps: list[str] = []
        while position < len(text):
            step = _STEP.match(text, position)
            if step is None or text.startswith("..", position):
                raise BootFailure(
                    f"Error: the embedded backend supports plain JSONPath only, not '{text}'"
                )
            steps.append(next(group for group in step.groups() if group is not None))
            position = step.end()
        return cls(text, tuple(steps))

    def select(self, root: object) -> list[Any]:
        """The values that the path finds; null is a value."""
        found = [root]
        for step in self.steps:
            found = [value for node in found for value in _children(node, step)]
        return found


def _children(node: object, step: str) -> list[Any]:
    if isinstance(node, dict):
        if step == "*":
            return list(node.values())
        return [node[step]] if step in node else []
    if isinstance(node, list):
        if step == "*":
            return list(node)
        return [node[int(step)]] if step.isdecimal() and int(step) < len(node) else []
    return []
