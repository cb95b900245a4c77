"""JSONPaths: their syntax, checked by jsonpath-plus, and the names they begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scicat_harness.javascript import EngineFault
from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["first_names", "syntax_findings"]

_STEP = re.compile(r"""\.?([A-Za-z_][\w-]*)|\[(\*|\d+)\]|\[(['"])(.*?)\3\]""")
# Paths that jsonpath-plus reads without fail, so that most need no engine.
_SIMPLE = re.compile(r"^\$?(?:\.?[\w-]+|\[(?:\*|\d+)\])*$")


def first_names(path: str) -> tuple[str, ...]:
    """Return the steps of a path as far as they are names, indices or ``*``.

    A filter, script, slice or ``..`` ends them::

        first_names("$.datasets[*]['pid']")  # ("datasets", "*", "pid")
        first_names("request..type")  # ("request",)
    """
    # The backend takes paths with and without the root sign.
    rest = path[1:] if path.startswith("$") else path
    names: list[str] = []
    while rest and not rest.startswith(".."):
        found = _STEP.match(rest)
        if found is None:
            break
        names.append(next(each for each in (found[1], found[2], found[4]) if each is not None))
        rest = rest[found.end() :]
    return tuple(names)


def syntax_findings(
    subject: LintSubject, path: str, where: KeyPath, about: str, *, key: bool = False
) -> Iterator[Finding]:
    """Yield a finding ``path.syntax`` if jsonpath-plus cannot read the path.

    A path of names and indices needs no engine. Without an engine any other is not verifiable.
    """
    if _SIMPLE.match(path):
        return
    engine = subject.engine_for("JSONPaths with filters or scripts")
    if engine is None:
        return
    try:
        problem = engine.compile_path(path)
    except EngineFault as fault:
        subject.not_verifiable(f"{about}: the JSONPath", fault)
        return
    if problem:
        # The first line names the error.
        sentence = f"jsonpath-plus cannot use '{path}': {problem.splitlines()[0]}"
        yield subject.at("path.syntax", where, sentence, about=about, key=key)
