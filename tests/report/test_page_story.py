"""Stories are taken apart without losing a line."""

from __future__ import annotations

import re

import pytest

from scicat_harness.report.page.mail import harmless
from scicat_harness.report.page.story import parts_of

STORY = """\
POST http://x/api/v4/jobs as user1 (group1; a sentence)
  expected  403 deny
            by a.rule: a sentence (a source)
  effect    email: to 'a'
  effect    log: text 'b'
  observed  201 {}
  differs   one
  differs   two
  timeline
      +0.000s  POST -> 201
      +0.002s  email to a
  backend log (2 lines)
    first
      second, indented
  curl      curl -X POST
  replay    pytest 'x' -n0"""


def test_the_parts_of_a_story() -> None:
    assert [(part.name, part.text) for part in parts_of(STORY)] == [
        ("", "POST http://x/api/v4/jobs as user1 (group1; a sentence)"),
        ("expected", "403 deny\nby a.rule: a sentence (a source)"),
        ("effect", "email: to 'a'\nlog: text 'b'"),
        ("observed", "201 {}"),
        ("differs", "one\ntwo"),
        ("timeline", "  +0.000s  POST -> 201\n  +0.002s  email to a"),
        ("backend log", "first\n  second, indented"),
        ("curl", "curl -X POST"),
        ("replay", "pytest 'x' -n0"),
    ]


@pytest.mark.parametrize("story", ["", "environment: no reply\n  expected nothing", "\n\n"])
def test_any_other_text_is_kept_as_it_is(story: str) -> None:
    kept = " ".join(part.text for part in parts_of(story))
    assert [word for word in story.split() if word not in ("expected",)] == kept.split()


@pytest.mark.parametrize(
    ("mail", "kept"),
    [
        ("<p class=x onclick=y>a &amp; b</p>", "<p>a &amp; b</p>"),
        ("<iframe src=//x></iframe><img src=//x>text", "text"),
        ("<style>@import '//x'</style><script>alert(1)</script><b>bold</b>", "<b>bold</b>"),
        ("<a href='//x'>here</a>", "<a>here</a>"),
    ],
)
def test_a_mail_keeps_its_text_and_layout_only(mail: str, kept: str) -> None:
    assert harmless(mail) == kept


@pytest.mark.parametrize(
    "mail",
    [
        "<p>never ended<scr<script>ipt>",
        "<!-- --><![CDATA[<img src=//x>]]><?php x ?>y",
        "<svg><a xlink:href=//x>in</a></svg><math><mi//x>",
        "<<img src=//x>",
        "&lt;img src=//x&gt;",
        "<title><img src=//x></title>",
        "<!--><img src=//x>-->",
        "<p/onload=x>",
    ],
)
def test_nothing_of_a_mail_gets_through_as_it_was(mail: str) -> None:
    assert re.sub(r"</?(p|a)>", "", harmless(mail)).count("<") == 0


def test_a_mail_that_the_parser_gives_up_on_is_shown_as_it_is_written() -> None:
    assert harmless("<b>a</b><![x[") == "<pre>&lt;b&gt;a&lt;/b&gt;&lt;![x[</pre>"
