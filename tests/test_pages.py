"""The tables of the documentation are those of the code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.lint import RULES
from scicat_harness.oracle.predict import TABLES
from scicat_harness.suite.pages import PAGES, main, with_tables

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_tables_of_the_code(name: str) -> None:
    page = (DOCS / name).read_text()
    assert "<!-- table: " in page
    assert page == with_tables(page), "run: python -m scicat_harness.suite.pages docs"


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("deviations.md", [each.id for each in LEDGER.entries]),
        ("lint.md", list(RULES)),
        ("rules.md", [rule.id for table in TABLES for rule in table.rules]),
    ],
)
def test_everything_stands_on_its_page_once(name: str, ids: list[str]) -> None:
    rows = [line for line in (DOCS / name).read_text().splitlines() if line.startswith("| `")]
    found = Counter(each.split("`")[1] for each in rows)
    assert {each: found[each] for each in ids} == Counter(ids)


def test_pages_are_written_anew(tmp_path: Path) -> None:
    for name in PAGES:
        page = (DOCS / name).read_text()
        head, mark, rest = page.partition("<!-- table: ")
        (tmp_path / name).write_text(head + mark + rest.replace("| `", "| old `"))
    assert main([str(tmp_path)]) == 0
    for name in PAGES:
        assert (tmp_path / name).read_text() == (DOCS / name).read_text()


def test_a_table_that_is_not_known() -> None:
    with pytest.raises(UsageFault, match="no table is called 'nosuch'; use one of deviations-"):
        with_tables("<!-- table: nosuch -->\n<!-- end of table -->\n")


def test_a_folder_without_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 3
    assert capsys.readouterr().err == (
        f"{tmp_path}/deviations.md: No such file or directory; name the folder of the pages\n"
    )
    assert main([]) == 3
