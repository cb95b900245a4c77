"""The embedded backend is a reading of its own: it imports no part of the harness that judges."""

import ast
from pathlib import Path

import scicat_harness.embedded

SOURCES = Path(scicat_harness.embedded.__path__[0])


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def test_no_other_package_of_the_harness() -> None:
    paths = list(SOURCES.rglob("*.py"))
    assert paths
    for path in paths:
        foreign = {
            name
            for name in imported(path)
            if name.split(".")[0] == "scicat_harness"
            # The JavaScript libraries are the real backend's, and judge nothing.
            and not name.startswith(("scicat_harness.embedded", "scicat_harness.javascript"))
        }
        assert not foreign, f"{path.name} imports {foreign}"


def test_modules_are_short_and_documented() -> None:
    for path in SOURCES.rglob("*.py"):
        text = path.read_text()
        assert ast.get_docstring(ast.parse(text)), path
        assert len(text.splitlines()) <= 300, path
