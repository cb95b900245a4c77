"""The page: all of a run in one file, whatever its values are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.page.page import MOST_IN_FULL

from .folders import CASE, STARTED, arrival, check, page_of_run, seen, write_run

HOSTILE = "</script><img src=http://evil.example/x onerror=alert(1)>\"'`&<b>\u2028\x00\ud800"
TOKEN = "harness-00000001-main-0000007"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InUifQ.c2lnbmF0dXJl"
STORY = f"""\
POST http://127.0.0.1:1/api/v4/jobs as user1 (group1; {HOSTILE})
  expected  403 deny
            by create.datasets.owner: a sentence (a source)
  observed  201 {{"a": "{TOKEN}"}}
  differs   status 201 instead of 403
  timeline
      +0.000s  POST -> 201
  body      {{"type": "owner_access"}}
  backend log (1 lines)
    a line of the log
  curl      curl -X POST 'http://127.0.0.1:1/api/v4/jobs'
  replay    pytest '{CASE}' -n0"""
VOID = frozenset({"meta", "link", "img", "br", "input", "base"})


class Elements(HTMLParser):
    """The start tags of a document with their attributes, and the text of its scripts."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> ends nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.found if name == tag]


def failing(number: int = 0, **more: object) -> CheckRecord:
    """A check that let something happen."""
    given: dict[str, Any] = {
        "case": f"{CASE}{number}",
        "verdict": Verdict.FAILED,
        "deciding": "create.datasets.owner",
        "expected": "deny",
        "reason": "status 201 instead of 403",
        "correlation": TOKEN,
    }
    return check(seen(), **{**given, **more})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of a run whose every value wants to be markup."""
    folder = tmp_path_factory.mktemp("hostile")
    one = seen(201, "allow", {"channel": "log", "text": HOSTILE}, identity=HOSTILE)
    names = ("operation", "api", "identity", "job_type", "expected", "observed", "deciding")
    values = dict.fromkeys((*names, "ledger", "reason"), HOSTILE)
    records = [
        check(one, verdict=verdict, **{**values, "case": f"scenarios/{HOSTILE}::{number}"})
        for number, verdict in enumerate(Verdict)
    ]
    records += [failing(verdict=Verdict.FAILED), failing(1, job_type=HOSTILE, identity=HOSTILE)]
    arrivals = [
        arrival("email", TOKEN, html=HOSTILE, subject=HOSTILE, accepted=True, rcpt_tos=[HOSTILE]),
        arrival("url", TOKEN, method=HOSTILE, path=HOSTILE, headers=[["X", HOSTILE]], body=HOSTILE),
        arrival("amqp", TOKEN, exchange=HOSTILE, key=HOSTILE, body=json.dumps({"a": HOSTILE})),
        arrival(HOSTILE, TOKEN, a=HOSTILE),
    ]
    finished = {"left_behind": [HOSTILE]}
    texts = ("deployment", "backend_version", "profile", "expect", "image", "digest")
    hostile: dict[str, Any] = dict.fromkeys(texts, HOSTILE)
    write_run(
        folder,
        *records,
        finished=finished,
        stories={f"{CASE}0": STORY, f"scenarios/{HOSTILE}::2": HOSTILE},
        arrivals=arrivals,
        rules=[HOSTILE],
        took={HOSTILE: 1.0},
        configuration=HOSTILE,
        **hostile,
    )
    before = write_run(folder / "before", *records[:1], backend_version=HOSTILE)
    return page_of_run(folder, before)


def test_no_value_becomes_markup(hostile: str) -> None:
    page = Elements(hostile)
    assert page.open == []
    assert page.named("img") == []
    assert page.named("b") != []  # ours
    assert not [name for _, given in page.found for name in given if name.startswith("on")]
    assert len(page.scripts) == 2
    assert "alert(1)" not in page.scripts[1]


def test_the_data_of_the_script_is_what_it_was(hostile: str) -> None:
    data = json.loads(Elements(hostile).scripts[0])
    assert HOSTILE.replace("\x00", "\x00") in data["texts"]
    assert "<" not in Elements(hostile).scripts[0]


def test_nothing_is_loaded_from_anywhere(hostile: str) -> None:
    page = Elements(hostile)
    links = [given["href"] or "" for tag, given in page.found if "href" in given]
    assert {each for each in links if not each.startswith(("#", "data:"))} == set()
    assert [given for _, given in page.found if "src" in given or "background" in given] == []
    assert {tag for tag, _ in page.found} & {"object", "embed", "base", "audio", "video"} == set()
    style = hostile.partition("<style>")[2].partition("</style>")[0]
    assert re.findall(r"url\s*\(|@import|expression|image-set", style) == []
    assert re.findall(r"https?:|//\w", style + page.scripts[1]) == []


def test_the_policy_of_the_page_forbids_every_request(hostile: str) -> None:
    policy = next(
        each["content"] or ""
        for each in Elements(hostile).named("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_a_mail_is_in_a_frame_without_rights_and_with_a_policy_of_its_own(hostile: str) -> None:
    frames = Elements(hostile).named("iframe")
    assert frames
    for frame in frames:
        assert frame["sandbox"] == ""
        assert frame["title"]
        assert (frame["srcdoc"] or "").startswith("<meta http-equiv=")


def test_links_to_the_ledger_are_the_only_ones_that_lead_out(tmp_path: Path) -> None:
    linked = check(seen(), verdict=Verdict.DEVIATING, ledger="owner-group-not-considered")
    page = Elements(page_of_run(write_run(tmp_path, linked)))
    out = [each for each in page.named("a") if not (each["href"] or "").startswith("#")]
    assert [each["href"] for each in out] == ["https://github.com/SciCatProject/backend/pull/2713"]
    assert out[0]["rel"] == "noopener noreferrer"


def test_secrets_of_the_journal_are_left_out(tmp_path: Path) -> None:
    sent = arrival(
        "url",
        TOKEN,
        method="GET",
        path=f"/{JWT}",
        headers=[["Authorization", "Basic c2VjcmV0"], ["X-Token", JWT]],
        body=json.dumps({"password": "hunter2"}),
    )
    text = page_of_run(write_run(tmp_path, failing(), arrivals=[sent]))
    assert "call of sink" in text
    for secret in (JWT, "c2VjcmV0", "hunter2"):
        assert secret not in text


@pytest.mark.parametrize(
    "told",
    [
        "status 201 instead of 403",
        "#datasetOwner: a listed dataset is owned by none of the groups checked",
        "a line of the log",
        "curl -X POST",
        "POST -&gt; 201",
        "1 allowed that must be refused",
        'subject: a "subject"',
    ],
)
def test_a_failure_is_told_in_full_without_any_script(told: str, tmp_path: Path) -> None:
    mail = arrival("email", TOKEN, html="<p>hello</p>", subject='a "subject"', accepted=True)
    story = STORY.replace(HOSTILE, "")
    folder = write_run(tmp_path, failing(), stories={f"{CASE}0": story}, arrivals=[mail])
    text = page_of_run(folder)
    assert told in text.partition('<script type="application/json"')[0]


def test_without_a_journal_the_story_tells_what_was_received(tmp_path: Path) -> None:
    story = STORY.replace("  body ", "  received\n    url POST /x, answered 200\n  body ")
    text = page_of_run(write_run(tmp_path, failing(), stories={f"{CASE}0": story}))
    assert "url POST /x, answered 200" in text


def test_failures_of_one_rule_stand_together_and_what_was_let_happen_comes_first(
    tmp_path: Path,
) -> None:
    many = [failing(n, observed="deny", deciding="create.type.unknown") for n in range(30)]
    text = page_of_run(write_run(tmp_path, *many, failing(99)))
    groups = re.findall(r'<details class="group (\w+)"( open)?>.*?<code>([^<]*)</code>', text, re.S)
    assert [each[2] for each in groups] == ["create.datasets.owner", "create.type.unknown"]
    assert {each[1] for each in groups} == {""}  # so many are not all open
    assert "<b>30</b> status 201 instead of 403" in text


def test_of_too_many_failures_every_group_keeps_some(tmp_path: Path) -> None:
    many = [failing(number) for number in range(MOST_IN_FULL + 5)]
    text = page_of_run(write_run(tmp_path, *many, failing(7777, deciding="create.type.unknown")))
    assert text.count("Too many failures") == 6
    assert text.count('<details class="case"') == MOST_IN_FULL + 6


def test_a_standard_run_makes_a_page_below_three_megabytes(tmp_path: Path) -> None:
    records = [
        check(seen(), case=f"{CASE[:-1]}-{number}]", deciding="create.allowed.all")
        for number in range(8400)
    ]
    records += [failing(number) for number in range(800)]
    stories = {each.case: STORY for each in records[8400:]}
    assert len(page_of_run(write_run(tmp_path, *records, stories=stories))) < 3_000_000


def test_a_cell_of_the_heat_map_has_letters_signs_and_a_link_to_its_cases(tmp_path: Path) -> None:
    refused = check(seen(403, "deny"), case=f"{CASE}-2")
    deviating = check(seen(), case=f"{CASE}-3", verdict=Verdict.DEVIATING, ledger="v3-list-crash")
    page = Elements(page_of_run(write_run(tmp_path, failing(), refused, deviating)))
    (cell,) = (each for each in page.named("a") if "operation=" in (each["href"] or ""))
    assert cell["href"] == "#cases?operation=create&identity=user1&type=all_access"
    assert cell["aria-label"] == (
        "create all_access as user1: 2 allow, 1 deny, 1 failed, 1 deviating"
    )
    (heat,) = (each for each in page.named("td") if "bad" in (each.get("class") or ""))
    assert heat["class"] == "h3 bad"


def test_operations_on_stored_jobs_have_a_map_by_whose_job_it_is(tmp_path: Path) -> None:
    reads = [
        replace(check(seen(), case=f"{CASE}-{job}"), operation="read", job=job)
        for job in ("user1-alone", "nobodys")
    ]
    page = Elements(page_of_run(write_run(tmp_path, *reads)))
    cells = [each for each in page.named("a") if "operation=read" in (each["href"] or "")]
    assert [each["aria-label"] for each in cells] == [
        "read user1-alone as user1: 1 allow",
        "read nobodys as user1: 1 allow",
    ]
    assert cells[0]["href"] == "#cases?operation=read&identity=user1&text=user1-alone"


def test_what_a_run_does_not_show_is_named(tmp_path: Path) -> None:
    hidden = check(verdict=Verdict.NOT_VERIFIABLE, reason="needs another backend")
    folder = write_run(
        tmp_path, hidden, finished={"left_behind": ["one job"]}, rules=["create.type.unknown"]
    )
    text = page_of_run(folder)
    assert "1 check: needs another backend" in text
    assert "<li>one job</li>" in text
    assert "<code>create.type.unknown</code>" in text


def test_a_killed_run_says_so(tmp_path: Path) -> None:
    text = page_of_run(write_run(tmp_path, check(seen()), finished=None))
    assert "interrupted before its end" in text
    assert "<title>unknown:" in text


def test_trends_tell_verdicts_that_turned_and_deviations_that_came(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", check(seen()), backend_version="v5.0.1")
    after = write_run(
        tmp_path / "b", check(seen(), verdict=Verdict.DEVIATING, ledger="v3-list-crash")
    )
    text = page_of_run(after, before)
    assert "<b>passed → deviating</b>" in text
    assert "+ 1 known deviation came" in text
    assert "<code>v3-list-crash</code>, 1 case" in text


def test_the_page_can_be_used_by_keyboard_and_by_ear(hostile: str) -> None:
    page = Elements(hostile)
    assert page.named("html")[0]["lang"] == "en"
    assert page.named("a")[0]["href"] == "#main"
    ids = [given["id"] for _, given in page.found if "id" in given]
    assert len(ids) == len(set(ids))
    named = [given["aria-labelledby"] for _, given in page.found if "aria-labelledby" in given]
    assert set(named) <= set(ids)
    tables, captions = page.named("table"), page.named("caption")
    assert len(tables) == len(captions) > 3
    assert all("scope" in each for each in page.named("th"))
    assert all(each.get("type") in ("button", "reset") for each in page.named("button"))
    assert len(page.named("h1")) == len(page.named("main")) == 1
    targets = {(each["href"] or "")[1:] for each in page.named("a")}
    assert {each for each in targets if each and "?" not in each} <= set(ids)


def test_a_page_shows_when_and_what_was_judged(tmp_path: Path) -> None:
    about: dict[str, Any] = {
        "image": "scicat:v5",
        "digest": "scicat@sha256:4f",
        "configuration": "harness-1",
    }
    text = page_of_run(write_run(tmp_path, check(seen()), at="2026-11-23T20:23:18+00:00", **about))
    for each in (*about.values(), STARTED["run"], "2026-11-23 20:23:18 UTC"):
        assert str(each) in text
