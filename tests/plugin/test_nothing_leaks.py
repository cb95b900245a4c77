"""No planted secret is on the terminal, in the list of processes, or in a child's variables."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ..facility.setup import PASSWORDS, facility_in
from .runs import GONE, children_of, events, harness, started, wait_for

PLANTED = "planted-hunter-22"


@pytest.mark.parametrize(
    "token", [f"{PLANTED}\nX-Evil: 1", f"{PLANTED}\r", f"a {PLANTED}", f"{PLANTED}\u00e9"]
)
def test_a_token_that_cannot_be_sent_is_not_shown(token: str, tmp_path: Path) -> None:
    accounts = [{"username": "janitor", "token": token}]
    (tmp_path / "accounts.json").write_text(json.dumps(accounts), encoding="utf-8")
    given = ("--deployment=external", "--url=http://127.0.0.1:1", "--accounts=accounts.json")
    run = harness("run", "--profile=smoke", *given, cwd=tmp_path)
    assert run.code == 3, run.output
    assert run.says("the token of 'janitor'", "copy it again")
    assert PLANTED not in run.output


@pytest.mark.parametrize("url", [f"http://user:{PLANTED}@127.0.0.1:1", f"http://{PLANTED}@[::1"])
def test_credentials_in_an_address_are_not_shown(url: str, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('[{"username": "janitor", "token": "t"}]')
    facility = facility_in(tmp_path)
    facility.write(url)
    commands = (
        ("run", "--deployment=external", f"--url={url}", "--accounts=accounts.json"),
        ("verify", "--facility", facility.file, "--instance"),
        ("clean", "harness-0123abcd", f"--url={url}", "--accounts=accounts.json"),
    )
    for arguments in commands:
        run = harness(*arguments, cwd=tmp_path, environment=PASSWORDS)
        assert run.code == 3, run.output
        assert PLANTED not in run.output


@pytest.mark.parametrize("query", ["", "?authSource=admin"])
def test_credentials_of_a_database_are_not_shown(query: str, tmp_path: Path) -> None:
    backend = tmp_path / "backend"
    (backend / "dist").mkdir(parents=True)
    (backend / "node_modules").mkdir()
    (backend / "dist" / "main.js").touch()
    uri = f"mongodb://user:{PLANTED}@127.0.0.1:1/admin{query}"
    run = harness(
        *("run", "--profile=smoke", "--deployment=process", "--broker=embedded"),
        *(f"--backend-dir={backend}", "--report-dir=report"),
        cwd=tmp_path,
        environment={"SCICAT_HARNESS_MONGO_URI": uri},
    )
    assert run.code == 2, run.output
    assert PLANTED not in run.output


def test_children_know_nothing_of_it(tmp_path: Path) -> None:
    """Neither the list of processes nor the variables of what a run starts."""
    arguments = ("run", "--profile=smoke", "--only=denied", "-n0", "--report-dir=report")
    seen: list[str] = []
    with started(*arguments, cwd=tmp_path, environment=PASSWORDS) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        for process in children_of(run):
            with suppress(psutil.NoSuchProcess):
                seen += [*process.cmdline(), *process.environ().values()]
        output, _ = run.communicate(timeout=GONE)
    assert seen
    told = "\n".join([*seen, output])
    assert [each for each in PASSWORDS.values() if each in told] == []
