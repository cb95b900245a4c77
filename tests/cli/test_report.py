"""``scicat-harness report`` and ``certificate``: what they write, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ..report.folders import check, seen, write_run

Say = Callable[..., tuple[int, str]]
WRITTEN = {
    "html": "report.html",
    "markdown": "summary.md",
    "junit": "junit.xml",
    "json": "summary.json",
    "allure": "allure-results",
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_report_goes_where_the_run_would_have_written_it(
    form: str, say: Say, tmp_path: Path
) -> None:
    folder = write_run(tmp_path, check(seen()))
    assert say("report", folder, "--format", form) == (0, f"{folder / WRITTEN[form]}\n")
    assert (folder / WRITTEN[form]).exists()


@pytest.mark.parametrize("form", WRITTEN)
def test_a_report_goes_where_it_is_told_to(form: str, say: Say, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", check(seen()))
    code, _ = say("report", folder, "--format", form, "--output", tmp_path / "there")
    assert code == 0
    assert (tmp_path / "there").exists()
    assert [each.name for each in folder.iterdir()] == ["events.jsonl"]


def test_nothing_is_appended_to_the_summary_of_a_step(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    say("report", write_run(tmp_path, check(seen())), "--format", "markdown")
    assert not (tmp_path / "step.md").exists()


def test_earlier_runs_make_a_trend(say: Say, tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", check(seen()), backend_version="v4.20.2")
    folder = write_run(tmp_path / "b", check(seen()))
    code, _ = say("report", folder, "--earlier", before)
    assert code == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="trend"' in text
    assert "v4.20.2" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere",), 3, "events.jsonl: cannot be read (No such file or directory)"),
        (("run", "--earlier", "nowhere"), 3, "nowhere/events.jsonl: cannot be read"),
        (("run", "--format", "json", "--earlier", "run"), 3, "shows one run only"),
        (("run", "--render"), 3, "are for --format allure only"),
        (("run", "--output", "no/such/folder"), 2, "cannot be written (No such file"),
        (("run", "--format", "allure", "--render"), 2, "is not available here"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: tuple[str, ...],
    code: int,
    said: str,
    say: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_run(tmp_path / "run", check(seen()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    ended, text = say("report", *arguments)
    assert ended == code
    assert said in text
    assert "Traceback" not in text


def test_a_certificate_is_json_on_the_screen_or_a_file(say: Say, tmp_path: Path) -> None:
    folder = write_run(tmp_path, check(seen()))
    code, said = say("certificate", folder)
    assert code == 2
    assert [each["level"] for each in json.loads(said)["levels"]] == ["core", "extended"]
    code, said = say("certificate", folder, "--format", "html", "--output", tmp_path / "c.html")
    assert (code, said) == (2, "core: not proven\nextended: not proven\n")
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


def test_a_certificate_of_nothing_is_wrong_usage(say: Say, tmp_path: Path) -> None:
    code, said = say("certificate", tmp_path / "nowhere")
    assert code == 3
    assert "give a report folder of 'run'" in said
