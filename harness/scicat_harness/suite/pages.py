"""The tables of the documentation that are written from the code: rules, lint rules, deviations.

``python -m scicat_harness.suite.pages docs`` writes them anew. A page keeps the text around a
table, which stands between two comments::

    <!-- table: lint-rules -->
    ...
    <!-- end of table -->

A test compares the pages with the code, so that they cannot differ.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.deviations.actions import ACTION_DEVIATIONS
from scicat_harness.fixtures.deviations.failures import FAILURE_DEVIATIONS
from scicat_harness.fixtures.deviations.kinds import KIND_DEVIATIONS
from scicat_harness.fixtures.deviations.lives import LIFE_DEVIATIONS
from scicat_harness.fixtures.deviations.starts import START_DEVIATIONS
from scicat_harness.fixtures.deviations.texts import TEXT_DEVIATIONS
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.judge.ledger import Deviation
from scicat_harness.lint import RULES
from scicat_harness.oracle.predict import TABLES
from scicat_harness.oracle.rule import Rule, RuleTable

__all__ = ["PAGES", "main", "with_tables"]

PAGES = ("deviations.md", "lint.md", "rules.md")
_MARKED = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end of table -->\n)", re.DOTALL)
# What Markdown, or HTML within it, would take for markup.
_MARKUP = re.compile(r"[\\|*_`]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UPSTREAM = re.compile(r"https://github\.com/SciCatProject/([\w-]+)/(?:pull|issues)/(\d+)")


def with_tables(page: str) -> str:
    """Return the text of a page with its tables as the code has them now.

    Raises UsageFault for a table that is not known.
    """

    def table(found: re.Match[str]) -> str:
        name = found[2]
        if name not in _TABLES:
            raise UsageFault(f"no table is called {name!r}; use one of {', '.join(_TABLES)}")
        return f"{found[1]}\n{_TABLES[name]()}\n{found[3]}"

    return _MARKED.sub(table, page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables of all pages in the given folder; return the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1:
        print("usage: python -m scicat_harness.suite.pages FOLDER", file=sys.stderr)
        return 3
    for name in PAGES:
        path = Path(given[0]) / name
        try:
            path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
        except OSError as error:
            print(f"{path}: {error.strerror}; name the folder of the pages", file=sys.stderr)
            return 3
        except UsageFault as fault:
            print(f"{path}: {fault}", file=sys.stderr)
            return 3
    return 0


def _table(head: str, rows: Iterable[Sequence[str]]) -> str:
    names = head.split(", ")
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(text: str) -> str:
    """Return a text as a cell shows it, without any markup."""
    shown = "".join(_ENTITIES.get(char, char) for char in text)
    return _MARKUP.sub(r"\\\g<0>", shown)


def _code(text: str) -> str:
    """Return a text as code; a backtick within needs more of them around."""
    fence = "``" if "`" in text else "`"
    blank = " " if "`" in text else ""
    # A bar ends a cell also within code.
    return f"{fence}{blank}{text}{blank}{fence}".replace("|", "\\|")


def _lint_rules() -> str:
    return _table(
        "rule, severity, what, fix, source",
        (
            (
                _code(rule.id),
                f"{rule.severity}, stops" if rule.stops else str(rule.severity),
                _text(rule.about),
                _text(rule.fix),
                _text(rule.source),
            )
            for rule in RULES.values()
        ),
    )


def _rules() -> str:
    parts = (
        f"## {table.name}\n\n" + _table("rule, what, releases, source", _rule_rows(table))
        for table in TABLES
    )
    return "\n".join(parts)


def _rule_rows(table: RuleTable[Any, Any]) -> Iterator[Sequence[str]]:
    for rule in table.rules:
        yield _code(rule.id), _text(rule.sentence), _holds(rule), _text(rule.source)


def _holds(rule: Rule[Any, Any]) -> str:
    reading = f", {rule.reading} only" if rule.reading is not None else ""
    return f"{_releases(str(rule.releases))}{reading}"


def _deviations(entries: Iterable[Deviation]) -> Callable[[], str]:
    return lambda: _table(
        "id, severity, releases, documented, observed, to reproduce, upstream",
        map(_deviation_row, entries),
    )


def _deviation_row(entry: Deviation) -> Sequence[str]:
    return (
        _code(entry.id),
        str(entry.severity),
        _releases(str(entry.releases)),
        _text(entry.promise),
        _text(entry.behaviour),
        _code(entry.reproduction),
        _link(entry.link),
    )


def _releases(shown: str) -> str:
    return "all" if shown == "all releases" else shown


def _link(link: str) -> str:
    found = _UPSTREAM.match(link)
    name = f"{found[1]}#{found[2]}" if found else link
    return f"[{name}]({link})" if link else ""


_TABLES: Mapping[str, Callable[[], str]] = {
    "deviations-actions": _deviations(
        (*ACTION_DEVIATIONS, *FAILURE_DEVIATIONS, *KIND_DEVIATIONS, *TEXT_DEVIATIONS)
    ),
    "deviations-authorization": _deviations(
        [each for each in LEDGER.entries if each.about == "authorization"]
    ),
    "deviations-lives": _deviations(LIFE_DEVIATIONS),
    "deviations-starts": _deviations(START_DEVIATIONS),
    "lint-rules": _lint_rules,
    "rules": _rules,
}


if __name__ == "__main__":
    sys.exit(main())
