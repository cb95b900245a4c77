"""Our own reading of YAML against js-yaml's, and where its parts are."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.javascript import JavaScriptEngine, YamlError
from scicat_harness.lint.accounts import AccountsFile, read_accounts
from scicat_harness.lint.document import Broken, Document, read_document
from scicat_harness.lint.finding import Place
from scicat_harness.lint.nodes import ShapeError, compose
from scicat_harness.lint.settings import read_env, read_environment
from scicat_harness.lint.words import as_json, shown, without_secrets

SCALARS = [
    "yes",
    "no",
    "on",
    "off",
    "y",
    "true",
    "True",
    "TRUE",
    "tRue",
    "~",
    "null",
    "Null",
    "nuLL",
    "0",
    "-0",
    "+1",
    "1_000",
    "1__0",
    "0b101",
    "0b12",
    "0o17",
    "017",
    "08",
    "0x1F",
    "0xG",
    "1.",
    ".5",
    "1.5",
    "1e3",
    "1e21",
    "1.5e300",
    "-.5",
    "1_0.5",
    "_1",
    "1_",
    ".inf",
    "-.inf",
    "+.inf",
    ".nan",
    ".NaN",
    "._",
    "12:30:45",
    "190:20:30",
    "2024-01-01",
    "2024-1-1",
    "2024-13-01",
    "2024-01-01T10:00:00Z",
    "2024-01-01T10:00:00.5+02:00",
    "2024-01-01t1:00:00",
    "0.1.2",
    "1,2",
    "<<x",
    "=",
    "12e03",
    "0o",
    "0x",
    "685.230_15e+03",
    "1e",
    "99999999999999999999",
    "v1.0",
    "---",
    "...",
    "1.0",
]


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_are_read_as_js_yaml_reads_them(engine: JavaScriptEngine, text: str) -> None:
    if text in ("---", "..."):
        pytest.skip("no scalar")
    theirs = engine.read_yaml(f"a: {text}", "x")["a"]
    ours = compose(f"a: {text}").data()["a"]
    if isinstance(theirs, float) and isnan(theirs):
        assert isnan(ours)
    else:
        assert (type(ours), ours) == (type(theirs), theirs)


WHOLE = [
    "", "a", "[]", "{}", "a: 1\nb: [x, {c: d}]", "? a\n: b",
    "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}",
    "a: &&x 1\nb: *&x", "a: {{b}}", "{1: a, null: b, true: c, [1, 2]: d}", "b: 1\n2: x\n1: y",
    "<<: [{a: 1, b: 1}, {a: 2, c: 3}]\nb: 5", "a: !!str 1\nb: !!int '3'",
    "a: |\n  x\n  y\nb: >\n  z\n",
    "'<<': 1", "a: 'yes'\nb: \"\\u00e9\"", "%YAML 1.2\n---\na: 1", "a: - b", "# only",
]  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_texts_are_read_as_js_yaml_reads_them(engine: JavaScriptEngine, text: str) -> None:
    try:
        theirs = engine.read_yaml(text, "x")
    except YamlError:
        with pytest.raises(ShapeError):
            compose(text).data()
        return
    ours = compose(text).data()
    assert as_json(ours) == as_json(theirs)


def test_a_repeated_key_is_found(engine: JavaScriptEngine) -> None:
    text = "a: 1\nb: {c: 1,\n c: 2}"
    for read_by in (engine, None):
        found = read_document(Path("x.yaml"), text, read_by)
        assert isinstance(found, Broken)
        assert (found.place.line, found.exact) == (3, read_by is not None)
        assert found.message.startswith('YAMLException: duplicated mapping key in "x.yaml" (3:2)')


def test_what_contains_itself_is_refused() -> None:
    found = read_document(Path("x"), "a: " + "[" * 12 + "]" * 12, None)
    assert isinstance(found, Document)
    text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdef", "bcdefg", strict=True)
    )
    assert isinstance(read_document(Path("x"), text, None), Broken)


TEXT = """\
a: &one
  b: |
    first {{x}}
      second
c:
  <<: *one
  d: "quoted {{y}}"
