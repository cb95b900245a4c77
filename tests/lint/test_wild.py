"""Real configurations: the verdict of the real loader on each, and that fixing helps.

The folder is named by ``SCICAT_HARNESS_WILD_CONFIGS``; its ``index.tsv`` holds the verdict with
RabbitMQ enabled and disabled, taken where the mail templates existed, and template errors that
showed later.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import Installation, Report, lint
from scicat_harness.lint.fixing import fixed

VARIABLE = "SCICAT_HARNESS_WILD_CONFIGS"
DIALECTS = (
    "dialect.status-update", "dialect.switch-scope", "dialect.perform-job",
    "dialect.top-level-list", "dialect.body-template", "dialect.inline-broker",
    "start.operation-missing",
)  # fmt: skip


@pytest.fixture
def folder() -> Path:
    """The folder of real configurations."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} names no folder of real job configurations")
    return Path(named)


def rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "index.tsv").open(newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def with_bodies(file: Path, folder: Path) -> Path:
    """A folder in which the mail templates of a configuration are."""
    for name in re.findall(r'bodyTemplateFile"?: *"?([^\s",]+)', file.read_text()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def verdict(report: Report) -> str:
    if report.verdict.starts:
        jobs = lint_types(report)
        return f"BOOT {jobs} types"
    message = re.sub(r"^(?:Type)?Error: ", "", report.verdict.message)
    return "FAIL " + message.replace(str(report.file), report.file.name)


def lint_types(report: Report) -> int:
    return len(re.findall(r"jobType\"?: ", report.file.read_text()))


def test_verdicts_are_those_of_the_real_loader(
    folder: Path, engine: JavaScriptEngine, tmp_path: Path
) -> None:
    differing: dict[str, tuple[str, ...]] = {}
    for row in rows(folder):
        file = folder / row["file"]
        bodies = with_bodies(file, tmp_path)
        enabled, disabled = (
            lint(file, Installation(broker=broker, templates=bodies, engine=engine))
            for broker in (True, False)
        )
        _, _, _, on, off, late = row.values()
        # The index cuts long messages short.
        if not (verdict(enabled).startswith(on) and verdict(disabled).startswith(off)):
            differing[file.name] = verdict(enabled), verdict(disabled)
        syntax = [each.sentence for each in enabled.findings if each.rule == "template.syntax"]
        if bool(syntax) != bool(late.strip()):
            differing[file.name] = late, *syntax
    assert differing == {}


def test_what_is_mended_starts(folder: Path, engine: JavaScriptEngine, tmp_path: Path) -> None:
    fixed_all = 0
    for row in rows(folder):
        file = tmp_path / row["file"]
        file.write_text((folder / row["file"]).read_text())
        installation = Installation(
            broker=True, templates=with_bodies(file, tmp_path), engine=engine
        )
        before = lint(file, installation)
        if before.verdict.starts:
            continue
        assert {each.rule for each in before.findings if each.stops} <= set(DIALECTS), file.name
        result, _ = fixed(file, installation)
        comments = [line for line in result.before.splitlines() if line.lstrip().startswith("#")]
        assert [line for line in comments if line not in result.after.splitlines()] == []
        file.write_text(result.after)
        after = lint(file, installation)
        assert after.verdict.message == "", file.name
        assert [each for each in after.findings if each.rule in DIALECTS] == []
        fixed_all += 1
    assert fixed_all > 0
