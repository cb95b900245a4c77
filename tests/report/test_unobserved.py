"""A run of a release that was never observed says so in every report, and again when stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..cli.conftest import Say, say
from .folders import check, page_of_run, run_of, seen, write_run

__all__ = ["say"]

SENTENCE = "v5.2.2 was never observed: judged by the rules of v5.2.1"
OTHER = "an earlier list of releases did not have v5.2.2"


@pytest.fixture
def unobserved(tmp_path: Path) -> Path:
    """A run of v5.2.2."""
    folder = tmp_path / "run"
    return write_run(folder, check(seen()), backend_version="v5.2.2", unobserved=SENTENCE)


@pytest.mark.parametrize(
    ("form", "name", "shown"),
    [
        ("json", "summary.json", f'"unobserved": "{SENTENCE}"'),
        ("markdown", "summary.md", f"**{SENTENCE}.**"),
        ("html", "report.html", f"<strong>{SENTENCE}.</strong>"),
        ("junit", "junit.xml", f'name="unobserved" value="{SENTENCE}"'),
        ("allure", "allure-results/environment.properties", f"unobserved={SENTENCE}"),
    ],
)
def test_every_report_says_so(form: str, name: str, shown: str, unobserved: Path, say: Say) -> None:
    assert say("report", unobserved, "--format", form)[0] == 0
    assert shown in (unobserved / name).read_text(encoding="utf-8")


def test_the_certificate_has_a_finding(unobserved: Path, say: Say) -> None:
    code, said = say("certificate", unobserved)
    assert code == 2
    for level in json.loads(said)["levels"]:
        assert level["conclusion"] == "not proven"
        assert {"kind": "unobserved", "sentence": SENTENCE, "count": 1, "examples": []} in level[
            "findings"
        ]
    code, said = say("certificate", unobserved, "--format", "html")
    assert code == 2
    assert SENTENCE in said


def test_a_difference_warns_of_it(unobserved: Path, tmp_path: Path, say: Say) -> None:
    usual = write_run(tmp_path / "usual", check(seen()), backend_version="v5.2.1")
    _, said = say("diff", usual, unobserved, "--format", "json")
    told = json.loads(said)
    assert f"B: {SENTENCE}" in told["warnings"]
    assert (told["a"]["unobserved"], told["b"]["unobserved"]) == (None, SENTENCE)


def test_what_was_said_then_is_said_again(tmp_path: Path) -> None:
    told = run_of(tmp_path, backend_version="v5.2.1", unobserved=OTHER)
    assert told.summary.unobserved == OTHER
    assert OTHER in page_of_run(tmp_path)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("v5.2.1", None),
        ("v5.2.2", SENTENCE),
        ("?", "'?' is no release: nothing of it was observed"),
    ],
)
def test_a_folder_of_an_earlier_version_opens(
    version: str, sentence: str | None, tmp_path: Path
) -> None:
    assert run_of(tmp_path, backend_version=version).summary.unobserved == sentence
