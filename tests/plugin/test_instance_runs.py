"""A running instance: looked at without a trace, written to within limits, cleaned up after."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..facility.recording import recording
from ..facility.setup import PASSWORDS, Facility, facility_in
from .runs import GONE, Run, events, harness, started, wait_for

WRITING = ("--instance", "--allow-writes", "--report-dir=report")


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Facility:
    return facility_in(tmp_path_factory.mktemp("facility"))


@pytest.fixture(scope="module")
def url(facility: Facility) -> Iterator[str]:
    with facility.running() as address:
        yield address


def verify(facility: Facility, *arguments: str, cwd: Path) -> Run:
    return harness(
        "verify", "--facility", facility.file, *arguments, cwd=cwd, environment=PASSWORDS
    )


def test_it_is_looked_at_and_nothing_is_written(
    facility: Facility, url: str, tmp_path: Path
) -> None:
    with recording(url) as (proxy, asked):
        facility.write(proxy)
        run = verify(facility, "--instance", cwd=tmp_path)
    assert run.code == 0, run.output
    login = ("POST", "/api/v3/auth/login")
    assert login in asked
    assert {each for each in asked if each[0] != "GET"} == {login}
    assert run.says("looked at only", "datasets: ", "root: admin, cleaners", "alice: a")
    assert run.says("call, create, everything: its url actions reach others")
    assert facility.left_in(url) == (0, 0)
    assert list(tmp_path.iterdir()) == []


def test_it_is_judged_and_nothing_of_it_is_left(
    facility: Facility, url: str, tmp_path: Path
) -> None:
    facility.write(url)
    run = verify(facility, *WRITING, cwd=tmp_path)
    assert run.code == 0, run.output
    assert run.says("its effects go to destinations that are not observed"), run.output
    assert len(events(tmp_path / "report", "check")) > 30
    assert facility.left_in(url) == (0, 0)
    for path in (tmp_path / "report").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not any(password in text for password in PASSWORDS.values()), path


def test_a_run_that_fails_leaves_nothing(facility: Facility, url: str, tmp_path: Path) -> None:
    facility.write(url)
    # Held against what an older release does, refusals have other statuses.
    run = verify(facility, *WRITING, "--release=v5.0.1", cwd=tmp_path)
    assert run.code == 1, run.output
    assert facility.left_in(url) == (0, 0)


def test_a_release_that_was_never_observed_is_said_to_be(
    facility: Facility, url: str, tmp_path: Path
) -> None:
    facility.write(url)
    run = verify(facility, *WRITING, "--release=v5.2.2", cwd=tmp_path)
    sentence = "v5.2.2 was never observed: judged by the rules of v5.2.1"
    assert run.code == 0, run.output
    assert run.output.count(sentence) == 1
    (begun,) = events(tmp_path / "report", "started")
    assert begun["unobserved"] == sentence
    for name in ("summary.json", "summary.md", "report.html"):
        assert sentence in (tmp_path / "report" / name).read_text(encoding="utf-8"), name


def test_a_run_that_is_interrupted_leaves_nothing(
    facility: Facility, url: str, tmp_path: Path
) -> None:
    facility.write(url)
    arguments = ("verify", "--facility", facility.file, *WRITING)
    with started(*arguments, cwd=tmp_path, environment=PASSWORDS) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=GONE)
    assert run.returncode == 2, output
    assert "Traceback" not in output
    assert facility.left_in(url) == (0, 0)


def test_what_a_killed_run_leaves_is_removed_by_its_name(
    facility: Facility, url: str, tmp_path: Path
) -> None:
    facility.write(url)
    arguments = ("verify", "--facility", facility.file, *WRITING)
    with started(*arguments, cwd=tmp_path, environment=PASSWORDS) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=GONE)
    (begun,) = events(tmp_path / "report", "started")
    assert facility.left_in(url) != (0, 0)
    cleaning = ("clean", begun["run"], "--facility", facility.file)
    cleaned = harness(*cleaning, cwd=tmp_path, environment=PASSWORDS)
    assert cleaned.code == 0, cleaned.output
    assert cleaned.says(f"nothing of {begun['run']} is left")
    assert facility.left_in(url) == (0, 0)
    again = harness(*cleaning, cwd=tmp_path, environment=PASSWORDS)
    assert again.code == 3, again.output
    assert again.says("no list of objects that it made")


def test_more_than_the_limits_is_not_begun(facility: Facility, url: str, tmp_path: Path) -> None:
    facility.write(url, limits={"jobs": 3})
    run = verify(facility, *WRITING, cwd=tmp_path)
    assert run.code == 3, run.output
    assert run.says("instance.limits.jobs is 3")
    assert facility.left_in(url) == (0, 0)


def test_a_run_ends_with_its_time(facility: Facility, url: str, tmp_path: Path) -> None:
    facility.write(url, limits={"jobs": 300, "requests_per_second": 1000, "seconds": 0.01})
    run = verify(facility, *WRITING, cwd=tmp_path)
    assert run.code == 2, run.output
    assert facility.left_in(url) == (0, 0)


def test_groups_that_are_otherwise_are_told(facility: Facility, url: str, tmp_path: Path) -> None:
    people = [
        {"name": "alice", "groups": ["b"], "password": {"env": "ALICE"}},
        {"name": "root", "groups": ["admin", "cleaners"], "password": {"env": "ROOT"}},
    ]
    facility.write(url, people=people)
    run = verify(facility, "--instance", cwd=tmp_path)
    assert run.code == 2, run.output
    assert run.says("people: alice is in ['a'], the facility file says ['b']")


def test_nobody_answers_and_a_secret_is_missing(facility: Facility, tmp_path: Path) -> None:
    facility.write("http://127.0.0.1:1")
    run = verify(facility, "--instance", cwd=tmp_path)
    assert run.code == 2, run.output
    assert run.says("http://127.0.0.1:1")
    missing = harness("verify", "--facility", facility.file, "--instance", cwd=tmp_path)
    assert missing.code == 3, missing.output
    assert missing.says("the environment variable ALICE is not set")


@pytest.mark.parametrize("name", ["everything", "harness-1", "*"])
def test_only_a_run_is_cleaned_up(name: str, facility: Facility, tmp_path: Path) -> None:
    run = harness("clean", name, "--facility", facility.file, cwd=tmp_path, environment=PASSWORDS)
    assert run.code == 3, run.output
    assert run.says("is not the name of a run")
