"""Log lines of forms that no known release writes."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.judge.loglines import unknown_lines
from scicat_harness.secrets import hide

_ID = "12cd140a-20bf-49fa-8286-d70cee9dfe94"


def line(text: str, level: str = "LOG", context: str = "") -> str:
    """A line as the logger of a backend writes it."""
    named = f"[{context}] {text}" if context else text
    return f"[Nest] 42  - 11/29/2026, 4:08:17 PM {level:>7} {named}\n"


STARTED = line("Nest application successfully started", context="NestApplication")
KNOWN = (
    line("Creating job", "DEBUG", "JobsController"),
    line(f"Deleting job with id {_ID}!"),
    line("updating job ", context=_ID),
    line('{"message":"no","statusCode":403}', "ERROR"),
    line("ForbiddenException: Unauthorized to get this job.", "ERROR"),
    "    at stack (file.js:1:1)\n",
    line("Executing error action [418]: not today", "ERROR"),
    line("whatever an action writes", context="LogJobAction"),
)


def found(tmp_path: Path, *lines: str) -> list[str]:
    log = tmp_path / "backend.log"
    log.write_text("".join(lines), encoding="utf-8")
    return list(unknown_lines(log))


def test_the_lines_of_known_releases_are_known(tmp_path: Path) -> None:
    assert found(tmp_path, STARTED, *KNOWN) == []


def test_a_start_may_log_anything(tmp_path: Path) -> None:
    assert found(tmp_path, line("something new", context="NewModule"), STARTED) == []


def test_lines_of_one_form_are_one_finding(tmp_path: Path) -> None:
    lines = [line(f"audit: user{n} asked for job {_ID}", context="Audit") for n in range(3)]
    assert found(tmp_path, STARTED, *lines) == [
        f"3 log lines of an unknown form, first: LOG [Audit] audit: user0 asked for job {_ID}"
    ]


def test_another_level_is_another_form(tmp_path: Path) -> None:
    (sentence,) = found(tmp_path, STARTED, line("Creating job", "ERROR", "JobsController"))
    assert sentence.startswith("1 log line of an unknown form, first: ERROR [JobsController]")


def test_a_flood_of_forms_is_cut(tmp_path: Path) -> None:
    letters = [chr(97 + n // 26) + chr(97 + n % 26) for n in range(30)]
    sentences = found(tmp_path, STARTED, *(line(f"form {each}") for each in letters))
    assert len(sentences) == 21
    assert sentences[-1] == "10 further unknown forms of log lines"


def test_a_secret_that_is_cut_is_hidden(tmp_path: Path) -> None:
    hide(secret := "s3cret-" * 30)
    (sentence,) = found(tmp_path, STARTED, line(f"token {secret}"))
    assert sentence.endswith("first: LOG token ***")
