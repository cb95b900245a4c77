"""The data file of a backend, and a restart over it with another configuration."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from scicat_harness.embedded.accounts import FunctionalAccount
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.saved import Saved
from scicat_harness.embedded.store import Store

from .facility import job_type


def test_everything_comes_back(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 1, 10, 20, 30, 123000, tzinfo=UTC)
    odd = {"$date": "no date", "$plain": [{"$date": 1}], "deep": {"$plain": {"$date": "x"}}}
    job = {"id": "J", "createdAt": moment, "jobParams": {"odd": odd, "l": [1.5, None, moment]}}
    store = Store({"J": job}, {"D": {"pid": "D"}}, {"D": [{"_id": "B", "size": 1}]})
    account = FunctionalAccount("i", "user", "u@x.org", "pw", ("g1", "g2"))
    path = tmp_path / "data.json"
    Saved(store, (account,)).write(path)
    assert Saved.load(path) == Saved(store, (account,))
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.json"]


def test_no_file_is_no_data(tmp_path: Path) -> None:
    assert Saved.load(tmp_path / "none") == Saved()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"accounts": [{}]}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(BootFailure, match="holds no data of an embedded backend"):
        Saved.load(path)


@contextmanager
def running(
    folder: Path, *types: str, named: str = "--data"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A backend with some job types that keeps its data in a file, which is named so or so."""
    jobs = [job_type(name) for name in types]
    (folder / "jobs.json").write_text(json.dumps({"configVersion": "1", "jobs": jobs}))
    people = [{"username": "admin", "email": "a@x.org", "password": "pw", "role": "staff"}]
    (folder / "accounts.json").write_text(json.dumps(people))
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "ADMIN_GROUPS": "staff",
        "JWT_SECRET": "secret",
        "JOB_CONFIGURATION_FILE": str(folder / "jobs.json"),
        "FUNCTIONAL_ACCOUNTS_FILE": str(folder / "accounts.json"),
    }
    command = [sys.executable, "-m", "scicat_harness.embedded", "--exit-with-stdin"]
    data = folder / "my data.json"
    if named == "--data":
        command += [named, str(data)]
    else:
        environment[named] = data.as_uri()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            announced = next(line for line in lines if "listening on port" in line)
            next(line for line in lines if "successfully started" in line)
            yield process, f"http://127.0.0.1:{announced.split()[-1]}/api"
        finally:
            process.kill()


def token(api: str) -> str:
    body = {"username": "admin", "password": "pw"}
    answer = requests.post(f"{api}/v3/auth/login", json=body, timeout=10)
    text: str = answer.json()["access_token"]
    return text


def read(api: str, bearer: str, path: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = requests.get(f"{api}/v4/jobs{path}", headers=headers, timeout=10)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("ending", "named"), [("stdin", "--data"), ("SIGTERM", "--data"), ("SIGTERM", "MONGODB_URI")]
)
def test_jobs_of_an_earlier_configuration(tmp_path: Path, ending: str, named: str) -> None:
    with running(tmp_path, "old", named=named) as (process, api):
        bearer = token(api)
        body = {"type": "old", "jobParams": {"x": 1}}
        job = requests.post(f"{api}/v4/jobs", json=body, timeout=10).json()
        if ending == "stdin":
            assert process.stdin is not None
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    with running(tmp_path, "new", named=named) as (_, api):
        assert read(api, bearer, "") == (200, [job])
        gone = {"status": 400, "message": "Invalid job type: old"}
        assert read(api, bearer, f"/{job['id']}") == (400, gone)


def test_a_crash_while_starting_shows_on_standard_error(tmp_path: Path) -> None:
    case = {"regex": "/(/", "actions": []}
    switch = {"actionType": "switch", "phase": "all", "property": "a", "cases": [case]}
    jobs = [job_type("t", actions=[switch])]
    (tmp_path / "jobs.json").write_text(json.dumps({"configVersion": "1", "jobs": jobs}))
    done = subprocess.run(
        [sys.executable, "-m", "scicat_harness.embedded"],
        env={"PATH": os.environ["PATH"], "JOB_CONFIGURATION_FILE": str(tmp_path / "jobs.json")},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("SyntaxError: Invalid regular expression: /(/")
    assert "ExceptionHandler" not in done.stdout


def test_unneeded_libraries_are_not_loaded() -> None:
    program = (
        "import sys; from scicat_harness.embedded.backend import EmbeddedBackend;"
        "import scicat_harness.embedded.server;"
        "EmbeddedBackend.boot({});"
        "print([x for x in ('pika', 'jsonschema', 'regress', 'smtplib') if x in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
