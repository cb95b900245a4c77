"""The backend's log as a channel: entries, whatever way the file grows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scicat_harness.probe.loglines import LogReader

TOKENS = re.compile(r"run-[a-z0-9]+-\d{7}")
HEAD = "[Nest] 4711  - 11/23/2026, 9:00:00 PM     LOG "
FIRST = f"{HEAD}[LogJobAction] done run-main-0000001\n"
SECOND = f"{HEAD}[LogJobAction] done run-main-0000002\n"


class Written:
    """A log that grows, and its reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.touch()
        self.reader = LogReader(path, TOKENS)

    def grows(self, text: str | bytes) -> list[str]:
        """The texts that are read after that much more was written."""
        with self.path.open("ab") as log:
            log.write(text.encode() if isinstance(text, str) else text)
        return [each.content["text"] for each in self.reader.read()]


@pytest.fixture
def log(tmp_path: Path) -> Written:
    """An empty log."""
    return Written(tmp_path / "backend.log")


def test_an_entry_has_level_context_text_and_token(log: Written) -> None:
    log.grows("")
    log.path.write_text(FIRST.replace("LOG", "WARN", 1))
    (arrival,) = log.reader.read()
    assert arrival.content == {
        "context": "LogJobAction",
        "level": "WARN",
        "text": "done run-main-0000001",
    }
    assert arrival.correlation == "run-main-0000001"
    assert arrival.channel == "log"


def test_entries_are_read_once_and_in_order(log: Written) -> None:
    assert log.grows(FIRST + SECOND) == ["done run-main-0000001", "done run-main-0000002"]
    assert log.grows("") == []
    assert log.grows(FIRST) == ["done run-main-0000001"]


def test_numbers_go_on_over_several_reads(log: Written) -> None:
    log.path.write_text(FIRST)
    before = log.reader.read()
    log.path.write_text(FIRST + SECOND)
    assert log.reader.read()[0].seq > before[0].seq


def test_a_line_that_is_not_complete_waits_for_its_rest(log: Written) -> None:
    assert log.grows(FIRST + SECOND[:50]) == ["done run-main-0000001"]
    assert log.grows(SECOND[50:-1]) == []
    assert log.grows("\n") == ["done run-main-0000002"]


def test_a_head_that_is_not_complete_waits_for_its_rest(log: Written) -> None:
    assert log.grows(HEAD[:12]) == []
    assert log.grows(FIRST[12:]) == ["done run-main-0000001"]


def test_a_character_that_is_not_complete_waits_for_its_rest(log: Written) -> None:
    line = f"{HEAD}[LogJobAction] Zürich\n".encode()
    cut = line.index(b"\xc3") + 1
    assert log.grows(line[:cut]) == []
    assert log.grows(line[cut:]) == ["Zürich"]


def test_lines_without_a_head_belong_to_the_entry_before(log: Written) -> None:
    (text,) = log.grows(f"{HEAD}[LogJobAction] one\ntwo run-main-0000003\n\nthree\n")
    assert text == "one\ntwo run-main-0000003\n\nthree"


def test_a_warning_of_handlebars_belongs_to_no_entry(log: Written) -> None:
    warning = (
        'Handlebars: Access has been denied to resolve the property "type" because it is not an '
        '"own property" of its parent.\n'
        "You can add a runtime option to disable the check or this warning:\n"
        "See https://handlebarsjs.com/api-reference/runtime-options.html#options for details\n"
    )
    assert log.grows(f"{HEAD}[LogJobAction] first\n{warning[:40]}") == []
    rest = f"{warning[40:]}{HEAD}[LogJobAction] second\n"
    assert log.grows(rest) == ["first", "second"]


def test_what_stands_before_the_first_head_is_nobodys(log: Written) -> None:
    assert log.grows("node warns\n" + FIRST) == ["done run-main-0000001"]


def test_colours_of_a_text_are_a_part_of_it(log: Written) -> None:
    assert log.grows(f"{HEAD}[LogJobAction] \x1b[31mred\x1b[0m\n") == ["\x1b[31mred\x1b[0m"]


def test_a_time_at_the_end_is_the_loggers_own(log: Written) -> None:
    assert log.grows(f"{HEAD}[LogJobAction] done +12ms\n") == ["done"]


def test_an_entry_may_have_no_context(log: Written) -> None:
    log.path.write_text(f"{HEAD}done\n")
    (arrival,) = log.reader.read()
    assert (arrival.content["context"], arrival.content["text"]) == ("", "done")


def test_an_empty_text_is_an_entry(log: Written) -> None:
    assert log.grows(f"{HEAD}[LogJobAction] \n") == [""]


def test_of_several_tokens_the_latest_request_is_to_blame(log: Written) -> None:
    log.path.write_text(FIRST.replace("done", "done run-main-0000009"))
    (arrival,) = log.reader.read()
    assert arrival.correlation == "run-main-0000009"
    assert arrival.tokens == ("run-main-0000001", "run-main-0000009")


def test_a_line_of_no_request_has_no_correlation(log: Written) -> None:
    log.path.write_text(f"{HEAD}[LogJobAction] done\n")
    assert log.reader.read()[0].correlation is None


def test_two_readers_do_not_take_each_others_lines(log: Written) -> None:
    other = LogReader(log.path, TOKENS)
    assert log.grows(FIRST) == ["done run-main-0000001"]
    assert [each.content["text"] for each in other.read()] == ["done run-main-0000001"]


def test_a_reader_may_begin_at_the_present_end(log: Written) -> None:
    log.path.write_text(FIRST)
    log.reader.skip()
    assert log.grows(SECOND) == ["done run-main-0000002"]
