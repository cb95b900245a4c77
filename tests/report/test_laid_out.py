"""Mails laid out: what lays a mail out is kept, and whatever makes a request is not."""

from __future__ import annotations

import pytest

from scicat_harness.report.page.laidout import laid_out


@pytest.mark.parametrize(
    "document",
    [
        '<p style="color: red">hi</p>',
        '<table class="a" width="100%"><tr><td colspan="2">x</td></tr></table>',
        "<style>td { padding: 1em }</style><h1>x</h1>",
    ],
)
def test_kept_as_it_is(document: str) -> None:
    assert laid_out(document) == document


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ('<img src="https://a.example/x.png" alt="logo">', "<span>[logo]</span>"),
        ("<img src=x>", "<span>[image]</span>"),
        ('<a href="https://a.example">x</a>', "<a>x</a>"),
        ("<p onclick=run()>x</p>", "<p>x</p>"),
        ("<script>run()</script>x", "x"),
        ('<iframe src="https://a.example"></iframe>x', "x"),
        ('<p style="background: url(https://a.example)">x</p>', "<p>x</p>"),
        ('<p style="background: u\\72l(https://a.example)">x</p>', "<p>x</p>"),
        ("<style>@import 'https://a.example'; p {}</style>x", "<style></style>x"),
        ("<style>p {}</style", "<style>"),
        ("<style><img src=x></style>", "<style></style>"),
        ('<link rel=stylesheet href="https://a.example">x', "x"),
        ('<meta http-equiv=refresh content="0;url=https://a.example">x', "x"),
        ('<form action="https://a.example"><input></form>x', "x"),
        ("1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_nothing_makes_a_request(document: str, shown: str) -> None:
    assert laid_out(document) == shown
