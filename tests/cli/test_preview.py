"""preview: what a configuration sends, to whom, as text, page and snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scicat_harness.cli.main import main
from scicat_harness.facility.facility import load_facility
from scicat_harness.javascript import Missing, find_engine

CONFIGURATION = """\
configVersion: "4"
jobs:
- jobType: archive
  create:
    auth: "#datasetOwner"
    actions:
    - {actionType: url, url: "https://archiver.example/new?id={{{job.id}}}", method: POST}
    - {actionType: rabbitmq, exchange: jobs, queue: q, key: k}
  update:
    auth: "#jobOwnerUser"
    actions:
    - actionType: switch
      phase: perform
      property: job.statusCode
      cases:
      - regex: "/^finished/"
        actions:
        - {actionType: email, to: "{{job.contactEmail}}", from: a@b.example, subject: SUBJECT,
           bodyTemplateFile: mail.html}
"""
SUBJECT = "'{{#if (eq job.statusCode \"finishedWell\")}}All is well{{else}}An error{{/if}}'"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs preview on a configuration in an empty folder; exit code and output."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    monkeypatch.chdir(tmp_path)
    Path("jobConfig.yaml").write_text(CONFIGURATION.replace("SUBJECT", SUBJECT), "utf-8")
    Path("mail.html").write_text("<p style='color: red'>Job {{job.id}}</p>", "utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        # Another process would read the files again.
        load_facility.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main(["preview", "jobConfig.yaml", *arguments])
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    return run


def test_every_route_and_both_texts(say: Say) -> None:
    code, out = say()
    assert code == 0
    # The address of the site, not that of a sink.
    assert "call: POST https://archiver.example/new?id=3c9a1f5e-" in out
    assert "message: jobs with key k" in out
    assert "mail: An error" in out
    assert "mail: All is well" in out
    assert "update archive as harness-owner: statusCode finishedWell" in out
    assert "    to: contact@elsewhere.example" in out
    assert "nothing is sent" in out


def test_the_page_lays_mails_out(say: Say) -> None:
    code, out = say("--format", "html")
    assert code == 0
    assert 'srcdoc="&lt;meta http-equiv=' in out
    assert "color: red" in out
    assert "All is well" in out


def test_a_snapshot_shows_what_changed(say: Say) -> None:
    code, out = say("--snapshot", "golden")
    assert (code, Path("golden").is_dir()) == (0, True)
    assert "cases written to golden" in out
    assert say("--snapshot", "golden")[0] == 0
    Path("mail.html").write_text("<p>Job {{job.id}} of {{job.ownerUser}}</p>", "utf-8")
    code, out = say("--snapshot", "golden")
    assert code == 1
    assert "-    | <p style='color: red'>Job 3c9a1f5e-" in out
    assert "+    | <p>Job 3c9a1f5e-" in out
    assert say("--snapshot", "golden", "--update")[0] == 0
    assert say("--snapshot", "golden")[0] == 0


def test_update_needs_a_snapshot(say: Say) -> None:
    assert say("--update")[0] == 3


def test_files_that_are_not_of_a_snapshot_stay(say: Say) -> None:
    assert say("--snapshot", "golden")[0] == 0
    notes = Path("golden/notes.txt")
    notes.write_text("create a list as soon as possible\n", "utf-8")
    before = sorted(Path("golden").iterdir())
    assert say("--snapshot", "golden")[0] == 0
    renamed = Path("jobConfig.yaml").read_text("utf-8").replace("archive", "retrieve")
    Path("jobConfig.yaml").write_text(renamed, "utf-8")
    assert say("--snapshot", "golden", "--update")[0] == 0
    # Those of the job type that is gone were ours.
    assert [each for each in before if each.exists()] == [notes]


def test_a_snapshot_that_is_a_file_is_refused(say: Say) -> None:
    assert say("--snapshot", "mail.html")[0] == 3


@pytest.mark.parametrize("form", ["text", "html"])
def test_secrets_of_headers_are_left_out(say: Say, form: str) -> None:
    with_headers = CONFIGURATION.replace(
        "method: POST", "method: POST, headers: {Authorization: Bearer abc123, X-Api-Key: def456}"
    )
    Path("jobConfig.yaml").write_text(with_headers.replace("SUBJECT", SUBJECT), "utf-8")
    code, out = say("--format", form)
    assert code == 0
    assert "***" in out
    assert "abc123" not in out
    assert "def456" not in out


def test_sample_values_are_those_of_the_facility_file(say: Say) -> None:
    Path("mail.html").write_text("<p>{{#each datasets}}{{this.datasetName}}{{/each}}</p>", "utf-8")
    Path("facility.yaml").write_text(
        "facility: f\nfiles: {job_config: jobConfig.yaml}\n"
        "samples: {id: JOB-1, contactEmail: alice@uni.example, dataset: {datasetName: My scan}}\n",
        "utf-8",
    )
    code, out = say("--facility", "facility.yaml")
    assert code == 0
    assert "new?id=JOB-1" in out
    assert "    to: alice@uni.example" in out
    assert "| <p>My scan</p>" in out
    # A sample is no condition of a case.
    assert "dataset datasetName" not in out


def test_job_types_that_differ_in_special_characters_have_files_of_their_own(say: Say) -> None:
    lines = CONFIGURATION.replace("SUBJECT", SUBJECT)
    entry = lines.partition("jobs:\n")[2]
    both = lines.replace("jobType: archive", "jobType: a/b") + entry.replace(
        "jobType: archive", "jobType: a:b"
    )
    Path("jobConfig.yaml").write_text(both, "utf-8")
    assert say("--snapshot", "golden")[0] == 0
    names = {each.name.partition(".")[0] for each in Path("golden").iterdir()}
    assert len(names) == 2
    assert all(each.startswith("a_b-") for each in names)
