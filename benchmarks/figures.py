"""Figures of the code: how far one check reaches, and how the code reads.

    python benchmarks/figures.py [CHECKOUT ...]

prints a table with one column for each checkout (by default this one). Lines are those of Python
files of the product (harness, fixtures, scenarios) without blank ones; lines of code are those of
them with a statement, that is without comments and docstrings. YAML rows are counted apart.
The files that a check passes are those of the product whose functions are called from its first
request to its judgement, in a run of that check alone; the checkout must be installed in the
environment of ``CHECKOUT/.venv``, or in the one that runs this.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import statistics
import subprocess
import sys
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

DEADLINE = 120.0
PRODUCT = ("harness", "fixtures", "scenarios")
CHECKS = {
    "files of a create check": (
        "scenarios/create/test_pinned.py::test_create",
        "owner-of-all-datasets",
    ),
    "files of a mail check": (
        "scenarios/actions/test_email.py::test_mail",
        "create-mails.plain-to-one-recipient",
    ),
}
_PLUGIN = """
import sys, threading, pytest
from pathlib import Path
seen = set()
def note(frame, event, arg):
    if event == "call":
        seen.add(frame.f_code.co_filename)
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    sys.setprofile(note)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
def pytest_sessionfinish(session):
    root = Path(session.config.rootpath).resolve()
    inside = {str(Path(name).resolve().relative_to(root)) for name in seen
              if name.endswith(".py") and Path(name).resolve().is_relative_to(root)}
    ours = [name for name in inside if name.split("/")[0] in ("harness", "fixtures", "scenarios")]
    print("FILES", len(ours))
"""


def files(root: Path) -> Iterator[Path]:
    """The Python files of the product; what is linked is counted where it is."""
    for folder in PRODUCT:
        for path in sorted((root / folder).rglob("*.py")):
            inside = path.relative_to(root)
            linked = any((root / parent).is_symlink() for parent in inside.parents)
            if "__pycache__" not in path.parts and not linked:
                yield path


def documented(node: ast.AST) -> Iterator[ast.AST]:
    """Public functions, methods and classes below a node."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if not child.name.startswith("_"):
                yield child
            if isinstance(child, ast.ClassDef):
                yield from documented(child)


def code_lines(text: str, tree: ast.AST) -> int:
    """The number of lines with a token that is neither a comment nor part of a docstring."""
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        # Attributes have docstrings, too: any text that stands alone.
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            docstrings.update(range(value.lineno, (value.end_lineno or value.lineno) + 1))
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in layout and token.type != tokenize.ENDMARKER:
            found.update(range(token.start[0], token.end[0] + 1))
    return len(found - docstrings)


def figures(root: Path) -> dict[str, str]:
    """Every figure of a checkout that can be read off its files."""
    lines, modules, functions, comments, long, public = 0, [], [], 0, 0, 0
    names: dict[str, int] = defaultdict(int)
    told = code = 0
    for path in files(root):
        text = path.read_text(encoding="utf-8")
        count = sum(bool(line.strip()) for line in text.splitlines())
        lines += count
        modules.append(len(text.splitlines()))
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments += sum(token.type == tokenize.COMMENT for token in tokens)
        told += len(re.findall(r"\b(?:told|tells?|untold)\b", text, re.IGNORECASE))
        tree = ast.parse(text)
        code += code_lines(text, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names[node.name] += 1
        for each in documented(tree):
            docstring = ast.get_docstring(each)  # type: ignore[arg-type]
            if docstring:
                public += 1
                long += "\n" in docstring
    rows = [*(root / "scenarios").rglob("*.yaml")]
    return {
        "lines of Python, product": f"{lines:,}",
        "lines of code": f"{code:,}",
        "modules": str(len(modules)),
        "lines of YAML rows": f"{sum(len(p.read_text().splitlines()) for p in rows):,}",
        "module median / max": f"{statistics.median(modules):g} / {max(modules)}",
        "function median / max": f"{statistics.median(functions):g} / {max(functions)}",
        "comments per 100 lines": f"{100 * comments / lines:.1f}",
        "docstrings beyond a line": f"{100 * long / public:.0f} %",
        "public class names in several modules": str(sum(n > 1 for n in names.values())),
        "told, tell, tells": str(told),
    }


def reached(root: Path, test: str, keyword: str) -> str:
    """How many files of the product one check passes."""
    own = root / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "files_of_a_check.py").write_text(_PLUGIN, encoding="utf-8")
        done = subprocess.run(
            [
                *(python, "-m", "pytest", "-q", "-s", "-p", "files_of_a_check", test),
                *("-k", keyword, f"--report-dir={folder}/report"),
            ],
            cwd=root,
            env={"PYTHONPATH": folder, "PATH": "/usr/bin:/bin", "HOME": folder},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )
    found = re.search(r"FILES (\d+)", done.stdout)
    return found[1] if found else f"(no figure: exit code {done.returncode})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Print figures of the code of checkouts.")
    parser.add_argument("checkout", nargs="*", type=Path, default=[Path(__file__).parents[1]])
    roots = [each.resolve() for each in parser.parse_args().checkout]
    for root in roots:
        if not any(files(root)):
            parser.error(f"{root} is no checkout of this project: it has no modules of the product")
    columns = []
    for root in roots:
        found = figures(root)
        found |= {name: reached(root, *check) for name, check in CHECKS.items()}
        columns.append(found)
    width = max(len(name) for name in columns[0])
    for name in columns[0]:
        print(f"{name:<{width}}", *(f"{column[name]:>20}" for column in columns))


if __name__ == "__main__":
    main()
