"""The last lines of a program that ended: the cause is among them."""

from __future__ import annotations

from scicat_harness.processes.running import last_lines


def test_frames_of_a_stack_are_left_out() -> None:
    stack = "".join(f"    at frame{number} (x.js:1:2)\n" for number in range(30))
    output = f"starting\nError: Invalid options\n{stack}"
    assert last_lines(output) == "  | starting\n  | Error: Invalid options"


def test_the_error_comes_first_if_it_is_far_above() -> None:
    template = "".join(f"<p>{number}</p>\n" for number in range(40))
    found = last_lines(f"a\nERROR [X] Error: no decorator in\n{template}").splitlines()
    assert found[0] == "  | ERROR [X] Error: no decorator in"
    assert found[-1] == "  | <p>39</p>"
    assert len(found) == 13


def test_a_line_is_cut() -> None:
    assert len(last_lines("x" * 2000)) < 520


def test_without_output() -> None:
    assert last_lines("") == "  | (no output)"