"""


def place(path: tuple[Any, ...], line: int = 1, column: int = 1) -> tuple[int, int]:
    document = read_document(Path("x"), TEXT, None)
    assert isinstance(document, Document)
    found = document.inside(path, line, column)
    assert found.file == Path("x")
    return found.line, found.column


def test_places_inside_of_texts() -> None:
    assert place(("a", "b"), 1, 7) == (3, 11)
    assert place(("a", "b"), 2, 3) == (4, 7)
    assert place(("c", "b"), 1, 7) == (3, 11)
    assert place(("c", "d"), 1, 8) == (7, 14)


def test_places_of_what_is_not_there() -> None:
    document = read_document(Path("x"), TEXT, None)
    assert isinstance(document, Document)
    assert document.place(("c", "nothing", 3)) == Place(Path("x"), 6, 3)
    assert document.place(("c", "d"), key=True) == Place(Path("x"), 7, 3)


def test_places_where_there_is_no_shape() -> None:
    text = "jobs:\n  - jobType: a\n    create: {}\n  - jobType: b\n    update: {x: 1}\n"
    document = Document(Path("x"), text, {}, None, text.split("\n"))
    assert document.place(("jobs", 1, "update")).line == 5
    assert document.place(("jobs", 0)).line == 2
    assert document.place().line == 1


def test_env_files(tmp_path: Path) -> None:
    file = tmp_path / "x.env"
    file.write_text(
        "# A=0\nA=1 # one\nexport B = 'x # y' # z\nC=\"two words\"\n\nD=\nE=#none\nno line\n"
        "G=a, b ,\n"
    )
    env = read_env(file)
    assert env.values == {"A": "1", "B": "x # y", "C": "two words", "D": "", "E": "", "G": "a, b ,"}
    assert env.lines["C"] == 4
    environment = read_environment([file])
    assert environment is not None
    assert environment.groups("G") == ("a", "b")
    assert environment.groups("missing") == ()


def test_of_several_env_files_the_last_one_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "common.env", tmp_path / "secret.env"
    first.write_text("A=1\nADMIN_GROUPS=admin\n")
    second.write_text("\nA=2\nB=3\n")
    env = read_environment([first, second])
    assert env is not None
    assert env.values == {"A": "2", "B": "3", "ADMIN_GROUPS": "admin"}
    assert env.place("A") == Place(second, 2, 1)
    assert env.place("ADMIN_GROUPS") == Place(first, 2, 1)
    assert env.place("missing") == Place(first, 1, 1)
    assert read_environment([]) is None


QUOTED = [
    ("  password: hush", "  password: ***"),
    ('{"password": "hush", "port": 1}', '{"password": ***, "port": 1}'),
    ("{password: hush, port: 1}", "{password: ***, port: 1}"),
    ("export API_TOKEN=hush # x", "export API_TOKEN=***"),
    ("Authorization: Bearer hush", "Authorization: ***"),
    ('Authorization: "Bearer {{{env.TOKEN}}}"', 'Authorization: "Bearer {{{env.TOKEN}}}"'),
    ("-  - secret:", "-  - secret:"),
    ("url: http://jo:hush@a.example/", "url: http://jo:***@a.example/"),
    ("key: jobs.write", "key: jobs.write"),
]


@pytest.mark.parametrize(("text", "safe"), QUOTED)
def test_quoted_lines_have_no_secrets(text: str, safe: str) -> None:
    assert without_secrets(text) == safe


def test_the_lines_around_a_mistake_have_no_secrets(engine: JavaScriptEngine) -> None:
    text = "a:\n  password: hush\n  b: [\n"
    for read_by in (engine, None):
        found = read_document(Path("x.yaml"), text, read_by)
        assert isinstance(found, Broken)
        assert "hush" not in found.message


def test_secrets_are_left_out() -> None:
    assert as_json({"password": "x", "port": 1, "Authorization": "Bearer {{{env.T}}}"}) == (
        '{"password":"***","port":1,"Authorization":"Bearer {{{env.T}}}"}'
    )
    assert shown("get http://jo:pw@x.example with Bearer abc.def") == (
        "get http://jo:***@x.example with Bearer ***"
    )
    assert as_json([1, 1.5, float("nan"), "é", None], 2) == (
        '[\n  1,\n  1.5,\n  null,\n  "é",\n  null\n]'
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("[null]", "Cannot destructure property 'role' of 'account' as it is null"),
        ('[{"username": "a", "email": "a@x.y", "password": "p", "role": 5}]', "rolesList.forEach"),
    ],
)
def test_accounts_that_end_the_backend(entries: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text(entries)
    found = read_accounts(tmp_path / "accounts.json")
    assert isinstance(found, AccountsFile)
    assert message in found.problems[0].message


def test_an_env_file_without_variables_is_another_file(tmp_path: Path) -> None:
    (tmp_path / "x.env").write_text("just some text")
    with pytest.raises(UsageFault, match="has no line NAME=value"):
        read_environment([tmp_path / "x.env"])
